"""An answer of the program in the form of the recorded cases: verdict, pod, hostdevs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from tests.e2e.kubevirt.program import Program, Question

OVERHEAD = "kubevirt.io/memory-overhead-bytes"
BUSES = {"intel.com/qat": "3d", "intel.com/qat-dc": "6b"}
"""The resources whose devices have addresses, and the PCI bus those are on."""
REFUSAL = ("kind", "stage", "code", "reason", "message", "causes")


@dataclass(frozen=True, slots=True)
class Probe:
    """A machine to ask about, under a KubeVirt object by its name; `about` is the field or fields it varies."""

    title: str
    about: str
    kubevirt: str
    machine: Mapping[str, Any]


def resources_of(devices: Mapping[str, Any]) -> Iterator[str]:
    """The resource names a machine's devices ask for that a plugin serves, with repetition."""
    for key in ("hostDevices", "gpus"):
        entries = devices.get(key)
        for entry in entries if isinstance(entries, list) else ():
            name = entry.get("deviceName") if isinstance(entry, dict) else None
            if isinstance(name, str) and name in BUSES:
                yield name


def addresses_for(machine: Mapping[str, Any]) -> dict[str, list[str]]:
    """As many addresses of each resource as the machine asks for, as a plugin would hand them out."""
    spec: Any = machine.get("spec")
    if machine.get("kind") == "VirtualMachine":
        template = spec.get("template") if isinstance(spec, dict) else None
        spec = template.get("spec") if isinstance(template, dict) else None
    for key in ("domain", "devices"):
        spec = spec.get(key) if isinstance(spec, dict) else None
    found: dict[str, list[str]] = {}
    for name in resources_of(spec if isinstance(spec, dict) else {}):
        taken = found.setdefault(name, [])
        taken.append(f"0000:{BUSES[name]}:{1 + len(taken) // 8:02x}.{len(taken) % 8}")
    return found


class NoAnswerError(Exception):
    """The code itself failed: a panic, or a KubeVirt object it cannot read. That is no verdict."""


def case_of(program: Program, probe: Probe, kubevirts: Mapping[str, Any]) -> dict[str, Any]:
    """Ask, and record. Raises NoAnswerError."""
    addresses = addresses_for(probe.machine)
    answer = program.ask(Question(kubevirts[probe.kubevirt], probe.machine, addresses))
    if "error" in answer:
        raise NoAnswerError(answer["error"])
    case: dict[str, Any] = {
        "id": probe.title,
        "version": program.version,
        "kubevirt": probe.kubevirt,
        "object": probe.machine,
        "verdict": verdict_of(answer["admit"]),
    }
    if addresses:
        case["pciAddresses"] = addresses
    if "pod" in answer or "podError" in answer:  # replica sets and pools have none of their own
        case["pod"] = pod_of(answer)
        elements = hostdevs_of(answer)
        if elements is not None:
            case["hostdevs"] = elements
    return case


def verdict_of(admitted: list[dict[str, Any]]) -> dict[str, Any]:
    """The last step's word: what refused, or that all was allowed."""
    last = admitted[-1]
    if last["allowed"]:
        return {"allowed": True}
    return {"allowed": False, **{key: last[key] for key in REFUSAL if key in last}}


def pod_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The compute container's part of the launcher pod, or the error virt-controller meets."""
    if "podError" in answer:
        return {"error": answer["podError"]}
    pod = answer["pod"]
    compute = next(one for one in pod["spec"]["containers"] if one["name"] == "compute")
    security = compute.get("securityContext", {})
    told: dict[str, Any] = {"resources": compute["resources"]}
    overhead = pod["metadata"].get("annotations", {}).get(OVERHEAD)
    if overhead is not None:
        told["overheadBytes"] = int(overhead)
    told |= {
        "privileged": security.get("privileged", False),
        "runAsUser": security.get("runAsUser"),
        "capabilities": security.get("capabilities"),
    }
    if pod["spec"].get("resourceClaims"):
        told["resourceClaims"] = pod["spec"]["resourceClaims"]
    return told


def hostdevs_of(answer: Mapping[str, Any]) -> list[str] | None:
    """The `<hostdev>` elements in the domain; None where the domain could not be made."""
    if "domainError" in answer:
        return None
    return re.findall(r"<hostdev .*?</hostdev>", answer["domain"], flags=re.DOTALL)


def shape(element: ET.Element) -> Any:
    """An element as data: name, attributes, text, children in order."""
    return (element.tag, dict(element.attrib), (element.text or "").strip(), [shape(child) for child in element])
