"""JSON documents with the places of their keys and values (RFC 8259), as the nodes a YAML reader would make."""

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import yaml

from generator.finding import Finding, Halt, Note
from generator.location import Span
from generator.source import rules
from generator.source.document import Dialect, node_span
from generator.source.json_mistakes import JsonMistakeError, Place, mistake_at
from generator.source.limits import MAX_DEPTH, MAX_NODES
from generator.source.scalars import OddScalarError, Scalar, kubernetes_scalar, strict_scalar

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"')
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?(?![0-9A-Za-z_.+-])")
_WORD = re.compile(r"(?:true|false|null)(?![0-9A-Za-z_.+-])")
_WORDS: Final[dict[str, Scalar]] = {"true": True, "false": False, "null": None}
_ESCAPES = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)")
_LONE = re.compile("[\ud800-\udfff]")
_SHOWN = 80
_TAG = "tag:yaml.org,2002:"
_NAMED: Final = {type(None): "null", bool: "bool", int: "int", float: "float", str: "str"}


@dataclass(frozen=True, slots=True)
class JsonValue:
    """One JSON text of a file: its data, and the node that knows where everything in it is."""

    data: Any
    root: yaml.Node


@dataclass(slots=True)
class _Reader:
    """Reads the part of `text` from `at` to `end`; `findings` grows as it goes."""

    text: str
    shown: str
    dialect: Dialect
    at: int
    end: int
    starts: list[int]
    findings: list[Finding] = field(default_factory=list)
    nodes: int = 0

    def mark(self, index: int) -> yaml.Mark:
        line = bisect_right(self.starts, index) - 1
        return yaml.Mark(self.shown, index, line, index - self.starts[line], None, 0)

    def span(self, index: int, end: int | None = None) -> Span:
        """The place of the characters from `index` on, in lines and columns."""
        start = self.mark(index)
        stop = start if end is None else self.mark(end)
        stops = (0, 0) if end is None else (stop.line + 1, stop.column + 1)
        return Span(self.shown, start.line + 1, start.column + 1, *stops)

    def skip(self) -> int:
        found = _SPACE.match(self.text, self.at, self.end)
        assert found is not None
        self.at = found.end()
        return self.at

    def fail(self, place: Place, opened: int | None = None, before: int | None = None) -> NoReturn:
        """Raise for what is at `self.at`, where `place` was expected."""
        raise mistake_at(self.text, self.at, self.end, place, opened, before)

    def value(self, depth: int, opened: int | None = None) -> tuple[Any, yaml.Node]:
        at = self.skip()
        self.nodes += 1
        if self.nodes > MAX_NODES:
            message = f"the file holds more than {MAX_NODES:,} keys and values"
            hint = "split the file, or name only the part that matters"
            raise Halt([Finding(rule=rules.TOO_LARGE, message=message, at=self.span(at), hint=hint)])
        first = self.text[at : at + 1] if at < self.end else ""
        if first == '"':
            return self.string(Place.VALUE)
        if first in ("{", "[") and first:
            if depth > MAX_DEPTH:
                message = f"nested more than {MAX_DEPTH} levels"
                found = Finding(rule=rules.TOO_DEEP, message=message, at=self.span(at), hint="flatten the document")
                raise Halt([found])
            return self.mapping(depth) if first == "{" else self.sequence(depth)
        return self.plain(opened)

    def string(self, place: Place) -> tuple[str, yaml.ScalarNode]:
        found = _STRING.match(self.text, self.at, self.end)
        if found is None:
            self.fail(place)
        start, self.at = found.span()
        raw = found[0]
        value: str = raw[1:-1] if "\\" not in raw else json.loads(raw)
        if "\\u" in raw and _LONE.search(value):
            self._lone(raw, start)
        node = yaml.ScalarNode(f"{_TAG}str", value, self.mark(start), self.mark(self.at), style='"')
        return value, node

    def _lone(self, raw: str, start: int) -> None:
        """Report the first escape that is half of a pair."""
        high: re.Match[str] | None = None
        for escape in _ESCAPES.finditer(raw):
            code = int(escape[1], 16) if escape[1] else 0
            low = 0xDC00 <= code < 0xE000
            if high is not None and low and high.end() == escape.start():
                high = None
                continue
            if high is None and 0xD800 <= code < 0xDC00:
                high = escape
                continue
            if high is not None or low:
                break
        else:
            escape = high if high is not None else escape
        bad = high or escape
        message = f"the escape `{bad[0]}` is half of a surrogate pair, which no text can hold"
        hint = "write both halves (`\\ud83d\\ude00` for U+1F600), or the character itself"
        at = self.span(start + bad.start(), start + bad.end())
        self.findings.append(Finding(rule=rules.NOT_JSON, message=message, at=at, hint=hint))

    def plain(self, opened: int | None) -> tuple[Scalar, yaml.ScalarNode]:
        found = _NUMBER.match(self.text, self.at, self.end) or _WORD.match(self.text, self.at, self.end)
        if found is None:
            self.fail(Place.VALUE, opened)
        start, self.at = found.span()
        text = found[0]
        value: Scalar = _WORDS[text] if text in _WORDS else self.number(text, start, exact=found[3] is None)
        tag = f"{_TAG}{_NAMED[type(value)]}"
        return value, yaml.ScalarNode(tag, text, self.mark(start), self.mark(self.at))

    def number(self, text: str, start: int, *, exact: bool) -> Scalar:
        """A number as the API machinery keeps it: 64-bit whole where it is whole, floating point otherwise."""
        try:
            return strict_scalar(text) if exact and self.dialect is Dialect.STRICT else kubernetes_scalar(text)
        except OddScalarError as error:
            shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
            hint = "write a number of 64 bits, or put it in quotes if it is a text"
            at = self.span(start, start + len(text))
            self.findings.append(Finding(rule=rules.ODD_SCALAR, message=f"`{shown}` is {error}", at=at, hint=hint))
            return text

    def mapping(self, depth: int) -> tuple[dict[str, Any], yaml.MappingNode]:
        start = self.at
        self.at += 1
        out: dict[str, Any] = {}
        first: dict[str, yaml.Node] = {}
        pairs: list[tuple[yaml.Node, yaml.Node]] = []
        self.skip()
        comma: int | None = None
        while not self._closed("}"):
            if self.at >= self.end or self.text[self.at] != '"':
                self.fail(Place.KEY, start, comma)
            key, key_node = self.string(Place.KEY)
            self.skip()
            if not self._next(":"):
                self.fail(Place.COLON, start)
            before = self.at
            self.at += 1
            if self.skip() < self.end and self.text[self.at] in ",}":
                self.fail(Place.VALUE, start, before)
            value, node = self.value(depth + 1, start)
            self._keep(out, first, key, key_node, value)
            pairs.append((key_node, node))
            comma = self._comma("}", start)
        self.at += 1
        tag = f"{_TAG}map"
        return out, yaml.MappingNode(tag, pairs, self.mark(start), self.mark(self.at), flow_style=True)

    def _keep(
        self, out: dict[str, Any], first: dict[str, yaml.Node], key: str, key_node: yaml.Node, value: Any
    ) -> None:
        if key in out and self.dialect is not Dialect.LENIENT:
            note = Note("first defined here", node_span(first[key], self.shown))
            shown = key if len(key) <= _SHOWN else f"{key[:_SHOWN]}…"
            message, at = f'key "{shown}" appears twice', node_span(key_node, self.shown)
            hint = "keep one of the two"
            found = Finding(rule=rules.DUPLICATE_KEY, message=message, at=at, hint=hint, notes=(note,))
            self.findings.append(found)
            return
        first[key] = key_node
        out[key] = value

    def sequence(self, depth: int) -> tuple[list[Any], yaml.SequenceNode]:
        start = self.at
        self.at += 1
        out: list[Any] = []
        nodes: list[yaml.Node] = []
        self.skip()
        comma: int | None = None
        while not self._closed("]"):
            if self.at >= self.end or self.text[self.at] in "},":
                self.fail(Place.ITEM, start, comma)
            value, node = self.value(depth + 1, start)
            out.append(value)
            nodes.append(node)
            comma = self._comma("]", start)
        self.at += 1
        return out, yaml.SequenceNode(f"{_TAG}seq", nodes, self.mark(start), self.mark(self.at), flow_style=True)

    def _next(self, sign: str) -> bool:
        return self.at < self.end and self.text[self.at] == sign

    def _closed(self, sign: str) -> bool:
        return self._next(sign)

    def _comma(self, closing: str, opened: int) -> int | None:
        """Step over a comma and answer where it was; None before the closing bracket."""
        before = self.at
        self.skip()
        if self._next(closing):
            return None
        if not self._next(","):
            self.fail(Place.COMMA, opened, before)
        comma = self.at
        self.at += 1
        self.skip()
        if self._next(closing):
            self.fail(Place.KEY if closing == "}" else Place.ITEM, opened, comma)
        return comma


