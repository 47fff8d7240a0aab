"""Ctrl-C and a polite end, kept waiting while a step must not be left half done."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from generator.bounds.signals import ENDING


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Keep Ctrl-C and a polite end waiting, and let them take effect at the end of the block.

    By handlers, not by the thread's mask: the system hands a signal to any thread that takes it, and its handler runs
    in the main thread all the same. Only the main thread is ever told of them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.signal(number, remember) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if came:
            signal.raise_signal(came[0])
