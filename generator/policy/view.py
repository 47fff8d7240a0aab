"""An object as admission policies see it: typed, defaulted, with the fields the server fills in."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from generator.kube.quantity import QuantityError
from generator.kube.reading import stored_text
from generator.policy.cluster_defaults import TIME, first_status
from generator.policy.defaults import UID, apply_defaults
from generator.policy.resources import Resource
from generator.schema.builtin import builtin_validator
from generator.schema.prepare import Schema, copy_json

_POINTERS = frozenset(
    {
        *("replicas", "revisionHistoryLimit", "progressDeadlineSeconds", "runAsUser", "runAsGroup", "fsGroup"),
        *("runAsNonRoot", "privileged", "allowPrivilegeEscalation", "readOnlyRootFilesystem", "suspend"),
        *("automountServiceAccountToken", "shareProcessNamespace", "optional", "immutable", "hostUsers"),
        *("enableServiceLinks", "setHostnameAsFQDN", "defaultMode", "mode", "terminationGracePeriodSeconds"),
        *("backoffLimit", "completions", "parallelism", "activeDeadlineSeconds", "ttlSecondsAfterFinished"),
        *("minReplicas", "storageClassName", "ingressClassName", "appProtocol", "partition", "priority"),
        *("tolerationSeconds", "expirationSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"),
        *("startingDeadlineSeconds", "manualSelector", "allocateLoadBalancerNodePorts", "type", "hostProcess"),
        *("maxSkew", "minDomains", "unhealthyPodEvictionPolicy", "averageUtilization", "timeZone"),
    }
)
"""Optional scalars that the API keeps as pointers: their zero values are seen, those of others are not."""

_STRUCTS: Mapping[str, tuple[str, ...]] = {
    "Deployment": ("strategy",),
    "StatefulSet": ("updateStrategy",),
    "DaemonSet": ("updateStrategy",),
}
"""Structs of `spec` that are no pointers: they are there even when empty."""

Prepare = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes of a custom resource what the server stores: its schema's defaults filled in, nulls dropped."""


def seen_object(
    data: Mapping[str, Any] | None, resource: Resource, minor: int, name: str, prepare: Prepare | None = None
) -> dict[str, Any] | None:
    """The object a policy sees on Kubernetes 1.`minor`; what is given stays untouched.

    `name` is the final one, where the object asks for one to be generated. Without `prepare` a custom resource is
    taken for one whose schema says nothing about its fields.
    """
    if data is None:
        return None
    validator = builtin_validator(minor, resource.group, resource.version, resource.kind)
    if validator is None:
        seen: dict[str, Any] = copy_json(dict(data)) if prepare is None else prepare(dict(data))
    else:
        seen = _typed(data, validator.schema)
        if resource.kind == "Secret":
            _merge_string_data(seen)
        apply_defaults(seen, resource.kind)
        for key in _STRUCTS.get(resource.kind, ()):
            if isinstance(seen.get("spec"), dict):
                seen["spec"].setdefault(key, {})
        if validator.status:
            seen["status"] = first_status(seen, resource.kind)
    _system_fields(seen, resource, name)
    return seen


def _without_nulls(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_nulls(value) for key, value in data.items() if value is not None}
    if isinstance(data, list):
        return [_without_nulls(item) for item in data]
    return data


def _typed(value: Any, schema: Schema) -> Any:
    """A value as it comes out of a Go struct: empty optional fields gone, quantities canonical."""
    if schema.get("x-quantity"):
        return _quantity(value)
    if schema.get("x-object-meta"):
        return _metadata(value)
    if isinstance(value, dict):
        return _typed_mapping(value, schema)
    if isinstance(value, list):
        items = schema.get("items") or {}
        return [_typed(item, items) for item in value]
    if isinstance(value, float) and value.is_integer() and schema.get("type") == "integer":
        return int(value)
    return value


def _metadata(value: Any) -> Any:
    if isinstance(value, dict):
        for key in ("labels", "annotations"):
            held = value.get(key)
            if isinstance(held, dict) and None in held.values():
                texts = {name: "" if text is None else text for name, text in held.items()}
                value = {**value, key: texts}
    return _without_empty(_without_nulls(value))


def _typed_mapping(value: dict[str, Any], schema: Schema) -> dict[str, Any]:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        additional = schema.get("additionalProperties")
        inner = additional if isinstance(additional, dict) else {}
        texts = inner.get("type") == "string"  # of which a null is an empty one
        filled = {name: "" if item is None and texts else item for name, item in value.items()}
        return {name: _typed(item, inner) for name, item in filled.items() if item is not None}
    needed = schema.get("required") or ()
    out = {}
    for name, item in value.items():
        child = properties.get(name)
        if item is None:
            continue
        made = _typed(item, child) if isinstance(child, dict) else _without_nulls(item)
        if name in needed or not _omitted(made, name, child if isinstance(child, dict) else {}):
            out[name] = made
    return out


def _omitted(value: Any, name: str, schema: Schema) -> bool:
    """Whether `omitempty` drops a value: empty lists and maps, and zeros of fields that are no pointers."""
    if isinstance(value, list):
        return not value
    if isinstance(value, dict):
        return not value and "properties" not in schema and "additionalProperties" in schema
    if value is False or value == "" or (value == 0 and not isinstance(value, bool)):
        return name not in _POINTERS and not schema.get("x-kubernetes-int-or-string")
    return False


def _without_empty(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: item for key, item in value.items() if item not in ({}, [], "")}


def _quantity(value: Any) -> Any:
    """An amount as the server writes it: as it was, where the server takes that for the shortest form."""
    try:
        return stored_text(value)
    except QuantityError:
        return value


def _merge_string_data(secret: dict[str, Any]) -> None:
    plain = secret.pop("stringData", None)
    if isinstance(plain, dict):
        encoded = {key: base64.b64encode(str(text).encode()).decode() for key, text in plain.items()}
        secret["data"] = {**(secret.get("data") or {}), **encoded}


def _system_fields(seen: dict[str, Any], resource: Resource, name: str) -> None:
    """Name, uid and times as the server writes them; labels that are empty go."""
    raw = seen.get("metadata")
    metadata = _without_empty(raw) if isinstance(raw, dict) else {}
    if name:
        metadata["name"] = name
    metadata.setdefault("uid", UID)
    metadata.setdefault("creationTimestamp", TIME)
    metadata.setdefault("generation", 1)
    if resource.group == "" and resource.kind == "Namespace":
        metadata["labels"] = {**metadata.get("labels", {}), "kubernetes.io/metadata.name": name}
        seen.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
        seen["status"] = {"phase": "Active"}
    seen["metadata"] = metadata


def seen_namespace(data: Mapping[str, Any]) -> dict[str, Any]:
    """`namespaceObject`: what policies see of a Namespace."""
    raw = data.get("metadata")
    metadata = dict(raw) if isinstance(raw, Mapping) else {}
    name = str(metadata.get("name") or "")
    shown = {key: metadata[key] for key in ("name", "annotations", "finalizers") if metadata.get(key)}
    shown["labels"] = {**(metadata.get("labels") or {}), "kubernetes.io/metadata.name": name}
    shown["uid"] = metadata.get("uid") or UID
    shown["creationTimestamp"] = TIME
    return {"metadata": shown, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}
