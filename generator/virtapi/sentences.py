"""What is wrong with a value that KubeVirt refuses, in a sentence with the value as it is written, by topic."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from generator.virtapi.cluster import get
from generator.virtapi.guest import RESERVED_LABELS
from generator.virtapi.numbers import AmountError, amount
from generator.virtapi.refusal import THINGS, Object, Refused, Words, shown

_BINDINGS = ("masquerade", "bridge", "sriov", "passtBinding", "slirp", "passt", "macvtap")
_UNITS = (("Ti", 1 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10), ("", 1))
_GATE = re.compile(r"\b(?P<name>[A-Z]\w+(?: [A-Z]\w+)*) feature gate")
_GATES = {"Host Devices": "HostDevices", "Panic Devices": "PanicDevices"}
"""Gates that KubeVirt's messages write otherwise than its configuration."""
_OTHERWISE = {
    "sidecar feature gate": "Sidecar",
    "Reserved overhead memlock feature gate": "ReservedOverheadMemlock",
    "virtiofs feature gate": "EnableVirtioFsStorageVolumes",
    "DRA enabled GPUs": "GPUsWithDRA",
    "DRA enabled HostDevices": "HostDevicesWithDRA",
}
"""Gates by words of the messages that do not name them."""
_ANNOTATION = re.compile(r"\.annotations\.(?P<name>\S+)$")


def _hugepages(refused: Refused) -> Words | None:
    spec = refused.spec
    page = get(spec, "domain", "memory", "hugepages", "pageSize")
    fields = (("resources", "requests", "memory"), ("memory", "guest"), ("resources", "limits", "memory"))
    field = next((one for one in fields if get(spec, "domain", *one) is not None), None)
    try:
        size = amount(str(page)).value
        memory = amount(str(get(spec, "domain", *field))).value if field else 0
    except AmountError:
        return None
    if size < 1:
        path = refused.below("domain", "memory", "hugepages", "pageSize")
        return Words(f"a huge page of {page} holds nothing", "write hugepages 2Mi or 1Gi", path)
    if field is None or memory % size == 0:
        return None
    written = get(spec, "domain", *field)
    what = "memory" if field == ("memory", "guest") else ".".join(field)
    less = memory < size
    reason = f"is less than one huge page of {page}" if less else f"is not a multiple of the huge page size {page}"
    below, above = memory // size * size, (memory // size + 1) * size
    amounts = " or ".join(_binary(number) for number in (below, above) if number)
    smaller = ", or hugepages 2Mi" if size == 1 << 30 and memory % (1 << 21) == 0 else ""
    hint = f"write {field[-1] if what == 'memory' else what} {amounts}{smaller}"
    return Words(f"{what} {written} {reason}", hint, refused.below("domain", *field))


def _binary(number: int) -> str:
    unit, size = next((unit, size) for unit, size in _UNITS if number % size == 0)
    return f"{number // size}{unit}"


def _memory(refused: Refused) -> Words | None:
    if refused.cause.field:
        return None
    return Words("nothing says how much memory the machine has", "write `memory: {guest: 4Gi}`")


def _binding(refused: Refused) -> Words | None:
    length = next((n for n in range(len(refused.path), 0, -1) if refused.path[n - 2 : n - 1] == ("interfaces",)), 0)
    interface = refused.at(refused.path[:length])
    if not length or not isinstance(interface, Mapping):
        return None
    methods = [method for method in _BINDINGS if method in interface]
    methods += [f"the plugin {shown(get(interface, 'binding', 'name'))}"] if "binding" in interface else []
    thing = f"interface {shown(interface.get('name'))}"
    if len(methods) != 1:
        return Words(f"{thing} has {'the bindings ' + ' and '.join(methods) if methods else 'no binding'}")
    [method] = methods
    path = (*refused.path[:length], method) if method in interface else refused.path
    empty: Object = {}
    network = next((one for one in refused.items("networks") if one.get("name") == interface.get("name")), empty)
    if "discontinued" in refused.cause.message:
        return Words(f"{thing} has the binding {method}, which KubeVirt no longer has", path=path)
    if "pod" in network:
        words = f"{thing} has the binding {method}, which this cluster does not allow on the pod network"
        return Words(words, "write `binding: masquerade`", path)
    where = get(network, "multus", "networkName")
    on = f"network {shown(where)}" if where else "a network that is not the pod network"
    words = f"{thing} has the binding {method}, which is for the pod network, and is on {on}"
    return Words(words, "write `binding: bridge`, or `sriov` for a network of SR-IOV devices", path)


