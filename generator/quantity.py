"""Quantities as Kubernetes writes them: exact values, and the one canonical text of each.

The rules are those of k8s.io/apimachinery pkg/api/resource: a sum keeps the form of its first part, a value is
rounded up to nano units, and the text takes the largest suffix that loses nothing.
"""

import math
import re
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

_FORM = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?[0-9]+|)")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = {-9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
_POWERS = {suffix: power for power, suffix in _DECIMAL.items()}
_NANO = 10**9
_MOST = (1 << 63) - 1
_DIGITS = 18
"""Decimal quantities of more digits than these, and binary ones, are cut off at 64 bits when they are read."""


class Form(Enum):
    """How a quantity was written, and is written again."""

    DECIMAL = "decimal"
    BINARY = "binary"
    EXPONENT = "exponent"


class BadQuantityError(ValueError):
    """Text that is no quantity."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount, exact to a nano unit, and the form it is written in."""

    amount: Fraction
    form: Form = Form.DECIMAL

    @classmethod
    def of(cls, amount: int, form: Form = Form.DECIMAL) -> "Quantity":
        """A whole amount."""
        return cls(Fraction(amount), form)

    def value(self) -> int:
        """The amount in whole units, rounded up; 0 where 64 bits do not hold it, which is what Go's code meets."""
        whole = math.ceil(self.amount)
        return whole if abs(whole) <= _MOST else 0

    def scaled(self, unit: int) -> int:
        """The amount in multiples of `unit`, rounded up."""
        return math.ceil(self.amount / unit)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __add__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.amount + other.amount, self.form if self.amount else other.form)

    def __sub__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.amount - other.amount, self.form if self.amount else other.form)

    def __str__(self) -> str:
        if not self.amount:
            return "0"
        whole = self.amount.denominator == 1
        if self.form is Form.BINARY and whole and abs(self.amount) >= 1024:
            return _binary(int(self.amount))
        return _decimal(self.amount, self.form)


def parse(text: str | float) -> Quantity:
    """Read a quantity; numbers are read as they are written in JSON. Raises BadQuantityError."""
    match = _FORM.fullmatch(str(text))
    if match is None:
        raise BadQuantityError(f'"{text}" is no quantity')
    sign, number, suffix = match.groups()
    amount = Fraction(number)
    form = Form.DECIMAL
    if suffix in _BINARY and suffix:
        amount *= 1024 ** _BINARY.index(suffix)
        form = Form.BINARY
    elif suffix in _POWERS:
        amount *= Fraction(10) ** _POWERS[suffix]
    else:
        exponent = int(suffix[1:])
        if abs(exponent) > 1000:
            raise BadQuantityError(f'"{text}" is far beyond what a quantity holds')
        amount *= Fraction(10) ** exponent
        form = Form.EXPONENT
    if form is Form.BINARY or len(number.replace(".", "").lstrip("0")) > _DIGITS:
        amount = min(amount, Fraction(_MOST))
    rounded = Fraction(math.ceil(amount * _NANO), _NANO)
    return Quantity(-rounded if sign == "-" else rounded, form)


def _binary(amount: int) -> str:
    power = 0
    while amount % 1024 == 0 and power < len(_BINARY) - 1:
        amount //= 1024
        power += 1
    return f"{amount}{_BINARY[power]}"


def _decimal(amount: Fraction, form: Form) -> str:
    mantissa, exponent = math.ceil(amount * _NANO), -9
    while mantissa % 1000 == 0 and exponent < 18:
        mantissa //= 1000
        exponent += 3
    if form is Form.EXPONENT:
        return f"{mantissa}e{exponent}" if exponent else str(mantissa)
    return f"{mantissa}{_DECIMAL[exponent]}"
