"""Disks, and how they meet volumes and boot orders.

Source of every condition and message: K:pkg/storage/admitters/disks.go,
K:pkg/virt-api/webhooks/validating-webhook/admitters/vmi-create-admitter.go.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.virtapi import names
from generator.virtapi.cluster import VirtAPI
from generator.virtapi.network import PCI_ADDRESS
from generator.virtapi.parts import Spec, devices, enabled, indexed, listed
from generator.virtapi.verdict import INVALID, NOT_SUPPORTED, REQUIRED, Cause

_SERIAL = re.compile(r"[A-Za-z0-9_.+-]+")
_LONGEST_SERIAL = 256
_LEAST_BLOCK, _MOST_BLOCK = 512, 2097152
_TARGETS = ("disk", "lun", "cdrom")
BUSES = ("virtio", "scsi", "sata", "usb")
CACHES = frozenset({"", "none", "writethrough", "writeback"})
_IO = frozenset({"", "native", "threads"})
ERROR_POLICIES = frozenset({"stop", "ignore", "report", "enospace"})

Disk = Mapping[str, Any]


def disks(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """Every disk by itself. Some of KubeVirt's fields name the path twice; that is how it tells them."""
    first: dict[str, list[int]] = {}
    base = f"{at}.domain.devices.disks"
    for index, disk in enumerate(devices(spec, "disks")):
        where, again = f"{base}[{index}]", f"{base}.domain.devices.disks[{index}]"
        name = disk.get("name", "")
        for other in first.get(name, ()):
            message = f"{where} and {base}[{other}] must not have the same Name."
            yield Cause(INVALID, f"{where}.name", message, "disk")
        first.setdefault(name, []).append(index)
        if sum(target in disk for target in _TARGETS) > 1:
            yield Cause(INVALID, where, f"{where} can only have a single target type defined", "disk")
        yield from _pci_address(f"{base}.domain.devices.disks.disk[{index}]", disk)
        if disk.get("bootOrder", 1) < 1:
            message = f"{where} must have a boot order > 0, if supplied"
            yield Cause(INVALID, f"{where}.bootOrder", message, "boot-order")
        yield from _bus(where, again, disk)
        yield from _serial(where, disk)
        yield from _modes(base, where, again, disk)
        for complaint in names.label(name):
            yield Cause(INVALID, f"{again}.name", complaint, "disk")
        yield from _block_size(f"{where}.blockSize", disk)


def _target(disk: Disk) -> str:
    return next((target for target in _TARGETS if target in disk), "")


def bus_of(disk: Disk) -> str:
    """The bus of a disk's target; empty where it has none."""
    target = _target(disk)
    return str(disk[target].get("bus", "")) if target else ""


def _pci_address(where: str, disk: Disk) -> Iterator[Cause]:
    address = disk.get("disk", {}).get("pciAddress", "")
    if not address:
        return
    if disk["disk"].get("bus", "") != "virtio":
        message = f"disk {where}.name - setting a PCI address is only possible with bus type virtio."
        yield Cause(INVALID, f"{where}.pciAddress", message, "disk")
    if not PCI_ADDRESS.fullmatch(address):
        message = f"disk {where}.name has malformed PCI address ({address})."
        yield Cause(INVALID, f"{where}.pciAddress", message, "disk")


def _bus(where: str, again: str, disk: Disk) -> Iterator[Cause]:
    bus, target = bus_of(disk), _target(disk)
    if not bus:
        return
    field = f"{where}.{target}.bus"
    if bus == "ide":
        yield Cause(INVALID, field, "IDE bus is not supported", "disk")
    elif bus == "virtio" and target == "cdrom":
        yield Cause(INVALID, field, "Bus type virtio is invalid for CD-ROM device", "disk")
    elif bus == "sata" and disk.get("disk", {}).get("readonly"):
        yield Cause(INVALID, f"{where}.disk.bus", "sata hard-disks do not support read-only.", "disk")
    elif bus not in BUSES:
        known = " ".join(BUSES)
        message = f"{where} is set with an unrecognized bus {bus}, must be one of: [{known}]"
        yield Cause(INVALID, field, message, "disk")
    if disk.get("dedicatedIOThread") and bus != "virtio":
        message = f"IOThreads are not supported for disks on a {bus} bus"
        yield Cause(NOT_SUPPORTED, again, message, "io-threads")


def _serial(where: str, disk: Disk) -> Iterator[Cause]:
    serial = disk.get("serial", "")
    if serial and not _SERIAL.fullmatch(serial):
        message = f"{where} must be made up of the following characters [A-Za-z0-9_.+-], if specified"
        yield Cause(INVALID, f"{where}.serial", message, "disk")
    if len(serial) > _LONGEST_SERIAL:
        message = f"{where} must be less than or equal to {_LONGEST_SERIAL} in length, if specified"
        yield Cause(INVALID, f"{where}.serial", message, "disk")


