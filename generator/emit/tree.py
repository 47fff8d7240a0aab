"""Trees of files staged beside their place and exchanged for what stands there, whole or not at all."""

import errno
import os
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISLNK
from types import TracebackType
from typing import Self

from generator.emit import rules
from generator.emit.signals import uninterrupted
from generator.emit.swap import exists, lock, recover, swap, sync, unlock
from generator.finding import Finding, Halt, Rule
from generator.location import Span

# Components start with a letter, digit or underscore; the last may have one leading dot. No component ends in a dot,
# nor is it, with or without an ending, a device of Windows.
_PART = r"(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|/|\Z))[a-z0-9_](?:[a-z0-9._-]{0,253}[a-z0-9_-])?"
_SAFE = re.compile(rf"(?:{_PART}/)*\.?{_PART}\Z", re.IGNORECASE | re.ASCII)
_LONGEST = 1024

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_STAGED = re.compile(r"(\A|/)\.([^/]+)\.qatgen\.new(?=/|\Z)")


@dataclass(frozen=True, slots=True)
class TreeChange:
    """What became of a tree: its place, whether its bytes changed, and how many files it holds."""

    target: Path
    changed: bool
    files: int


def write_file(root: Path, relative: str, data: bytes) -> None:
    """Write one file below a staging folder, making folders as needed; any process may. Raises Halt."""
    if not _SAFE.match(relative) or len(relative) > _LONGEST or relative == ".git":
        raise _halt(rules.UNSAFE_NAME, f"{relative!r} is no safe file name", f"{root}", "rename the object")
    path = f"{root}/{relative}"
    try:
        try:
            file = os.open(path, _CREATE, 0o666)
        except FileNotFoundError:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, _CREATE, 0o666)
        try:
            written = os.write(file, data)
            while written < len(data):
                written += os.write(file, data[written:])
        finally:
            os.close(file)
    except OSError as error:
        raise failed(error, path) from error


