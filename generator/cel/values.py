"""The values CEL computes with that Python has no type for, and how values of any type are named and compared."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from generator.cel.failure import EvalError


class Uint(int):
    """An unsigned 64-bit integer; equal to the int of the same number, of another type."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, order=True)
class Timestamp:
    """A moment, in nanoseconds since 1970; `offset` is the zone it was written in, in seconds."""

    nanos: int
    offset: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timestamp) and self.nanos == other.nanos

    def __hash__(self) -> int:
        return hash(self.nanos)


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A stretch of time in nanoseconds."""

    nanos: int


@dataclass(frozen=True, slots=True)
class TypeValue:
    """What `type(x)` gives."""

    name: str


@dataclass(frozen=True, slots=True)
class Some:
    """An optional with a value; the absent optional is NONE."""

    value: Any


@dataclass(frozen=True, slots=True)
class Absent:
    """The optional without a value."""


NONE = Absent()


@dataclass(frozen=True, slots=True)
class Opaque:
    """Base of the libraries' values; `type_name` is what `type(x)` shows."""

    COMPARABLE: ClassVar[bool] = True
    """Whether `==` of two of them gives an answer, on the server."""

    @property
    def type_name(self) -> str:
        """The name of the value's type."""
        raise NotImplementedError


_NAMES: dict[type, str] = {
    bool: "bool",
    int: "int",
    Uint: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    list: "list",
    dict: "map",
    type(None): "null_type",
    Timestamp: "google.protobuf.Timestamp",
    Duration: "google.protobuf.Duration",
    TypeValue: "type",
    Some: "optional_type",
    Absent: "optional_type",
}


def type_name(value: Any) -> str:
    """The run-time type of a value, as the server's messages name it."""
    name = _NAMES.get(value.__class__)
    if name is not None:
        return name
    if isinstance(value, Opaque):
        return value.type_name
    if isinstance(value, dict):
        return "map"
    raise EvalError(f"unsupported value of type {value.__class__.__name__}")


def no_overload(function: str, *args: Any) -> EvalError:
    """The error of a function called with types it does not take."""
    return EvalError(f"no such overload: {function}({', '.join(type_name(a) for a in args)})")


_PLAIN = frozenset((str, int, bool, float, bytes, type(None), Uint))


def equal(a: Any, b: Any, work: "Meter | None" = None) -> bool:
    """CEL's `==` over values of any types: numbers by value, everything else of one type.

    The steps of walking lists and maps are spent from `work`; its error is raised.
    """
    left, right = a.__class__, b.__class__
    if left is right and left in _PLAIN:
        return bool(a == b)
    if left is bool or right is bool or a is None or b is None:
        return False
    if isinstance(a, int | float) and isinstance(b, int | float):
        return to_float(a) == to_float(b) if left is float or right is float else int(a) == int(b)
    if left in _NESTED and right in _NESTED:
        return left is right and _equal_deep(a, b, work)
    return left is right and bool(a == b)


def same(a: Any, b: Any, work: "Meter | None" = None, *, wanted: bool = True) -> bool:
    """The operator `==`, or `!=` where not `wanted`: as `equal`, but a library's value is compared with its own kind.

    Raises EvalError for `==` of others; they differ for `!=` (K8s: cel-go interpreter/interpretable.go, evalEq, evalNe;
    k8s.io/apiserver pkg/cel/quantity.go, Equal).
    """
    if _apart(a, b):
        if wanted:
            raise EvalError("no such overload")
        return True
    return equal(a, b, work) is wanted


def _apart(a: Any, b: Any) -> bool:
    """Whether a library's value is compared with what it cannot be compared with."""
    return isinstance(a, Opaque) and b is not None and (a.__class__ is not b.__class__ or not a.COMPARABLE)


_NESTED = frozenset((list, dict, Some))
_MANY = 1_000
_STEPS = 4


class Meter(Protocol):
    """What steps are spent from before they are taken."""

    def spend(self, steps: int) -> None:
        """Use steps, or raise."""


def _equal_deep(a: Any, b: Any, work: Meter | None) -> bool:
    """Whether two lists, maps or optionals are equal; of what is shared each pair is compared once."""
    stack = [(a, b)]
    seen: set[tuple[int, int]] = set()
    visited = 0
    while stack:
        one, other = stack.pop()
        left, right = one.__class__, other.__class__
        if left not in _NESTED or right not in _NESTED:
            if not equal(one, other) and not _apart(one, other):
                return False  # inside lists and maps the server takes what cannot be compared for equal
            continue
        if left is not right:
            return False
        if left is Some:
            stack.append((one.value, other.value))
            continue
        if len(one) != len(other):
            return False
        visited += 1
        if visited > _MANY:
            if (id(one), id(other)) in seen:
                continue
            seen.add((id(one), id(other)))
        if work is not None:
            work.spend(_STEPS * (1 + len(one)))
        if left is dict:
            if not all(key in other for key in one):
                return False
            stack += [(one[key], other[key]) for key in one]
        else:
            stack += [(x, y) for x, y in zip(one, other, strict=True) if x is not y or x.__class__ not in _SAME]
    return True


