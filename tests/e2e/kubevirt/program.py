"""KubeVirt's own code as a program that is asked line by line: start, ask, stop."""

import hashlib
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from tests.support.assets import asset_folder
from tests.support.workspace import REPOSITORY

SOURCES = REPOSITORY / "tests" / "e2e" / "build" / "kubevirt"
CPUSET = tuple(range(2, 66))
"""CPUs the pod of a machine with dedicated CPUs is given; more than any probe asks for."""


class ProgramError(Exception):
    """The program ended, or answered what is no answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """A machine, the KubeVirt object it meets, and the PCI addresses handed out by resource.

    `claims` and `networks` are the PersistentVolumeClaims and NetworkAttachmentDefinitions that exist, namespace/name.
    """

    kubevirt: Mapping[str, Any]
    machine: Mapping[str, Any]
    addresses: Mapping[str, Sequence[str]]
    claims: Sequence[str] = ()
    networks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """A running program of one KubeVirt version."""

    version: str
    pid: int
    questions: IO[str]
    answers: IO[str]

    def ask(self, question: Question) -> dict[str, Any]:
        """The answer to one question. Raises ProgramError."""
        asked = {
            "kubevirt": question.kubevirt,
            "cpuset": CPUSET,
            "object": question.machine,
            "pciAddresses": question.addresses,
            "claims": list(question.claims),
            "networks": list(question.networks),
        }
        try:
            self.questions.write(json.dumps(asked, separators=(",", ":")) + "\n")
            self.questions.flush()
        except BrokenPipeError:
            raise ProgramError(f"kvoracle {self.version} ended") from None
        line = self.answers.readline()
        if not line:
            raise ProgramError(f"kvoracle {self.version} ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


def program_folder(version: str) -> Path:
    """Where the program of a version stands; skips the calling test where it is absent, or made of other sources."""
    folder = asset_folder("kubevirt", version)
    digest = folder / "digest"
    if not digest.exists() or digest.read_text(encoding="utf-8").strip() != _digest():
        pytest.skip(f"{folder}/kvoracle is of other sources than {SOURCES}: run `make e2e-assets`")
    return folder


def _digest() -> str:
    """What build.sh writes beside the program: the digest of its sources, in the order of their names."""
    names = sorted(f"./{path.relative_to(SOURCES).as_posix()}" for path in SOURCES.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join((SOURCES / name).read_bytes() for name in names)).hexdigest()


@contextmanager
def running(version: str) -> Iterator[Program]:
    """The program of a version, stopped when the block is left. Skips the calling test where it is not there."""
    folder = program_folder(version)
    process = subprocess.Popen(
        [folder / "kvoracle", "serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Program(version, process.pid, process.stdin, process.stdout)
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
