"""Characters that look like others: spaces that are not spaces, quotes that are not quotes (names of Unicode 15)."""

import re
from typing import Final

ODD_SPACES: Final = {
    "\u00a0": "no-break space",
    "\u1680": "ogham space mark",
    "\u2000": "en quad",
    "\u2001": "em quad",
    "\u2002": "en space",
    "\u2003": "em space",
    "\u2004": "three-per-em space",
    "\u2005": "four-per-em space",
    "\u2006": "six-per-em space",
    "\u2007": "figure space",
    "\u2008": "punctuation space",
    "\u2009": "thin space",
    "\u200a": "hair space",
    "\u200b": "zero-width space",
    "\u200c": "zero-width non-joiner",
    "\u200d": "zero-width joiner",
    "\u202f": "narrow no-break space",
    "\u205f": "medium mathematical space",
    "\u2060": "word joiner",
    "\u3000": "ideographic space",
    "\ufeff": "byte order mark",
}
"""Characters that show as a space or not at all; YAML and JSON take them for letters."""

TYPOGRAPHIC: Final = "“”„‟«»‘’‚‛‹›＂＇"
"""Quotes that editors and office programs put in place of `"` and `'`."""

_SPACE = re.compile(f"[{''.join(ODD_SPACES)}]")
_QUOTED = re.compile(rf"[{TYPOGRAPHIC}](.*)[{TYPOGRAPHIC}]\Z", re.DOTALL)


def name_of(character: str) -> str:
    """How a message calls an odd space: `no-break space (U+00A0)`."""
    return f"{ODD_SPACES[character]} (U+{ord(character):04X})"


def article(name: str) -> str:
    """The name with `a` or `an` before it."""
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def first_odd_space(text: str, start: int = 0, end: int | None = None) -> int | None:
    """The offset of the first odd space of a text, or of a part of it."""
    found = _SPACE.search(text, start, len(text) if end is None else end)
    return found.start() if found else None


def plain_spelling(value: str) -> str:
    """The value as it was probably meant: without typographic quotes around it, with spaces for odd ones."""
    found = _QUOTED.match(value)
    inner = found[1] if found else value
    return _SPACE.sub(lambda odd: "" if ODD_SPACES[odd[0]].startswith(("zero", "word", "byte")) else " ", inner).strip()


def disguise(value: str) -> tuple[str, str] | None:
    """What makes a value look like another: a sentence about it, and the fix; None where nothing does."""
    found = _QUOTED.match(value)
    if found:
        meant = plain_spelling(value)
        message = f"its quotes {value[0]} and {value[-1]} are typographic, and part of the value"
        return message, f'write "{meant}" with the plain quotes of programs'
    odd = _SPACE.search(value)
    if odd:
        message = f"it holds {article(name_of(odd[0]))}"
        return message, f'write "{plain_spelling(value)}" with plain spaces'
    return None


def looked_through(value: object, message: str, hint: str) -> tuple[str, str]:
    """Message and help of a value or key; of one with typographic quotes or odd spaces with words about those."""
    odd = disguise(value) if isinstance(value, str) and not value.isascii() else None
    return (f"{message}; {odd[0]}", odd[1]) if odd else (message, hint)
