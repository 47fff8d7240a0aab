"""What a schema cannot say of a spec: names met twice, fields that exclude each other, what stamps share."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from generator.finding import Finding, Note, Rule
from generator.kube.reading import in_range
from generator.location import FieldPath, Span, format_path
from generator.spec import rules
from generator.spec.model import Machine, Qat, Spec
from generator.spec.origin import Origin
from generator.spec.stamp import PLACEHOLDER, is_stamped, number_of_stamps, stamps

DISK_SOURCES = ("containerDisk", "persistentVolumeClaim", "dataVolume", "emptyDisk", "configMap", "secret")
_MAX_LABEL = 63
_SHOWN = 40
_MOST_STAMPS = 200_000
"""Machines of one item, as the schema bounds its count."""
_MOST_MACHINES = 1_000_000
_LIKE = {"guest": "4Gi", "capacity": "20Gi"}
_TEXT_WITH_BRACES = frozenset({"userData", "networkData"})
"""Free text for the guest: braces in it are the guest's (Jinja, shell), not ours, unless they name a placeholder."""


def check_names(data: Any, origin: Origin) -> list[Finding]:
    """Names that a spec, before its overlay, or an overlay gives to two things; the data must have passed the schema.

    Machines that are stamped differently may share a name: of those it is decided when they are stamped.
    """
    body = data.get("spec") or {}
    findings: list[Finding] = []
    for key, what in (
        ("deviceClasses", "device classes"),
        ("nodePools", "node pools"),
        ("namespaces", "namespaces"),
        ("virtualMachines", "machines"),
    ):
        findings += _same_names(body.get(key), origin.of(("spec", key)), what)
    return findings


def _same_names(items: Any, origin: Origin, what: str) -> Iterator[Finding]:
    seen: dict[Any, int] = {}
    for index, item in enumerate(items or ()):
        own = {"name": item} if isinstance(item, str) else item
        if not isinstance(own, dict) or "name" not in own:
            continue
        stamped = [(name, tuple(values or ())) for name, values in (own.get("matrix") or {}).items()]
        key = own["name"], own.get("namespace"), own.get("kind"), tuple(stamped), "count" in own
        first = seen.setdefault(key, index)
        if first != index:
            note = Note("first defined here", origin.span(_to_name(items, first)))
            message = f'two {what} are named "{own["name"]}"'
            yield _found(rules.DUPLICATE_NAME, message, origin.span(_to_name(items, index)), "rename one", (note,))


def _to_name(items: Any, index: int) -> FieldPath:
    return (index,) if isinstance(items[index], str) else (index, "name")


def check_spec(spec: Spec, origin: Origin) -> list[Finding]:
    """Every contradiction inside one environment's spec."""
    too_many = list(_too_many(spec.virtual_machines, origin))
    if too_many:
        return too_many  # no name of theirs is looked at
    findings = [
        *_twice(spec.device_classes, origin, "device classes"),
        *_twice(spec.node_pools, origin, "node pools"),
        *_twice(spec.namespaces or (), origin, "namespaces"),
        *_machine_names(spec.virtual_machines, origin),
    ]
    for machine in spec.virtual_machines:
        findings.extend(_machine(machine, origin))
    webhook = spec.admission.webhook
    if webhook and (webhook.service is None) == (webhook.url is None):
        at = origin.span(("spec", "admission", "webhook"))
        findings.append(
            _found(
                rules.CONTRADICTION,
                f"the webhook has {'neither a service nor a url' if webhook.url is None else 'a service and a url'}",
                at,
                "write one of `service` and `url`" if webhook.url is None else "remove `service` or `url`",
            )
        )
    return findings


def _found(rule: Rule, message: str, at: Span, hint: str = "", notes: tuple[Note, ...] = ()) -> Finding:
    return Finding(rule=rule, message=message, at=at, hint=hint, notes=notes)


def _twice(items: Iterable[Any], origin: Origin, what: str) -> Iterator[Finding]:
    seen: dict[str, FieldPath] = {}
    for item in items:
        if item.name in seen:
            note = Note("first defined here", origin.span((*seen[item.name], "name")))
            at = origin.span((*item.path, "name"))
            yield _found(rules.DUPLICATE_NAME, f'two {what} are named "{item.name}"', at, "rename one", (note,))
        seen.setdefault(item.name, item.path)


