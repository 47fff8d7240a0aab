"""Changes of a custom resource whose schema has rules about changes, and what the API server says of each."""

from dataclasses import dataclass
from typing import Any

INT: dict[str, Any] = {"type": "integer"}
TEXT: dict[str, Any] = {"type": "string"}


def ruled(schema: dict[str, Any], rule: str, **more: Any) -> dict[str, Any]:
    """A schema with one rule."""
    return {**schema, "x-kubernetes-validations": [{"rule": rule, "message": "no", **more}]}


def fields(**properties: dict[str, Any]) -> dict[str, Any]:
    """A schema of an object."""
    return {"type": "object", "properties": properties}


def listed(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A schema of a list of few items."""
    return {"type": "array", "maxItems": 8, "items": items, **more}


GROWS = ruled(INT, "self >= oldSelf")
ENTRY = {**fields(name={**TEXT, "maxLength": 8}, n=GROWS), "required": ["name"]}
BY_NAME = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}
FIRST = ruled(INT, "oldSelf.hasValue() ? self >= oldSelf.value() : self == 1", optionalOldSelf=True)


@dataclass(frozen=True)
class Change:
    """A schema of `spec`, the spec before and after, and the fields in which the change is refused."""

    name: str
    schema: dict[str, Any]
    old: Any
    new: Any
    refused: tuple[str, ...] = ()


CHANGES = (
    Change("a number that grows", fields(n=GROWS), {"n": 1}, {"n": 2}),
    Change("a number that shrinks", fields(n=GROWS), {"n": 2}, {"n": 1}, ("spec.n",)),
    Change("a number that was not there", fields(n=GROWS), {}, {"n": 1}),
    Change("a number that is gone", fields(n=GROWS), {"n": 1}, {}),
    Change("the whole", ruled(fields(n=INT), "self == oldSelf"), {"n": 1}, {"n": 2}, ("spec",)),
    Change("a rule that reads no old value", fields(n=ruled(INT, "self > 1")), {"n": 2}, {"n": 3}),
    Change("optional, with an old value", fields(n=FIRST), {"n": 1}, {"n": 0}, ("spec.n",)),
    Change("optional, without one", fields(n=FIRST), {}, {"n": 2}, ("spec.n",)),
    Change("optional, without one, as wanted", fields(n=FIRST), {}, {"n": 1}),
    Change(
        "an item by its key, moved",
        fields(l=listed(ENTRY, **BY_NAME)),
        {"l": [{"name": "a", "n": 5}, {"name": "b", "n": 1}]},
        {"l": [{"name": "b", "n": 2}, {"name": "a", "n": 4}]},
        ("spec.l[1].n",),
    ),
    Change(
        "an item of another key",
        fields(l=listed(ENTRY, **BY_NAME)),
        {"l": [{"name": "a", "n": 5}]},
        {"l": [{"name": "c", "n": 4}]},
    ),
    Change(
        "a key of a map",
        fields(m={"type": "object", "maxProperties": 4, "additionalProperties": GROWS}),
        {"m": {"a": 5, "b": 1}},
        {"m": {"a": 4, "b": 2, "c": 0}},
        ("spec.m.a",),
    ),
    Change(
        "an atomic map as a whole",
        fields(m=ruled({**fields(n=INT), "x-kubernetes-map-type": "atomic"}, "self.n >= oldSelf.n")),
        {"m": {"n": 2}},
        {"m": {"n": 1}},
        ("spec.m",),
    ),
    Change("a default", fields(n={**GROWS, "default": 3}), {"n": 5}, {}, ("spec.n",)),
    Change("of another type", fields(t=ruled(TEXT, "self == oldSelf")), {"t": "a"}, {"t": "b"}, ("spec.t",)),
)


def crd(number: int, change: Change) -> dict[str, Any]:
    """A CustomResourceDefinition of a kind of its own for a change."""
    kind, plural = f"Change{number}", f"change{number}s"
    schema = {"type": "object", "properties": {"spec": change.schema}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"}
    spec = {"group": "changes.example.com", "names": names, "scope": "Namespaced", "versions": [version]}
    metadata = {"name": f"{plural}.changes.example.com"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata,
        "spec": spec,
    }


def instance(number: int, spec: Any) -> dict[str, Any]:
    """An object of the kind of a change."""
    metadata = {"name": "one", "namespace": "default"}
    return {"apiVersion": "changes.example.com/v1", "kind": f"Change{number}", "metadata": metadata, "spec": spec}
