"""Spec and catalog to the model of one environment."""

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.catalog import Catalog, UnknownVersion
from generator.files import Kind, RefusedError
from generator.finding import Finding, Halt, did_you_mean, has_errors
from generator.location import FieldPath, Span
from generator.nearest import nearest
from generator.resolve import rules
from generator.resolve.admission import gate_policies, webhooks
from generator.resolve.dra import check_dra, dra_lists
from generator.resolve.hardware import Hardware, resolve_hardware
from generator.resolve.kubevirt import Parts, kubevirt_config, kubevirt_item
from generator.resolve.machines import Context, resolve_machine
from generator.resolve.model import Item, MachineItem, Model, ResolvedClass
from generator.resolve.namespaces import namespaces
from generator.resolve.plugin import images, plugin_lists, privileged_namespaces
from generator.source import looked_through
from generator.spec.check import check_spec
from generator.spec.load import Environment, SpecFolder, near
from generator.spec.model import Spec
from generator.spec.parse import parse_spec

_OLDEST_POLICIES = "1.30"
MAX_NAMED_FILE = 1024 * 1024
"""Bytes of a file that is put into a manifest; the API server takes 3 MiB an object, etcd 1.5 MiB."""


@dataclass(frozen=True, slots=True)
class _Work:
    spec: Spec
    catalog: Catalog
    plugin: str
    span: Callable[[FieldPath], Span]


def resolve(environment: Environment, folder: SpecFolder, catalog: Catalog) -> tuple[Model, list[Finding]]:
    """One environment's model, and warnings. Raises Halt with every finding when one of them is an error."""
    spec = parse_spec(environment.layer.data)
    origin = environment.layer.origin
    findings = [*check_spec(spec, origin), *_versions(spec, catalog, origin.span)]
    if has_errors(findings):
        raise Halt(findings)
    work = _Work(spec, catalog, target_plugin(spec, catalog), origin.span)
    hardware = resolve_hardware(spec, catalog, work.plugin, work.span)
    findings.extend(hardware.findings)
    findings.extend(_guest_drivers(work, hardware.classes))
    if has_errors(findings):
        raise Halt(findings)
    lists = _lists(work, hardware, findings)
    files = _NamedFiles(environment, folder, findings)
    machines = _machines(work, hardware, files, findings)
    if has_errors(findings):
        raise Halt(findings)
    read = frozenset(files.read)
    return Model(environment.name, spec, hardware.classes, hardware.pools, lists, machines, read), findings


def _versions(spec: Spec, catalog: Catalog, span: Callable[[FieldPath], Span]) -> Iterator[Finding]:
    target = spec.target
    lookups: tuple[tuple[str, str | None, Callable[[str], object]], ...] = (
        ("kubernetes", target.kubernetes, catalog.kubernetes),
        ("kubevirt", target.kubevirt, catalog.kubevirt),
        ("devicePlugin", target.device_plugin, catalog.plugin),
    )
    for key, version, look_up in lookups:
        if version is None:
            continue
        at = span(("spec", "target", key))
        try:
            look_up(version)
        except UnknownVersion as error:
            message = f"there are no facts for {key} {version}"
            hint = did_you_mean(version, error.known) or f"known: {', '.join(error.known)}"
            message, hint = looked_through(version, message, hint)
            yield Finding(rule=rules.UNKNOWN_VERSION, message=message, at=at, hint=hint)
            continue
        if key == "devicePlugin":
            for problem in catalog.plugin_problems(version):
                yield Finding(rule=rules.UNKNOWN_VERSION, message=problem, at=at, hint="choose a later release")
        if key == "kubernetes" and catalog.kubernetes(version).api_version("ValidatingAdmissionPolicy") is None:
            message = f"Kubernetes {version} has no ValidatingAdmissionPolicy, which is rendered"
            yield Finding(rule=rules.UNKNOWN_VERSION, message=message, at=at, hint=f"{_OLDEST_POLICIES} or newer")
    if spec.kubevirt.assignment == "qats":
        at = span(("spec", "kubevirt", "assignment"))
        message = (
            f"assignment qats: no released KubeVirt has devices.qats, {target.kubevirt} must be a build that carries it"
        )
        yield Finding(rule=rules.SEEDS_QAT, message=message, at=at, hint="upstream clusters take `hostDevices`")


def target_plugin(spec: Spec, catalog: Catalog) -> str:
    """The release of Intel's plugin, without its v: the spec's, else the newest for its Kubernetes, else the newest."""
    if spec.target.device_plugin:
        return spec.target.device_plugin.removeprefix("v")
    wanted = ".".join(spec.target.kubernetes.removeprefix("v").split(".")[:2])
    fitting = [release for release in catalog.plugin_releases if wanted in release.kubernetes]
    return (fitting or list(catalog.plugin_releases))[-1].image_min_version


def _guest_drivers(work: _Work, classes: Mapping[str, ResolvedClass]) -> Iterator[Finding]:
    for machine in work.spec.virtual_machines:
        if machine.guest_stack != "kernel":
            continue
        for device in machine.qat:
            resolved = classes.get(device.device_class or "")
            family = work.catalog.family(resolved.spec.family) if resolved else None
            if family is not None and family.guest_kernel_driver is None:
                at = work.span((*machine.path, "guestStack"))
                message = f"guestStack is kernel, and mainline Linux has no driver for the VFs of {family.name}"
                yield Finding(rule=rules.GUEST_DRIVER, message=message, at=at, hint="write qatlib or dpdk")
                break


