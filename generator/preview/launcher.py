"""The virt-launcher pod: what its compute container asks for, or why virt-controller would not make it.

Sources: K:pkg/virt-controller/services (renderresources.go, template.go), domain facts 4.5, 4.6 and 13.1.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from packaging.version import Version

from generator.preview.machine import admitted, instance_spec, items, mapping, vcpus
from generator.preview.overhead import is_dedicated, memory_overhead
from generator.quantity import Form, Quantity, parse

_DEVICES = "devices.kubevirt.io"
_EPHEMERAL = Quantity.of(50_000_000)
_RATIO = 10
_EVEN_PARITY = "alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity"
_OVERHEAD_ANNOTATED = Version("1.9")
_DRA_AWARE = Version("1.9")
"""From here claimed devices are not looked for in permittedHostDevices, and networks not at pod render."""

Resources = dict[str, Quantity]


class RenderError(Exception):
    """Why virt-controller cannot make the pod, in its words."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """What the cluster gives: the KubeVirt object, its version, and which claims and networks exist (None: all)."""

    kubevirt: Mapping[str, Any]
    version: str
    claims: frozenset[str] | None = None
    networks: frozenset[str] | None = None

    @property
    def configuration(self) -> dict[str, Any]:
        """The KubeVirt object's spec.configuration."""
        return mapping(self.kubevirt, "spec", "configuration")

    @property
    def release(self) -> Version:
        """The version as one that compares."""
        return Version(self.version.removeprefix("v"))

    def gate(self, name: str, *, default: bool = False) -> bool:
        """Whether a gate is on; `default` is what it is when no list names it."""
        developer = mapping(self.configuration, "developerConfiguration")
        if name in (developer.get("featureGates") or ()):
            return True
        return default and name not in (developer.get("disabledFeatureGates") or ())


@dataclass(frozen=True, slots=True)
class LauncherPod:
    """The compute container's requests and limits in canonical text, and the pod's security.

    `overhead` is in bytes; None for versions that do not tell it.
    """

    requests: Mapping[str, str]
    limits: Mapping[str, str]
    claims: Sequence[Mapping[str, str]] = ()
    resource_claims: Sequence[Mapping[str, Any]] = ()
    overhead: int | None = None
    run_as_user: int = 107
    privileged: bool = False
    capabilities: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]}
    )


def launcher_pod(machine: Mapping[str, Any], cluster: Cluster) -> LauncherPod:
    """The pod of a machine of any kind, or of one of its replicas. Raises RenderError."""
    spec = admitted(instance_spec(machine))
    namespace = str(mapping(machine, "metadata").get("namespace") or "default")
    problem = next(_problems(spec, namespace, cluster), None)
    if problem is not None:
        raise RenderError(f"failed to render launch manifest: {problem}")
    overhead = memory_overhead(
        spec,
        architecture=str(spec.get("architecture") or "amd64"),
        ratio=cluster.configuration.get("additionalGuestMemoryOverheadRatio"),
    )
    requests, limits = _memory_and_cpu(machine, spec, cluster, overhead)
    _add_devices(spec, cluster, requests, limits)
    root = cluster.gate("Root")
    return LauncherPod(
        requests={name: str(amount) for name, amount in sorted(requests.items())},
        limits={name: str(amount) for name, amount in sorted(limits.items())},
        claims=list(_claims(spec)),
        resource_claims=items(spec, "resourceClaims"),
        overhead=overhead.value() if cluster.release >= _OVERHEAD_ANNOTATED else None,
        run_as_user=0 if root else 107,
        capabilities={"add": ["NET_BIND_SERVICE", *(("SYS_NICE",) if root else ())], "drop": ["ALL"]},
    )


