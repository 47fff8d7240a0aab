"""Put staged trees in place together: one function decides, for every tree, what may be replaced."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.bounds.undo import undone_by
from generator.emit import rules
from generator.emit.failures import failed, halt
from generator.emit.journal import JOURNAL, Exchange, FolderLock, remove_journal, write_journal
from generator.emit.ownership import Found, look, read_bytes, seal, stamps_of
from generator.emit.remove import entries_of
from generator.emit.signals import uninterrupted
from generator.emit.swap import exists, sync
from generator.emit.tree import StagedTree
from generator.finding import Finding, Halt, Severity
from generator.location import Span

SHOWN = 10
"""Files that are named one by one; of more there is a count."""


@dataclass(frozen=True, slots=True)
class TreeChange:
    """What became of a tree: its place, whether its bytes changed, and how many files it holds."""

    target: Path
    changed: bool
    files: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """Trees that were looked at and may be put in place; `findings` name what is lost by that, as warnings."""

    trees: tuple[StagedTree, ...]
    changes: tuple[TreeChange, ...]
    findings: tuple[Finding, ...]
    found: tuple[Found, ...]

    def put(self, *, durable: bool = True) -> list[TreeChange]:
        """Exchange the trees that changed, all or none, as `emit.journal` describes.

        What need not be `durable` (trees that are read and thrown away) does not wait for the disk, and has no
        journal. Raises Halt with every target as it was. An interrupt waits until the exchanges are done.
        """
        todo = [
            (tree, found)
            for tree, change, found in zip(self.trees, self.changes, self.found, strict=True)
            if change.changed
        ]
        if todo:
            shown = str(todo[0][0].path)
            try:
                if durable:
                    for tree in {os.fstat(tree.folder).st_dev: tree for tree, _ in todo}.values():
                        sync(tree.folder)
                with FolderLock(todo[0][0].folder, todo[0][0].target.parent), uninterrupted():
                    _check_unchanged(todo)
                    _exchange([tree for tree, _ in todo], [found for _, found in todo], durable=durable)
            except OSError as error:
                raise failed(error, shown) from error
        return list(self.changes)


def prepare(trees: Sequence[StagedTree], *, remove_unknown: bool = False) -> Prepared:
    """Look at what trees, all of one folder, would replace. A tree equal to its target is left alone.

    Raises Halt for staged files that cannot be, and, with every target as it was, where a target holds anything that
    its record does not name; `remove_unknown` takes that away instead.
    """
    if len({tree.target.parent for tree in trees}) > 1:
        raise ValueError("trees that become new together lie in one folder")
    changes: list[TreeChange] = []
    found: list[Found] = []
    for tree in trees:
        try:
            staged = _listing(tree.path)
            _check_case(staged, tree.target)
            changed = not _equal(staged, tree.path, tree.target)
            changes.append(TreeChange(tree.target, changed, sum(size is not None for size in staged.values())))
        except OSError as error:
            raise failed(error, str(tree.path)) from error
        try:
            found.append(look(tree.target, tree.form, _reader(tree.path)) if changed else Found())
        except OSError as error:
            raise _unreadable(error, tree.target) from error
    unknown = [(tree, name, one.recorded) for tree, one in zip(trees, found, strict=True) for name in one.unknown]
    findings = list(_unknown(unknown, removed=remove_unknown))
    if findings and not remove_unknown:
        raise Halt(findings)
    findings += _edited([(tree, name) for tree, one in zip(trees, found, strict=True) for name in one.edited])
    return Prepared(tuple(trees), tuple(changes), tuple(findings), tuple(found))


def commit_trees(
    trees: Sequence[StagedTree], *, durable: bool = True, remove_unknown: bool = False
) -> list[TreeChange]:
    """Prepare trees and put them in place, whatever edits that replaces. Raises Halt as `prepare` and `put` do."""
    return prepare(trees, remove_unknown=remove_unknown).put(durable=durable)


def _exchange(trees: Sequence[StagedTree], found: Sequence[Found], *, durable: bool) -> None:
    folder = trees[0].folder
    journal = durable and len(trees) > 1
    if journal:
        inodes = [os.stat(tree.new, dir_fd=tree.folder, follow_symlinks=False).st_ino for tree in trees]
        write_journal(
            folder,
            [
                Exchange(tree.target.name, inode, seal(one.stamps))
                for tree, inode, one in zip(trees, inodes, found, strict=True)
            ],
        )
    undo: list[Callable[[], None]] = []

    def back() -> None:
        for one in reversed(undo):
            one()
        if journal and exists(folder, JOURNAL):
            remove_journal(folder)

    with undone_by(back):
        for tree in trees:
            undo.append(tree.place())  # noqa: PERF401 - what is placed when a later one fails has to be known
        if durable:
            os.fsync(folder)
        if journal:
            remove_journal(folder)


def _check_unchanged(todo: Sequence[tuple[StagedTree, Found]]) -> None:
    """What was looked at is what is replaced: a file saved since then stops the exchange."""
    for tree, found in todo:
        now = stamps_of(tree.target)
        if now != found.stamps:
            changed = {name for name, _ in now.items() ^ found.stamps.items()}
            place = str(tree.target / shown_name(min(changed)))
            message = f"{place} was changed while the trees were made"
            raise halt(rules.CHANGED, message, place, "run the command again")


def _reader(staging: Path) -> Callable[[str], bytes | None]:
    return lambda name: read_bytes(f"{staging}/{name}")


def shown_name(name: str) -> str:
    """A file's name as text, bytes that are no UTF-8 as escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _unknown(unknown: Sequence[tuple[StagedTree, str, bool]], *, removed: bool) -> Iterator[Finding]:
    for position, (tree, name, recorded) in enumerate(unknown[:SHOWN]):
        place = (tree.target / shown_name(name)).as_posix()
        last = position == SHOWN - 1 and len(unknown) > SHOWN
        more = f" (and {len(unknown) - SHOWN:,} more files)" if last else ""
        if recorded:
            reason = f"{place} is not in the record of {tree.target.as_posix()}: qatgen did not make it"
        else:
            shown = tree.target.as_posix()
            reason = f"{shown} has no record that can be read, so {place} may not be qatgen's to replace"
        if removed:
            yield Finding(
                rule=rules.UNKNOWN,
                message=f"{reason}; it is removed{more}",
                at=Span(place),
                severity=Severity.INFO,
            )
            continue
        restore = "" if recorded else "restore the record, "
        hint = f"{restore}move it out of the tree, or remove it with `--remove-unknown`; nothing was written"
        yield Finding(rule=rules.UNKNOWN, message=reason + more, at=Span(place), hint=hint)


