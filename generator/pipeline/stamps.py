"""What files and folders look like at one time, so that a later look shows whether anything was changed.

A file is known by type, mode, device, inode, size, mtime and ctime. A time that is not at least two seconds older than
the look says nothing: a file can be saved again within the same tick of its file system, so such a file is known by its
content (git calls it racily clean). What cannot be looked at raises UnsureError: who asks must not believe anything.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_IFMT, S_ISDIR, S_ISLNK, S_ISREG
from typing import NamedTuple

from generator.pipeline.gitfolder import head_of_work_tree

COARSEST = 2_000_000_000
"""Nanoseconds in one tick of the coarsest file system we know (FAT)."""
_SOURCES = ("overlays", "templates", "policies", "schemas")
_PROBED = ("spec.yaml", "kustomization.yaml", "kustomization.yml", "Kustomization")
_WILD = "*?["
_MOST_ENTRIES = 1_000_000
_LARGEST = 1 << 28
"""Bytes of a file whose content is looked at; a larger one that was just saved is not believed."""


class UnsureError(Exception):
    """Something cannot be looked at: it is not known whether it was changed."""


class Seen(NamedTuple):
    """One file or folder. `content` is a digest where the times are too young to say anything, and a link's text."""

    mode: int
    device: int
    inode: int
    size: int
    modified: int
    changed: int
    content: str = ""

    def lasting(self, young: int) -> str:
        """What is compared with a later look: of what changed at `young` or later the content instead of the times."""
        place = f"{self.mode} {self.device} {self.inode}"
        if S_ISDIR(self.mode):
            return place  # what a folder holds is seen itself
        if max(self.modified, self.changed) >= young:
            return f"{place} {self.size} {self.content}"
        return f"{place} {self.size} {self.modified} {self.changed}"


Look = Mapping[str, "Seen | str"]
"""Everything by its path; "" of what is not there."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What a check reads: a spec's folder, its trees, and `sources`, as the trees' records name files and patterns."""

    root: Path
    output: Path
    sources: tuple[str, ...]


def look(watched: Watched, young: int) -> Look:
    """Everything that a check reads, as it is now; times from `young` on (in nanoseconds) say nothing.

    Raises UnsureError.
    """
    walk = _Walk(young)
    root, output = watched.root.absolute(), watched.output.absolute()
    try:
        for name in _SOURCES:
            walk.below(str(root / name))
        walk.below(str(output))
        for top in _installed():
            walk.below(str(top), skip="__pycache__")
        for source in watched.sources:
            walk.source(str(root), source)
        found: dict[str, Seen | str] = {**walk.found}
        for folder in (output, *_with_git(output)):
            found[f"{folder}\0HEAD"] = head_of_work_tree(folder)
    except (OSError, ValueError, RecursionError) as error:
        raise UnsureError(str(error)) from None
    return found


def _installed() -> Iterator[Path]:
    """The tool itself, and what ships with it, which a checkout has beside the package."""
    package = Path(__file__).parents[1]
    yield package
    yield from (package.parent / name for name in ("templates", "policies") if not (package / name).is_dir())


def _with_git(output: Path) -> Iterator[Path]:
    """Trees that are work trees of their own."""
    if output.is_dir():
        yield from (path for path in sorted(output.iterdir()) if os.path.lexists(path / ".git"))