_SEPARATOR = re.compile(r"---[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)")
_BRACKET = re.compile(r"\s*[{\[]")
LOOKS_LIKE_JSON: Final = re.compile(r'\s*(?:\[\s*)*\{\s*"')
"""How a document begins that was meant as JSON: with a key in quotes."""

BARE: Final = re.compile(r"(?:\s|---[ \t]*(?:#[^\n]*)?(?:\n|\Z))*+")
"""Text of YAML in which there is no document: separators and empty lines."""


def json_parts(text: str, *, whole: bool) -> list[tuple[int, int]]:
    """Start and end of every document that may be JSON; with `whole` of all of them."""
    found: list[tuple[int, int]] = []
    start, at = 0, 0
    if (separator := _SEPARATOR.match(text)) is not None:
        start = at = separator.end()
    while True:
        at = text.find("\n---", max(at - 1, 0))
        separator = _SEPARATOR.match(text, at + 1) if at >= 0 else None
        if at >= 0 and separator is None:
            at += 4
            continue
        end = len(text) if at < 0 else at + 1
        if whole or _BRACKET.match(text, start, end):
            found.append((start, end))
        if separator is None:
            return found
        start = at = separator.end()


def line_starts(text: str) -> list[int]:
    """The offsets of the lines of a text."""
    return [0, *(found.end() for found in re.finditer("\n", text))]


