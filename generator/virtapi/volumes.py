"""Volumes and their sources, filesystems, access credentials, DataVolume templates.

Source of every condition and message: K:pkg/virt-api/webhooks/validating-webhook/admitters/vmi-create-admitter.go,
K:pkg/storage/admitters (data-volume-template.go, storagehotplug.go).
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from generator.virtapi.cluster import VirtAPI, get
from generator.virtapi.disks import image_path
from generator.virtapi.numbers import amount
from generator.virtapi.parts import Spec, devices, listed, part
from generator.virtapi.verdict import INVALID, NOT_FOUND, REQUIRED, Cause

_SOURCES = (
    "persistentVolumeClaim",
    "sysprep",
    "cloudInitNoCloud",
    "cloudInitConfigDrive",
    "containerDisk",
    "ephemeral",
    "emptyDisk",
    "hostDisk",
    "dataVolume",
    "configMap",
    "secret",
    "downwardAPI",
    "serviceAccount",
    "downwardMetrics",
    "memoryDump",
    "containerPath",
)
_ALONE = (
    ("serviceAccount", "max one serviceAccount"),
    ("downwardMetrics", "max one downwardMetric"),
    ("memoryDump", "max one memory dump"),
)
_LONGEST_DATA = 2048
_RESERVED = ("/var/run/kubevirt", "/var/run/libvirt")
_NAMED = (("configMap", "name"), ("secret", "secretName"), ("serviceAccount", "serviceAccountName"))

Volume = Mapping[str, Any]


def volumes(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """Every volume by itself, and that none is there twice."""
    base = f"{at}.volumes"
    first: dict[str, int] = {}
    for index, volume in enumerate(listed(spec, "volumes")):
        where, name = f"{base}[{index}]", volume.get("name", "")
        if name in first:
            message = f"{where} and {base}[{first[name]}] must not have the same Name."
            yield Cause(INVALID, f"{where}.name", message, "volume")
        first.setdefault(name, index)
        if "dataVolume" in volume and not volume["dataVolume"].get("name"):
            yield Cause(REQUIRED, f"{where}.name", "DataVolume 'name' must be set", "volume")
        if sum(source in volume for source in _SOURCES) != 1:
            yield Cause(INVALID, where, f"{where} must have exactly one source type set", "volume")
        kind = next((key for key in ("cloudInitNoCloud", "cloudInitConfigDrive") if key in volume), "")
        if kind:
            yield from _cloud_init(f"{where}.{kind}", kind, volume[kind])
        if "downwardMetrics" in volume and not api.gate("DownwardMetrics"):
            message = "downwardMetrics disks are not allowed: DownwardMetrics feature gate is not enabled."
            yield Cause(INVALID, where, message, "gate")
        if "hostDisk" in volume:
            yield from _host_disk(where, volume["hostDisk"], api)
        for source, key in _NAMED:
            if source in volume and not volume[source].get(key):
                field = f"{where}.{source}.{key}"
                yield Cause(INVALID, field, f"{field} is a required field", "volume")
    for source, words in _ALONE:
        if sum(source in volume for volume in listed(spec, "volumes")) > 1:
            yield Cause(INVALID, base, f"{base} must have {words} volume set", "volume")


def _cloud_init(where: str, kind: str, source: Mapping[str, Any]) -> Iterator[Cause]:
    counts = []
    for what, reference, name, ref in (
        ("userData", "secretRef", "userdata", "UserDataSecretRef"),
        ("networkData", "networkDataSecretRef", "networkdata", "NetworkDataSecretRef"),
    ):
        encoded, plain = source.get(f"{what}Base64", ""), source.get(what, "")
        size, count = 0, int(bool(part(source, reference).get("name")))
        if encoded:
            count += 1
            decoded, valid = _decoded(encoded)
            size = len(decoded)
            if not valid:
                field = f"{where}.{what}Base64"
                message = f"{field}.{kind}.{what}Base64 is not a valid base64 value."
                yield Cause(INVALID, field, message, "cloud-init")
        if plain:
            count += 1
            size = len(plain.encode("utf-8", "surrogatepass"))
        if count > 1:
            words = "userdatasource" if what == "userData" else "networkdata source"
            yield Cause(INVALID, where, f"{where} must have only one {words} set.", "cloud-init")
        if size > _LONGEST_DATA:
            message = f"{where} {name} exceeds {_LONGEST_DATA} byte limit. Should use {ref} for larger data."
            yield Cause(INVALID, where, message, "cloud-init")
        counts.append(count)
    if not any(counts):
        message = f"{where} must have at least one userdatasource or one networkdatasource set."
        yield Cause(INVALID, where, message, "cloud-init")


def _decoded(text: str) -> tuple[bytes, bool]:
    """What Go's base64.StdEncoding makes of a text: line ends are skipped, what came before an error is kept."""
    stripped = text.replace("\r", "").replace("\n", "")
    try:
        return base64.b64decode(stripped, validate=True), True
    except (binascii.Error, ValueError):
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        good = 0
        while good + 4 <= len(stripped) and all(sign in alphabet for sign in stripped[good : good + 4]):
            good += 4
        return base64.b64decode(stripped[:good]), False


