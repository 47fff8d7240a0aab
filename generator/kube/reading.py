"""Quantities read: from text, as ParseQuantity does, and from values of JSON, as Quantity.UnmarshalJSON does.

Source: k8s.io/apimachinery v0.36 pkg/api/resource (quantity.go, suffix.go), encoding/json (encode.go, floatEncoder).
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from generator.kube.integers import MOST, int32
from generator.kube.quantity import BINARY_SUFFIXES, EXACT, MILLI, NANO, SUFFIXES, Form, Quantity, QuantityError

WRONG_FORM = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
WRONG_SUFFIX = "unable to parse quantity's suffix"
WRONG_NUMBER = "unable to parse numeric part of quantity"

# No part gives back what it has matched: Go reads from left to right, once.
_PARTS = re.compile(r"([+-]?)0*+([0-9]*+)(?:\.([0-9]*+))?([eEinumkKMGTP]*+[-+]?[0-9]*+)")
_EXPONENT = re.compile(r"[eE]([+-]?)0*([0-9]+)")
_DIGITS = 18
"""Digits of the int64 an amount is held in."""
_BINARY_DIGITS = 14
_SPACE = " \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
"""White space that JSON leaves as it is; what it escapes, such as a tab, is not white space in the raw text."""
_SHORT = 64
"""Longer texts are not remembered."""
_MOST_AMOUNT = Decimal(MOST)


def parse(text: str) -> Quantity:
    """Read a quantity. Raises QuantityError with the server's words."""
    return _remembered(text) if len(text) <= _SHORT else _parse(text)


def read_json(value: Any) -> Quantity:
    """The quantity of a JSON value: a text, with or without space around it, or a number. Raises QuantityError."""
    if isinstance(value, str):
        return parse(value.strip(_SPACE))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise QuantityError(WRONG_FORM)
    return parse(number_text(value))


def is_quantity(value: Any) -> bool:
    """Whether a JSON value is a quantity."""
    try:
        read_json(value)
    except QuantityError:
        return False
    return True


def exact_amount(value: Any) -> Decimal | None:
    """The exact amount of a JSON value, or None where it is not a quantity."""
    try:
        return read_json(value).exact
    except QuantityError:
        return None


def in_range(value: Any) -> bool:
    """Whether a JSON value is a quantity that 64 bits hold, as every amount of memory or storage must be."""
    try:
        return read_json(value).exact.copy_abs() < _MOST_AMOUNT  # a binary amount that is larger is cut off at the most
    except QuantityError:
        return False


def stored_text(value: Any) -> str:
    """The text of an amount of a resource list as the server keeps it: rounded up to thousandths. Raises QuantityError.

    Source: k8s.io/kubernetes pkg/apis/core/v1/defaults.go, SetDefaults_ResourceList.
    """
    return (
        _stored(value) if isinstance(value, str) and len(value) <= _SHORT else read_json(value).rounded_up(MILLI).text
    )


@lru_cache(maxsize=16384)
def _stored(text: str) -> str:
    return read_json(text).rounded_up(MILLI).text


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


def _parse(text: str) -> Quantity:
    if not text:
        raise QuantityError(WRONG_FORM)
    if text == "0":
        return Quantity(Decimal(0), kept=text)
    found = _PARTS.fullmatch(text)
    if found is None:
        raise QuantityError(WRONG_FORM)
    sign, whole, rest, suffix = found.groups(default="")
    form, power = _interpret(suffix)
    whole = whole or "0"
    if form is Form.BINARY:
        small = not rest and len(whole) <= _BINARY_DIGITS - 3 * power
        scale = 0
    else:
        scale = int32(power - len(rest))
        small = len(whole) + len(rest) <= _DIGITS and scale >= NANO
    if not small:
        if not re.search("[0-9]", text[: found.start(4)]):
            raise QuantityError(WRONG_NUMBER)
        return _big(Decimal(f"{whole}.{rest}"), form, power, negative=sign == "-")
    digits = whole + rest
    counted = int(digits)
    if form is Form.BINARY:
        kept = counted & 7 != 0
        counted <<= 10 * power
    else:
        kept = scale % 3 == 0 and not digits.endswith("000") and digits[0] != "0"
    exact = Decimal(-counted if sign == "-" else counted).scaleb(scale, EXACT)
    return Quantity(exact, scale, form, kept=text if kept else "")


_remembered = lru_cache(maxsize=16384)(_parse)


def _interpret(suffix: str) -> tuple[Form, int]:
    """The form a suffix gives, and its power: of 1024 in the binary form, else of ten."""
    power = SUFFIXES.get(suffix)
    if power is not None:
        return Form.DECIMAL, power
    if suffix in BINARY_SUFFIXES:
        return Form.BINARY, BINARY_SUFFIXES.index(suffix)
    found = _EXPONENT.fullmatch(suffix)
    if found is None or len(found[2]) > 19:
        raise QuantityError(WRONG_SUFFIX)
    power = -int(found[2]) if found[1] == "-" else int(found[2])
    if not -MOST - 1 <= power <= MOST:
        raise QuantityError(WRONG_SUFFIX)
    return Form.EXPONENT, int32(power)


def _big(number: Decimal, form: Form, power: int, *, negative: bool) -> Quantity:
    """An amount of many digits or of less than nanos: rounded up to nanos; a binary one is cut off at 64 bits."""
    if form is Form.BINARY:
        number = EXACT.multiply(number, Decimal(1024**power))
        scale = int(number.as_tuple().exponent)
    else:
        scale = int32(int(number.as_tuple().exponent) + power)
        number = number.scaleb(scale - int(number.as_tuple().exponent), EXACT)
    if number:
        if scale < NANO:
            number = number.quantize(Decimal(1).scaleb(NANO), context=EXACT)
        scale = NANO
    if form is Form.BINARY and number > _MOST_AMOUNT:
        number, scale = _MOST_AMOUNT, 0
    if form is Form.BINARY and 0 < number < 1:
        form = Form.DECIMAL
    return Quantity(number.copy_negate() if negative and number else number, scale, form, big=True)
