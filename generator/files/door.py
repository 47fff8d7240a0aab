"""The door: files below one root, read, listed and looked for; everything that leads out of it is refused."""

import errno
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from generator.files.refused import Reason, RefusedError, of_error, too_large
from generator.files.walk import Way, is_git, listed, name_of, opened, read_all, special, walked

MAX_BYTES = 32 * 1024 * 1024
"""Largest file that is read; the API server takes 3 MiB an object, a spec of 10,000 machines is about 5 MiB."""
MAX_OWN = 1024 * 1024 * 1024
"""Largest file of our own that is read: a record of a hundred thousand machines is larger than what people write."""
MAX_ENTRIES = 1_000_000
"""Files below one folder that are looked at."""


class Kind(Enum):
    """What a path is."""

    FILE = "file"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Door:
    """The way to files below `root`, a real path. `typed` are other names of places in it: a name, and the parts below.

    Paths are absolute, or relative to the current folder; they begin with the root or with a name of `typed`. Links
    are followed as long as they stay below the root. What belongs to Git is outside of it, and no entry of a folder:
    `.git/config` may hold a token. All methods raise RefusedError for what is not read.
    """

    root: Path
    typed: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def read(self, path: Path, limit: int = MAX_BYTES) -> bytes:
        """The bytes of a regular file of `limit` bytes at most."""
        with self._walked(path) as (way, found):
            return _read(way, found, limit)

    def found(self, path: Path, limit: int = MAX_BYTES) -> tuple[bytes, Path]:
        """The bytes of a regular file, and its path without links."""
        with self._walked(path) as (way, found):
            return _read(way, found, limit), self.root.joinpath(*way.names)

    def text(self, path: Path, limit: int = MAX_BYTES) -> str:
        """The text of a UTF-8 file, its line ends made one."""
        try:
            return self.read(path, limit).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            raise RefusedError(Reason.FAILED, "is not UTF-8 text") from None

    def kind(self, path: Path) -> Kind | None:
        """What a path is, links followed; None where nothing is there.

        Raises RefusedError for a link to nothing or out of the root, and for what is neither a file nor a folder.
        """
        try:
            with self._walked(path) as (_, found):
                mode = found.st_mode
        except RefusedError as refused:
            if refused.reason in (Reason.MISSING, Reason.NO_FOLDER):
                return None
            raise
        if stat.S_ISDIR(mode):
            return Kind.FOLDER
        if stat.S_ISREG(mode):
            return Kind.FILE
        raise special(mode)

    def has_file(self, path: Path) -> bool:
        """Whether a regular file is there that would be read; nothing is refused."""
        try:
            return self.kind(path) is Kind.FILE
        except RefusedError:
            return False

    def is_folder(self, path: Path) -> bool:
        """Whether a folder is there. Raises RefusedError where something else is."""
        kind = self.kind(path)
        if kind is Kind.FILE:
            raise RefusedError(Reason.NO_FOLDER, "is a file, not a folder")
        return kind is Kind.FOLDER

    def real(self, path: Path) -> Path:
        """The path without links."""
        with self._walked(path) as (way, _):
            return self.root.joinpath(*way.names)

    def holds(self, path: Path) -> bool:
        """Whether a path, links followed, does not lead out of the root; it need not be there."""
        try:
            self.kind(path)
        except RefusedError as refused:
            return refused.reason is not Reason.OUTSIDE
        return True

    def names(self, folder: Path) -> list[str]:
        """The names in a folder, sorted."""
        return [name for name, _, _ in self.entries(folder)]

    def entries(self, folder: Path) -> list[tuple[str, bool, bool]]:
        """What a folder holds, sorted: name, whether it is a folder, whether it is neither that nor a regular file."""
        with self._walked(folder) as (way, found):
            if not stat.S_ISDIR(found.st_mode):
                raise RefusedError(Reason.NO_FOLDER, "is not a folder")
            return [entry for entry in listed(way) if not is_git(entry[0])]

    def folders(self, folder: Path) -> list[str]:
        """The names of the folders in a folder, sorted; links lead to something in the root."""
        return [
            name for name, is_folder, odd in self.entries(folder) if is_folder or (odd and self._leads(folder / name))
        ]

    def odd(self, folder: Path, limit: int = MAX_BYTES) -> Iterator[tuple[Path, RefusedError]]:
        """What below a folder is not to be read, and why: links out or to nothing, FIFOs, devices, large files."""
        for path, _ in self._below(folder):
            try:
                with self._walked(path) as (_, found):
                    size, mode = found.st_size, found.st_mode
                if stat.S_ISREG(mode) and size > limit:
                    raise too_large(size, limit)
                if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                    raise special(mode)
            except RefusedError as refused:
                yield path, refused

    def links(self, folder: Path) -> list[Path]:
        """The links below a folder, sorted."""
        found = []
        for path, odd in self._below(folder):
            if odd:
                with self._walked(path.parent) as (way, _):
                    if way.is_link(path.name):
                        found.append(path)
        return sorted(found)

    def walk(self, folder: Path) -> Iterator[Path]:
        """Everything below a folder except folders, in order; links are among it and are not followed."""
        return (path for path, _ in self._below(folder))

    def glob(self, folder: Path, pattern: str) -> list[Path]:
        """What of a folder has names of a pattern, sorted: `*`, `?`, `[…]`, and `**` for any number of folders.

        Links count by their names, whatever they lead to. Raises ValueError for what is not a pattern.
        """
        steps = [step for step in pattern.split("/") if step not in ("", ".")]
        if not steps or pattern.startswith("/") or ".." in steps or "\0" in pattern:
            raise ValueError(f"{pattern!r}")
        if any("**" in step and step != "**" for step in steps):
            raise ValueError("'**' can only be an entire path component")
        return sorted(set(self._glob(folder, steps)))

    def _below(self, folder: Path) -> Iterator[tuple[Path, bool]]:
        seen = 0
        todo = [folder]
        while todo:
            at = todo.pop()
            below = []
            for name, is_folder, odd in self.entries(at):
                seen += 1
                if seen > MAX_ENTRIES:
                    raise RefusedError(Reason.LARGE, f"holds more than {MAX_ENTRIES:,} files")
                if is_folder:
                    below.append(at / name)
                else:
                    yield at / name, odd
            todo += reversed(below)

    def _leads(self, path: Path) -> bool:
        """Whether what is neither a file nor a folder is a link to a folder; a FIFO is not."""
        try:
            return self.kind(path) is Kind.FOLDER
        except RefusedError as refused:
            if refused.reason is Reason.SPECIAL:
                return False
            raise

    def _glob(self, folder: Path, steps: Sequence[str]) -> Iterator[Path]:
        todo = [(folder, 0)]
        seen = set(todo)  # `**/**` meets a folder in many ways, and one look is enough

        def further(path: Path, at: int) -> None:
            if (path, at) not in seen:
                seen.add((path, at))
                todo.append((path, at))

        while todo:
            place, at = todo.pop()
            last = at == len(steps) - 1
            anywhere = steps[at] == "**"
            fits = re.compile(_fitting("*" if anywhere else steps[at]), re.DOTALL)
            if anywhere and not last:
                further(place, at + 1)
            for name, is_folder, odd in self.entries(place):
                if anywhere and is_folder:
                    further(place / name, at)
                elif last and fits.match(name):
                    yield place / name
                elif not (last or anywhere) and fits.match(name) and (is_folder or (odd and self._leads(place / name))):
                    further(place / name, at + 1)

    @contextmanager
    def _walked(self, path: Path) -> Iterator[tuple[Way, os.stat_result]]:
        try:
            with walked(str(self.root), self._parts(path), self._aliases) as found:
                yield found
        except RefusedError as refused:
            refused.filename = refused.filename or path.as_posix()
            raise

    @property
    def _aliases(self) -> tuple[str, ...]:
        return tuple(name for name, parts in self.typed if not parts)

    def _parts(self, path: Path) -> list[str]:
        """The components of a path from the root on."""
        text = os.path.join(os.getcwd(), path)  # noqa: PTH109, PTH118 - plain text, thousands of times
        for name, parts in self.typed:
            if text == name or text.startswith(f"{name.rstrip('/')}/"):
                return [*parts, *text[len(name) :].split("/")]
        root = str(self.root)
        if text == root or text.startswith(f"{root.rstrip('/')}/"):
            return text[len(root) :].split("/")
        raise RefusedError(Reason.OUTSIDE, f"leads out of {name_of(root)}")