class StagedTree:
    """A tree being written: files go to `path`, a folder beside `target`, until `commit` puts them in place.

    A context: entering takes the tree's lock, mends what a dead run left and makes the folder; leaving removes
    whatever is left beside the target. Both raise Halt, the target as it was.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        name = target.name
        self.new, self.aside, self.lock_name = (f".{name}.qatgen.{end}" for end in ("new", "old.new", "lock"))
        self.path = target.parent / self.new
        self._folder = -1
        self._lock: int | None = None
        self._made_parent = False

    @property
    def folder(self) -> int:
        """The open folder that holds the target."""
        return self._folder

    def __enter__(self) -> Self:
        if not _SAFE.match(self.target.name):
            hint = "name the output's folder"
            raise _halt(rules.UNSAFE_NAME, f"{self.target.name!r} is no safe folder name", str(self.target), hint)
        try:
            with uninterrupted():
                self._open()
        except OSError as error:
            self._leave()
            raise failed(error, str(self.path)) from error
        except BaseException:
            self._leave()
            raise
        return self

    def _open(self) -> None:
        if self.target.parent.is_symlink():
            # What stands in a repository must not lead a render to folders elsewhere.
            shown = str(self.target.parent)
            raise _halt(
                rules.SYMLINK, f"{shown} is a symbolic link", shown, "put a folder in its place, or name its own"
            )
        self._made_parent = not self.target.parent.exists()
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self._folder = os.open(self.target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._lock = lock(self._folder, self.lock_name)
        self._check_lock()
        recover(self._folder, self.target.name, self.aside)
        self._check_target()
        self._clear()
        os.mkdir(self.new, dir_fd=self._folder)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with uninterrupted():
            self._leave()

    def _leave(self) -> None:
        """Take away what is left beside the target, where the tree is ours, and let go of it."""
        try:
            if self._lock is not None:
                with suppress(OSError):  # what cannot be removed now the next run tries again, and tells
                    self._clear()
        finally:
            self._close()
        if self._made_parent:
            with suppress(OSError):  # it holds a tree now: as it should
                self.target.parent.rmdir()

    def write(self, relative: str, data: bytes) -> None:
        """Stage one file. Raises Halt."""
        write_file(self.path, relative, data)

    def commit(self) -> TreeChange:
        """Put the staged files in place of the target. Raises Halt, the target as it was."""
        return commit_trees([self])[0]

    def place(self) -> Callable[[], None]:
        """Exchange the staged tree for the target; gives what takes it back. Raises OSError."""
        name, folder = self.target.name, self._folder
        if exists(folder, name):
            swap(folder, self.new, name, self.aside)
            return lambda: swap(folder, self.new, name, self.aside)
        os.rename(self.new, name, src_dir_fd=folder, dst_dir_fd=folder)
        return lambda: os.rename(name, self.new, src_dir_fd=folder, dst_dir_fd=folder)

    def _check_lock(self) -> None:
        if self._lock is None:
            hint = "wait until the other run is done"
            raise _halt(rules.LOCKED, f"another run is writing {self.target}", str(self.target), hint)

    def _check_target(self) -> None:
        try:
            mode = os.stat(self.target.name, dir_fd=self._folder, follow_symlinks=False).st_mode
        except FileNotFoundError:
            return
        shown = str(self.target)
        if S_ISLNK(mode):
            raise _halt(rules.SYMLINK, f"{shown} is a symbolic link", shown, "put a folder in its place")
        if not S_ISDIR(mode):
            raise _halt(rules.NOT_A_FOLDER, f"{shown} is no folder", shown, "move it away")
        if exists(self._folder, f"{self.target.name}/.git"):
            message = f"{shown} is a Git repository of its own, which a render would replace"
            raise _halt(rules.REPOSITORY, message, shown, "render to a folder inside of it")

    def _clear(self) -> None:
        for name in (self.new, self.aside):
            try:
                mode = os.stat(name, dir_fd=self._folder, follow_symlinks=False).st_mode
            except FileNotFoundError:
                continue
            if S_ISDIR(mode):
                shutil.rmtree(name, dir_fd=self._folder)
            else:
                os.unlink(name, dir_fd=self._folder)

    def _close(self) -> None:
        if self._lock is not None:
            unlock(self._folder, self.lock_name, self._lock)
            self._lock = None
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1


def commit_trees(trees: Sequence[StagedTree], *, durable: bool = True) -> list[TreeChange]:
    """Put staged trees in place together: all are compared and on disk before the first is exchanged.

    What need not be `durable` (trees that are read and thrown away) does not wait for the disk.
    Raises Halt with every target as it was. A tree equal to its target is left alone. An interrupt waits until the
    exchanges are done; a kill between two of them leaves every tree whole, some old, some new.
    """
    shown = ""
    undo: list[Callable[[], None]] = []
    changes = []
    try:
        for tree in trees:
            shown = str(tree.path)
            staged = _listing(tree.path)
            _check_case(staged, tree.target)
            changed = not _equal(staged, tree.path, tree.target)
            changes.append(TreeChange(tree.target, changed, sum(size is not None for size in staged.values())))
        todo = [tree for tree, change in zip(trees, changes, strict=True) if change.changed]
        for tree in {os.fstat(tree.folder).st_dev: tree for tree in todo if durable}.values():
            sync(tree.folder)
        with uninterrupted():
            try:
                for tree in todo:
                    shown = str(tree.path)
                    undo.append(tree.place())
            except BaseException:
                for back in reversed(undo):
                    back()
                raise
    except OSError as error:
        raise failed(error, shown) from error
    return changes


def _listing(root: Path) -> dict[str, int | None]:
    """Every entry below a folder: sizes of files, None for folders. Raises Halt for anything else, OSError."""
    entries: dict[str, int | None] = {}
    todo = [""]
    while todo:
        base = todo.pop()
        with os.scandir(f"{root}/{base}") as found:
            for entry in found:
                name = base + entry.name
                if entry.is_dir(follow_symlinks=False):
                    entries[name] = None
                    todo.append(name + "/")
                elif entry.is_file(follow_symlinks=False):
                    entries[name] = entry.stat(follow_symlinks=False).st_size
                else:
                    place = str(root / name)
                    raise _halt(rules.FOREIGN, f"{name} is neither file nor folder", place, "remove it")
    return entries


def _check_case(staged: dict[str, int | None], target: Path) -> None:
    folded: dict[str, str] = {}
    for name in sorted(staged):
        other = folded.setdefault(name.lower(), name)
        if other != name:
            message = f"{other} and {name} are one file where case does not count"
            raise _halt(rules.CASE_COLLISION, message, str(target / name), "give the objects different names")


def _equal(staged: dict[str, int | None], path: Path, target: Path) -> bool:
    """Whether the target holds exactly what is staged; what cannot be read differs. Raises OSError for the staged."""
    try:
        if _listing(target) != staged:
            return False
    except (OSError, Halt):
        return False
    for name, size in staged.items():
        if size is None:
            continue
        new = _content(f"{path}/{name}", size)
        try:
            if _content(f"{target}/{name}", size) != new:
                return False
        except OSError:
            return False
    return True


def _content(path: str, size: int) -> bytes:
    file = os.open(path, _READ)
    try:
        parts = []
        while part := os.read(file, max(size + 1, 1 << 16)):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(file)


def failed(error: OSError, path: str) -> Halt:
    """What the system refused, as a finding at the path it was about."""
    shown = _STAGED.sub(r"\1\2", path)
    reason = (error.strerror or str(error)).lower()
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _halt(rules.DISK_FULL, f"{shown} cannot be written: {reason}", shown, "make room on the disk")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        hint = "render to a folder you may write, or change its permissions"
        return _halt(rules.DENIED, f"{shown} cannot be written: {reason}", shown, hint)
    return _halt(rules.CANNOT_WRITE, f"{shown} cannot be written: {reason}", shown, "look into the disk and its folder")


def _halt(rule: Rule, message: str, place: str, hint: str) -> Halt:
    return Halt([Finding(rule=rule, message=message, at=Span(_STAGED.sub(r"\1\2", place)), hint=hint)])
