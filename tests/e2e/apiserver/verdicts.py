"""One request put to the server and to ourselves, and how the two answers differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.policy import Verdict
from tests.support.apiserver import Answer

_OF_POLICY = "ValidatingAdmissionPolicy '"


class NotAskedError(Exception):
    """The server refused the request for a reason of its own, before any policy was asked."""


@dataclass(frozen=True)
class Said:
    """What is compared of a verdict."""

    allowed: bool
    reason: str = ""
    code: int = 0
    message: str = ""


def of_server(answer: Answer, kind: str) -> Said:
    """The policies' verdict in an answer; that the object is there already is said after they agreed.

    Raises NotAskedError with the server's reason where it is not one of policies.
    """
    if answer.ok or answer.status == 409:
        return Said(True)
    if _OF_POLICY not in answer.message:
        raise NotAskedError(f"{kind}: {answer.reason}: {answer.message}")
    return Said(False, answer.reason, answer.status, answer.message)


def of_ours(verdict: Verdict) -> Said:
    """Our verdict, in the same form; what we leave open is a message nobody else says."""
    if verdict.unknown:
        return Said(False, message=f"undecided: {verdict.unknown}")
    return Said(True) if verdict.allowed else Said(False, verdict.reason, verdict.code, verdict.message)


def apart(ours: Said, theirs: Said) -> Iterator[str]:
    """Where two answers differ."""
    for field in ("allowed", "reason", "code", "message"):
        mine, other = getattr(ours, field), getattr(theirs, field)
        if mine != other:
            yield f"{field}: ours {mine!r}, the server's {other!r}"


def as_kind(machine: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """A VirtualMachine as another kind that holds the same machine."""
    metadata = {key: machine["metadata"][key] for key in ("name", "namespace")}
    spec = machine["spec"]
    labels = {"app": "machine"}
    match kind:
        case "VirtualMachine":
            return dict(machine)
        case "VirtualMachineInstance":
            body = {**spec["template"].get("metadata", {}), **metadata}
            return {"apiVersion": "kubevirt.io/v1", "kind": kind, "metadata": body, "spec": spec["template"]["spec"]}
        case "VirtualMachineInstanceReplicaSet":
            template = {**spec["template"], "metadata": {"labels": labels}}
            inner = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
            return {"apiVersion": "kubevirt.io/v1", "kind": kind, "metadata": metadata, "spec": inner}
        case "VirtualMachinePool":
            inner = {
                "replicas": 1,
                "selector": {"matchLabels": labels},
                "virtualMachineTemplate": {"metadata": {"labels": labels}, "spec": spec},
            }
            return {"apiVersion": "pool.kubevirt.io/v1beta1", "kind": kind, "metadata": metadata, "spec": inner}
        case _:
            raise ValueError(kind)
