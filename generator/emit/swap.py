"""The system calls behind a tree's exchange: swap two folders, sync a file system, hold a lock."""

import errno
import fcntl
import os
import time
from contextlib import suppress
from functools import partial
from stat import S_ISREG

from generator.bounds.undo import undone_by

_RENAME_EXCHANGE = 2
_UNSUPPORTED = frozenset((errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP))


def exchange(folder: int, one: str, other: str) -> bool:
    """Swap two names of an open folder in one step; False where the system cannot. Raises OSError."""
    import ctypes  # noqa: PLC0415 - costs milliseconds, and only a write needs it

    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    if call(folder, os.fsencode(one), folder, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), other)


def sync(folder: int) -> None:
    """Bring all of an open folder's file system to disk. Raises OSError where the disk refuses."""
    import ctypes  # noqa: PLC0415 - costs milliseconds, and only a write needs it

    call = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if call is None:
        os.sync()
    elif call(folder) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def swap(folder: int, new: str, current: str, aside: str) -> None:
    """Put `new` in the place of `current`, which takes the name of `new`. Raises OSError with both as they were.

    Where the system cannot exchange, `current` steps aside for a moment: `recover` brings it back.
    """
    if exchange(folder, new, current):
        return
    rename = partial(os.rename, src_dir_fd=folder, dst_dir_fd=folder)
    rename(current, aside)
    with undone_by(partial(rename, aside, current)):
        rename(new, current)
        with undone_by(partial(rename, current, new)):
            rename(aside, new)


def recover(folder: int, current: str, aside: str) -> None:
    """Put a tree back that an earlier run had set aside when it died. Raises OSError."""
    if exists(folder, aside) and not exists(folder, current):
        os.rename(aside, current, src_dir_fd=folder, dst_dir_fd=folder)


def exists(folder: int, name: str) -> bool:
    """Whether an open folder has an entry of this name, a dangling link included. Raises OSError."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


_held: set[int] = set()


def _let_go() -> None:
    """Close every lock's descriptor, as the first thing a forked child does.

    The lock belongs to the open file, which parent and child share: a child that kept it would keep the lock of a
    parent that was killed.
    """
    for descriptor in _held:
        with suppress(OSError):
            os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_let_go)


def lock(folder: int, name: str) -> int | None:
    """Take a lock by a file in an open folder; gives what `unlock` needs, None where another holds it.

    Raises OSError. The system releases the lock of a process that dies; its forked children do not hold it.
    """
    while True:
        held = os.open(
            name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666, dir_fd=folder
        )
        try:
            with undone_by(partial(release, held)):
                # Noted before the lock is taken: no fork in between leaves a child that holds it.
                _held.add(held)
                about = _lock_file(held, name)
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Whoever held it before may have removed the file between our open and our lock.
                if os.path.samestat(about, os.stat(name, dir_fd=folder, follow_symlinks=False)):
                    return held
        except BlockingIOError:
            return None
        except FileNotFoundError:
            continue
        release(held)


def _lock_file(held: int, name: str) -> os.stat_result:
    about = os.fstat(held)
    if not S_ISREG(about.st_mode) or about.st_size:
        raise FileExistsError(errno.EEXIST, "what is in the place of the lock is not a lock", name)
    return about


def lock_soon(folder: int, name: str, seconds: float = 60) -> int | None:
    """Take a lock that others hold for moments only: as `lock`, after a wait of at most so many seconds."""
    end = time.monotonic() + seconds
    while (held := lock(folder, name)) is None and time.monotonic() < end:
        time.sleep(0.01)
    return held


def is_held(folder: int, name: str) -> bool:
    """Whether a living process holds a lock; creates nothing. Raises OSError, not for a missing file."""
    try:
        found = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return False
    _held.add(found)
    try:
        fcntl.flock(found, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        release(found)
    return False


def release(held: int) -> None:
    """Release a lock and leave its file where it is."""
    _held.discard(held)
    os.close(held)


def unlock(folder: int, name: str, held: int) -> None:
    """Let go of a lock and remove its file."""
    try:
        os.unlink(name, dir_fd=folder)
    except OSError:
        pass  # the lock goes with the descriptor, whatever becomes of the file
    finally:
        release(held)
