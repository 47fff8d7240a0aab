"""Objects of built-in kinds, valid and broken: written ones (`tests/data/kinds`), every field changed in every way it has.

A change is a path and what is written there; the same seed draws the same changes.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from generator.schema.builtin import builtin_validator
from generator.schema.prepare import Schema, child_schema
from generator.source import Dialect, read_file
from tests.e2e.apiserver.values import OF_FIELDS, OF_TYPES
from tests.support.workspace import REPOSITORY

Manifest = dict[str, Any]
Path = tuple[str | int, ...]
FOLDER = REPOSITORY / "tests" / "data" / "kinds"
_ADDRESS = {("apiVersion",), ("kind",), ("metadata",), ("metadata", "namespace"), ("metadata", "generateName")}
_MINOR = 36


class _Gone:
    """Nothing is left at the path."""

    def __repr__(self) -> str:
        return "GONE"


GONE = _Gone()


@dataclass(frozen=True)
class Change:
    """What is written at a path of an object; GONE takes it out."""

    path: Path
    value: Any


@dataclass(frozen=True)
class Case:
    """One base and the changes made to it, in order."""

    base: int
    changes: tuple[Change, ...]

    def made(self, bases: Sequence[Manifest]) -> Manifest:
        """The changed object."""
        data = copy.deepcopy(bases[self.base])
        for change in self.changes:
            apply(data, change)
        return data


def apply(data: Manifest, change: Change) -> None:
    """Make one change in place; raises LookupError or TypeError where its path leads nowhere."""
    node: Any = data
    for step in change.path[:-1]:
        node = node[step]
    last: Any = change.path[-1]
    if change.value is GONE:
        del node[last]
    elif isinstance(node, list) and last == len(node):
        node.append(copy.deepcopy(change.value))
    else:
        node[last] = copy.deepcopy(change.value)


def read_bases() -> list[Manifest]:
    """The written objects, and every pod once more as the template of a Deployment."""
    found: list[Manifest] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for document in read_file(path, path.name, Dialect.KUBERNETES):
            found.append(document.data)
            if document.data["kind"] == "Pod":
                found.append(_deployed(document.data))
    return found


def _deployed(pod: Manifest) -> Manifest:
    labels = {"app": pod["metadata"]["name"]}
    spec = {**pod["spec"], "restartPolicy": "Always"}
    spec.pop("activeDeadlineSeconds", None)
    template = {"metadata": {**pod["metadata"], "labels": labels}, "spec": spec}
    template["metadata"] = {
        key: value for key, value in template["metadata"].items() if key in ("labels", "annotations")
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": pod["metadata"]["name"], "namespace": "default"},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }


def schema_of(data: Manifest) -> Schema:
    """The schema of a built-in kind."""
    group, _, version = data["apiVersion"].rpartition("/")
    validator = builtin_validator(_MINOR, group, version, data["kind"])
    assert validator is not None, data["kind"]
    return validator.schema


def changes_of(data: Manifest) -> Iterator[Change]:
    """Every change of one place: taken out, emptied, doubled, each value its field may be given, fields it lacks."""
    for path, value, schema in _places(data, schema_of(data), ()):
        if path and path not in _ADDRESS:
            yield Change(path, GONE)
            yield from (Change(path, other) for other in _others(path, value) if not _same(other, value))
        if isinstance(value, list):
            for index in sorted({0, len(value) - 1}) if value else ():
                yield Change((*path, len(value)), value[index])
        if isinstance(value, dict) and schema is not None:
            for key in schema.get("properties", {}):
                if key not in value and path[-1:] != ("metadata",) and (*path, key) not in _ADDRESS and key != "status":
                    yield from (Change((*path, key), other) for other in OF_FIELDS.get(key, ()))


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _others(path: Path, value: Any) -> Iterator[Any]:
    named = [step for step in path if isinstance(step, str)]
    key = named[-1]
    if key == "name" and named[:-1] != ["metadata"]:
        yield from OF_FIELDS["name"]
    elif key in OF_FIELDS:
        yield from OF_FIELDS[key]
    elif len(named) > 1 and isinstance(value, str) and f"{named[-2]}.*" in OF_FIELDS:
        yield from OF_FIELDS[f"{named[-2]}.*"]
    yield from OF_TYPES.get(type(value), ())


def _places(value: Any, schema: Schema | None, path: Path) -> Iterator[tuple[Path, Any, Schema | None]]:
    yield path, value, schema
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, None if schema is None else child_schema(schema, key), (*path, key))
    elif isinstance(value, list):
        items = schema.get("items") if schema is not None else None
        for index, item in enumerate(value):
            yield from _places(item, items if isinstance(items, dict) else None, (*path, index))


def all_cases(bases: Sequence[Manifest]) -> list[Case]:
    """Each base as it is, and with every single change."""
    cases = [Case(index, ()) for index in range(len(bases))]
    for index, base in enumerate(bases):
        cases += [Case(index, (change,)) for change in changes_of(base)]
    return cases


def drawn(bases: Sequence[Manifest], seed: int, count: int, *, most: int = 2) -> list[Case]:
    """Cases of all bases in turn, each with up to `most` changes of different places."""
    rng = Random(seed)
    known = [list(changes_of(base)) for base in bases]
    cases: list[Case] = []
    while len(cases) < count:
        base = len(cases) % len(bases)
        chosen = tuple(rng.choice(known[base]) for _ in range(rng.randint(1, most)))
        case = Case(base, chosen)
        try:
            case.made(bases)
        except (LookupError, TypeError):
            continue  # the second change is inside what the first took out
        cases.append(case)
    return cases
