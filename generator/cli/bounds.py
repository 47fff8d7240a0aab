"""Bounds of a whole run: seconds on the clock and memory, for specs and templates of strangers.

The work is done in a child, so that it can be ended wherever it is, in a library that does not look up from its work or
breaks without memory, and somebody is left to say why.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from generator.bounds import rules as bounds_rules
from generator.bounds.child import Limits
from generator.bounds.signals import EndedBySignal
from generator.bounds.supervise import BeyondLimitsError, TimeUpError, supervise
from generator.finding import Finding, Halt
from generator.location import Span
from generator.pipeline import rules


class Bounds(NamedTuple):
    """How long a run may take, and how much memory one process of it may have."""

    seconds: float
    mebibytes: int


def bounded(work: Callable[[], Any], bounds: Bounds, file: str) -> Any:
    """Do the work in a child, and give its result, which must pickle.

    Raises Halt with its findings, or with one at `file` where it needs more than it may, and BugError for a bug.
    """
    try:
        done = supervise(work, Limits(bounds.mebibytes, bounds.seconds))
    except TimeUpError:
        hint = "fewer machines, a simpler template, or `--timeout`; Argo CD itself waits no more than 60 s by default"
        raise _halt(f"rendering took more than {bounds.seconds:g} s", file, hint) from None
    except BeyondLimitsError as error:
        if error.rule is bounds_rules.TOO_LONG:
            raise _halt(
                f"one step of rendering {error.amount}", file, "fewer machines, or a simpler template"
            ) from None
        broken = f", and was ended by signal {error.number}" if error.number else ""
        hint = "fewer machines, a simpler template, or `--memory`"
        raise _halt(f"rendering needed more than {bounds.mebibytes:,} MiB of memory{broken}", file, hint) from None
    if done.signal:
        raise EndedBySignal(done.signal)
    return done.result


def _halt(message: str, file: str, hint: str) -> Halt:
    return Halt([Finding(rule=rules.BOUNDS, message=message, at=Span(file), hint=hint)])