def _problems(spec: Mapping[str, Any], namespace: str, cluster: Cluster) -> Iterator[str]:
    """Why the pod cannot be rendered, in the order virt-controller meets it."""
    if cluster.networks is not None and cluster.release < _DRA_AWARE:
        for network in items(spec, "networks"):
            name = mapping(network, "multus").get("networkName")
            full = name if not name or "/" in name else f"{namespace}/{name}"
            if full and full not in cluster.networks:
                yield f"failed to locate network attachment definition {full}"
    refused = list(_not_permitted(spec, cluster))
    if refused:
        yield " ".join(refused)
    for volume in items(spec, "volumes"):
        for name in _claim_names(volume):
            if cluster.claims is not None and name not in cluster.claims:
                yield f"didn't find PVC {name}"


def _claim_names(volume: Mapping[str, Any]) -> Iterator[str]:
    for source in (volume, mapping(volume, "ephemeral")):
        claim = mapping(source, "persistentVolumeClaim")
        if "claimName" in claim:
            yield str(claim["claimName"])
    if "name" in mapping(volume, "dataVolume"):
        yield str(mapping(volume, "dataVolume")["name"])


def _not_permitted(spec: Mapping[str, Any], cluster: Cluster) -> Iterator[str]:
    listed = cluster.configuration.get("permittedHostDevices")
    if listed is None:
        return  # without a list nothing is denied (domain facts 3.5)
    kinds = ("pciHostDevices", "mediatedDevices", "usb")
    permitted = {entry.get("resourceName") for kind in kinds for entry in items(listed, kind)}
    devices = mapping(spec, "domain", "devices")
    for what, key, gate in (("GPU", "gpus", "GPUsWithDRA"), ("HostDevice", "hostDevices", "HostDevicesWithDRA")):
        for device in items(devices, key):
            claimed = "claimName" in device or "requestName" in device
            if claimed and cluster.release >= _DRA_AWARE and cluster.gate(gate, default=True):
                continue
            name = device.get("deviceName") or ""
            if name not in permitted:
                yield f"{what} {name} is not permitted in permittedHostDevices configuration"


def _memory_and_cpu(
    machine: Mapping[str, Any], spec: Mapping[str, Any], cluster: Cluster, overhead: Quantity
) -> tuple[Resources, Resources]:
    resources = mapping(spec, "domain", "resources")
    requests = {name: parse(amount) for name, amount in mapping(resources, "requests").items()}
    limits = {name: parse(amount) for name, amount in mapping(resources, "limits").items()}
    _default_memory(spec, cluster, requests, limits)
    if mapping(spec, "domain", "memory").get("hugepages"):
        _hugepages(spec, overhead, requests, limits)
    else:
        if not resources.get("overcommitGuestOverhead"):
            requests["memory"] = requests.get("memory", Quantity.of(0)) + overhead
        elif "memory" not in requests:
            requests["memory"] = Quantity.of(0)
        if "memory" in limits:
            limits["memory"] += overhead
    if is_dedicated(spec):
        _pin(machine, spec, requests, limits)
    else:
        requests.setdefault("cpu", _cpu_share(spec, cluster))
    requests["ephemeral-storage"] = requests.get("ephemeral-storage", Quantity.of(0)) + _EPHEMERAL
    if "ephemeral-storage" in limits:
        limits["ephemeral-storage"] += _EPHEMERAL
    return requests, limits


