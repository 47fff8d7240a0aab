"""YAML and expressions that stand inside a scalar of a document, and where their characters are in the file."""

from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate

import yaml

from generator.finding import Finding, Note
from generator.location import FieldPath, Span
from generator.source.document import Document

_ENDS = "\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


def place_in_scalar(document: Document, path: FieldPath, offset: int | None) -> Span:
    """The place of a character of a scalar's value, as far as the way it is written tells."""
    span = document.span(path)
    node = document.node(path)
    if offset is None or not isinstance(node, yaml.ScalarNode):
        return span
    if node.style in ("|", ">"):
        return _place_in_block(document, span, node, offset)
    if "\n" in node.value:
        return span
    return Span(span.file, span.line, span.column + offset + (1 if node.style else 0))


def _place_in_block(document: Document, span: Span, node: yaml.ScalarNode, offset: int) -> Span:
    """A place in a block scalar: its lines stand one after another, joined by line breaks or, folded, by spaces."""
    found = document.places.blocks.get(id(node))
    if found is None:
        found = document.places.blocks[id(node)] = _block(document, span, node)
    indent, rows, starts = found
    at = bisect_right(starts, offset) - 1
    if 0 <= at < len(rows):
        return Span(span.file, rows[at], indent + offset - starts[at] + 1)
    return span


def _block(document: Document, span: Span, node: yaml.ScalarNode) -> tuple[int, list[int], list[int]]:
    """The indentation of a block scalar, the rows of its lines, and their offsets in the value with the last's end."""
    own = span.line == node.start_mark.line + 1  # a scalar in a scalar has marks of another text
    lines = [line.rstrip(_ENDS) for line in document.lines()[span.line : node.end_mark.line + 1 if own else None]]
    indent = next((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), 0)
    rows: list[int] = []
    starts: list[int] = []
    start = 0
    for row, text in enumerate(lines, span.line + 1):
        inner = text[indent:]
        if not inner and node.style == ">":
            continue
        rows.append(row)
        starts.append(start)
        start += len(inner) + 1
    return indent, rows, [*starts, start]


def finding_in_scalar(finding: Finding, text: str, outer: Document, path: FieldPath) -> Finding:
    """A finding about a text that is the scalar at a path of another document, at its place in that file."""
    starts = list(accumulate((len(line) for line in text.splitlines(keepends=True)), initial=0))

    def moved(at: Span) -> Span:
        start = starts[min(max(at.line - 1, 0), len(starts) - 1)]
        place = place_in_scalar(outer, path, start + max(at.column - 1, 0))
        if at.end_line == at.line and at.end_column > at.column:
            return replace(place, end_line=place.line, end_column=place.column + at.end_column - at.column)
        return place

    notes = tuple(Note(note.message, moved(note.at)) for note in finding.notes)
    return replace(finding, at=moved(finding.at), notes=notes)


@dataclass(frozen=True, slots=True)
class InlineDocument(Document):
    """A document whose text is a scalar at a path of another; its places are those in the other's file."""

    outer: Document | None = None
    path: FieldPath = ()

    def span(self, path: FieldPath = (), *, key: bool = False) -> Span:
        """The place of a value in the outer file."""
        assert self.outer is not None
        inner = Document.span(self, path, key=key)
        return place_in_scalar(self.outer, self.path, self._start(inner.line) + max(inner.column - 1, 0))

    def _start(self, line: int) -> int:
        """The offset in the text at which a line (from 1) starts."""
        starts = self.places.starts
        if not starts:
            starts += accumulate(map(len, self.lines()), initial=0)
        return starts[min(max(line - 1, 0), len(starts) - 1)]


def inline(document: Document, outer: Document, path: FieldPath) -> InlineDocument:
    """A document that was read from the text of a scalar of another."""
    return InlineDocument(outer.file, document.text, document.data, document.root, document.index, outer, path)
