"""Create files where nothing is: component by component, through no link, all of them or none."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from generator.bounds.undo import undone_by
from generator.emit.files import write_all
from generator.emit.signals import uninterrupted

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_INSIDE = _FOLDER | os.O_NOFOLLOW
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def in_the_way(folder: Path, names: Mapping[str, bytes]) -> list[str]:
    """What keeps files from being created below a folder: files, links, and anything but folders above them."""
    found = set()
    for name in names:
        place = folder
        *above, _ = parts = name.split("/")
        for depth, part in enumerate(parts):
            place = place / part
            if place.is_symlink() or (os.path.lexists(place) and (depth == len(above) or not place.is_dir())):
                found.add(place.as_posix())
                break
    return sorted(found)


def create_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Create files below a folder, which is made where it is missing; its own path may lead through links.

    Raises OSError, with its filename, when anything is in the way or cannot be written; what was made is removed then,
    and nothing else: a file that replaced ours in the meantime stays.
    """
    undo: list[Callable[[], None]] = []
    opened: list[int] = []

    def back() -> None:
        with uninterrupted():
            for one in reversed(undo):
                with suppress(OSError):
                    one()

    try:
        with undone_by(back):
            for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
                missing.mkdir()
                undo.append(missing.rmdir)
            top = os.open(folder, _FOLDER)
            opened.append(top)
            folders = {"": top}
            for name, data in files.items():
                try:
                    _create(folders, opened, undo, name, data)
                except OSError as error:
                    error.filename = (folder / name).as_posix()
                    raise
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _create(folders: dict[str, int], opened: list[int], undo: list[Callable[[], None]], name: str, data: bytes) -> None:
    *above, last = name.split("/")
    path = ""
    parent = folders[""]
    for part in above:
        path = f"{path}/{part}"
        if path not in folders:
            folders[path] = _folder(parent, part, undo)
            opened.append(folders[path])
        parent = folders[path]
    file = os.open(last, _CREATE, 0o666, dir_fd=parent)
    try:
        undo.append(_remover(parent, last, os.fstat(file)))
        write_all(file, data)
        os.fsync(file)
    finally:
        os.close(file)


def _folder(parent: int, name: str, undo: list[Callable[[], None]]) -> int:
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=parent)
        undo.append(lambda: os.rmdir(name, dir_fd=parent))
    return os.open(name, _INSIDE, dir_fd=parent)


def _remover(parent: int, name: str, made: os.stat_result) -> Callable[[], None]:
    def remove() -> None:
        if os.path.samestat(made, os.stat(name, dir_fd=parent, follow_symlinks=False)):
            os.unlink(name, dir_fd=parent)

    return remove
