"""The keywords a custom resource's schema may have, and the JSON each takes: what the server could not even read."""

from collections.abc import Callable, Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import rules
from generator.schema.violation import Violation, show

UNSUPPORTED = ("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref")
"""The server reads these and refuses them."""
COMBINATIONS = ("allOf", "anyOf", "oneOf")


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _switch(value: Any) -> bool:
    return isinstance(value, bool)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _mapping(value: Any) -> bool:
    return isinstance(value, dict)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _mappings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _schemas_by_name(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(item, dict) for item in value.values())


def _schema_or_switch(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _schema_or_schemas(value: Any) -> bool:
    return isinstance(value, dict) or _mappings(value)


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _anything(_: Any) -> bool:
    return True


_FORMS: tuple[tuple[str, Callable[[Any], bool], tuple[str, ...]], ...] = (
    ("text", _text, ("description", "title", "type", "format", "pattern", "id", "$ref", "$schema")),
    ("text", _text, ("x-kubernetes-list-type", "x-kubernetes-map-type")),
    ("true or false", _switch, ("nullable", "uniqueItems", "exclusiveMinimum", "exclusiveMaximum")),
    (
        "true or false",
        _switch,
        tuple(f"x-kubernetes-{k}" for k in ("preserve-unknown-fields", "embedded-resource", "int-or-string")),
    ),
    ("a whole number", _whole, ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")),
    ("a number", _number, ("minimum", "maximum", "multipleOf")),
    ("a list of text", _texts, ("required", "x-kubernetes-list-map-keys")),
    ("a list of schemas", _mappings, COMBINATIONS),
    ("a list of rules", _mappings, ("x-kubernetes-validations",)),
    ("a list", _list, ("enum",)),
    ("a schema", _mapping, ("not",)),
    ("schemas by name", _schemas_by_name, ("properties", "patternProperties", "definitions")),
    ("a schema, true or false", _schema_or_switch, ("additionalProperties", "additionalItems")),
    ("a schema", _schema_or_schemas, ("items",)),
    ("a mapping", _mapping, ("externalDocs", "dependencies")),
    ("anything", _anything, ("default", "example")),
)
_TAKES = {key: (words, test) for words, test, keys in _FORMS for key in keys}
KEYWORDS = frozenset(_TAKES)


def places(schema: dict[str, Any]) -> Iterator[tuple[FieldPath, Any]]:
    """The schemas right below one that give values their structure, with the way to each."""
    for name, child in (schema.get("properties") or {}).items():
        yield ("properties", name), child
    for key in ("additionalProperties", "items"):
        if isinstance(schema.get(key), dict):
            yield (key,), schema[key]


def nested(schema: dict[str, Any]) -> Iterator[tuple[FieldPath, Any]]:
    """The schemas right below one that only check values, with the way to each."""
    for key in COMBINATIONS:
        for index, option in enumerate(schema.get(key) or ()):
            yield (key, index), option
    if schema.get("not") is not None:
        yield ("not",), schema["not"]


def unreadable(schema: Any, path: FieldPath) -> Iterator[Violation]:
    """Every keyword at or below `path` whose value is not of the form it takes; null is as good as nothing."""
    if not isinstance(schema, dict):
        yield _wrong(path, schema, "a schema")
        return
    readable = {}
    for key, value in schema.items():
        words, test = _TAKES.get(key, ("anything", _anything))
        if value is None or test(value):
            readable[key] = value
        else:
            yield _wrong((*path, key), value, words)
    for step, child in (*places(readable), *nested(readable)):
        yield from unreadable(child, (*path, *step))


def _wrong(path: FieldPath, value: Any, words: str) -> Violation:
    return Violation(path, f"Invalid value: {show(value)}: must be {words}", f"write {words}", rules.NOT_STRUCTURAL)
