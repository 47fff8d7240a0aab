"""Bounds of a whole run: seconds and memory, for specs and templates of strangers.

The work is done in a child, so that it can be ended wherever it is, in a library that does not look up from its work or
breaks without memory, and somebody is left to say why. The child stays in our process group: whoever ends us, ends it.
"""

import errno
import os
import pickle
import resource
import select
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from generator.finding import Finding, Halt
from generator.location import Span
from generator.pipeline import rules

_MEBIBYTE = 1024 * 1024
_CHUNK = 1 << 16


class Bounds(NamedTuple):
    """How long a run may take, and how much memory one process of it may have."""

    seconds: float
    mebibytes: int


class _Outcome(NamedTuple):
    """How the work ended: its result, findings that ended it, no memory, or an exception that is a bug of ours."""

    result: Any = None
    findings: tuple[Finding, ...] = ()
    memory: bool = False
    bug: str = ""


def bounded(work: Callable[[], Any], bounds: Bounds, file: str) -> Any:
    """Do the work in a child, and give its result, which must pickle.

    Raises Halt with its findings, or with one at `file` where it needs more than it may, and RuntimeError for a bug.
    """
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads: we start none before it
        child = os.fork()
    if child == 0:
        os.close(reader)
        _work(work, writer, bounds.mebibytes)
    os.close(writer)
    try:
        raw = _received(reader, time.monotonic() + bounds.seconds)
    finally:
        os.close(reader)
        _end(child)
        _, status = os.waitpid(child, 0)
    if raw is None:
        hint = "fewer machines, a simpler template, or `--timeout`; Argo CD itself waits no more than 60 s by default"
        raise _halt(f"rendering took more than {bounds.seconds:g} s", file, hint)
    outcome = pickle.loads(raw) if raw else _Outcome(memory=True)  # noqa: S301 - written by our own child
    if outcome.memory:
        broken = f", and was ended by signal {os.WTERMSIG(status)}" if not raw and os.WIFSIGNALED(status) else ""
        hint = "fewer machines, a simpler template, or `--memory`"
        raise _halt(f"rendering needed more than {bounds.mebibytes:,} MiB of memory{broken}", file, hint)
    if outcome.bug:
        raise RuntimeError(outcome.bug)
    if outcome.findings:
        raise Halt(outcome.findings)
    return outcome.result


def _work(work: Callable[[], Any], writer: int, mebibytes: int) -> NoReturn:
    """The child: what it says goes through the pipe, and nothing of it leaves by any other way."""
    try:
        ceiling, hard = mebibytes * _MEBIBYTE, resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (ceiling if hard < 0 else min(ceiling, hard), hard))
        raw = pickle.dumps(_outcome(work))
        while raw:
            raw = raw[os.write(writer, raw) :]
    except BaseException:  # noqa: BLE001 - no memory even to say so; the parent hears nothing, and knows
        os._exit(1)
    os._exit(0)


def _outcome(work: Callable[[], Any]) -> _Outcome:
    try:
        return _Outcome(work())
    except Halt as halt:
        return _Outcome(findings=halt.findings)
    except MemoryError:
        return _Outcome(memory=True)
    except Exception as error:  # noqa: BLE001 - told by the parent, as every bug of ours is
        if isinstance(error, OSError) and error.errno == errno.ENOMEM:
            return _Outcome(memory=True)
        whole = traceback.format_exc() if os.environ.get("QATGEN_DEBUG") else ""
        return _Outcome(bug=whole or f"{type(error).__name__}: {error}")


def _received(reader: int, end: float) -> bytes | None:
    """All that the child says until it closes the pipe; None where time is up first."""
    parts: list[bytes] = []
    while (left := end - time.monotonic()) > 0:
        if select.select([reader], [], [], left)[0]:
            part = os.read(reader, _CHUNK)
            if not part:
                return b"".join(parts)
            parts.append(part)
    return None


def _end(child: int) -> None:
    """End a child that may still be at work, and whom it started: its worker processes would wait for ever."""
    for pid in [*_descendants(child), child]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _descendants(pid: int) -> Iterator[int]:
    with suppress(OSError):
        for name in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
            yield from _descendants(int(name))
            yield int(name)


def _halt(message: str, file: str, hint: str) -> Halt:
    return Halt([Finding(rule=rules.BOUNDS, message=message, at=Span(file), hint=hint)])
