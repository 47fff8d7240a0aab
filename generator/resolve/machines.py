"""Machines: one item of the spec to what the machine template sees."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.finding import Finding, Note, did_you_mean
from generator.location import FieldPath, Span
from generator.resolve import rules
from generator.resolve.model import Item, MachineItem, ResolvedClass, ResolvedPool
from generator.source import looked_through
from generator.spec.check import DISK_SOURCES, device_names
from generator.spec.located import as_text, relocated
from generator.spec.model import KubeVirt, Machine, Plain, Qat

CLAIM_REQUEST = "qat"
"""Name of the one request in the claim templates that are rendered."""

SELECTOR_LABEL = "qatgen.dev/machine"
"""Label that ties a replica set or pool to its machines."""

CALLED: Mapping[str, str] = {"dedicatedCpuPlacement": "dedicated", "pageSize": "hugepages"}
"""Fields of a machine that have another name in the spec."""

_API = {"VirtualMachinePool": "pool.kubevirt.io/v1beta1"}
_SPEC_PATHS: Mapping[str, FieldPath] = {
    "VirtualMachineInstance": ("spec",),
    "VirtualMachine": ("spec", "template", "spec"),
    "VirtualMachineInstanceReplicaSet": ("spec", "template", "spec"),
    "VirtualMachinePool": ("spec", "virtualMachineTemplate", "spec", "template", "spec"),
}


def instance_path(kind: str) -> FieldPath | None:
    """Where a machine of a kind keeps the spec of its instance; None for other kinds."""
    return _SPEC_PATHS.get(kind)


@dataclass(frozen=True, slots=True)
class Context:
    """What all machines of an environment are resolved against; `read` gives a named file's text."""

    kubevirt: KubeVirt
    classes: Mapping[str, ResolvedClass]
    pools: Mapping[str, ResolvedPool]
    permitted: frozenset[str]
    span: Callable[[FieldPath], Span]
    read: Callable[[str, FieldPath], str]


def resolve_machine(machine: Machine, context: Context) -> tuple[MachineItem, list[Finding]]:
    """The machine's item, still with its placeholders, and what is wrong with its references."""
    findings = list(_references(machine, context))
    pool = context.pools.get(machine.node_pool or "")
    labels = machine.labels
    selector = {SELECTOR_LABEL: machine.name}
    data: Plain = {
        "apiVersion": _API.get(machine.kind, "kubevirt.io/v1"),
        "kind": machine.kind,
        "name": machine.name,
        "namespace": machine.namespace,
        "labels": labels,
        "annotations": machine.annotations,
        "templateLabels": {**labels, **selector},
        "selector": selector,
        "replicas": machine.replicas,
        "runStrategy": machine.run_strategy or "Always",
        "instancetype": _matcher(machine.instancetype, "VirtualMachineClusterInstancetype"),
        "preference": _matcher(machine.preference, "VirtualMachineClusterPreference"),
        "cpu": _cpu(machine),
        "memory": _memory(machine),
        "nodeSelector": {**(pool.spec.node_selector if pool else {}), **machine.node_selector},
        "tolerations": [*(pool.spec.tolerations if pool else ()), *machine.tolerations],
        "affinity": machine.affinity,
        "priorityClassName": machine.priority_class_name,
        "hostname": machine.hostname,
        "terminationGracePeriodSeconds": machine.termination_grace_period_seconds,
        "evictionStrategy": machine.eviction_strategy,
        "readinessProbe": machine.readiness_probe,
        "livenessProbe": machine.liveness_probe,
        **_devices(machine, context),
        **_disks(machine, context),
        **_interfaces(machine),
    }
    beside = (_SPEC_PATHS[machine.kind], machine.vmi_spec) if machine.vmi_spec else None
    item = Item(data, machine.path, context.span(machine.path), beside, over=True)
    return MachineItem.of(machine, item), findings


def _matcher(value: Any, kind: str) -> Plain | None:
    if value is None:
        return None
    given = {"name": value} if isinstance(value, str) else value
    return {"kind": kind, **given}


