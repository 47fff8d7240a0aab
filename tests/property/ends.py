"""A render with workers that is ended anywhere leaves nothing: `python -m tests.property.ends --kills 50`.

Each of SIGKILL, SIGTERM, SIGHUP and SIGINT goes to the command, to the process it supervises, or to a worker, at drawn
moments. Two seconds later no process is left, and the next render exits 0 with nothing beside the trees.
"""

import argparse
import hashlib
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.support.processes import of_session
from tests.support.workspace import REPOSITORY, SMALL, write

MANY = SMALL.replace("    - name: gw\n", "    - name: gw\n      count: 1600\n").replace("nodes: 2", "nodes: 200")
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
WHOM = ("command", "supervised", "worker")
CODES = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGINT: 130}
LONGEST = 2.0


def start(folder: Path, *more: str) -> "subprocess.Popen[bytes]":
    """A render with two workers, the leader of a session of its own."""
    command = [sys.executable, "-m", "generator", "render", "-q", "--jobs", "2", *more]
    environment = {key: value for key, value in os.environ.items() if key != "CI"} | {"PYTHONPATH": str(REPOSITORY)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True, **quiet)  # type: ignore[call-overload,no-any-return]


def chosen(session: int, whom: str) -> int | None:
    """The process of a run that is meant, where it is there: the command, its child, a child of that."""
    processes = of_session(session)
    place = WHOM.index(whom)
    return processes[place] if len(processes) > place else None


def share(number: int) -> float:
    """A moment between 0 and 1, drawn by number."""
    return int.from_bytes(hashlib.blake2b(b"%d" % number, digest_size=4).digest()) / 2**32


def one(folder: Path, number: int, whole: float, which: signal.Signals, whom: str) -> None:
    """One end. Raises AssertionError for anything that is left, and for an exit code that is not the signal's."""
    write(folder, {"spec.yaml": MANY.replace("2Gi", f"{2 + number % 7}Gi")})
    run = start(folder)
    time.sleep(whole * (0.1 + 0.8 * share(number)))
    meant = chosen(run.pid, whom)
    if meant is not None:
        try:
            os.kill(meant, which)
        except ProcessLookupError:
            meant = None
    _, said = run.communicate(timeout=60)
    assert b"Traceback" not in said, said
    assert b"internal error" not in said, said
    if whom == "command" and meant is not None:
        assert run.returncode in (0, CODES[which]), f"exit code {run.returncode}: {said!r}"
    else:
        assert run.returncode in (0, 1, CODES[which], 128 + which), f"exit code {run.returncode}: {said!r}"
    end = time.monotonic() + LONGEST
    while (left := of_session(run.pid)) and time.monotonic() < end:
        time.sleep(0.02)
    assert not left, f"left: {left}"
    again = start(folder)
    _, said = again.communicate(timeout=120)
    assert again.returncode == 0, said
    beside = [path.name for path in (folder / "rendered").iterdir() if path.name.startswith(".")]
    assert not beside, f"left beside the trees: {beside}"


def run(kills: int) -> tuple[int, Iterator[str]]:
    """So many ends, each signal and each process in turn; gives how many passed, and what failed."""
    failures = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, {"spec.yaml": MANY})
        began = time.monotonic()
        first = start(folder)
        first.communicate(timeout=120)
        whole = time.monotonic() - began
        turns = itertools.cycle(itertools.product(WHOM, SIGNALS))
        for number, (whom, which) in zip(range(kills), turns, strict=False):
            try:
                one(folder, number, whole, which, whom)
            except AssertionError as error:
                failures.append(f"{which.name} to the {whom}, end {number}: {error}")
    return kills - len(failures), iter(failures)


def main() -> int:
    """Run so many ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=60)
    kills = parser.parse_args().kills
    passed, failures = run(kills)
    for failure in failures:
        print(failure)
    print(f"{passed} passed, {kills - passed} failed")
    return 1 if passed < kills else 0


if __name__ == "__main__":
    raise SystemExit(main())
