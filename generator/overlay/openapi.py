"""Schemas as Shapes: which lists an OpenAPI document or a CRD lets merge by which keys, and where kinds live.

kustomize reads `definitions` of OpenAPI v2, follows `$ref`, and goes by `x-kubernetes-patch-strategy` alone
(kyaml/openapi/openapi.go of its release 5.8.2); the API server goes by `x-kubernetes-list-type`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.overlay import rules
from generator.overlay.refusal import RefusalError
from generator.overlay.shapes import Place, Shapes

_STRATEGY, _MERGE_KEY = "x-kubernetes-patch-strategy", "x-kubernetes-patch-merge-key"
_LIST_TYPE, _MAP_KEYS = "x-kubernetes-list-type", "x-kubernetes-list-map-keys"
_GVK = "x-kubernetes-group-version-kind"
_STRATEGIES = ("merge", "replace", "retainKeys")
_LIST_TYPES = ("atomic", "set", "map")
_SAYS = (_STRATEGY, _MERGE_KEY, _LIST_TYPE, _MAP_KEYS)
_ALTERNATIVES = ("oneOf", "anyOf")


def of_openapi(document: Any, shown: str, *, compat: bool) -> Shapes:
    """What an OpenAPI document says. Raises RefusalError for one that is not understood.

    `compat`: as kustomize reads it, which passes over references that lead nowhere, `allOf`, and list types.
    """
    definitions = document.get("definitions") if isinstance(document, dict) else None
    if not isinstance(definitions, dict):
        what = f'"{shown}" is not an OpenAPI v2 document: it has no definitions'
        raise RefusalError(rules.CONFIGURATION, what, "write the schemas under `definitions`")
    reader = _Reader(document, compat=compat, strict=not compat)
    kinds: dict[str, str] = {}
    for name, definition in definitions.items():
        if not isinstance(definition, dict):
            raise _misread(f'the definition "{name}" is not a mapping', "write a schema")
        for kind in _kinds_of(str(name), definition):
            kinds[kind] = f"#/definitions/{_escaped(str(name))}"
            reader.later(kinds[kind], definition)
    return reader.shapes(kinds, dict(_scopes(document.get("paths"))))


def of_crds(crds: Iterable[Mapping[str, Any]]) -> Shapes:
    """What the schemas of CRDs say: `x-kubernetes-list-type: map` with its keys, and the scope of their kinds."""
    reader = _Reader({}, compat=False, strict=False)
    kinds: dict[str, str] = {}
    scopes: dict[str, bool] = {}
    for crd in crds:
        spec = crd.get("spec")
        spec = spec if isinstance(spec, dict) else {}
        names, versions = spec.get("names"), spec.get("versions")
        kind = names.get("kind") if isinstance(names, dict) else None
        for version in versions if isinstance(versions, list) else ():
            if not isinstance(version, dict):
                continue
            name = f"{spec.get('group')}/{version.get('name')}/{kind}"
            scopes[name] = spec.get("scope") != "Cluster"
            schema = version.get("schema")
            schema = schema.get("openAPIV3Schema") if isinstance(schema, dict) else None
            if isinstance(schema, dict):
                kinds[name] = name
                reader.later(name, schema)
    return reader.shapes(kinds, scopes)


@dataclass(slots=True)
class _Reader:
    """Types from schemas, as far as kinds lead to them; a type's name is where it is in the document.

    `strict`: what is not understood is refused.
    """

    document: Mapping[str, Any]
    compat: bool
    strict: bool
    types: dict[str, dict[str, Place]] = field(default_factory=dict)
    queue: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def later(self, name: str, schema: Mapping[str, Any]) -> str:
        """Have a type read, once. Gives its name."""
        if name not in self.types:
            self.types[name] = {}
            self.queue.append((name, schema))
        return name

    def shapes(self, kinds: Mapping[str, str], scopes: Mapping[str, bool]) -> Shapes:
        """Everything read; types from which no list that merges is reached are left out. Raises RefusalError."""
        while self.queue:
            name, schema = self.queue.pop()
            self.types[name] = self._fields(name, schema)
        useful = _reaching(self.types)
        types = {
            name: {
                key: (child if child in useful else None, keys)
                for key, (child, keys) in fields.items()
                if keys is not None or child in useful
            }
            for name, fields in self.types.items()
            if name in useful
        }
        return Shapes({kind: name for kind, name in kinds.items() if name in useful}, types, scopes)

    def _fields(self, name: str, schema: Mapping[str, Any]) -> dict[str, Place]:
        fields: dict[str, Place] = {}
        for part in self._parts(name, schema):
            properties = part.get("properties") or {}
            if not isinstance(properties, dict):
                self._refuse(f"`properties` of {_shown(name)} is not a mapping", "write field names with their schemas")
                properties = {}
            rest = part.get("additionalProperties")
            rows = [*properties.items(), *([("*", rest)] if isinstance(rest, dict) else [])]
            for key, value in rows:
                if isinstance(value, dict):
                    fields[str(key)] = self._place(f"{name}/{_escaped(str(key))}", value)
                else:
                    self._refuse(f'"{key}" of {_shown(name)} is not a schema', "write a mapping")
        return fields

    def _parts(self, name: str, schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """A schema and those of its `allOf`, which hold all together."""
        todo, seen = [schema], {id(schema)}
        while todo:
            part = todo.pop(0)
            yield part
            for key in _ALTERNATIVES:
                if part.get(key) and _says_anything(part[key]):
                    what = f"lists that merge are under `{key}` of {_shown(name)}: which schema holds is not known"
                    self._refuse(what, "write their fields under `properties`")
            parts = part.get("allOf")
            for inner in parts if isinstance(parts, list) and not self.compat else ():
                if isinstance(inner, dict):
                    _, found = self._resolved(name, inner)
                    if id(found) not in seen:
                        seen.add(id(found))
                        todo.append(found)

    def _place(self, name: str, schema: Mapping[str, Any]) -> Place:
        where, found = self._resolved(name, schema)
        keys = self._keys(name, found)
        if found.get("type") not in ("array", ["array"]) and "items" not in found:
            return self.later(where, found), keys
        items = found.get("items")
        if not isinstance(items, dict):
            return None, keys
        where, inner = self._resolved(f"{where}/items", items)
        return self.later(where, inner), keys

    def _keys(self, name: str, schema: Mapping[str, Any]) -> tuple[str, ...] | None:
        if self.strict:
            _check_words(name, schema)
        is_list = schema.get("type") in ("array", ["array"]) or "items" in schema
        return merge_keys(schema, server_side=not self.compat) if is_list else None

    def _resolved(self, name: str, schema: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Where a schema is that may be a reference, and the schema."""
        seen: set[str] = set()
        while isinstance(reference := schema.get("$ref"), str):
            found = self._at(reference)
            if found is None or reference in seen:
                self._refuse(f'"{reference}" in {_shown(name)} leads to no schema', "correct the reference")
                return name, {}
            seen.add(reference)
            name, schema = reference, found
        return name, schema

    def _at(self, reference: str) -> Mapping[str, Any] | None:
        if not reference.startswith("#/"):
            return None
        node: Any = self.document
        for part in reference[2:].split("/"):
            node = node.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(node, dict) else None
        return node if isinstance(node, dict) else None

    def _refuse(self, what: str, hint: str) -> None:
        if self.strict:
            raise _misread(what, hint)


