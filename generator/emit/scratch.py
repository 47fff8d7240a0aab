"""Folders for what is made and thrown away; those of runs that died are removed by the next."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISDIR

from generator.emit.remove import mode_of, remove_folder
from generator.emit.swap import lock, release

_PREFIX = "qatgen-"
_LOCK = ".lock"


@contextmanager
def scratch(purpose: str = "") -> Iterator[Path]:
    """A folder in the system's temporary folder, gone afterwards. Raises OSError.

    A lock in the folder says that its run lives; folders of ours whose lock nobody holds are removed first.
    """
    top = os.open(tempfile.gettempdir(), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _sweep(top)
        name, held = _make(top, f"{_PREFIX}{purpose}-" if purpose else _PREFIX)
        try:
            yield Path(tempfile.gettempdir()) / name
        finally:
            with suppress(OSError):  # what cannot be removed now the next run tries again
                remove_folder(top, name)
            release(held)
    finally:
        os.close(top)


def _make(top: int, prefix: str) -> tuple[str, int]:
    """A new folder and its lock; another run may sweep the folder away between the two, then it is made again."""
    while True:
        name = Path(tempfile.mkdtemp(prefix=prefix)).name
        with suppress(FileNotFoundError):
            folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=top)
            try:
                held = lock(folder, _LOCK)
            finally:
                os.close(folder)
            if held is not None:
                return name, held


def _sweep(top: int) -> None:
    """Remove folders of dead runs: our name, our owner, no link, and a lock that nobody holds, or still empty."""
    with suppress(OSError), os.scandir(top) as found:
        names = [entry.name for entry in found if entry.name.startswith(_PREFIX)]
        for name in names:
            with suppress(OSError):
                _sweep_one(top, name)


def _sweep_one(top: int, name: str) -> None:
    about = os.stat(name, dir_fd=top, follow_symlinks=False)
    if not S_ISDIR(about.st_mode) or about.st_uid != os.geteuid():
        return
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=top)
    try:
        if not mode_of(folder, _LOCK):
            os.rmdir(name, dir_fd=top)  # a run died before it locked the folder; what holds anything is not removed
            return
        held = lock(folder, _LOCK)
    finally:
        os.close(folder)
    if held is not None:
        try:
            remove_folder(top, name)
        finally:
            release(held)
