"""The JSON Schema of `qatgen report -o json`, made of the dataclasses it is made of."""

import dataclasses
import types
import typing
from typing import Any

from generator.overview import Overview
from generator.overview.plain import SCHEMA, camel

_SCALARS = {str: "string", int: "integer", bool: "boolean", type(None): "null"}


def overview_schema() -> dict[str, Any]:
    """Draft 2020-12; a definition for each dataclass, its docstring as the description."""
    definitions: dict[str, Any] = {}
    _define(Overview, definitions)
    top = definitions.pop("Overview")
    head = {"$schema": {"const": SCHEMA}, "apiVersion": {"const": "qatgen.dev/v1"}, "kind": {"const": "Overview"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        **top,
        "required": [*head, *top["required"]],
        "properties": {**head, **top["properties"]},
        "$defs": dict(sorted(definitions.items())),
    }


def _define(owner: type, definitions: dict[str, Any]) -> None:
    if owner.__name__ in definitions:
        return
    definitions[owner.__name__] = {}
    hints = typing.get_type_hints(owner)
    properties = {camel(field.name): _of(hints[field.name], definitions) for field in dataclasses.fields(owner)}
    definitions[owner.__name__] = {
        "description": " ".join((owner.__doc__ or "").split()),
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def _of(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if dataclasses.is_dataclass(hint):
        owner = typing.cast("type", hint)
        _define(owner, definitions)
        return {"$ref": f"#/$defs/{owner.__name__}"}
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return {"anyOf": [_of(one, definitions) for one in typing.get_args(hint)]}
    if typing.get_origin(hint) is tuple:
        return {"type": "array", "items": _of(typing.get_args(hint)[0], definitions)}
    return {"type": _SCALARS[hint]}
