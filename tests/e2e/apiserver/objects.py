"""Objects of the kinds we render, valid and broken: rendered ones, each changed in one place by the rules of its schema.

The same seed gives the same objects.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from generator.schema.prepare import Schema, child_schema

Manifest = dict[str, Any]
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Place:
    """A value inside an object, and what the schema says of it; None where the schema says nothing."""

    path: Path
    value: Any
    schema: Schema | None


@dataclass(frozen=True)
class Generated:
    """An object, and what was done to it."""

    what: str
    data: Manifest


def generated(base: Sequence[tuple[Manifest, Schema]], seed: int, count: int) -> Iterator[Generated]:
    """`count` objects made from the given ones in turn, each changed by one of CHANGES in turn."""
    rng = Random(seed)
    names = list(CHANGES)
    made = 0
    while made < count:
        data, schema = base[made % len(base)]
        name = rng.choice(names)
        changed = copy.deepcopy(data)
        places = [place for place in _places(changed, schema, ()) if not _addresses(place.path)]
        told = CHANGES[name](changed, places, rng)
        if told is None:
            continue
        made += 1
        yield Generated(f"{data['kind']}: {name} {told}", _as_sent(changed))


def _as_sent(value: Any) -> Any:
    """A value as clients that read YAML send it: whole numbers without a point."""
    if isinstance(value, dict):
        return {key: _as_sent(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_sent(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _addresses(path: Path) -> bool:
    """Whether a field decides to which URL a client sends the object, rather than what the server says of it."""
    return path in {("apiVersion",), ("kind",), ("metadata",), ("metadata", "namespace")}


def _places(value: Any, schema: Schema | None, path: Path) -> Iterator[Place]:
    yield Place(path, value, schema)
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, None if schema is None else child_schema(schema, key), (*path, key))
    elif isinstance(value, list):
        items = schema.get("items") if schema is not None else None
        for index, item in enumerate(value):
            yield from _places(item, items if isinstance(items, dict) else None, (*path, index))


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _put(data: Manifest, path: Path, value: Any) -> None:
    _at(data, path[:-1])[path[-1]] = value


def _shown(path: Path) -> str:
    return ".".join(map(str, path))


def _inner(places: Sequence[Place]) -> list[Place]:
    return [place for place in places if place.path]


def _unknown(data: Manifest, places: Sequence[Place], rng: Random) -> str | None:
    found = rng.choice([place for place in places if isinstance(place.value, dict)])
    _at(data, found.path)["unheardOf"] = rng.choice(["a", 1, {}, None])
    return _shown(found.path)


def _removed(data: Manifest, places: Sequence[Place], rng: Random) -> str | None:
    found = rng.choice(_inner(places))
    del _at(data, found.path[:-1])[found.path[-1]]
    return _shown(found.path)


def _retyped(data: Manifest, places: Sequence[Place], rng: Random) -> str | None:
    found = rng.choice(_inner(places))
    value = rng.choice(["text", "", 7, -1, 1.5, 3.0, True, [], ["a"], {}, {"a": "b"}, 2**31, 2**63, None])
    _put(data, found.path, value)
    return f"{_shown(found.path)} = {value!r}"


def _restated(data: Manifest, places: Sequence[Place], rng: Random) -> str | None:
    """Text for a number or a truth value, and the other way round."""
    found = rng.choice([place for place in _inner(places) if isinstance(place.value, str | int | float | bool)])
    value = found.value
    other: Any = rng.choice([0, 10, True]) if isinstance(value, str) else str(value).lower()
    _put(data, found.path, other)
    return f"{_shown(found.path)} = {other!r}"


def _repeated(data: Manifest, places: Sequence[Place], rng: Random) -> str | None:
    lists = [place for place in places if isinstance(place.value, list) and place.value]
    if not lists:
        return None
    found = rng.choice(lists)
    items = _at(data, found.path)
    items.append(copy.deepcopy(rng.choice(items)))
    return _shown(found.path)


def _chosen(data: Manifest, places: Sequence[Place], rng: Random) -> str | None:
    enums = [place for place in places if place.schema and place.schema.get("enum")]
    if not enums:
        return None
    found = rng.choice(enums)
    assert found.schema is not None
    options = [*found.schema["enum"], str(found.value).lower(), f"{found.value}s", ""]
    value = rng.choice(options)
    _put(data, found.path, value)
    return f"{_shown(found.path)} = {value!r}"


_QUANTITIES = (
    "1Gi",
    "1.5Gi",
    "500m",
    "-1",
    "1e3",
    "1E3",
    "0",
    "",
    "1 Gi",
    "1gi",
    "12Kib",
    ".5",
    "1.",
    "+1",
    "0x10",
    "١",
    "1_000",
)


def _measured(data: Manifest, places: Sequence[Place], rng: Random) -> str | None:
    either = [
        place
        for place in places
        if place.schema and (place.schema.get("x-quantity") or place.schema.get("x-kubernetes-int-or-string"))
    ]
    if not either:
        return None
    found = rng.choice(either)
    value = rng.choice([*_QUANTITIES, 1, 0, -1, 1.5])
    _put(data, found.path, value)
    return f"{_shown(found.path)} = {value!r}"


_TEXTS = (
    *("", "a", "A", "a-b", "-a", "a_b", "a.b", "a..b", "a/b", "a/b/c", "a b", "ä", "1", "a" * 63, "a" * 64, "a" * 254),
    *("0.0.0.0", "2026-01-01", "2026-01-01T00:00:00Z", "00:11:22:33:44:55", "https://a.example/b", "true", "null", "~"),
)


def _reworded(data: Manifest, places: Sequence[Place], rng: Random) -> str | None:
    found = rng.choice([place for place in _inner(places) if isinstance(place.value, str)])
    value = rng.choice(_TEXTS)
    _put(data, found.path, value)
    return f"{_shown(found.path)} = {value[:20]!r}"


def _renumbered(data: Manifest, places: Sequence[Place], rng: Random) -> str | None:
    numbers = [place for place in _inner(places) if isinstance(place.value, int) and not isinstance(place.value, bool)]
    if not numbers:
        return None
    found = rng.choice(numbers)
    value = rng.choice([0, -1, 1, 65535, 65536, 2**31 - 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, 2**63, 1.0, 1e3])
    _put(data, found.path, value)
    return f"{_shown(found.path)} = {value!r}"


def _named(data: Manifest, places: Sequence[Place], rng: Random) -> str | None:
    del places
    metadata: Manifest = data["metadata"]
    key = rng.choice(["name", "labels", "annotations", "finalizers", "generateName", "ownerReferences", "generation"])
    text = rng.choice(_TEXTS)
    value: Any = {
        "name": text,
        "generateName": text,
        "labels": {rng.choice(_TEXTS): text},
        "annotations": {rng.choice(_TEXTS): text},
        "finalizers": [rng.choice(["a.b/c", text])],
        "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": text, "uid": rng.choice(["u", ""])}],
        "generation": rng.choice([1, -1, "1"]),
    }[key]
    metadata[key] = value
    return f"{key} = {str(value)[:40]}"


def _added(data: Manifest, places: Sequence[Place], rng: Random) -> str | None:
    """A field the schema knows and the object has not, with a value made from the schema."""
    objects = [
        place
        for place in places
        if isinstance(place.value, dict)
        and place.schema
        and set(place.schema.get("properties") or ()) - set(place.value)
    ]
    objects = [place for place in objects if place.path[:1] != ("metadata",) and place.path[:1] != ("status",)]
    if not objects:
        return None
    found = rng.choice(objects)
    assert found.schema is not None
    properties = found.schema["properties"]
    missing = sorted(set(properties) - set(found.value) - {"status"})
    if not missing:
        return None
    key = rng.choice(missing)
    value = sample(properties[key], rng, 0)
    _at(data, found.path)[key] = value
    return f"{_shown((*found.path, key))} = {str(value)[:60]}"


def sample(schema: Schema, rng: Random, depth: int) -> Any:
    """A value most schemas of its kind take: right types, required fields, a few of the others."""
    if schema.get("enum"):
        return rng.choice(schema["enum"])
    if schema.get("x-quantity"):
        return rng.choice(_QUANTITIES[:5])
    if schema.get("x-kubernetes-int-or-string"):
        return rng.choice([1, "1Gi", "50%"])
    match schema.get("type"):
        case "object":
            return _object(schema, rng, depth)
        case "array":
            items = schema.get("items")
            return [sample(items, rng, depth + 1)] if isinstance(items, dict) and depth < 6 else []
        case "string":
            return rng.choice(["a", "b-c", "1", "", "a.b/c"])
        case "integer":
            return rng.choice([0, 1, 7, 70000, -1])
        case "number":
            return rng.choice([0, 1.5])
        case "boolean":
            return rng.choice([True, False])
        case _:
            return rng.choice(["a", 1, {}])


def _object(schema: Schema, rng: Random, depth: int) -> Any:
    properties: dict[str, Schema] = schema.get("properties") or {}
    additional = schema.get("additionalProperties")
    if not properties and isinstance(additional, dict):
        return {rng.choice(["a", "a.b/c"]): sample(additional, rng, depth + 1)}
    wanted = [key for key in properties if key in (schema.get("required") or ())]
    others = [key for key in properties if key not in wanted and key not in {"status", "metadata"}]
    chosen = rng.sample(others, min(len(others), rng.choice([0, 1, 2]))) if depth < 5 else []
    return {key: sample(properties[key], rng, depth + 1) for key in (*wanted, *chosen)}


Change = Callable[[Manifest, Sequence[Place], Random], str | None]
CHANGES: dict[str, Change] = {
    "unknown field in": _unknown,
    "without": _removed,
    "retyped": _retyped,
    "restated": _restated,
    "repeated entry of": _repeated,
    "enum": _chosen,
    "quantity": _measured,
    "text": _reworded,
    "number": _renumbered,
    "metadata": _named,
    "added": _added,
}
