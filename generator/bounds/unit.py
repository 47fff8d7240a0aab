"""What this process is working on, where its supervisor can read it even after the process was killed.

A process has one limit of processor time, so there is one watch a process; without one (a library's own caller, a
test) marking a unit does nothing. A unit costs well under a microsecond once it is known: its place in the shared
memory is written, and the limit is moved twice a second at most.
"""

import json
import math
import mmap
import resource
import signal
import struct
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from generator.bounds import rules
from generator.finding import Finding, Halt, Rule
from generator.location import Span

SECONDS = 10
"""Processor time of one unit, in seconds."""

_SIZE = 1 << 18
_LONGEST = 1 << 14
_HEAD = 16
_FRESH = 0.5
"""Seconds for which a limit that was moved is fresh enough."""
_NONE = 0


class Unit:
    """One template, expression or file: `what` is a noun phrase, `at` where a person would edit.

    `lines` is the line table of a template (`code line` from `template line`, as Jinja2 writes it), by which a killed
    template is reported at its line. Keep a unit that is entered often: what is known of it is kept with it.

    A unit has its time anew after every unit inside it. One that is `lasting` has not: those inside it have their own
    time, but what it needs between them adds up to `seconds`. It is entered once.
    """

    __slots__ = ("_epoch", "_left", "_offset", "_since", "at", "lasting", "lines", "seconds", "what")

    def __init__(
        self, what: str, at: Span, lines: str = "", *, lasting: bool = False, seconds: float = SECONDS
    ) -> None:
        self.what = what
        self.at = at
        self.lines = lines
        self.lasting = lasting
        self.seconds = seconds
        self._left = seconds
        self._since = 0.0
        self._epoch: object = None
        self._offset = _NONE

    @property
    def key(self) -> str:
        """What a unit is known by in another process."""
        return f"{self.what}\0{self.at}"

    def go_on(self, used: float) -> float:
        """Begin, or begin again after a unit inside, with this processor time used; gives when the time is up."""
        self._since = used
        return used + max(self._left, 0)

    def pause(self, used: float) -> None:
        """Another unit begins, with this processor time used."""
        self._left -= used - self._since

    def record(self) -> bytes:
        """The unit as bytes of one line."""
        span = self.at
        return json.dumps([self.what, span.file, span.line, span.column, self.lines, self.seconds]).encode()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a unit could not be finished: by which rule, what it was, how much it needed, and what would help."""

    key: str
    rule: Rule
    what: str
    amount: str
    at: Span
    hint: str

    def finding(self) -> Finding:
        """The failure as a person reads it."""
        return Finding(rule=self.rule, message=f"{self.what} {self.amount}", at=self.at, hint=self.hint)


class Overrun(Halt):
    """A unit that has failed before is not begun again; carries its finding, and how much it needed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__([failure.finding()])
        self.amount = failure.amount


def failure_of(unit: Unit, rule: Rule, amount: str) -> Failure:
    """The failure of a unit; `amount` says how much it needed."""
    hints = {
        rules.TOO_LONG.code: "make it smaller or simpler: fewer repetitions, shorter texts, smaller lists",
        rules.TOO_MUCH.code: "make it smaller, or allow more with the variable QATGEN_MEMORY (MiB)",
        rules.TOO_NESTED.code: "nest it less deeply",
        rules.DIED.code: "make it smaller or simpler; if it is small already, please report it",
    }
    return Failure(unit.key, rule, unit.what, amount, unit.at, hints[rule.code])


