"""The three schema checks on the way to virt-api's own rules: unknown fields, its OpenAPI schema, the CRD.

The API server refuses unknown fields (fieldValidation=Strict, apiextensions pkg/apiserver/schema/pruning); virt-api
checks the object against its OpenAPI document before it mutates and again before it validates
(K:pkg/util/openapi/openapi.go, go-openapi/validate v0.24); between the two the API server applies the CRD's schema.
"""

from collections.abc import Iterator
from typing import Any

from generator.virtapi.decode import kind_of
from generator.virtapi.numbers import is_integer
from generator.virtapi.shapes import Field, Shape, Shapes
from generator.virtapi.verdict import Cause

_META = frozenset({"apiVersion", "kind", "metadata"})


def unknown_fields(data: dict[str, Any], struct: str, shapes: Shapes) -> list[str]:
    """The fields of an object that its CRD does not have, sorted."""
    fields = shapes.structs[struct]
    found: list[str] = []
    for key, value in data.items():
        if key in _META:
            continue
        if key in fields:
            found += _pruned(value, fields[key].shape, key, shapes, kept=fields[key].open)
        else:
            found.append(key)
    return sorted(found)


def _pruned(value: Any, shape: Shape | None, path: str, shapes: Shapes, *, kept: bool = False) -> Iterator[str]:
    """Below a field whose unknown ones are `kept` only known ones are looked at."""
    if isinstance(value, dict):
        if shape is not None and shape.kind == "any":
            return
        if shape is not None and shape.kind == "map":
            for key, item in value.items():
                yield from _pruned(item, shape.of, f"{path}.{key}", shapes)
            return
        fields = shapes.fields(shape) if shape is not None and shape.kind == "struct" else {}
        if kept and shape is not None and shape.struct == "meta.ObjectMeta":
            return
        for key, item in value.items():
            if key in fields:
                yield from _pruned(item, fields[key].shape, f"{path}.{key}", shapes, kept=fields[key].open)
            elif not kept:
                yield f"{path}.{key}"
    elif isinstance(value, list):
        of = shape.of if shape is not None and shape.kind == "list" else None
        for index, item in enumerate(value):
            yield from _pruned(item, of, f"{path}[{index}]", shapes)


def openapi_errors(data: dict[str, Any], kind: str, shapes: Shapes) -> list[str]:
    """What virt-api's OpenAPI schema says of an object's spec and status, each once.

    The messages of one object come in the order of a Go map there; here fields are in the order of their names.
    """
    found: dict[str, None] = {}
    if "spec" not in data:
        found["spec in body is required"] = None
    for part in ("spec", "status"):
        known = shapes.structs[kind][part]
        nullable = part == "status"
        for message in _openapi(data.get(part), known, part, shapes, closed=part == "spec", nullable=nullable):
            found[message] = None
    return list(found)


def _openapi(
    value: Any, known: Field, path: str, shapes: Shapes, *, closed: bool, nullable: bool = False
) -> Iterator[str]:
    yield from _typed(value, known.shape, path, nullable=known.nullable or nullable)
    if known.enum and (not isinstance(value, str) or value not in known.enum):
        yield f"{path} in body should be one of [{' '.join(known.enum)}]"
    yield from _inside(value, known.shape, path, shapes, closed=closed, items=known.items)


def _inside(
    value: Any, shape: Shape, path: str, shapes: Shapes, *, closed: bool, items: tuple[str, ...] = ()
) -> Iterator[str]:
    if isinstance(value, dict):
        if shape.kind == "map":
            assert shape.of is not None
            for key in sorted(value):
                yield from _typed(value[key], shape.of, f"{path}.{key}")
                yield from _inside(value[key], shape.of, f"{path}.{key}", shapes, closed=closed)
        elif shape.kind == "struct":
            yield from _members(value, shapes.fields(shape), path, shapes, closed=closed)
    elif isinstance(value, list) and shape.kind == "list":
        assert shape.of is not None
        for item in value:  # go-openapi names the list, not the item
            yield from _typed(item, shape.of, path)
            if items and item not in items:
                yield f"{path} in body should be one of [{' '.join(items)}]"
            yield from _inside(item, shape.of, path, shapes, closed=closed)


