"""The KubeVirt object, or the founding note's ConfigMap: gates, permitted devices, where virt-handler runs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from generator.catalog import Catalog
from generator.finding import Finding, did_you_mean
from generator.location import FieldPath, Span, format_path
from generator.resolve import rules
from generator.resolve.model import Item, ResolvedClass, ResolvedPool
from generator.resolve.virt_handler import MAX_TERMS, both, exclusion_terms, wait_patch
from generator.spec.model import Plain, Spec

_AFFINITY: FieldPath = ("workloads", "nodePlacement", "affinity", "nodeAffinity")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_OWN_PLACES: tuple[tuple[FieldPath, str], ...] = (
    (("configuration", "permittedHostDevices"), "kubevirt.permittedHostDevices"),
    (("configuration", "evictionStrategy"), "kubevirt.evictionStrategy"),
    (("configuration", "developerConfiguration", "featureGates"), "kubevirt.featureGates"),
    (("configuration", "developerConfiguration", "disabledFeatureGates"), "kubevirt.disabledFeatureGates"),
)
"""Fields of the KubeVirt object that the spec has a field of its own for: one fact, written once."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the KubeVirt object is made from."""

    spec: Spec
    catalog: Catalog
    classes: Sequence[ResolvedClass]
    pools: Sequence[ResolvedPool]
    init_image: str
    span: Callable[[FieldPath], Span]


def needed_gates(spec: Spec, catalog: Catalog) -> list[str]:
    """The gates the spec makes necessary and the target does not have on by itself."""
    kubevirt = spec.kubevirt
    if kubevirt.assignment == "qats":
        gates = {"QAT"}
    else:
        uses = any(machine.qat for machine in spec.virtual_machines)
        pools = any(pool.serves == "virtualMachines" for pool in spec.node_pools)
        gates = {"HostDevices"} if uses or pools else set()
        if kubevirt.assignment == "dra":
            gates.add("HostDevicesWithDRA")
    if any(machine.cpu.dedicated for machine in spec.virtual_machines):
        gates.add("CPUManager")
    version = spec.target.kubevirt
    return sorted(gate for gate in gates if not catalog.gate_enabled_by_default(gate, version))


def feature_gates(spec: Spec, catalog: Catalog) -> list[str]:
    """The gates as listed: the spec's own in their order, then what is needed beside them."""
    own = list(spec.kubevirt.feature_gates)
    return [*own, *(gate for gate in needed_gates(spec, catalog) if gate not in own)]


def check_gates(parts: Parts) -> Iterator[Finding]:
    """Gates that do not exist in the target, are switched off though needed, or stand in both lists."""
    spec, catalog, span = parts.spec, parts.catalog, parts.span
    version = spec.target.kubevirt
    known = [gate for gate in catalog.gate_names() if catalog.gate_state(gate, version) is not None]
    lists = (
        ("featureGates", spec.kubevirt.feature_gates),
        ("disabledFeatureGates", spec.kubevirt.disabled_feature_gates),
    )
    for key, gates in lists:
        for index, gate in enumerate(gates):
            own_build = gate == "QAT" and spec.kubevirt.assignment == "qats"
            if gate not in known and not own_build:
                at = span(("spec", "kubevirt", key, index))
                message = f'KubeVirt {version} has no gate "{gate}": it would be ignored without a word'
                yield Finding(rule=rules.GATE, message=message, at=at, hint=did_you_mean(gate, known))
    needed = {*needed_gates(spec, catalog), *spec.kubevirt.feature_gates}
    if any(machine.qat for machine in spec.virtual_machines) and spec.kubevirt.assignment != "qats":
        needed |= {"HostDevices", *(("HostDevicesWithDRA",) if spec.kubevirt.assignment == "dra" else ())}
    for index, gate in enumerate(spec.kubevirt.disabled_feature_gates):
        if gate in needed:
            at = span(("spec", "kubevirt", "disabledFeatureGates", index))
            message = f'gate "{gate}" is switched off, and the spec lists or needs it'
            yield Finding(rule=rules.GATE, message=message, at=at, hint="remove it here")