def _cpu(machine: Machine) -> Plain:
    cpu = machine.cpu
    values = {"cores": cpu.cores, "sockets": cpu.sockets, "threads": cpu.threads, "model": cpu.model}
    out: Plain = {key: value for key, value in values.items() if value is not None}
    if cpu.dedicated:
        out["dedicatedCpuPlacement"] = True
    return out


def _memory(machine: Machine) -> Plain:
    out: Plain = {}
    if machine.memory.guest is not None:
        out["guest"] = as_text(machine.memory.guest)
    if machine.memory.hugepages is not None:
        out["hugepages"] = {"pageSize": machine.memory.hugepages}
    return out


def _devices(machine: Machine, context: Context) -> Plain:
    entries = [(relocated(name, device.name), device) for device in machine.qat for name in device_names(device)]
    if context.kubevirt.assignment == "dra" and entries:
        return _claims(entries)
    devices = []
    for name, device in entries:
        resolved = context.classes.get(device.device_class or "")
        resource = resolved.resource if resolved else device.device_name
        devices.append({"name": name, "deviceName": resource, **({"tag": device.tag} if device.tag else {})})
    key = "qats" if context.kubevirt.assignment == "qats" else "hostDevices"
    other = "hostDevices" if key == "qats" else "qats"
    return {key: devices, other: [], "resourceClaims": []}


def _claims(entries: list[tuple[str, Qat]]) -> Plain:
    """DRA: every device has a claim of its own, made from its class' template, unless it names one."""
    devices: list[Plain] = []
    claims: list[Plain] = []
    for name, device in entries:
        claim = device.claim_name or name
        if device.claim_name is None:
            claims.append({"name": claim, "resourceClaimTemplateName": claim_template_name(device.device_class or "")})
        request = device.request_name or CLAIM_REQUEST
        tag = {"tag": device.tag} if device.tag else {}
        devices.append({"name": name, "claimName": claim, "requestName": request, **tag})
    return {"hostDevices": devices, "qats": [], "resourceClaims": claims}


def claim_template_name(device_class: str) -> str:
    """Name of the ResourceClaimTemplate of a class."""
    return f"qat-{device_class}"


def _disks(machine: Machine, context: Context) -> Plain:
    disks: list[Plain] = []
    volumes: list[Plain] = []
    for disk in machine.disks:
        options = {key: disk.get(key) for key in ("bootOrder", "cache", "serial")}
        disks.append(
            {"name": disk["name"], "type": disk.get("type", "disk"), "bus": disk.get("bus", "virtio"), **options}
        )
        kind = next((source for source in DISK_SOURCES if source in disk), "")
        volumes.append({"name": disk["name"], "kind": kind, "source": disk.get(kind)})
    if machine.cloud_init is not None:
        empty = dict.fromkeys(("bootOrder", "cache", "serial"))
        disks.append({"name": "cloudinit", "type": "disk", "bus": "virtio", **empty})
        volumes.append({"name": "cloudinit", **_cloud_init(machine.cloud_init, machine.path, context)})
    return {"disks": disks, "volumes": volumes}


def _cloud_init(cloud_init: Plain, path: FieldPath, context: Context) -> Plain:
    kind = "cloudInitConfigDrive" if cloud_init.get("type") == "configDrive" else "cloudInitNoCloud"
    source: Plain = {}
    for key, secret in (("userData", "secretRef"), ("networkData", "networkDataSecretRef")):
        if key in cloud_init:
            source[key] = cloud_init[key]
        elif f"{key}File" in cloud_init:
            source[key] = context.read(cloud_init[f"{key}File"], (*path, "cloudInit", f"{key}File"))
        elif f"{key}Secret" in cloud_init:
            source[secret] = {"name": cloud_init[f"{key}Secret"]}
    return {"kind": kind, "source": source}


def _interfaces(machine: Machine) -> Plain:
    if machine.interfaces is None:
        return {"interfaces": [], "networks": [], "autoattachPodInterface": None}
    interfaces: list[Plain] = []
    networks: list[Plain] = []
    for interface in machine.interfaces:
        options = {key: interface.get(key) for key in ("model", "macAddress", "bootOrder", "ports")}
        plugin = interface.get("bindingPlugin")
        binding = interface.get("binding", "masquerade")
        interfaces.append({"name": interface["name"], "plugin": plugin, "binding": binding, **options})
        network = interface.get("network", "pod")
        networks.append({"name": interface["name"], "multus": None if network == "pod" else network})
    return {"interfaces": interfaces, "networks": networks, "autoattachPodInterface": bool(interfaces)}


