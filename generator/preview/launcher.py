"""The virt-launcher pod: what its compute container asks for, or why virt-controller would not make it.

Sources: K:pkg/virt-controller/services (template.go, renderLaunchManifest), domain facts 4.5, 4.6 and 13.1.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from packaging.version import Version

from generator.preview.cluster import Cluster
from generator.preview.machine import admitted, instance_metadata, instance_spec, is_claimed, items, mapping
from generator.preview.overhead import has_tpm, memory_overhead, network_overhead
from generator.preview.resources import DRA_AWARE, claims, container_resources

_OVERHEAD_ANNOTATED = Version("1.9")
_SIDECARS = "hooks.kubevirt.io/hookSidecars"
_JSON_KINDS: dict[type, str] = {
    dict: "object", list: "array", str: "string", bool: "bool", int: "number", float: "number",
}  # fmt: skip
_JSON_PLACES = {
    "Extra data": "after top-level value",
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Expecting ':' delimiter": "after object key",
}
"""Where Go's reader says it met a character, by what Python's says; elsewhere it looked for a value."""


class RenderError(Exception):
    """Why virt-controller cannot make the pod, in its words."""


@dataclass(frozen=True, slots=True)
class LauncherPod:
    """The compute container's requests and limits in canonical text, and the pod's security.

    `overhead` is in bytes; None for versions that do not tell it.
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
    problem = next(_problems(machine, spec, cluster), None)
    if problem is not None:
        raise RenderError(f"failed to render launch manifest: {problem}")
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
        overhead=overhead.value if cluster.release >= _OVERHEAD_ANNOTATED else None,
        run_as_user=0 if root else 107,
        capabilities={"add": ["NET_BIND_SERVICE", "SYS_NICE"]}
        if root
        else {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]},
    )


def _problems(machine: Mapping[str, Any], spec: Mapping[str, Any], cluster: Cluster) -> Iterator[str]:
    """Why the pod cannot be rendered, in the order virt-controller meets it."""
    metadata = instance_metadata(machine)
    devices = mapping(spec, "domain", "devices")
    firmware = mapping(spec, "domain", "firmware", "bootloader", "efi")
    kept = (has_tpm(devices) and mapping(devices, "tpm").get("persistent")) or firmware.get("persistent")
    if kept and cluster.claims is not None:
        yield "can't generate manifest without backend-storage PVC, waiting for the PVC to be created"
    if cluster.networks is not None and not cluster.gate("ExternalNetResourceInjection"):
        yield from _unknown_networks(spec, str(mapping(machine, "metadata").get("namespace") or "default"), cluster)
    refused = list(_not_permitted(spec, cluster))
    if refused:
        yield " ".join(refused)
    yield from _hook_problems(mapping(metadata, "annotations").get(_SIDECARS))
    for interface in items(devices, "interfaces"):
        name = mapping(interface, "binding").get("name", "")
        if "binding" in interface and name not in cluster.bindings:
            yield f"couldn't find configuration for network binding: {name}"
    yield from _volume_problems(spec, cluster)
    verbosity = mapping(metadata, "labels").get("logVerbosity")
    if verbosity is not None and not _is_number(str(verbosity)):
        yield (f'verbosity {verbosity} cannot cast to int: strconv.Atoi: parsing "{verbosity}": invalid syntax')


def _hook_problems(annotation: Any) -> Iterator[str]:
    """What Go's JSON reader says of hook sidecars that are no list of them (K:pkg/hooks, UnmarshalHookSidecarList)."""
    if annotation is None:
        return
    try:
        hooks = json.loads(annotation, parse_int=float)
    except json.JSONDecodeError as error:
        rest = annotation[error.pos :].lstrip()
        where = _JSON_PLACES.get(error.msg, "looking for beginning of value")
        yield f"invalid character '{rest[0]}' {where}" if rest else "unexpected end of JSON input"
        return
    except RecursionError:
        yield "exceeded max depth"
        return
    if hooks is not None and not isinstance(hooks, list):
        yield f"json: cannot unmarshal {_JSON_KINDS[type(hooks)]} into Go value of type hooks.HookSidecarList"
        return
    for hook in hooks or ():
        if hook is not None and not isinstance(hook, dict):
            yield f"json: cannot unmarshal {_JSON_KINDS[type(hook)]} into Go value of type hooks.HookSidecar"


def _is_number(text: str) -> bool:
    return text.removeprefix("-").removeprefix("+").isdigit()


def _unknown_networks(spec: Mapping[str, Any], namespace: str, cluster: Cluster) -> Iterator[str]:
    for network in items(spec, "networks"):
        name = mapping(network, "multus").get("networkName")
        full = name if not name or "/" in name else f"{namespace}/{name}"
        if full and full not in (cluster.networks or ()):
            yield f"failed to locate network attachment definition {full}"


def _volume_problems(spec: Mapping[str, Any], cluster: Cluster) -> Iterator[str]:
    for volume in items(spec, "volumes"):
        for name in _claim_names(volume):
            if cluster.claims is not None and name not in cluster.claims:
                yield f"didn't find PVC {name}"
        if "sysprep" in volume and not {"secret", "configMap"} & set(mapping(volume, "sysprep")):
            yield "Sysprep must have Secret or ConfigMap reference set {nil nil}"


def _claim_names(volume: Mapping[str, Any]) -> Iterator[str]:
    """The claims a volume needs before the pod is made; one that is plugged in later needs none."""
    for source, key, name in (
        (volume, "persistentVolumeClaim", "claimName"),
        (mapping(volume, "ephemeral"), "persistentVolumeClaim", "claimName"),
        (volume, "dataVolume", "name"),
    ):
        if key in source and not mapping(source, key).get("hotpluggable"):
            yield str(mapping(source, key).get(name, ""))


def _not_permitted(spec: Mapping[str, Any], cluster: Cluster) -> Iterator[str]:
    """Devices whose resource the KubeVirt object does not list; without a list nothing is denied (domain facts 3.5).

    Before 1.9 a claimed host device is looked for as well, by its empty name, and no GPU is once GPUs may be claimed.
    """
    listed = cluster.configuration.get("permittedHostDevices")
    if listed is None:
        return
    kinds = ("pciHostDevices", "mediatedDevices", "usb")
    permitted = {entry.get("resourceName") for kind in kinds for entry in items(listed, kind)}
    devices = mapping(spec, "domain", "devices")
    current = cluster.release >= DRA_AWARE
    for what, key, gate in (("GPU", "gpus", "GPUsWithDRA"), ("HostDevice", "hostDevices", "HostDevicesWithDRA")):
        on = cluster.gate(gate)
        for device in items(devices, key):
            by_claim = on and (is_claimed(device) if current else key == "gpus")
            if not by_claim and (device.get("deviceName") or "") not in permitted:
                yield f"{what} {device.get('deviceName') or ''} is not permitted in permittedHostDevices configuration"
