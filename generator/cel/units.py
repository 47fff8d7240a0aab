"""Say which expression is evaluated next, so that whoever bounds this process can name it when the bound is reached."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Place = tuple[str | int, ...]
Enter = Callable[[str, Place], None]
"""Called with the owner of an expression and the place in the owner's file: a policy's name, or the text of a rule."""


class _Watch:
    """The one supervisor a process has."""

    enter: Enter | None = None


def begin(owner: str, place: Place) -> None:
    """Say that an expression is evaluated next; does nothing where nobody watches."""
    if _Watch.enter is not None:
        _Watch.enter(owner, place)


@contextmanager
def watched(enter: Enter) -> Iterator[None]:
    """Call `enter` before every expression that is evaluated inside."""
    before, _Watch.enter = _Watch.enter, enter
    try:
        yield
    finally:
        _Watch.enter = before
