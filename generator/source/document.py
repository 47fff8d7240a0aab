"""A YAML document: its text, its plain data, and the place of every key and value."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import yaml

from generator.finding import Finding
from generator.location import FieldPath, Span

_MANY_KEYS = 16
"""Mappings of more keys than these are searched by an index."""

_Keys = dict[str | int, tuple[yaml.Node, yaml.Node]]


@dataclass(slots=True)
class Index:
    """What a document finds out about places, once: a file may have thousands of findings.

    `keys` and `blocks` are by the identity of a node, which the document keeps alive: the keys of a large mapping,
    and the indentation of a block scalar with the rows of its lines and the offsets they start at. `lines` are the
    lines of the text, `starts` their offsets, `parsed` is the document of a text that was read without its places.
    """

    keys: dict[int, _Keys] = field(default_factory=dict)
    blocks: dict[int, tuple[int, list[int], list[int]]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    parsed: "Document | None" = None


class Dialect(Enum):
    """How plain scalars and anchors are read.

    STRICT is for what people write for us (spec, overlays of it, team files): whatever YAML 1.1 and 1.2 readers
    take differently is refused. KUBERNETES reads as sigs.k8s.io/yaml 1.6 does, which the API machinery uses
    (docs of the project: YAML as Kubernetes reads it). KUSTOMIZE reads as kustomize reads objects:
    `yes`, `no`, `on`, `off`, `y` and `n` are texts there. LENIENT is KUBERNETES, but the last of two equal keys wins.
    """

    STRICT = "strict"
    KUBERNETES = "kubernetes"
    KUSTOMIZE = "kustomize"
    LENIENT = "lenient"


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file; `index` counts from 0 in a file of several.

    `within` is the way to it where it is an item of a list; `text` is that of the whole file all the same, `root` is
    the item's own node. `places` keeps what was found out about places, `remarks` are warnings about how it is written.
    """

    file: str
    text: str
    data: Any
    root: yaml.Node
    index: int = 0
    within: FieldPath = field(default=(), kw_only=True)
    places: Index = field(default_factory=Index, repr=False, compare=False, kw_only=True)
    remarks: tuple[Finding, ...] = field(default=(), kw_only=True, repr=False, compare=False)

    def item(self, path: FieldPath, data: Any) -> "Document":
        """The object at a path, `data`, as a document of its own."""
        node = self.node(path)
        if node is None:  # it came by a merge key: nothing in it has a place of its own
            node = yaml.ScalarNode("", "", self.root.start_mark, self.root.end_mark)
        return Document(self.file, self.text, data, node, self.index, within=path, places=self.places)

    def span(self, path: FieldPath = (), *, key: bool = False) -> Span:
        """The place of the value at `path` (of its key with `key`), or of its nearest ancestor that exists."""
        node: yaml.Node = self.root
        key_node: yaml.Node | None = None
        for part in path:
            step = _step(node, part, self.places)
            if step is None:
                return node_span(key_node if key_node is not None and key else node, self.file)
            key_node, node = step
        return node_span(key_node if key and key_node is not None else node, self.file)

    def node(self, path: FieldPath) -> yaml.Node | None:
        """The node of the value at `path`; None where the document itself holds none."""
        node: yaml.Node = self.root
        for part in path:
            step = _step(node, part, self.places)
            if step is None:
                return None
            node = step[1]
        return node

    def written(self, path: FieldPath) -> str | None:
        """The text of the scalar at `path` as it is written, `1.10` for the number 1.1; None for anything else."""
        node = self.node(path)
        return str(node.value) if isinstance(node, yaml.ScalarNode) else None

    def has(self, path: FieldPath) -> bool:
        """Whether the document itself holds a value at `path`."""
        return self.node(path) is not None

    def lines(self) -> list[str]:
        """The lines of the text, with their ends."""
        if not self.places.lines:
            self.places.lines = self.text.splitlines(keepends=True)
        return self.places.lines


def _step(node: yaml.Node, part: str | int, places: Index) -> tuple[yaml.Node | None, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        if len(node.value) > _MANY_KEYS:
            return _indexed(node, places).get(part)
        for key_node, value_node in node.value:
            if key_node.value == part:
                return key_node, value_node
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return None, node.value[part]
    return None


def _indexed(node: yaml.MappingNode, places: Index) -> _Keys:
    """The keys of a mapping with their nodes, the first of equal ones; made once for each mapping."""
    found = places.keys.get(id(node))
    if found is None:
        found = places.keys[id(node)] = {}
        for key_node, value_node in node.value:
            if isinstance(key_node, yaml.ScalarNode):
                found.setdefault(key_node.value, (key_node, value_node))
    return found


def node_span(node: yaml.Node, file: str) -> Span:
    """A node's span; of a mapping or list only its first line is of use to a reader, but the end is kept."""
    start, end = node.start_mark, node.end_mark
    return Span(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
