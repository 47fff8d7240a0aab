"""Build plain data from a node tree, collecting a finding for every value readers disagree on."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from generator.finding import Finding, Note, Rule
from generator.source import rules
from generator.source.characters import ODD_SPACES, article, name_of, plain_spelling
from generator.source.document import Dialect, node_span
from generator.source.limits import MAX_DEPTH
from generator.source.scalars import OddScalarError, Scalar, kubernetes_scalar, kustomize_scalar, strict_scalar
from generator.source.tags import UnfitTagError, tagged_scalar

MAX_EXPANDED = 10_000
"""Nodes that aliases may add to one document; go-yaml bounds the ratio too, which this is well below."""

_SHOWN = 80
"""Characters of a scalar that a message quotes."""

_IN_QUOTES = "write the value itself, or put the text in quotes"

_PREFIX = "tag:yaml.org,2002:"
_TEXT_TAGS = (f"{_PREFIX}str", f"{_PREFIX}binary")
_ODD_COLON = re.compile(rf"([\w./-]+):([{''.join(ODD_SPACES)}])")

_PLAIN: Mapping[Dialect, Callable[[str], Scalar]] = {
    Dialect.STRICT: strict_scalar,
    Dialect.KUBERNETES: kubernetes_scalar,
    Dialect.KUSTOMIZE: kustomize_scalar,
    Dialect.LENIENT: kubernetes_scalar,
}


class Constructor:
    """Builds one document; `findings` and the warnings of `remarks` grow as it goes.

    `tagged` are the places of the values with an explicit tag, which nodes do not keep: line and column from 0, and
    whether the tag is `!`, with which every value is a text.
    """

    def __init__(self, file: str, dialect: Dialect, tagged: Mapping[tuple[int, int], bool] | None = None) -> None:
        self.file = file
        self.dialect = dialect
        self.tagged = tagged or {}
        self.findings: list[Finding] = []
        self.remarks: list[Finding] = []
        self._seen: set[int] = set()
        self._open: set[int] = set()
        self._expanded = 0
        self._alias_found = False
        self._plain = _PLAIN[dialect]

    def build(self, node: yaml.Node, depth: int = 0) -> Any:
        """The node's value; on a finding the value is left out or kept as text, and building goes on."""
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if depth > MAX_DEPTH:
            self._find(rules.TOO_DEEP, f"nested more than {MAX_DEPTH} levels", node, "flatten the document")
            return None
        if not self._affordable(node):
            return None
        self._open.add(id(node))
        built: Any = None
        if isinstance(node, yaml.SequenceNode):
            built = [self.build(item, depth + 1) for item in node.value]
        elif isinstance(node, yaml.MappingNode):
            built = self._mapping(node, depth)
        self._open.discard(id(node))
        return built

    def _affordable(self, node: yaml.Node) -> bool:
        """Bound what aliases and merge keys expand to: a node that is built again was reached through an alias."""
        if id(node) not in self._seen:
            self._seen.add(id(node))
            return True
        if id(node) in self._open:
            self._find_once(rules.TOO_DEEP, "an alias inside its own anchor nests without end", node)
            return False
        self._expanded += 1 + len(node.value)
        if self._expanded > MAX_EXPANDED:
            self._find_once(rules.ALIAS, f"aliases expand to more than {MAX_EXPANDED} nodes", node)
            return False
        return True

    def _find_once(self, rule: Rule, message: str, node: yaml.Node) -> None:
        """Report aliases once in a document: the first one shows what to change."""
        if not self._alias_found:
            self._alias_found = True
            self._find(rule, message, node, "write values out")

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        first: dict[str, yaml.Node] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if self._is_merge(key_node):
                self._merge(merged, value_node, depth)
                continue
            key = self._key(key_node, node)
            if key is None:
                continue
            written, key_node.value = key_node.value, key  # a document finds the key by the text it became
            if key in out and self.dialect is not Dialect.LENIENT:
                note = Note("first defined here", node_span(first[key], self.file))
                read = "" if written == key else f" (`{_short(written)}` is read as that)"
                message = f'key "{_short(key)}" appears twice{read}'
                self._find(rules.DUPLICATE_KEY, message, key_node, "keep one of the two", notes=(note,))
                continue
            first[key] = key_node
            out[key] = self.build(value_node, depth + 1)
        return {**merged, **out} if merged else out

    def _is_merge(self, node: yaml.Node) -> bool:
        return (
            self.dialect is not Dialect.STRICT and node.tag == f"{_PREFIX}merge" and isinstance(node, yaml.ScalarNode)
        )

    def _merge(self, into: dict[str, Any], node: yaml.Node, depth: int) -> None:
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for source in sources:
            if not isinstance(source, yaml.MappingNode):
                self._find(rules.ODD_KEY, "`<<` merges mappings only", node, "write the keys out")
                return
            if depth >= MAX_DEPTH:
                self._find(rules.TOO_DEEP, f"nested more than {MAX_DEPTH} levels", node, "flatten the document")
                return
            if not self._affordable(source):
                continue
            self._open.add(id(source))
            for key, value in self._mapping(source, depth + 1).items():
                into.setdefault(key, value)
            self._open.discard(id(source))

    def _key(self, node: yaml.Node, mapping: yaml.MappingNode) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            braces = next((one for one in (mapping, node) if _is_braces(one)), None)
            if braces is not None:
                message, hint = "the braces of a template, `{{ … }}`: templates are not evaluated here", _IN_QUOTES
                self._find(rules.ODD_KEY, message, braces, hint)
            else:
                self._find(rules.ODD_KEY, "a key that is a mapping or a list", node, "use a plain word as key")
            return None
        if node.style:
            return str(node.value)
        if not node.value.isascii():
            self._look_for_odd_space(node, "key")
        if self._has_tag(node) and (node.tag in _TEXT_TAGS or not node.tag.startswith(_PREFIX)):
            return str(self._tagged(node))
        return self._plain_key(node)

    def _has_tag(self, node: yaml.ScalarNode) -> bool:
        """Whether a tag is written at a scalar."""
        return bool(self.tagged) and (node.start_mark.line, node.start_mark.column) in self.tagged

    def _plain_key(self, node: yaml.ScalarNode) -> str | None:
        """The text a plain key becomes; a key that becomes another text is remarked on."""
        shown = _short(node.value)
        if node.value == "<<":
            self._find(rules.ODD_KEY, "merge key `<<`", node, "write the keys out")
            return None
        try:
            value = self._plain(node.value)
        except OddScalarError as error:
            value = node.value if self.dialect is not Dialect.STRICT else 0
            if self.dialect is Dialect.STRICT:
                self._find(rules.ODD_KEY, f"key `{shown}` is {error}", node, f'write "{shown}" in quotes')
                return None
        if isinstance(value, str):
            return value
        if self.dialect is Dialect.STRICT or value is None:
            self._find(rules.ODD_KEY, f"key `{shown}` is not a string", node, f'write "{shown}" in quotes')
            return None
        key = str(value).lower() if isinstance(value, bool) else str(value)
        if key != node.value:
            kind = "boolean" if isinstance(value, bool) else "number"
            message = f'key `{shown}` is the {kind} {key} to YAML 1.1, so Kubernetes reads the key "{key}"'
            found = Finding(
                rule=rules.CHANGED_KEY,
                message=message,
                at=node_span(node, self.file),
                hint=f'write "{shown}" in quotes, or "{key}" if that is meant',
            )
            self.remarks.append(found)
        return key

    def _look_for_odd_space(self, node: yaml.ScalarNode, what: str) -> None:
        """Report a plain key or value that begins or ends with a no-break space or its like."""
        text: str = node.value
        for odd, side in ((text[:1], "begins"), (text[-1:], "ends")):
            if odd in ODD_SPACES and odd:
                meant = _short(plain_spelling(text))
                message = f"{what} `{meant}` {side} with {article(name_of(odd))}, which YAML takes for a letter"
                self._find(rules.ODD_SPACE, message, node, "delete it, and type plain spaces")
                return
        if found := _ODD_COLON.match(text):
            message = f"{article(name_of(found[2]))} after `{found[1]}:`, which YAML takes for a letter"
            self._find(rules.ODD_SPACE, message, node, "delete it, and type a plain space")

    def _scalar(self, node: yaml.ScalarNode) -> Scalar:
        text: str = node.value
        if self._has_tag(node) and self.dialect is not Dialect.STRICT:
            return self._tagged(node)
        return text if node.style else self._plain_scalar(node)

    def _plain_scalar(self, node: yaml.ScalarNode) -> Scalar:
        text: str = node.value
        if self.dialect is Dialect.STRICT and not text.isascii():
            self._look_for_odd_space(node, "value")
        try:
            return self._plain(text)
        except OddScalarError as error:
            shown = _short(text)
            hint = f'write "{shown}" in quotes for the text, or the value in its plain form (true, 8, 0.5)'
            self._find(rules.ODD_SCALAR, f"`{shown}` is {error}", node, hint)
            return text

    def _tagged(self, node: yaml.ScalarNode) -> Scalar:
        """A scalar with a tag, which overrules what the text looks like."""
        if self.tagged[node.start_mark.line, node.start_mark.column]:
            return str(node.value)
        kind = node.tag.removeprefix(_PREFIX)
        try:
            return tagged_scalar(node.value, kind) if node.tag.startswith(_PREFIX) else str(node.value)
        except UnfitTagError as error:
            message = f"`!!{kind}` with the value `{_short(node.value)}`: {error}"
            self._find(rules.UNFIT_TAG, message, node, error.hint)
            return str(node.value)

    def _find(self, rule: Rule, message: str, node: yaml.Node, hint: str, *, notes: tuple[Note, ...] = ()) -> None:
        at = node_span(node, self.file)
        self.findings.append(Finding(rule=rule, message=message, at=at, hint=hint, notes=notes))


def _is_braces(node: yaml.Node) -> bool:
    """Whether a node is `{{ … }}`: a mapping in braces whose key is another, which begins right after the brace."""
    if not isinstance(node, yaml.MappingNode) or not node.flow_style or not node.value:
        return False
    key = node.value[0][0]
    outer, inner = node.start_mark, key.start_mark
    return isinstance(key, yaml.MappingNode) and (outer.line, outer.column + 1) == (inner.line, inner.column)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
