"""One command measured from outside: wall clock, processor time, memory of all its processes together."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

BEAT = 0.05
"""Seconds between two looks at the memory."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of wall clock and of processor, and the most bytes the processes held together."""

    wall: float
    processor: float
    memory: int


def measure(command: Sequence[str], cwd: Path) -> Measured:
    """Run a command to its end; raises RuntimeError with what it said where it fails."""
    before = os.times()
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        most = 0
        while process.poll() is None:
            most = max(most, sum(map(_share, _tree(process.pid))))
            time.sleep(BEAT)
        said = process.stderr.read().decode(errors="replace") if process.stderr else ""
    wall = time.perf_counter() - start
    after = os.times()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode}: {said[-2000:]}")
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return Measured(wall, spent, most)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in children:
        yield from _tree(int(child))


def _share(pid: int) -> int:
    """A process' proportional share in bytes: pages held by several count once among them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
