"""What virt-api's mutating webhooks put into a machine, as far as its validating ones read it.

Sources: K:pkg/virt-api/webhooks/mutating-webhook/mutators, K:pkg/defaults, K:pkg/network/vmispec/defaults.go,
kubevirt.io/api core/v1/defaults.go. The specs handled here are the caller's own copies and are changed in place.
"""

from collections.abc import Mapping
from typing import Any

from generator.virtapi.cluster import VirtAPI, get
from generator.virtapi.failure import GoError
from generator.virtapi.numbers import AmountError, amount
from generator.virtapi.parts import asked, devices, part

_ARM64 = "arm64"
_S390X = "s390x"
_MOST_VCPUS = 512
_RATIO = 4

Spec = dict[str, Any]


def default_machine(spec: Spec, api: VirtAPI) -> None:
    """What a VirtualMachine's template gets for good: architecture and machine type."""
    spec.setdefault("architecture", api.architecture)
    machine = spec["domain"].setdefault("machine", {})
    if not machine.get("type"):
        machine["type"] = api.machine_type(spec["architecture"])


def default_spec(spec: Spec, api: VirtAPI) -> None:
    """What every instance gets, and a VirtualMachine's template while it is checked. Raises GoError."""
    default_machine(spec, api)
    _requests(spec, api)
    _guest_memory(spec)
    _topology(spec)
    spec.setdefault("evictionStrategy", api.eviction_strategy)
    _network(spec, api)
    default_disks(spec)


def default_instance(spec: Spec, api: VirtAPI) -> None:
    """What a VirtualMachineInstance gets. Raises GoError."""
    default_spec(spec, api)
    _features(spec)
    _devices(spec)
    _hyperv(spec)
    _per_architecture(spec, api)
    if spec["architecture"] != _ARM64 and api.live_update:
        _hotplug(spec, api)


def default_disks(spec: Spec) -> None:
    """A disk for every volume that has neither disk nor filesystem."""
    names = {item.get("name", "") for key in ("disks", "filesystems") for item in devices(spec, key)}
    for volume in spec.get("volumes") or ():
        if volume.get("name", "") not in names:
            spec["domain"].setdefault("devices", {}).setdefault("disks", []).append({"name": volume.get("name", "")})


def _requests(spec: Spec, api: VirtAPI) -> None:
    resources = spec["domain"].setdefault("resources", {})
    limit, request = asked(spec, "limits", "cpu"), asked(spec, "requests", "cpu")
    if limit and not request:
        resources.setdefault("requests", {})["cpu"] = limit.text
    pinned = part(spec, "domain", "cpu").get("dedicatedCpuPlacement")
    if api.cpu_request is not None and "cpu" not in part(resources, "requests") and not pinned:
        resources.setdefault("requests", {})["cpu"] = api.cpu_request.text


def _guest_memory(spec: Spec) -> None:
    memory = spec["domain"].setdefault("memory", {})
    if "guest" in memory:
        return
    for side in ("requests", "limits"):
        found = asked(spec, side, "memory")
        if found:
            memory["guest"] = found.text
            return
    if "hugepages" in memory:
        try:
            memory["guest"] = amount(memory["hugepages"].get("pageSize", "")).text
        except AmountError:
            return  # told by the check of hugepages


def _topology(spec: Spec) -> None:
    cpu = spec["domain"].setdefault("cpu", {})
    if any(cpu.get(key) for key in ("cores", "sockets", "threads")):
        return
    sockets = 1
    for side in ("limits", "requests"):
        if "cpu" in part(spec, "domain", "resources", side):
            sockets = asked(spec, side, "cpu").value & 0xFFFFFFFF
            break
    cpu |= {"cores": 1, "threads": 1}
    if sockets:
        cpu["sockets"] = sockets


def _network(spec: Spec, api: VirtAPI) -> None:
    attached = get(spec, "domain", "devices", "autoattachPodInterface") is not False
    if not attached or spec.get("networks") or devices(spec, "interfaces"):
        return
    binding = api.network_interface
    if binding == "bridge" and not api.bridge_on_pod_network:
        raise GoError("bridge interface is not enabled in kubevirt-config")
    if binding == "slirp":
        raise GoError("slirp interface is deprecated as of v1.3")
    spec["domain"].setdefault("devices", {})["interfaces"] = [{"name": "default", binding: {}}]
    spec["networks"] = [{"name": "default", "pod": {}}]


