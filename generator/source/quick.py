"""Many similar documents, read fast: one parse for each distinct skeleton, plain scalars lifted out line by line.

Documents of one kind differ in few values. A document whose lines are all of the simple kind (a key with a plain or
quoted scalar, a list item, a literal block) is its skeleton with values in it; the skeleton is parsed once and made a
function. Anything unusual goes the slow way, document by document, so what comes out is always the same.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import yaml

from generator.files import MAX_BYTES
from generator.finding import Halt
from generator.location import FieldPath, Span
from generator.source.decode import decode
from generator.source.document import Dialect, Document
from generator.source.read import read_documents
from generator.source.scalars import OddScalarError, Scalar, kustomize_scalar

_PLAIN = r"(?:[A-Za-z0-9_/.+~$(]|-(?=[^\s-]))(?:[^\s:#]|:(?=[^\s])|(?<=[^\s])\#|\ (?=[^\s#]))*"
_LINE = re.compile(
    rf"""(?P<lead>\ *(?:-\ +)*)
    (?:(?P<key>[A-Za-z0-9_][\w./-]*|"[\w./ -]+"):(?:\ +|$))?
    (?:(?P<plain>{_PLAIN})|"(?P<double>[^"\\]*)"|'(?P<single>[^']*)'|(?P<empty>\{{\}}|\[\])|(?P<block>\|-?))?\Z""",
    re.VERBOSE,
)
_MARK = "qatgen-value-"
_PLACEHOLDER = re.compile(rf"{_MARK}([0-9]+)\.")
_NOT_PRINTABLE = re.compile(r"[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_MANY_LINES = 200_000

Line = tuple[str, Scalar, str] | None
"""A line's skeleton, its value, and what kind of value it has ("", "value", "block"); None for an unusual one."""
Fill = Callable[[list[Scalar]], Any]


@dataclass(frozen=True, slots=True)
class QuickDocument(Document):
    """A document that was read fast: `part` is its own text, `line` the number of lines before it."""

    part: str = ""
    line: int = 0

    def span(self, path: FieldPath = (), *, key: bool = False) -> Span:
        """The place of a value; the text is parsed for the first."""
        if self.places.parsed is None:
            [self.places.parsed] = read_documents(self.part, self.file, Dialect.KUSTOMIZE)
        at = self.places.parsed.span(path, key=key)
        return replace(at, line=at.line + self.line, end_line=at.end_line + self.line if at.end_line else 0)


class QuickReader:
    """Reads texts of many documents; keeps what it learnt of lines and skeletons."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._skeletons: dict[str, Fill | None] = {}

    def read(self, raw: bytes, shown: str) -> list[Document]:
        """All documents of a text, as read_documents with KUSTOMIZE gives them. Raises Halt as that does."""
        if len(raw) > MAX_BYTES or b"\r" in raw or b"\t" in raw or shown.endswith(".json"):
            return read_documents(raw, shown, Dialect.KUSTOMIZE)
        text = decode(raw, shown)
        if text.startswith("%") or not text.endswith("\n") or (not text.isascii() and _NOT_PRINTABLE.search(text)):
            return read_documents(text, shown, Dialect.KUSTOMIZE)
        found: list[Document] = []
        for part, line in _parts(text):
            data = self._quick(part)
            if data is _UNUSUAL:
                return self._slow(text, shown)
            if data is not None:
                found.append(QuickDocument(shown, text, data, _NOTHING, len(found), part, line))
        return found

    @staticmethod
    def _slow(text: str, shown: str) -> list[Document]:
        return read_documents(text, shown, Dialect.KUSTOMIZE)

    def _quick(self, part: str) -> Any:
        """The document's data; _UNUSUAL where it must go the slow way."""
        known, learn = self._lines, self._learn
        skeleton: list[str] = []
        values: list[Scalar] = []
        add, keep = skeleton.append, values.append
        lines = part.split("\n")
        number, end = 0, len(lines)
        while number < end:
            text = lines[number]
            number += 1
            try:
                found = known[text]
            except KeyError:
                found = learn(text)
            if found is None:
                return _UNUSUAL
            head, value, kind = found
            add(head)
            if kind == "value":
                keep(value)
            elif kind:
                block, number = _block(text, lines, number)
                if block is None:
                    return _UNUSUAL
                keep(block)
        shape = "\n".join(skeleton)
        fill = self._skeletons.get(shape, _UNUSUAL)
        if fill is _UNUSUAL:
            fill = self._skeletons[shape] = _filler(shape)
        return _UNUSUAL if fill is None else fill(values)

    def _learn(self, text: str) -> Line:
        if len(self._lines) > _MANY_LINES:
            self._lines.clear()
        found = self._lines[text] = _line(text)
        return found


_UNUSUAL: Any = object()
_NOTHING = yaml.ScalarNode("tag:yaml.org,2002:null", "")


def _parts(text: str) -> Iterator[tuple[str, int]]:
    """The documents of a text, with the number of lines before each."""
    first, *rest = f"\n{text}".split("\n---\n")
    yield first[1:].rstrip("\n"), 0
    line = first.count("\n") + 1
    for part in rest:
        yield part.rstrip("\n"), line
        line += part.count("\n") + 2


def _line(text: str) -> Line:
    if not text:
        return "", None, ""
    match = _LINE.match(text)
    if match is None or text.lstrip(" -") == "" or text.startswith(("...", "---")):
        return None
    key, head = match["key"], match["lead"] + (f"{match['key']}:" if match["key"] else "")
    if match["empty"] is not None:
        return text, None, ""
    if match["block"] is not None:
        return (f"{head} {_MARK}", None, "block") if key else None
    for name in ("double", "single"):
        if match[name] is not None:
            return f"{head} {_MARK}", match[name], "value"
    plain = match["plain"]
    if plain is None:
        return (head, None, "") if key else None
    if not key and not match["lead"].endswith("- "):
        return None  # the second line of a plain scalar, or a document that is one
    try:
        return f"{head} {_MARK}" if key else f"{head}{_MARK}", kustomize_scalar(plain), "value"
    except OddScalarError:
        return None


def _block(text: str, lines: list[str], start: int) -> tuple[str | None, int]:
    """The value of a literal block and the number of the line after it; no value for one of an odd form."""
    outer = len(text) - len(text.lstrip(" -"))
    inner: list[str] = []
    indent = 0
    number = start
    while number < len(lines):
        line = lines[number]
        body = line.lstrip(" ")
        width = len(line) - len(body)
        if not body:
            if line:
                return None, number
        elif not indent:
            if inner or width <= outer:
                return None, number
            indent = width
        elif width < indent:
            if width > outer:
                return None, number
            break
        inner.append(line[indent:])
        number += 1
    while inner and not inner[-1]:
        inner.pop()
    if not inner:
        return None, number
    value = "\n".join(inner)
    return (value if text.endswith("-") else value + "\n"), number


def _filler(shape: str) -> Fill | None:
    """A function that makes a document of a skeleton's values; None where the skeleton is no document."""
    pieces = shape.split(_MARK)
    text = "".join(f"{piece}{_MARK}{number}." for number, piece in enumerate(pieces[:-1])) + pieces[-1]
    try:
        documents = read_documents(text, "skeleton", Dialect.KUSTOMIZE)
    except Halt:
        return None
    if len(documents) > 1:
        return None
    seen: list[int] = []
    code = _code(documents[0].data, seen) if documents else "None"
    if sorted(seen) != list(range(len(pieces) - 1)):
        return None  # lines run together: a plain scalar of several lines
    made: Fill = eval(f"lambda v: {code}", {"__builtins__": {}})  # noqa: S307 - made of parsed data alone, see _code
    return made


def _code(data: Any, seen: list[int]) -> str:
    """Python that writes the data, placeholders as `v[n]`: literals are quoted by repr, nothing is taken as it is.

    `seen` collects the placeholders that stand alone.
    """
    if isinstance(data, dict):
        return "{" + ", ".join(f"{key!r}: {_code(value, seen)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(_code(item, seen) for item in data) + "]"
    if isinstance(data, str) and (found := _PLACEHOLDER.fullmatch(data)):
        seen.append(int(found[1]))
        return f"v[{found[1]}]"
    return repr(data)