def read_json(
    text: str, shown: str, dialect: Dialect, starts: list[int], at: int, end: int
) -> tuple[list[JsonValue], list[Finding]]:
    """The JSON texts that follow one another between two offsets, and what is wrong with values in them.

    `starts` are the offsets of the lines of `text`. Raises Halt where it nests too deeply or is too much, and
    JsonMistakeError where it is not JSON: NaN, comments and trailing commas are not.
    """
    reader = _Reader(text, shown, dialect, at, end, starts)
    found: list[JsonValue] = []
    while reader.skip() < end:
        if found and text[reader.at] not in "{[":
            reader.fail(Place.END)
        data, root = reader.value(1)
        found.append(JsonValue(data, root))
    return found, reader.findings


def json_finding(error: JsonMistakeError, shown: str, starts: list[int]) -> Finding:
    """The finding for text that is not JSON, at its line and column."""

    def span(start: int, end: int) -> Span:
        line = bisect_right(starts, start) - 1
        last = bisect_right(starts, end) - 1
        return Span(shown, line + 1, start - starts[line] + 1, last + 1, end - starts[last] + 1)

    notes = tuple(Note(message, span(start, end)) for message, start, end in error.notes)
    at = span(error.start, error.end)
    return Finding(rule=rules.NOT_JSON, message=f"not JSON: {error}", at=at, hint=error.hint, notes=notes)
