"""The spec of the instance inside a machine of any kind, with the topology KubeVirt gives it by default."""

import math
from collections.abc import Mapping
from typing import Any

from generator.kube.quantity import Quantity
from generator.kube.reading import parse, read_json
from generator.location import FieldPath

_PATHS = {
    "VirtualMachineInstance": ("spec",),
    "VirtualMachine": ("spec", "template", "spec"),
    "VirtualMachineInstanceReplicaSet": ("spec", "template", "spec"),
    "VirtualMachinePool": ("spec", "virtualMachineTemplate", "spec", "template", "spec"),
}


def instance_spec(machine: Mapping[str, Any]) -> dict[str, Any]:
    """The VirtualMachineInstance spec of a machine; an empty mapping where a kind holds none."""
    value: Any = machine
    for part in _PATHS.get(str(machine.get("kind")), ("spec",)):
        value = value.get(part) if isinstance(value, Mapping) else None
    return dict(value) if isinstance(value, Mapping) else {}


def instance_path(machine: Mapping[str, Any]) -> FieldPath:
    """Where that spec is in the machine."""
    return _PATHS.get(str(machine.get("kind")), ("spec",))


def instance_metadata(machine: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of the instance inside a machine: the machine's own, or those of its template."""
    path = _PATHS.get(str(machine.get("kind")), ("spec",))
    return mapping(machine, *path[:-1], "metadata")


def instance_type_of(machine: Mapping[str, Any]) -> str | None:
    """The instance type a machine names, which brings what only its cluster knows; None without one."""
    spec = mapping(machine, "spec")
    named = mapping(spec.get("virtualMachineTemplate") or machine, "spec", "instancetype").get("name")
    return str(named) if named else None


def admitted(spec: Mapping[str, Any], *, cpu_request: str | None = None) -> dict[str, Any]:
    """An instance's spec as the mutating webhook leaves it, as far as the pod is concerned.

    What is null or an empty list is gone, since the webhook writes the spec anew. A CPU limit without a request is
    the request too; `cpu_request` is the KubeVirt object's own default; guest memory comes from what is requested,
    else limited, else one huge page (K:pkg/defaults, setDefaultResourceRequests and setGuestMemory).
    """
    cleaned = _without_nulls(spec)
    domain = mapping(cleaned, "domain")
    resources = mapping(domain, "resources")
    limits, requests = mapping(resources, "limits"), mapping(resources, "requests")
    if amount(limits.get("cpu")) and not amount(requests.get("cpu")):
        requests["cpu"] = limits["cpu"]
    elif cpu_request and "cpu" not in requests and mapping(domain, "cpu").get("dedicatedCpuPlacement") is not True:
        requests["cpu"] = cpu_request
    memory = mapping(domain, "memory")
    if "guest" not in memory:
        page = mapping(memory, "hugepages").get("pageSize")
        given = next((text for text in (requests.get("memory"), limits.get("memory"), page) if amount(text)), None)
        memory |= {} if given is None else {"guest": given}
    parts = {"resources": {**resources, "limits": limits, "requests": requests}, "memory": memory}
    return {**cleaned, "domain": {**domain, **parts}}


def _without_nulls(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {key: _without_nulls(value) for key, value in data.items() if value is not None}
    return [_without_nulls(item) for item in data] if isinstance(data, list) else data


def amount(text: Any) -> Quantity:
    """A quantity of a machine; none is nothing.

    It is read twice, since the mutating webhook writes the spec anew: 1.5Ki becomes 1536, which is decimal.
    """
    if text is None:
        return Quantity.of(0)
    return parse(read_json(text).text)


def mapping(data: Any, *path: str) -> dict[str, Any]:
    """The mapping at a path; an empty one where there is none."""
    for part in path:
        data = data.get(part) if isinstance(data, Mapping) else None
    return dict(data) if isinstance(data, Mapping) else {}


def items(data: Any, *path: str) -> list[dict[str, Any]]:
    """The mappings of the list at a path."""
    *parents, last = path
    found = mapping(data, *parents).get(last)
    return [dict(item) for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def is_claimed(device: Mapping[str, Any]) -> bool:
    """Whether a device names a claim; empty names are dropped when the spec is written anew."""
    return bool(device.get("claimName") or device.get("requestName"))


def vcpus(spec: Mapping[str, Any]) -> int:
    """VCPUs of an admitted instance: cores × sockets × threads, in 32 bits as KubeVirt multiplies them.

    Where no topology is given, the mutating webhook makes sockets of the CPU limit, else of the request, rounded up,
    else one (K:pkg/defaults, SetDefaultGuestCPUTopology; K:pkg/util/hardware, GetNumberOfVCPUs).
    """
    cpu = mapping(spec, "domain", "cpu")
    given = [int(cpu.get(key) or 0) for key in ("cores", "sockets", "threads")]
    if any(given):
        return math.prod(value for value in given if value) % (1 << 32)
    resources = mapping(spec, "domain", "resources")
    for key in ("limits", "requests"):
        if "cpu" in mapping(resources, key):
            return amount(mapping(resources, key)["cpu"]).value % (1 << 32) or 1
    return 1
