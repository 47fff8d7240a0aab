"""Plain data that the schema has accepted, to the typed spec."""

import dataclasses
import types
import typing
from functools import cache
from typing import Any

from generator.location import FieldPath
from generator.spec.model import Metadata, Spec


def parse_spec(data: dict[str, Any]) -> Spec:
    """The typed spec of a merged document; the data must have passed the schema."""
    body = dict(data["spec"])
    if "namespaces" in body:
        body["namespaces"] = [{"name": n} if isinstance(n, str) else n for n in body["namespaces"]]
    spec: Spec = _build(Spec, {**body, "metadata": {}}, ("spec",))
    metadata: Metadata = _build(Metadata, data["metadata"], ("metadata",))
    return dataclasses.replace(spec, metadata=metadata)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


@cache
def _fields(cls: type) -> tuple[tuple[str, str, Any], ...]:
    """Of a dataclass: attribute name, key in the file, type."""
    hints = typing.get_type_hints(cls)
    return tuple((f.name, _camel(f.name), hints[f.name]) for f in dataclasses.fields(cls))


def _build(cls: type, data: dict[str, Any], path: FieldPath) -> Any:
    values: dict[str, Any] = {}
    for name, key, hint in _fields(cls):
        if name == "path" and hint == FieldPath:
            values[name] = path
        elif name == "metadata":
            values[name] = Metadata(name="")
        elif data.get(key) is not None:
            values[name] = _convert(hint, data[key], (*path, key))
    return cls(**values)


@cache
def _shape(hint: Any) -> tuple[str, Any]:
    """How to convert to a type: build a dataclass, make a tuple of them, or keep the value."""
    if isinstance(hint, types.UnionType):
        hint = next(arg for arg in typing.get_args(hint) if arg is not type(None))
    if dataclasses.is_dataclass(hint):
        return "build", hint
    if typing.get_origin(hint) is tuple:
        item = typing.get_args(hint)[0]
        return ("tuple", item) if dataclasses.is_dataclass(item) else ("plain tuple", None)
    if typing.get_origin(hint) is dict and typing.get_origin(typing.get_args(hint)[1]) is tuple:
        return "dict of tuples", None
    return "keep", None


def _convert(hint: Any, value: Any, path: FieldPath) -> Any:
    how, item = _shape(hint)
    if how == "build":
        return _build(item, value, path)
    if how == "tuple":
        return tuple(_build(item, part, (*path, index)) for index, part in enumerate(value))
    if how == "plain tuple":
        return tuple(value)
    if how == "dict of tuples":
        return {key: tuple(part) for key, part in value.items()}
    return value
