"""What a field of the spec means, from the published schema."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.spec.flow import flow
from generator.spec.forms import FORMS
from generator.spec.schema import spec_schema

_BOUNDS = {
    "const": "always",
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "characters, at least",
    "maxLength": "characters, at most",
    "minItems": "items, at least",
    "maxItems": "items, at most",
}
_TYPES = {"object": "mapping", "array": "list", "string": "text", "integer": "whole number", "boolean": "true or false"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its path, type in words, meaning, what is allowed, default, examples and the fields below it."""

    path: str
    type: str
    meaning: str
    allowed: Sequence[str]
    default: str
    examples: Sequence[str]
    required: bool
    below: Sequence["Field"]


class UnknownFieldError(LookupError):
    """No field has that name; `known` are those of the place where the path went wrong."""

    def __init__(self, name: str, place: str, known: Sequence[str]) -> None:
        super().__init__(name)
        self.name, self.place, self.known = name, place, known


def field_at(path: str, kind: str = "platform") -> Field:
    """The field at a path such as `spec.nodePools[].nodes`; `[]` and numbers may be left out.

    `kind` is platform or virtualMachines. Raises UnknownFieldError.
    """
    parts = [part for part in re.split(r"[.\[\]]+", path) if part and not part.isdigit()]
    schema = spec_schema()
    node = schema["$defs"][kind]
    if parts and parts[0] not in _properties(node) and parts[0] in _properties(_inner(node["properties"]["spec"])):
        parts = ["spec", *parts]
    place, required = "", False
    for part in parts:
        inner = _inner(node)
        known = _properties(inner)
        if part not in known:
            raise UnknownFieldError(part, place, sorted(known))
        required = part in inner.get("required", ())
        node = known[part]
        place = f"{place}.{part}" if place else part
        if "array" in _types(node):
            place += "[]"
    return _field(place, node, required=required, deep=True)


def paths_named(name: str, kind: str = "platform") -> list[str]:
    """The paths of all fields of a name, those nearest the top first."""
    found = (field.path for field in all_fields(kind))
    named = [path for path in found if path.rpartition(".")[2].removesuffix("[]") == name]
    return sorted(named, key=lambda path: path.count("."))


def all_fields(kind: str = "platform") -> Iterator[Field]:
    """Every field of a kind, depth first, in the order of the schema."""
    node = spec_schema()["$defs"][kind]

    def walk(node: Mapping[str, Any], place: str) -> Iterator[Field]:
        inner = _inner(node)
        for name, child in _properties(inner).items():
            path = f"{place}.{name}" if place else name
            path += "[]" if "array" in _types(child) else ""
            yield _field(path, child, required=name in inner.get("required", ()), deep=False)
            yield from walk(child, path)

    yield from walk(node, "")


def _field(path: str, node: Mapping[str, Any], *, required: bool, deep: bool) -> Field:
    own = {**_resolved(node), **{key: value for key, value in node.items() if key != "$ref"}}
    inner = _inner(node)
    below = [
        _field(name, child, required=name in inner.get("required", ()), deep=False)
        for name, child in (_properties(inner).items() if deep else ())
    ]
    return Field(
        path=path,
        type=_type_words(own),
        meaning=own.get("description", ""),
        allowed=list(_allowed(own)),
        default=flow(own["default"]) if "default" in own else "",
        examples=[flow(example) for example in own.get("examples", ())],
        required=required,
        below=below,
    )


def _resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        target = spec_schema()["$defs"][node["$ref"].rpartition("/")[2]]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


def _inner(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The mapping a field's keys are written in: of a list, its items'."""
    node = _resolved(node)
    return _inner(node["items"]) if "items" in node else node


def _properties(node: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = node.get("properties", {})
    return found


def _types(node: Mapping[str, Any]) -> Sequence[str]:
    given = _resolved(node).get("type", ())
    return [given] if isinstance(given, str) else list(given)


def _type_words(node: Mapping[str, Any]) -> str:
    words = [_TYPES.get(name, name) for name in _types(node)]
    if "items" in node:
        return f"list of {_type_words(_resolved(node['items']))}"
    return " or ".join(words) or "anything"


def _allowed(node: Mapping[str, Any]) -> Iterator[str]:
    if "enum" in node:
        yield "one of " + ", ".join(_shown(value) for value in node["enum"])
    if "pattern" in node:
        yield FORMS.get(node["pattern"], f"in the form `{node['pattern']}`")
    for keyword, words in _BOUNDS.items():
        if keyword in node:
            yield f"{words} `{_shown(node[keyword])}`"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
