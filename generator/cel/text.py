"""The string functions of CEL, and text written the way Go writes it."""

import string
from typing import Any

from generator.cel.failure import EvalError
from generator.cel.values import show

_GO_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_GO_ESCAPES |= {"\\": "\\\\", '"': '\\"'}


def go_quote(text: str) -> str:
    """A string as Go's `%q` prints it."""
    out = []
    for char in text:
        if char in _GO_ESCAPES:
            out.append(_GO_ESCAPES[char])
        elif char.isprintable():
            out.append(char)
        else:
            code = ord(char)
            if code < 0x80:
                out.append(f"\\x{code:02x}")
            else:
                out.append(f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
    return f'"{"".join(out)}"'


_ESCAPES = str.maketrans(_GO_ESCAPES)


def _quote(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _range_error(index: int) -> EvalError:
    return EvalError(f"index out of range: {index}")


def _char_at(text: str, index: int) -> str:
    if not 0 <= index <= len(text):
        raise _range_error(index)
    return text[index : index + 1]


def _index_of(text: str, part: str, offset: int = 0) -> int:
    if not part:
        return offset
    if offset < 0:
        raise _range_error(offset)
    return text.find(part, offset) if offset < len(text) else -1


def _last_index_of(text: str, part: str) -> int:
    return text.rfind(part) if part else len(text)


def _last_index_from(text: str, part: str, offset: int) -> int:
    if not part:
        return offset
    if offset < 0:
        raise _range_error(offset)
    if offset >= len(text):
        return -1
    return text.rfind(part, 0, offset + len(part))


_LOWER = {ord(c): c.lower() for c in string.ascii_uppercase}
_UPPER = {ord(c): c.upper() for c in string.ascii_lowercase}


def _lower(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(_LOWER)


def _upper(text: str) -> str:
    return text.upper() if text.isascii() else text.translate(_UPPER)


def _replace(text: str, old: str, new: str, count: int = -1) -> str:
    return text.replace(old, new, count if count >= 0 else -1)


def _split(text: str, separator: str, count: int = -1) -> list[str]:
    if count == 0:
        return []
    if not separator:
        chars = list(text)
        return chars if count < 0 or count >= len(chars) else [*chars[: count - 1], "".join(chars[count - 1 :])]
    return text.split(separator, count - 1 if count > 0 else -1)


def _substring(text: str, start: int) -> str:
    if not 0 <= start <= len(text):
        raise _range_error(start)
    return text[start:]


def _substring_range(text: str, start: int, end: int) -> str:
    if start > end:
        raise EvalError(f"invalid substring range. start: {start}, end: {end}")
    for index in (start, end):
        if not 0 <= index <= len(text):
            raise _range_error(index)
    return text[start:end]


_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"


def trim_space(text: str) -> str:
    """A string without the white space, as Go has it, at its ends."""
    return text.strip(_SPACE)


def _join(parts: list[Any], separator: str = "") -> str:
    for part in parts:
        if part.__class__ is not str:
            raise EvalError(f"join: invalid input: {show(part)}")
    return separator.join(parts)


def _contains(text: Any, part: Any) -> bool:
    if text.__class__ is not str or part.__class__ is not str:
        raise EvalError("no such overload")
    return part in text


def _starts_with(text: Any, part: Any) -> bool:
    if text.__class__ is not str or part.__class__ is not str:
        raise EvalError("no such overload")
    return bool(text.startswith(part))


def _ends_with(text: Any, part: Any) -> bool:
    if text.__class__ is not str or part.__class__ is not str:
        raise EvalError("no such overload")
    return bool(text.endswith(part))


# These check their arguments themselves: the server's text names neither function nor types.
UNGUARDED = frozenset(("contains_string", "starts_with_string", "ends_with_string", "matches", "matches_string"))

FUNCTIONS: dict[str, Any] = {
    "contains_string": _contains,
    "starts_with_string": _starts_with,
    "ends_with_string": _ends_with,
    "string_char_at_int": _char_at,
    "string_index_of_string": _index_of,
    "string_index_of_string_int": _index_of,
    "string_last_index_of_string": _last_index_of,
    "string_last_index_of_string_int": _last_index_from,
    "string_lower_ascii": _lower,
    "string_upper_ascii": _upper,
    "string_replace_string_string": _replace,
    "string_replace_string_string_int": _replace,
    "string_split_string": _split,
    "string_split_string_int": _split,
    "string_substring_int": _substring,
    "string_substring_int_int": _substring_range,
    "string_trim": trim_space,
    "list_join": _join,
    "list_join_string": _join,
    "strings_quote": _quote,
}
