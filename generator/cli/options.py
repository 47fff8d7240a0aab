"""Options that several commands share, put on a command as one."""

from collections.abc import Callable, Sequence
from typing import Any

Command = Callable[..., Any]
Option = Callable[[Command], Command]


def share(command: Command, wrapper: Command, options: Sequence[Option]) -> Command:
    """`wrapper`, which calls `command`, as a command with options before those that `command` has already."""
    wrapper.__doc__ = command.__doc__
    wrapper.__name__ = command.__name__
    vars(wrapper).update(vars(command))
    for option in reversed(options):
        wrapper = option(wrapper)
    return wrapper
