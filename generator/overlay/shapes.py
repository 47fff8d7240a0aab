"""List merge keys by type: a compact form of OpenAPI definitions, and how to walk it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

Place = tuple[str | None, tuple[str, ...] | None]
"""What a schema says of a field: the type below it (None: unknown) and, for a list, its merge keys.

Keys None: the list is replaced; keys empty: a list of plain values, merged as a set.
"""

NOWHERE: Place = (None, None)


@dataclass(frozen=True)
class Shapes:
    """Types with the fields that lead to a keyed list; everything else is left out.

    `kinds` maps `group/version/Kind` to a type; `types` maps a type to its fields, `*` standing for any field;
    `scopes` says of `group/version/Kind` whether it lives in a namespace.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, Mapping[str, Place]] = field(default_factory=dict)
    scopes: Mapping[str, bool] = field(default_factory=dict)

    def root(self, api_version: object, kind: object) -> str | None:
        """The type of a kind's objects, where known."""
        return self.kinds.get(f"{api_version}/{kind}")

    def below(self, type_name: str | None, key: str) -> Place:
        """What stands at a field of a type."""
        if type_name is None:
            return NOWHERE
        fields = self.types.get(type_name)
        if fields is None:
            return NOWHERE
        return fields.get(key) or fields.get("*") or NOWHERE

    def with_more(self, more: "Shapes") -> "Shapes":
        """Both; where both know a kind or a type, what `more` says."""
        return Shapes({**self.kinds, **more.kinds}, {**self.types, **more.types}, {**self.scopes, **more.scopes})

    def with_list(self, api_version: str, kind: str, parts: Sequence[str], keys: tuple[str, ...]) -> "Shapes":
        """The same, with one list of a kind merged by keys; `parts` are the fields that lead to it."""
        here = self.root(api_version, kind) or f"{api_version}/{kind}"
        kinds = {**self.kinds, f"{api_version}/{kind}": here}
        types = dict(self.types)
        for number, part in enumerate(parts, 1):
            child, known = self.below(here, part)
            last = number == len(parts)
            below = child if last else child or f"{here}.{part}"
            types[here] = {**types.get(here, {}), part: (below, keys if last else known)}
            here = below or ""
        return Shapes(kinds, types, self.scopes)


def compact(definitions: Mapping[str, Any], *, server_side: bool) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """Reduce OpenAPI definitions to `kinds` and `types` of a Shapes.

    `server_side` takes `x-kubernetes-list-type: map` for a merge too, not only a patch strategy.
    """
    raw: dict[str, dict[str, Place]] = {}
    for name, definition in definitions.items():
        raw[name] = _fields(definition, server_side=server_side)
    useful = _reaching(raw)
    types = {
        name: {
            key: (child if child in useful else None, keys)
            for key, (child, keys) in fields.items()
            if keys is not None or child in useful
        }
        for name, fields in raw.items()
        if name in useful
    }
    kinds: dict[str, str] = {}
    for name, definition in definitions.items():
        for entry in definition.get("x-kubernetes-group-version-kind") or ():
            group = entry.get("group")
            api_version = f"{group}/{entry['version']}" if group else entry["version"]
            if name in useful:
                kinds[f"{api_version}/{entry['kind']}"] = name
    return kinds, types


def _fields(definition: Mapping[str, Any], *, server_side: bool) -> dict[str, Place]:
    fields = {
        key: _place(value, server_side=server_side) for key, value in (definition.get("properties") or {}).items()
    }
    rest = definition.get("additionalProperties")
    if isinstance(rest, dict):
        fields["*"] = _place(rest, server_side=server_side)
    return fields


def _place(schema: Mapping[str, Any], *, server_side: bool) -> Place:
    reference = _reference(schema)
    if reference:
        return reference, None
    if schema.get("type") == "array" or schema.get("type") == ["array", "null"]:
        items = schema.get("items") or {}
        return _reference(items), merge_keys(schema, server_side=server_side)
    return None, None


def merge_keys(schema: Mapping[str, Any], *, server_side: bool) -> tuple[str, ...] | None:
    """The merge keys a list's schema declares; None for a list that is replaced."""
    merges = "merge" in str(schema.get("x-kubernetes-patch-strategy", "")).split(",")
    by_type = schema.get("x-kubernetes-list-type")
    map_keys = schema.get("x-kubernetes-list-map-keys")
    if not merges and not (server_side and by_type in {"map", "set"}):
        return None
    if map_keys and (merges or by_type == "map"):
        return tuple(str(key) for key in map_keys)
    key = schema.get("x-kubernetes-patch-merge-key")
    return (str(key),) if key else ()


def _reference(schema: Mapping[str, Any]) -> str | None:
    reference = schema.get("$ref")
    if reference is None and isinstance(schema.get("allOf"), list) and schema["allOf"]:
        reference = schema["allOf"][0].get("$ref")
    return str(reference).rpartition("/")[2] if reference else None


def _reaching(raw: Mapping[str, Mapping[str, Place]]) -> set[str]:
    """The types from which a keyed list can be reached."""
    users: dict[str, set[str]] = {}
    useful = set()
    for name, fields in raw.items():
        for child, keys in fields.values():
            if keys is not None:
                useful.add(name)
            if child is not None:
                users.setdefault(child, set()).add(name)
    queue = list(useful)
    while queue:
        for user in users.get(queue.pop(), ()):
            if user not in useful:
                useful.add(user)
                queue.append(user)
    return useful


@cache
def bundled(name: str) -> Shapes:
    """A table shipped with the package: `kustomize` (what its release 5.8.2 carries) or `native`."""
    text = resources.files("generator.overlay").joinpath(f"data/{name}.json").read_text(encoding="utf-8")
    table = json.loads(text)
    types = {
        type_name: {key: (child, None if keys is None else tuple(keys)) for key, (child, keys) in fields.items()}
        for type_name, fields in table["types"].items()
    }
    return Shapes(table["kinds"], types, table["scopes"])


def of_crds(crds: Iterable[Mapping[str, Any]]) -> Shapes:
    """What the schemas of CRDs say: `x-kubernetes-list-type: map` with its keys, and the scope of their kinds."""
    kinds: dict[str, str] = {}
    types: dict[str, dict[str, Place]] = {}
    scopes: dict[str, bool] = {}
    for crd in crds:
        spec = crd.get("spec") or {}
        kind = (spec.get("names") or {}).get("kind")
        for version in spec.get("versions") or ():
            name = f"{spec.get('group')}/{version.get('name')}/{kind}"
            scopes[name] = spec.get("scope") != "Cluster"
            schema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
            if _nested(schema, name, types):
                kinds[name] = name
    return Shapes(kinds, types, scopes)


def _nested(schema: Mapping[str, Any], name: str, types: dict[str, dict[str, Place]]) -> bool:
    """Collect the type of an inline schema and of those below it; whether any leads to a keyed list."""
    fields: dict[str, Place] = {}
    properties = dict(schema.get("properties") or {})
    rest = schema.get("additionalProperties")
    if isinstance(rest, dict):
        properties["*"] = rest
    for key, value in properties.items():
        keys = merge_keys(value, server_side=True) if value.get("type") == "array" else None
        inner = value.get("items") if value.get("type") == "array" else value
        below = f"{name}.{key}"
        deeper = isinstance(inner, dict) and _nested(inner, below, types)
        if deeper or keys is not None:
            fields[key] = (below if deeper else None, keys)
    if fields:
        types[name] = fields
    return bool(fields)
