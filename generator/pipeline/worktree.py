"""What differs between a work tree and a revision, by the files' own bytes.

Git's word for it can be wrong: it believes file times, flags of its index, filters, a monitor, and lists of files to
ignore. So the revision's files are listed, and what is there now is hashed and compared. What cannot be compared
differs. Offline, and in a shallow clone.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG

from generator.pipeline.git import git_says, name_of

_LARGEST = 1 << 28
"""Bytes of a file that is hashed; a larger one counts as changed."""
_LINK, _SUBMODULE = "120000", "160000"
_ATTRIBUTES = ("filter", "text", "eol", "crlf", "ident", "working-tree-encoding")
_UNSET = ("unspecified", "unset")


@dataclass(frozen=True, slots=True)
class WorkTree:
    """A git work tree that holds a spec's folder; paths are told relative to that folder, `../` where they lie above.

    `base` is the revision that the files are compared with, `files` its files from `top`: modes and ids of contents.
    """

    top: Path
    root: Path
    base: str
    files: Mapping[str, tuple[str, str]]

    def differing(self, names: Iterable[str]) -> frozenset[str]:
        """Those of the names whose file, or link, is not what the base has; what a link leads to counts as well."""
        return frozenset(name for name in names if self._differs(name))

    def gone(self) -> frozenset[str]:
        """Files of the base that are no more: lists of changed files that tools hand on leave them out."""
        return frozenset(self._below(name) for name, (mode, _) in self.files.items() if self._is_gone(name, mode))

    def before(self, path: str) -> bytes:
        """A file's content at the base; nothing where it was not there."""
        found = self.files.get(self._name(path) or "")
        return git_says(self.top, "cat-file", "blob", found[1]) if found is not None else b""

    def untracked(self, below: str) -> frozenset[str]:
        """Files below a folder of the spec's that are there and in nobody's commit: new ones, and ignored ones."""
        said = git_says(self.top, "ls-files", "-z", "--others", "--full-name", "--", str(self.root / below))
        return frozenset(self._below(name) for name in _names(said))

    def unreported(self, names: Collection[str]) -> frozenset[str]:
        """Those of the names that git, asked what changed, may leave out although they differ.

        That are files it does not track, or was asked to take for unchanged, or converts; and all where it is set up to
        believe a monitor or less than all times.
        """
        if not names or self._is_set_up_to_believe():
            return frozenset(names)
        places = {name: self._name(name) for name in names}
        plain = set()
        for line in _names(git_says(self.top, "ls-files", "-v", "-z", "--full-name")):
            if line.startswith("H "):
                plain.add(line[2:])
        asked = sorted({place for place in places.values() if place in plain})
        given = "".join(f"{place}\0" for place in asked).encode(errors="surrogateescape")
        said = list(_names(git_says(self.top, "check-attr", "-z", "--stdin", *_ATTRIBUTES, given=given)))
        converted = {said[at] for at in range(0, len(said) - 2, 3) if said[at + 2] not in _UNSET}
        if asked and not said:
            return frozenset(names)
        return frozenset(name for name, place in places.items() if place not in plain or place in converted)

    def _is_set_up_to_believe(self) -> bool:
        said = git_says(self.top, "config", "-z", "--includes", "--list").decode(errors="surrogateescape")
        settings = dict(line.partition("\n")[::2] for line in said.split("\0") if line)
        # Our own setting of core.fsmonitor comes last in the list: the repository's is asked for by its file.
        monitor = git_says(self.top, "config", "--includes", "--get-all", "core.fsmonitor").decode().split("\n")
        return (
            settings.get("core.autocrlf", "false").lower() not in ("false", "no", "off", "0")
            or any(value.lower() not in ("", "false", "no", "off", "0") for value in monitor)
            or settings.get("core.trustctime", "true").lower() in ("false", "no", "off", "0")
            or settings.get("core.checkstat", "default").lower() != "default"
            or settings.get("core.ignorestat", "false").lower() not in ("false", "no", "off", "0")
        )

    def _is_gone(self, name: str, mode: str) -> bool:
        """Whether a file of the base is not there, or is a folder now."""
        path = self.top / name
        return not os.path.lexists(path) or (path.is_dir() and not path.is_symlink() and mode != _SUBMODULE)

    def _differs(self, name: str) -> bool:
        place = self._name(name)
        if place is None:
            return True  # outside of the work tree: git has nothing to compare it with
        path, known = self.top / place, self.files.get(place)
        try:
            about = path.lstat()
            if S_ISLNK(about.st_mode):
                text = os.fsencode(os.readlink(path))  # noqa: PTH115 - as it is written
                if known is None or known[0] != _LINK or name_of(text, len(known[1])) != known[1]:
                    return True
                return not path.is_dir() and self._differs(self._below_path(path.resolve()))
            if S_ISDIR(about.st_mode):
                return known is not None
            if not S_ISREG(about.st_mode) or about.st_size > _LARGEST or known is None or known[0] == _LINK:
                return True
            return name_of(_bytes(path), len(known[1])) != known[1]
        except (FileNotFoundError, NotADirectoryError):
            return known is not None
        except (OSError, RuntimeError, ValueError):
            return True

    def _name(self, name: str) -> str | None:
        """A path from the top, links of the folders on the way followed; None outside of the work tree."""
        place = Path(os.path.normpath(self.root / name))
        try:
            place = Path(os.path.realpath(place.parent)) / place.name
        except (OSError, ValueError):
            return None
        return place.relative_to(self.top).as_posix() if place.is_relative_to(self.top) else None

    def _below(self, name: str) -> str:
        return self._below_path(self.top / name)

    def _below_path(self, path: Path) -> str:
        return Path(os.path.relpath(path, self.root)).as_posix()


def work_tree(root: Path, base: str = "HEAD") -> WorkTree | None:
    """The work tree a folder is in; None without git, outside of a work tree, or where there is no such revision.

    Before the first commit there is no HEAD, and so nothing to compare with.
    """
    top = git_says(root, "rev-parse", "--show-toplevel").decode(errors="surrogateescape").rstrip("\n")
    if not top or base.startswith("-"):
        return None
    commit = git_says(root, "rev-parse", "--verify", "--quiet", f"{base}^{{commit}}").decode().strip()
    if not commit:
        return None
    listed = git_says(root, "ls-tree", "-r", "-z", "--full-tree", commit)
    return WorkTree(Path(top).resolve(), root.resolve(), commit, dict(_listed(listed)))


def _listed(listed: bytes) -> Iterator[tuple[str, tuple[str, str]]]:
    for line in _names(listed):
        about, _, path = line.partition("\t")
        mode, _, blob = about.split()
        yield path, (mode, blob)


def _names(said: bytes) -> Iterator[str]:
    return (name for name in said.decode(errors="surrogateescape").split("\0") if name)


def _bytes(path: Path) -> bytes:
    opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    with os.fdopen(opened, "rb") as file:
        return file.read(_LARGEST + 1)
