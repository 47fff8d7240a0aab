"""Claims of volumes, alone and inside other objects (K8s: core/validation, ValidatePersistentVolumeClaimSpec)."""

from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.resources import amount
from generator.schema.kinds.words import (
    check_labels,
    check_selector,
    complaints,
    forbidden,
    listed,
    mapping,
    one_of,
    unsupported,
)
from generator.schema.violation import Violation, invalid, required

_ACCESS = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_ALONE = "ReadWriteOncePod"
VOLUME_MODES = ("Block", "Filesystem")
_CLAIM = "PersistentVolumeClaim"
_SOURCES = (("", _CLAIM), ("snapshot.storage.k8s.io", "VolumeSnapshot"))
_CROSS_NAMESPACE = "namespace"
ATTRIBUTES_SINCE = 34
"""The minor version since which classes of attributes are on."""


def check_volume_claim(data: dict[str, Any], minor: int) -> Iterator[Violation]:
    """A PersistentVolumeClaim."""
    yield from check_volume_claim_spec(_as_stored(mapping(data.get("spec"))), ("spec",), minor)


def _as_stored(spec: dict[str, Any]) -> dict[str, Any]:
    """A spec without the sources that the server drops in silence.

    It drops a reference into another namespace, which needs a feature gate that is off, and a dataSource that is
    neither a claim nor a snapshot (K8s: pkg/api/persistentvolumeclaim/util.go).
    """
    kept = dict(spec)
    if mapping(kept.get("dataSourceRef")).get("namespace"):
        del kept["dataSourceRef"]
    source = mapping(kept.get("dataSource"))
    known = (source.get("apiGroup") or "", source.get("kind") or "") in _SOURCES
    if kept.get("dataSourceRef") is None and not known:
        kept.pop("dataSource", None)
    return kept


def check_claim_inside(template: dict[str, Any], path: FieldPath, minor: int) -> Iterator[Violation]:
    """A claim that a pod's volume brings along: labels, annotations and a spec."""
    metadata = mapping(template.get("metadata"))
    yield from check_labels(metadata.get("labels"), (*path, "metadata", "labels"))
    for key in mapping(metadata.get("annotations")):
        yield from complaints((*path, "metadata", "annotations"), key, naming.label_key(key.lower()))
    for key, value in metadata.items():
        if key not in ("labels", "annotations") and value:
            yield forbidden((*path, "metadata", key), "cannot be set", "remove it")
    yield from check_volume_claim_spec(mapping(template.get("spec")), (*path, "spec"), minor)


def check_volume_claim_spec(spec: dict[str, Any], path: FieldPath, minor: int) -> Iterator[Violation]:
    """The spec of a claim."""
    at = (*path, "accessModes")
    if not listed(spec.get("accessModes")):
        yield required(at, "at least 1 access mode is required")
    yield from check_selector(spec.get("selector"), (*path, "selector"))
    yield from check_access(spec.get("accessModes"), at)
    yield from _storage(mapping(mapping(spec.get("resources")).get("requests")), (*path, "resources", "requests"))
    keys = ("storageClassName", "volumeAttributesClassName") if minor >= ATTRIBUTES_SINCE else ("storageClassName",)
    for key in keys:
        if spec.get(key):
            yield from complaints((*path, key), spec[key], naming.subdomain(spec[key]))
    yield from one_of(spec, "volumeMode", VOLUME_MODES, path)
    yield from _sources(spec, path)


def check_access(modes: Any, path: FieldPath) -> Iterator[Violation]:
    """The ways a volume may be mounted, of a claim or of the volume itself."""
    found = [mode or "" for mode in listed(modes)]
    for index, mode in enumerate(found):
        if mode not in _ACCESS:
            yield unsupported((*path, index), mode, _ACCESS)
    if _ALONE in found and any(mode in _ACCESS and mode != _ALONE for mode in found):
        yield forbidden(path, "may not use ReadWriteOncePod with other access modes", "remove the others")


def _storage(requests: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    if requests.get("storage") is None:
        yield required((*path, "storage"))
        return
    size = amount(requests["storage"])
    if size is not None and size <= 0:
        yield invalid((*path, "storage"), str(requests["storage"]), "must be greater than zero")


def _sources(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    for key, value in (("dataSource", source), ("dataSourceRef", reference)):
        if value is not None:
            yield from _source(mapping(value), (*path, key))
    if source is None or reference is None:
        return
    if mapping(reference).get(_CROSS_NAMESPACE):
        detail = "may not be specified when dataSourceRef.namespace is specified"
        yield invalid((*path, "dataSource"), mapping(source), detail, hint="remove it")
    elif any(mapping(source).get(key) != mapping(reference).get(key) for key in ("apiGroup", "kind", "name")):
        yield invalid((*path, "dataSource"), mapping(source), "must match dataSourceRef", hint="remove it")


def _source(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    name, kind, group = (source.get(key) or "" for key in ("name", "kind", "apiGroup"))
    for key, value in (("name", name), ("kind", kind)):
        if not value:
            yield required((*path, key))
    if not group and kind != _CLAIM:
        detail = f"must be '{_CLAIM}' when referencing the default apiGroup"
        hint = "add apiGroup: snapshot.storage.k8s.io" if kind == "VolumeSnapshot" else "add the apiGroup of the kind"
        yield invalid(path, kind, detail, hint=hint)
    if group:
        yield from complaints((*path, "apiGroup"), group, naming.subdomain(group))
    if path[-1] == "dataSourceRef" and source.get("namespace"):
        yield from complaints((*path, "namespace"), source["namespace"], naming.label(source["namespace"]))