def _fitting(step: str) -> str:
    """A pattern of one component as a regular expression; what opens a set and does not close it is plain."""
    out, at = "", 0
    while at < len(step):
        sign = step[at]
        end = step.find("]", at + (3 if step[at + 1 : at + 2] in ("!", "^") else 2)) if sign == "[" else -1
        if end > 0:
            inner = step[at + 1 : end]
            negated = inner.startswith(("!", "^"))
            inner = (
                inner[negated:].replace("\\", "\\\\").replace("[", "\\[").replace("&&", "\\&&").replace("~~", "\\~~")
            )
            out += f"[{'^' if negated else ''}{inner.replace('||', chr(92) + '||').replace('--', chr(92) + '--')}]"
            at = end + 1
            continue
        out += "[^/]*" if sign == "*" else "[^/]" if sign == "?" else re.escape(sign)
        at += 1
    return rf"{out}\Z"


def _read(way: Way, found: os.stat_result, limit: int) -> bytes:
    """The bytes of the file a walk ended at; looked at before it is opened, for opening a device may do something."""
    if stat.S_ISDIR(found.st_mode):
        raise of_error(IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
    if not stat.S_ISREG(found.st_mode):
        raise special(found.st_mode)
    handle = opened(way)
    try:
        size = os.fstat(handle).st_size
        if size > limit:
            raise too_large(size, limit)
        raw = read_all(handle, limit)
    except RefusedError:
        raise
    except OSError as error:
        raise of_error(error) from None
    finally:
        os.close(handle)
    if len(raw) > limit:
        raise too_large(0, limit)
    return raw