def _modes(base: str, where: str, again: str, disk: Disk) -> Iterator[Cause]:
    cache, mode, policy = disk.get("cache", ""), disk.get("io", ""), disk.get("errorPolicy")
    if cache not in CACHES:
        yield Cause(INVALID, f"{where}.cache", f"{where}.cache has invalid value {cache}", "disk")
    if mode not in _IO:
        message = f"Disk IO mode for {base} is not supported. Supported modes are: native, threads."
        yield Cause(NOT_SUPPORTED, f"{again}.io", message, "disk")
    if policy is not None and policy not in ERROR_POLICIES:
        message = f'{where}.errorPolicy has invalid value "{policy}"'
        yield Cause(INVALID, f"{where}.errorPolicy", message, "disk")


def _block_size(where: str, disk: Disk) -> Iterator[Cause]:
    size = disk.get("blockSize") or {}
    custom = size.get("custom")
    if custom is None:
        return
    if "matchVolume" in size and enabled(size["matchVolume"]):
        message = "Block size matching can't be enabled together with a custom value"
        yield Cause(INVALID, where, message, "disk")
        return
    logical, physical = custom.get("logical", 0), custom.get("physical", 0)
    granularity = custom.get("discardGranularity")
    field = f"{where}.custom.logical"
    if logical > physical:
        message = f"Logical size {logical} must be the same or less than the physical size of {physical}"
        yield Cause(INVALID, field, message, "disk")
    elif bus_of(disk) == "sata" and logical != _LEAST_BLOCK:
        yield Cause(INVALID, field, f"Logical size {logical} must be {_LEAST_BLOCK} for SATA devices", "disk")
    elif granularity is not None and logical and granularity % logical:
        message = f"Discard granularity {granularity} must be multiples of logical size {logical}"
        yield Cause(INVALID, f"{where}.custom.discardGranularity", message, "disk")
    else:
        for kind, number in (("logical", logical), ("physical", physical)):
            problem = _size_problem(number)
            if problem:
                yield Cause(INVALID, f"{where}.custom.{kind}", f"Provided size of {number} is {problem}", "disk")


def _size_problem(size: int) -> str:
    if size < _LEAST_BLOCK:
        return f"less than the supported minimum size of {_LEAST_BLOCK}"
    if size > _MOST_BLOCK:
        return f"greater than the supported maximum size of {_MOST_BLOCK}"
    return "not a power of 2" if size & (size - 1) else ""


def boot_orders(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """Disks have volumes that suit them, and no two devices boot as the same number."""
    volumes = {volume.get("name", ""): volume for volume in listed(spec, "volumes")}
    taken: set[int] = set()
    for where, disk in indexed(spec, "disks", at):
        yield from _against_volume(where, disk, volumes.get(disk.get("name", "")), api)
        order = disk.get("bootOrder")
        if order is not None:
            if order in taken:
                yield _taken(f"{where}.bootOrder")
            taken.add(order)
    for index, interface in enumerate(devices(spec, "interfaces")):
        order = interface.get("bootOrder")
        if order is None:
            continue
        if order < 1:
            message = f"{at}[{index}] must have a boot order > 0, if supplied"
            yield Cause(INVALID, f"{at}[{index}].bootOrder", message, "boot-order")
            continue
        if order in taken:
            yield _taken(f"{at}.domain.devices.interfaces[{index}].bootOrder")
        taken.add(order)


def _taken(where: str) -> Cause:
    return Cause(INVALID, where, f"Boot order for {where} already set for a different device.", "boot-order")


def _against_volume(where: str, disk: Disk, volume: Mapping[str, Any] | None, api: VirtAPI) -> Iterator[Cause]:
    if volume is None:
        if "cdrom" not in disk:
            message = f"{where}.Name '{disk.get('name', '')}' not found."
            yield Cause(INVALID, f"{where}.name", message, "disk")
        elif not api.gate("DeclarativeHotplugVolumes"):
            message = "DeclarativeHotplugVolumes feature gate not enabled, cannot define an empty CD-ROM disk"
            yield Cause(INVALID, f"{where}.name", message, "gate")
        return
    if "lun" in disk and "persistentVolumeClaim" not in volume and "dataVolume" not in volume:
        message = f"{where}.lun can only be mapped to a DataVolume or PersistentVolumeClaim volume."
        yield Cause(INVALID, f"{where}.lun", message, "disk")
    if "downwardMetrics" in volume:
        field = f"{where}.disk"
        if "disk" not in disk:
            message = f"DownwardMetrics volume must be mapped to a disk, but disk is not set on {field}."
            yield Cause(REQUIRED, field, message, "downward-metrics")
        elif disk["disk"].get("bus", "") not in {"", "virtio"}:
            bus = disk["disk"]["bus"]
            message = f"DownwardMetrics volume must be mapped to virtio bus, but {field}.bus is set to {bus}"
            yield Cause(INVALID, f"{field}.bus", message, "downward-metrics")


def image_path(where: str, path: str) -> Iterator[Cause]:
    """A path inside an image: absolute, not the root, without `.` and `..`."""
    if path == "/":
        yield Cause(INVALID, where, f"{where} must not point to root", "volume")
    elif cleaned(path) != path.removesuffix("/"):
        message = f"{where} must be an absolute path to a file without relative components"
        yield Cause(INVALID, where, message, "volume")


def cleaned(path: str) -> str:
    """An absolute path as Go's filepath.Join makes it."""
    return "/" + posixpath.normpath("/" + path).lstrip("/")
