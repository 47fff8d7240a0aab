"""The journal: finished by the next run, reported by readers, and never believed blindly."""

import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from generator.emit import StagedTree, commit_trees, journal, repair, rules, unfinished
from generator.emit.journal import FOLDER_LOCK, JOURNAL
from generator.emit.ownership import RECORD
from generator.emit.swap import lock, unlock
from generator.finding import Halt
from generator.pipeline.recording import plain_record

TREES = ("dev", "prod")


def build(folder: Path, version: bytes, kills: int = -1) -> None:
    """A run; `kills` is the number of trees after which it dies, with its journal and its locks' files left."""
    with ExitStack() as stack:
        trees = [StagedTree(folder / name).__enter__() for name in TREES]
        for tree in trees:
            tree.write("v", version)
            tree.write(RECORD, plain_record({"v": version}))
        if kills < 0:
            for tree in trees:
                stack.callback(tree.__exit__, None, None, None)
            commit_trees(trees)
            return
    process = os.fork()
    if process == 0:
        placed = 0
        real = StagedTree.place

        def place(self: StagedTree) -> object:
            nonlocal placed
            if placed == kills:
                os._exit(9)
            placed += 1
            return real(self)

        StagedTree.place = place  # type: ignore[method-assign, assignment]
        commit_trees(trees)
        os._exit(9)
    assert os.waitpid(process, 0)[1]
    for tree in trees:
        if tree._lock is not None:
            os.close(tree._lock)
        os.close(tree.folder)


def versions(folder: Path) -> list[bytes]:
    return [(folder / name / "v").read_bytes() for name in TREES]


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def died(folder: Path, after: int = 1) -> None:
    build(folder, b"1")
    build(folder, b"2", kills=after)
    assert (folder / JOURNAL).exists()


@pytest.mark.parametrize("after", [0, 1])
def test_an_unfinished_exchange_is_reported_and_then_finished(tmp_path: Path, after: int) -> None:
    died(tmp_path, after)
    assert versions(tmp_path) == ([b"2", b"1"] if after else [b"1", b"1"])
    before = names(tmp_path)
    found = unfinished(tmp_path)
    assert found is not None
    assert (found.rule, found.at.file) == (rules.UNFINISHED, f"{tmp_path}/{JOURNAL}")
    assert names(tmp_path) == before
    assert repair(tmp_path)
    assert (versions(tmp_path), names(tmp_path), unfinished(tmp_path)) == ([b"2", b"2"], list(TREES), None)
    assert not repair(tmp_path)


def test_any_run_in_the_folder_finishes_it(tmp_path: Path) -> None:
    died(tmp_path)
    with StagedTree(tmp_path / "other"):
        assert versions(tmp_path) == [b"2", b"2"]
    assert names(tmp_path) == list(TREES)


def test_a_run_at_work_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    died(tmp_path)
    folder = os.open(tmp_path, os.O_RDONLY)
    held = lock(folder, FOLDER_LOCK)
    assert held is not None
    monkeypatch.setattr(journal, "lock_soon", lock)
    found = unfinished(tmp_path)
    assert found is not None
    assert found.rule == rules.LOCKED
    with pytest.raises(Halt) as halt:
        repair(tmp_path)
    assert halt.value.findings[0].rule == rules.LOCKED
    assert versions(tmp_path) == [b"2", b"1"]
    unlock(folder, FOLDER_LOCK, held)
    os.close(folder)
    assert repair(tmp_path)


@pytest.mark.parametrize("change", ["note", "edit", "gone"])
def test_what_was_changed_in_an_old_tree_is_not_taken_away(tmp_path: Path, change: str) -> None:
    died(tmp_path)
    if change == "gone":
        (tmp_path / "prod/v").unlink()
    else:
        (tmp_path / "prod" / ("v" if change == "edit" else "NOTES")).write_bytes(b"mine")
    with pytest.raises(Halt) as halt:
        repair(tmp_path)
    assert [(f.rule, f.at.file) for f in halt.value.findings] == [(rules.CHANGED, f"{tmp_path}/prod")]
    assert (tmp_path / JOURNAL).exists()
    assert (tmp_path / "dev/v").read_bytes() == b"2"


FORGED = {
    "empty": b"",
    "no json": b"x",
    "a list": b"[]",
    "deep": b"[" * 200_000,
    "no trees": b'{"folder": 1}',
    "trees of text": b'{"trees": "x", "folder": 1}',
    "long number": b'{"trees": {"dev": {"new": ' + b"9" * 5000 + b', "old": ""}}, "folder": 1}',
    "another folder": b'{"trees": {"dev": {"new": 1, "old": ""}}, "folder": 1}',
}


KINDS = (
    "above",
    "hidden",
    "inside",
    "no name",
    "a NUL",
    "a long name",
    "no number",
    "link",
    "folder",
    "pipe",
    "one is gone",
)


@pytest.mark.parametrize("kind", [*FORGED, *KINDS])
def test_a_journal_that_is_not_ours_moves_nothing(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "rendered"
    build(folder, b"1")
    (tmp_path / ".victim.qatgen.new").mkdir()
    (folder / ".dev.qatgen.new").mkdir()
    (folder / ".dev.qatgen.new/v").write_bytes(b"forged")
    inodes = {name: (folder / name).stat().st_ino for name in (".dev.qatgen.new", "prod")}
    place = folder / JOURNAL
    trees = {
        "above": {"../victim": {"new": (tmp_path / ".victim.qatgen.new").stat().st_ino, "old": ""}},
        "inside": {"dev/v": {"new": 1, "old": ""}},
        "hidden": {".git": {"new": 1, "old": ""}},
        "no name": {"\ud800": {"new": 1, "old": ""}},
        "a NUL": {"a\0b": {"new": 1, "old": ""}},
        "a long name": {"a" * 300: {"new": 1, "old": ""}},
        "no number": {"dev": {"new": float("inf"), "old": ""}},
        "one is gone": {"dev": {"new": inodes[".dev.qatgen.new"], "old": ""}, "prod": {"new": 1, "old": ""}},
    }
    if kind in FORGED:
        place.write_bytes(FORGED[kind])
    elif kind in trees:
        place.write_text(json.dumps({"trees": trees[kind], "folder": folder.stat().st_ino}))
    elif kind == "link":
        place.symlink_to("/etc/passwd")
    elif kind == "folder":
        place.mkdir()
    else:
        os.mkfifo(place)
    before = (names(tmp_path), names(folder), versions(folder))
    assert unfinished(folder) is not None
    for work in (lambda: repair(folder), lambda: build(folder, b"2")):
        with pytest.raises(Halt) as halt:
            work()
        assert [f.rule for f in halt.value.findings] == [rules.BAD_JOURNAL]
        assert (names(tmp_path), names(folder), versions(folder)) == before


def test_a_lock_does_not_outlive_its_process_in_a_child(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    reader, writer = os.pipe()
    parent = os.fork()
    if parent == 0:
        assert lock(folder, "l") is not None
        if os.fork() == 0:
            os.write(writer, b"%d\n" % os.getpid())
            sys.stdin.close()
            os.read(reader, 0)
            import time

            time.sleep(20)
        os._exit(0)
    child = int(os.read(reader, 20))
    os.waitpid(parent, 0)
    held = lock(folder, "l")
    os.kill(child, 9)
    assert held is not None, "the child holds the lock of its parent, which has ended"
    unlock(folder, "l", held)
    os.close(folder)
