"""`'%s'.format([…])`: text with values put in, as cel-go's strings library writes them."""

import math
import re
from collections.abc import Iterator
from typing import Any

from generator.cel.conversions import to_string
from generator.cel.failure import EvalError
from generator.cel.text import go_quote
from generator.cel.times import format_duration, format_timestamp
from generator.cel.values import Duration, Timestamp, TypeValue, Uint, type_name

_CLAUSE = re.compile(r"(?:\.(?P<precision>[0-9]*))?(?P<verb>.)", re.DOTALL)
_DEFAULT_PRECISION = 6


def format_string(text: str, args: list[Any]) -> str:
    """The text with each clause replaced; raises EvalError with the library's complaint."""
    out: list[str] = []
    used, position = 0, 0
    while position < len(text):
        percent = text.find("%", position)
        if percent < 0:
            out.append(text[position:])
            break
        out.append(text[position:percent])
        if text[percent + 1 : percent + 2] == "%":
            out.append("%")
            position = percent + 2
            continue
        if percent + 1 >= len(text):
            raise EvalError("unexpected end of string")
        if used >= len(args):
            raise EvalError(f"index {used} out of range")
        clause, position = _parse_clause(text, percent + 1)
        out.append(_clause(clause[0], clause[1], args[used]))
        used += 1
    return "".join(out)


def clauses(text: str, count: int) -> Iterator[str]:
    """The verb of each clause of a format, for `count` arguments; raises EvalError as `format_string` does."""
    used, position = 0, text.find("%")
    while position >= 0:
        if text[position + 1 : position + 2] == "%":
            position = text.find("%", position + 2)
            continue
        if position + 1 >= len(text):
            raise EvalError("unexpected end of string")
        if used >= count:
            raise EvalError(f"index {used} out of range")
        (verb, _), end = _parse_clause(text, position + 1)
        yield verb
        used, position = used + 1, text.find("%", end)


def _parse_clause(text: str, position: int) -> tuple[tuple[str, int | None], int]:
    found = _CLAUSE.match(text, position)
    if found is None:
        raise EvalError("could not parse formatting clause: unexpected end of string")
    precision: int | None = None
    if found["precision"] is not None:
        if not found["precision"]:
            head = "could not parse formatting clause: error while parsing precision: error while converting"
            raise EvalError(f'{head} precision to integer: strconv.Atoi: parsing "": invalid syntax')
        precision = int(found["precision"][:6])
    verb = found["verb"]
    if verb not in "sdfebxXo":
        raise EvalError(f'could not parse formatting clause: unrecognized formatting clause "{verb}"')
    return (verb, precision), found.end()


def _clause(verb: str, precision: int | None, value: Any) -> str:
    try:
        match verb:
            case "s":
                return show_string(value)
            case "d":
                return _decimal(value)
            case "f":
                return _fixed(value, precision)
            case "e":
                return _scientific(value, precision)
            case "b":
                return _radix(value, "b")
            case "o":
                return _radix(value, "o")
            case _:
                return _hex(value, verb)
    except EvalError as error:
        raise EvalError(f"error during formatting: {error.message}") from None


def show_string(value: Any) -> str:
    """`%s`."""
    if value is None:
        return "null"
    if isinstance(value, list | dict):
        return _aggregate(value)
    if value.__class__ in (int, Uint, float, bool, str, Timestamp, bytes, Duration, TypeValue):
        return to_string(value)
    raise EvalError(
        "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations,"
        f" and timestamps, was given {type_name(value)}"
    )


def _aggregate(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_nested(v) for v in value)}]"
    pairs = []
    for key in value:
        if key.__class__ not in (str, bool, int, Uint):
            raise EvalError(f"no formatting function for map key of type {type_name(key)}")
        pairs.append((_nested(key), _nested(value[key])))
    return "{" + ", ".join(f"{k}:{v}" for k, v in sorted(pairs, key=lambda p: p[0])) + "}"


def _nested(value: Any) -> str:
    kind = value.__class__
    if kind is str:
        return go_quote(value)
    if kind is bytes:
        return f"b{go_quote(value.decode(errors='replace'))}"
    if kind is float:
        return f'"{_go_fixed(value, 6)}"' if math.isinf(value) or math.isnan(value) else _go_fixed(value, 6)
    if kind is Timestamp:
        return f"timestamp({go_quote(format_timestamp(value))})"
    if kind is Duration:
        return f"duration({go_quote(format_duration(value))})"
    if value is None or isinstance(value, list | dict) or kind in (bool, int, Uint, TypeValue):
        return show_string(value)
    raise EvalError(f"no formatting function for {type_name(value)}")


def _go_fixed(value: float, precision: int) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return f"{value:.{precision}f}"


def _decimal(value: Any) -> str:
    if value.__class__ in (int, Uint):
        return str(int(value))
    raise EvalError(f"decimal clause can only be used on integers, was given {type_name(value)}")


def _number(value: Any, name: str) -> float:
    if value in ("NaN", "Infinity", "-Infinity") and value.__class__ is str:
        return {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}[value]
    if value.__class__ is not float:
        raise EvalError(f"{name} clause can only be used on doubles, was given {type_name(value)}")
    return float(value)


def _locale_special(value: float) -> str | None:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return None


def _fixed(value: Any, precision: int | None) -> str:
    number = _number(value, "fixed-point")
    special = _locale_special(number)
    if special is not None:
        return special
    return f"{number:,.{_DEFAULT_PRECISION if precision is None else precision}f}"


_SUPERSCRIPT = str.maketrans("0123456789-+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺")


def _scientific(value: Any, precision: int | None) -> str:
    number = _number(value, "scientific")
    special = _locale_special(number)
    if special is not None:
        return special
    mantissa, _, exponent = f"{number:.{_DEFAULT_PRECISION if precision is None else precision}e}".partition("e")
    sign = "⁻" if exponent.startswith("-") else ""
    digits = exponent.lstrip("+-").translate(_SUPERSCRIPT)
    return f"{mantissa}\u202f×\u202f10{sign}{digits}"


def _radix(value: Any, code: str) -> str:
    if value.__class__ is bool and code == "b":
        return "1" if value else "0"
    if value.__class__ in (int, Uint):
        return format(int(value), code)
    if code == "b":
        raise EvalError(f"only integers and bools can be formatted as binary, was given {type_name(value)}")
    raise EvalError(f"octal clause can only be used on integers, was given {type_name(value)}")


def _hex(value: Any, verb: str) -> str:
    kind = value.__class__
    if kind in (str, bytes):
        found: str = (value.encode() if kind is str else value).hex()
    elif kind in (int, Uint):
        found = format(int(value), "x")
    else:
        given = type_name(value)
        raise EvalError(f"only integers, byte buffers, and strings can be formatted as hex, was given {given}")
    return found.upper() if verb == "X" else found


FUNCTIONS: dict[str, Any] = {"string_format": format_string}
