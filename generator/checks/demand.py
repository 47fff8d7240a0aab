"""What one object asks of the nodes it runs on: devices and hugepages, how many copies, and which nodes it accepts.

Machines ask for the devices they name and for the hugepages of their memory; pods for what the scheduler sums up
(k8s.io/component-helpers resource.PodRequests). What runs how often is read from the kinds' own controllers: a
DaemonSet has a pod on every node that it accepts, a Job its parallelism, a CronJob that of one run.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.kube.nodes import may_match
from generator.kube.quantity import Quantity, QuantityError
from generator.kube.reading import read_json
from generator.location import FieldPath
from generator.manifest import Identity, Manifest
from generator.resolve.machines import instance_path

HUGEPAGES = "hugepages-"
_MACHINES = frozenset({"kubevirt.io", "pool.kubevirt.io"})
_MACHINE_DEVICES = ("hostDevices", "gpus", "qats")
_PODS: Mapping[tuple[str, str], FieldPath] = {
    ("", "Pod"): ("spec",),
    ("", "ReplicationController"): ("spec", "template", "spec"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template", "spec"),
}
_NOTHING = Quantity.of(0)
_TEMPLATE: FieldPath = ("spec", "template", "spec")
"""Where every other kind of workload, of Kubernetes and of others, keeps its pods."""

Amounts = tuple[tuple[str, int], ...]
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """One of several conditions on a node's labels: each expression is a key, an operator and values, all must hold."""

    expressions: tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """What an object asks for: of each of its `copies`, on nodes that it accepts.

    `amounts` are devices by resource, bytes of hugepages by `hugepages-SIZE`, devices of claims by `claim:DEVICE`.
    `item` is the part of the spec a machine was rendered for. `name` is empty for such a machine, since those of one
    part that ask for the same are one demand; others are called by their identities. `field` is the field that says
    how many there are, `pod` the place of the pod or the instance in the object.
    """

    item: FieldPath
    name: Identity | None
    amounts: Amounts
    selector: Labels
    affinity: tuple[Terms, ...]
    copies: int = 1
    each_node: bool = False
    field: FieldPath = ()
    pod: FieldPath = ()


Demands = Counter[Demand]
"""How many objects ask for the same."""


def demand_of(manifest: Manifest) -> Demand | None:
    """What an object asks for; None where that is neither devices nor hugepages."""
    identity, data = manifest.identity, manifest.data
    path = instance_path(identity.kind)
    if path is not None and identity.group in _MACHINES:
        instance = _at(data, path)
        amounts = _of_machine(instance)
        of_spec = manifest.item[:2] == ("spec", "virtualMachines")
        copies = _replicas(data), _replicas_field(data)
        return _demand(manifest, (path, instance), amounts, copies, named=not of_spec)
    path = _PODS.get((identity.group, identity.kind), _TEMPLATE)
    pod = _at(data, path)
    if not isinstance(pod.get("containers"), list):
        return None
    copies = _copies(identity, data)
    return _demand(manifest, (path, pod), _of_pod(pod), copies, each_node=identity.kind == "DaemonSet")


def _demand(
    manifest: Manifest,
    pod: tuple[FieldPath, Mapping[str, Any]],
    amounts: Mapping[str, int],
    copies: tuple[int, FieldPath],
    *,
    named: bool = True,
    each_node: bool = False,
) -> Demand | None:
    asked = tuple(sorted((name, amount) for name, amount in amounts.items() if amount > 0))
    if not asked:
        return None
    path, spec = pod
    selector = _mapping(spec.get("nodeSelector"))
    return Demand(
        item=manifest.item,
        name=manifest.identity if named else None,
        amounts=asked,
        selector=tuple(sorted((str(key), str(value)) for key, value in selector.items())),
        affinity=_affinity(spec),
        copies=copies[0],
        each_node=each_node,
        field=copies[1],
        pod=path,
    )


def _of_machine(instance: Mapping[str, Any]) -> Counter[str]:
    """Devices by their resource, or by the claim they come from, and the hugepages of the machine's memory."""
    found: Counter[str] = Counter()
    domain = _mapping(instance.get("domain"))
    devices = _mapping(domain.get("devices"))
    for key in _MACHINE_DEVICES:
        for device in _items(devices.get(key)):
            if device.get("deviceName"):
                found[str(device["deviceName"])] += 1
            elif device.get("claimName"):
                found[f"claim:{device.get('name')}"] += 1
    memory = _mapping(domain.get("memory"))
    size = _mapping(memory.get("hugepages")).get("pageSize")
    if size:
        requests = _mapping(_mapping(domain.get("resources")).get("requests"))
        found[f"{HUGEPAGES}{page_size(size)}"] += _whole(memory.get("guest", requests.get("memory")))
    return found


