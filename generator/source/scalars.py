"""What a plain scalar means, in the strict dialect and as Kubernetes reads it."""

import math
import re
from typing import Final

_BOOL: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
# go-yaml v2 (inside sigs.k8s.io/yaml) takes all of these for booleans, PyYAML all but y and n, YAML 1.2 none.
_BOOL_11: Final = {
    spelling: truth
    for word, truth in (("y", True), ("yes", True), ("on", True), ("n", False), ("no", False), ("off", False))
    for spelling in (word, word.capitalize(), word.upper())
}
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_PLAIN_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_PLAIN_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]+\Z")
_NUMBER_START = re.compile(r"[-+.0-9]")
_ODD_NUMBER = re.compile(
    r"""[-+]?(?:
        0[0-9_]+ | 0o[0-7_]+ | 0x[0-9a-fA-F_]+ | 0b[01_]+          # other bases, leading zeros
      | [0-9][0-9]*_[0-9_]*(?:\.[0-9_]*)?                           # digit groups
      | [0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?                 # sexagesimal
      | (?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][-+]?[0-9]+             # exponents
      | [0-9]+\. | \.[0-9]+                                         # half-written decimals
      | \.(?:inf|Inf|INF)
      )\Z | \.(?:nan|NaN|NAN)\Z""",
    re.VERBOSE,
)
_GO_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_INT64 = range(-(2**63), 2**63)
_UINT64_END: Final = 2**64

_MOST_CHARACTERS = 1000
"""A number of more characters is refused: no reader keeps it, and reading it takes time that grows with its square."""

Scalar = str | int | float | bool | None


class OddScalarError(ValueError):
    """A plain scalar that YAML readers take differently; `str()` says how."""


def strict_scalar(text: str) -> Scalar:
    """Read a plain scalar that all readers agree on.

    Raises OddScalarError where they do not. Dates stay the strings that were written.
    """
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if text in _BOOL_11:
        raise OddScalarError("a boolean to YAML 1.1 readers and a string to YAML 1.2 readers")
    if text in {"<<", "="}:
        raise OddScalarError("a special value to YAML 1.1 readers and a string to YAML 1.2 readers")
    if not _NUMBER_START.match(text):
        return text
    if len(text) > _MOST_CHARACTERS:
        return _long(text)
    if _PLAIN_INT.match(text):
        value = int(text)
        if value not in _INT64:
            raise OddScalarError("an integer beyond 64 bits")
        return value
    if _PLAIN_FLOAT.match(text):
        number = float(text)
        if math.isinf(number):
            raise OddScalarError("a number beyond 64-bit floating point")
        return int(number) if number.is_integer() and abs(number) < _UINT64_END else number
    if _ODD_NUMBER.match(text):
        raise OddScalarError("a number to some YAML readers and another number or a string to others")
    return text


def kubernetes_scalar(text: str) -> Scalar:
    """Read a plain scalar as sigs.k8s.io/yaml does on the way to JSON (go-yaml v2 rules).

    Raises OddScalarError for infinities and NaN, which JSON cannot hold.
    """
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if text in _BOOL_11:
        return _BOOL_11[text]
    if not _NUMBER_START.match(text):
        return text
    if len(text) > _MOST_CHARACTERS:
        return _long(text)
    if _PLAIN_INT.match(text):
        return _bounded(int(text))
    based = _based_int(text.replace("_", ""))
    if based is not None:
        return _bounded(based)
    if _GO_FLOAT.match(text.replace("_", "")):
        number = float(text.replace("_", ""))
        if math.isinf(number):
            raise OddScalarError("a number beyond 64-bit floating point")
        return int(number) if number.is_integer() and abs(number) < _UINT64_END else number
    if re.fullmatch(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", text):
        raise OddScalarError("an infinity or not a number, which JSON cannot hold")
    return text


def is_whole(text: str) -> bool:
    """Whether a text is written as a whole number, in any base, rather than with a fraction or an exponent."""
    return bool(_PLAIN_INT.match(text)) or _based_int(text.replace("_", "")) is not None


def _bounded(value: int) -> int | float:
    if _INT64.start <= value < _UINT64_END:
        return value
    try:
        return float(value)
    except OverflowError:
        raise OddScalarError("a number beyond 64-bit floating point") from None


def _long(text: str) -> str:
    """A plain scalar that is too long for a number: text, or refused where it has the form of one."""
    if _PLAIN_INT.match(text) or _PLAIN_FLOAT.match(text) or _ODD_NUMBER.match(text):
        raise OddScalarError(f"a number of {len(text):,} characters")
    return text


def _based_int(text: str) -> int | None:
    """Go's strconv.ParseInt with base 0: prefixes 0x, 0o, 0b and a bare leading zero for octal."""
    sign, digits = (text[0], text[1:]) if text[:1] in {"-", "+"} else ("", text)
    lowered = digits.lower()
    if re.fullmatch(r"0x[0-9a-f]+|0o[0-7]+|0b[01]+|[1-9][0-9]*|0", lowered):
        value = int(lowered, 0)
    elif re.fullmatch(r"0[0-7]+", lowered):
        value = int(lowered, 8)
    else:
        return None
    return -value if sign == "-" else value


def kustomize_scalar(text: str) -> Scalar:
    """A plain scalar as kustomize takes it: only `true` and `false`, in three spellings each, are booleans.

    Raises OddScalarError as kubernetes_scalar does.
    """
    found = kubernetes_scalar(text)
    return text if isinstance(found, bool) and text.lower() not in ("true", "false") else found
