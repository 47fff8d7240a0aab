"""Numbers and quantities as virt-api reads them: JSON's floats, and the texts and overflows of Go's Quantity.

Sources: encoding/json (floatEncoder), k8s.io/apimachinery pkg/api/resource (quantity.go, amount.go, math.go).
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from generator.digits import whole
from generator.quantity import Form, Quantity

_WRONG_FORM = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_WRONG_SUFFIX = "unable to parse quantity's suffix"
_WRONG_NUMBER = "unable to parse numeric part of quantity"
_PARTS = re.compile(r"([+-]?)(\d*)(?:(\.)(\d*))?([eEinumkKMGTP]*[-+]?\d*)", re.ASCII)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_MOST = 2**63 - 1
_SAFE = 2**53 - 1
_FAR = 400
"""Powers of ten beyond which only a comparison can follow."""


class AmountError(ValueError):
    """Text that Go's Quantity does not read, in its words."""


def is_integer(number: float) -> bool:
    """Whether a JSON number passes for an integer in an OpenAPI check (go-openapi/swag, IsFloat64AJSONInteger)."""
    return abs(number) <= _SAFE and number == int(number)


def number_text(number: float) -> str:
    """A number as encoding/json writes the float64 it was read as."""
    value = float(number)
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    shown = "".join(map(str, digits))
    point = len(digits) + exponent
    if 1e-6 <= abs(value) < 1e21:
        body = "0." + "0" * -point + shown if point <= 0 else shown[:point] + "." + shown[point:]
    else:
        power = point - 1
        mantissa = shown[0] + ("." + shown[1:] if len(shown) > 1 else "")
        body = f"{mantissa}e{'+' if power >= 0 else '-'}{abs(power):02d}" if power > 0 else f"{mantissa}e-{abs(power)}"
    return ("-" if sign else "") + body


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity: its exact amount, the text Go shows, and what it makes of it in whole units and thousandths."""

    exact: Fraction
    text: str
    value: int
    milli: int

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return self.exact != 0


ZERO = Amount(Fraction(0), "0", 0, 0)


@lru_cache(maxsize=4096)
def amount(text: str) -> Amount:
    """Read a quantity. Raises AmountError."""
    text = text.strip()
    if not text:
        raise AmountError(_WRONG_FORM)
    match = _PARTS.fullmatch(text)
    if match is None:
        raise AmountError(_WRONG_FORM)
    sign, whole, _, rest, suffix = match.groups()
    rest = rest or ""
    base, power, form = _suffix(suffix)
    whole = whole.lstrip("0")
    if not whole and not rest and not suffix and text.lstrip("+-0") == "":
        return Amount(Fraction(0), "0", 0, 0)
    return _made(text, (sign == "-", whole or "0", rest), base, power, form)


def _suffix(suffix: str) -> tuple[int, int, Form]:
    if suffix in _DECIMAL:
        return 10, _DECIMAL[suffix], Form.DECIMAL
    if suffix in _BINARY:
        return 2, _BINARY[suffix], Form.BINARY
    if len(suffix) > 1 and suffix[0] in "eE" and re.fullmatch(r"[+-]?\d+", suffix[1:]):
        return 10, whole(suffix[1:]), Form.EXPONENT
    raise AmountError(_WRONG_SUFFIX)


def _made(text: str, number: tuple[bool, str, str], base: int, power: int, form: Form) -> Amount:
    negative, whole, rest = number
    scale, mantissa, precision = power, 1, 18 - len(whole) - len(rest)
    if base == 2:
        scale, mantissa = 0, 1 << power
        precision = 15 - len(whole) - power * 3 // 10 - 1 if not rest else -1
    scale -= len(rest)
    if precision >= 0 and scale >= -9:
        digits = whole + rest
        units = int(digits) * mantissa * (-1 if negative else 1)
        if abs(units) <= _MOST:
            kept = int(digits) & 7 != 0 and power % 10 == 0 if base == 2 else _kept(scale, digits)
            shown = text if kept else str(_quantity(Fraction(units) * _ten(scale), form))
            exact = Fraction(units) * _ten(scale)
            return Amount(exact, shown, _scaled(units, scale, 0), _scaled(units, scale, -3))
    exact = Fraction(int(whole + rest), 10 ** len(rest)) * (_ten(power) if base == 10 else Fraction(2**power))
    exact = Fraction(-(-exact * 10**9 // 1), 10**9)
    if form is Form.BINARY:
        exact = min(exact, Fraction(_MOST))
        form = Form.DECIMAL if 0 < exact < 1 else form
    exact = -exact if negative else exact
    return Amount(exact, str(_quantity(exact, form)), _wrapped(exact, 1), _wrapped(exact, 1000))


def _kept(scale: int, digits: str) -> bool:
    return scale % 3 == 0 and not digits.endswith("000") and digits[0] != "0"


def _quantity(exact: Fraction, form: Form) -> Quantity:
    return Quantity(exact, form)


def _ten(power: int) -> Fraction:
    return Fraction(10) ** max(-_FAR, min(power, _FAR))


def _scaled(units: int, scale: int, to: int) -> int:
    """What int64Amount.AsScaledInt64 gives: rounded away from zero, 0 where it overflows."""
    if scale >= to:
        value = units * int(10 ** min(scale - to, _FAR))
        return value if abs(value) <= _MOST else 0
    step = int(10 ** (to - scale))
    size = -(-abs(units) // step)
    return size if units >= 0 else -size


def _wrapped(exact: Fraction, unit: int) -> int:
    """What big.Int.Int64 leaves of a large amount, rounded up."""
    value = -(-exact * unit // 1)
    return (int(value) + 2**63) % 2**64 - 2**63


def of_bytes(count: int) -> Amount:
    """A whole number of bytes, as resource.NewQuantity(…, BinarySI) shows it."""
    return Amount(Fraction(count), str(Quantity.of(count, Form.BINARY)), count, count * 1000)
