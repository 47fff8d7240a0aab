"""Files a build reads: below its own root, without cycles, local only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from generator.finding import Finding, Halt
from generator.location import Span
from generator.overlay import rules
from generator.overlay.kustomization import Kustomization, find_file, read_kustomization
from generator.overlay.refusal import RefusalError
from generator.source import Document, QuickReader

_REMOTE = re.compile(r"^(https?://|git::|git@|ssh://|file://|oci://|[\w.-]+\.(com|org|io|net)[/:])|[?&](ref|version)=")


@dataclass(frozen=True, slots=True)
class Loader:
    """Reads for one kustomization. `root` is its folder, resolved; `visited` are those that led here.

    `shown` is how findings name the folder; `base` the folder of the outermost one, which origins are told from.
    """

    root: Path
    shown: str
    base: Path
    visited: tuple[Path, ...] = field(default=())
    lenient: bool = False
    reader: QuickReader = field(default_factory=QuickReader, compare=False)
    read: set[Path] = field(default_factory=set, compare=False)
    """Every file read so far, by the name it was asked for and by its own; patterns as they are written."""

    def show(self, name: str) -> str:
        """How findings name a file of the folder."""
        return f"{self.shown}/{name}" if self.shown not in ("", ".") else name

    def file(self, name: str) -> Path:
        """A file, resolved. Raises RefusalError where it is missing, remote, or outside of the root."""
        refuse_remote(name)
        path = self.root / name
        if Path(name).is_absolute() and not path.exists():
            raise RefusalError(rules.MISSING, f'no file "{name}"', "name a path relative to the kustomization")
        try:
            resolved = path.resolve(strict=True)
        except (OSError, RuntimeError):
            raise RefusalError(rules.MISSING, f'no file "{name}"', "correct the path, or add the file") from None
        if resolved.is_dir():
            raise RefusalError(rules.MISSING, f'"{name}" is a folder', "name a file")
        if not resolved.is_relative_to(self.root):
            raise RefusalError(
                rules.OUTSIDE,
                f'"{name}" is outside of the folder of its kustomization',
                "move it there, or name the folder it stands in as a resource",
            )
        self.read.update((path, resolved))
        return resolved

    def text(self, name: str) -> str:
        """A file's text. Raises RefusalError."""
        try:
            return self.file(name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise RefusalError(rules.MISSING, f'"{name}" is not UTF-8 text', "save it as UTF-8") from None

    def documents(self, name: str) -> list[Document]:
        """A file's documents. Raises RefusalError."""
        raw = self.raw(name)
        try:
            return self.reader.read(raw, self.show(name))
        except Halt as halt:
            first = halt.findings[0]
            raise RefusalError(rules.RESOURCE, f"{first.at}: {first.message}", first.hint) from None

    def raw(self, name: str) -> bytes:
        """A file's bytes. Raises RefusalError."""
        return self.file(name).read_bytes()

    def is_folder(self, name: str) -> bool:
        """Whether a name is that of a folder."""
        return not _REMOTE.search(name) and (self.root / name).is_dir()

    def expand(self, name: str) -> Iterator[str]:
        """A name with wildcards as the files it means, sorted; any other as it is."""
        if not any(sign in name for sign in "*?[") or (self.root / name).exists():
            yield name
            return
        refuse_remote(name)
        self.read.add(self.root / name)
        found = sorted(path.relative_to(self.root).as_posix() for path in self.root.glob(name))
        if not found:
            raise RefusalError(rules.MISSING, f'no file is meant by "{name}"', "correct the pattern")
        yield from found

    def folder(self, name: str) -> "Loader":
        """A loader for another kustomization. Raises RefusalError for a cycle."""
        root = (self.root / name).resolve()
        for before in (*self.visited, self.root):
            if before.is_relative_to(root):
                raise RefusalError(
                    rules.CYCLE, f'"{name}" leads back to "{before.name}"', "a kustomization cannot hold itself"
                )
        shown = self.show(name)
        parts: list[str] = []
        for part in shown.split("/"):
            if part == ".." and parts and parts[-1] != "..":
                parts.pop()
            elif part != ".":
                parts.append(part)
        visited = (*self.visited, self.root)
        return Loader(root, "/".join(parts) or ".", self.base, visited, self.lenient, self.reader, self.read)

    def kustomization(self) -> Kustomization:
        """The folder's kustomization. Raises Halt."""
        path = find_file(self.root, self.shown)
        self.read.update((path, path.resolve()))
        return read_kustomization(path, self.show(path.name), lenient=self.lenient)


def refuse_remote(name: str) -> None:
    """Raise RefusalError for what only the network has."""
    if _REMOTE.search(name):
        raise RefusalError(
            rules.UNSUPPORTED,
            f'"{name}" is remote',
            "keep a copy in the repository: what is built must not depend on what the network says today",
        )


def loader_of(folder: Path, shown: str, *, lenient: bool = False) -> Loader:
    """The loader of the outermost kustomization; `lenient` reads files as kustomize does.

    Raises Halt where the folder is not there.
    """
    if not folder.is_dir():
        message, hint = "no such folder", "name a folder that holds a kustomization"
        raise Halt([Finding(rule=rules.MISSING, message=message, at=Span(shown), hint=hint)])
    root = folder.resolve()
    return Loader(root, shown, root, lenient=lenient)
