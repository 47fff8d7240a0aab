"""The functions that turn a value of one type into another: `int()`, `string()`, `bool()`, …."""

import math
import re
from typing import Any

from generator.cel.arithmetic import INT_MAX, INT_MIN, UINT_MAX, checked_time, checked_uint
from generator.cel.failure import EvalError
from generator.cel.times import format_duration, format_timestamp, parse_duration, parse_timestamp
from generator.cel.values import Duration, Timestamp, TypeValue, Uint, go_float, to_float, type_name

_FLOAT = re.compile(
    r"[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf|infinity|nan"
    r"|0x[0-9a-f]*(?:\.[0-9a-f]*)?p[+-]?[0-9]+)",
    re.IGNORECASE,
)
_BOOLS = dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True)
_BOOLS |= dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False)


def _failed(source: str, target: str) -> EvalError:
    return EvalError(f"type conversion error from '{source}' to '{target}'")


def _string_to_int(text: str) -> int:
    if re.fullmatch(r"[+-]?[0-9]{1,40}", text) and INT_MIN <= int(text) <= INT_MAX:
        return int(text)
    raise _failed("string", "int")


def _string_to_uint(text: str) -> Uint:
    if re.fullmatch(r"[0-9]{1,40}", text) and int(text) <= UINT_MAX:
        return Uint(int(text))
    raise _failed("string", "uint")


def _string_to_double(text: str) -> float:
    if not _FLOAT.fullmatch(text) or text.lower().lstrip("+-") == "nan" != text.lower():
        raise _failed("string", "double")
    try:
        value = float.fromhex(text) if "x" in text.lower() else float(text)
    except (ValueError, OverflowError):
        raise _failed("string", "double") from None
    if math.isinf(value) and "inf" not in text.lower():
        raise _failed("string", "double")
    return value


def _string_to_bool(text: str) -> bool:
    if text not in _BOOLS:
        raise _failed("string", "bool")
    return _BOOLS[text]


def _double_to_int(value: float) -> int:
    if math.isnan(value) or not -(2.0**63) < value < 2.0**63:
        raise EvalError("integer overflow")
    return int(value)


def _double_to_uint(value: float) -> Uint:
    if math.isnan(value) or not 0 <= value < 2.0**64:
        raise EvalError("unsigned integer overflow")
    return Uint(int(value))


def _uint_to_int(value: int) -> int:
    if value > INT_MAX:
        raise EvalError("integer overflow")
    return int(value)


def _int_to_duration(value: int) -> Duration:
    """Declared, and refused when it is evaluated (K8s: cel-go common/types/int.go, ConvertToType)."""
    del value
    raise _failed("int", "google.protobuf.Duration")


def _bytes_to_string(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise EvalError("invalid UTF-8 in bytes, cannot convert to string") from None


def _same(value: Any) -> Any:
    return value


FUNCTIONS: dict[str, Any] = {
    "type": lambda value: TypeValue(type_name(value)),
    "to_dyn": _same,
    "bool_to_bool": _same,
    "string_to_bool": _string_to_bool,
    "bytes_to_bytes": _same,
    "string_to_bytes": lambda text: text.encode(),
    "double_to_double": _same,
    "int64_to_double": to_float,
    "string_to_double": _string_to_double,
    "uint64_to_double": to_float,
    "duration_to_duration": _same,
    "int64_to_duration": _int_to_duration,
    "string_to_duration": parse_duration,
    "int64_to_int64": _same,
    "double_to_int64": _double_to_int,
    "duration_to_int64": lambda d: d.nanos,
    "string_to_int64": _string_to_int,
    "timestamp_to_int64": lambda moment: moment.nanos // 10**9,
    "uint64_to_int64": _uint_to_int,
    "string_to_string": _same,
    "bool_to_string": lambda value: "true" if value else "false",
    "bytes_to_string": _bytes_to_string,
    "double_to_string": go_float,
    "duration_to_string": format_duration,
    "int64_to_string": str,
    "timestamp_to_string": format_timestamp,
    "uint64_to_string": lambda value: str(int(value)),
    "timestamp_to_timestamp": _same,
    "int64_to_timestamp": lambda seconds: checked_time(seconds * 10**9),
    "string_to_timestamp": parse_timestamp,
    "uint64_to_uint64": _same,
    "double_to_uint64": _double_to_uint,
    "int64_to_uint64": checked_uint,
    "string_to_uint64": _string_to_uint,
}


def to_string(value: Any) -> str:
    """`string(value)` of any scalar; raises EvalError for the rest."""
    kind = value.__class__
    if kind is str:
        return str(value)
    if kind is TypeValue:
        return str(value.name)
    makers = {bool: "bool", bytes: "bytes", float: "double", Duration: "duration", int: "int64", Uint: "uint64"}
    makers[Timestamp] = "timestamp"
    name = makers.get(kind)
    if name is None:
        raise _failed(type_name(value), "string")
    return str(FUNCTIONS[f"{name}_to_string"](value))
