"""A child process that evaluates what users supply: started, limited, ended with its parent, and read afterwards.

A child ends when the pipe whose other end its parent holds is closed, inside a call of C too: the pipe is asked to send
SIGIO, which ends a process that does not handle it (fcntl(2), F_SETOWN and O_ASYNC; pipe(7)). On Linux the parent's
death ends a worker as well (prctl(2), PR_SET_PDEATHSIG).
"""

import faulthandler
import fcntl
import mmap
import os
import re
import resource
import select
import signal
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, NoReturn

from generator.bounds import rules
from generator.bounds.signals import let_in
from generator.bounds.unit import SECONDS, Failure, Unit, Watch, failure_of, install, shared_memory, unit_in
from generator.finding import Rule
from generator.location import Span

_MEBIBYTE = 1024 * 1024
_FRAME = re.compile(rb'  File "([^"\n]+)", line (\d+) in ')
_PR_SET_PDEATHSIG = 1
BROKEN = 120
"""Exit status of a child that had no memory left to say so."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use: memory in MiB, and seconds on the clock where that is bounded."""

    mebibytes: int = 2048
    seconds: float | None = None


def inherited() -> Limits:
    """The memory that this process, and so its children, may have."""
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    return Limits() if soft < 0 else Limits(soft // _MEBIBYTE)


@dataclass(frozen=True, slots=True)
class Child:
    """A child that runs, the memory it marks its units in, and the file its last stack is written to."""

    pid: int
    memory: mmap.mmap
    trace: IO[bytes]

    def failure(self, status: int, limits: Limits) -> Failure | None:
        """Why it ended before its time, by its wait status, and in which unit; None outside of every unit."""
        unit = unit_in(self.memory)
        if unit is None:
            return None
        rule, amount = reason_of(status, limits, unit.seconds)
        return failure_of(self._placed(unit) if rule is rules.TOO_LONG else unit, rule, amount)

    def close(self) -> None:
        """Let go of what tells how it ended."""
        self.trace.close()
        self.memory.close()

    def _placed(self, unit: Unit) -> Unit:
        """A template's unit at the line that was running."""
        with suppress(OSError):
            self.trace.seek(0)
            for file, line in _FRAME.findall(self.trace.read(1 << 16)):
                if unit.lines and file.decode(errors="replace") == unit.at.file:
                    return _At(unit, replace(unit.at, line=_template_line(unit.lines, int(line)), column=1))
        return unit


class _At(Unit):
    """A unit that is shown at another place, and known by the same key."""

    __slots__ = ("_key",)

    def __init__(self, unit: Unit, at: Span) -> None:
        super().__init__(unit.what, at)
        self._key = unit.key

    @property
    def key(self) -> str:
        return self._key


def reason_of(status: int, limits: Limits, seconds: float = SECONDS) -> tuple[Rule, str]:
    """The rule for a child's wait status, and what it needed."""
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
        return rules.TOO_LONG, f"needs more than {seconds:g} s of processor time"
    if os.WIFEXITED(status):
        return rules.TOO_MUCH, memory_words(limits)
    name = signal.Signals(os.WTERMSIG(status)).name
    return rules.DIED, f"ended its process by {name}"


def memory_words(limits: Limits) -> str:
    """How a shortage of memory is put."""
    return f"needs more than {limits.mebibytes:,} MiB of memory"


def _template_line(lines: str, code_line: int) -> int:
    """The line of a template of a line of its code, by Jinja2's table."""
    pairs = [tuple(map(int, pair.split("="))) for pair in lines.split("&") if re.fullmatch(r"\d+=\d+", pair)]
    return max((template for template, code in pairs if code <= code_line), default=1)


def start(
    body: Callable[[Watch], None],
    limits: Limits,
    failures: Collection[Failure],
    life: tuple[int, int],
    close: Sequence[int],
    *,
    group: bool = False,
) -> Child:
    """Fork a child that does `body` and ends.

    `life` is the pipe it ends with, `close` are descriptors that belong to the parent alone.

    With `group` it leads a process group of its own. Raises OSError.
    """
    memory, trace = shared_memory(), _unnamed_file()
    pid = os.fork()
    if pid == 0:
        _run(body, limits, Watch(memory, failures), trace, life, close, group=group)
    return Child(pid, memory, trace)


def _run(
    body: Callable[[Watch], None],
    limits: Limits,
    watch: Watch,
    trace: IO[bytes],
    life: tuple[int, int],
    close: Sequence[int],
    *,
    group: bool,
) -> NoReturn:
    """The child, from fork to exit: nothing of the parent's is cleaned up or flushed a second time."""
    try:
        for descriptor in (life[1], *close):
            os.close(descriptor)
        if group:
            os.setpgid(0, 0)
        _die_with_parent(life[0])
        _limit_memory(limits.mebibytes)
        faulthandler.unregister(signal.SIGXCPU)  # our parent's, where that is a child too: it would not be set again
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        let_in(signal.SIGXCPU, signal.SIGPROF, signal.SIGIO)
        # Written by a handler of C, inside a call of C too, before the default action ends the process.
        faulthandler.register(signal.SIGXCPU, file=trace, all_threads=False, chain=True)
        install(watch)
        watch.start()
        body(watch)
        os._exit(0)
    finally:  # an exception that is not caught, or no memory even to say so: the parent reads the exit status
        os._exit(BROKEN)


def _unnamed_file() -> IO[bytes]:
    in_memory = vars(os).get("memfd_create")  # Linux; `tempfile` costs milliseconds to load
    if in_memory is not None:
        return os.fdopen(in_memory("qatgen-stack"), "w+b", buffering=0)
    import tempfile  # noqa: PLC0415

    return tempfile.TemporaryFile(buffering=0)


def _limit_memory(mebibytes: int) -> None:
    """Bound the address space. The hard limit stays: a program we start (kustomize) may raise its own."""
    with suppress(OSError, ValueError):  # macOS has no such limit
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        ceiling = mebibytes * _MEBIBYTE
        resource.setrlimit(resource.RLIMIT_AS, (ceiling if hard < 0 else min(ceiling, hard), hard))


def _die_with_parent(life: int) -> None:
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    with suppress(OSError):
        fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([life], [], [], 0)[0]:  # it was closed before we asked
        os._exit(BROKEN)


def die_with_parent_too() -> None:
    """Ask Linux to end this process with its parent; elsewhere the pipe alone does."""
    import ctypes  # noqa: PLC0415 - costs milliseconds, and only workers need it

    call = getattr(ctypes.CDLL(None), "prctl", None)
    if call is not None:
        call(_PR_SET_PDEATHSIG, signal.SIGKILL)


def as_program() -> None:
    """Called in a process that becomes another program: it ends with us, and is limited by the system's own limits."""
    die_with_parent_too()
    for which in (resource.RLIMIT_AS, resource.RLIMIT_CPU):
        hard = resource.getrlimit(which)[1]
        resource.setrlimit(which, (hard, hard))


def end(pid: int, *, group: bool = False) -> int:
    """End a child that may still be at work, with those it started where it leads a group; gives its wait status."""
    for one in (*_descendants(pid), pid):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    if group:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def _descendants(pid: int) -> Iterator[int]:
    """The processes a process has started, and those that they did, where the system lists them (Linux)."""
    with suppress(OSError):
        for name in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
            yield from _descendants(int(name))
            yield int(name)
