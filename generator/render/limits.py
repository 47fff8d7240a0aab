"""How much one render may do: steps, text sizes and seconds."""

import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from types import FrameType
from typing import Any

STEP_CHARACTERS = 64  # this much text costs one step


@dataclass(frozen=True, slots=True)
class Limits:
    """What one render may use.

    `steps` counts loop turns, calls of macros and blocks of 64 characters made, so the verdict is the same on
    every machine; `characters` bounds any one text, the rendered document included; `seconds` is processor time
    and only a second net, as it can stop nothing outside of the main thread.
    """

    steps: int = 1_000_000
    characters: int = 16 * 1024 * 1024
    bits: int = 4096
    template_bytes: int = 1024 * 1024
    seconds: float = 10.0
    skeletons: int = 2048


class LimitReached(BaseException):
    """A render used more than it may; the message says what."""


class Meter:
    """Counts what a render uses; reset before each."""

    __slots__ = ("left", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.steps

    def reset(self) -> None:
        """Begin a new render."""
        self.left = self.limits.steps

    def charge(self, steps: int) -> None:
        """Use steps; raises LimitReached when none are left."""
        self.left -= steps
        if self.left < 0:
            raise LimitReached(f"more than {self.limits.steps} steps")

    def charge_text(self, length: int) -> None:
        """Use what a text of this many characters costs; raises LimitReached when it is too long."""
        if length > self.limits.characters:
            raise LimitReached(f"a text of {length} characters, {self.limits.characters} are allowed")
        if length >= STEP_CHARACTERS:
            self.charge(length // STEP_CHARACTERS)

    def sized(self, items: Iterable[Any], weight: int = 1) -> Any:
        """Pay for one pass over items, `weight` steps each, before it begins."""
        try:
            length = len(items)  # type: ignore[arg-type]
        except TypeError:
            items = tuple(islice(items, self.left + 1))
            length = len(items)
        self.charge(length * weight)
        return items


def _expired(_signal: int, _frame: FrameType | None) -> None:
    raise LimitReached("more processor time than allowed")


@contextmanager
def clock(seconds: float) -> Iterator[bool]:
    """Stop the body after so many seconds of processor time; yields False where no timer can be had.

    Only the main thread hears signals. A timer that somebody else set is left alone.
    """
    usable = threading.current_thread() is threading.main_thread() and hasattr(signal, "SIGVTALRM")
    if not usable or signal.getitimer(signal.ITIMER_VIRTUAL)[0]:
        yield False
        return
    before = signal.signal(signal.SIGVTALRM, _expired)
    # The interval raises again: an exception raised while the engine cleans up would be lost.
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 0.1)
    try:
        yield True
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
