"""KubeVirt's own code as a program that is asked line by line: start, ask, stop."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

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


@contextmanager
def running(folder: Path, version: str) -> Iterator[Program]:
    """The program in `folder`, stopped when the block is left."""
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
