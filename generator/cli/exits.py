"""Exit codes; stable, documented in --help and the README."""

from enum import IntEnum


class Exit(IntEnum):
    """What the process says to the one that started it."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    BUG = 3
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143
