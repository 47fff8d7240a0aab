"""YAML and expressions that stand inside a scalar of a document, and where their characters are in the file."""

from dataclasses import dataclass

import yaml

from generator.location import FieldPath, Span
from generator.source.document import Document


def place_in_scalar(document: Document, path: FieldPath, offset: int | None) -> Span:
    """The place of a character of a scalar's value, as far as the way it is written tells."""
    span = document.span(path)
    node = _node(document.root, path)
    if offset is None or not isinstance(node, yaml.ScalarNode):
        return span
    if node.style in ("|", ">"):
        return _place_in_block(document, span, node, offset)
    if "\n" in node.value:
        return span
    return Span(span.file, span.line, span.column + offset + (1 if node.style else 0))


def _place_in_block(document: Document, span: Span, node: yaml.ScalarNode, offset: int) -> Span:
    """A place in a block scalar: its lines stand one after another, joined by line breaks or, folded, by spaces."""
    lines = document.text.splitlines()[span.line :]
    indent = next((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), 0)
    left = offset
    for row, text in enumerate(lines, span.line + 1):
        inner = text[indent:]
        blank = not inner and node.style == ">"
        if left <= len(inner) and not blank:
            return Span(span.file, row, indent + left + 1)
        left -= len(inner) + (0 if blank else 1)
    return span


def _node(node: yaml.Node, path: FieldPath) -> yaml.Node | None:
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = node.value[part]
        else:
            found = None
        if found is None:
            return None
        node = found
    return node


@dataclass(frozen=True, slots=True)
class InlineDocument(Document):
    """A document whose text is a scalar at a path of another; its places are those in the other's file."""

    outer: Document | None = None
    path: FieldPath = ()

    def span(self, path: FieldPath = (), *, key: bool = False) -> Span:
        """The place of a value in the outer file."""
        assert self.outer is not None
        inner = Document.span(self, path, key=key)
        before = self.text.splitlines(keepends=True)[: max(inner.line - 1, 0)]
        return place_in_scalar(self.outer, self.path, sum(map(len, before)) + max(inner.column - 1, 0))


def inline(document: Document, outer: Document, path: FieldPath) -> InlineDocument:
    """A document that was read from the text of a scalar of another."""
    return InlineDocument(outer.file, document.text, document.data, document.root, document.index, outer, path)
