"""JSON and YAML that a text field holds (`data.[config.json]`), changed inside as kustomize 5.8.2 changes it.

JSON is written anew, with sorted keys, in one line or indented by two as it was. YAML keeps its comments, quotes and
order of keys; it loses blank lines and the space around it, and its lists are written without indentation (kustomize's
api/filters/replacement/replacement.go, serializeStructuredData). Of several documents only the first is kept.
"""

import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from generator.finding import Halt
from generator.overlay.paths import plain
from generator.overlay.resource import scalar_text
from generator.source import Dialect, read_documents

_TAG = "tag:yaml.org,2002:"
_BLANK_LINES = re.compile(r"\n\s*\n")
_HTML = "<>&\u2028\u2029"
_FAR = 1 << 30


@dataclass(frozen=True, slots=True)
class Embedded:
    """A text and the data in it, to be changed in place; `documents` is how many the text holds."""

    text: str
    data: Any
    documents: int

    def written(self) -> str:
        """The text with the data as it is now. Raises ValueError where the text cannot be written anew."""
        start = self.text.lstrip()[:1]
        if not start:
            raise ValueError("the text is empty")
        if start in "{[":
            indented = "\n" in self.text and "  " in self.text
            return go_json(self.data, indent=2 if indented else None)
        return _as_yaml(self.text, self.data)


def opened(text: str) -> Embedded | None:
    """The data of a text; None where it is neither JSON nor YAML."""
    try:
        found = read_documents(text, "text", Dialect.KUSTOMIZE)
    except Halt:
        return None
    return Embedded(text, found[0].data if found else None, len(found))


def go_json(data: Any, *, indent: int | None = None) -> str:
    """Data as Go's encoding/json writes it: keys sorted, `<`, `>` and `&` escaped."""
    separators = (",", ": ") if indent else (",", ":")
    text = json.dumps(data, sort_keys=True, separators=separators, ensure_ascii=False, indent=indent)
    for sign in _HTML:
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _as_yaml(text: str, data: Any) -> str:
    writer = YAML(typ="rt")
    writer.width = _FAR
    writer.indent(mapping=2, sequence=2, offset=0)
    out = io.StringIO()
    try:
        root = next(writer.compose_all(text))
        for node in _nodes(root):
            if node.anchor:
                raise ValueError(f'it has the anchor "{node.anchor}"')
            _tidy(node)
        writer.serialize(_updated(root, data), out)
    except YAMLError as error:
        raise ValueError(str(error).partition("\n")[0]) from None
    return out.getvalue().removesuffix("...\n").strip()


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for below in node.value if isinstance(node, SequenceNode | MappingNode) else ():
        for one in below if isinstance(below, tuple) else (below,):
            yield from _nodes(one)


def _tidy(node: Node) -> None:
    """Comments one space behind what they are of, without blank lines around them."""
    todo = list(node.comment or ())
    while todo:
        token = todo.pop()
        if isinstance(token, list):
            todo += token
        elif token is not None:
            token.column = 0 if token.value.startswith("#") else token.start_mark.column
            token.value = _BLANK_LINES.sub("\n", token.value)


def _updated(node: Node, data: Any) -> Node:
    """The node with the data it should have; what is the same keeps the way it is written."""
    if (
        isinstance(node, MappingNode)
        and isinstance(data, Mapping)
        and {key.value for key, _ in node.value} <= set(data)
    ):
        known = {key.value: place for place, (key, _) in enumerate(node.value)}
        for name, value in data.items():
            if name in known:
                key, old = node.value[known[name]]
                node.value[known[name]] = (key, _updated(old, value))
            else:
                node.value.append((_scalar(name), _made(value)))
        return node
    if isinstance(node, SequenceNode) and isinstance(data, list):
        node.value = [_updated(old, value) for old, value in zip(node.value, data, strict=False)]
        node.value += [_made(value) for value in data[len(node.value) :]]
        return node
    if not isinstance(node, ScalarNode) or isinstance(data, dict | list):
        return _made(data)
    text = isinstance(data, str)
    if text == (node.tag == f"{_TAG}str") and node.value == scalar_text(data):
        return node
    if not text and node.style is None and plain(node.value) == data:
        return node
    made = _scalar(data)
    if text and node.tag == f"{_TAG}str" and node.style is not None:
        made.style = node.style
    made.comment = node.comment
    return made


def _scalar(data: Any) -> ScalarNode:
    kinds = ((str, "str"), (bool, "bool"), (int, "int"), (float, "float"))
    tag = next((name for kind, name in kinds if isinstance(data, kind)), "null")
    text = "null" if data is None else scalar_text(data)
    style = None
    if tag == "str":
        style = "|" if "\n" in text else None if text and isinstance(plain(text), str) else '"'
    return ScalarNode(f"{_TAG}{tag}", text, style=style)


def _made(data: Any) -> Node:
    if isinstance(data, dict):
        return MappingNode(
            f"{_TAG}map", [(_scalar(name), _made(value)) for name, value in data.items()], flow_style=not data
        )
    if isinstance(data, list):
        return SequenceNode(f"{_TAG}seq", [_made(value) for value in data], flow_style=not data)
    return _scalar(data)
