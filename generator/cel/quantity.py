"""Kubernetes resource quantities: parsed, compared, added and written as apimachinery does."""

import re
from dataclasses import dataclass, field
from typing import Any

from generator.cel.failure import EvalError
from generator.cel.values import Opaque

_SHAPE = re.compile(
    r"(?P<sign>[+-]?)(?P<num>[0-9]*)(?:(?P<dot>\.)(?P<denom>[0-9]*))?(?P<suffix>[eEinumkKMGTP]*[-+]?[0-9]*)"
)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_SUFFIX = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_NANO = 9
_DIGITS = 500
"""More digits than any amount has that is not cut to the largest."""
_INT_MAX = 2**63 - 1
_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_NUMERIC = "unable to parse numeric part of quantity"
_SUFFIX = "unable to parse quantity's suffix"


@dataclass(frozen=True, slots=True)
class Quantity(Opaque):
    """A quantity in nano units (`nanos` of 1m is 1,000,000).

    `scale` is the power of ten an int64 representation would have, None where apimachinery needs a big decimal;
    `form` is decimal, exponent or binary; two quantities are equal when their amounts are.
    """

    nanos: int
    form: str = field(default="decimal", compare=False)
    scale: int | None = field(default=0, compare=False)

    @property
    def type_name(self) -> str:
        """`kubernetes.Quantity`."""
        return "kubernetes.Quantity"

    def __str__(self) -> str:
        return canonical(self)


def parse_quantity(text: str) -> Quantity:
    """The quantity a text stands for; raises EvalError with apimachinery's message."""
    if not text:
        raise EvalError(_FORMAT)
    if text == "0":
        return Quantity(0)
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise EvalError(_FORMAT)
    suffix = found["suffix"]
    interpreted = _interpret(suffix)
    if interpreted is None:
        raise EvalError(_SUFFIX)
    form, exponent = interpreted
    num, denom = found["num"].lstrip("0"), found["denom"] or ""
    if not num and found["num"]:
        num = "0"
    if not num and not denom:
        raise EvalError(_NUMERIC)
    negative = found["sign"] == "-"
    return _amount(num, denom, form, exponent, negative=negative)


def _interpret(suffix: str) -> tuple[str, int] | None:
    if suffix in _DECIMAL:
        return "decimal", _DECIMAL[suffix]
    if suffix in _BINARY:
        return "binary", _BINARY[suffix]
    if len(suffix) > 1 and suffix[0] in "eE" and re.fullmatch(r"[+-]?[0-9]{1,18}", suffix[1:]):
        return "exponent", int(suffix[1:])
    return None


