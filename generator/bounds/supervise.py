"""Do work in a child under the system's limits; where one unit of it needs too much, do the rest without that unit."""

import errno
import os
import pickle
import select
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from generator.bounds import rules
from generator.bounds.child import BROKEN, Child, Limits, end, memory_words, reason_of, start
from generator.bounds.signals import ENDING, held_back
from generator.bounds.undo import undone_by
from generator.bounds.unit import Failure, Watch, failure_of
from generator.finding import Finding, Halt, Rule

FAILURES = 6
"""Units that may fail before the whole run is given up; each costs up to its 10 s."""
_CHUNK = 1 << 16
_GRACE = 10.0
"""Seconds that a child has to clean up after a signal."""


class TimeUpError(Exception):
    """The work took longer on the clock than it may."""


class BeyondLimitsError(Exception):
    """The work as a whole, no unit of it, needed more than it may: by which rule, how much, ended by which signal."""

    def __init__(self, rule: Rule, amount: str, number: int = 0) -> None:
        super().__init__(amount)
        self.rule = rule
        self.amount = amount
        self.number = number


class BugError(Exception):
    """The work ended with an exception that is a bug; the text says which."""


@dataclass(frozen=True, slots=True)
class Supervised:
    """What supervised work gave: its result, the units that failed, and the signal that ended it without a result."""

    result: Any
    failures: tuple[Failure, ...] = ()
    signal: int = 0


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a child says at its end: a result, findings, the unit that had too little, or a bug."""

    result: Any = None
    findings: tuple[Finding, ...] = ()
    failure: Failure | None = None
    short: bool = False
    bug: str = ""


def supervise(work: Callable[[], Any], limits: Limits, refused: Sequence[Finding] = ()) -> Supervised:
    """Do work in a child; its result must pickle.

    A unit that needs too much is left out, and the work begins again without it. With `refused` no unit is begun at
    all: the work has only these findings to report, in its own form. Raises Halt with the work's own findings or where
    too many units fail, BeyondLimitsError outside of every unit, TimeUpError, BugError, OSError.
    """
    failures: list[Failure] = []
    life = os.pipe()
    try:
        while True:
            outcome, failure, came = _once(work, limits, failures, life, refused)
            if came and outcome is None:
                return Supervised(None, tuple(failures), came)
            if failure is None:
                assert outcome is not None
                return _result(outcome, failures)
            failures.append(failure)
            if len(failures) > FAILURES:
                raise Halt([one.finding() for one in failures])
    finally:
        os.close(life[0])
        os.close(life[1])


def _result(outcome: _Outcome, failures: list[Failure]) -> Supervised:
    if outcome.bug:
        raise BugError(outcome.bug)
    if outcome.findings:
        raise Halt(outcome.findings)
    return Supervised(outcome.result, tuple(failures))


def _once(
    work: Callable[[], Any],
    limits: Limits,
    failures: list[Failure],
    life: tuple[int, int],
    refused: Sequence[Finding],
) -> tuple[_Outcome | None, Failure | None, int]:
    """One child from start to end: what it said, the unit that failed, and the signal that we were sent meanwhile."""
    reader, writer = os.pipe()

    def body(watch: Watch) -> None:
        watch.refuse(refused)
        raw = pickle.dumps(_outcome(work, watch, limits))
        while raw:
            raw = raw[os.write(writer, raw) :]

    with held_back() as release:  # until there is somebody to forward them
        child = start(body, limits, failures, life, (reader,))
        os.close(writer)
        try:
            return _heard(child, reader, limits, release)
        finally:
            child.close()


def _heard(
    child: Child, reader: int, limits: Limits, release: Callable[[], None]
) -> tuple[_Outcome | None, Failure | None, int]:
    with _Forwarding(child.pid) as forwarding:
        try:
            with undone_by(partial(end, child.pid)):
                release()
                raw = _received(reader, None if limits.seconds is None else time.monotonic() + limits.seconds)
                status = os.waitpid(child.pid, 0)[1] if raw is not None else end(child.pid)
        finally:
            os.close(reader)
    if raw is None:
        raise TimeUpError
    outcome = pickle.loads(raw) if raw and os.WIFEXITED(status) else None  # noqa: S301 - written by our own child
    if outcome is not None and outcome.failure is not None:
        return None, outcome.failure, 0
    if outcome is not None and outcome.short:
        raise BeyondLimitsError(rules.TOO_MUCH, memory_words(limits))
    if outcome is not None:
        return outcome, None, forwarding.came
    if forwarding.came:
        return None, None, forwarding.came
    return None, _died(child, status, limits), 0


def _died(child: Child, status: int, limits: Limits) -> Failure:
    """The unit in which a child died. Raises BeyondLimitsError where there is none."""
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != BROKEN:
        raise BugError(f"a process ended by itself with exit code {os.WEXITSTATUS(status)}")
    failure = child.failure(status, limits)
    if failure is None:
        raise BeyondLimitsError(*reason_of(status, limits), os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)
    return failure


def _outcome(work: Callable[[], Any], watch: Watch, limits: Limits) -> _Outcome:
    try:
        return _Outcome(work())
    except Halt as halt:
        return _Outcome(findings=halt.findings)
    except (MemoryError, RecursionError) as error:
        watch.blame(type(error))
        if watch.short is not None:
            unit, rule = watch.short
            amount = memory_words(limits) if rule is rules.TOO_MUCH else "nests too deeply"
            return _Outcome(failure=failure_of(unit, rule, amount))
        return _Outcome(short=True) if isinstance(error, MemoryError) else _Outcome(bug=bug_words(error))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - reported by the parent, as every bug of ours is
        if isinstance(error, OSError) and error.errno == errno.ENOMEM:
            return _Outcome(short=True)
        return _Outcome(bug=bug_words(error))


def bug_words(error: BaseException) -> str:
    """An exception with the places it came through, for a process that did not see it raised."""
    import traceback  # noqa: PLC0415 - only a bug needs it

    return "".join(traceback.format_exception(error))


def _received(reader: int, end_at: float | None) -> bytes | None:
    """All that the child says until it closes the pipe; None where time is up first."""
    parts: list[bytes] = []
    while True:
        left = None if end_at is None else end_at - time.monotonic()
        if left is not None and left <= 0:
            return None
        if select.select([reader], [], [], left)[0]:
            part = os.read(reader, _CHUNK)
            if not part:
                return b"".join(parts)
            parts.append(part)


class _Forwarding:
    """Signals that would end us are handed to the child, which cleans up; one that does not end in time is killed."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.came = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in ENDING:
            before = signal.getsignal(number)
            if before != signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._forward)
        self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._kill)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, before in self._before.items():
            signal.signal(number, signal.SIG_DFL if before is None else before)

    def _forward(self, number: int, _frame: Any) -> None:
        self.came = self.came or number
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)
        signal.setitimer(signal.ITIMER_REAL, _GRACE)

    def _kill(self, _number: int, _frame: Any) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
