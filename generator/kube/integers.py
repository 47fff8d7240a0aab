"""Integers of 32 and 64 bits as Go has them: what does not fit wraps around.

Source: the Go language specification, "Integer overflow", and math.Pow10.
"""

MOST = (1 << 63) - 1
"""The largest int64."""

_TABLE = 32


def int32(number: int) -> int:
    """The low 32 bits of a number, signed."""
    return (number + (1 << 31)) % (1 << 32) - (1 << 31)


def int64(number: int) -> int:
    """The low 64 bits of a number, signed."""
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)


def fits(number: int) -> bool:
    """Whether an int64 holds a number; the most negative one counts as an overflow, as it does in products."""
    return -MOST <= number <= MOST


def pow10(power: int) -> float:
    """10**power as math.Pow10 gives it: the product, or the quotient, of two entries of its tables."""
    if power > 308:
        return float("inf")
    if power < -323:
        return 0.0
    step, rest = divmod(abs(power), _TABLE)
    if power >= 0:
        return float(f"1e{step * _TABLE}") * float(f"1e{rest}")
    return float(f"1e-{step * _TABLE}") / float(f"1e{rest}")
