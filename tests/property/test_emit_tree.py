"""Trees: a failure at any system call, and kills, leave a whole tree and nothing beside it."""

import errno
import os
from pathlib import Path

import pytest

from generator.emit import RULES, StagedTree, commit, commit_trees, swap
from generator.emit.ownership import RECORD
from generator.finding import Halt
from generator.pipeline.recording import plain_record
from tests.property import kill

OLD = {"a/x": b"old", "b": b"old"}
NEW = {"a/x": b"new", "c/d/e": b"new", "f": b"new"}


def build(target: Path, files: dict[str, bytes]) -> None:
    with StagedTree(target) as staged:
        for name, data in files.items():
            staged.write(name, data)
        staged.write(RECORD, plain_record(files))
        commit_trees([staged])


def read(target: Path) -> dict[str, bytes]:
    files = {p.relative_to(target).as_posix(): p.read_bytes() for p in target.rglob("*") if p.is_file()}
    return {name: raw for name, raw in files.items() if name != RECORD}


@pytest.mark.parametrize("exchange", [True, False])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EINTR, errno.EACCES])
@pytest.mark.parametrize("call", ["open", "write", "mkdir", "rename", "read", "scandir", "sync", "exchange"])
def test_a_failure_at_any_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int, exchange: bool
) -> None:
    target = tmp_path / "dev"
    # contents are read only where names and sizes are alike
    changed = dict.fromkeys(OLD, b"new") if call == "read" else NEW
    monkeypatch.setattr(commit, "sync", lambda _: None)
    if not exchange:
        monkeypatch.setattr(swap, "exchange", lambda *_: False)
    place = {"sync": commit, "exchange": swap}.get(call, os)
    real = getattr(place, call)
    met = 0
    for n in range(100):
        build(target, OLD)
        left = n

        def failing(*args: object, **named: object) -> object:
            nonlocal left
            left -= 1
            if left == -1:
                raise OSError(code, os.strerror(code))
            return real(*args, **named)

        halted = False
        with monkeypatch.context() as patch:
            patch.setattr(place, call, failing)
            try:
                build(target, changed)
            except Halt as halt:
                halted = all(finding.rule in RULES for finding in halt.findings)
        met += halted
        build_left = sorted(entry.name for entry in tmp_path.iterdir())
        if halted:
            assert read(target) == OLD
            assert build_left == ["dev"]
        else:
            assert read(target) == changed
        if left >= 0:
            break
    else:
        pytest.fail("a build of three files takes fewer calls")
    assert met or (call == "rename" and exchange) or call == "scandir"


@pytest.mark.parametrize("exchange", [True, False])
def test_a_failure_at_steps_of_a_commit_of_four_trees(tmp_path: Path, exchange: bool) -> None:
    left, halted, number = -1, 0, 1

    def step() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    with kill.way(exchange=exchange):
        kill.build(tmp_path, 1)
        while left < 0:
            left = number
            try:
                with kill.counted(step):
                    kill.build(tmp_path, 2)
                expected = 2
            except Halt:
                halted, expected = halted + 1, 1
            assert kill.versions(tmp_path) == {expected}, f"step {number}"
            kill.build(tmp_path, 1)
            assert sorted(entry.name for entry in tmp_path.iterdir()) == list(kill.TREES)
            number += 3
            left = -1 if left <= 0 else 1
    assert halted > 20


@pytest.mark.parametrize("exchange", [True, False])
def test_kills(exchange: bool) -> None:
    assert kill.run(10, exchange=exchange) == (10, [])


@pytest.mark.parametrize("exchange", [True, False])
def test_kills_at_steps_of_a_commit_of_four_trees(exchange: bool) -> None:
    passed, failures = kill.enumerated(exchange=exchange, every=6)
    assert (passed > 20, failures) == (True, [])
