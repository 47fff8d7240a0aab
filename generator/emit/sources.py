"""Where output may go: apart from the files it is made of, by path and by what the system knows folders by."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from generator.emit import rules
from generator.emit.failures import halt

_WILD = "*?["
Identity = tuple[int, int]


def check_output(output: Path, sources: Iterable[Path], root: Path | None = None) -> None:
    """Raises Halt where an output folder is, contains or lies inside a source, or is part of a Git folder.

    A source is a file, or a folder with everything below it; one with `*` or `?` is the folder before that part.
    `root` is the folder of the sources: output may lie inside of it, but not be it or contain it. Links, names on
    file systems without case and folders mounted twice make no difference: folders are compared by device and inode.
    """
    shown = output.as_posix()
    place = _real(output)
    _check_kind(output, shown)
    _check_git(place, shown)
    seen = _Seen()
    above = seen.chain(place)
    if root is not None and _within(seen, _real(root), place):
        message = f"the output folder {shown} is, or contains, the folder of the sources, {_name(root)}"
        raise halt(rules.PLACE, message, shown, "name a folder of its own, such as `--output-dir rendered`")
    for source in dict.fromkeys(map(_static, sources)):
        real = _real(source)
        if root is not None and real == _real(root):
            continue
        if _within(seen, real, place):
            relation = "is" if real == place else "contains"
        elif real.is_dir() or not real.exists():
            inside = real in (place, *place.parents) or (_identity(real) or (0, 0)) in above
            relation = "lies inside" if inside else ""
        else:
            relation = ""
        if relation:
            message = f"the output folder {shown} {relation} the source {_name(source)}"
            raise halt(rules.PLACE, message, shown, "name a folder of its own, such as `--output-dir rendered`")


def _check_kind(output: Path, shown: str) -> None:
    if output.is_symlink():
        raise halt(rules.SYMLINK, f"{shown} is a symbolic link", shown, "name the folder itself")
    if output.exists() and not output.is_dir():
        raise halt(
            rules.NOT_A_FOLDER,
            f"{shown} is a file, not a folder",
            shown,
            f"move {shown} away, or name another folder with `--output-dir`",
        )


def _check_git(place: Path, shown: str) -> None:
    for folder in (place, *place.parents):
        bare = all((folder / name).is_dir() for name in ("objects", "refs")) and (folder / "HEAD").is_file()
        if folder.name.lower() == ".git" or bare:
            message = f"the output folder {shown} lies inside {folder.name}, which belongs to Git"
            raise halt(rules.PLACE, message, shown, "name a folder of the work tree")


class _Seen:
    """The folders above paths, each looked up once."""

    def __init__(self) -> None:
        self._chains: dict[Path, frozenset[Identity]] = {}

    def chain(self, path: Path) -> frozenset[Identity]:
        """What the system knows a path and every folder above it by; what is missing is left out."""
        if path not in self._chains:
            own = _identity(path)
            above = self.chain(path.parent) if path != path.parent else frozenset()
            self._chains[path] = above | {own} if own else above
        return self._chains[path]


def _within(seen: _Seen, path: Path, folder: Path) -> bool:
    """Whether a path is a folder or lies in it."""
    if path == folder or folder in path.parents:
        return True
    own = _identity(folder)
    return own is not None and own in seen.chain(path)


def _identity(path: Path) -> Identity | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _name(path: Path) -> str:
    name = path.as_posix()
    return name if name != "." else path.absolute().as_posix()


def _static(source: Path) -> Path:
    """A source; of a pattern the folder whose files it chooses from."""
    parts = list(_before_wild(source.parts))
    return Path(*parts) if parts else Path()


def _before_wild(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        if any(sign in part for sign in _WILD):
            return
        yield part