def _references(machine: Machine, context: Context) -> Iterator[Finding]:
    pool = context.pools.get(machine.node_pool or "")
    if machine.node_pool is not None and pool is None:
        at = context.span((*machine.path, "nodePool"))
        hint = did_you_mean(machine.node_pool, context.pools)
        message, hint = looked_through(machine.node_pool, f'no node pool is named "{machine.node_pool}"', hint)
        yield Finding(rule=rules.UNKNOWN_POOL, message=message, at=at, hint=hint)
    elif pool is not None and pool.spec.serves != "virtualMachines":
        at = context.span((*machine.path, "nodePool"))
        message = f'pool "{machine.node_pool}" serves containers: KubeVirt is kept off its nodes'
        fitting = sorted(name for name, p in context.pools.items() if p.spec.serves == "virtualMachines")
        choice = f"choose one of {', '.join(fitting)}" if fitting else "add a pool with `serves: virtualMachines`"
        hint = f"{choice}, or write `serves: virtualMachines` on this one, if its nodes are for machines"
        note = Note("the pool", context.span((*pool.spec.path, "serves")))
        yield Finding(rule=rules.WRONG_POOL, message=message, at=at, hint=hint, notes=(note,))
    for device in machine.qat:
        yield from _device_reference(machine, device, pool, context)


def _device_reference(machine: Machine, device: Qat, pool: ResolvedPool | None, context: Context) -> Iterator[Finding]:
    assignment = context.kubevirt.assignment
    if device.device_class is not None:
        at = context.span((*device.path, "deviceClass"))
        resolved = context.classes.get(device.device_class)
        if resolved is None:
            message = f'no device class is named "{device.device_class}"'
            hint = did_you_mean(device.device_class, context.classes)
            message, hint = looked_through(device.device_class, message, hint)
            yield Finding(rule=rules.UNKNOWN_CLASS, message=message, at=at, hint=hint)
        elif pool is not None and pool.device_class.spec.name != device.device_class:
            message = (
                f'"{machine.name}" runs in pool "{pool.spec.name}", whose devices are of class '
                f'"{pool.device_class.spec.name}", and asks for "{device.device_class}": it would wait for ever'
            )
            yield Finding(rule=rules.WRONG_POOL, message=message, at=at, hint="choose the pool of that class")
        elif pool is not None and pool.spec.serves != "virtualMachines":
            return  # the pool is reported already
        elif not any(p.device_class is resolved and p.spec.serves == "virtualMachines" for p in context.pools.values()):
            message = f'no node pool serves class "{device.device_class}" to machines: it would wait for ever'
            yield Finding(
                rule=rules.WRONG_POOL, message=message, at=at, hint="add a pool with `serves: virtualMachines`"
            )
    if device.device_name is not None and assignment == "hostDevices" and device.device_name not in context.permitted:
        at = context.span((*device.path, "deviceName"))
        message = f'"{device.device_name}" is not a resource KubeVirt permits: the pod would never be made'
        hint = did_you_mean(device.device_name, context.permitted) or "name a device class, or permit it"
        yield Finding(rule=rules.NOT_PERMITTED, message=message, at=at, hint=hint)
    if device.device_name is not None and assignment == "dra":
        at = context.span((*device.path, "deviceName"))
        message = f'assignment is dra, and device "{device.name}" names a resource instead of a class'
        yield Finding(rule=rules.DRA, message=message, at=at, hint="write `deviceClass:`, or `claimName:`")
    if device.claim_name is not None and assignment != "dra":
        at = context.span(
            (*device.path, "claimName"),
        )
        message = f'device "{device.name}" names a claim, and assignment is {assignment}'
        yield Finding(rule=rules.DRA, message=message, at=at, hint="write `deviceClass:`, or choose assignment dra")
