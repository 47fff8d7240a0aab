"""The text around an error of the YAML parser: its lines, and the tokens before the error."""

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from generator.location import Span

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*\Z")
_FLOW_STARTS = (yaml.FlowMappingStartToken, yaml.FlowSequenceStartToken)
_FLOW_ENDS = (yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
_BLANK = "\0"
_SHOWN = 60
_KEPT = 1000
"""Tokens before the error that are looked at."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, at a place of a text: lines and columns count from 0.

    `notes` are other places that explain it.
    """

    message: str
    hint: str
    line: int
    column: int
    end: int | None = None
    notes: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True)
class Scanned:
    """A text that is not YAML, with what the parser said; lines and columns count from 0.

    `context` and `problem` are its words, `started` and `mark` their places.
    """

    text: str
    loader: Any
    context: str
    started: yaml.Mark | None
    problem: str
    mark: yaml.Mark

    @classmethod
    def of(cls, text: str, error: yaml.MarkedYAMLError, loader: Any) -> "Scanned | None":
        """None for an error that has no place."""
        mark = error.problem_mark or error.context_mark
        if mark is None:
            return None
        return cls(text, loader, error.context or "", error.context_mark, error.problem or "", mark)

    @classmethod
    def whole(cls, text: str, loader: Any) -> "Scanned":
        """A text without an error."""
        lines = len(_BREAK.split(text))
        return cls(text, loader, "", None, "", yaml.Mark("", len(text), lines, 0, None, 0))

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends, and two empty ones: an error at the end is on a line after the last.

        Breaks are those of YAML 1.1, as the parser counts them.
        """
        return [*_BREAK.split(self.text), "", ""]

    @cached_property
    def _seen(self) -> "_Seen":
        return _seen(self)

    @property
    def tokens(self) -> Sequence[Any]:
        """The last tokens before the error: a mistake is near it."""
        return self._seen.last

    @property
    def scalars(self) -> Sequence[Any]:
        """The scalars among them."""
        return self._seen.scalars

    @property
    def opened(self) -> Sequence[Any]:
        """The brackets and braces that are open at the error, the outermost first."""
        return self._seen.opened

    def structure(self, line: int) -> str:
        """A line with what is in quotes, in a block of text or in a comment taken out; columns stay."""
        if not 0 <= line < len(self.lines):
            return ""
        text = self.lines[line]
        starts, ends = self._seen.starts, self._seen.ends
        at = bisect_right(ends, (line, 0))
        while at < len(starts) and starts[at][0] <= line:
            first = starts[at][1] if starts[at][0] == line else 0
            last = ends[at][1] if ends[at][0] == line else len(text)
            text = text[:first] + _BLANK * (last - first) + text[last:]
            at += 1
        return _COMMENT.sub("", text)

    def structures(self, line: int, first: int = 0) -> Iterator[tuple[int, str]]:
        """Lines as `structure` gives them from `line` upwards, those without anything left out."""
        for number in range(min(line, len(self.lines) - 1), max(first, 0) - 1, -1):
            text = self.structure(number)
            if text.strip(" \t\0"):
                yield number, text

    def character(self) -> str:
        """The character at the error; nothing at the end of a line."""
        line = self.lines[self.mark.line] if self.mark.line < len(self.lines) else ""
        return line[self.mark.column : self.mark.column + 1]

    def indent(self, line: int) -> int:
        """The number of spaces a line begins with."""
        text = self.lines[line] if line < len(self.lines) else ""
        return len(text) - len(text.lstrip(" "))

    def first_on_line(self) -> bool:
        """Whether only spaces are before the error on its line."""
        return self.indent(self.mark.line) == self.mark.column


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the tokens before an error tell; of a large text not all of them can be kept.

    `starts` and `ends` are lines and columns of the texts in quotes and in blocks, where any character is text.
    """

    last: Sequence[Any]
    scalars: Sequence[Any]
    opened: Sequence[Any]
    starts: list[tuple[int, int]]
    ends: list[tuple[int, int]]


def _seen(scan: Scanned) -> _Seen:
    last: deque[Any] = deque(maxlen=_KEPT)
    opened: list[Any] = []
    starts: list[tuple[int, int]] = []
    ends: list[tuple[int, int]] = []
    stop = (scan.mark.line, scan.mark.column)
    try:
        for token in yaml.scan(scan.text, Loader=scan.loader):
            start, end = token.start_mark, token.end_mark
            if (start.line, start.column) >= stop:
                break
            last.append(token)
            if isinstance(token, yaml.ScalarToken) and token.style:
                starts.append((start.line, start.column))
                ends.append((end.line, end.column))
            elif isinstance(token, _FLOW_STARTS):
                opened.append(token)
            elif isinstance(token, _FLOW_ENDS) and opened:
                opened.pop()
    except yaml.YAMLError:
        pass
    if "scalar" in scan.context and scan.context != "while scanning a plain scalar" and scan.started is not None:
        starts.append((scan.started.line, scan.started.column))
        ends.append(stop)
    kept = list(last)
    return _Seen(kept, [token for token in kept if isinstance(token, yaml.ScalarToken)], opened, starts, ends)


def rest(text: str, column: int) -> str:
    """What a line holds from a column on, without a comment and white space."""
    return _COMMENT.sub("", text[column:]).strip()


def value_at(text: str, column: int) -> str:
    """The value a line holds from a column on; in brackets it ends at a comma or at the closing bracket."""
    value = rest(text, column)
    if value.count("]") > value.count("[") or value.count("}") > value.count("{"):
        return re.split(r"[,\]}]", value, maxsplit=1)[0].rstrip()
    return value


def shown(text: str) -> str:
    """A part of a text as messages quote it."""
    text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return text.replace("\t", " ").replace(_BLANK, "…")


def spaces(number: int) -> str:
    """`1 space`, `4 spaces`, `no space`."""
    return "no space" if not number else f"{number} space{'s' if number > 1 else ''}"


def quoted(text: str) -> str:
    """A text in the quotes that leave it as it is."""
    text = shown(text)
    return f"'{text}'" if '"' in text or "\\" in text else f'"{text}"'


def span_of(mistake: Mistake, file: str) -> Span:
    """The place of a mistake in a file."""
    end = mistake.end if mistake.end is not None else mistake.column + 1
    return Span(file, mistake.line + 1, mistake.column + 1, mistake.line + 1, end + 1)