_SAME = frozenset((str, int, bool, bytes, type(None), Uint))
"""What is equal to itself; a NaN is not."""


def to_float(value: float) -> float:
    """The nearest double; infinite for numbers beyond all doubles."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def digest(value: Any) -> int:
    """A number that equal values share; takes time by what is stored, however often it is shared."""
    if value.__class__ not in _NESTED:
        return _digest(value)
    known: dict[int, int] = {}
    stack: list[tuple[Any, bool]] = [(value, False)]
    while stack:
        node, opened = stack.pop()
        if id(node) in known or node.__class__ not in _NESTED:
            continue
        parts = _parts(node)
        if not opened:
            stack.append((node, True))
            stack += [(part, False) for part in parts]
            continue
        found = [known[id(part)] if part.__class__ in _NESTED else _digest(part) for part in parts]
        if node.__class__ is dict:
            keys = [hash(key) for key in node]
            known[id(node)] = hash(("map", len(node), sum(map(hash, zip(keys, found, strict=True)))))
        else:
            known[id(node)] = hash((node.__class__.__name__, tuple(found)))
    return known[id(value)]


def _parts(node: Any) -> list[Any]:
    if isinstance(node, Some):
        return [node.value]
    return list(node.values()) if isinstance(node, dict) else list(node)


def _digest(value: Any) -> int:
    kind = value.__class__
    if kind is float and math.isnan(value):
        return 0
    if kind is bool or not isinstance(value, int | float):
        return hash((type_name(value), value))
    return hash(("number", to_float(value)))


_COMPARABLE = frozenset((int, Uint, float, str, bytes, bool, Timestamp, Duration))
_RECEIVERS = frozenset((str, Timestamp, Duration))


def compare(a: Any, b: Any, operator: str) -> int:
    """-1, 0 or 1; raises EvalError for values that have no order, with the text the operator gives."""
    left, right = a.__class__, b.__class__
    if left is not right or left not in _COMPARABLE:
        if left not in _COMPARABLE:
            raise EvalError(f"no such overload: {operator}")
        numeric = (int, Uint, float)
        if left not in numeric or right not in numeric:
            raise EvalError("no such overload")
        if left is float or right is float:
            a, b = to_float(a), to_float(b)
    if (left is float or right is float) and (math.isnan(a) or math.isnan(b)):
        raise EvalError("NaN values cannot be ordered")
    return -1 if a < b else (1 if a > b else 0)


def untyped(operator: str, left: Any, traits: frozenset[type]) -> EvalError:
    """The error of an arithmetic operator whose left side does not have it, or whose right side does not fit."""
    if left.__class__ in traits or left.__class__ in _RECEIVERS:
        return EvalError("no such overload")
    return EvalError(f"no such overload: {operator}")


def size_of(value: Any) -> int:
    """What the cost of a call counts as the size of an argument."""
    kind = value.__class__
    if kind is str or kind is list or kind is dict or kind is bytes:
        return len(value)
    if kind is Some:
        return size_of(value.value)
    if isinstance(value, dict):
        return len(value)
    sizer: Callable[[], int] | None = getattr(value, "size", None)
    return sizer() if sizer is not None else 1


def go_float(value: float, *, exponent_from: int = 6) -> str:
    """A double as Go's shortest `%g` writes it (`1e+06`, `0.5`, `+Inf`); `%v` has its exponent from 21 on."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    mantissa, _, exp = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" and not exp else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + (int(exp) if exp else 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if not digits:
        return sign + "0"
    exponent = point - 1
    if exponent < -4 or exponent >= exponent_from:
        rest = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{rest}e{'+' if exponent >= 0 else '-'}{abs(exponent):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return sign + digits + "0" * (point - len(digits))
    return f"{sign}{digits[:point]}.{digits[point:]}"


def show(value: Any) -> str:
    """A value as Go's `%v` prints it in an error text."""
    kind = value.__class__
    if kind is bool:
        return "true" if value else "false"
    if kind is float:
        return go_float(value, exponent_from=21)
    if value is None:
        return "null"
    if kind is bytes:
        return bytes(value).decode(errors="replace")
    if kind is TypeValue:
        return str(value.name)
    if isinstance(value, list | dict | Some) and _is_large(value):
        return "optional" if isinstance(value, Some) else f"{type_name(value)} of {len(value):,} entries"
    return str(value)


_LARGE = 1_000


def _is_large(value: Any) -> bool:
    """Whether a value has more entries than a message can show, all that is shared counted each time."""
    stack, count = [value], 0
    while stack:
        node = stack.pop()
        parts = _parts(node) if isinstance(node, list | dict | Some) else []
        count += 1 + len(parts)
        if count > _LARGE:
            return True
        stack += parts
    return False
