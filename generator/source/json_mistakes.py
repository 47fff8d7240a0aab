"""Why a text is not JSON: the mistake at a place where something else was expected."""

import re
from collections.abc import Iterator
from enum import Enum

from generator.source.characters import ODD_SPACES, TYPOGRAPHIC, article, name_of

_WORD = re.compile(r"[^\s,:{}\[\]\"']+")
_CONFLICT = re.compile(r"(?:<{7}|={7}|>{7}|\|{7})(?=[ \n\r]|\Z)")
_NUMBER = re.compile(r"[-+.]?[0-9]|[-+]?\.")
_PYTHON = {"True": "true", "False": "false", "None": "null", "TRUE": "true", "FALSE": "false", "NULL": "null"}
_NO_NUMBERS = {"NaN", "Infinity", "-Infinity", ".nan", ".inf", "-.inf", "nan", "inf"}
_MOST = 60


class Place(Enum):
    """What a reader of JSON expected."""

    VALUE = "a value"
    ITEM = "an item"
    KEY = "a key in double quotes"
    COLON = "`:`"
    COMMA = "`,`"
    END = "the end of the file"


class JsonMistakeError(ValueError):
    """Text that is not JSON: `str()` is the reason, `start` and `end` are offsets, `notes` other places."""

    def __init__(self, message: str, hint: str, start: int, end: int, notes: tuple[tuple[str, int, int], ...]) -> None:
        super().__init__(message)
        self.hint = hint
        self.start = start
        self.end = end
        self.notes = notes


def mistake_at(
    text: str, at: int, end: int, place: Place, opened: int | None = None, before: int | None = None
) -> JsonMistakeError:
    """What is wrong at an offset where `place` was expected.

    `opened` is the offset of the bracket that is open, `before` that of the comma or the end of the value before.
    """
    for message, hint, start, length in _reasons(text, at, end, place, opened, before):
        notes: tuple[tuple[str, int, int], ...] = ()
        if start == opened and at > start and "braces of a template" not in message:
            last = min(at, end - 1)
            notes = ((f"{place.value} or the closing bracket was expected here", last, last + 1),)
        return JsonMistakeError(message, hint, start, start + max(length, 1), notes)
    raise AssertionError("there is always a reason")


_Reasons = Iterator[tuple[str, str, int, int]]


def _reasons(text: str, at: int, end: int, place: Place, opened: int | None, before: int | None) -> _Reasons:
    """Message, hint, offset and length of every mistake it may be, the surest first."""
    if at >= end:
        if opened is not None:
            yield f"`{text[opened]}` is never closed", f"close it with `{_closing(text[opened])}`", opened, 1
        yield "the text ends where a value was expected", "write the value", max(0, end - 1), 1
    sign = text[at]
    yield from _foreign(text, at, end)
    if sign == '"' and place in (Place.VALUE, Place.KEY, Place.ITEM):
        yield _string(text, at, end)
    if before is not None and place in (Place.KEY, Place.ITEM) and sign in "}]":
        yield f"a comma before `{sign}`: JSON has none after the last item", "remove the comma", before, 1
    if opened is not None and sign in "}]" and sign != _closing(text[opened]):
        hint = f"close it with `{_closing(text[opened])}` before this `{sign}`"
        yield f"`{text[opened]}` is closed by `{sign}`", hint, opened, 1
    yield from _by_place(text, at, end, place, before)


def _by_place(text: str, at: int, end: int, place: Place, before: int | None) -> _Reasons:
    sign = text[at]
    word = _shown(text, at, end)
    if place is Place.COMMA and before is not None:
        if sign not in ":}])":
            yield f"a comma is missing before `{word or sign}`", "write `,` after the value", max(0, before - 1), 1
        yield f"`{sign}` cannot follow a value", "write `,` before the next key or item", at, 1
    if place is Place.COLON:
        yield f"`:` is missing before `{word or sign}`", "write `:` between the key and its value", at, len(word) or 1
    if place is Place.END:
        yield f"`{word or sign}` follows the end of the document", "remove it", at, len(word) or 1
    if sign in ",:}]":
        what = "a key" if place is Place.KEY else "a value"
        yield f"{what} is missing before `{sign}`", f"write {what}, or remove `{sign}`", at, 1
    if place is Place.KEY:
        hint = f'write "{word}" in double quotes' if word else "write the key in double quotes"
        yield f"the key `{word or sign}` is not in double quotes", hint, at, len(word) or 1
    yield from _word(word, at)
    yield f"`{sign}` cannot begin a value", "write a string in double quotes, a number, true, false or null", at, 1


