"""Volumes of storage systems, most of them driven by CSI today (K8s: core/validation)."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.words import complaints, listed, mapping, unsupported
from generator.schema.violation import Violation, invalid, required

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "gcePersistentDisk": ("pdName",),
    "awsElasticBlockStore": ("volumeID",),
    "glusterfs": ("endpoints", "path"),
    "rbd": ("monitors", "image"),
    "cinder": ("volumeID",),
    "cephfs": ("monitors",),
    "quobyte": ("volume",),
    "flexVolume": ("driver",),
    "azureFile": ("secretName", "shareName"),
    "vsphereVolume": ("volumePath",),
    "photonPersistentDisk": ("pdID",),
    "portworxVolume": ("volumeID",),
    "azureDisk": ("diskURI", "diskName"),
    "storageos": ("volumeName",),
    "scaleIO": ("gateway", "system", "volumeName"),
    "persistentVolumeClaim": ("claimName",),
    "iscsi": ("targetPortal", "iqn"),
}
_BETWEEN_LUNS, _BETWEEN_PARTITIONS = "must be between 0 and 255, inclusive", "must be between 1 and 255, inclusive"
_INITIATORS: Mapping[str, re.Pattern[str]] = {
    "iqn": re.compile(r"iqn\.[0-9]{4}-[0-9]{2}\.([0-9A-Za-z\-.]+)(:[^,;*&$|\s]+)\Z"),
    "eui": re.compile(r"\Aeui.[0-9A-Za-z]{16}\Z"),
    "naa": re.compile(r"\Anaa.[0-9A-Za-z]{32}\Z"),
}
_CACHING, _DISKS = ("None", "ReadOnly", "ReadWrite"), ("Dedicated", "Managed", "Shared")
_MANAGED = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
_BLOB = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
_LONGEST_TENANT = 64
_PAIRS = "must be a host:port pair or multiple pairs separated by commas"
_HOST_PORT = re.compile(r"(?:\[[^\[\]]*\]|[^:\[\]]*):[^:\[\]]*")
_RESERVED = (".kubernetes.io", ".k8s.io")
_Check = Callable[[dict[str, Any], FieldPath], Iterator[Violation]]


def check_storage(source: dict[str, Any], kind: str, path: FieldPath) -> Iterator[Violation]:
    """The source of a volume by its kind: fields that must be there, and their form."""
    for key in _NEEDED.get(kind, ()):
        if not source.get(key):
            yield required((*path, key))
    if kind in _CHECKS:
        yield from _CHECKS[kind](source, path)


def _disk(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    partition = source.get("partition") or 0
    if not 0 <= partition <= 255:
        yield invalid((*path, "partition"), partition, _BETWEEN_PARTITIONS)


def _unit(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    number = source.get("lun") or 0
    if not 0 <= number <= 255:
        yield invalid((*path, "lun"), number, _BETWEEN_LUNS)


def _iscsi(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    if source.get("iqn"):
        yield from _initiator(source["iqn"], (*path, "iqn"))
    yield from _unit(source, path)
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and source.get("secretRef") is None:
        yield required((*path, "secretRef"))
    if source.get("initiatorName") is not None:
        yield from _initiator(source["initiatorName"], (*path, "initiatorName"))


def _initiator(name: str, path: FieldPath) -> Iterator[Violation]:
    form = _INITIATORS.get(name[:3])
    if form is None:
        yield invalid(path, name, "must be valid format starting with iqn, eui, or naa")
    elif not form.search(name):
        yield invalid(path, name, "must be valid format")


def _fibre(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    targets, names = listed(source.get("targetWWNs")), listed(source.get("wwids"))
    at = (*path, "targetWWNs")
    if not targets and not names:
        yield required(at, "must specify either targetWWNs or wwids, but not both")
    if targets and names:
        yield invalid(at, targets, "targetWWNs and wwids can not be specified simultaneously")
    if targets and source.get("lun") is None:
        yield required((*path, "lun"), "lun is required if targetWWNs is specified")
    elif targets:
        yield from _unit(source, path)


def _quobyte(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    registry = source.get("registry") or ""
    if not registry:
        yield required((*path, "registry"), _PAIRS)
    elif len((source.get("tenant") or "").encode()) > _LONGEST_TENANT:
        yield required((*path, "tenant"), "must be a UUID and may not exceed a length of 64 characters")
    elif not all(_HOST_PORT.fullmatch(pair) for pair in registry.split(",")):
        yield invalid((*path, "registry"), registry, _PAIRS)


def _flocker(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    name, uuid = source.get("datasetName") or "", source.get("datasetUUID") or ""
    if not name and not uuid:
        yield required(path, "one of datasetName and datasetUUID is required")
    if name and uuid:
        yield invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously")
    if "/" in name:
        yield invalid((*path, "datasetName"), name, "must not contain '/'")


def _secret(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    if source.get("secretRef") is not None and not mapping(source["secretRef"]).get("name"):
        yield required((*path, "secretRef", "name"))


def _storageos(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    for key in ("volumeName", "volumeNamespace"):
        if source.get(key):
            yield from complaints((*path, key), source[key], naming.label(source[key]))
    yield from _secret(source, path)


def _flexible(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    for key in mapping(source.get("options")):
        if f".{key.partition('/')[0].lower()}".endswith(_RESERVED):
            yield invalid((*path, "options", key), key, "kubernetes.io and k8s.io namespaces are reserved")


def _azure_disk(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    caching, kind, uri = source.get("cachingMode"), source.get("kind"), source.get("diskURI") or ""
    caching, kind = "ReadWrite" if caching is None else caching, "Shared" if kind is None else kind
    if caching not in _CACHING:
        yield unsupported((*path, "cachingMode"), caching, _CACHING)
    if kind not in _DISKS:
        yield unsupported((*path, "kind"), kind, _DISKS)
    if kind == "Managed" and not uri.startswith("/subscriptions/"):
        yield unsupported((*path, "diskURI"), uri, (_MANAGED,))
    if kind != "Managed" and not uri.startswith("https://"):
        yield unsupported((*path, "diskURI"), uri, (_BLOB,))


_CHECKS: Mapping[str, _Check] = {
    "gcePersistentDisk": _disk,
    "awsElasticBlockStore": _disk,
    "iscsi": _iscsi,
    "fc": _fibre,
    "quobyte": _quobyte,
    "flocker": _flocker,
    "cinder": _secret,
    "storageos": _storageos,
    "flexVolume": _flexible,
    "azureDisk": _azure_disk,
}
