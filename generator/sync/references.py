"""Names of other objects inside an object: which fields hold them, and what kind of object they name.

The fields are those of pod specs, of KubeVirt's machines, of DRA, of admission webhooks and of RBAC. Every API that
embeds a pod or a machine spells them alike, so they are found by their keys, wherever they stand.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from generator.location import FieldPath


class Reference(NamedTuple):
    """What one object names: a kind, a name, and a namespace (none: the referrer's own, or the kind has none).

    `optional`: the object says itself that it does without.
    """

    kind: str
    name: str
    namespace: str = ""
    optional: bool = False


# A mapping under this key names an object of the kind in this field.
_HELD: Mapping[str, tuple[tuple[str, str], ...]] = {
    "configMap": (("name", "ConfigMap"),),
    "configMapRef": (("name", "ConfigMap"),),
    "configMapKeyRef": (("name", "ConfigMap"),),
    "secret": (("secretName", "Secret"), ("name", "Secret")),
    "secretRef": (("name", "Secret"),),
    "secretKeyRef": (("name", "Secret"),),
    "networkDataSecretRef": (("name", "Secret"),),
    "persistentVolumeClaim": (("claimName", "PersistentVolumeClaim"),),
    "memoryDump": (("claimName", "PersistentVolumeClaim"),),
    "dataVolume": (("name", "DataVolume"),),
    "serviceAccount": (("serviceAccountName", "ServiceAccount"),),
}
# A text under this key is the name of an object of the kind.
_NAMED: Mapping[str, str] = {
    "serviceAccountName": "ServiceAccount",
    "resourceClaimTemplateName": "ResourceClaimTemplate",
    "resourceClaimName": "ResourceClaim",
    "deviceClassName": "DeviceClass",
    "priorityClassName": "PriorityClass",
    "storageClassName": "StorageClass",
    "runtimeClassName": "RuntimeClass",
    "networkName": "NetworkAttachmentDefinition",
    "imagePullSecret": "Secret",
    "provisioningConfig": "ConfigMap",
    "project": "AppProject",
}
# A mapping under this key has a kind and a name.
_KINDED: Mapping[str, str] = {
    "instancetype": "VirtualMachineClusterInstancetype",
    "preference": "VirtualMachineClusterPreference",
    "roleRef": "",
    "service": "Service",
}

KINDS = frozenset(
    {kind for rows in _HELD.values() for _, kind in rows}
    | set(_NAMED.values())
    | {kind for kind in _KINDED.values() if kind}
    | {"Role", "ClusterRole", "VirtualMachineInstancetype", "VirtualMachinePreference"}
)
"""Kinds that other objects name."""

FROM_ANYWHERE = frozenset({"NetworkAttachmentDefinition", "Service"})
"""Of these, kinds whose names are given with a namespace: any object may name them."""


def references(value: Any) -> Iterator[Reference]:
    """Every name of another object below a value."""
    return (reference for _, reference in placed_references(value))


def placed_references(value: Any) -> Iterator[tuple[FieldPath, Reference]]:
    """Every name of another object below a value, with the path of the field that holds it."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, str):
                if key in _NAMED and inner:
                    yield (key,), _named(_NAMED[key], inner)
            elif isinstance(inner, Mapping):
                for field, reference in _held(key, inner):
                    yield (key, field), reference
                for path, reference in placed_references(inner):
                    yield (key, *path), reference
            elif isinstance(inner, list):
                for path, reference in placed_references(inner):
                    yield (key, *path), reference
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            for path, reference in placed_references(inner):
                yield (index, *path), reference


def _named(kind: str, name: str) -> Reference:
    # Multus takes `namespace/name`.
    namespace, _, bare = name.rpartition("/")
    return Reference(kind, bare, namespace)


def _held(key: str, inner: Mapping[str, Any]) -> Iterator[tuple[str, Reference]]:
    for field, kind in _HELD.get(key, ()):
        named = inner.get(field)
        if isinstance(named, str) and named:
            yield field, Reference(kind, named, optional=inner.get("optional") is True)
    name = inner.get("name")
    if key in _KINDED and isinstance(name, str) and name:
        own, namespace = inner.get("kind"), inner.get("namespace")
        kind = own if isinstance(own, str) and own else _KINDED[key]
        yield "name", Reference(kind, name, namespace if isinstance(namespace, str) else "")
