"""Files a build reads: below its own root, without cycles, local only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from generator.files import Door, Kind, Reason, RefusedError, door_of
from generator.finding import Finding, Halt, did_you_mean
from generator.location import Span
from generator.nearest import nearest
from generator.overlay import rules
from generator.overlay.kustomization import Kustomization, find_file, read_kustomization
from generator.overlay.refusal import RefusalError
from generator.secrecy import concealed, values_in
from generator.source import Document, QuickReader

_REMOTE = re.compile(r"^(https?://|git::|git@|ssh://|file://|oci://|[\w.-]+\.(com|org|io|net)[/:])|[?&](ref|version)=")

_MOST_FOLDERS = 10_000
"""Folders of one build: two that both name the next two double with every step."""


@dataclass(frozen=True, slots=True)
class Loader:
    """Reads for one kustomization. `root` is its folder, resolved; `visited` are those that led here.

    `shown` is how findings name the folder; `base` the folder of the outermost one, which origins are told from.
    Folders may be anywhere below the root of `door`; files only below their kustomization, unless `anywhere`.
    """

    root: Path
    shown: str
    base: Path
    door: Door
    anywhere: bool = False
    visited: tuple[Path, ...] = field(default=())
    lenient: bool = False
    reader: QuickReader = field(default_factory=QuickReader, compare=False)
    read: set[Path] = field(default_factory=set, compare=False)
    """Every file read so far, by the name it was asked for and by its own; patterns as they are written."""
    entered: list[Path] = field(default_factory=list, compare=False)
    """Every folder that was entered so far, once for each time."""

    def show(self, name: str) -> str:
        """How findings name a file of the folder."""
        return f"{self.shown}/{name}" if self.shown not in ("", ".") else name

    def _refusal(self, refused: RefusedError, name: str) -> RefusalError:
        if refused.absent or refused.reason is Reason.NO_FOLDER:
            hint = self._near(name) or "correct the path, or add the file"
            if Path(name).is_absolute():
                hint = "name a path relative to the kustomization"
            return RefusalError(rules.MISSING, f'no file "{name}"', hint)
        if refused.reason is Reason.FOLDER:
            return RefusalError(rules.MISSING, f'"{name}" is a folder', "name a file")
        if refused.reason is Reason.OUTSIDE:
            if not self.anywhere:
                return _outside(name)
            return RefusalError(rules.OUTSIDE, f'"{name}" {refused.what}', refused.hint)
        return RefusalError(rules.MISSING, f'"{name}" {refused.what}', refused.hint)

    def _near(self, name: str) -> str:
        """A hint with the files that a name was perhaps meant to be: those of the folder it is in."""
        path = PurePosixPath(name)
        try:
            there = [one.name for one in self.door.glob(self.root / path.parent, "*")]
        except (RefusedError, ValueError):
            return ""
        return did_you_mean(name, [(path.parent / one).as_posix() for one in there if nearest(path.name, [one])])

    def text(self, name: str) -> str:
        """A file's text. Raises RefusalError."""
        try:
            return self.raw(name).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            raise RefusalError(rules.MISSING, f'"{name}" is not UTF-8 text', "save it as UTF-8") from None

    def documents(self, name: str) -> list[Document]:
        """A file's documents. Raises RefusalError."""
        raw = self.raw(name)
        try:
            return self.reader.read(raw, self.show(name))
        except Halt as halt:
            first = concealed(halt.findings[0], values_in(raw.decode("utf-8", errors="replace")))
            raise RefusalError(rules.RESOURCE, first.message, first.hint, place=first.at, notes=first.notes) from None

    def raw(self, name: str) -> bytes:
        """A file's bytes. Raises RefusalError where it is missing, remote, or outside of its folder or of the root."""
        refuse_remote(name)
        path = self.root / name
        try:
            raw, real = self.door.found(path)
        except RefusedError as refused:
            raise self._refusal(refused, name) from None
        if not self.anywhere and not real.is_relative_to(self.root):
            raise _outside(name)
        self.read.update((path, real))
        return raw

    def is_folder(self, name: str) -> bool:
        """Whether a name is that of a folder. Raises RefusalError for one that is not to be read."""
        if _REMOTE.search(name):
            return False
        try:
            return self.door.kind(self.root / name) is Kind.FOLDER
        except RefusedError as refused:
            if refused.reason is Reason.OUTSIDE:
                hint = "copy what it leads to into the repository"
                raise RefusalError(rules.OUTSIDE, f'"{name}" {refused.what}', hint) from None
            raise self._refusal(refused, name) from None

    def expand(self, name: str) -> Iterator[str]:
        """A name with wildcards as the files it means, sorted; any other as it is. Raises RefusalError."""
        if not any(sign in name for sign in "*?[") or self._exists(name):
            yield name
            return
        refuse_remote(name)
        self.read.add(self.root / name)
        found = self._matches(name)
        if not found:
            raise RefusalError(rules.MISSING, f'no file matches "{name}"', "correct the pattern, or add a file")
        yield from found

    def _exists(self, name: str) -> bool:
        try:
            return self.door.kind(self.root / name) is not None
        except RefusedError:
            return True  # reading it says why not

    def _matches(self, name: str) -> list[str]:
        above, parts = self.root, name.split("/")
        while parts[0] in ("..", "."):
            above, parts = above / parts[0], parts[1:]
        try:
            found = self.door.glob(above, "/".join(parts))
        except RefusedError as refused:
            raise self._refusal(refused, name) from None
        except ValueError as error:
            raise RefusalError(rules.MISSING, f'"{name}" is not a pattern: {error}', "correct the pattern") from None
        return [path.relative_to(self.root).as_posix() for path in found]

    def folder(self, name: str) -> "Loader":
        """A loader for another kustomization. Raises RefusalError for a cycle, one out of the root, or too many."""
        try:
            root = self.door.real(self.root / name)
        except RefusedError as refused:
            raise self._refusal(refused, name) from None
        for before in (*self.visited, self.root):
            if before.is_relative_to(root):
                raise RefusalError(
                    rules.CYCLE, f'"{name}" leads back to "{before.name}"', "a kustomization cannot hold itself"
                )
        self.entered.append(root)
        if len(self.entered) > _MOST_FOLDERS:
            what = f"more than {_MOST_FOLDERS:,} folders are built, counting each as often as it is named"
            raise RefusalError(rules.CYCLE, what, "name a folder once, in the kustomization above those that share it")
        shown = self.show(name)
        parts: list[str] = []
        for part in shown.split("/"):
            if part == ".." and parts and parts[-1] != "..":
                parts.pop()
            elif part != ".":
                parts.append(part)
        visited = (*self.visited, self.root)
        return replace(self, root=root, shown="/".join(parts) or ".", visited=visited)

    def kustomization(self) -> Kustomization:
        """The folder's kustomization. Raises Halt."""
        path = find_file(self.root, self.shown, self.door)
        self.read.update((path, self.door.real(path)))
        return read_kustomization(path, self.show(path.name), self.door, lenient=self.lenient)