def _too_many(machines: Sequence[Machine], origin: Origin) -> Iterator[Finding]:
    total = 0
    for machine in machines:
        number = number_of_stamps(machine)
        total += number
        at = origin.span((*machine.path, "name"))
        if number > _MOST_STAMPS:
            message = f'"{machine.name}" makes {number:,} machines, allowed are at most {_MOST_STAMPS:,}'
            yield _found(rules.OUT_OF_RANGE, message, at, "lower count, or shorten the matrix")
        elif total > _MOST_MACHINES:
            message = f'with "{machine.name}" there are {total:,} machines, allowed are at most {_MOST_MACHINES:,}'
            yield _found(rules.OUT_OF_RANGE, message, at, "split the spec")
            return


def _machine_names(machines: Sequence[Machine], origin: Origin) -> Iterator[Finding]:
    seen: dict[tuple[str, str, str], Machine] = {}
    for machine in machines:
        for stamp in stamps(machine):
            if len(stamp.name) > _MAX_LABEL:
                message = f'"{stamp.name}" has {len(stamp.name)} characters, a machine\'s name at most {_MAX_LABEL}'
                yield _found(rules.NAME_LENGTH, message, origin.span((*machine.path, "name")), "shorten the name")
                break
            key = (machine.kind, machine.namespace, stamp.name)
            other = seen.setdefault(key, machine)
            if other is not machine:
                note = Note("first defined here", origin.span((*other.path, "name")))
                message = f'two of kind {machine.kind} are named "{stamp.name}" in namespace {machine.namespace}'
                yield _found(rules.DUPLICATE_NAME, message, origin.span((*machine.path, "name")), "rename one", (note,))
                break


def _machine(machine: Machine, origin: Origin) -> Iterator[Finding]:
    yield from _amounts(machine, origin)
    yield from _named_parts(machine, origin)
    yield from _sources(machine, origin)
    yield from _kind_fields(machine, origin)
    yield from _placeholders(machine, origin)
    yield from _claims(machine, origin)


def _amounts(machine: Machine, origin: Origin) -> Iterator[Finding]:
    """Amounts of memory and storage that nothing holds; the schema has seen their form."""
    disks = ((("disks", index, "emptyDisk", "capacity"), disk) for index, disk in enumerate(machine.disks))
    given: list[tuple[FieldPath, Any]] = [(("memory", "guest"), machine.memory.guest)]
    given += [(path, (disk.get("emptyDisk") or {}).get("capacity")) for path, disk in disks]
    for path, amount in given:
        if amount is not None and not in_range(amount):
            shown = str(amount) if len(str(amount)) <= _SHOWN else f"{str(amount)[:_SHOWN]}…"
            message = f'{format_path((*machine.path, *path))} is "{shown}", more than 64 bits hold'
            hint = f"write an amount below 8Ei, like {_LIKE[str(path[-1])]}"
            yield _found(rules.OUT_OF_RANGE, message, origin.span((*machine.path, *path)), hint)


def device_names(device: Qat) -> list[str]:
    """The names of the devices an entry stands for: with a count the numbers are appended."""
    return [device.name] if device.count is None else [f"{device.name}{n}" for n in range(device.count)]


def _named_parts(machine: Machine, origin: Origin) -> Iterator[Finding]:
    lists: tuple[tuple[str, str, list[list[str]]], ...] = (
        ("qat", "device", [device_names(device) for device in machine.qat]),
        ("disks", "disk", [[disk["name"]] for disk in machine.disks]),
        ("interfaces", "interface", [[interface["name"]] for interface in machine.interfaces or ()]),
    )
    for key, what, names in lists:
        seen: dict[str, int] = {}
        for index, own in enumerate(names):
            for name in own:
                first = seen.setdefault(name, index)
                if first != index:
                    note = Note("first defined here", origin.span((*machine.path, key, first, "name")))
                    message = f'two {what}s of "{machine.name}" are named "{name}"'
                    at = origin.span((*machine.path, key, index, "name"))
                    yield _found(rules.DUPLICATE_NAME, message, at, "rename one", (note,))
                    break
    if machine.cloud_init is not None and any(disk["name"] == "cloudinit" for disk in machine.disks):
        at = origin.span((*machine.path, "cloudInit"), key=True)
        message = f'"{machine.name}" has a disk named cloudinit beside cloudInit, whose disk has that name'
        yield _found(rules.DUPLICATE_NAME, message, at, "rename the disk")


