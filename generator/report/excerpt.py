"""The line of a source a finding points at, and the marks below it."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from generator.location import Span
from generator.report.context import nothing_shipped
from generator.report.place import place
from generator.report.visible import visible, visible_character, width
from generator.secrecy import mentions_secret

_BREAK = re.compile(r"\r\n|[\n\r]")
_TAB = "→   "
_WIDEST = 120  # cells of a line shown; longer ones are cut around the marks
_BYTE = 0x100
_LEAD = 40  # cells kept before the marks of a cut line


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One printable line, and where the marks start (in cells) and how many they are.

    `start` and `stop` bound what is marked, in characters of the line.
    """

    line: str
    indent: int
    marks: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Sources:
    """Lines of the files a report quotes, each read and split once; none of a file that holds a Secret.

    `shipped` gives the text of a file that is not the project's, as ReportContext has it.
    """

    source_text: Callable[[str], str | None]
    shipped: Callable[[str], str | None] = nothing_shipped
    _lines: dict[str, list[str]] = field(default_factory=dict)

    def excerpt(self, span: Span) -> Excerpt | None:
        """The first line of `span`, or None where the file or the line is not there."""
        if span.line < 1:
            return None
        if span.file not in self._lines:
            text = self.source_text(span.file) or self.shipped(span.file) or ""
            # Of a file with a Secret no line is quoted: what a line is part of is not always to be seen.
            # The reader passes over a byte order mark, so columns do not count it.
            self._lines[span.file] = (
                [] if mentions_secret(text) else [line.removeprefix("\ufeff") for line in _BREAK.split(text)]
            )
        lines = self._lines[span.file]
        if span.line > len(lines) or not lines[span.line - 1].strip(" "):
            return None
        return _mark(lines[span.line - 1].rstrip(" \r\n"), span)


def place_for(span: Span, shipped: Callable[[str], str | None]) -> str:
    """A place as a person opens it: a path, or the command that prints a file of the program."""
    if shipped(span.file) is None:
        return place(span)
    return visible(f"qatgen explain {span.file}" + (f":{span.line}" if span.line > 0 else ""))


def _mark(line: str, span: Span) -> Excerpt:
    start = min(max(span.column - 1, 0), len(line))
    end = min(span.end_column - 1, len(line)) if span.end_line in {0, span.line} else len(line)
    end = max(end, start + 1)
    # Only what can be seen is turned into cells: a line may be megabytes long.
    first = max(0, start - _LEAD) if len(line) > _WIDEST else 0
    last = first + _WIDEST if len(line) > _WIDEST else len(line)
    before = ("…" if first else "") + _cells(line[first:start])
    marked = _cells(line[start : min(end, last)])
    after = _cells(line[end:last]) + ("…" if last < len(line) else "")
    line = before + marked + after
    return Excerpt(line, width(before), max(1, width(marked)), len(before), len(before) + len(marked))


def _cells(text: str) -> str:
    """A part of a line as it is shown: tabs, and spaces that are not the plain one, can be told from spaces."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_TAB if character == "\t" else _cell(character) for character in text)


def _cell(character: str) -> str:
    if character != " " and unicodedata.category(character) == "Zs":
        return f"\\x{ord(character):02x}" if ord(character) < _BYTE else f"\\u{ord(character):04x}"
    return visible_character(character)