def _word(word: str, at: int) -> _Reasons:
    """What is wrong with a value that is neither a string nor a bracket."""
    if not word:
        return
    if word in _PYTHON:
        yield f"`{word}` is not JSON", f"write `{_PYTHON[word]}`", at, len(word)
    if word in _NO_NUMBERS:
        yield f"`{word}` is not JSON, which has no such number", "write null, or the text in quotes", at, len(word)
    if _NUMBER.match(word):
        hint = f'write it in decimal, without leading zeros (8, 0.5, 1e3), or in quotes: "{word}"'
        yield f"`{word}` is not a number of JSON", hint, at, len(word)
    yield f"the text `{word}` is not in quotes", f'write "{word}" in double quotes', at, len(word)


def _foreign(text: str, at: int, end: int) -> _Reasons:
    """Mistakes that are recognised by what is there, whatever was expected."""
    sign = text[at]
    if _CONFLICT.match(text, at, end) and (at == 0 or text[at - 1] in "\r\n"):
        marker = text[at : at + 7]
        hint = "choose a side, and remove the lines of `<<<<<<<`, `=======` and `>>>>>>>`"
        yield f"a conflict marker of git (`{marker}`): a merge was not finished", hint, at, 7
    if text.startswith(("//", "/*"), at, end) or sign == "#":
        length = 1 if sign == "#" else 2
        hint = "remove it, or write the file as YAML (.yaml), which has comments (`# …`)"
        yield f"a comment (`{text[at : at + length]}`): JSON has none", hint, at, length
    if sign == "'":
        yield "`'` does not quote in JSON", "put keys and strings in double quotes", at, 1
    if sign in TYPOGRAPHIC:
        yield f"`{sign}` is a typographic quote", 'write the plain quote `"` of programs', at, 1
    if sign in ODD_SPACES:
        yield f"{article(name_of(sign))} where only plain white space may be", "write a plain space", at, 1
    start = at if text.startswith(("{{", "{%"), at, end) else max(at - 1, 0)
    if text.startswith(("{{", "{%"), start, end) and text[start:at].strip("{") == "":
        hint = "write the value itself, or put the text in quotes"
        yield "the braces of a template: templates are not evaluated here", hint, start, 2


def _string(text: str, at: int, end: int) -> tuple[str, str, int, int]:
    """What is wrong with a string that begins at an offset."""
    index = at + 1
    while index < end:
        sign = text[index]
        if sign == '"':
            break
        if sign in "\r\n":
            hint = 'close it with `"`, or write the line break as `\\n`'
            return "the string does not end on its line", hint, at, index - at
        if sign == "\t":
            return "a tab in a string", "write `\\t`", index, 1
        if sign < " ":
            code = f"\\u{ord(sign):04x}"
            return f"the control character U+{ord(sign):04X} in a string", f"write `{code}`", index, 1
        if sign == "\\":
            length = 6 if text[index + 1 : index + 2] == "u" else 2
            escape = text[index : index + length]
            if not re.fullmatch(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})', escape):
                hint = "write `\\\\` for a backslash"
                return f"`{_short(escape)}` is not an escape of JSON", hint, index, min(length, end - index)
            index += length
            continue
        index += 1
    return "the string has no end", 'close it with `"`', at, 1


def _closing(bracket: str) -> str:
    return "}" if bracket == "{" else "]"


def _shown(text: str, at: int, end: int) -> str:
    found = _WORD.match(text, at, min(end, at + _MOST))
    return found[0] if found else ""


def _short(text: str) -> str:
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)