def _network(refused: Refused) -> Words | None:
    if not refused.cause.message.startswith("more than one interface"):
        return None
    names = [one.get("name") for one in refused.items("networks") if "pod" in one]
    given = refused.items("domain", "devices", "interfaces")
    second = next((n for n, one in enumerate(given) if one.get("name") in names[1:]), None)
    path = refused.path if second is None else refused.below("domain", "devices", "interfaces", second)
    every = "both" if len(names) == 2 else "all"
    sentence = f"interfaces {' and '.join(map(shown, names))} are {every} on the pod network, which takes one"
    return Words(sentence, f"write a Multus network for {' and '.join(map(shown, names[1:]))}", path)


def _boot_order(refused: Refused) -> Words | None:
    order = refused.value
    if not isinstance(order, int):
        return _interface_order(refused)
    if order < 1:
        sentence = f"{refused.thing} has bootOrder {order}, and they begin at 1"
        return Words(sentence, "write 1, or leave bootOrder out", refused.path)
    taken = [
        f"{THINGS[key]} {shown(item.get('name'))}"
        for key in ("disks", "interfaces")
        for item in refused.items("domain", "devices", key)
        if item.get("bootOrder") == order
    ]
    others = [one for one in taken if one != refused.thing]
    if not others:
        return None
    return Words(f"{refused.thing} has bootOrder {order}, which {others[0]} has as well", "number them differently")


def _interface_order(refused: Refused) -> Words | None:
    """Of an interface's order KubeVirt's field has the number alone."""
    for index, interface in enumerate(refused.items("domain", "devices", "interfaces")):
        order = interface.get("bootOrder")
        if isinstance(order, int) and order < 1:
            path = refused.below("domain", "devices", "interfaces", index, "bootOrder")
            return _boot_order(replace(refused, path=path))
    return None


def _dedicated(refused: Refused) -> Words | None:
    cpu = get(refused.spec, "domain", "cpu") or {}
    threads = cpu.get("threads")
    if refused.cause.message.startswith("Not more than two threads"):
        path = refused.below("domain", "cpu", "threads")
        return Words(f"a machine with dedicated CPUs has {threads} threads per core", "write threads 1 or 2", path)
    if refused.cause.message.startswith("either "):
        sentence = "the machine has dedicated CPUs, and nothing says how many"
        return Words(sentence, "write `cpu: {cores: 2, dedicated: true}`, with the number it needs")
    if refused.cause.message.startswith("IsolateEmulatorThread"):
        sentence = "isolateEmulatorThread is set on a machine without dedicated CPUs"
        return Words(sentence, "write `dedicated: true` under cpu, or remove isolateEmulatorThread")
    return None


def _numa(refused: Refused) -> Words | None:
    needs = "hugepages" if "hugepages must be" in refused.cause.message else "dedicated CPUs"
    return Words(f"guestMappingPassthrough is set on a machine without {needs}")


def _gate(refused: Refused) -> Words | None:
    message = refused.cause.message
    gate = next((gate for words, gate in _OTHERWISE.items() if words in message), "")
    match = _GATE.search(message)
    if not gate and match is not None:
        gate = _GATES.get(match["name"], match["name"].replace(" ", ""))
    if not gate:
        return None
    annotation = _ANNOTATION.search(message)
    if annotation is not None:
        name = annotation["name"]
        hint = f"add {gate} to kubevirt.featureGates, or remove the annotation"
        return Words(f"annotation {name} needs the feature gate {gate}, which is off", hint, (*refused.path, name))
    what = ": ".join(part for part in (refused.thing, refused.field) if part not in ("", "spec", "domain", "devices"))
    hint = f"add {gate} to kubevirt.featureGates, or remove {refused.field or 'what needs it'}"
    return Words(f"{what or 'the machine'} needs the feature gate {gate}, which is off", hint)


