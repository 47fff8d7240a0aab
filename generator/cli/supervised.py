"""Every command that evaluates what users supply runs in a child, under the system's limits of time and memory."""

import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from stat import S_ISFIFO

from generator.bounds.child import Limits
from generator.bounds.signals import end_by_exception, exit_code
from generator.bounds.supervise import BeyondLimitsError, BugError, supervise
from generator.bounds.unit import Unit, failure_of
from generator.cli.exits import Exit
from generator.finding import Finding, Halt
from generator.location import Span

_MEMORY = "QATGEN_MEMORY"
_LEAST = 512
"""MiB that a process needs to load its modules; less bounds what `argocd generate` does inside it."""
_ALONE = frozenset({"init", "completion"})
"""Commands that evaluate nothing of a user's."""
_TO_SAY = frozenset({"-h", "--help", "--version"})
_SPOOLED = 32 * 1024 * 1024 + 1
"""One byte more than is read of a file: the reader refuses the rest."""


def run_supervised(arguments: Sequence[str]) -> int:
    """Run the command line in a child where it evaluates anything; gives the exit code."""
    end_by_exception()
    _open_standard_streams()
    if not _evaluates(arguments):
        return _work(arguments)
    mebibytes = _mebibytes()
    if mebibytes is None:
        sys.stderr.write(f"error: {_MEMORY} is {os.environ[_MEMORY]!r}: write how many MiB a process may have\n")
        return Exit.USAGE
    try:
        spooled = _keep_pipes(arguments)
        return _run(lambda: _work(arguments, spooled), Limits(mebibytes), _named_file(arguments))
    except OSError as error:  # too many open files or processes, no room for what comes through a pipe
        sys.stderr.write(f"error: {(error.strerror or str(error)).lower()}\n")
        return Exit.USAGE
    except BugError as error:
        sys.stderr.write(f"internal error: {error}\nthis is a bug of qatgen, please report it with the spec\n")
        return Exit.BUG


def _run(work: Callable[[], int], limits: Limits, file: str) -> int:
    """The exit code of supervised work. Raises BugError, OSError."""
    try:
        done = supervise(work, limits)
    except Halt as halt:
        return _run_to_report(work, limits, halt.findings)
    except BeyondLimitsError as error:
        whole = Unit("one step of the work", Span(file))
        return _run_to_report(work, limits, [failure_of(whole, error.rule, error.amount).finding()])
    if done.signal:
        return exit_code(done.signal)
    code = int(done.result)
    if code == Exit.OK and done.failures:
        return _report([failure.finding() for failure in done.failures])
    return code


def _run_to_report(work: Callable[[], int], limits: Limits, findings: Sequence[Finding]) -> int:
    """Let the command itself report findings that ended it, in the form it was asked for."""
    try:
        done = supervise(work, limits, findings)
    except (Halt, BeyondLimitsError):
        return _report(findings)
    if done.signal:
        return exit_code(done.signal)
    return int(done.result) or _report(findings)


def _work(arguments: Sequence[str], spooled: Iterable[int] = ()) -> int:
    from generator.cli.program import run  # noqa: PLC0415 - loaded where it is limited

    for number in spooled:
        os.lseek(number, 0, os.SEEK_SET)  # a child before this one may have read it
    return _flushed(run(list(arguments)))


def _evaluates(arguments: Sequence[str]) -> bool:
    words = [word for word in arguments if not word.startswith("-")]
    asks = _TO_SAY.intersection(arguments) or "_QATGEN_COMPLETE" in os.environ
    return bool(words) and not asks and words[0] not in _ALONE


def _mebibytes() -> int | None:
    """The memory a process may have; None where the variable holds no such number."""
    text = os.environ.get(_MEMORY)
    if not text:
        return Limits().mebibytes
    return max(int(text), _LEAST) if re.fullmatch(r"[0-9]{1,9}", text) else None


def _named_file(arguments: Sequence[str]) -> str:
    """The file to name where a run as a whole needs too much: the first that was given."""
    return next((word for word in arguments if os.path.isfile(word)), "spec.yaml")  # noqa: PTH113 - no pathlib yet


def _keep_pipes(arguments: Sequence[str]) -> list[int]:
    """Copy what comes through pipes that are named (`-`, `<(…)`) into files: a second child reads it again.

    Gives the descriptors. Raises OSError where that is not possible: what was read already would be missing, without a
    word.
    """
    numbers = {0} if {"-", "/dev/stdin"}.intersection(arguments) else set()
    for word in arguments:
        folder, _, name = word.rpartition("/")
        if folder in ("/dev/fd", "/proc/self/fd") and name.isdecimal():
            numbers.add(int(name))
    found = sorted(number for number in numbers if number == 0 or _is_pipe(number))
    for number in found:
        _spool(number)
    return found


def _is_pipe(number: int) -> bool:
    try:
        return S_ISFIFO(os.fstat(number).st_mode)
    except (OSError, OverflowError):  # no such descriptor
        return False


def _spool(number: int) -> None:
    import tempfile  # noqa: PLC0415 - costs milliseconds, and few commands read a pipe

    with tempfile.TemporaryFile() as copy:
        left = _SPOOLED
        while left > 0 and (part := os.read(number, min(left, 1 << 20))):
            copy.write(part)
            left -= len(part)
        copy.seek(0)
        os.dup2(copy.fileno(), number)


def _open_standard_streams() -> None:
    """Open the standard streams that are closed, so that no file we open takes their place.

    Standard output is opened so that writing fails: what a command prints must not be lost without a word.
    """
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, flags)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            if number == 0:
                sys.stdin = io.TextIOWrapper(io.FileIO(0, "r", closefd=False), encoding="utf-8")
            elif number == 1:
                sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding="utf-8")
            elif number == 2:
                sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), encoding="utf-8")


def _flushed(code: int) -> int:
    """The exit code once all that was printed has left this process."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()  # the reader of our output went away; nothing is left to tell it
    except (OSError, ValueError) as error:
        _drop_output()
        with suppress(OSError):
            reason = getattr(error, "strerror", "") or str(error)
            sys.stderr.write(f"error: standard output cannot be written: {reason.lower()}\n")
        code = code or Exit.USAGE
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    return code


def _drop_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _report(findings: Sequence[Finding]) -> int:
    from generator.report import ReportContext, render_report  # noqa: PLC0415 - only a run that failed reports here

    context = ReportContext(source_text=lambda _: None, colour=False, tool_version="", root="")
    sys.stderr.write(render_report("text", findings, context))
    return Exit.FINDINGS
