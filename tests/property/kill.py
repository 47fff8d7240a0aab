"""Trees survive SIGKILL: `python -m tests.property.kill --kills 2000`.

A commit of four trees is killed before every system call that changes anything, one after the other, and at drawn
moments. After one repair all four trees are old or all are new, and nothing is left beside them.

Files are on disk or not by the kernel's own doing here, so syncing is left out: a kill loses no page of its cache.
"""

import argparse
import hashlib
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

from generator.emit import StagedTree, commit_trees, repair, swap, unfinished
from generator.emit.journal import JOURNAL
from generator.pipeline.recording import plain_record

TREES = ("argocd", "dev", "prod", "schema")
FILES = 4
WINDOW = 0.05
"""Seconds a writer lives at most; one build takes some milliseconds."""
STEPS = ("open", "write", "mkdir", "rename", "unlink", "rmdir", "fsync", "link", "fchmod")
"""Calls of `os` that a kill comes before; exchanges of two names are counted as well."""
_KILLED = 137


def content(version: int) -> dict[str, bytes]:
    """The files of one version, with their record; names differ between versions too."""
    files = {f"ns{i % 3}/f{i}-{version % 3}": (b"%d " % version) * (50 + i) for i in range(FILES)}
    files |= {"v": b"%d" % version}
    return {**files, ".qatgen.json": plain_record(files)}


def versions(folder: Path) -> set[int | None]:
    """The versions of all trees; None for a missing one. Raises AssertionError for a torn tree."""
    found: set[int | None] = set()
    for target in (folder / name for name in TREES):
        if not target.exists():
            found.add(None)
            continue
        files = {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()}
        version = int(files["v"])
        assert files == content(version), f"torn tree of version {version}"
        found.add(version)
    return found


def build(folder: Path, version: int) -> None:
    """One whole run over all trees."""
    with ExitStack() as stack:
        trees = [stack.enter_context(StagedTree(folder / name)) for name in TREES]
        for tree in trees:
            for name, data in content(version).items():
                tree.write(name, data)
        commit_trees(trees)


def child(work: Callable[[], None]) -> int:
    """Start work in a process of its own."""
    process = os.fork()
    if process == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return process


def check(folder: Path, before: set[int | None], after: set[int | None] | None) -> set[int | None]:
    """Repair once, and see that all trees are of one version and alone; gives it. Raises AssertionError."""
    journal = (folder / JOURNAL).exists()
    assert (unfinished(folder) is not None) == journal, "the journal is not reported"
    if folder.exists():
        assert repair(folder) == journal
        with StagedTree(folder / TREES[0]):
            pass  # the next run's first step takes away what is left
    found = versions(folder)
    assert len(found) == 1, f"some trees are of another version: {found}"
    assert after is None or found in (before, after), f"neither old nor new: {found}"
    left = sorted(entry.name for entry in folder.iterdir()) if folder.exists() else []
    assert left == ([] if found == {None} else list(TREES)), f"left beside the trees: {left}"
    return found


@contextmanager
def counted(step: Callable[[], None]) -> Iterator[None]:
    """Call `step` before every system call that changes anything."""
    with ExitStack() as stack:
        for name in STEPS:
            stack.enter_context(mock.patch.object(os, name, _before(step, getattr(os, name))))
        stack.enter_context(mock.patch.object(swap, "exchange", _before(step, swap.exchange)))
        yield


def _before(step: Callable[[], None], call: Callable[..., object]) -> Callable[..., object]:
    def stepping(*arguments: object, **named: object) -> object:
        step()
        return call(*arguments, **named)

    return stepping


def kill_at(folder: Path, version: int, number: int) -> bool:
    """Build a version, and die before a numbered step; whether the build had that many."""

    def work() -> None:
        left = number

        def step() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                os._exit(_KILLED)

        with counted(step):
            build(folder, version)

    _, status = os.waitpid(child(work), 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, _KILLED), "the writer failed by itself"
    return code == _KILLED


def enumerated(*, exchange: bool, every: int = 1) -> tuple[int, list[str]]:
    """Kills before every step of a commit, or some, of trees that are new and of such that replace others."""
    passed, failures = 0, []
    with way(exchange=exchange), tempfile.TemporaryDirectory() as top:
        for first in (True, False):
            number, more = 0, True
            while more:
                folder = Path(top) / f"{first}-{number}"
                before: set[int | None] = {None}
                try:
                    if not first:
                        build(folder, 1)
                        before = {1}
                    more = kill_at(folder, 2, number)
                    check(folder, before, {2})
                    passed += 1
                except AssertionError as error:
                    failures.append(f"{'new trees' if first else 'trees'}, step {number}: {error}")
                number += every
    return passed, failures


def one_kill(folder: Path, number: int) -> None:
    """Kill a writer at some moment; the trees are of one version, and the next run repairs the rest."""

    def work() -> None:
        for version in range(number * 1000, number * 1000 + 900):
            build(folder, version)

    process = child(work)
    share = int.from_bytes(hashlib.blake2b(b"%d" % number, digest_size=4).digest()) / 2**32
    time.sleep(share * WINDOW)
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    assert os.WIFSIGNALED(status), "the writer failed by itself"
    check(folder, set(), None)
    build(folder, number * 1000 + 999)
    assert check(folder, set(), None) == {number * 1000 + 999}


@contextmanager
def way(*, exchange: bool) -> Iterator[None]:
    """Put trees in place by exchanging two names, or as systems do that cannot; without waiting for the disk."""
    with mock.patch("generator.emit.commit.sync"), mock.patch.object(os, "fsync"), ExitStack() as stack:
        if not exchange:
            stack.enter_context(mock.patch.object(swap, "exchange", return_value=False))
        yield


def run(kills: int, *, exchange: bool) -> tuple[int, list[str]]:
    """So many drawn kills; gives how many passed, and what failed."""
    failures = []
    with way(exchange=exchange), tempfile.TemporaryDirectory() as top:
        for number in range(1, kills + 1):
            try:
                one_kill(Path(top) / "rendered", number)
            except AssertionError as error:
                failures.append(f"kill {number}: {error}")
    return kills - len(failures), failures


def main() -> int:
    """Both ways of putting trees in place: kills at every step, and half of the drawn kills each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=2000)
    kills = parser.parse_args().kills
    passed, failures = 0, []
    for exchange, count in ((True, kills - kills // 2), (False, kills // 2)):
        for good, bad in (enumerated(exchange=exchange), run(count, exchange=exchange)):
            passed += good
            failures += bad
    for failure in failures:
        print(failure)
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