def lasting(found: Look, young: int) -> str:
    """A digest of a look, to be compared with a later look's."""
    digest = hashlib.sha256()
    for path in sorted(found):
        seen = found[path]
        text = seen.lasting(young) if isinstance(seen, Seen) else seen
        digest.update(f"{len(path)} {path} {text}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def first_difference(before: Look, after: Look) -> str:
    """The first path that differs between two looks; nothing where none does. Files before the folders they are in."""
    different = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    files = {path for path in different if not all(_is_folder(one.get(path)) for one in (before, after))}
    return min(files or different, default="").partition("\0")[0]


def _is_folder(seen: "Seen | str | None") -> bool:
    return isinstance(seen, Seen) and S_ISDIR(seen.mode)


@dataclass(slots=True)
class _Walk:
    """One look. Links are seen themselves and as what they lead to; each folder is entered once."""

    young: int
    found: dict[str, Seen | str] = field(default_factory=dict)
    _entered: set[tuple[int, int]] = field(default_factory=set)
    _probed: set[str] = field(default_factory=set)

    def below(self, path: str, skip: str = "") -> None:
        """A file, or a folder and everything below it."""
        todo = [path]
        while todo:
            one = todo.pop()
            seen = self.one(one)
            if seen is None or not S_ISDIR(seen.mode) or (seen.device, seen.inode) in self._entered:
                continue
            if skip:
                self.found[one] = seen._replace(modified=0, changed=0, size=0)  # what is skipped changes its times
            self._entered.add((seen.device, seen.inode))
            todo += sorted((entry.path for entry in os.scandir(one) if entry.name != skip), reverse=True)

    def one(self, path: str) -> Seen | None:
        """One path, and what it leads to; gives the end of the way, None where nothing is there."""
        seen = self._stat(path, follow=False)
        if seen is None or not S_ISLNK(seen.mode):
            return seen
        self.found[path] = seen._replace(content=os.readlink(path))  # noqa: PTH115 - as it is written
        return self._stat(path, follow=True)

    def _stat(self, path: str, *, follow: bool) -> Seen | None:
        key = f"{path}\0" if follow else path
        try:
            about = os.stat(path, follow_symlinks=follow)  # noqa: PTH116 - of 10,000 files, quickly
        except (FileNotFoundError, NotADirectoryError):
            self.found[key] = ""
            return None
        seen = _seen(about)
        if S_ISREG(seen.mode):
            if max(seen.modified, seen.changed) >= self.young:
                seen = seen._replace(content=_content(path, seen))
        elif not S_ISDIR(seen.mode) and not S_ISLNK(seen.mode):
            raise UnsureError(f"{path} is neither a file nor a folder")
        self.found[key] = seen
        if len(self.found) > _MOST_ENTRIES:
            raise UnsureError("there are too many files")
        return seen

    def source(self, root: str, source: str) -> None:
        """A source: a file, a folder (it ends in a slash) or a pattern; and what would be read beside it."""
        parts = source.split("/")
        wild = next((index for index, part in enumerate(parts) if any(sign in part for sign in _WILD)), None)
        if wild is not None:
            self._names("/".join((root, *parts[:wild])), None if "**" in parts else len(parts) - wild)
        elif source.endswith("/"):
            self.below(f"{root}/{source.rstrip('/')}")
        else:
            self.one(f"{root}/{source}")
        folder = "/".join((root, *parts[: len(parts) - 1 if wild is None else wild]))
        if folder not in self._probed and (folder != root or wild is not None):
            self._probed.add(folder)
            for name in _PROBED:
                self.one(f"{folder}/{name}")

    def _names(self, top: str, depth: int | None) -> None:
        """The names in the folders in which a pattern could match a file, `depth` folders deep (None: any)."""
        todo = [(top, depth)]
        entered = set()
        while todo:
            folder, left = todo.pop()
            seen = self.one(folder)
            if seen is None or not S_ISDIR(seen.mode) or (seen.device, seen.inode) in entered:
                continue
            entered.add((seen.device, seen.inode))
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            self.found[f"{folder}\0names"] = _digest_of(entry.name for entry in entries)
            if left is None or left > 1:
                inner = (entry.path for entry in entries if entry.name != ".git" and entry.is_dir())
                todo += [(path, None if left is None else left - 1) for path in inner]
            if len(entered) > _MOST_ENTRIES:
                raise UnsureError("there are too many folders")


def _seen(about: os.stat_result) -> Seen:
    return Seen(about.st_mode, about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)


def _content(path: str, seen: Seen) -> str:
    """A digest of a file's content. Raises UnsureError for one that is not what was seen a moment ago."""
    opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    with os.fdopen(opened, "rb") as file:
        about = os.fstat(opened)
        if S_IFMT(about.st_mode) != S_IFMT(seen.mode) or about.st_ino != seen.inode or about.st_size > _LARGEST:
            raise UnsureError(f"{path} changes, or is too large")
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_of(names: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(names).encode(errors="surrogateescape")).hexdigest()