def _sources(machine: Machine, origin: Origin) -> Iterator[Finding]:
    for index, disk in enumerate(machine.disks):
        at = (*machine.path, "disks", index)
        yield from _exactly_one(f'disk "{disk["name"]}"', disk, DISK_SOURCES, (origin, at), "source")
    for index, interface in enumerate(machine.interfaces or ()):
        if "binding" in interface and "bindingPlugin" in interface:
            message = f'interface "{interface["name"]}" has a binding and a bindingPlugin'
            at_binding = origin.span((*machine.path, "interfaces", index, "bindingPlugin"), key=True)
            yield _found(rules.CONTRADICTION, message, at_binding, "keep one of the two")
        elif interface.get("binding") == "sriov" and interface.get("network", "pod") == "pod":
            yield _sriov_on_pod(machine, index, origin)
    for device in machine.qat:
        choice = {"deviceClass": device.device_class, "deviceName": device.device_name, "claimName": device.claim_name}
        given = {key: value for key, value in choice.items() if value is not None}
        yield from _exactly_one(f'device "{device.name}"', given, choice, (origin, device.path), "device")
    if machine.cloud_init is not None:
        path = (*machine.path, "cloudInit")
        for kind in ("userData", "networkData"):
            keys = (kind, f"{kind}File", f"{kind}Secret")
            given = {key: machine.cloud_init[key] for key in keys if key in machine.cloud_init}
            if len(given) > 1:
                both = " and ".join(given)
                message = f'cloudInit of "{machine.name}" has {both}, which exclude each other'
                at_last = origin.span((*path, list(given)[-1]), key=True)
                yield _found(rules.CONTRADICTION, message, at_last, f"keep one of {', '.join(given)}")


def _sriov_on_pod(machine: Machine, index: int, origin: Origin) -> Finding:
    """An SR-IOV interface on the pod network: the API accepts it, and the launcher finds no device for it.

    Only Multus puts VFs of NICs into a pod (KubeVirt's launcher, hostdevice/sriov/pcipool_netstatus.go).
    """
    path = (*machine.path, "interfaces", index)
    interface = (machine.interfaces or ())[index]
    field = "network" if "network" in interface else "binding"
    named = f'interface "{interface["name"]}" of "{machine.name}"'
    message = f"{named} has binding sriov, and is on the pod network, which has no VFs of NICs"
    hint = "write the NetworkAttachmentDefinition of the VFs (`network: NAMESPACE/NAME`), or `binding: masquerade`"
    return _found(rules.CONTRADICTION, message, origin.span((*path, field)), hint)


def _exactly_one(
    what: str, data: dict[str, Any], keys: Iterable[str], place: tuple[Origin, FieldPath], lacks: str
) -> Iterator[Finding]:
    options = list(keys)
    given = [key for key in options if key in data]
    if len(given) != 1:
        origin, path = place
        at = origin.span(path)
        listed = f"{', '.join(options[:-1])} or {options[-1]}"
        if given:
            message, hint = (
                f"{what} has {' and '.join(given)}, which exclude each other",
                f"keep one of {', '.join(given)}",
            )
        else:
            message, hint = f"{what} has no {lacks}", f"add one of {listed}"
        yield _found(rules.CONTRADICTION, message, at, hint)


