"""The virt-launcher pod: what its compute container asks for, or why virt-controller would not make it.

Sources: K:pkg/virt-controller/services (template.go, renderLaunchManifest), domain facts 4.5, 4.6 and 13.1.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from generator.preview import rules
from generator.preview.cluster import Cluster
from generator.preview.machine import admitted, instance_metadata, instance_spec, items, mapping
from generator.preview.overhead import memory_overhead, network_overhead
from generator.preview.refusals import Terms, refusals
from generator.preview.resources import claims, container_resources

_OVERHEAD_GATE = "VmiMemoryOverheadReport"
_OVERHEAD = "kubevirt.io/memory-overhead-bytes"


class RenderError(Exception):
    """Why virt-controller cannot make the pod, in its words."""


@dataclass(frozen=True, slots=True)
class LauncherPod:
    """The compute container's requests and limits in canonical text, and the pod's security.

    `overhead` is in bytes, as the pod's annotation kubevirt.io/memory-overhead-bytes has it: what virt-controller
    counted where the gate VmiMemoryOverheadReport is on (1.8: off, 1.9: on, unless the KubeVirt object says
    otherwise), else what the machine's own annotation says, which is copied; None where there is neither.
    """

    requests: Mapping[str, str]
    limits: Mapping[str, str]
    claims: Sequence[Mapping[str, str]] = ()
    resource_claims: Sequence[Mapping[str, Any]] = ()
    overhead: int | None = None
    run_as_user: int = 107
    privileged: bool = False
    capabilities: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]}
    )


def launcher_pod(machine: Mapping[str, Any], cluster: Cluster) -> LauncherPod:
    """The pod of a machine of any kind, or of one of its replicas. Raises RenderError."""
    spec = admitted(instance_spec(machine), cpu_request=cluster.configuration.get("cpuRequest"))
    found = next(groupby(refusals(machine, Terms.of(cluster)), lambda refusal: refusal.rule), None)
    if found is not None:
        words = [refusal.words for refusal in found[1]]
        told = " ".join(words) if found[0] is rules.NOT_PERMITTED else words[0]
        raise RenderError(f"failed to render launch manifest: {told}")
    own = memory_overhead(
        spec,
        architecture=str(spec.get("architecture") or cluster.architecture),
        ratio=cluster.configuration.get("additionalGuestMemoryOverheadRatio"),
    )
    overhead = own + network_overhead(spec, cluster.bindings)
    requests, limits = container_resources(machine, spec, cluster, overhead)
    root = cluster.gate("Root")
    return LauncherPod(
        requests={name: str(amount) for name, amount in sorted(requests.items())},
        limits={name: str(amount) for name, amount in sorted(limits.items())},
        claims=list(claims(spec, cluster)),
        resource_claims=[{"name": "", **claim} for claim in items(spec, "resourceClaims")],
        overhead=overhead.value if cluster.gate(_OVERHEAD_GATE) else _annotated_overhead(machine),
        run_as_user=0 if root else 107,
        capabilities={"add": ["NET_BIND_SERVICE", "SYS_NICE"]}
        if root
        else {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]},
    )


def _annotated_overhead(machine: Mapping[str, Any]) -> int | None:
    """The overhead that a machine's annotation claims; annotations of an instance become its pod's."""
    text = str(mapping(instance_metadata(machine), "annotations").get(_OVERHEAD) or "")
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else None
