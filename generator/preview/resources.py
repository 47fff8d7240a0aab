"""What the compute container asks for: memory and CPU in virt-controller's order, then devices and claims.

Sources: K:pkg/virt-controller/services (renderresources.go; template.go, VMIResourcePredicates), domain facts 13.1.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from packaging.version import Version

from generator.kube.quantity import Form, Quantity
from generator.kube.reading import parse
from generator.preview.cluster import Cluster
from generator.preview.machine import amount, instance_metadata, is_claimed, items, mapping, vcpus
from generator.preview.overhead import is_dedicated

DEVICES = "devices.kubevirt.io"
DRA_AWARE = Version("1.9")
"""From here claimed devices are not looked for in permittedHostDevices, and every request of a claim is told."""

_EPHEMERAL = Quantity.of(50_000_000)
_RATIO = 10
_EXPONENT_FROM = 6
_EVEN_PARITY = "alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity"
_NOTHING = Quantity.of(0)

Resources = dict[str, Quantity]


def container_resources(
    machine: Mapping[str, Any], spec: Mapping[str, Any], cluster: Cluster, overhead: Quantity
) -> tuple[Resources, Resources]:
    """Requests and limits of the compute container of an admitted instance."""
    resources = mapping(spec, "domain", "resources")
    requests = {name: amount(text) for name, text in mapping(resources, "requests").items()}
    limits = {name: amount(text) for name, text in mapping(resources, "limits").items()}
    requests["ephemeral-storage"] = requests.get("ephemeral-storage", _NOTHING) + _EPHEMERAL
    if "ephemeral-storage" in limits:
        limits["ephemeral-storage"] += _EPHEMERAL
    if not requests.get("memory"):
        _default_memory(spec, cluster, requests, limits)
    if is_dedicated(spec):
        _pin(machine, spec, cluster, requests, limits)
    else:
        _share(spec, cluster, requests, limits)
    if "hugepages" in mapping(spec, "domain", "memory"):
        _hugepages(spec, overhead, requests, limits)
    else:
        _add_overhead(overhead, requests, limits, overcommitted=bool(resources.get("overcommitGuestOverhead")))
    for name in _devices(spec, cluster):
        for amounts, own in ((requests, "requests"), (limits, "limits")):
            if name not in mapping(resources, own) or amounts[name].big:  # what the machine says itself stays
                amounts[name] = amounts.get(name, _NOTHING) + Quantity.of(1)
    for name in _shared(spec, cluster):
        limits[f"{DEVICES}/{name}"] = Quantity.of(1)
    return requests, limits


def _default_memory(spec: Mapping[str, Any], cluster: Cluster, requests: Resources, limits: Resources) -> None:
    """Without a request the limit is asked for, else the guest's memory, divided by the cluster's overcommit."""
    if limits.get("memory"):
        requests["memory"] = limits["memory"]
    if "memory" in requests:
        return
    wanted = amount(mapping(spec, "domain", "memory").get("guest"))
    if wanted.value <= 0:
        return
    overcommit = int(cluster.developer.get("memoryOvercommit") or 100)
    if overcommit != 100:
        wanted = Quantity.of(wanted.value * 100 // overcommit, wanted.form)
    requests["memory"] = wanted


def _add_overhead(overhead: Quantity, requests: Resources, limits: Resources, *, overcommitted: bool) -> None:
    """Overhead on top of memory: of the limit, and of the request unless the guest is to live without.

    A request that was taken from the limit, or a limit from the request, is the same big number in Go's hands where
    it is beyond 18 digits, hundreds of Ti say: what is added to one is added to both.
    """
    request, limit = requests.get("memory", _NOTHING), limits.get("memory")
    requests["memory"] = request if overcommitted else request + overhead
    if limit is not None:
        limits["memory"] = limit + overhead
    if limit is request and request.big:
        requests["memory"] = limits["memory"] = requests["memory"] + overhead


def _io_threads(spec: Mapping[str, Any]) -> int:
    return int(mapping(spec, "domain", "ioThreads").get("supplementalPoolThreadCount") or 0)


def _even(machine: Mapping[str, Any], cluster: Cluster) -> bool:
    """Whether CPUs are to come in pairs: the instance says so, or the KubeVirt object where CPUs are aligned."""
    everywhere = _EVEN_PARITY in mapping(cluster.kubevirt, "metadata", "annotations") and cluster.gate("AlignCPUs")
    return everywhere or _EVEN_PARITY in mapping(instance_metadata(machine), "annotations")


def _pin(
    machine: Mapping[str, Any], spec: Mapping[str, Any], cluster: Cluster, requests: Resources, limits: Resources
) -> None:
    """Dedicated CPUs: one for each vCPU and I/O thread, one or two for the emulator; memory is limited too."""
    domain = mapping(spec, "domain")
    count = vcpus(spec)
    threads = _io_threads(spec)
    for amounts in (requests, limits):
        if count:
            amounts["cpu"] = Quantity.of(count + threads, Form.BINARY)
        elif "cpu" in amounts:
            amounts["cpu"] += Quantity.of(threads, Form.BINARY)
    if mapping(domain, "cpu").get("isolateEmulatorThread"):
        pooled = threads if domain.get("ioThreadsPolicy") == "supplementalPool" else 0
        limit = limits.get("cpu", _NOTHING)
        even = (limit.value + pooled) % 2 == 0 and _even(machine, cluster)
        extra = Quantity.of(2 if even else 1, Form.BINARY)
        limits["cpu"] = limit + extra
        if "cpu" in requests:
            requests["cpu"] += extra
    if "memory" in requests:
        limits["memory"] = requests["memory"]


def _share(spec: Mapping[str, Any], cluster: Cluster, requests: Resources, limits: Resources) -> None:
    """CPU of vCPUs and I/O threads divided by the cluster's allocation ratio, unless the machine asks for some."""
    count = vcpus(spec) + _io_threads(spec)
    ratio = int(cluster.developer.get("cpuAllocationRatio") or _RATIO)
    if not count or ratio <= 0:
        return
    # The share is written as a number and read again, as virt-controller does: its form may be an exponent.
    share = count / ratio
    written = f"{_shortest(share * 1000)}m" if share < 1 else _shortest(share)
    requests.setdefault("cpu", parse(written))
    if _limits_cpu(cluster) and "cpu" not in limits:
        limits["cpu"] = Quantity.of(count)


