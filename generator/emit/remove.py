"""Remove what a run of ours left: folders without following links, also where a folder may not be written to."""

import itertools
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from generator.bounds.undo import undone_by
from generator.emit.swap import exists, lock, recover, unlock

_LEFT = re.compile(r"\.(?P<name>.+?)\.qatgen\.(?:old\.new|new|lock)\Z", re.DOTALL)
_DEEPEST = 50
"""Levels of folders that are open at a time."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def staging_names(name: str) -> tuple[str, str, str]:
    """What is next to a tree of this name while it is written: the new tree, the old one set aside, the lock."""
    return f".{name}.qatgen.new", f".{name}.qatgen.old.new", f".{name}.qatgen.lock"


def mode_of(folder: int, name: str) -> int:
    """The mode of an entry of an open folder, links not followed; 0 where it is missing. Raises OSError."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return 0


def remove_folder(folder: int, name: str) -> None:
    """Remove a folder of an open folder with everything in it. Raises OSError; a link raises NotADirectoryError.

    Folders inside that may not be read or written to get the rights first: a dead run may have left them so. Those
    nested deep are moved up before they are emptied, so that no depth needs more than a few open folders.
    """
    top = _open(folder, name)
    try:
        names = map(str, itertools.count())
        while _empty(top, top, names, 0):
            pass
    finally:
        os.close(top)
    os.rmdir(name, dir_fd=folder)


def _empty(top: int, folder: int, names: Iterator[str], depth: int) -> bool:
    """Remove what an open folder holds; whether folders were moved to one of `names` in `top`, and are still there."""
    moved = False
    with os.scandir(folder) as found:
        entries = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in found]
    for name, is_folder in entries:
        if not is_folder:
            os.unlink(name, dir_fd=folder)
            continue
        inner = _open(folder, name)
        try:
            if depth < _DEEPEST:
                moved |= _empty(top, inner, names, depth + 1)
        finally:
            os.close(inner)
        if depth < _DEEPEST:
            os.rmdir(name, dir_fd=folder)
        else:
            os.rename(name, _unused(top, names), src_dir_fd=folder, dst_dir_fd=top)
            moved = True
    return moved


def _unused(folder: int, names: Iterator[str]) -> str:
    return next(name for name in names if not exists(folder, name))


def _open(folder: int, name: str) -> int:
    with suppress(PermissionError):
        inner = os.open(name, _FOLDER, dir_fd=folder)
        # Of another's folder the rights stay: removing what is in it says what is wrong.
        with undone_by(partial(os.close, inner)), suppress(PermissionError):
            if os.fstat(inner).st_mode & 0o700 != 0o700:
                os.fchmod(inner, 0o700)
        return inner
    # Of a folder that may not be read the rights are changed by its name: through a descriptor where the system has
    # a way, so that no link that comes in between is followed.
    if hasattr(os, "O_PATH"):
        handle = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
        try:
            Path(f"/proc/self/fd/{handle}").chmod(0o700)
        finally:
            os.close(handle)
    else:
        os.chmod(name, 0o700, dir_fd=folder, follow_symlinks=False)
    return os.open(name, _FOLDER, dir_fd=folder)


def clear_staging(folder: int, name: str) -> None:
    """Remove the folders that stand beside a tree, whose lock the caller holds. Files are not ours. Raises OSError."""
    for left in staging_names(name)[:2]:
        if S_ISDIR(mode_of(folder, left)):
            remove_folder(folder, left)


def remove_empty(folder: Path) -> bool:
    """Remove a folder in which nothing is; whether it is gone. One that holds anything stays."""
    try:
        folder.rmdir()
    except OSError:
        return not os.path.lexists(folder)
    return True


def sweep(folder: int) -> None:
    """Remove what dead runs left in an open folder: trees half written, trees set aside, locks.

    A tree set aside whose place is empty comes back. What a living run holds stays; so does all that cannot be removed.
    """
    for name in sorted({found["name"] for found in map(_LEFT.match, os.listdir(folder)) if found}):
        with suppress(OSError):
            _sweep_one(folder, name)


def _sweep_one(folder: int, name: str) -> None:
    new, aside, lock_name = staging_names(name)
    mode = mode_of(folder, lock_name)
    if mode and (not S_ISREG(mode) or os.stat(lock_name, dir_fd=folder, follow_symlinks=False).st_size):
        return  # a lock of ours is an empty file
    if not mode and not any(S_ISDIR(mode_of(folder, one)) for one in (new, aside)):
        return
    held = lock(folder, lock_name)
    if held is None:
        return
    try:
        recover(folder, name, aside)
        clear_staging(folder, name)
        if mode and S_ISREG(mode_of(folder, new)):
            os.unlink(new, dir_fd=folder)  # a single file that was being written: its lock says that it is ours
    finally:
        unlock(folder, lock_name, held)


def entries_of(root: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every entry below a folder by its name relative to it, links not followed. Raises OSError."""
    todo = [""]
    while todo:
        base = todo.pop()
        with os.scandir(f"{root}/{base}") as found:
            for entry in found:
                name = base + entry.name
                yield name, entry
                if entry.is_dir(follow_symlinks=False):
                    todo.append(name + "/")
