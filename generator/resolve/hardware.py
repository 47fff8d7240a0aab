"""Device classes and node pools with the facts of their families, and the topologies that work."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from generator.catalog import Catalog, Family, UnknownFamily, env_name
from generator.finding import Finding, Note, did_you_mean
from generator.location import FieldPath, Span
from generator.resolve import rules
from generator.resolve.kernels import kernel_findings
from generator.resolve.model import ResolvedClass, ResolvedPool
from generator.source import looked_through
from generator.spec.model import DeviceClass, NodePool, Spec

INTEL_DOMAIN = "qat.intel.com/"
"""Prefix of every resource Intel's plugin advertises."""

_MOST_SOCKETS = 8
PCI_ENV = "PCI_RESOURCE"
_RESOURCE = re.compile(r"(?P<domain>[a-z0-9]([-a-z0-9.]*[a-z0-9])?)/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\Z")

SpanOf = Callable[[FieldPath], Span]


@dataclass(frozen=True, slots=True)
class Hardware:
    """Classes by name and pools in order, and what is wrong with them."""

    classes: Mapping[str, ResolvedClass]
    pools: Sequence[ResolvedPool]
    findings: Sequence[Finding]


def resolve_hardware(spec: Spec, catalog: Catalog, plugin: str, span: SpanOf) -> Hardware:
    """Classes and pools of a spec; `plugin` is the release of Intel's plugin that is the target."""
    findings: list[Finding] = []
    classes: dict[str, ResolvedClass] = {}
    for device_class in spec.device_classes:
        resolved = _class(spec, catalog, plugin, device_class, span, findings)
        if resolved is not None:
            classes.setdefault(device_class.name, resolved)
    pools: list[ResolvedPool] = []
    for pool in spec.node_pools:
        found = _pool(spec, catalog, plugin, pool, classes, span, findings)
        if found is not None:
            pools.append(found)
    findings.extend(_permitted_ids(spec, catalog, list(classes.values()), span))
    findings.extend(_env_names(spec, list(classes.values()), span))
    findings.extend(_overlaps(spec, pools, span))
    return Hardware(classes, pools, findings)


def _class(
    spec: Spec, catalog: Catalog, plugin: str, given: DeviceClass, span: SpanOf, findings: list[Finding]
) -> ResolvedClass | None:
    try:
        family = catalog.family(given.family)
    except UnknownFamily as error:
        at = span((*given.path, "family"))
        hint = did_you_mean(given.family, error.known)
        message, hint = looked_through(given.family, f'"{given.family}" is not a QAT family', hint)
        findings.append(Finding(rule=rules.UNKNOWN_FAMILY, message=message, at=at, hint=hint))
        return None
    problem = catalog.legal_services(given.family, given.services)
    if problem:
        at = span((*given.path, "services"))
        hint = "see the family's services in the catalog: `qatgen explain spec.deviceClasses.services`"
        if family.services:
            most = f"at most {family.max_services} at once" + (
                f", {' and '.join(family.services_alone)} alone" if family.services_alone else ""
            )
            hint = f"choose of {', '.join(family.services)}: {most}"
        else:
            hint = "write `services: []`"
        findings.append(Finding(rule=rules.SERVICES, message=problem, at=at, hint=hint))
        return None
    for_machines = _for_machines(spec, given)
    intel_names = not for_machines or spec.kubevirt.assignment == "qats"
    own = _intel_name(catalog, plugin, given) if intel_names else _own_name(given)
    resource = given.resource_name or own
    findings.extend(_resource_findings(spec, catalog, plugin, given, intel_names=intel_names, span=span))
    return ResolvedClass(given, resource, family.vf_ids, for_machines)


def _for_machines(spec: Spec, given: DeviceClass) -> bool:
    pools = {p.serves for p in spec.node_pools if p.device_class == given.name}
    if pools:
        return "virtualMachines" in pools
    return any(device.device_class == given.name for machine in spec.virtual_machines for device in machine.qat)


def _own_name(given: DeviceClass) -> str:
    return "-".join(("intel.com/qat", given.family, *given.services))


def _intel_name(catalog: Catalog, plugin: str, given: DeviceClass) -> str:
    suffix = catalog.resource_suffix(given.family, given.services, plugin)
    return f"{INTEL_DOMAIN}{suffix or 'generic'}"


