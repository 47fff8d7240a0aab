"""Memory a launcher pod needs beside the guest's (K:pkg/hypervisor/kvm, GetMemoryOverhead; domain facts 13.1)."""

from collections.abc import Mapping
from typing import Any

from generator.kube.quantity import KILO, Form, Quantity
from generator.kube.reading import parse
from generator.preview.machine import amount, items, mapping, vcpus

_MI = 1 << 20
_FIXED = (25 + 100 + 25 + 40 + 30) * _MI  # launcher monitor, launcher, virtlogd, virtqemud, qemu
_PER_VCPU = 8 * _MI
_IO_THREADS = 8 * _MI
_GRAPHICS = 32 * _MI
_ARM_FIRMWARE = 128 * _MI
_VFIO = 1024 * _MI
_DOWNWARD_METRICS = _MI
_PROBES, _PROBE = 100 * _MI, 10 * _MI
_SEV = 256 * _MI
_TPM = 53 * _MI
_GUARANTEED = 100 * _MI
_PAGE = 512
_PASST = "250Mi"


def memory_overhead(spec: Mapping[str, Any], *, architecture: str, ratio: str | None) -> Quantity:
    """The overhead of an admitted instance; `ratio` is the KubeVirt object's additionalGuestMemoryOverheadRatio.

    Written in decimal form where page tables are part of it, since they come first and a sum keeps its first form.
    """
    devices = mapping(spec, "domain", "devices")
    resources = mapping(spec, "domain", "resources")
    tables = _page_tables(resources)
    total = tables + _FIXED + _PER_VCPU * max(1, vcpus(spec)) + _IO_THREADS
    if devices.get("autoattachGraphicsDevice") is not False:
        total += _GRAPHICS
    if architecture == "arm64":
        total += _ARM_FIRMWARE
    if uses_vfio(spec):
        total += _VFIO
    if any("downwardMetrics" in volume for volume in items(spec, "volumes")):
        total += _DOWNWARD_METRICS
    total += _probes(spec)
    security = mapping(spec, "domain", "launchSecurity")
    if "sev" in security or "snp" in security:
        total += _SEV
    if has_tpm(devices):
        total += _TPM
    if is_dedicated(spec) or _is_guaranteed(resources):
        total += _GUARANTEED
    reserved = mapping(spec, "domain", "memory", "reservedOverhead").get("addedOverhead")
    overhead = Quantity.of(total, Form.DECIMAL if tables else Form.BINARY) + amount(reserved)
    return _multiplied(overhead, ratio) if ratio else overhead


def _page_tables(resources: Mapping[str, Any]) -> int:
    """One bit for every 512 bytes of requested memory, counted in kilobytes rounded up."""
    requested = mapping(resources, "requests").get("memory")
    return amount(requested).scaled(KILO) * 1000 // _PAGE


def _probes(spec: Mapping[str, Any]) -> int:
    running = sum("exec" in mapping(spec, name) for name in ("livenessProbe", "readinessProbe"))
    return running * _PROBE + (_PROBES if running else 0)


def _multiplied(overhead: Quantity, ratio: str) -> Quantity:
    """The last step: kilobytes, rounded down, of what the ratio adds, in floating point as KubeVirt reckons.

    A ratio that is no number adds nothing.
    """
    try:
        added = int(overhead.scaled(KILO) * (float(ratio) - 1.0))
    except (ValueError, OverflowError):
        return overhead
    return overhead + Quantity.of(added * 1000)


def uses_vfio(spec: Mapping[str, Any]) -> bool:
    """Whether an instance has devices that lock its memory."""
    devices = mapping(spec, "domain", "devices")
    sriov = any("sriov" in interface for interface in items(devices, "interfaces"))
    return sriov or bool(items(devices, "hostDevices")) or bool(items(devices, "gpus"))


def has_tpm(devices: Mapping[str, Any]) -> bool:
    """Whether an instance has a TPM that is not switched off."""
    tpm = devices.get("tpm")
    return isinstance(tpm, Mapping) and tpm.get("enabled") is not False


def is_dedicated(spec: Mapping[str, Any]) -> bool:
    """Whether vCPUs are pinned to CPUs of the host."""
    return mapping(spec, "domain", "cpu").get("dedicatedCpuPlacement") is True


def _is_guaranteed(resources: Mapping[str, Any]) -> bool:
    """Whether CPU and memory are limited, and nothing else than the limit is asked for.

    Memory that is limited and not requested counts, CPU does not (K:staging/src/kubevirt.io/api/core/v1/types.go,
    WantsToHaveQOSGuaranteed).
    """
    requests, limits = mapping(resources, "requests"), mapping(resources, "limits")
    asked = {key: (amount(requests.get(key)).exact, amount(limits.get(key)).exact) for key in ("cpu", "memory")}
    memory, limit = asked["memory"]
    return asked["cpu"][0] != 0 and asked["cpu"][0] == asked["cpu"][1] and limit != 0 and memory in {0, limit}


def network_overhead(spec: Mapping[str, Any], bindings: Mapping[str, Any]) -> Quantity:
    """Memory of passt, and of each binding plugin the machine uses, once (K:pkg/network/resources).

    `bindings` are the KubeVirt object's plugins by name.
    """
    interfaces = items(spec, "domain", "devices", "interfaces")
    total = parse(_PASST) if any("passtBinding" in interface for interface in interfaces) else Quantity.of(0)
    for name in dict.fromkeys(str(mapping(interface, "binding").get("name")) for interface in interfaces):
        if name in bindings:
            total += amount(mapping(bindings[name], "computeResourceOverhead", "requests").get("memory"))
    return total
