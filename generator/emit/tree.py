"""Trees of files staged beside their place, until a commit exchanges them for what is there."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR, S_ISLNK
from types import TracebackType
from typing import Self

from generator.bounds.undo import undone_by
from generator.emit import rules
from generator.emit.failures import failed, halt
from generator.emit.files import is_safe, write_file
from generator.emit.journal import JOURNAL, FolderLock
from generator.emit.ownership import PLAIN, RECORDS, Form
from generator.emit.remove import clear_staging, mode_of, staging_names
from generator.emit.signals import uninterrupted
from generator.emit.swap import exists, lock, recover, swap, unlock


class StagedTree:
    """A tree being written: files go to `path`, a folder beside `target`, until a commit puts them in place.

    A context: entering finishes and removes what dead runs left in the folder, takes the tree's lock and makes the
    staging folder; leaving removes whatever is left beside the target. Both raise Halt, the target as it was.
    """

    def __init__(self, target: Path, form: Form = PLAIN) -> None:
        self.target = target
        self.form = form
        self.new, self.aside, self.lock_name = staging_names(target.name)
        self.path = target.parent / self.new
        self._folder = -1
        self._lock: int | None = None
        self._made: list[Path] = []

    @property
    def folder(self) -> int:
        """The open folder that holds the target."""
        return self._folder

    def __enter__(self) -> Self:
        if not is_safe(self.target.name):
            hint = "name the output's folder"
            raise halt(rules.UNSAFE_NAME, f"{self.target.name!r} is not a safe folder name", str(self.target), hint)
        try:
            with undone_by(self._leave):
                with uninterrupted():
                    self._open_folder()
                with FolderLock(self._folder, self.target.parent), uninterrupted():
                    self._open()
        except OSError as error:
            raise failed(error, str(self.path)) from error
        return self

    def _open_folder(self) -> None:
        parent, shown = self.target.parent, str(self.target.parent)
        if parent.is_symlink():
            # What stands in a repository must not lead a render to folders elsewhere.
            hint = "put a folder in its place, or name its own"
            raise halt(rules.SYMLINK, f"{shown} is a symbolic link", shown, hint)
        if parent.exists() and not parent.is_dir():
            raise halt(
                rules.NOT_A_FOLDER,
                f"{shown} is a file, not a folder",
                shown,
                f"move {shown} away, or name another folder with `--output-dir`",
            )
        self._check_inside()
        for folder in reversed([one for one in (parent, *parent.parents) if not one.exists()]):
            folder.mkdir(exist_ok=True)
            self._made.append(folder)
        self._folder = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def _check_inside(self) -> None:
        """A tree inside of another would be files that the other's record does not name."""
        for folder in self.target.absolute().parents:
            if any(os.path.lexists(folder / record) for record in RECORDS):
                message = f"{self.target} lies inside {folder.name}, which is a tree that qatgen replaces as a whole"
                raise halt(rules.PLACE, message, str(self.target), "name a folder beside that tree")

    def _open(self) -> None:
        self._lock = lock(self._folder, self.lock_name)
        self._check_lock()
        recover(self._folder, self.target.name, self.aside)
        self._check_target()
        clear_staging(self._folder, self.target.name)
        os.mkdir(self.new, dir_fd=self._folder)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with uninterrupted():
            self._leave()

    def _leave(self) -> None:
        """Take away what is left beside the target, where the tree is ours, and let go of it."""
        try:
            # A journal that could not be removed needs what it names: the next run finishes it.
            if self._lock is not None and not mode_of(self._folder, JOURNAL):
                with suppress(OSError):  # what cannot be removed now the next run tries again, and tells
                    clear_staging(self._folder, self.target.name)
        finally:
            self._close()
        for folder in reversed(self._made):
            with suppress(OSError):  # it holds a tree now: as it should
                folder.rmdir()

    def write(self, relative: str, data: bytes) -> None:
        """Stage one file. Raises Halt."""
        write_file(self.path, relative, data)

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
            raise halt(rules.LOCKED, f"another run is writing {self.target}", str(self.target), hint)

    def _check_target(self) -> None:
        mode, shown = mode_of(self._folder, self.target.name), str(self.target)
        if not mode:
            return
        if S_ISLNK(mode):
            raise halt(rules.SYMLINK, f"{shown} is a symbolic link", shown, "put a folder in its place")
        if not S_ISDIR(mode):
            raise halt(rules.NOT_A_FOLDER, f"{shown} is no folder", shown, "move it away")
        if exists(self._folder, f"{self.target.name}/.git"):
            message = f"{shown} is a Git repository of its own, which a render would replace"
            raise halt(rules.REPOSITORY, message, shown, "render to a folder inside of it")

    def _close(self) -> None:
        if self._lock is not None:
            unlock(self._folder, self.lock_name, self._lock)
            self._lock = None
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1
