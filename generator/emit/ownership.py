"""Who made the files of a tree: its record names what qatgen wrote, everything else is unknown.

The record is read line by line where it is not JSON (branches that were merged leave conflict markers in it), and only
for what ownership needs: names and digests. So records of older releases, and both sides of a conflict, keep counting.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import Any

from generator.emit.remove import entries_of

RECORD = ".qatgen.json"
SHARED_RECORD = ".qatgen.index"
"""The record of a tree without a kustomization, where Argo CD would take a .json for a manifest."""
RECORDS = (RECORD, SHARED_RECORD)

_LARGEST = 1 << 28
_LINE = re.compile(r'\s*("(?:[^"\\]|\\.)*"): \{"sha256": "([0-9a-f]{64})"')
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

Digests = Mapping[str, frozenset[str]]
Derived = Callable[[Iterable[str]], Mapping[str, bytes]]
Stamp = tuple[int, int, int, int]


def digest(raw: bytes) -> str:
    """What a file's content is known by."""
    return hashlib.sha256(raw).hexdigest()


def _nothing(_names: Iterable[str]) -> Mapping[str, bytes]:
    return {}


def _nobody(_tree: Path) -> Collection[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Form:
    """What a kind of tree holds besides the files of its record.

    `derived` gives files whose content follows from the record's names (a kustomization.yaml); `earlier` the names of
    the files that a release without records made, where a tree has its form.
    """

    derived: Derived = _nothing
    earlier: Callable[[Path], Collection[str]] = _nobody


PLAIN = Form()


@dataclass(frozen=True, slots=True)
class Found:
    """What a tree holds that a write would take away.

    `unknown` are files, links and the like that no record names; `edited` those of the record whose content is
    neither what the record says nor what is written now. `recorded` says whether there is a record that can be read.
    """

    unknown: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    recorded: bool = True
    stamps: Mapping[str, Stamp] = field(default_factory=dict)


def read_bytes(path: str) -> bytes | None:
    """A regular file's content, links not followed; None for anything else. Raises OSError, not for a missing file."""
    try:
        file = os.open(path, _READ)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        if os.path.islink(path):  # noqa: PTH114 - a text, as the tree's listing has it
            return None
        raise
    try:
        found = os.fstat(file)
        if not S_ISREG(found.st_mode):
            return None
        parts = []
        while part := os.read(file, max(found.st_size + 1, 1 << 16)):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(file)


def recorded_in(raw: bytes) -> Digests:
    """The names a record has, with the digests each may have; nothing of a file that is not a record."""
    text = raw.decode("utf-8", errors="replace")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return _by_line(text)
    files = data.get("files") if isinstance(data, dict) else None
    if not isinstance(files, dict):
        return {}
    digests = {name: about.get("sha256") for name, about in files.items() if isinstance(about, dict)}
    return {name: frozenset((value,)) for name, value in digests.items() if isinstance(value, str)}


def _by_line(text: str) -> Digests:
    found: dict[str, frozenset[str]] = {}
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is not None:
            try:
                name = str(json.loads(match[1]))
            except ValueError:
                continue
            found[name] = found.get(name, frozenset()) | {match[2]}
    return found


def owned_by(tree: Path) -> tuple[Digests, frozenset[str]]:
    """The files that the records of a tree name, and the records that could be read. Raises OSError."""
    names: dict[str, frozenset[str]] = {}
    records = []
    for record in RECORDS:
        raw = read_bytes(f"{tree}/{record}")
        found = recorded_in(raw) if raw is not None and len(raw) <= _LARGEST else {}
        if found:
            records.append(record)
        for name, digests in found.items():
            names[name] = names.get(name, frozenset()) | digests
    return names, frozenset(records)


def stamps_of(tree: Path) -> dict[str, Stamp]:
    """Every entry of a tree but folders, with what changes when it does; nothing of a missing tree. Raises OSError."""
    stamps = {}
    try:
        for name, entry in entries_of(tree):
            if not entry.is_dir(follow_symlinks=False):
                about = entry.stat(follow_symlinks=False)
                stamps[name] = (about.st_mode, about.st_ino, about.st_size, about.st_mtime_ns)
    except FileNotFoundError:
        if os.path.lexists(tree):
            raise
    return stamps


def seal(stamps: Mapping[str, Stamp]) -> str:
    """A short text that is another one when any of the stamps is."""
    return digest(repr(sorted(stamps.items())).encode("utf-8", "surrogateescape"))


def look(tree: Path, form: Form, written: Callable[[str], bytes | None]) -> Found:
    """What is in a tree that is to be replaced; `written` gives what is written under a name. Raises OSError."""
    stamps = stamps_of(tree)
    if not stamps:
        return Found()
    digests, records = owned_by(tree)
    derived: Mapping[str, bytes] = form.derived(digests)
    own: dict[str, frozenset[str]] = dict(digests)
    if records:
        own |= {name: frozenset((digest(raw),)) for name, raw in derived.items()}
    else:
        own |= {name: frozenset() for name in form.earlier(tree)}
        own |= {name: frozenset() for name, raw in derived.items() if read_bytes(f"{tree}/{name}") == raw}
    unknown, edited = [], []
    for name, stamp in sorted(stamps.items()):
        if name in records:
            continue
        if name not in own or not S_ISREG(stamp[0]):
            unknown.append(name)
        elif own[name] and _edited(f"{tree}/{name}", own[name], name, written):
            edited.append(name)
    return Found(tuple(unknown), tuple(edited), bool(records) or not unknown, stamps)


def _edited(path: str, digests: Collection[str], name: str, written: Callable[[str], Any]) -> bool:
    raw = read_bytes(path)
    if raw is None or digest(raw) in digests:
        return False
    # A checkout with other line ends is not an edit.
    if b"\r\n" in raw and digest(raw.replace(b"\r\n", b"\n")) in digests:
        return False
    return bool(written(name) != raw)
