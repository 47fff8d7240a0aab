"""Skeletons: the YAML around the values, parsed once, and the plan for putting values in."""

from dataclasses import dataclass
from typing import Any

import yaml

from generator.location import Span
from generator.render.marks import CLOSE, MARK, OPEN
from generator.source import Document, read_documents


@dataclass(frozen=True, slots=True)
class Hole:
    """A value alone in a plain scalar: it comes as it is."""

    number: int


@dataclass(frozen=True, slots=True)
class Text:
    """A text with values in it; a string stands for itself, a number for the value's text."""

    parts: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A scalar of the template."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of the template."""

    items: tuple["Plan", ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping of the template; keys are fixed strings, or computed."""

    items: tuple[tuple["str | Hole | Text", "Plan"], ...]


Plan = Hole | Text | Fixed | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The documents of one rendered text: a plan for each, and the line each begins on."""

    plans: tuple[Plan, ...]
    lines: tuple[int, ...]


def parse(text: str, shown: str) -> Skeleton:
    """Parse a rendered text with marks in it. Raises Halt with spans inside that text."""
    documents = read_documents(text, shown)
    return Skeleton(
        tuple(_plan(document.data, document.root) for document in documents),
        tuple(_start(document) for document in documents),
    )


def _start(document: Document) -> int:
    span: Span = document.span()
    return span.line


def _plan(data: Any, node: yaml.Node) -> Plan:
    if isinstance(data, dict):
        pairs = zip(data.items(), node.value, strict=True)
        return Mapping(tuple((_key(key), _plan(value, nodes[1])) for (key, value), nodes in pairs))
    if isinstance(data, list):
        return Sequence(tuple(_plan(item, child) for item, child in zip(data, node.value, strict=True)))
    if isinstance(data, str) and OPEN in data:
        assert isinstance(node, yaml.ScalarNode)
        return _hole(data, quoted=bool(node.style))
    return Fixed(data)


def _key(key: str) -> "str | Hole | Text":
    return _hole(key, quoted=False) if OPEN in key else key


def _hole(text: str, *, quoted: bool) -> Hole | Text:
    parts: list[str | int] = []
    end = 0
    for mark in MARK.finditer(text):
        if mark.start() > end:
            parts.append(text[end : mark.start()])
        parts.append(int(mark[1]))
        end = mark.end()
    if end < len(text):
        parts.append(text[end:])
    assert not any(isinstance(part, str) and (OPEN in part or CLOSE in part) for part in parts), "a mark was torn"
    if len(parts) == 1 and isinstance(parts[0], int) and not quoted:
        return Hole(parts[0])
    return Text(tuple(parts))
