"""The journal of an exchange: several trees become new together, also where the run dies between two of them.

The journal is a file in the folder that holds the trees, beside them. The order of a commit, and why:

1. The staged files and folders are synced (`syncfs`): a journal must never promise a tree that the disk lacks.
2. The journal is written to a name of its own, synced, renamed, and the folder is synced: from here on the new trees
   are decided. A run that died before has changed nothing, a repair after it leaves all old.
3. The trees are exchanged, one after another. A run that died here leaves some new, some old; the journal says which
   are to be new, and a repair rolls forward: it exchanges those that are still old. It never rolls back.
4. The folder is synced: the exchanges are on disk before the journal goes.
5. The journal is removed and the folder synced: a journal that came back would name trees that are gone.
6. The old trees are removed. Before 5 they must stay: they stand under the names that a repair looks at.

All of 2 to 5 happens under the folder's lock, which every run that writes the folder takes before it takes a tree's
lock, for moments only; nobody waits for a tree's lock. So runs for different environments cannot wait for each other,
and a journal that is found while the folder's lock is free belongs to a run that died.

The journal is not believed. It names folders beside itself, and a new tree is known by its inode: a journal that was
copied, committed or made by hand matches no folder, is a finding, and moves nothing.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any

from generator.bounds.undo import undone_by
from generator.emit import rules
from generator.emit.failures import failed
from generator.emit.files import is_safe, write_all
from generator.emit.ownership import seal, stamps_of
from generator.emit.remove import clear_staging, mode_of, remove_folder, staging_names, sweep
from generator.emit.signals import uninterrupted
from generator.emit.swap import exists, is_held, lock_soon, swap, unlock
from generator.finding import Finding, Halt, Rule
from generator.location import Span

JOURNAL = ".qatgen.journal"
FOLDER_LOCK = ".qatgen.lock"
_NEW = ".qatgen.journal.new"
_LARGEST = 1 << 20
_ABOUT = "An exchange of trees that is under way, or that a run which died left unfinished; `qatgen check --repair`."


@dataclass(frozen=True, slots=True)
class Exchange:
    """One tree to become new: its name, the inode of the staged folder, and the seal of what is in its place."""

    name: str
    inode: int
    old: str


def write_journal(folder: int, exchanges: list[Exchange]) -> None:
    """Put the journal in an open folder and bring it to disk. Raises OSError, the folder without a journal."""
    about = {
        "about": _ABOUT,
        "folder": os.fstat(folder).st_ino,
        "trees": {one.name: {"new": one.inode, "old": one.old} for one in exchanges},
    }
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

    def back() -> None:
        for name in (_NEW, JOURNAL):
            with suppress(OSError):
                os.unlink(name, dir_fd=folder)

    file = os.open(_NEW, flags, 0o666, dir_fd=folder)
    with undone_by(back):
        try:
            write_all(file, (json.dumps(about, indent=1) + "\n").encode())
            os.fsync(file)
        finally:
            os.close(file)
        os.rename(_NEW, JOURNAL, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)


def remove_journal(folder: int) -> None:
    """Take the journal away, for good. Raises OSError."""
    os.unlink(JOURNAL, dir_fd=folder)
    os.fsync(folder)


def unfinished(folder: Path) -> Finding | None:
    """What a command that only reads reports of a folder of trees: nothing, or a journal in it. Changes nothing."""
    opened = _open(folder)
    if opened is None:
        return None
    try:
        if not mode_of(opened, JOURNAL):
            return None
        if is_held(opened, FOLDER_LOCK):
            return _at_work(folder)
    except OSError:
        pass  # the finding below is true all the same
    finally:
        os.close(opened)
    message = f"a run that died left its exchange of trees in {folder} unfinished: some trees may be new, some old"
    hint = "finish it with `--repair`, or run `qatgen render`"
    return _finding(rules.UNFINISHED, message, folder / JOURNAL, hint)


def repair(folder: Path) -> bool:
    """Finish what a run that died left in a folder of trees, under its lock; whether there was a journal.

    Raises Halt: another run is at work, or the journal is not one of this folder.
    """
    opened = _open(folder)
    if opened is None:
        return False
    try:
        if not mode_of(opened, JOURNAL):
            return False
        with FolderLock(opened, folder):
            return True
    except OSError as error:
        raise failed(error, str(folder)) from error
    finally:
        os.close(opened)


class FolderLock:
    """The lock of a folder that holds trees, as a context; entering finishes what a dead run left.

    Raises Halt where another run holds it for long, or where its journal cannot be followed, and OSError.
    """

    def __init__(self, folder: int, shown: Path) -> None:
        self._folder, self._shown = folder, shown
        self._held: int | None = None

    def __enter__(self) -> None:
        self._held = lock_soon(self._folder, FOLDER_LOCK)
        if self._held is None:
            raise Halt([_at_work(self._shown)])
        with undone_by(self.__exit__), uninterrupted():
            _roll_forward(self._folder, self._shown)
            if S_ISREG(mode_of(self._folder, _NEW)):
                os.unlink(_NEW, dir_fd=self._folder)
            sweep(self._folder)

    def __exit__(self, *_: object) -> None:
        if self._held is not None:
            unlock(self._folder, FOLDER_LOCK, self._held)
            self._held = None


def _open(folder: Path) -> int | None:
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None  # a folder that is missing or not a folder holds no journal


def _roll_forward(folder: int, shown: Path) -> None:
    """Exchange what the journal names and is still old. Raises Halt with nothing moved, OSError."""
    if not mode_of(folder, JOURNAL):
        return
    exchanges = _read(folder, shown)
    places = [_place_of(folder, one) for one in exchanges]
    if not exchanges:
        raise _damaged(shown, "it names no tree")
    if "" in places:
        lost = ", ".join(one.name for one, place in zip(exchanges, places, strict=True) if not place)
        raise _damaged(shown, f"the new tree of {lost} is gone")
    todo = [one for one, place in zip(exchanges, places, strict=True) if place == "staged"]
    for one in todo:
        if mode_of(folder, one.name) and seal(stamps_of(shown / one.name)) != one.old:
            place = shown / one.name
            message = f"{place} was changed after the run that died: finishing its exchange would take the change away"
            hint = f"undo or move the change, or remove {shown / JOURNAL} and run `qatgen render`"
            raise Halt([_finding(rules.CHANGED, message, place, hint)])
    for one in todo:
        new, aside, _ = staging_names(one.name)
        if not mode_of(folder, one.name):
            os.rename(new, one.name, src_dir_fd=folder, dst_dir_fd=folder)
            continue
        if S_ISDIR(mode_of(folder, aside)):
            remove_folder(folder, aside)
        swap(folder, new, one.name, aside)
    os.fsync(folder)
    remove_journal(folder)
    for one in exchanges:
        clear_staging(folder, one.name)


def _place_of(folder: int, one: Exchange) -> str:
    """Where the new tree of an exchange is: in its `place`, still `staged`, or "" where it is gone."""
    for place, name in (("place", one.name), ("staged", staging_names(one.name)[0])):
        if exists(folder, name):
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if S_ISDIR(found.st_mode) and found.st_ino == one.inode:
                return place
    return ""


def _read(folder: int, shown: Path) -> list[Exchange]:
    try:
        file = os.open(JOURNAL, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        raise _damaged(shown, "it cannot be read") from error
    try:
        found = os.fstat(file)
        raw = os.read(file, _LARGEST) if S_ISREG(found.st_mode) and found.st_size < _LARGEST else b""
    finally:
        os.close(file)
    try:
        data: Mapping[str, Any] = json.loads(raw)
        exchanges = [Exchange(name, int(one["new"]), str(one["old"])) for name, one in data["trees"].items()]
        inode = data["folder"]
    except (ValueError, OverflowError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(shown, "it is not what qatgen writes") from error
    if inode != os.fstat(folder).st_ino:
        raise _damaged(shown, "it was written for another folder")
    wrong = next(
        (one.name for one in exchanges if "/" in one.name or one.name.startswith(".") or not is_safe(one.name)), None
    )
    if wrong is not None:
        raise _damaged(shown, f"it names {wrong!r}, which is not a tree in this folder")
    return exchanges


def _at_work(folder: Path) -> Finding:
    return _finding(rules.LOCKED, f"another run is writing {folder}", folder, "wait until the other run is done")


def _damaged(folder: Path, reason: str) -> Halt:
    place = folder / JOURNAL
    message = f"the journal {place} cannot be followed: {reason}"
    hint = f"remove {place}, then run `qatgen render`; qatgen moved and removed nothing"
    return Halt([_finding(rules.BAD_JOURNAL, message, place, hint)])


def _finding(rule: Rule, message: str, place: Path, hint: str) -> Finding:
    return Finding(rule=rule, message=message, at=Span(place.as_posix()), hint=hint)
