"""Where a schema has x-kubernetes-validations, and the values of an object they are about."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator.location import FieldPath
from generator.schema.prepare import Schema


class _Absent:
    """No value: there is nothing to compare a new value with."""


ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class _Step:
    """One step down a schema: to a named field, to any key of a map (no name), or to any item of a list.

    `joined`: whether an old value can be found for a new one; items of a list have one where `keys` tell them apart.
    """

    name: str | None = None
    item: bool = False
    keys: tuple[str, ...] = ()
    joined: bool = True


Steps = tuple[_Step, ...]


@dataclass(frozen=True, slots=True)
class RulePlace:
    """A node of a schema that has rules; `steps` leads to it, through any item of a list or any key of a map."""

    steps: Steps
    schema: Schema

    @property
    def count(self) -> int:
        """How many rules stand here."""
        return len(self.schema["x-kubernetes-validations"])

    @property
    def about_changes(self) -> bool:
        """Whether any rule compares with what was there before."""
        rules = self.schema["x-kubernetes-validations"]
        return any("oldSelf" in str(rule.get("rule") or "") for rule in rules if isinstance(rule, dict))

    def values(self, data: Any, old: Any = ABSENT) -> Iterator[tuple[FieldPath, Any, Any]]:
        """The values of an object that the rules are about, each with the one before or ABSENT.

        Nulls are skipped, as the server does.
        """
        yield from _values(data, old, self.steps, ())


def _values(data: Any, old: Any, steps: Steps, path: FieldPath) -> Iterator[tuple[FieldPath, Any, Any]]:
    if data is None:
        return
    if not steps:
        yield path, data, ABSENT if old is None else old
        return
    step, rest = steps[0], steps[1:]
    if step.item:
        for index, item in enumerate(data if isinstance(data, list) else ()):
            yield from _values(item, _same_item(item, old, step), rest, (*path, index))
    elif isinstance(data, dict):
        before = old if isinstance(old, dict) and step.joined else {}
        for key in list(data) if step.name is None else [step.name]:
            if isinstance(key, str) and key in data:
                yield from _values(data[key], before.get(key, ABSENT), rest, (*path, key))


def _same_item(item: Any, old: Any, step: _Step) -> Any:
    """The old item with the same keys; lists without keys, and sets, have none."""
    if not step.keys or not isinstance(item, dict) or not isinstance(old, list):
        return ABSENT
    identity = [item.get(key) for key in step.keys]
    found = (one for one in old if isinstance(one, dict) and [one.get(key) for key in step.keys] == identity)
    return next(found, ABSENT)


def rule_places(schema: Schema, steps: Steps = ()) -> Iterator[RulePlace]:
    """Every node of a schema that has rules, the root first."""
    if schema.get("x-kubernetes-validations"):
        # Rules of a root see an object's name as rules of an embedded object do.
        yield RulePlace(steps, schema if steps else {**schema, "x-kubernetes-embedded-resource": True})
    joined = schema.get("x-kubernetes-map-type") != "atomic"
    properties = schema.get("properties")
    for name, child in properties.items() if isinstance(properties, dict) else ():
        if isinstance(child, dict):
            yield from rule_places(child, (*steps, _Step(name, joined=joined)))
    keys: tuple[str, ...] = ()
    if schema.get("x-kubernetes-list-type") == "map":
        keys = tuple(schema.get("x-kubernetes-list-map-keys") or ())
    for key, step in (("items", _Step(item=True, keys=keys)), ("additionalProperties", _Step(joined=joined))):
        child = schema.get(key)
        if isinstance(child, dict):
            yield from rule_places(child, (*steps, step))
