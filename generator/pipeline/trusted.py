"""What a check found current, remembered outside of the trees.

While nothing that was read looks different (`stamps`), nothing needs to be rendered again. The memory is the checker's
own, and is believed only where nobody else can have written it: a tree's record may have been committed by anybody.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from generator import __version__
from generator.pipeline.gitfolder import git_folder
from generator.pipeline.stamps import COARSEST, UnsureError, Watched, lasting, look

_LARGEST = 1 << 26
"""Bytes of a memory that is read."""
_FOLDER = "qatgen"
_OTHERS_WRITE = 0o022


@dataclass(frozen=True, slots=True)
class Memory:
    """What was found current: when the look began (nanoseconds), what it saw, and the trees' records that are right.

    `key` is what another check has to have in common: versions, options, settings. `sources` are those of the trees.
    `records` are digests of the trees' records by tree, `findings` how many warnings there were.
    """

    key: tuple[str, ...]
    began: int
    seen: str
    sources: tuple[str, ...]
    records: Mapping[str, str] = field(default_factory=dict)
    findings: int = 0


def memory_file(root: Path, cache: Path | None) -> Path | None:
    """Where a project's memory is kept: in its git folder, else in the user's cache; None where there is neither."""
    if os.path.lexists(root / ".git"):
        with suppress(OSError):
            git = git_folder(root)
            if git is not None and git.is_dir():
                return git / _FOLDER / "check.json"
    if cache is None or not cache.is_absolute():
        return None
    return cache / _FOLDER / f"{hashlib.sha256(os.fsencode(root.absolute())).hexdigest()[:24]}.json"


def versions() -> list[str]:
    """Everything installed that a verdict comes from: qatgen, Python, and the names of all installed distributions."""
    installed: list[str] = []
    for folder in sys.path:
        with suppress(OSError):
            names = os.listdir(folder or ".")  # noqa: PTH208 - names alone
            installed += sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))
    return [__version__, sys.version, hashlib.sha256("\n".join(installed).encode(errors="replace")).hexdigest()]


def recall(place: Path | None) -> Memory | None:
    """What is remembered; None where there is nothing, or nothing to be believed."""
    if place is None:
        return None
    try:
        with _own_folder(place.parent) as folder:
            opened = os.open(place.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
            with os.fdopen(opened, "rb") as file:
                _check_own(os.fstat(opened), is_folder=False)
                raw = file.read(_LARGEST + 1)
        sum_of, _, text = raw.partition(b"\n")
        if len(raw) > _LARGEST or sum_of != _checksum(text):
            return None
        data = json.loads(text)
        return Memory(
            key=tuple(data["key"]),
            began=data["began"],
            seen=data["seen"],
            sources=tuple(data["sources"]),
            records=dict(data["records"]),
            findings=int(data["findings"]),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def is_current(memory: Memory, key: Sequence[str], root: Path, output: Path) -> bool:
    """Whether everything is as it was when a check with the same `key` found it current."""
    if memory.key != tuple(key) or time.time_ns() < memory.began:
        return False
    young = memory.began - COARSEST
    try:
        return lasting(look(Watched(root, output, memory.sources), young), young) == memory.seen
    except UnsureError:
        return False


def is_of_another_version(memory: Memory | None) -> bool:
    """Whether another version of the tool remembered: what it found current need not be so now."""
    return memory is not None and memory.key[:1] != (__version__,)


def remember(place: Path | None, memory: Memory) -> None:
    """Remember what was found current; without a place that is the user's own, nothing is remembered.

    Nothing is remembered either where the clock went backwards since, or where the file system's clock is another:
    times say nothing then.
    """
    text = json.dumps(asdict(memory), sort_keys=True, separators=(",", ":")).encode()
    if place is None or time.time_ns() < memory.began or len(text) >= _LARGEST:
        return
    with suppress(OSError), _own_folder(place.parent, make=True) as folder:
        _put(folder, place.name, _checksum(text) + b"\n" + text)


def _put(folder: int, name: str, raw: bytes) -> None:
    """A file of an open folder, written anew beside it and renamed. Raises OSError."""
    partial = f"{name}.{os.getpid()}"
    with suppress(FileNotFoundError):
        os.unlink(partial, dir_fd=folder)  # what a run of the same number left when it was killed
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    opened = os.open(partial, flags, 0o600, dir_fd=folder)
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(raw)
            file.flush()
            behind = time.time_ns() - os.fstat(opened).st_mtime_ns
        if abs(behind) <= COARSEST:
            os.rename(partial, name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(partial, dir_fd=folder)


@contextmanager
def _own_folder(path: Path, *, make: bool = False) -> Iterator[int]:
    """A folder and the one it is in, opened; both have to be the user's own. Raises OSError where they are not."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    if make:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    above = os.open(path.parent, flags)
    try:
        _check_own(os.fstat(above), is_folder=True)
        if make:
            with suppress(FileExistsError):
                os.mkdir(path.name, 0o700, dir_fd=above)
        opened = os.open(path.name, flags, dir_fd=above)
        try:
            _check_own(os.fstat(opened), is_folder=True)
            yield opened
        finally:
            os.close(opened)
    finally:
        os.close(above)


def _check_own(about: os.stat_result, *, is_folder: bool) -> None:
    kind = S_ISDIR if is_folder else S_ISREG
    if not kind(about.st_mode) or about.st_uid != os.geteuid() or about.st_mode & _OTHERS_WRITE:
        raise PermissionError("it is not the user's own, or others can write it")


def _checksum(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()
