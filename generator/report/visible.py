"""Text made fit to print: what steers a terminal, hides or reorders is written as an escape."""

import unicodedata

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, bidi and zero width, lone surrogates, separators


def visible(text: str) -> str:
    r"""`text` on one line: controls, bidi marks, surrogates and what XML forbids as `\n`, `\x1b`, `\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(visible_character, text))


def visible_character(character: str) -> str:
    """One character, as `visible` writes it."""
    if character.isprintable():
        return character
    code = ord(character)
    if unicodedata.category(character) in _HIDDEN or code & 0xFFFE == 0xFFFE:  # the last two of a plane are no text
        return _SHORT.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
    return character


def width(text: str) -> int:
    """How many terminal cells `text` takes: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
