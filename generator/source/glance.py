"""Whether a text of YAML or JSON may hold a word, found out without parsing it.

A scalar that equals a word of letters, digits, dots and hyphens, or holds it, has the word in the text as it is, unless
double quotes spell a letter as an escape or break the line inside the word. Whoever does not parse a text in which a
word cannot be misses nothing.
"""

import re
from dataclasses import dataclass

_BREAK = re.compile(r"\\(?:\r\n|[\r\n\x85\u2028\u2029])[ \t]*")
"""An escaped line break, with the indentation of the next line."""

_LETTER = re.compile(r"\\(?:x|u00|U000000)(?:2[dDeE]|3[0-9]|[46][1-9a-fA-F]|[57][0-9aA])")
"""An escape of a letter, a digit, a dot or a hyphen."""


@dataclass(frozen=True, slots=True)
class Glance:
    """A text without escaped line breaks; `is_spelt` where escapes may spell any word in it."""

    text: str
    is_spelt: bool = False

    def may_hold(self, *words: str) -> bool:
        """Whether one of the words may be in the text."""
        return self.is_spelt or any(word in self.text for word in words)


def glance(text: str) -> Glance:
    """A glance at a text."""
    if "\\" not in text:
        return Glance(text)
    return Glance(_BREAK.sub("", text), _LETTER.search(text) is not None)


def glance_at(raw: bytes) -> Glance:
    """A glance at the bytes of a file; in one that is not UTF-8, and is not read, any word may be."""
    try:
        return glance(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return Glance("", is_spelt=True)