def _cloud_init(refused: Refused) -> Words | None:
    source = refused.value
    match = re.search(r"exceeds (\d+) byte limit", refused.cause.message)
    if match is None or not isinstance(source, Mapping):
        return None
    sizes = {key: len(str(source[key]).encode("utf-8", "surrogatepass")) for key in source if key.endswith("Data")}
    long = {key: size for key, size in sizes.items() if size > int(match[1])}
    if not long:
        return None
    key, size = next(iter(long.items()))
    sentence = f"{key} of {refused.thing} has {size:,} bytes, and at most {int(match[1]):,} are allowed"
    return Words(sentence, f"put it into a Secret and name that as {key}Secret", (*refused.path, key))


def _label(refused: Refused) -> Words | None:
    labels = sorted(RESERVED_LABELS & set(refused.value)) if isinstance(refused.value, Mapping) else []
    if not labels:
        return None
    keeps = "a label" if len(labels) == 1 else "labels"
    sentence = f"{', '.join(labels)} {'is' if len(labels) == 1 else 'are'} {keeps} that KubeVirt sets itself"
    return Words(sentence, f"remove {' and '.join(labels)}", (*refused.path, labels[0]))


def _run_strategy(refused: Refused) -> Words | None:
    holder = refused.at(("spec",))
    if not isinstance(holder, Mapping):
        return None
    if "running" in holder and "runStrategy" in holder:
        strategy = shown(holder["runStrategy"])
        return Words(f"running is {shown(holder['running'])} and runStrategy is {strategy}", "remove running")
    if "runStrategy" in holder:
        return Words(f"KubeVirt has no runStrategy {shown(holder['runStrategy'])}")
    return Words("the machine has no runStrategy", "write `runStrategy: Always`")


def _no_such(what: str, who: str = "KubeVirt has") -> Callable[[Refused], Words | None]:
    """A sentence for a value that is none of those allowed."""

    def say(refused: Refused) -> Words | None:
        value = refused.value
        if value is None or isinstance(value, Mapping | list):
            return None
        start = f"{refused.thing}: " if refused.thing else ""
        return Words(f"{start}{who} no {what} {shown(value)}")

    return say


def _dns_name(refused: Refused) -> Words | None:
    if not isinstance(refused.value, str):
        return None
    kind = "DNS label" if refused.field.endswith("hostname") else "DNS subdomain"
    return Words(f"{refused.field} {shown(refused.value)} is not a {kind}")


def _host_device(refused: Refused) -> Words | None:
    """KubeVirt names the list; the first of its devices that is asked for in no way, or in two, is meant."""
    key = refused.path[-1] if refused.path else ""
    devices = refused.value if isinstance(refused.value, list) else []
    both = "both" in refused.cause.message
    for index, device in enumerate(devices):
        given = [name for name in ("deviceName", "claimName") if isinstance(device, Mapping) and name in device]
        if len(given) == (2 if both else 0):
            thing = f"{THINGS.get(str(key), 'device')} {shown(device.get('name')) if device else index + 1}"
            names = "both deviceName and claimName" if both else "neither a device nor a claim"
            return Words(f"{thing} names {names}", path=(*refused.path, index))
    return None


def _unknown_field(refused: Refused) -> Words | None:
    match = re.fullmatch(r'unknown field "(.+)"', refused.cause.message)
    return Words(f'machines have no field "{match[1].rpartition(".")[2]}"') if match else None


SENTENCES: Mapping[str, Callable[[Refused], Words | None]] = {
    "architecture": _no_such("architecture", "KubeVirt runs on"),
    "binding": _binding,
    "boot-order": _boot_order,
    "cloud-init": _cloud_init,
    "dedicated-cpu": _dedicated,
    "eviction": _no_such("evictionStrategy"),
    "gate": _gate,
    "host-device": _host_device,
    "hugepages": _hugepages,
    "io-threads": _no_such("IO threads policy"),
    "label": _label,
    "machine-type": _no_such("machine type", "the cluster supports"),
    "memory": _memory,
    "name": _dns_name,
    "network": _network,
    "numa": _numa,
    "panic-device": _no_such("panic device model"),
    "run-strategy": _run_strategy,
    "start-strategy": _no_such("startStrategy"),
    "unknown-field": _unknown_field,
}
"""By topic; a new topic adds its function here, or is named by its thing, field and value."""