def merge_keys(schema: Mapping[str, Any], *, server_side: bool) -> tuple[str, ...] | None:
    """The merge keys a list's schema declares, none for plain values; None for a list that is replaced.

    `server_side` goes by `x-kubernetes-list-type` too, not only by a patch strategy.
    """
    merges = "merge" in str(schema.get(_STRATEGY, "")).split(",")
    by_type, map_keys = schema.get(_LIST_TYPE), schema.get(_MAP_KEYS)
    if not merges and not (server_side and by_type in ("map", "set")):
        return None
    if isinstance(map_keys, list) and map_keys and (merges or by_type == "map"):
        return tuple(str(key) for key in map_keys)
    key = schema.get(_MERGE_KEY)
    return (str(key),) if key else ()


def _check_words(name: str, schema: Mapping[str, Any]) -> None:
    """Raise RefusalError for words about merging that nobody understands."""
    strategy, list_type, keys = schema.get(_STRATEGY), schema.get(_LIST_TYPE), schema.get(_MAP_KEYS)
    if strategy is not None and (not isinstance(strategy, str) or set(strategy.split(",")) - set(_STRATEGIES)):
        raise _misread(f"`{_STRATEGY}: {strategy}` of {_shown(name)}", f"known: {', '.join(_STRATEGIES)}")
    if list_type is not None and list_type not in _LIST_TYPES:
        raise _misread(f"`{_LIST_TYPE}: {list_type}` of {_shown(name)}", f"known: {', '.join(_LIST_TYPES)}")
    if keys is not None and not (isinstance(keys, list) and keys and all(isinstance(key, str) for key in keys)):
        raise _misread(f"`{_MAP_KEYS}` of {_shown(name)} is not a list of field names", "write one name at least")
    if list_type == "map" and keys is None and not schema.get(_MERGE_KEY):
        raise _misread(f"{_shown(name)} is a list of type map without keys", f"name them under `{_MAP_KEYS}`")
    merge_key = schema.get(_MERGE_KEY)
    if merge_key is not None and not isinstance(merge_key, str):
        raise _misread(f"`{_MERGE_KEY}: {merge_key}` of {_shown(name)} is not a field's name", "write a text")


def _misread(what: str, hint: str) -> RefusalError:
    return RefusalError(rules.CONFIGURATION, what, hint)


def _kinds_of(name: str, definition: Mapping[str, Any]) -> Iterator[str]:
    entries = definition.get(_GVK) or ()
    for entry in entries if isinstance(entries, list | tuple) else (entries,):
        version, kind = (entry.get("version"), entry.get("kind")) if isinstance(entry, dict) else (None, None)
        if not isinstance(version, str) or not isinstance(kind, str):
            raise _misread(f'"{_GVK}" of "{name}" has an entry without version and kind', "write both, as texts")
        group = entry.get("group")
        yield f"{group}/{version}/{kind}" if isinstance(group, str) and group else f"{version}/{kind}"


def _scopes(paths: Any) -> Iterator[tuple[str, bool]]:
    """Kinds by whether they live in namespaces: those that are served below one do."""
    found: dict[str, bool] = {}
    for path, methods in paths.items() if isinstance(paths, dict) else ():
        method = methods.get("get") if isinstance(methods, dict) else None
        entry = method.get(_GVK) if isinstance(method, dict) else None
        if isinstance(entry, dict):
            for kind in _kinds_of(str(path), {_GVK: [entry]}):
                found[kind] = found.get(kind, False) or "namespaces/{namespace}" in str(path)
    yield from found.items()


def _says_anything(schema: Any) -> bool:
    """Whether a schema, or one below it, says how lists merge."""
    todo = [schema]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            if any(word in node for word in _SAYS):
                return True
            todo += node.values()
        elif isinstance(node, list):
            todo += node
    return False


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _shown(name: str) -> str:
    """A place in a document, for people."""
    return ".".join(part for part in name.removeprefix("#/definitions/").split("/") if part != "items")


def _reaching(raw: Mapping[str, Mapping[str, Place]]) -> set[str]:
    """The types from which a list that merges is reached."""
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
