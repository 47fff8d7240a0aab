"""Signals that ask a process to end, as an exception: whatever is open is closed on the way out."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_NEEDED = (signal.SIGCHLD, signal.SIGXCPU, signal.SIGPROF, signal.SIGALRM, signal.SIGIO)
_MOMENT = 0.001
"""Seconds."""


class EndedBySignal(KeyboardInterrupt):
    """A signal asked this process to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def exit_code(number: int) -> int:
    """The exit code of a process that a signal ended, as shells give it."""
    return 128 + number


def end_by_exception() -> None:
    """Raise EndedBySignal in the main thread when one of the signals comes.

    The first ends us; those after it do not disturb the way out. A signal that is ignored stays so (nohup).
    """
    # Whoever started us may ignore the end of children, or hold signals back: we could not wait, nor be limited.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    let_in(*_NEEDED)
    for number in ENDING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _ended)
    sys.unraisablehook = _send_again


def _ended(number: int, _frame: FrameType | None) -> None:
    for one in ENDING:
        signal.signal(one, signal.SIG_IGN)
    raise EndedBySignal(number)


def _send_again(dropped: "sys.UnraisableHookArgs") -> None:
    """Send a signal again, a moment later, whose exception Python dropped.

    Python drops what is raised in a finaliser or in the callback of a weak reference; loading a module has one.
    """
    error = dropped.exc_value
    if not isinstance(error, EndedBySignal):
        sys.__unraisablehook__(dropped)
        return
    number = error.number
    signal.signal(number, _ended)
    signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(number))
    signal.setitimer(signal.ITIMER_REAL, _MOMENT)


@contextmanager
def held_back() -> Iterator[Callable[[], None]]:
    """Keep the signals that ask us to end waiting until the function it gives is called, at the latest until the end.

    A process forked meanwhile holds them back too, and lets them in itself (`let_in`).
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)

    def release() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    try:
        yield release
    finally:
        release()


def let_in(*numbers: int) -> None:
    """Hold none of these signals back any longer, nor those that ask us to end."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (*ENDING, *numbers))
