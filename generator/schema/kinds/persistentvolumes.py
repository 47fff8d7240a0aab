"""Volumes of a cluster, which claims are bound to (K8s: core/validation, ValidatePersistentVolumeSpec)."""

from collections.abc import Iterator
from posixpath import normpath
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.affinity import check_node_selector
from generator.schema.kinds.paths import check_no_steps_back
from generator.schema.kinds.resources import amount
from generator.schema.kinds.volumeclaims import ATTRIBUTES_SINCE, VOLUME_MODES, check_access
from generator.schema.kinds.volumes import check_driver, check_source
from generator.schema.kinds.words import complaints, forbidden, listed, mapping, unsupported
from generator.schema.violation import Violation, invalid, required

_ORDER = (
    *("hostPath", "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "flocker", "nfs", "rbd", "quobyte"),
    *("cephfs", "iscsi", "cinder", "fc", "flexVolume", "azureFile", "vsphereVolume", "photonPersistentDisk"),
    *("portworxVolume", "azureDisk", "scaleIO", "local", "storageos", "csi"),
)
_RECLAIM = ("Delete", "Recycle", "Retain")
_REFERENCES = (
    *("controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"),
)


def check_volume(data: dict[str, Any], minor: int) -> Iterator[Violation]:
    """A PersistentVolume."""
    spec, path = mapping(data.get("spec")), ("spec",)
    if not listed(spec.get("accessModes")):
        yield required((*path, "accessModes"))
    yield from check_access(spec.get("accessModes"), (*path, "accessModes"))
    yield from _capacity(mapping(spec.get("capacity")), (*path, "capacity"))
    reclaim = spec.get("persistentVolumeReclaimPolicy") or "Retain"
    at = (*path, "persistentVolumeReclaimPolicy")
    if reclaim not in _RECLAIM:
        yield unsupported(at, reclaim, _RECLAIM)
    affinity, where = spec.get("nodeAffinity"), (*path, "nodeAffinity")
    if affinity is not None and mapping(affinity).get("required") is None:
        yield required((*where, "required"), "must specify required node constraints")
    elif affinity is not None:
        yield from check_node_selector(mapping(affinity["required"]), (*where, "required"))
    yield from _sources(spec, path, minor)
    host = mapping(spec.get("hostPath")).get("path")
    if reclaim == "Recycle" and host and normpath(f"/{host}" if host.startswith("/") else host) == "/":
        yield forbidden(at, "may not be 'recycle' for a hostPath mount of '/'", "write Retain")
    yield from _classes(spec, path, minor)


def _capacity(capacity: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    if not capacity:
        yield required(path)
    if list(capacity) != ["storage"]:
        hint = "write storage alone" if capacity else "add storage, e.g. `storage: 10Gi`"
        yield Violation(path, unsupported(path, capacity, ("storage",)).message, hint)
    for name, value in capacity.items():
        size = amount(value)
        if size is not None and size <= 0:
            yield invalid((*path, name), str(value), "must be greater than zero")


def _sources(spec: dict[str, Any], path: FieldPath, minor: int) -> Iterator[Violation]:
    sources = [key for key in _ORDER if spec.get(key) is not None]
    if not sources:
        yield required(path, "must specify a volume type")
        return
    for key in sources[1:]:
        yield forbidden((*path, key), "may not specify more than 1 volume type", "remove all but one")
    kind = sources[0]
    source, at = mapping(spec[kind]), (*path, kind)
    if kind == "csi":
        yield from _csi(source, at)
    elif kind == "local":
        if not source.get("path"):
            yield required((*at, "path"))
        else:
            yield from check_no_steps_back(source["path"], (*at, "path"))
        if spec.get("nodeAffinity") is None:
            yield required((*path, "nodeAffinity"), "Local volume requires node affinity")
    else:
        yield from check_source(source, kind, at, minor)


def _csi(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    yield from check_driver(source.get("driver") or "", (*path, "driver"))
    if not source.get("volumeHandle"):
        yield required((*path, "volumeHandle"))
    for key in _REFERENCES:
        if source.get(key) is None:
            continue
        reference = mapping(source[key])
        for part, check in (("name", naming.subdomain), ("namespace", naming.label)):
            if not reference.get(part):
                yield required((*path, key, part))
            else:
                yield from complaints((*path, key, part), reference[part], check(reference[part]))


def _classes(spec: dict[str, Any], path: FieldPath, minor: int) -> Iterator[Violation]:
    name = spec.get("storageClassName")
    if name:
        yield from complaints((*path, "storageClassName"), name, naming.subdomain(name))
    mode = spec.get("volumeMode")
    if mode is not None and mode not in VOLUME_MODES:
        yield unsupported((*path, "volumeMode"), mode, VOLUME_MODES)
    name = spec.get("volumeAttributesClassName")
    if name is None or minor < ATTRIBUTES_SINCE:
        return
    if not name:
        yield required((*path, "volumeAttributesClassName"), "an empty string is disallowed")
    else:
        yield from complaints((*path, "volumeAttributesClassName"), name, naming.subdomain(name))
    if spec.get("csi") is None:
        yield required((*path, "csi"), "has to be specified when using volumeAttributesClassName")