def _limits_cpu(cluster: Cluster) -> bool:
    """Whether the cluster limits CPU by itself in a namespace without labels, which is all that is known of it."""
    selector = cluster.configuration.get("autoCPULimitNamespaceLabelSelector")
    if not isinstance(selector, Mapping) or selector.get("matchLabels"):
        return False
    return all(part.get("operator") in ("NotIn", "DoesNotExist") for part in items(selector, "matchExpressions"))


def _shortest(value: float) -> str:
    """A number in the fewest digits, with an exponent from a million on (Go's %g)."""
    text = repr(value).removesuffix(".0")
    if value < 10**_EXPONENT_FROM:
        return text
    exponent = Decimal(value).adjusted()
    digits = text.partition("e")[0].replace(".", "").rstrip("0")
    return f"{digits[0]}.{digits[1:] or '0'}e+{exponent:02d}"


def _hugepages(spec: Mapping[str, Any], overhead: Quantity, requests: Resources, limits: Resources) -> None:
    """Guest memory goes to hugepages; what is asked for beyond it, and the overhead, stays in memory."""
    memory = mapping(spec, "domain", "memory")
    name = f"hugepages-{mapping(memory, 'hugepages').get('pageSize', '')}"
    asked, limit = requests.get("memory", _NOTHING), limits.get("memory", _NOTHING)
    guest = amount(memory["guest"]) if "guest" in memory else None
    beyond = guest is not None and asked.value > guest.value
    for amounts in (requests, limits):
        amounts.setdefault(name, guest if guest is not None and beyond else asked)
    requests["memory"] = (asked - guest if guest is not None and beyond else _NOTHING) + overhead
    if "memory" in limits:
        over = guest is not None and limit.value > guest.value
        limits["memory"] = (limit - guest if guest is not None and over else _NOTHING) + overhead


def _devices(spec: Mapping[str, Any], cluster: Cluster) -> Iterator[str]:
    """The resources that are requested and limited, once for each device."""
    devices = mapping(spec, "domain", "devices")
    for key in ("gpus", "hostDevices", "qats"):
        for device in items(devices, key):
            if device.get("deviceName") and not is_claimed(device):
                yield str(device["deviceName"])
    for name in _guarded(spec, cluster):
        yield f"{DEVICES}/{name}"


def _guarded(spec: Mapping[str, Any], cluster: Cluster) -> Iterator[str]:
    """KubeVirt's own devices that are requested as well as limited."""
    security = mapping(spec, "domain", "launchSecurity")
    current = cluster.release >= DRA_AWARE
    if "sev" in security or "snp" in security:
        yield "sev"
    if "tdx" in security and current:
        yield "tdx"
    if any(mapping(disk, "lun").get("reservation") for disk in items(spec, "domain", "devices", "disks")):
        yield "pr-helper"
    if current and cluster.gate("IOMMUFD"):
        yield "iommufd"


def _shared(spec: Mapping[str, Any], cluster: Cluster) -> Iterator[str]:
    """KubeVirt's own devices that are limited only: as many machines of a node as like have them."""
    devices = mapping(spec, "domain", "devices")
    emulated = bool(cluster.developer.get("useEmulation"))
    interfaces = items(devices, "interfaces")
    attached = devices.get("autoattachPodInterface") is not False
    if not emulated:
        yield cluster.hypervisor_device
    if interfaces or attached:
        yield "tun"
    virtio = any(interface.get("model", "virtio") in ("", "virtio") for interface in interfaces)
    if (virtio or (attached and not interfaces)) and not emulated:
        yield "vhost-net"
    if devices.get("autoattachVSOCK"):
        yield "vhost-vsock"


def claims(spec: Mapping[str, Any], cluster: Cluster) -> Iterator[dict[str, str]]:
    """The claims the container names: of GPUs, host devices and networks, each list behind its gate.

    Before 1.9 a claim is named once, whatever requests of it are used.
    """
    current = cluster.release >= DRA_AWARE
    devices = mapping(spec, "domain", "devices")
    asked: list[Mapping[str, Any]] = []
    for key, gate in (("gpus", "GPUsWithDRA"), ("hostDevices", "HostDevicesWithDRA")):
        if cluster.gate(gate):
            asked += [device for device in items(devices, key) if not device.get("deviceName") and is_claimed(device)]
    if current and cluster.gate("NetworkDevicesWithDRA"):
        networks = (mapping(network, "resourceClaim") for network in items(spec, "networks"))
        asked += [claim for claim in networks if claim]
    told: set[str] = set()
    for request in asked:
        name = str(request.get("claimName") or "")
        if current or name not in told:
            told.add(name)
            yield {"name": name, **({"request": str(request["requestName"])} if request.get("requestName") else {})}