def _outside(name: str) -> RefusalError:
    hint = "move it there, or name its folder as a resource"
    return RefusalError(rules.OUTSIDE, f'"{name}" is outside of the folder of its kustomization', hint)


def is_remote(name: str) -> bool:
    """Whether only the network has what a name means."""
    return _REMOTE.search(name) is not None


def refuse_remote(name: str) -> None:
    """Raise RefusalError for what only the network has."""
    if is_remote(name):
        raise RefusalError(
            rules.UNSUPPORTED,
            f'"{name}" is remote',
            "keep a copy in the repository: what is built must not depend on what the network says today",
        )


def loader_of(
    folder: Path, shown: str, door: Door | None = None, *, lenient: bool = False, anywhere: bool = False
) -> Loader:
    """The loader of the outermost kustomization; `lenient` reads files as kustomize does.

    `anywhere`: files may be in any folder below the door's root. Without a door folders may be anywhere. Raises Halt
    where the folder is not there.
    """
    try:
        way = door or door_of(folder, within=Path(folder.absolute().anchor))
        if way.is_folder(folder):
            root = way.real(folder)
            return Loader(root, shown, root, way, anywhere, lenient=lenient)
    except RefusedError as refused:
        if not refused.absent:
            finding = Finding(
                rule=rules.OUTSIDE, message=f"the folder {refused.what}", at=Span(shown), hint=refused.hint
            )
            raise Halt([finding]) from None
    message, hint = "no such folder", "name a folder that holds a kustomization"
    raise Halt([Finding(rule=rules.MISSING, message=message, at=Span(shown), hint=hint)])