def _host_disk(where: str, disk: Mapping[str, Any], api: VirtAPI) -> Iterator[Cause]:
    field, kind = f"{where}.hostDisk", disk.get("type", "")
    if not api.gate("HostDisk"):
        yield Cause(INVALID, where, "HostDisk feature gate is not enabled", "gate")
    if not disk.get("path"):
        yield Cause(NOT_FOUND, f"{field}.path", f"{field}.path is required for hostDisk volume", "host-disk")
    if kind not in {"Disk", "DiskOrCreate"}:
        message = f"{field}.type has invalid value '{kind}', allowed are 'Disk' or 'DiskOrCreate'"
        yield Cause(INVALID, f"{field}.type", message, "host-disk")
    if kind == "Disk" and amount(str(disk.get("capacity", "0"))):
        message = f"{field}.capacity is allowed to pass only with {field}.type equal to 'DiskOrCreate'"
        yield Cause(INVALID, f"{field}.capacity", message, "host-disk")


def container_disks(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """Paths inside container disks, and volumes that can only be plugged in."""
    for index, volume in enumerate(listed(spec, "volumes")):
        path = part(volume, "containerDisk").get("path")
        if path:
            yield from image_path(f"{at}.volumes[{index}].containerDisk", path)
    if "utilityVolumes" in spec:
        message = "cannot create VMI with utility volumes in spec, utility volumes can only be added via hotplug"
        yield Cause(INVALID, f"{at}.utilityVolumes", message, "volume")


def mapped(spec: Spec, at: str) -> Iterator[Cause]:
    """Every volume of an instance is a disk or a filesystem; checked of instances alone."""
    disks = {disk.get("name", "") for disk in devices(spec, "disks")}
    filesystems = {item.get("name", "") for item in devices(spec, "filesystems")}
    for index, volume in enumerate(listed(spec, "volumes")):
        if "memoryDump" in volume:
            continue
        where, name = f"{at}.domain.volumes[{index}]", volume.get("name", "")
        if name not in disks and name not in filesystems:
            yield Cause(INVALID, f"{where}.name", f"{where}.name '{name}' not found.", "volume")
        if "containerPath" not in volume:
            continue
        if name in disks:
            message = f"ContainerPath volume '{name}' must be mapped to a filesystem, not a disk"
            yield Cause(INVALID, where, message, "filesystem")
        if name not in filesystems:
            message = (
                f"ContainerPath volume '{name}' must have a matching filesystem defined "
                "in spec.domain.devices.filesystems"
            )
            yield Cause(INVALID, where, message, "filesystem")
        path = volume["containerPath"].get("path", "")
        prefix = next((prefix for prefix in _RESERVED if path.startswith(prefix)), None)
        if prefix:
            message = f"ContainerPath volume '{name}' uses reserved path prefix '{prefix}'"
            yield Cause(INVALID, f"{where}.containerPath.path", message, "filesystem")


def filesystems(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """A filesystem on a claim needs its gate."""
    if api.gate("EnableVirtioFsStorageVolumes"):
        return
    by_name = {volume.get("name", ""): volume for volume in listed(spec, "volumes")}
    for item in devices(spec, "filesystems"):
        volume = by_name.get(item.get("name", ""), {})
        if "persistentVolumeClaim" in volume or "dataVolume" in volume:
            message = "virtiofs is not allowed: virtiofs feature gate is not enabled for PVC"
            yield Cause(INVALID, f"{at}.domain.devices.filesystems", message, "gate")


def access_credentials(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """Each credential is of one kind, has one source and one way into the guest."""
    for index, credential in enumerate(listed(spec, "accessCredentials")):
        where = f"{at}.accessCredentials[{index}]"
        key, password = credential.get("sshPublicKey"), credential.get("userPassword")
        if key is not None:
            yield from _ways_of_key(where, part(key, "propagationMethod"), spec)
            ways = ("noCloud", "configDrive", "qemuGuestAgent")
            yield from _one_each(where, "sshPublicKey", key, ways)
        if password is not None:
            yield from _one_each(where, "userPassword", password, ("qemuGuestAgent",))
        if (key is None) is (password is None):
            yield Cause(INVALID, where, f"{where} must have exactly one access credential type set", "credential")


def _ways_of_key(where: str, method: Mapping[str, Any], spec: Spec) -> Iterator[Cause]:
    field = f"{where}.sshPublicKey.propagationMethod"
    for way, volume in (("noCloud", "cloudInitNoCloud"), ("configDrive", "cloudInitConfigDrive")):
        if way in method and not any(volume in item for item in listed(spec, "volumes")):
            message = f"{where} requires a {way} volume to exist when the {way} propagationMethod is in use."
            yield Cause(INVALID, field, message, "credential")
    if "qemuGuestAgent" in method and not method["qemuGuestAgent"].get("users"):
        message = f"{where} requires at least one user to be present in the users list"
        yield Cause(INVALID, f"{field}.qemuGuestAgent.users", message, "credential")


def _one_each(where: str, kind: str, credential: Mapping[str, Any], ways: tuple[str, ...]) -> Iterator[Cause]:
    if "secret" not in part(credential, "source"):
        yield Cause(INVALID, f"{where}.{kind}.source", f"{where} must have exactly one source set", "credential")
    method = part(credential, "propagationMethod")
    if sum(way in method for way in ways) != 1:
        message = f"{where} must have exactly one propagationMethod set"
        yield Cause(INVALID, f"{where}.{kind}.propagationMethod", message, "credential")


def data_volume_templates(machine: Mapping[str, Any], at: str) -> Iterator[Cause]:
    """Templates of DataVolumes: one storage, one source, used by a volume; `machine` is a VirtualMachine's spec."""
    used = {
        (kind, get(volume, kind, key))
        for volume in listed(machine, "template", "spec", "volumes")
        for kind, key in (("persistentVolumeClaim", "claimName"), ("dataVolume", "name"))
    }
    for index, template in enumerate(listed(machine, "dataVolumeTemplates")):
        where = f"{at}.dataVolumeTemplate[{index}]"
        problem = _template_problem(where, template)
        if problem is not None:
            yield problem
            continue
        name = get(template, "metadata", "name")
        if not {("persistentVolumeClaim", name), ("dataVolume", name)} & used:
            message = f"DataVolumeTemplate entry {where} must be referenced in the VMI template's 'volumes' list"
            yield Cause(REQUIRED, where, message, "data-volume-template")


def _template_problem(where: str, template: Mapping[str, Any]) -> Cause | None:
    spec = part(template, "spec")
    storage = [spec[key] for key in ("pvc", "storage") if key in spec]
    topic = "data-volume-template"
    if not get(template, "metadata", "name"):
        message = f"'name' field must not be empty for DataVolumeTemplate entry {where}.name."
        return Cause(REQUIRED, f"{where}.name", message, topic)
    if len(storage) != 1:
        message = (
            "Duplicate storage definition, both target storage and target pvc defined"
            if storage
            else "Missing Data volume PVC or Storage"
        )
        return Cause(INVALID, f"{where}.PVC.Storage", message, topic)
    populated = "dataSourceRef" in storage[0] or "dataSource" in storage[0]
    sourced = "source" in spec or "sourceRef" in spec
    if populated and sourced:
        message = "External population is incompatible with Source and SourceRef"
        return Cause(INVALID, f"{where}.source", message, topic)
    if not populated and not sourced:
        message = "Data volume should have either Source, SourceRef, or be externally populated"
        return Cause(INVALID, f"{where}.source.sourceRef", message, topic)
    if "source" in spec and len(spec["source"]) != 1:
        message = "Multiple dataVolume sources" if spec["source"] else "Missing dataVolume valid source"
        return Cause(INVALID, f"{where}.source", message, topic)
    return None


def template_namespaces(machine: Mapping[str, Any], namespace: str) -> Iterator[Cause]:
    """A template's DataVolume stands in the machine's namespace."""
    for index, template in enumerate(listed(machine, "spec", "dataVolumeTemplates")):
        own = get(template, "metadata", "namespace") or ""
        if own not in {"", namespace}:
            message = f"Embedded DataVolume namespace {own} differs from VM namespace {namespace}"
            yield Cause(INVALID, f"spec.dataVolumeTemplates[{index}]", message, "data-volume-template")