def _edited(edited: Sequence[tuple[StagedTree, str]]) -> Iterator[Finding]:
    for position, (tree, name) in enumerate(edited[:SHOWN]):
        place = (tree.target / shown_name(name)).as_posix()
        last = position == SHOWN - 1 and len(edited) > SHOWN
        more = f" (and {len(edited) - SHOWN:,} more files)" if last else ""
        stays = read_bytes(f"{tree.path}/{name}") is not None
        message = f"{place} was changed by hand; writing the tree {'overwrites' if stays else 'removes'} it{more}"
        hint = "make the change in the sources; `git diff` has it while the edit is not committed"
        yield Finding(rule=rules.EDITED, message=message, at=Span(place), hint=hint)


def _unreadable(error: OSError, target: Path) -> Halt:
    place = str(error.filename or target)
    message = f"{place} cannot be read, so nobody knows what a write would replace: {(error.strerror or '').lower()}"
    return halt(rules.DENIED, message, place, "change its permissions, or name another folder")


def _listing(root: Path) -> dict[str, int | None]:
    """Every entry below a folder: sizes of files, None for folders. Raises Halt for anything else, OSError."""
    entries: dict[str, int | None] = {}
    for name, entry in entries_of(root):
        if entry.is_dir(follow_symlinks=False):
            entries[name] = None
        elif entry.is_file(follow_symlinks=False):
            entries[name] = entry.stat(follow_symlinks=False).st_size
        else:
            place = str(root / name)
            raise halt(rules.FOREIGN, f"{name} is neither file nor folder", place, "remove it")
    return entries


def _check_case(staged: dict[str, int | None], target: Path) -> None:
    folded: dict[str, str] = {}
    for name in sorted(staged):
        other = folded.setdefault(name.lower(), name)
        if other != name:
            message = f"{other} and {name} are one file where case does not count"
            raise halt(rules.CASE_COLLISION, message, str(target / name), "give the objects different names")


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
        new = read_bytes(f"{path}/{name}")
        try:
            if read_bytes(f"{target}/{name}") != new:
                return False
        except OSError:
            return False
    return True
