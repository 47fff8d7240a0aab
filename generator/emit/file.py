"""Put single files in place: whole or not at all, all of them or none, and never over what was not looked at."""

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_IMODE, S_ISREG

from generator.bounds.undo import undone_by
from generator.emit import rules
from generator.emit.failures import failed, halt
from generator.emit.files import write_all
from generator.emit.ownership import read_bytes
from generator.emit.remove import mode_of, staging_names
from generator.emit.signals import uninterrupted
from generator.emit.swap import lock, unlock

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file's new content, and the content it was made of: None where the file must not be there yet."""

    path: Path
    data: bytes
    before: bytes | None


def put_file(path: Path, data: bytes) -> bool:
    """Write a file, making folders as needed; returns whether its bytes changed. Raises Halt, the file as it was.

    The caller knows that the file may be replaced; a link or anything but a file may not.
    """
    return put_files([NewFile(path, data, current(path))])[0]


def current(path: Path) -> bytes | None:
    """What a file holds; None where it is missing. Raises Halt for a link and whatever else is not a file."""
    shown = path.as_posix()
    try:
        if path.is_symlink():
            target = os.path.realpath(path)
            raise halt(rules.SYMLINK, f"{shown} is a link to {target}", shown, f"name the file itself: {target}")
        if os.path.lexists(path) and not path.is_file():
            raise halt(rules.CANNOT_WRITE, f"{shown} is not a file", shown, "move it away")
        return read_bytes(shown)
    except OSError as error:
        raise failed(error, shown) from error


def put_files(files: Sequence[NewFile]) -> list[bool]:
    """Write files, all or none; returns of each whether its bytes changed. Raises Halt with every file as it was.

    All are written beside their places and synced before the first is renamed. A file keeps its mode, and its owner
    and attributes where the system lets us; one with several names (hard links) is written in place, so that all of
    them go on naming it. A file that changed since it was read stops everything.
    """
    undo: list[Callable[[], None]] = []
    shown = files[0].path.as_posix() if files else ""
    todo = [file for file in files if file.before != file.data]

    def back() -> None:
        for one in reversed(undo):
            one()

    try:
        with ExitStack() as stack:
            staged = []
            for file in todo:
                shown = file.path.as_posix()
                staged.append(stack.enter_context(_staged(file)))
            with uninterrupted(), undone_by(back):
                for file, (folder, new) in zip(todo, staged, strict=True):
                    shown = file.path.as_posix()
                    undo.append(_place(file, folder, new))
                for folder in {folder: None for folder, _ in staged}:
                    os.fsync(folder)
    except OSError as error:
        raise failed(error, shown) from error
    return [file.before != file.data for file in files]


@contextmanager
def _staged(file: NewFile) -> Iterator[tuple[int, str]]:
    """The new content under a name of its own beside the file, with the folder; the name is gone afterwards."""
    new, _, lock_name = staging_names(file.path.name)
    made = [one for one in file.path.parents if not one.exists()]
    file.path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(file.path.parent, _FOLDER)
    held = None
    try:
        # Where a dead run left both the lock and the new file, the new file is ours; alone it is the user's.
        stale = bool(mode_of(folder, lock_name))
        held = lock(folder, lock_name)
        shown = file.path.as_posix()
        if held is None:
            raise halt(rules.LOCKED, f"another run is writing {shown}", shown, "wait until the other run is done")
        if mode_of(folder, new):
            if not stale:
                place = (file.path.parent / new).as_posix()
                raise halt(
                    rules.UNKNOWN, f"{place} is in the way", place, "move it away: qatgen writes there for a moment"
                )
            os.unlink(new, dir_fd=folder)
        try:
            _write(folder, new, file)
            yield folder, new
        finally:
            with suppress(OSError):
                os.unlink(new, dir_fd=folder)
    finally:
        if held is not None:
            unlock(folder, lock_name, held)
        os.close(folder)
        for one in made:
            with suppress(OSError):  # it holds a file now, as it should
                one.rmdir()


def _write(folder: int, name: str, file: NewFile) -> None:
    descriptor = os.open(name, _CREATE, 0o666, dir_fd=folder)
    try:
        write_all(descriptor, file.data)
        if file.before is not None:
            _alike(descriptor, file.path)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _alike(descriptor: int, path: Path) -> None:
    """Give a new file the mode of the one it replaces; owner and attributes where the system lets us."""
    about = path.lstat()
    with suppress(OSError):
        os.fchown(descriptor, about.st_uid, about.st_gid)
    os.fchmod(descriptor, S_IMODE(about.st_mode))
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(path, follow_symlinks=False):
                with suppress(OSError):
                    os.setxattr(descriptor, name, os.getxattr(path, name, follow_symlinks=False))


def _place(file: NewFile, folder: int, new: str) -> Callable[[], None]:
    """Put the staged content in place; gives what takes it back. Raises Halt for a file that changed, OSError."""
    name, before = file.path.name, file.before
    if current(file.path) != before:
        shown = file.path.as_posix()
        raise halt(rules.CHANGED, f"{shown} was changed while it was read", shown, "run the command again")
    if before is None:
        try:
            os.link(new, name, src_dir_fd=folder, dst_dir_fd=folder)  # unlike a rename it replaces nothing
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK):
                raise
            os.rename(new, name, src_dir_fd=folder, dst_dir_fd=folder)
        return lambda: os.unlink(name, dir_fd=folder)
    about = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if about.st_nlink > 1:
        _overwrite(folder, name, file.data)
        return lambda: _overwrite(folder, name, before)
    os.rename(new, name, src_dir_fd=folder, dst_dir_fd=folder)
    return lambda: _restore(folder, new, file)


def _restore(folder: int, new: str, file: NewFile) -> None:
    _write(folder, new, NewFile(file.path, file.before or b"", file.data))
    os.rename(new, file.path.name, src_dir_fd=folder, dst_dir_fd=folder)


def _overwrite(folder: int, name: str, data: bytes) -> None:
    """Write a file in place: what it is about to hold is on disk beside it."""
    descriptor = os.open(name, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        if not S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        write_all(descriptor, data)
        os.ftruncate(descriptor, len(data))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