class Watch:
    """Marks units in shared memory and moves the soft limit of processor time before each."""

    def __init__(
        self,
        memory: mmap.mmap,
        failures: Collection[Failure],
        seconds: int = SECONDS,
    ) -> None:
        self._memory = memory
        self._cell = memoryview(memory).cast("q")
        self._seconds = seconds
        self._failures = {failure.key: failure for failure in failures}
        self._epoch = object()
        self._next = _HEAD
        self._fresh_until = math.inf
        self.current: Unit | None = None
        self.short: tuple[Unit, Rule] | None = None
        self._cell[0] = _NONE
        self._refused: tuple[Finding, ...] = ()

    def refuse(self, findings: Iterable[Finding]) -> None:
        """Begin no unit any more: each raises Halt with these findings, which the work reports as its own."""
        self._refused = tuple(findings)

    def start(self) -> None:
        """Begin to limit, until then units are only marked. Main thread only.

        Code outside of every unit may take long, no single call of it may.
        """
        self._renew(time.monotonic())
        signal.signal(signal.SIGPROF, self._between)
        signal.setitimer(signal.ITIMER_PROF, 2, 2)

    def learn(self, failures: Collection[Failure]) -> None:
        """Take in units that failed in another process."""
        self._failures |= {failure.key: failure for failure in failures}
        self._epoch = object()

    def enter(self, unit: Unit | None) -> Unit | None:
        """Work on a unit from now on; gives the one before. Raises Overrun for one that has failed."""
        before = self.current
        if unit is None:
            self._cell[0] = _NONE
        else:
            if unit._epoch is not self._epoch:  # noqa: SLF001 - kept with the unit for speed
                self._register(unit)
            self._cell[0] = unit._offset  # noqa: SLF001
        if (before is not None and before.lasting) or (unit is not None and unit.lasting):
            self._share(before, unit)
        elif unit is not None:
            now = time.monotonic()
            if now >= self._fresh_until:
                self._renew(now)
        self.current = unit
        return before

    def mark(self, unit: Unit) -> None:
        """Say more exactly what is worked on, inside a unit whose time goes on. Raises Overrun."""
        if unit._epoch is not self._epoch:  # noqa: SLF001
            self._register(unit)
        self._cell[0] = unit._offset  # noqa: SLF001
        self.current = unit

    def blame(self, kind: type[BaseException] | None) -> None:
        """Note which unit an exception of the system's limits struck: the innermost one."""
        if self.short is None and self.current is not None and kind is not None:
            if issubclass(kind, MemoryError):
                self.short = self.current, rules.TOO_MUCH
            elif issubclass(kind, RecursionError):
                self.short = self.current, rules.TOO_NESTED

    def _register(self, unit: Unit) -> None:
        if self._refused:
            raise Halt(self._refused)
        failure = self._failures.get(unit.key)
        if failure is not None:
            raise Overrun(failure)
        record = unit.record()
        if len(record) > _LONGEST:
            record = Unit(unit.what[:1000], Span(unit.at.file[:1000], unit.at.line, unit.at.column)).record()
        if self._next + 8 + len(record) > _SIZE:
            self._next, self._epoch = _HEAD, object()
        struct.pack_into("q", self._memory, self._next, len(record))
        self._memory[self._next + 8 : self._next + 8 + len(record)] = record
        unit._epoch, unit._offset = self._epoch, self._next  # noqa: SLF001
        self._next += 8 + len(record)

    def _share(self, before: Unit | None, unit: Unit | None) -> None:
        """Go from one unit to another, of which one at least is lasting."""
        if self._fresh_until == math.inf:
            return  # nothing is limited yet
        used = _processor_time()
        if before is not None and before.lasting:
            before.pause(used)
        if unit is not None and unit.lasting:
            _limit(math.ceil(unit.go_on(used)))
            self._fresh_until = -math.inf  # the next unit has a time of its own
        else:
            self._renew(time.monotonic())

    def _renew(self, now: float) -> None:
        _limit(math.ceil(_processor_time() + _FRESH) + self._seconds)
        self._fresh_until = now + _FRESH

    def _between(self, _number: int, _frame: Any) -> None:
        if self.current is None:
            self._renew(time.monotonic())


def _processor_time() -> float:
    """What this process has used, as the system's limit counts it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _limit(soft: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard < 0 else min(soft, hard), hard))


_watch: Watch | None = None


def shared_memory() -> mmap.mmap:
    """Memory that a process shares with the children it forks."""
    return mmap.mmap(-1, _SIZE)


def unit_in(memory: mmap.mmap) -> Unit | None:
    """The unit a process was working on when it ended; None outside of every unit."""
    (offset,) = struct.unpack_from("q", memory, 0)
    if not _HEAD <= offset < _SIZE - 8:
        return None
    (length,) = struct.unpack_from("q", memory, offset)
    try:
        what, file, line, column, lines, seconds = json.loads(memory[offset + 8 : offset + 8 + length])
    except ValueError:
        return None
    return Unit(what, Span(file, line, column), lines, seconds=seconds)


def install(watch: Watch | None) -> None:
    """Make a watch this process's own."""
    global _watch  # noqa: PLW0603 - one limit a process
    _watch = watch


def installed() -> Watch | None:
    """The watch of this process."""
    return _watch


def begin(unit: Unit) -> None:
    """Work on a unit from now on, until `resume`. Raises Overrun for one that has failed."""
    if _watch is not None:
        _watch.enter(unit)


def current() -> Unit | None:
    """What is worked on now: where `resume` is to go back to."""
    return None if _watch is None else _watch.current


def mark(unit: Unit) -> None:
    """Say more exactly what is worked on, inside a unit whose time goes on. Raises Overrun for one that has failed."""
    if _watch is not None:
        _watch.mark(unit)


def resume(before: Unit | None) -> None:
    """Go back to what was worked on before."""
    if _watch is not None:
        _watch.enter(before)


class running:  # noqa: N801 - read as a word: `with running(unit):`
    """A context in which one unit is worked on. Entering raises Overrun for one that has failed."""

    __slots__ = ("_before", "_unit")

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._before: Unit | None = None

    def __enter__(self) -> Self:
        if _watch is not None:
            self._before = _watch.enter(self._unit)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if _watch is not None:
            if kind is not None:
                _watch.blame(kind)
            _watch.enter(self._before)