def _members(
    value: dict[str, Any], fields: dict[str, Field], path: str, shapes: Shapes, *, closed: bool
) -> Iterator[str]:
    if closed:
        for key in value:
            if key not in fields and key not in {"$schema", "id"}:
                yield f"{path}.{key} in body is a forbidden property"
    missing = []
    for key, known in fields.items():
        if key in value:
            yield from _openapi(value[key], known, f"{path}.{key}", shapes, closed=closed)
        elif known.required is not None:
            missing.append((known.required, key))
    for _, key in sorted(missing):
        yield f"{path}.{key} in body is required"


def _typed(value: Any, shape: Shape, path: str, *, nullable: bool = False) -> Iterator[str]:
    types, form = shape.types, shape.format
    if not types or (isinstance(value, str) and "string" in types) or (isinstance(value, dict) and "object" in types):
        return
    found = {"bool": "boolean"}.get(kind_of(value), kind_of(value))
    if value is None:
        if "null" not in types and not nullable:
            yield f'{path} in body must be of type {",".join(types)}: "null"'
        return
    fits = found in types or (found == "number" and "integer" in types and is_integer(value))
    if fits:
        return
    if form and not isinstance(value, str | list):
        yield f'{path} in body must be of type {form}: "{"float64" if found == "number" else ""}"'
    elif form and "integer" not in types:
        return
    else:
        yield f'{path} in body must be of type {",".join(types)}: "{found}"'


def crd_causes(data: dict[str, Any], struct: str, shapes: Shapes) -> list[tuple[str, Cause]]:
    """What the CRD's schema says of the mutated object: each cause with its whole message.

    Of the CRD's constraints only those that OpenAPI does not have are looked at, and what Go writes as null.
    """
    fields = shapes.structs[struct]
    return [found for part in ("spec",) for found in _crd(data.get(part), fields[part].shape, part, shapes)]


def _crd(value: Any, shape: Shape, path: str, shapes: Shapes) -> Iterator[tuple[str, Cause]]:
    if isinstance(value, list) and shape.of is not None:
        for index, item in enumerate(value):
            yield from _crd(item, shape.of, f"{path}[{index}]", shapes)
    elif isinstance(value, dict) and shape.kind == "map" and shape.of is not None:
        for key, item in value.items():
            yield from _crd(item, shape.of, f"{path}.{key}", shapes)
    elif isinstance(value, dict) and shape.kind == "struct" and shape.struct != "meta.ObjectMeta":
        for key, known in shapes.fields(shape).items():
            if key in value:
                yield from _constrained(value[key], known, f"{path}.{key}")
                yield from _crd(value[key], known.shape, f"{path}.{key}", shapes)


def _constrained(value: Any, known: Field, path: str) -> Iterator[tuple[str, Cause]]:
    if value is None:
        if not known.crd_nullable and known.shape.types:
            kind = "integer" if known.shape.types == ("string", "integer", "number") else known.shape.types[0]
            body = f'Invalid value: "null": {path} in body must be of type {kind}: "null"'
            yield _told("FieldValueTypeInvalid", path, body)
        return
    if known.crd_enum and value not in known.crd_enum:
        supported = ", ".join(f'"{choice}"' for choice in known.crd_enum)
        yield _told("FieldValueNotSupported", path, f'Unsupported value: "{value}": supported values: {supported}')
    if known.most is not None and len(value) > known.most:
        body = f"Too many: {len(value)}: must have at most {known.most} items"
        yield _told("FieldValueTooMany", path, body)
    if known.longest is not None and len(value) > known.longest:
        yield _told("FieldValueTooLong", path, f"Too long: may not be more than {known.longest} bytes")
    if known.least is not None and value < known.least:
        body = f"Invalid value: {value}: {path} in body should be greater than or equal to {known.least}"
        yield _told("FieldValueInvalid", path, body)


def _told(reason: str, path: str, body: str) -> tuple[str, Cause]:
    return f"{path}: {body}", Cause(reason, path, body, "schema")
