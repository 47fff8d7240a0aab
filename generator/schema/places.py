"""Where a schema has x-kubernetes-validations, and the values of an object they are about."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator.location import FieldPath
from generator.schema.prepare import Schema

_ANY_ITEM, _ANY_KEY = object(), object()


@dataclass(frozen=True, slots=True)
class RulePlace:
    """A node of a schema that has rules; `steps` leads to it, through any item of a list or any key of a map."""

    steps: tuple[object, ...]
    schema: Schema

    @property
    def count(self) -> int:
        """How many rules stand here."""
        return len(self.schema["x-kubernetes-validations"])

    def values(self, data: Any) -> Iterator[tuple[FieldPath, Any]]:
        """The values of an object that the rules are about; nulls are skipped, as the server does."""
        yield from _values(data, self.steps, ())


def _values(data: Any, steps: tuple[object, ...], path: FieldPath) -> Iterator[tuple[FieldPath, Any]]:
    if data is None:
        return
    if not steps:
        yield path, data
        return
    step, rest = steps[0], steps[1:]
    if step is _ANY_ITEM:
        for index, item in enumerate(data if isinstance(data, list) else ()):
            yield from _values(item, rest, (*path, index))
    elif isinstance(data, dict):
        for key in list(data) if step is _ANY_KEY else [step]:
            if isinstance(key, str) and key in data:
                yield from _values(data[key], rest, (*path, key))


def rule_places(schema: Schema, steps: tuple[object, ...] = ()) -> Iterator[RulePlace]:
    """Every node of a schema that has rules, the root first."""
    if schema.get("x-kubernetes-validations"):
        # Rules of a root see an object's name as rules of an embedded object do.
        yield RulePlace(steps, schema if steps else {**schema, "x-kubernetes-embedded-resource": True})
    properties = schema.get("properties")
    for name, child in properties.items() if isinstance(properties, dict) else ():
        if isinstance(child, dict):
            yield from rule_places(child, (*steps, name))
    for key, step in (("items", _ANY_ITEM), ("additionalProperties", _ANY_KEY)):
        child = schema.get(key)
        if isinstance(child, dict):
            yield from rule_places(child, (*steps, step))
