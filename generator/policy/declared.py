"""The types that expressions may assume of the fields of a kind, made of its schema as the API server makes them.

K8s: k8s.io/apiserver pkg/cel/common/schemas.go (SchemaDeclType), pkg/cel/escaping.go, pkg/cel/types.go. Amounts and
data that no schema describes are dyn: the server declares no such fields, and reports what reads them rightly.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.cel import DYN, STRING, Type, list_of, map_of, struct
from generator.cel.parser import KEYWORDS
from generator.cel.types import BOOL, BYTES, DOUBLE, DURATION, INT, TIMESTAMP

Fields = Mapping[str, Type]

_SCALARS = {"string": STRING, "boolean": BOOL, "number": DOUBLE, "integer": INT}
_FORMS = {"time": TIMESTAMP, "base64": BYTES}
_FORMATS = {"byte": BYTES, "duration": DURATION, "date": TIMESTAMP, "date-time": TIMESTAMP}
_SPECIAL = re.compile(r"__|[-./]")
_ESCAPES = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_TEXT: Mapping[str, Any] = {"type": "string"}
_TEXTS: Mapping[str, Any] = {"type": "object", "additionalProperties": _TEXT}
_TIME: Mapping[str, Any] = {"type": "string", "format": "date-time"}
_NUMBER: Mapping[str, Any] = {"type": "integer"}
_FLAG: Mapping[str, Any] = {"type": "boolean"}


def _object(**fields: Any) -> Mapping[str, Any]:
    return {"type": "object", "properties": fields}


def _list(items: Any) -> Mapping[str, Any]:
    return {"type": "array", "items": items}


_METADATA = _object(
    annotations=_TEXTS,
    creationTimestamp=_TIME,
    deletionGracePeriodSeconds=_NUMBER,
    deletionTimestamp=_TIME,
    finalizers=_list(_TEXT),
    generateName=_TEXT,
    generation=_NUMBER,
    labels=_TEXTS,
    managedFields=_list(
        _object(
            apiVersion=_TEXT,
            fieldsType=_TEXT,
            fieldsV1={"x-kubernetes-preserve-unknown-fields": True},
            manager=_TEXT,
            operation=_TEXT,
            subresource=_TEXT,
            time=_TIME,
        )
    ),
    name=_TEXT,
    namespace=_TEXT,
    ownerReferences=_list(
        _object(apiVersion=_TEXT, blockOwnerDeletion=_FLAG, controller=_FLAG, kind=_TEXT, name=_TEXT, uid=_TEXT)
    ),
    resourceVersion=_TEXT,
    selfLink=_TEXT,
    uid=_TEXT,
)
"""The fields of ObjectMeta (K8s: apimachinery pkg/apis/meta/v1, ObjectMeta), which all kinds share."""


def escaped(name: str) -> str | None:
    """What a field is called in an expression; None for one that no expression can name."""
    if re.fullmatch(r"[A-Za-z_.\-/][A-Za-z0-9_.\-/]*", name) is None:
        return None
    if name in KEYWORDS:
        return f"__{name}__"
    return _SPECIAL.sub(lambda found: _ESCAPES[found[0]], name)


class _Fields(Mapping[str, Type]):
    """The fields of one object, by the names expressions have for them; each is made when it is looked at."""

    def __init__(self, types: "DeclaredTypes", name: str, schema: Mapping[str, Any], *, resource: bool) -> None:
        self._types = types
        self._name = name
        self._properties = _mapping(schema.get("properties"))
        self._given = {"apiVersion": _TEXT, "kind": _TEXT, "metadata": _METADATA} if resource else {}
        self._open = _is_open(schema)
        names = [(escaped(key), key) for key in (*self._properties, *self._given)]
        self._keys = {called: key for called, key in names if called is not None}
        self._made: dict[str, Type] = {}

    def __getitem__(self, called: str) -> Type:
        found = self._made.get(called)
        if found is None:
            # A keyword may be written as it is since Kubernetes 1.31.
            own = f"__{called}__" if called in KEYWORDS else called
            if own not in self._keys and self._open:
                return DYN
            found = self._made[called] = self._types.field(f"{self._name}.{own}", self._schema(self._keys[own]))
        return found

    def _schema(self, key: str) -> Mapping[str, Any]:
        return self._given[key] if key in self._given else _mapping(self._properties[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class DeclaredTypes(Mapping[str, Fields]):
    """The message types of the objects of some kinds, by name; what nobody looks at is never made.

    A type is called by its place: `Deployment.spec.template`.
    """

    def __init__(self) -> None:
        self._schemas: dict[str, tuple[Mapping[str, Any], bool]] = {}
        self._made: dict[str, Fields] = {}

    def kind(self, name: str, schema: Mapping[str, Any]) -> Type:
        """The type of a whole object of a kind, declared under that name."""
        return self._type({"type": "object", **schema}, name, resource=True)

    def __getitem__(self, name: str) -> Fields:
        found = self._made.get(name)
        if found is None:
            schema, resource = self._schemas[name]
            found = self._made[name] = _Fields(self, name, schema, resource=resource)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._schemas)

    def __len__(self) -> int:
        return len(self._schemas)

    def field(self, name: str, schema: Mapping[str, Any]) -> Type:
        """The type of a field, whose own type has that name where it is an object."""
        return self._type(schema, name, resource=_is_set(schema, "embedded-resource"))

    def _type(self, schema: Mapping[str, Any], name: str, *, resource: bool = False) -> Type:
        """The type of a value; dyn where the schema does not say."""
        if _is_set(schema, "int-or-string") or schema.get("x-quantity"):
            return DYN
        if schema.get("x-object-meta"):
            schema = _METADATA
        form = _FORMS.get(str(schema.get("x-form")))
        if form is not None:
            return form
        match schema.get("type"):
            case "array":
                items = _mapping(schema.get("items"))
                embedded = _is_set(items, "embedded-resource")
                return list_of(self._type(items, f"{name}.@idx", resource=embedded))
            case "object":
                additional = schema.get("additionalProperties")
                if isinstance(additional, Mapping):
                    embedded = _is_set(additional, "embedded-resource")
                    return map_of(STRING, self._type(additional, f"{name}.@elem", resource=embedded))
                if additional is True or (_is_open(schema) and not schema.get("properties") and not resource):
                    return DYN
                self._schemas[name] = schema, resource
                return struct(name)
            case "string":
                return _FORMATS.get(str(schema.get("format")), STRING)
            case str() as kind if kind in _SCALARS:
                return _SCALARS[kind]
            case _:
                return DYN


def _is_set(schema: Mapping[str, Any], extension: str) -> bool:
    return schema.get(f"x-kubernetes-{extension}") is True


def _is_open(schema: Mapping[str, Any]) -> bool:
    return _is_set(schema, "preserve-unknown-fields")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
