"""Find the line of a template that wrote one field of an object."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from generator.location import FieldPath, Span
from generator.render.marks import MARK
from generator.render.trace import Trace
from generator.source import read_documents


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a template; `printed` says that a value was printed there, which the template did not write itself.

    Not `exact`: the template has no such field, and the line is that of what the field is part of.
    """

    at: Span
    printed: bool
    exact: bool = True


def place_of(text: str, objects: Sequence[dict[str, Any]], path: FieldPath, trace: Trace) -> Place | None:
    """Where a template wrote the field at `path` of the last of its objects.

    `text` is that of its skeleton, `trace` what a tracing render learnt.
    """
    data = objects[-1]
    alike = [document for document in read_documents(text, "<skeleton>") if _same_shape(document.root, data)]
    if not alike:
        return None
    before = sum(list(one) == list(data) and one.get("kind") == data.get("kind") for one in objects[:-1])
    document = alike[min(before, len(alike) - 1)]
    node, reached = _node(document.root, data, path)
    return _place(node, trace, exact=reached)


def _same_shape(node: yaml.Node, data: dict[str, Any]) -> bool:
    """Whether a document of the skeleton is that of the object: it has its keys, computed ones aside, in order."""
    if not isinstance(node, yaml.MappingNode) or len(node.value) != len(data):
        return False
    keys = [key.value for key, _ in node.value]
    fixed = all(MARK.search(key) or key == actual for key, actual in zip(keys, data, strict=True))
    kind = next((value.value for key, value in node.value if key.value == "kind"), "")
    return fixed and bool(MARK.search(str(kind)) or kind == data.get("kind"))


def _node(node: yaml.Node, data: Any, path: FieldPath) -> tuple[yaml.Node, bool]:
    """The node that wrote the value at `path`: its own, or that of the value it is part of; and whether it did."""
    for part in path:
        if isinstance(node, yaml.MappingNode) and isinstance(data, dict) and part in data:
            # Keys may be computed, so it is their order that tells them apart.
            _, node = node.value[list(data).index(part)]
        elif isinstance(node, yaml.SequenceNode) and isinstance(data, list) and isinstance(part, int):
            if part >= len(node.value):
                return node, False
            node = node.value[part]
        else:
            return node, isinstance(node, yaml.ScalarNode)
        data = data[part]
    return node, True


def _place(node: yaml.Node, trace: Trace, *, exact: bool) -> Place | None:
    mark = MARK.search(node.value) if isinstance(node, yaml.ScalarNode) else None
    at = (trace.value(int(mark[1])) if mark else None) or trace.line(node.start_mark.line + 1)
    return Place(at, printed=mark is not None, exact=exact) if at else None
