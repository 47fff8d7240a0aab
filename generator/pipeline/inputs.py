"""The files and folders a person names, as manifest documents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.files import (
    NOTHING_CHOSEN,
    Chosen,
    Door,
    Kind,
    Reason,
    RefusedError,
    door_of,
    is_pipe,
    kind_of,
    named,
    read_stdin,
)
from generator.finding import Finding, Halt
from generator.location import Span
from generator.pipeline import rules
from generator.source import Dialect, Document, parts, read_documents, refusal

STDIN = "-"
_SUFFIXES = (".yaml", ".yml", ".json")
_NOT_MANIFESTS = "crd-extension.json"
"""A folder that holds it is `rendered/schema/`: definitions, nothing that is applied."""


@dataclass(frozen=True, slots=True)
class Input:
    """One file of manifests; `shown` is how findings name it.

    `door` is the way to it where it lies in a folder that was named; a file that was named itself has none.
    """

    path: Path | None
    shown: str
    door: Door | None = None
    _once: list[bytes] = field(default_factory=list, compare=False)

    def raw(self) -> bytes:
        """Its bytes; what can be read only once is kept. Raises RefusedError."""
        if self.path is not None and not is_pipe(self.path):
            return (self.door or named(self.path)).read(self.path)
        if not self._once:
            self._once.append(read_stdin() if self.path is None else named(self.path).read(self.path))
        return self._once[0]

    def read(self) -> list[Document]:
        """Its documents. Raises Halt."""
        try:
            raw = self.raw()
        except RefusedError as refused:
            raise Halt([refusal(refused, self.shown)]) from None
        return read_documents(raw, self.shown, Dialect.KUBERNETES)


def inputs(paths: Sequence[str], root: Chosen = NOTHING_CHOSEN, *, within: Path | None = None) -> list[Input]:
    """Every file of manifests below the paths, in order; `-` is standard input.

    `root` and `within` say how far links in a folder may lead, as `door_of` has it.

    Of folders the files that end in .yaml, .yml or .json, dot-files left out. Raises Halt where a path is not there
    or a folder holds none.
    """
    found: list[Input] = []
    findings: list[Finding] = []
    for name in paths:
        path = Path(name)
        if name == STDIN:
            found.append(Input(None, "<stdin>"))
        elif kind_of(path) is Kind.FOLDER:
            door = door_of(path, root, within=within)
            files = list(_files(path, path, door, findings))
            found += [Input(file, file.as_posix(), door) for file in files]
            if not files and not findings:
                message = "the folder holds no file of manifests"
                hint = f"name a folder with files that end in {', '.join(_SUFFIXES)}"
                findings.append(Finding(rule=rules.NO_MANIFESTS, message=message, at=Span(name), hint=hint))
        else:
            found.append(Input(path, path.as_posix()))
    if findings:
        raise Halt(findings)
    return list({file.shown: file for file in found}.values())


def one_object(raw: bytes, shown: str) -> dict[str, Any] | None:
    """The one object of a file of a rendered tree; None where it holds none or several. Raises Halt."""
    found = [part.data for document in read_documents(raw, shown, Dialect.KUBERNETES) for part in parts(document)]
    return found[0] if len(found) == 1 and isinstance(found[0], dict) else None


def link_out(path: Path, top: Path, door: Door) -> Finding | None:
    """What is wrong with a link in a folder that was named: it leads out, to nothing, or back to where it lies in.

    `door` is the way to `top`, that folder.
    """
    try:
        if door.kind(path) is Kind.FOLDER and door.real(path.parent).is_relative_to(door.real(path)):
            message = f"{path.as_posix()} is a link back to a folder it lies in"
            hint = "put what it leads to in its place, or name that"
            return Finding(rule=rules.LINK_OUT, message=message, at=Span(path.as_posix()), hint=hint)
    except RefusedError as refused:
        if refused.reason is not Reason.OUTSIDE:
            return refusal(refused, path.as_posix())
        message = f"{path.as_posix()} is a link out of {top.as_posix()}"
        hint = "put what it leads to in its place, or name that"
        return Finding(rule=rules.LINK_OUT, message=message, at=Span(path.as_posix()), hint=hint)
    return None


def _files(folder: Path, top: Path, door: Door, findings: list[Finding]) -> Iterator[Path]:
    """The files of manifests below a folder."""
    try:
        entries = door.entries(folder)
    except RefusedError as refused:
        findings.append(refusal(refused, folder.as_posix()))
        return
    if any(name == _NOT_MANIFESTS for name, _, _ in entries):
        return
    for name, is_folder, odd in entries:
        if name.startswith("."):
            continue
        path = folder / name
        out = link_out(path, top, door) if odd else None
        if out is not None:
            if out.rule == rules.LINK_OUT or path.suffix in _SUFFIXES or not path.suffix:
                findings.append(out)
        elif is_folder or (odd and door.kind(path) is Kind.FOLDER):
            yield from _files(path, top, door, findings)
        elif path.suffix in _SUFFIXES:
            yield path
