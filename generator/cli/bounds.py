"""Bounds of a whole run: seconds and memory, for specs and templates of strangers."""

import errno
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from generator.finding import Finding, Halt
from generator.location import Span
from generator.pipeline import rules

_MEBIBYTE = 1024 * 1024


class _TimeUpError(BaseException):
    """The seconds are over. Not an Exception: nothing on the way may take it for a mistake of a template."""


@contextmanager
def bounded(seconds: float, mebibytes: int, file: str) -> Iterator[None]:
    """End a run that needs more seconds, or a process more memory, than it may.

    Raises Halt, with a finding at `file`. Works in the main thread alone, where command lines run.
    """
    before = resource.getrlimit(resource.RLIMIT_AS)
    ceiling = mebibytes * _MEBIBYTE
    if before[1] != resource.RLIM_INFINITY:
        ceiling = min(ceiling, before[1])
    handler = signal.signal(signal.SIGALRM, _time_up)
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, before[1]))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _TimeUpError:
        hint = "fewer machines, a simpler template, or `--timeout`; Argo CD itself waits no more than 60 s by default"
        raise _halt(f"rendering took more than {seconds:g} s", file, hint) from None
    except (MemoryError, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.ENOMEM:
            raise
        hint = "fewer machines, a simpler template, or `--memory`"
        raise _halt(f"rendering needed more than {mebibytes:,} MiB of memory", file, hint) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        resource.setrlimit(resource.RLIMIT_AS, before)


def _time_up(_signal: int, _frame: FrameType | None) -> None:
    # Imported where it is needed: it takes a while to load, and this nearly never happens.
    from multiprocessing import active_children  # noqa: PLC0415

    for child in active_children():
        child.kill()
    raise _TimeUpError


def _halt(message: str, file: str, hint: str) -> Halt:
    return Halt([Finding(rule=rules.BOUNDS, message=message, at=Span(file), hint=hint)])