def _amount(num: str, denom: str, form: str, exponent: int, *, negative: bool) -> Quantity:
    sign = -1 if negative else 1
    if len(denom) > _DIGITS:  # only whether something follows can matter
        denom = denom[:_DIGITS] + ("1" if denom[_DIGITS:].strip("0") else "")
    if len(num) > _DIGITS:
        exponent += len(num) - _DIGITS if form != "binary" else 0
        num = num[:_DIGITS]
    digits = int((num + denom) or "0")
    if form == "binary":
        simple = not denom and 15 - len(num) - int(exponent * 3 / 10) - 1 >= 0
        scale = 0 if simple else None
        raw, power = digits << exponent, -len(denom)
    else:
        power = exponent - len(denom)
        simple = 18 - len(num) - len(denom) >= 0 and power >= -_NANO
        scale = power if simple else None
        raw = digits
    if abs(power) > 1000:  # beyond anything an int64 or a cap can tell apart
        return Quantity(sign * (_INT_MAX * 10**_NANO if power > 0 and raw else min(raw, 1)), form, None)
    shift = power + _NANO
    nanos = raw * 10**shift if shift >= 0 else -(-raw // 10**-shift)
    if scale is None:
        nanos = min(nanos, _INT_MAX * 10**_NANO)
        if form == "binary" and 0 < nanos < 10**_NANO:
            form = "decimal"
    return Quantity(sign * nanos, form, scale)


def is_quantity(text: str) -> bool:
    """Whether a text is a quantity."""
    try:
        parse_quantity(text)
    except EvalError:
        return False
    return True


def round_up_to_milli(quantity: Quantity) -> Quantity:
    """What defaulting does to every amount of a resource list."""
    step = 10**6
    magnitude = -(-abs(quantity.nanos) // step) * step
    return Quantity(magnitude if quantity.nanos >= 0 else -magnitude, quantity.form, quantity.scale)


def canonical(quantity: Quantity) -> str:
    """The one way to write an amount (`1000m` is `1`, `1024Mi` is `1Gi`)."""
    nanos, form = quantity.nanos, quantity.form
    sign = "-" if nanos < 0 else ""
    magnitude = abs(nanos)
    unit = 10**_NANO
    if form == "binary":
        whole, rest = divmod(magnitude, unit)
        if magnitude >= 1024 * unit and not rest:
            power = 0
            while whole % 1024 == 0 and power < 6:
                whole //= 1024
                power += 1
            return f"{sign}{whole}{['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'][power]}"
        form = "decimal"
    if not magnitude:
        return "0"
    exponent = -_NANO
    while magnitude % 10 == 0:
        magnitude //= 10
        exponent += 1
    while exponent % 3:
        magnitude *= 10
        exponent -= 1
    if form == "exponent":
        return f"{sign}{magnitude}" + (f"e{exponent}" if exponent else "")
    if exponent > 18:
        magnitude, exponent = magnitude * 10 ** (exponent - 18), 18
    return f"{sign}{magnitude}{_DECIMAL_SUFFIX[exponent]}"


def add(a: Quantity, b: Quantity) -> Quantity:
    """The sum; its form is the first's, unless that is zero."""
    scale = None if a.scale is None or b.scale is None else min(a.scale, b.scale)
    if not a.nanos:
        return Quantity(b.nanos, a.form if a.scale is not None and b.scale is not None else b.form, b.scale)
    if not b.nanos:
        return a
    return Quantity(a.nanos + b.nanos, a.form, scale)


def subtract(a: Quantity, b: Quantity) -> Quantity:
    """The difference."""
    return add(a, Quantity(-b.nanos, b.form, b.scale))


def from_int(value: int) -> Quantity:
    """A whole number as a quantity."""
    return Quantity(value * 10**_NANO, "exponent", 0)


def as_integer(quantity: Quantity) -> int | None:
    """The whole number, where apimachinery holds it as one."""
    if quantity.scale is None or quantity.scale < 0:
        return None
    value = quantity.nanos // 10**_NANO
    return value if -(2**63) <= value <= _INT_MAX else None


def as_float(quantity: Quantity) -> float:
    """The nearest double."""
    if quantity.scale is not None and -_NANO <= quantity.scale < 0:
        digits: int = quantity.nanos // 10 ** (_NANO + quantity.scale)
        return float(digits) * float(f"1e{quantity.scale}")
    return float(quantity.nanos / 10**_NANO)


def _compare(a: Quantity, b: Quantity) -> int:
    return (a.nanos > b.nanos) - (a.nanos < b.nanos)


def _integer(quantity: Quantity) -> int:
    value = as_integer(quantity)
    if value is None:
        raise EvalError("cannot convert value to integer")
    return value


FUNCTIONS: dict[str, Any] = {
    "string_to_quantity": parse_quantity,
    "is_quantity_string": is_quantity,
    "quantity_sign": lambda q: (q.nanos > 0) - (q.nanos < 0),
    "quantity_is_greater_than": lambda a, b: a.nanos > b.nanos,
    "quantity_is_less_than": lambda a, b: a.nanos < b.nanos,
    "quantity_compare_to": _compare,
    "quantity_get_float": as_float,
    "quantity_get_int": _integer,
    "quantity_is_integer": lambda q: as_integer(q) is not None,
    "quantity_add": add,
    "quantity_add_int": lambda q, n: add(q, from_int(n)),
    "quantity_sub": subtract,
    "quantity_sub_int": lambda q, n: subtract(q, from_int(n)),
}