def _default_memory(spec: Mapping[str, Any], cluster: Cluster, requests: Resources, limits: Resources) -> None:
    """Without a request the limit is asked for, else the guest's memory, divided by the cluster's overcommit."""
    if limits.get("memory") and not requests.get("memory"):
        requests["memory"] = limits["memory"]
    if "memory" in requests:
        return
    memory = mapping(spec, "domain", "memory")
    given = memory.get("guest", mapping(memory, "hugepages").get("pageSize"))
    if given is None or parse(given).value() <= 0:
        return
    wanted = parse(given)
    developer = mapping(cluster.configuration, "developerConfiguration")
    overcommit = int(developer.get("memoryOvercommit") or 100)
    if overcommit != 100:
        wanted = Quantity.of(wanted.value() * 100 // overcommit, wanted.form)
    requests["memory"] = wanted


def _hugepages(spec: Mapping[str, Any], overhead: Quantity, requests: Resources, limits: Resources) -> None:
    """Guest memory goes to hugepages; what is asked for beyond it, and the overhead, stays in memory."""
    memory = mapping(spec, "domain", "memory")
    name = f"hugepages-{mapping(memory, 'hugepages').get('pageSize')}"
    guest = parse(memory["guest"]) if memory.get("guest") is not None else None
    asked = requests.get("memory", Quantity.of(0))
    beyond = bool(guest and asked.value() > guest.value())
    pages = guest if guest is not None and beyond else asked
    requests[name] = limits[name] = pages
    rest = asked - guest if guest is not None and beyond else Quantity.of(0)
    requests["memory"] = rest + overhead
    if "memory" in limits:
        over = guest is not None and limits["memory"].value() > guest.value()
        left = limits["memory"] - guest if guest is not None and over else Quantity.of(0)
        limits["memory"] = left + overhead


def _pin(machine: Mapping[str, Any], spec: Mapping[str, Any], requests: Resources, limits: Resources) -> None:
    """Dedicated CPUs: as many as vCPUs, one or two for the emulator; memory is limited to what is asked for."""
    count = vcpus(spec)
    if mapping(spec, "domain", "cpu").get("isolateEmulatorThread"):
        template = mapping(machine, "spec", "template") or machine
        even = _EVEN_PARITY in {
            **mapping(machine, "metadata", "annotations"),
            **mapping(template, "metadata", "annotations"),
        }
        count += 2 if even and count % 2 == 0 else 1
    requests["cpu"] = limits["cpu"] = Quantity.of(count, Form.BINARY)
    limits["memory"] = requests["memory"]


def _cpu_share(spec: Mapping[str, Any], cluster: Cluster) -> Quantity:
    """VCPUs divided by the cluster's allocation ratio, 10 where it names none."""
    developer = mapping(cluster.configuration, "developerConfiguration")
    ratio = int(developer.get("cpuAllocationRatio") or _RATIO)
    share = vcpus(spec) / ratio
    # The share is written in the shortest decimal form and read again, as virt-controller does.
    return _written(share * 1000, "m") if share < 1 else _written(share, "")


def _written(value: float, suffix: str) -> Quantity:
    text = repr(value)
    return parse(f"{text.removesuffix('.0')}{suffix}")


def _add_devices(spec: Mapping[str, Any], cluster: Cluster, requests: Resources, limits: Resources) -> None:
    devices = mapping(spec, "domain", "devices")
    for key in ("gpus", "hostDevices", "qats"):
        for device in items(devices, key):
            name = device.get("deviceName")
            if name and "claimName" not in device:
                limits[name] = limits.get(name, Quantity.of(0)) + Quantity.of(1)
                requests[name] = requests.get(name, Quantity.of(0)) + Quantity.of(1)
    for name in _kubevirt_devices(spec, cluster):
        limits[f"{_DEVICES}/{name}"] = Quantity.of(1)


def _kubevirt_devices(spec: Mapping[str, Any], cluster: Cluster) -> Iterator[str]:
    devices = mapping(spec, "domain", "devices")
    emulated = bool(mapping(cluster.configuration, "developerConfiguration").get("useEmulation"))
    interfaces = items(devices, "interfaces")
    attached = devices.get("autoattachPodInterface") is not False
    if not emulated:
        yield "kvm"
    if interfaces or attached:
        yield "tun"
    virtio = any(interface.get("model", "virtio") in {"", "virtio"} for interface in interfaces)
    if (virtio or (attached and not interfaces)) and not emulated:
        yield "vhost-net"
    if "sev" in mapping(spec, "domain", "launchSecurity"):
        yield "sev"
    if devices.get("autoattachVSOCK"):
        yield "vhost-vsock"
    if cluster.gate("IOMMUFD"):
        yield "iommufd"


def _claims(spec: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    devices = mapping(spec, "domain", "devices")
    for key in ("gpus", "hostDevices"):
        for device in items(devices, key):
            if not device.get("deviceName") and "claimName" in device:
                claim = {"name": str(device["claimName"])}
                yield claim | ({"request": str(device["requestName"])} if "requestName" in device else {})
