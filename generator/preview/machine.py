"""The spec of the instance inside a machine of any kind, with the topology KubeVirt gives it by default."""

from collections.abc import Mapping
from typing import Any

from generator.quantity import parse

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


def admitted(spec: dict[str, Any]) -> dict[str, Any]:
    """An instance's spec as the mutating webhook leaves it, as far as the pod is concerned.

    A CPU limit without a request is the request too (seen when KubeVirt's code was run).
    """
    resources = mapping(spec, "domain", "resources")
    limits, requests = mapping(resources, "limits"), mapping(resources, "requests")
    if not parse(limits.get("cpu", 0)) or parse(requests.get("cpu", 0)):
        return spec
    requests["cpu"] = limits["cpu"]
    return {**spec, "domain": {**mapping(spec, "domain"), "resources": {**resources, "requests": requests}}}


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


def vcpus(spec: Mapping[str, Any]) -> int:
    """VCPUs of an instance: cores × sockets × threads.

    Where no topology is given, the mutating webhook makes sockets of the CPU limit, else of the request, rounded up,
    else one (K:pkg/defaults, setDefaultCPUTopology).
    """
    cpu = mapping(spec, "domain", "cpu")
    given = [cpu.get(key) for key in ("cores", "sockets", "threads")]
    if any(given):
        cores, sockets, threads = (int(value or 1) for value in given)
        return cores * sockets * threads
    resources = mapping(spec, "domain", "resources")
    for key in ("limits", "requests"):
        if "cpu" in mapping(resources, key):
            return max(1, parse(mapping(resources, key)["cpu"]).value())
    return 1
