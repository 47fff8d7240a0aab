"""How much one render may do: steps, text sizes and seconds."""

import signal
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from types import FrameType
from typing import Any

STEP_CHARACTERS = 16  # this much text costs one step
FREE_STEPS = 10_000  # used before the timer is set


@dataclass(frozen=True, slots=True)
class Limits:
    """What one render may use.

    `steps` counts loop turns, calls of macros (at ten) and every 16 characters of text made, so the verdict is
    the same on every machine; `characters` bounds any one text, and `skeleton` what a template writes around its
    values, which is parsed; `bits` bounds whole numbers; `skeletons` is how many are kept parsed; `seconds` is
    processor time and only a second net, as it can stop nothing outside of the main thread.
    """

    steps: int = 10_000_000
    characters: int = 16 * 1024 * 1024
    skeleton: int = 4 * 1024 * 1024
    bits: int = 4096
    template_bytes: int = 1024 * 1024
    seconds: float = 10.0
    skeletons: int = 1024


class LimitReached(BaseException):
    """A render used more than it may; the message says what."""


class Meter:
    """Counts what a render uses; reset before each.

    The timer is set only once a render has used many steps, or is about to do something long: most renders end
    before that, and setting a timer costs as much as printing several values.
    """

    __slots__ = ("_before", "_floor", "left", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.steps
        self._floor = self.left - FREE_STEPS
        self._before: Any = None

    def reset(self) -> None:
        """Begin a new render."""
        self.left = self.limits.steps
        self._floor = self.left - FREE_STEPS

    def charge(self, steps: int) -> None:
        """Use steps; raises LimitReached when none are left."""
        self.left -= steps
        if self.left < self._floor:
            self.hurry()
            if self.left < 0:
                raise LimitReached(f"more than {self.limits.steps:,} steps")

    def charge_text(self, length: int) -> None:
        """Use what a text of this many characters costs; raises LimitReached when it is too long."""
        if length > self.limits.characters:
            raise LimitReached(f"a text of {length:,} characters, {self.limits.characters:,} are allowed")
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

    def weigh(self, value: Any) -> Any:
        """Pay for everything inside a value made by a template, as often as it is inside.

        A list that holds another twice, which holds a third twice, and so on, is small in memory and endless to
        whoever walks it, comparison included.
        """
        waiting = [value]
        while waiting:
            item = waiting.pop()
            if isinstance(item, list | tuple):
                self.charge(len(item))
                waiting.extend(item)
            elif isinstance(item, dict):
                self.charge(2 + 3 * len(item))
                waiting.extend(item.values())
                waiting.extend(item)
        return value

    def hurry(self) -> None:
        """Set the timer, unless one is set already; only the main thread hears it, others go without."""
        self._floor = 0
        usable = threading.current_thread() is threading.main_thread() and hasattr(signal, "SIGVTALRM")
        if self._before is None and usable and not signal.getitimer(signal.ITIMER_VIRTUAL)[0]:
            self._before = signal.signal(signal.SIGVTALRM, _expired) or signal.SIG_DFL
            # The interval raises again: an exception raised while the engine cleans up would be lost.
            signal.setitimer(signal.ITIMER_VIRTUAL, self.limits.seconds, 0.1)

    def rest(self) -> None:
        """Stop the timer, if it is set."""
        if self._before is not None:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, self._before)
            self._before = None


def _expired(_signal: int, _frame: FrameType | None) -> None:
    raise LimitReached("more processor time than allowed")