def _kind_fields(machine: Machine, origin: Origin) -> Iterator[Finding]:
    replicated = machine.kind in {"VirtualMachineInstanceReplicaSet", "VirtualMachinePool"}
    running = machine.kind in {"VirtualMachine", "VirtualMachinePool"}
    rows = (
        ("replicas", machine.replicas, replicated, "VirtualMachineInstanceReplicaSet or VirtualMachinePool"),
        ("runStrategy", machine.run_strategy, running, "VirtualMachine or VirtualMachinePool"),
        ("instancetype", machine.instancetype, running, "VirtualMachine or VirtualMachinePool"),
        ("preference", machine.preference, running, "VirtualMachine or VirtualMachinePool"),
    )
    for key, value, fits, kinds in rows:
        if value is not None and not fits:
            at = origin.span((*machine.path, key), key=True)
            message = f'"{machine.name}" is a {machine.kind}, which has no {key}'
            yield _found(rules.CONTRADICTION, message, at, f"remove it, or choose kind {kinds}")
    sized = machine.memory.guest is not None or machine.instancetype is not None
    domain = machine.vmi_spec.get("domain")
    if not sized and not (isinstance(domain, dict) and ("memory" in domain or "resources" in domain)):
        at = origin.span((*machine.path, "name"))
        hint = "write `memory: {guest: 4Gi}`, or name an instancetype"
        yield _found(rules.MISSING_KEY, f'"{machine.name}" has no memory', at, hint)
    if machine.instancetype is not None and (machine.cpu.cores or machine.memory.guest is not None):
        at = origin.span((*machine.path, "instancetype"), key=True)
        message = f'"{machine.name}" has an instancetype, and cpu or memory of its own; KubeVirt refuses both'
        yield _found(rules.CONTRADICTION, message, at, "keep one of the two")


def _placeholders(machine: Machine, origin: Origin) -> Iterator[Finding]:
    known = {*machine.matrix, *(("index",) if machine.count is not None else ())}
    for path, text in _texts(_filled_parts(machine), ()):
        if path and path[-1] in _TEXT_WITH_BRACES:
            continue
        for match in PLACEHOLDER.finditer(text):
            if match[1] not in known:
                shown = " and ".join(sorted("{" + k + "}" for k in known)) or "none: the item has no count or matrix"
                at = origin.span((*machine.path, *path))
                message = f'"{text}" has the placeholder {match[0]}, which stands for nothing'
                yield _found(rules.PLACEHOLDER, message, at, f"known here: {shown}")


def _filled_parts(machine: Machine) -> dict[str, Any]:
    """The parts of a machine in which placeholders are filled, as plain data by key of the language."""
    return {
        "labels": machine.labels,
        "annotations": machine.annotations,
        "nodeSelector": machine.node_selector,
        "affinity": machine.affinity,
        "hostname": machine.hostname,
        "disks": list(machine.disks),
        "interfaces": list(machine.interfaces or ()),
        "cloudInit": machine.cloud_init,
        "vmiSpec": machine.vmi_spec,
    }


def _texts(data: Any, path: FieldPath) -> Iterator[tuple[FieldPath, str]]:
    if isinstance(data, str):
        if "{" in data:
            yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(value, (*path, key))
    elif isinstance(data, list | tuple):
        for index, value in enumerate(data):
            yield from _texts(value, (*path, index))


def _claims(machine: Machine, origin: Origin) -> Iterator[Finding]:
    copies = number_of_stamps(machine)
    replicated = machine.kind == "VirtualMachineInstanceReplicaSet" and (machine.replicas or 0) > 1
    for index, disk in enumerate(machine.disks):
        claim = disk.get("persistentVolumeClaim")
        key = "persistentVolumeClaim" if claim else "dataVolume"
        field = "claimName" if claim else "name"
        source = claim or disk.get("dataVolume")
        if not source or source.get("readOnly"):
            continue
        at = origin.span((*machine.path, "disks", index, key, field))
        name = source[field]
        shared = is_stamped(machine) and copies > 1 and not _tells_apart(machine, name)
        if shared:
            message = f'{copies} machines share the disk "{name}": two writers destroy a file system'
            yield _found(rules.SHARED_CLAIM, message, at, f'write "{name}-{{index}}", or `readOnly: true`')
        elif replicated:
            message = f'{machine.replicas} replicas share the disk "{name}": two writers destroy a file system'
            yield _found(rules.SHARED_CLAIM, message, at, "choose kind VirtualMachine with count, or `readOnly: true`")


def _tells_apart(machine: Machine, name: str) -> bool:
    used = set(PLACEHOLDER.findall(name))
    needed = {key for key, values in machine.matrix.items() if len(values) > 1}
    if (machine.count or 0) > 1:
        needed.add("index")
    return needed <= used
