"""JSON that people and tools hand in: text to plain data, with the same bounds as YAML."""

import json
import math
import re
from typing import Any, NoReturn

from generator.source.limits import MAX_DEPTH

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LONE = re.compile("[\ud800-\udfff]")
_MOST_CHARACTERS = 1000


class BadJsonError(ValueError):
    """Text that is not JSON, or is more than we read; `str()` is the reason."""


def parse_json(text: str | bytes) -> Any:
    """The value of a JSON text, in time that grows with its length.

    Raises BadJsonError for what is not JSON, for nesting of more than 100 levels, and for values that nothing else
    holds: numbers of more than 1,000 characters or beyond 64-bit floating point, NaN, halves of surrogate pairs.
    """
    try:
        content = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        raise BadJsonError(f"byte 0x{error.object[error.start]:02x} at offset {error.start} is not UTF-8") from None
    _refuse_depth(content)
    try:
        data = json.loads(content, parse_int=_integer, parse_float=_decimal, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise BadJsonError(str(error)) from None
    except RecursionError:
        raise BadJsonError(f"nested more than {MAX_DEPTH} levels") from None
    if _SURROGATE.search(content) and _LONE.search(json.dumps(data, ensure_ascii=False)):
        raise BadJsonError("an escape is half of a surrogate pair, which no text can hold")
    return data


def _refuse_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for found in _TOKEN.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth > MAX_DEPTH:
            raise BadJsonError(f"nested more than {MAX_DEPTH} levels")


def _integer(text: str) -> int | float:
    if len(text) > _MOST_CHARACTERS:
        raise BadJsonError(f"a number of {len(text):,} characters")
    value = int(text)
    if abs(value) >= 2**64:
        _decimal(text)  # what reads it as a floating-point number must be able to
    return value


def _decimal(text: str) -> float:
    if len(text) > _MOST_CHARACTERS:
        raise BadJsonError(f"a number of {len(text):,} characters")
    value = float(text)
    if math.isinf(value):
        raise BadJsonError(f"the number {text} is beyond 64-bit floating point")
    return value


def _constant(text: str) -> NoReturn:
    raise BadJsonError(f"{text} is not JSON")