def kubevirt_config(spec: Spec, catalog: Catalog, span: Span) -> Item:
    """The ConfigMap kubevirt-config of the founding note: the spec's gates and QAT, merged."""
    data = {"namespace": spec.kubevirt.namespace, "featureGates": feature_gates(spec, catalog)}
    return Item(data, ("spec", "kubevirt"), span)


def kubevirt_item(parts: Parts) -> tuple[Item, list[Finding]]:
    """The KubeVirt object's item."""
    spec = parts.spec
    kubevirt = spec.kubevirt
    findings = [*_own_places(parts), *check_gates(parts)]
    terms = exclusion_terms([p.spec.node_selector for p in parts.pools if p.spec.serves == "containers"])
    if terms is None:
        message = f"keeping virt-handler off the container pools takes more than {MAX_TERMS} node selector terms"
        at = parts.span(("spec", "nodePools"))
        hint = "give every container pool one label of its own, under one key"
        findings.append(Finding(rule=rules.OVERLAP, message=message, at=at, hint=hint))
    beside, theirs, patches = _split(kubevirt.spec)
    data: Plain = {
        "name": kubevirt.name,
        "namespace": kubevirt.namespace,
        "featureGates": feature_gates(spec, parts.catalog),
        "disabledFeatureGates": list(kubevirt.disabled_feature_gates),
        "evictionStrategy": kubevirt.eviction_strategy,
        "permittedHostDevices": permitted(parts),
        "nodeSelectorTerms": both([t for t in terms or () if t["matchExpressions"]], theirs),
        "patches": [*_wait(parts), *patches],
    }
    path: FieldPath = ("spec", "kubevirt")
    return Item(data, path, parts.span(path), (("spec",), beside) if beside else None), findings


def permitted(parts: Parts) -> Plain:
    """permittedHostDevices: one entry for every VF id of the machines' classes, and what the spec permits beside."""
    extra = parts.spec.kubevirt.permitted_host_devices
    own = (
        [
            {"pciVendorSelector": selector, "resourceName": device_class.resource}
            for device_class in parts.classes
            if device_class.for_machines
            for selector in device_class.selectors
        ]
        if parts.spec.kubevirt.assignment == "hostDevices"
        else []
    )
    lists = {
        "pciHostDevices": [*own, *extra.pci_host_devices],
        "mediatedDevices": list(extra.mediated_devices),
        "usb": list(extra.usb),
    }
    return {key: value for key, value in lists.items() if value}


def _wait(parts: Parts) -> list[Plain]:
    """virt-handler waits for the VFs of every pool it serves; a DRA driver scans for itself."""
    pools = [p for p in parts.pools if p.spec.serves == "virtualMachines"]
    if not pools or parts.spec.kubevirt.assignment != "hostDevices":
        return []
    return [wait_patch(parts.init_image, sorted({pf for pool in pools for pf in pool.pf_ids}))]


def _own_places(parts: Parts) -> Iterator[Finding]:
    for path, place in _OWN_PLACES:
        if _get(parts.spec.kubevirt.spec, path) is not None:
            at = parts.span(("spec", "kubevirt", "spec", *path))
            message = f"kubevirt.spec sets {format_path(path)}, which has a place of its own"
            yield Finding(rule=rules.KUBEVIRT_SPEC, message=message, at=at, hint=f"write it under {place}")


def _get(data: Any, path: FieldPath) -> Any:
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return data


def _split(given: Plain) -> tuple[Plain, list[Plain], list[Plain]]:
    """kubevirt.spec without what is joined with ours, its node selector terms, and its component patches."""
    terms = _get(given, (*_AFFINITY, _REQUIRED, "nodeSelectorTerms")) or []
    patches = _get(given, ("customizeComponents", "patches")) or []
    beside = _without(given, (*_AFFINITY, _REQUIRED)) if terms else given
    beside = _without(beside, ("customizeComponents", "patches")) if patches else beside
    return beside, terms, patches


def _without(data: Plain, path: FieldPath) -> Plain:
    first, *rest = path
    if not rest:
        return {key: value for key, value in data.items() if key != first}
    return {**data, str(first): _without(data[str(first)], tuple(rest))}
