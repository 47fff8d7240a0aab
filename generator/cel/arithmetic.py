"""CEL's operators over numbers, text, times and lists, overflow checked as the server does."""

import math
from collections.abc import Callable
from typing import Any

from generator.cel.failure import EvalError
from generator.cel.values import Duration, Timestamp, Uint, untyped

INT_MIN, INT_MAX, UINT_MAX = -(2**63), 2**63 - 1, 2**64 - 1
# The moments CEL knows: years 1 to 9999, in nanoseconds.
TIME_MIN, TIME_MAX = -62135596800 * 10**9, 253402300799 * 10**9 + 999999999

_ADDERS = frozenset((int, Uint, float, str, bytes, list, Timestamp, Duration))
_SUBTRACTORS = frozenset((int, Uint, float, Timestamp, Duration))
_DIVIDERS = frozenset((int, Uint, float))
_MODDERS = frozenset((int, Uint))


def checked_int(value: int) -> int:
    """An int64, or the overflow error."""
    if INT_MIN <= value <= INT_MAX:
        return value
    raise EvalError("integer overflow")


def checked_uint(value: int) -> Uint:
    """A uint64, or the overflow error."""
    if 0 <= value <= UINT_MAX:
        return Uint(value)
    raise EvalError("unsigned integer overflow")


def checked_time(nanos: int, offset: int = 0) -> Timestamp:
    """A timestamp inside the years 1 to 9999, or the overflow error."""
    if TIME_MIN <= nanos <= TIME_MAX:
        return Timestamp(nanos, offset)
    raise EvalError("timestamp overflow")


def checked_duration(nanos: int) -> Duration:
    """A duration of at most 290 years, or the overflow error."""
    if INT_MIN <= nanos <= INT_MAX:
        return Duration(nanos)
    raise EvalError("duration overflow")


def add(a: Any, b: Any) -> Any:
    """`a + b`."""
    kind = a.__class__
    if kind is b.__class__:
        if kind is str or kind is float or kind is bytes:
            return a + b
        if kind is list:
            return a + b
        if kind is int:
            return checked_int(a + b)
        if kind is Uint:
            return checked_uint(int(a) + int(b))
        if kind is Duration:
            return checked_duration(a.nanos + b.nanos)
    if kind is Timestamp and b.__class__ is Duration:
        return checked_time(a.nanos + b.nanos, a.offset)
    if kind is Duration and b.__class__ is Timestamp:
        return checked_time(a.nanos + b.nanos, b.offset)
    raise untyped("_+_", a, _ADDERS)


def subtract(a: Any, b: Any) -> Any:
    """`a - b`."""
    kind = a.__class__
    if kind is b.__class__:
        if kind is int:
            return checked_int(a - b)
        if kind is float:
            return a - b
        if kind is Uint:
            return checked_uint(int(a) - int(b))
        if kind is Duration or kind is Timestamp:
            return checked_duration(a.nanos - b.nanos)
    if kind is Timestamp and b.__class__ is Duration:
        return checked_time(a.nanos - b.nanos, a.offset)
    raise untyped("_-_", a, _SUBTRACTORS)


def multiply(a: Any, b: Any) -> Any:
    """`a * b`."""
    kind = a.__class__
    if kind is b.__class__:
        if kind is int:
            return checked_int(a * b)
        if kind is float:
            return a * b
        if kind is Uint:
            return checked_uint(int(a) * int(b))
    raise untyped("_*_", a, _DIVIDERS)


def divide(a: Any, b: Any) -> Any:
    """`a / b`; whole numbers are cut toward zero."""
    kind = a.__class__
    if kind is b.__class__:
        if kind is float:
            return _divide_double(a, b)
        if kind in (int, Uint):
            if b == 0:
                raise EvalError("division by zero")
            quotient = abs(a) // abs(b)
            signed = quotient if (a < 0) == (b < 0) else -quotient
            return checked_uint(signed) if kind is Uint else checked_int(signed)
    raise untyped("_/_", a, _DIVIDERS)


def _divide_double(a: float, b: float) -> float:
    if b != 0:
        return a / b
    if a == 0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def modulo(a: Any, b: Any) -> Any:
    """`a % b`, with the sign of a."""
    kind = a.__class__
    if kind is b.__class__ and kind in (int, Uint):
        if b == 0:
            raise EvalError("modulus by zero")
        if kind is int and a == INT_MIN and b == -1:
            raise EvalError("integer overflow")
        rest = abs(a) % abs(b)
        return Uint(rest) if kind is Uint else (-rest if a < 0 else rest)
    raise untyped("_%_", a, _MODDERS)


def negate(a: Any) -> Any:
    """`-a`."""
    kind = a.__class__
    if kind is int:
        return checked_int(-a)
    if kind is float:
        return -a
    if kind is Duration:
        return checked_duration(-a.nanos)
    raise untyped("-_", a, frozenset((bool,)))


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "_+_": add,
    "_-_": subtract,
    "_*_": multiply,
    "_/_": divide,
    "_%_": modulo,
}