def _resource_findings(
    spec: Spec, catalog: Catalog, plugin: str, given: DeviceClass, *, intel_names: bool, span: SpanOf
) -> Iterator[Finding]:
    at = span((*given.path, "resourceName"))
    name = given.resource_name
    if name is None:
        return
    match = _RESOURCE.match(name)
    if match is None or match["domain"].endswith("kubernetes.io") or len(match["domain"]) > 253:
        message = f'"{name}" is no name of an extended resource'
        hint = "a domain of your own, a slash, and at most 63 letters, digits, `-`, `_` and `.`"
        yield Finding(rule=rules.RESOURCE_NAME, message=message, at=at, hint=hint)
    elif intel_names:
        names = {f"{INTEL_DOMAIN}{s}" for s in catalog.resource_suffixes(given.family, given.services, plugin)}
        if name not in names:
            why = "assignment qats: " if spec.kubevirt.assignment == "qats" else ""
            message = f'{why}Intel\'s plugin serves class "{given.name}" and names it itself, not "{name}"'
            hint = f"remove the line, or write {' or '.join(sorted(names))}"
            yield Finding(rule=rules.RESOURCE_NAME, message=message, at=at, hint=hint)
    elif name.startswith(INTEL_DOMAIN):
        message = (
            f'"{name}" is a name of Intel\'s plugin, and KubeVirt\'s own serves class "{given.name}": '
            "with both on a cluster the name would flap, with Intel's alone no machine would start"
        )
        hint = f"choose a name of your own, {_own_name(given)} say"
        yield Finding(rule=rules.TOPOLOGY, message=message, at=at, hint=hint)


def _pool(
    spec: Spec,
    catalog: Catalog,
    plugin: str,
    pool: NodePool,
    classes: Mapping[str, ResolvedClass],
    span: SpanOf,
    findings: list[Finding],
) -> ResolvedPool | None:
    device_class = classes.get(pool.device_class)
    if device_class is None:
        if all(given.name != pool.device_class for given in spec.device_classes):
            at = span((*pool.path, "deviceClass"))
            hint = did_you_mean(pool.device_class, (given.name for given in spec.device_classes))
            message = f'no device class is named "{pool.device_class}"'
            findings.append(Finding(rule=rules.UNKNOWN_CLASS, message=message, at=at, hint=hint))
        return None
    family = catalog.family(device_class.spec.family)
    findings.extend(_vf_findings(pool, family, span))
    findings.extend(_pf_findings(pool, family, span))
    findings.extend(kernel_findings(pool, device_class.spec, family, catalog, span((*pool.path, "kernel"))))
    services_line = ""
    if pool.preparation == "initContainer" and device_class.spec.services:
        line = catalog.services_line(device_class.spec.services, plugin)
        if line is None:
            known = ", ".join(f"`{entry}`" for entry in catalog.plugin(plugin).services_list) or "none"
            wanted = ";".join(device_class.spec.services)
            message = f'Intel\'s init script {plugin} does not know the services "{wanted}" and would ignore them'
            hint = f"it knows {known}; or write `preparation: host` and set them there"
            at = span((*device_class.spec.path, "services"))
            findings.append(Finding(rule=rules.SERVICES_LINE, message=message, at=at, hint=hint))
        services_line = line or ""
    pf_ids = tuple(pf.rpartition(":")[2] for pf in family.pf_ids)
    resource = device_class.resource
    if pool.serves == "containers" and not resource.startswith(INTEL_DOMAIN):
        resource = _intel_name(catalog, plugin, device_class.spec)  # machines of the class have another name for it
    return ResolvedPool(pool, device_class, services_line, pf_ids, resource)


def _pf_findings(pool: NodePool, family: Family, span: SpanOf) -> Iterator[Finding]:
    """More endpoints a node than the largest machine has (8 sockets: as many as a Xeon Scalable system connects)."""
    if family.physical_functions is None:
        return
    most = _MOST_SOCKETS * family.physical_functions
    if pool.physical_functions > most:
        message = (
            f'pool "{pool.name}" says {pool.physical_functions} endpoints a node; {_MOST_SOCKETS} sockets of '
            f"{family.name} have {most}"
        )
        at = span((*pool.path, "physicalFunctions"))
        hint = f"write how many endpoints one node has: {family.physical_functions} a socket at most, {most} in all"
        yield Finding(rule=rules.TOO_MANY_PFS, message=message, at=at, hint=hint)


def _vf_findings(pool: NodePool, family: Family, span: SpanOf) -> Iterator[Finding]:
    there = family.vfs_per_pf
    if there is None:
        return
    at = span((*pool.path, "virtualFunctions"))
    if pool.virtual_functions > there and family.counts_verified:
        message = (
            f'pool "{pool.name}" says {pool.virtual_functions} VFs per PF, an endpoint of {family.name} has {there}'
        )
        yield Finding(
            rule=rules.TOO_MANY_VFS, message=message, at=at, hint=f"write {there}, or fewer with `preparation: host`"
        )
    elif pool.virtual_functions < there and pool.preparation == "initContainer":
        message = (
            f'pool "{pool.name}" says {pool.virtual_functions} VFs per PF, and Intel\'s init script enables '
            f"all {there} of a {family.name} endpoint"
        )
        hint = f"write {there}, or `preparation: host` and make them there"
        yield Finding(rule=rules.PARTIAL_VFS, message=message, at=at, hint=hint)


