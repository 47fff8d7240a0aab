"""The files and folders a person names, as manifest documents."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.finding import Finding, Halt
from generator.location import Span
from generator.pipeline import rules
from generator.source import Dialect, Document, read_documents, read_file

STDIN = "-"
_SUFFIXES = (".yaml", ".yml", ".json")
_NOT_MANIFESTS = "crd-extension.json"
"""A folder that holds it is `rendered/schema/`: definitions, nothing that is applied."""


@dataclass(frozen=True, slots=True)
class Input:
    """One file of manifests; `shown` is how findings name it."""

    path: Path | None
    shown: str

    def read(self) -> list[Document]:
        """Its documents. Raises Halt."""
        if self.path is None:
            return read_documents(sys.stdin.buffer.read(), self.shown, Dialect.KUBERNETES)
        return read_file(self.path, self.shown, Dialect.KUBERNETES)


def inputs(paths: Sequence[str]) -> list[Input]:
    """Every file of manifests below the paths, in order; `-` is standard input.

    Of folders the files that end in .yaml, .yml or .json, dot-files left out. Raises Halt where a path is not there
    or a folder holds none.
    """
    found: list[Input] = []
    findings: list[Finding] = []
    for name in paths:
        path = Path(name)
        if name == STDIN:
            found.append(Input(None, "<stdin>"))
        elif path.is_dir():
            files = list(_files(path, path, findings))
            found += [Input(file, file.as_posix()) for file in files]
            if not files and not findings:
                message = "the folder holds no file of manifests"
                hint = f"name a folder with files that end in {', '.join(_SUFFIXES)}"
                findings.append(Finding(rule=rules.NO_MANIFESTS, message=message, at=Span(name), hint=hint))
        else:
            found.append(Input(path, path.as_posix()))
    if findings:
        raise Halt(findings)
    return list({file.shown: file for file in found}.values())


def link_out(path: Path, top: Path) -> Finding | None:
    """A finding where a path is a link that leads out of a folder that was named, or back to one it lies in."""
    if not path.is_symlink():
        return None
    real = path.resolve()
    if not real.is_relative_to(top.resolve()):
        message = f"{path.as_posix()} is a link out of {top.as_posix()}"
    elif path.parent.resolve().is_relative_to(real):
        message = f"{path.as_posix()} is a link back to a folder it lies in"
    else:
        return None
    hint = "put what it leads to in its place, or name that"
    return Finding(rule=rules.LINK_OUT, message=message, at=Span(path.as_posix()), hint=hint)


def _files(folder: Path, top: Path, findings: list[Finding]) -> Iterator[Path]:
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    if any(entry.name == _NOT_MANIFESTS for entry in entries):
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        out = link_out(entry, top)
        if out is not None:
            findings.append(out)
        elif entry.is_dir():
            yield from _files(entry, top, findings)
        elif entry.suffix in _SUFFIXES:
            yield entry
