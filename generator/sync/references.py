"""Names of other objects inside an object: which fields hold them, and what kind of object they name.

The fields are those of pod specs, of KubeVirt's machines, of DRA, of admission webhooks and of RBAC. Every API that
embeds a pod or a machine spells them alike, so they are found by their keys, wherever they stand.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Reference(NamedTuple):
    """What one object names: a kind, a name, and a namespace (none: the referrer's own, or the kind has none)."""

    kind: str
    name: str
    namespace: str = ""


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
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, str):
                if key in _NAMED and inner:
                    yield _named(_NAMED[key], inner)
            elif isinstance(inner, Mapping):
                yield from _held(key, inner)
                yield from references(inner)
            elif isinstance(inner, list):
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def _named(kind: str, name: str) -> Reference:
    # Multus takes `namespace/name`.
    namespace, _, bare = name.rpartition("/")
    return Reference(kind, bare, namespace)


def _held(key: str, inner: Mapping[str, Any]) -> Iterator[Reference]:
    for field, kind in _HELD.get(key, ()):
        named = inner.get(field)
        if isinstance(named, str) and named:
            yield Reference(kind, named)
    name = inner.get("name")
    if key in _KINDED and isinstance(name, str) and name:
        own, namespace = inner.get("kind"), inner.get("namespace")
        kind = own if isinstance(own, str) and own else _KINDED[key]
        yield Reference(kind, name, namespace if isinstance(namespace, str) else "")
