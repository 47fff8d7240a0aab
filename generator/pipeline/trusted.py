"""What a check found current, remembered outside of the trees: files and folders by size, time and inode.

While none of them changed, nothing needs to be rendered again. The record is the checker's own: what stands in a tree
may have been committed by anybody.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from stat import S_ISDIR

from generator import __version__

_SOURCES = ("overlays", "templates", "policies", "schemas")
Stamp = tuple[int, int, int]


def record_file(root: Path, cache: Path) -> Path:
    """Where the record of a project is kept: in its git folder, else in the user's cache."""
    git = root.absolute() / ".git"
    if git.is_dir():
        return git / "qatgen" / "check.json"
    return cache / "qatgen" / f"{hashlib.sha256(str(root.absolute()).encode()).hexdigest()[:24]}.json"


def is_trusted(place: Path, key: Sequence[str]) -> bool:
    """Whether everything is as it was when a check with the same `key` (its options) found it current.

    `place` is the record's file.
    """
    try:
        data = json.loads(place.read_text(encoding="utf-8"))
        if data["key"] != [__version__, *key]:
            return False
        return all(_stamp(path) == (stamp and tuple(stamp)) for path, stamp in data["entries"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def is_of_another_version(place: Path) -> bool:
    """Whether a check was remembered by another version of the tool: what it found current need not be so now."""
    try:
        return bool(json.loads(place.read_text(encoding="utf-8"))["key"][0] != __version__)
    except (OSError, ValueError, LookupError, TypeError):
        return False


def trust(place: Path, root: Path, key: Sequence[str], sources: Iterable[str], output: Path) -> None:
    """Remember that everything is current; without a place to write to, nothing is remembered.

    `sources` are files and patterns of files relative to `root`, the spec's folder.
    """
    watched = (path for source in sources for path in _watched(root, source))
    entries = {str(path.absolute()): _stamp(str(path.absolute())) for path in (*watched, *_walk(root, output))}
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"key": [__version__, *key], "entries": entries})
        partial = place.with_suffix(f".{os.getpid()}")
        partial.write_text(text, encoding="utf-8")
        partial.replace(place)
    except OSError:
        return


def _watched(root: Path, source: str) -> Iterator[Path]:
    """A source; of a pattern the folders in which a file could come to be meant by it."""
    wild = next((index for index, part in enumerate(source.split("/")) if any(sign in part for sign in "*?[")), None)
    yield root / source
    if wild is not None:
        for folder, _, _ in os.walk(root.joinpath(*source.split("/")[:wild])):
            yield Path(folder)


def _walk(root: Path, output: Path) -> Iterator[Path]:
    """Every source and every rendered file, and the folders that hold them: a new file changes its folder's time."""
    yield root
    package = Path(__file__).parents[1]
    for top in (*(root / name for name in _SOURCES), output, package):
        for folder, folders, names in os.walk(top):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            yield Path(folder)
            yield from (Path(folder, name) for name in names)


def _stamp(path: str) -> Stamp | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return 0 if S_ISDIR(found.st_mode) else found.st_size, found.st_mtime_ns, found.st_ino