def _permitted_ids(spec: Spec, catalog: Catalog, classes: Sequence[ResolvedClass], span: SpanOf) -> Iterator[Finding]:
    """KubeVirt tells devices apart by PCI id alone; among its own entries the last of two wins (facts 3.2)."""
    if spec.kubevirt.assignment != "hostDevices":
        return
    seen: dict[str, tuple[str, FieldPath]] = {}
    for device_class in classes:
        if not device_class.for_machines:
            continue
        path = (*device_class.spec.path, "family")
        for selector in device_class.selectors:
            other = seen.setdefault(selector, (f'class "{device_class.spec.name}"', path))
            if other[1] != path:
                message = (
                    f'{other[0]} and class "{device_class.spec.name}" are both {device_class.spec.family} '
                    f"({selector}): KubeVirt tells VFs apart by PCI id alone"
                )
                hint = "give machines one class of a family, or run the other on a cluster of its own"
                note = Note("the other", span(other[1]))
                yield Finding(rule=rules.PCI_ID, message=message, at=span(path), hint=hint, notes=(note,))
                break
    for index, entry in enumerate(spec.kubevirt.permitted_host_devices.pci_host_devices):
        at_path: FieldPath = ("spec", "kubevirt", "permittedHostDevices", "pciHostDevices", index, "pciVendorSelector")
        selector = entry["pciVendorSelector"].lower()
        pf_family = catalog.family_of_pf_id(selector)
        if pf_family is not None:
            message = f'"{selector}" is the PF of {pf_family.name}: the whole endpoint would be given away'
            hint = f"write its VF id, {pf_family.selector}"
            yield Finding(rule=rules.PF_ID, message=message, at=span(at_path), hint=hint)
        if entry.get("externalResourceProvider") and entry["resourceName"].startswith(INTEL_DOMAIN):
            message = (
                f'"{entry["resourceName"]}" comes from Intel\'s plugin, which never tells virt-launcher the address: '
                "the machine would be scheduled and fail to start"
            )
            hint = "let KubeVirt's own plugin serve machines: a device class with a resource name of its own"
            yield Finding(rule=rules.TOPOLOGY, message=message, at=span(at_path), hint=hint)
        other = seen.setdefault(selector, (f'permitted device "{entry["resourceName"]}"', at_path))
        if other[1] != at_path:
            message = f'{other[0]} and "{entry["resourceName"]}" have one PCI id, {selector}: the last would win'
            note = Note("the other", span(other[1]))
            yield Finding(rule=rules.PCI_ID, message=message, at=span(at_path), hint="remove one", notes=(note,))


def _env_names(spec: Spec, classes: Sequence[ResolvedClass], span: SpanOf) -> Iterator[Finding]:
    """virt-launcher looks addresses up by a name in which case, `/` and `.` are lost (facts 3.4)."""
    rows: list[tuple[str, FieldPath]] = [(c.resource, c.spec.path) for c in classes if c.for_machines]
    base: FieldPath = ("spec", "kubevirt", "permittedHostDevices", "pciHostDevices")
    entries = spec.kubevirt.permitted_host_devices.pci_host_devices
    rows.extend((entry["resourceName"], (*base, index, "resourceName")) for index, entry in enumerate(entries))
    seen: dict[str, tuple[str, FieldPath]] = {}
    for resource, path in rows:
        variable = env_name(PCI_ENV, resource)
        other, other_path = seen.setdefault(variable, (resource, path))
        if other != resource:
            message = f'"{other}" and "{resource}" are both looked up as {variable}'
            note = Note("the other", span(other_path))
            hint = "rename one; case, `/` and `.` do not tell names apart there"
            yield Finding(rule=rules.ENV_NAME, message=message, at=span(path), hint=hint, notes=(note,))


def _overlaps(spec: Spec, pools: Sequence[ResolvedPool], span: SpanOf) -> Iterator[Finding]:
    """Two plugins on one node hand out the same VF twice; two pools on one node count it twice (facts 3.6)."""
    for first, second in combinations(pools, 2):
        a, b = first.spec.node_selector, second.spec.node_selector
        if any(key in b and b[key] != value for key, value in a.items()):
            continue
        at = span((*second.spec.path, "nodeSelector"))
        note = Note("the other", span((*first.spec.path, "nodeSelector")))
        if {first.spec.serves, second.spec.serves} == {"virtualMachines", "containers"} and (
            spec.kubevirt.assignment != "qats"
        ):
            why = "KubeVirt's and Intel's plugins would hand out one VF twice"
        else:
            why = "their devices would be counted twice"
        message = f'a node can be in pool "{first.spec.name}" and in pool "{second.spec.name}": {why}'
        hint = "give both selectors one key with different values"
        yield Finding(rule=rules.OVERLAP, message=message, at=at, hint=hint, notes=(note,))
