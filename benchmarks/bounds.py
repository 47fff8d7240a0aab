"""What marking units of work costs: `python -m benchmarks.bounds` prints its part of the processor time of a render."""

import argparse
import contextlib
import io
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.workspace import write_platform
from generator.bounds import Unit, mark, running
from generator.bounds.unit import Watch, install, shared_memory
from generator.cli.program import run
from generator.location import Span

ROUNDS = 200_000


class _Counting(Watch):
    """A watch that counts how often a unit is entered or marked."""

    entered = 0
    marked = 0

    def enter(self, unit: Unit | None) -> Unit | None:
        self.entered += 1
        return super().enter(unit)

    def mark(self, unit: Unit) -> None:
        self.marked += 1
        super().mark(unit)


@dataclass(frozen=True, slots=True)
class Measured:
    """Units entered and left, units marked, what each costs in seconds, and the processor time of the whole render."""

    entered: int
    marked: int
    enter: float
    mark: float
    seconds: float

    @property
    def share(self) -> float:
        """The part of the processor time that goes into marking units."""
        return (self.entered / 2 * self.enter + self.marked * self.mark) / self.seconds


def measured(machines: int) -> Measured:
    """A render of so many machines stamped from one item, in this process, on a disk in memory where there is one."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        write_platform(Path(name), machines)
        watch = _Counting(shared_memory(), [])
        install(watch)
        before = Path.cwd()
        os.chdir(name)
        try:
            began = time.process_time()
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                code = run(["render", "-q", "--jobs", "1"])
            seconds = time.process_time() - began
        finally:
            os.chdir(before)
            install(None)
    if code:
        raise SystemExit(f"the render ended with exit code {code}")
    return Measured(watch.entered, watch.marked, *_cost(), seconds)


def _cost() -> tuple[float, float]:
    """Seconds to enter and leave a unit, and to mark one, with the limit being moved."""
    watch = Watch(shared_memory(), [])
    watch.start()
    install(watch)
    unit = Unit("template", Span("templates/a.yaml.j2"))
    began = time.process_time()
    for _ in range(ROUNDS):
        with running(unit):
            pass
    entered = time.process_time()
    for _ in range(ROUNDS):
        mark(unit)
    marked = time.process_time()
    install(None)
    return (entered - began) / ROUNDS, (marked - entered) / ROUNDS


def main() -> None:
    """Print one row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=10_000)
    found = measured(parser.parse_args().machines)
    units = f"{found.entered / 2:,.0f} units at {found.enter * 1e9:.0f} ns"
    marks = f"{found.marked:,} marks at {found.mark * 1e9:.0f} ns"
    print(f"{units}, {marks}: {found.share:.2%} of {found.seconds:.2f} s")


if __name__ == "__main__":
    main()