def _of_pod(pod: Mapping[str, Any]) -> dict[str, int]:
    """What the scheduler reserves: of all containers together, or of the most demanding moment of their start.

    An init container that restarts (a sidecar) stays, and counts from its place on. What the pod itself asks for
    counts instead of its containers'.
    """
    together: Counter[str] = Counter()
    for container in _items(pod.get("containers")):
        together.update(_requests(container))
    sidecars: Counter[str] = Counter()
    most: dict[str, int] = {}
    for container in _items(pod.get("initContainers")):
        asked = _requests(container)
        if container.get("restartPolicy") == "Always":
            sidecars.update(asked)
            moment: Mapping[str, int] = sidecars
        else:
            moment = sidecars + Counter(asked)
        for name, amount in moment.items():
            most[name] = max(most.get(name, 0), amount)
    together.update(sidecars)
    for name, amount in together.items():
        most[name] = max(most.get(name, 0), amount)
    return {**most, **{name: amount for name, amount in _requests(pod).items() if name.startswith(HUGEPAGES)}}


def _requests(container: Mapping[str, Any]) -> dict[str, int]:
    """Requests by resource; a limit alone is the request too. CPU and memory are nobody's concern here."""
    resources = _mapping(container.get("resources"))
    given = {**_mapping(resources.get("limits")), **_mapping(resources.get("requests"))}
    return {str(name): _whole(value) for name, value in given.items() if "/" in str(name) or _is_page(str(name))}


def _is_page(name: str) -> bool:
    return name.startswith(HUGEPAGES)


def _copies(identity: Identity, data: Mapping[str, Any]) -> tuple[int, FieldPath]:
    """How many pods of an object run at once, and the field that says so."""
    spec = _mapping(data.get("spec"))
    match identity.group, identity.kind:
        case "", "Pod":
            return 1, ()
        case "batch", "Job":
            return _parallel(spec, ("spec",))
        case "batch", "CronJob":
            job = _mapping(_mapping(spec.get("jobTemplate")).get("spec"))
            found = _parallel(job, ("spec", "jobTemplate", "spec"))
            return (0, ("spec", "suspend")) if spec.get("suspend") is True else found
        case _, "DaemonSet":
            return 1, ()
        case _:
            return _replicas(data), _replicas_field(data)


def _parallel(job: Mapping[str, Any], path: FieldPath) -> tuple[int, FieldPath]:
    """Pods of a Job at once: its parallelism, and no more than it has to complete; none while it is suspended."""
    parallelism, completions = _count(job.get("parallelism"), 1), job.get("completions")
    if job.get("suspend") is True:
        return 0, (*path, "suspend")
    field = (*path, "parallelism") if "parallelism" in job else ()
    return (parallelism if completions is None else min(parallelism, _count(completions, parallelism))), field


def _replicas(data: Mapping[str, Any]) -> int:
    return _count(_mapping(data.get("spec")).get("replicas"), 1)


def _replicas_field(data: Mapping[str, Any]) -> FieldPath:
    return ("spec", "replicas") if "replicas" in _mapping(data.get("spec")) else ()


def _count(value: Any, default: int) -> int:
    return max(0, value) if isinstance(value, int) and not isinstance(value, bool) else default


def _affinity(pod: Mapping[str, Any]) -> tuple[Terms, ...]:
    """What a pod requires of its node's labels: one of these terms."""
    affinity = _mapping(_mapping(pod.get("affinity")).get("nodeAffinity"))
    required = _mapping(affinity.get("requiredDuringSchedulingIgnoredDuringExecution"))
    return tuple(
        Terms(tuple(_expression(one) for one in _items(term.get("matchExpressions"))))
        for term in _items(required.get("nodeSelectorTerms"))
    )


def _expression(one: Mapping[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    values = one.get("values")
    return (
        str(one.get("key")),
        str(one.get("operator")),
        tuple(map(str, values)) if isinstance(values, list) else (),
    )


def accepts(demand: Demand, labels: Mapping[str, str]) -> bool:
    """Whether an object may run on nodes of which these labels are known; others they may have or not."""
    if any(key in labels and labels[key] != value for key, value in demand.selector):
        return False
    return not demand.affinity or any(
        all(may_match(key, operator, values, labels) for key, operator, values in terms.expressions)
        for terms in demand.affinity
    )


def is_pinned(demand: Demand, labels: Mapping[str, str]) -> bool:
    """Whether an object demands all of these labels, so that it runs on no other nodes."""
    return bool(labels) and labels.items() <= dict(demand.selector).items()


def page_size(value: Any) -> str:
    """The one way to write a size of pages: 1024Mi is 1Gi."""
    try:
        return (read_json(value) + _NOTHING).text
    except QuantityError:
        return str(value)  # the schema reports it


def _whole(value: Any) -> int:
    try:
        return max(0, read_json(value).value)
    except QuantityError:
        return 0  # the schema reports it


def _at(data: Any, path: FieldPath) -> Mapping[str, Any]:
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return _mapping(data)


def _mapping(data: Any) -> Mapping[str, Any]:
    return data if isinstance(data, dict) else {}


def _items(data: Any) -> Iterator[Mapping[str, Any]]:
    return (one for one in data if isinstance(one, dict)) if isinstance(data, list) else iter(())
