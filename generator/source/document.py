"""A YAML document: its text, its plain data, and the place of every key and value."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import yaml

from generator.location import FieldPath, Span


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
    """One document of a file; `index` counts from 0 in a file of several."""

    file: str
    text: str
    data: Any
    root: yaml.Node
    index: int = 0

    def span(self, path: FieldPath = (), *, key: bool = False) -> Span:
        """The place of the value at `path` (of its key with `key`), or of its nearest ancestor that exists."""
        node: yaml.Node = self.root
        key_node: yaml.Node | None = None
        for part in path:
            step = _step(node, part)
            if step is None:
                return node_span(key_node if key_node is not None and key else node, self.file)
            key_node, node = step
        return node_span(key_node if key and key_node is not None else node, self.file)

    def has(self, path: FieldPath) -> bool:
        """Whether the document itself holds a value at `path`."""
        node: yaml.Node = self.root
        for part in path:
            step = _step(node, part)
            if step is None:
                return False
            node = step[1]
        return True


def _step(node: yaml.Node, part: str | int) -> tuple[yaml.Node | None, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            if key_node.value == part:
                return key_node, value_node
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return None, node.value[part]
    return None


def node_span(node: yaml.Node, file: str) -> Span:
    """A node's span; of a mapping or list only its first line is of use to a reader, but the end is kept."""
    start, end = node.start_mark, node.end_mark
    return Span(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
