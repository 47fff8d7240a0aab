"""Quantities as Kubernetes reads and writes them: exact values, and the text of each.

The rules are those of k8s.io/apimachinery pkg/api/resource (quantity.go): a sum keeps the form of its first part, a
value is rounded up to nano units, and the text takes the largest suffix that loses nothing. A quantity that is only
read and written again keeps the text it had, where the reader found that text canonical by its own quick look.
"""

import math
import re
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

_FORM = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?[0-9]+|)")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = {-9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
_POWERS = {suffix: power for power, suffix in _DECIMAL.items()}
_NANO = 10**9
_MOST = (1 << 63) - 1
_DIGITS = 18
"""Quantities of more digits than these are reckoned with as big numbers, which wrap around at 64 bits."""
_BINARY_DIGITS = 14
_MOST_CHARACTERS = 100
_FAR = 1000
"""Powers of ten beyond this one are not reckoned with."""


class Form(Enum):
    """How a quantity was written, and is written again."""

    DECIMAL = "decimal"
    BINARY = "binary"
    EXPONENT = "exponent"


class BadQuantityError(ValueError):
    """Text that is no quantity."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount, exact to a nano unit, and the form it is written in.

    `text` is what was read, where that is kept; `big` says that the amount is held as a big number.
    """

    amount: Fraction
    form: Form = Form.DECIMAL
    text: str = field(default="", compare=False)
    big: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, amount: int, form: Form = Form.DECIMAL) -> "Quantity":
        """A whole amount."""
        return cls(Fraction(amount), form)

    def value(self) -> int:
        """The amount in whole units, rounded up; what Go's code sees where 64 bits do not hold it."""
        whole = math.ceil(self.amount)
        if abs(whole) <= _MOST:
            return whole
        return (whole + _MOST + 1) % (1 << 64) - _MOST - 1 if self.big else 0

    def scaled(self, unit: int) -> int:
        """The amount in multiples of `unit`, rounded up."""
        return math.ceil(self.amount / unit)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __add__(self, other: "Quantity") -> "Quantity":
        form = self.form if self.amount else other.form
        return Quantity(self.amount + other.amount, form, big=self.big or other.big)

    def __sub__(self, other: "Quantity") -> "Quantity":
        form = self.form if self.amount else other.form
        return Quantity(self.amount - other.amount, form, big=self.big or other.big)

    def __str__(self) -> str:
        if self.text:
            return self.text
        if not self.amount:
            return "0"
        whole = self.amount.denominator == 1
        if self.form is Form.BINARY and whole and abs(self.amount) >= 1024:
            return _binary(int(self.amount))
        return _decimal(self.amount, self.form)


def parse(text: str | float) -> Quantity:
    """Read a quantity; numbers are read as they are written in JSON. Raises BadQuantityError."""
    shown = str(text)
    if len(shown) > _MOST_CHARACTERS:
        raise BadQuantityError(f'"{shown[:_MOST_CHARACTERS]}…" is far beyond what a quantity holds')
    match = _FORM.fullmatch(shown)
    if match is None:
        raise BadQuantityError(f'"{text}" is no quantity')
    sign, number, suffix = match.groups()
    whole, _, rest = number.partition(".")
    digits = (whole.lstrip("0") or "0") + rest
    if suffix in _BINARY and suffix:
        return _read_binary(shown, sign, digits, len(rest), _BINARY.index(suffix))
    form = Form.DECIMAL if suffix in _POWERS else Form.EXPONENT
    power = _POWERS[suffix] if suffix in _POWERS else int(suffix[1:])
    if abs(power) > _FAR:
        raise BadQuantityError(f'"{text}" is far beyond what a quantity holds')
    scale = power - len(rest)
    amount = _rounded(Fraction(int(digits)) * Fraction(10) ** scale)
    big = len(digits) > _DIGITS or scale < -9
    kept = not big and scale % 3 == 0 and not digits.endswith("000") and digits[0] != "0"
    return Quantity(-amount if sign == "-" else amount, form, shown if kept else "", big)


def in_range(text: str | float) -> bool:
    """Whether text is a quantity that 64 bits hold, as every amount of memory or storage must be."""
    try:
        return abs(parse(text).amount) < _MOST  # a binary amount that is larger is cut off at the most
    except BadQuantityError:
        return False


def _read_binary(shown: str, sign: str, digits: str, decimals: int, kibis: int) -> Quantity:
    """A quantity of a binary suffix; one of a fraction or many digits is cut off at 64 bits, or becomes decimal."""
    amount = Fraction(int(digits), 10**decimals) * 1024**kibis
    big = decimals > 0 or len(digits) > _BINARY_DIGITS - 3 * kibis
    form = Form.BINARY
    if big:
        amount = min(_rounded(amount), Fraction(_MOST))
        form = Form.DECIMAL if 0 < amount < 1 else form
    kept = not big and int(digits) & 7 != 0
    return Quantity(-amount if sign == "-" else amount, form, shown if kept else "", big)


def _rounded(amount: Fraction) -> Fraction:
    return Fraction(math.ceil(amount * _NANO), _NANO)


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
