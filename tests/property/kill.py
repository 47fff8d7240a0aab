"""Trees survive SIGKILL: `python -m tests.property.kill --kills 2000`.

Files are on disk or not by the kernel's own doing here, so syncing is left out: a kill loses no page of its cache.
"""

import argparse
import hashlib
import os
import signal
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

from generator.emit import StagedTree, swap

FILES = 25
WINDOW = 0.03
"""Seconds a writer lives at most; one build takes some milliseconds."""


def version_of(target: Path) -> int | None:
    """The one version a whole tree holds; None where it is missing. Raises AssertionError for a torn tree."""
    if not target.exists():
        return None
    found = {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()}
    version = int(found["v"])
    assert found == content(version), f"torn tree of version {version}"
    return version


def content(version: int) -> dict[str, bytes]:
    """The files of one version; names differ between versions too."""
    files = {f"ns{i % 5}/f{i}-{version % 3}": (b"%d " % version) * (50 + i) for i in range(FILES)}
    return {**files, "v": b"%d" % version}


def build(target: Path, version: int) -> None:
    """One whole run."""
    with StagedTree(target) as staged:
        for name, data in content(version).items():
            staged.write(name, data)
        staged.commit()


def one_kill(target: Path, number: int) -> None:
    """Kill a writer at some moment; the tree is whole, and the next run mends the rest."""
    before = version_of(target)
    child = os.fork()
    if child == 0:
        try:
            for version in range(number * 1000, number * 1000 + 900):
                build(target, version)
        finally:
            os._exit(1)
    share = int.from_bytes(hashlib.blake2b(b"%d" % number, digest_size=4).digest()) / 2**32
    time.sleep(share * WINDOW)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the writer failed by itself"
    after = version_of(target)
    if after is None:
        # Without an exchange the old tree may stand aside: entering puts it back.
        with StagedTree(target):
            pass
        after = version_of(target)
    assert after is not None or before is None, "the tree is gone"
    build(target, number * 1000 + 999)
    assert version_of(target) == number * 1000 + 999
    assert [entry.name for entry in target.parent.iterdir()] == [target.name], "something is left beside the tree"


def run(kills: int, *, exchange: bool) -> tuple[int, list[str]]:
    """So many kills; gives how many passed, and what failed."""
    failures = []
    with ExitStack() as stack:
        stack.enter_context(mock.patch("generator.emit.tree.sync"))
        if not exchange:
            stack.enter_context(mock.patch.object(swap, "exchange", return_value=False))
        with tempfile.TemporaryDirectory() as folder:
            for number in range(1, kills + 1):
                try:
                    one_kill(Path(folder) / "dev", number)
                except AssertionError as error:
                    failures.append(f"kill {number}: {error}")
    return kills - len(failures), failures


def main() -> int:
    """Run both ways of putting a tree in place, half of the kills each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=2000)
    kills = parser.parse_args().kills
    passed, failures = 0, []
    for exchange, count in ((True, kills - kills // 2), (False, kills // 2)):
        good, bad = run(count, exchange=exchange)
        passed += good
        failures += bad
    for failure in failures:
        print(failure)
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
