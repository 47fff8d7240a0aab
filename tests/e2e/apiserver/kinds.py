"""Objects of built-in kinds, valid and broken: written ones (`tests/data/kinds`), every field changed in every way it has.

A change is a path and what is written there; the same seed draws the same changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from generator.schema.builtin import builtin_validator
from generator.schema.prepare import Schema, child_schema
from tests.e2e.apiserver.values import OF_FIELDS, OF_TYPES
from tests.support.kinds import GONE, Case, Change, Manifest, Path

_ADDRESS = {("apiVersion",), ("kind",), ("metadata",), ("metadata", "namespace"), ("metadata", "generateName")}
_MINOR = 36


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


def drawn(bases: Sequence[Manifest], seed: int, count: int) -> list[Case]:
    """Every base as it is, and `count` single changes of all bases in turn."""
    rng = Random(seed)
    cases = [Case(index, ()) for index in range(len(bases))]
    known = [list(changes_of(base)) for base in bases]
    return cases + [Case(turn % len(bases), (rng.choice(known[turn % len(bases)]),)) for turn in range(count)]


def combined(bases: Sequence[Manifest], mild: Mapping[int, Sequence[Change]], seed: int, count: int) -> list[Case]:
    """`count` cases of two to five changes, chosen among those that break nothing alone (`mild`, by base)."""
    rng, usable = Random(seed), sorted(mild)
    cases: list[Case] = []
    while len(cases) < count:
        base = usable[len(cases) % len(usable)]
        case = Case(base, tuple(rng.choice(mild[base]) for _ in range(rng.randint(2, 5))))
        try:
            case.made(bases)
        except (LookupError, TypeError):
            continue  # one change is inside what another took out
        cases.append(case)
    return cases
