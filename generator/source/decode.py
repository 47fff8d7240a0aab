"""Bytes of a file to text: UTF-8 alone, without control characters, byte order marks before documents passed over."""

import re
from typing import Final

from generator.finding import Finding, Halt
from generator.location import Span
from generator.source import rules

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_BOMS: Final = (
    (b"\xff\xfe\x00\x00", "UTF-32 (little endian)"),
    (b"\x00\x00\xfe\xff", "UTF-32 (big endian)"),
    (b"\xff\xfe", "UTF-16 (little endian)"),
    (b"\xfe\xff", "UTF-16 (big endian)"),
    (b"\x1f\x8b", "gzip"),
)
"""What a file begins with that is not UTF-8 text (Unicode 15, 23.8; RFC 1952)."""

_BOM: Final = "\ufeff"
_BEFORE_MARKER = re.compile(rf"\A{_BOM}+|^{_BOM}+(?=---(?:\s|\Z))", re.MULTILINE)
_AFTER_MARKER = re.compile(rf"(^(?:---|\.\.\.)[^\n]*\n){_BOM}+", re.MULTILINE)
_SAMPLE = 1024
"""Bytes looked at to tell what a file without a byte order mark may be."""


def decode(raw: bytes, shown: str) -> str:
    """UTF-8 bytes to text, without the byte order marks before its documents. Raises Halt for anything else."""
    encoding = next((name for bom, name in _BOMS if raw.startswith(bom)), "") or _wide(raw)
    if encoding:
        hint = "decompress it" if encoding == "gzip" else "save it as UTF-8"
        found = Finding(
            rule=rules.NOT_TEXT,
            message=f"the file is {encoding}, not UTF-8",
            at=Span(shown, 1, 1),
            hint=hint,
        )
        raise Halt([found])
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused(*_place(raw, error.start), shown, *_foreign(raw, error.start)) from None
    text = without_marks(text)
    control = _CONTROL.search(text)
    if control is not None:
        position = control.start()
        line, column = text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
        message = f"control character U+{ord(control[0]):04X}"
        raise _refused(line, column, shown, message, "remove it, or write it as an escape")
    return text


def without_marks(text: str) -> str:
    """The text without the byte order marks at the start of its documents.

    YAML has them at the start of a document (YAML 1.2.2, 5.2) and Kubernetes passes over them there: files that are
    written one after another into one have them. Anywhere else a mark is a character like others.
    """
    if _BOM not in text:
        return text
    return _AFTER_MARKER.sub(r"\1", _BEFORE_MARKER.sub("", text))


def _wide(raw: bytes) -> str:
    """UTF-16 or UTF-32 without a byte order mark, by where the zeros are; nothing for other bytes."""
    sample = raw[:_SAMPLE]
    if len(sample) < 4 or b"\0" not in sample[:4]:
        return ""
    zeros = tuple(not sample[at::4].strip(b"\0") for at in range(4))
    if zeros == (False, True, True, True):
        return "UTF-32 (little endian)"
    if zeros == (True, True, True, False):
        return "UTF-32 (big endian)"
    even, odd = sample[::2], sample[1::2]
    if even.count(0) == 0 and odd.count(0) > len(odd) // 2:
        return "UTF-16 (little endian)"
    if odd.count(0) == 0 and even.count(0) > len(even) // 2:
        return "UTF-16 (big endian)"
    return ""


def _foreign(raw: bytes, at: int) -> tuple[str, str]:
    """Message and help for a byte that is not UTF-8; most often it is of Windows-1252 (or Latin-1, which is alike)."""
    message = f"byte 0x{raw[at]:02x} is not UTF-8"
    try:
        character = raw[at : at + 1].decode("cp1252")
    except UnicodeDecodeError:
        character = ""
    if character and character.isprintable():
        message += f'; in Windows-1252 or Latin-1 it is "{character}"'
    return message, "save the file as UTF-8 text"


def _place(raw: bytes, at: int) -> tuple[int, int]:
    """Line and column of a byte, in characters as far as the bytes before it are UTF-8."""
    start = raw.rfind(b"\n", 0, at) + 1
    return raw.count(b"\n", 0, at) + 1, len(raw[start:at].decode("utf-8", errors="replace")) + 1


def _refused(line: int, column: int, shown: str, message: str, hint: str) -> Halt:
    return Halt([Finding(rule=rules.NOT_TEXT, message=message, at=Span(shown, line, column), hint=hint)])
