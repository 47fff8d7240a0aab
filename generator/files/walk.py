"""Paths below a folder, one component after another: links are followed by hand, and none leads out.

A name is looked at in the open folder that holds it, and a file is opened without following a link: whoever renames
folders meanwhile gets another file of the root, or a refusal, and nothing from outside.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from generator.files.refused import Reason, RefusedError, of_error

MAX_LINKS = 40
"""Links on the way to one file, as Linux counts them."""
MAX_DEPTH = 100
"""Folders below the root, one in the other: whatever goes through all of them costs what the files cost."""
_TRIES = 100
"""How often a component is looked at again that changes while it is opened."""
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LIST = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_SPECIAL = (
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@dataclass(slots=True)
class Way:
    """Where a walk is: the open folders from the root down, their names, and the link it came through last."""

    root: str
    aliases: tuple[str, ...]
    folders: list[int]
    names: list[str] = field(default_factory=list)
    links: int = 0

    @property
    def at(self) -> int:
        """The folder the walk is in."""
        return self.folders[-1]

    def up(self) -> None:
        """To the folder above. Raises RefusedError at the root."""
        if not self.names:
            raise RefusedError(Reason.OUTSIDE, self._leads_out())
        os.close(self.folders.pop())
        self.names.pop()

    def down(self, name: str) -> None:
        """Into a folder that is not a link. Raises OSError, and RefusedError for one too far down."""
        if len(self.names) >= MAX_DEPTH:
            raise RefusedError(Reason.DEEP, f"is more than {MAX_DEPTH} folders deep")
        self.folders.append(os.open(name, _FOLDER, dir_fd=self.at))
        self.names.append(name)

    def follow(self, name: str) -> list[str]:
        """The components a link leads to, from the folder the walk is then in. Raises RefusedError, OSError."""
        target = os.readlink(name, dir_fd=self.at)
        self.links += 1
        if self.links > MAX_LINKS:
            raise RefusedError(Reason.LOOP, "is a loop of links")
        if not target.startswith("/"):
            return target.split("/")
        for root in (self.root, *self.aliases):
            if target == root or target.startswith(f"{root.rstrip('/')}/"):
                while self.names:
                    self.up()
                return target[len(root) :].split("/")
        raise RefusedError(Reason.OUTSIDE, self._leads_out())

    def is_link(self, name: str) -> bool:
        """Whether a name in the folder the walk is in is a link."""
        try:
            return stat.S_ISLNK(os.stat(name, dir_fd=self.at, follow_symlinks=False).st_mode)
        except OSError:
            return False

    def close(self) -> None:
        """Close what is open."""
        for folder in self.folders:
            with suppress(OSError):
                os.close(folder)

    def _leads_out(self) -> str:
        return f"{'is a link' if self.links else 'leads'} out of {name_of(self.root)}"


def is_git(name: str) -> bool:
    """Whether a name is that of a Git repository's own files, on any file system."""
    return name.lower() == ".git"


def name_of(root: str) -> str:
    """How messages name a root: where it is on this machine is nobody's business."""
    return f'"{root.rpartition("/")[2] or "/"}"'


@contextmanager
def walked(root: str, parts: list[str], aliases: tuple[str, ...] = ()) -> Iterator[tuple[Way, os.stat_result]]:
    """The way to a path below `root`, and what the path is: never a link.

    The way is in the folder that holds it, and `way.names` ends with its name; for a folder the way is in it.
    `aliases` are other names of the root. Raises RefusedError.
    """
    try:
        way = Way(root, aliases, [os.open(root, _FOLDER & ~os.O_NOFOLLOW)])
    except OSError as error:
        raise of_error(error) from None
    try:
        yield way, _walk(way, parts)
    finally:
        way.close()


def _walk(way: Way, parts: list[str]) -> os.stat_result:
    todo = [(name, False) for name in reversed(parts)]  # a name, and whether a link says it
    tries = 0
    found: os.stat_result | None = None
    while todo:
        name, of_link = todo.pop()
        if name in ("", "."):
            continue
        if name == "..":
            way.up()
            continue
        if is_git(name):
            raise RefusedError(Reason.OUTSIDE, f"{'is a link' if way.links else 'leads'} into .git")
        found = None
        try:
            found = os.stat(name, dir_fd=way.at, follow_symlinks=False)
            if stat.S_ISLNK(found.st_mode):
                todo += [(part, True) for part in reversed(way.follow(name))]
                found = None
            elif stat.S_ISDIR(found.st_mode):
                way.down(name)
                found = None
        except RefusedError:
            raise
        except (OSError, ValueError) as error:
            tries += 1
            if not isinstance(error, OSError):
                raise RefusedError(Reason.MISSING, "is not a name of a file") from None
            if (
                found is not None
                and tries < _TRIES
                and error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EINVAL)
            ):
                todo.append((name, of_link))  # it was replaced between the look and the step: look again
                continue
            raise _refused(error, of_link=of_link) from None
        if found is not None:
            further = next((of_link for part, of_link in reversed(todo) if part not in ("", ".")), None)
            if further is not None:
                message = f"{_shown(way, name)} is not a folder"
                raise _refused(NotADirectoryError(errno.ENOTDIR, message), of_link=further)
            way.names.append(name)
            return found
    return os.fstat(way.at)


def _shown(way: Way, name: str) -> str:
    return "/".join((*way.names, name))


def _refused(error: OSError, *, of_link: bool) -> RefusedError:
    if of_link and error.errno in (errno.ENOENT, errno.ENOTDIR):
        return RefusedError(Reason.DANGLING, "is a link to nothing")
    return of_error(error)


def special(mode: int) -> RefusedError:
    """The refusal of what is neither a regular file nor a folder."""
    what = next((word for is_it, word in _SPECIAL if is_it(mode)), "something else")
    return RefusedError(Reason.SPECIAL, f"is {what}, not a regular file")


def opened(way: Way) -> int:
    """A descriptor of the regular file a walk ended at. Raises RefusedError."""
    try:
        handle = os.open(way.names[-1], FILE, dir_fd=way.at)
    except OSError as error:
        raise of_error(error) from None
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        raise RefusedError(Reason.FOLDER, "is a folder") if stat.S_ISDIR(mode) else special(mode)
    return handle


def listed(way: Way) -> list[tuple[str, bool, bool]]:
    """What the folder a walk ended at holds, in order: name, whether it is a folder, whether neither that nor a file.

    Raises RefusedError.
    """
    try:
        handle = os.open(".", _LIST, dir_fd=way.at)
        try:
            with os.scandir(handle) as entries:
                found = [
                    (
                        one.name,
                        is_folder := one.is_dir(follow_symlinks=False),
                        not (is_folder or one.is_file(follow_symlinks=False)),
                    )
                    for one in entries
                ]
        finally:
            os.close(handle)
    except OSError as error:
        raise of_error(error) from None
    return sorted(found)


def read_all(handle: int, limit: int) -> bytes:
    """The bytes of a descriptor, `limit` at most and one more, which says that there are too many. Raises OSError."""
    parts: list[bytes] = []
    left = limit + 1
    while left > 0:
        part = os.read(handle, min(left, 1024 * 1024))
        if not part:
            break
        parts.append(part)
        left -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