def _features(spec: Spec) -> None:
    features = spec["domain"].setdefault("features", {})
    if spec["architecture"] == _S390X:
        features.setdefault("acpi", {}).setdefault("enabled", False)
    spec["domain"].setdefault("firmware", {})
    for state in (features.get("smm"), *_states(features.get("hyperv"))):
        if isinstance(state, dict):
            state.setdefault("enabled", True)


def _states(hyperv: Any) -> list[Any]:
    return list(hyperv.values()) if isinstance(hyperv, Mapping) else []


def _devices(spec: Spec) -> None:
    for disk in devices(spec, "disks"):
        if not {"disk", "cdrom", "lun"} & set(disk) and isinstance(disk, dict):
            disk["disk"] = {}
    for device in devices(spec, "inputs"):
        assert isinstance(device, dict)
        if not device.get("bus"):
            device["bus"] = "usb"
        if not device.get("type"):
            device["type"] = "tablet"
    for gpu in devices(spec, "gpus"):
        state = get(gpu, "virtualGPUOptions", "display", "ramFB")
        if isinstance(state, dict):
            state.setdefault("enabled", True)


_REQUIREMENTS = (
    ("evmcs", "vapic"),
    ("ipi", "vpindex"),
    ("tlbflush", "vpindex"),
    ("synictimer", "synic"),
    ("synic", "vpindex"),
)
"""Hyper-V features and what each needs, leaves first."""


def unmet(hyperv: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Hyper-V features that are on while what they need is not, in KubeVirt's order."""
    return [
        (name, needed)
        for name, needed in _REQUIREMENTS
        if part(hyperv, name).get("enabled") and not part(hyperv, needed).get("enabled")
    ]


def _hyperv(spec: Spec) -> None:
    hyperv = spec["domain"]["features"].get("hyperv")
    if not isinstance(hyperv, dict):
        return
    for name, needed in _REQUIREMENTS:
        if not part(hyperv, name).get("enabled") or part(hyperv, needed).get("enabled"):
            continue
        if part(hyperv, needed).get("enabled") is False:
            return  # switched off by hand: the validating webhook says so, and nothing more is done here
        hyperv.setdefault(needed, {})["enabled"] = True
    if "evmcs" in hyperv and hyperv["evmcs"].get("enabled") is not False:
        features = spec["domain"]["cpu"].setdefault("features", [])
        known = next((feature for feature in features if feature.get("name") == "vmx"), None)
        if known is None:
            features.append({"name": "vmx", "policy": "require"})
        else:
            known["policy"] = "require"


def _per_architecture(spec: Spec, api: VirtAPI) -> None:
    kind = spec["architecture"]
    if kind == _ARM64:
        if not spec["domain"]["cpu"].get("model"):
            spec["domain"]["cpu"]["model"] = "host-passthrough"
        _arm64_bootloader(spec, api)
    bus = "virtio" if kind in {_ARM64, _S390X} else "sata"
    for disk in devices(spec, "disks"):
        for target in ("disk", "cdrom", "lun"):
            if isinstance(disk.get(target), dict) and not disk[target].get("bus"):
                disk[target]["bus"] = bus
    watchdog = get(spec, "domain", "devices", "watchdog")
    if isinstance(watchdog, dict) and kind != _ARM64:
        model = watchdog.setdefault("diag288" if kind == _S390X else "i6300esb", {})
        model["action"] = model.get("action") or "reset"


def _arm64_bootloader(spec: Spec, api: VirtAPI) -> None:
    firmware = spec["domain"]["firmware"]
    given = "bootloader" in firmware
    bootloader = firmware.setdefault("bootloader", {"efi": {}})
    # Before 1.9 only a bootloader of KubeVirt's own making is without secure boot.
    if "efi" in bootloader and (api.latest or not given):
        bootloader["efi"].setdefault("secureBoot", False)


def _hotplug(spec: Spec, api: VirtAPI) -> None:
    """The most sockets a machine may be given while it runs; 512 vCPUs at most."""
    cpu = spec["domain"]["cpu"]
    if cpu.get("maxSockets"):
        return
    live = part(api.configuration, "liveUpdateConfiguration")
    sockets, most = cpu.get("sockets", 0), live.get("maxCpuSockets") or 0
    if most:
        cpu["maxSockets"] = max(most, sockets)
        return
    most = sockets * (live.get("maxHotplugRatio") or _RATIO) & 0xFFFFFFFF
    each = cpu.get("cores", 0) * cpu.get("threads", 0) & 0xFFFFFFFF
    if most * each & 0xFFFFFFFF > _MOST_VCPUS:
        most = max(_MOST_VCPUS // each, sockets)
    if most:
        cpu["maxSockets"] = most
