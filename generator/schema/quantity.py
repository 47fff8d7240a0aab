"""Quantities: amounts of memory, CPU and devices as Kubernetes writes them."""

import re
from fractions import Fraction
from functools import lru_cache
from typing import Any

# k8s.io/apimachinery pkg/api/resource: sign, decimal number, one suffix.
_FORM = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?[0-9]+|)")
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}

_MOST_CHARACTERS = 1000


@lru_cache(maxsize=16384)
def parse_quantity(text: str) -> Fraction | None:
    """The exact value of a quantity, or None where it is none; exponents beyond three digits are none."""
    match = _FORM.fullmatch(text) if len(text) <= _MOST_CHARACTERS else None
    if not match:
        return None
    sign, number, suffix = match.groups()
    value = Fraction(number if number != "." else "0")
    if suffix in _BINARY:
        value *= 1024 ** _BINARY[suffix]
    elif suffix in _DECIMAL:
        value *= Fraction(10) ** _DECIMAL[suffix]
    elif len(suffix) <= 5:
        value *= Fraction(10) ** int(suffix[1:])
    else:
        return None
    return -value if sign == "-" else value


def is_quantity(value: Any) -> bool:
    """Whether a value is a quantity: text of the right form, or a number."""
    if isinstance(value, str):
        return parse_quantity(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)