def _lists(work: _Work, hardware: Hardware, findings: list[Finding]) -> Mapping[str, Sequence[Item]]:
    spec, catalog, span = work.spec, work.catalog, work.span
    lists, problems = plugin_lists(spec, catalog, hardware.pools, work.plugin, span)
    findings.extend(problems)
    found_namespaces, problems = namespaces(spec, privileged=privileged_namespaces(spec, lists), span=span)
    findings.extend(problems)
    findings.extend(check_dra(spec, catalog, span))
    seed = spec.kubevirt.assignment == "qats"
    kubevirts: tuple[Item, ...] = ()
    if not seed:
        parts = Parts(
            spec, catalog, list(hardware.classes.values()), hardware.pools, images(spec, work.plugin).init, span
        )
        item, problems = kubevirt_item(parts)
        findings.extend(problems)
        kubevirts = (item,)
    where = span(("spec", "kubevirt"))
    return {
        **lists,
        "platforms": (_platform(spec, found_namespaces, span),),
        "namespaces": found_namespaces,
        "kubevirts": kubevirts,
        "kubevirtConfigs": (kubevirt_config(spec, catalog, where),) if seed else (),
        "gatePolicies": gate_policies(spec, where),
        "webhooks": webhooks(spec, span(("spec", "admission", "webhook"))),
        **dra_lists(spec, catalog, hardware.classes, span),
    }


def _platform(spec: Spec, found: Sequence[Item], span: Callable[[FieldPath], Span]) -> Item:
    """What a template that is rendered once sees."""
    data = {
        "name": spec.metadata.name,
        "labels": dict(spec.metadata.labels),
        "namespaces": [item.data["name"] for item in found],
        "kubevirt": {"name": spec.kubevirt.name, "namespace": spec.kubevirt.namespace},
        "devicePlugin": {"namespace": spec.device_plugin.namespace},
        "nodePools": [{"name": pool.name, "nodeSelector": dict(pool.node_selector)} for pool in spec.node_pools],
    }
    return Item(data, ("spec",), span(("spec",)))


def _machines(
    work: _Work, hardware: Hardware, files: "_NamedFiles", findings: list[Finding]
) -> tuple[MachineItem, ...]:
    extra = work.spec.kubevirt.permitted_host_devices
    permitted = {entry["resourceName"] for entry in (*extra.pci_host_devices, *extra.mediated_devices, *extra.usb)}
    permitted |= {c.resource for c in hardware.classes.values() if c.for_machines}
    context = Context(
        kubevirt=work.spec.kubevirt,
        classes=hardware.classes,
        pools={pool.spec.name: pool for pool in hardware.pools},
        permitted=frozenset(permitted),
        span=work.span,
        read=files.text,
    )
    machines = []
    for machine in work.spec.virtual_machines:
        item, problems = resolve_machine(machine, context)
        machines.append(item)
        findings.extend(problems)
    return tuple(machines)


def _without_dots(name: str, below: Path) -> tuple[str, str]:
    """What is wrong with a path that is absolute or climbs, and a hint; `below` is the naming file's folder."""
    real = posixpath.normpath((below / name).as_posix())
    if name.startswith("/") or real.startswith(".."):
        return (
            f'file "{name}" leads out of the spec\'s folder',
            "put it into the spec's folder, and name it without `..`",
        )
    return (
        f'file "{name}" is named with `..`',
        f"write {real}: paths begin at the naming file's folder, or at the spec's",
    )


@dataclass(frozen=True, slots=True)
class _NamedFiles:
    """Files that the spec names, relative to the file that names them, never outside the spec's folder.

    `read` are those that were read, and the places where they were looked for first.
    """

    environment: Environment
    folder: SpecFolder
    findings: list[Finding]
    read: set[Path] = field(default_factory=set)

    def text(self, name: str, path: FieldPath) -> str:
        """A file's text; a finding and no text where it cannot be read."""
        span = self.environment.layer.origin.span(path)
        naming = Path(span.file).parent
        root = self.folder.root
        below = naming.relative_to(self.folder.shown) if self.folder.shown else naming
        candidates = [root / below / name, root / name]
        if name.startswith("/") or ".." in Path(name).parts:
            return self._refuse(*_without_dots(name, below), span)
        door = self.folder.door
        try:
            file = next((c for c in candidates if door.kind(c) is Kind.FILE), candidates[0])
            self.read.update(candidates[: candidates.index(file) + 1])
            raw = door.read(file, MAX_NAMED_FILE)
            self.read.add(door.real(file))
            return raw.decode("utf-8")
        except RefusedError as refused:
            if not refused.absent:
                return self._refuse(f'file "{name}" {refused.what}', refused.hint, span)
            places = " or ".join(dict.fromkeys(self.folder.show(candidate) for candidate in candidates))
            like = nearest(name, near(self.folder, "*/*"))
            hint = f'did you mean "{like[0]}"? Else create {places}' if like else f"create {places}"
            return self._refuse(f'file "{name}" does not exist', hint, span)
        except UnicodeDecodeError:
            return self._refuse(f'file "{name}" is not UTF-8 text', "save it as UTF-8", span)

    def _refuse(self, message: str, hint: str, at: Span) -> str:
        self.findings.append(Finding(rule=rules.FILE, message=message, at=at, hint=hint))
        return ""
