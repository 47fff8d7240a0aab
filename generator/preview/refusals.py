"""Why virt-controller would not make the pod of a machine that virt-api accepted.

Sources: kubevirt pkg/virt-controller/services (template.go, renderLaunchManifest; renderresources.go,
validatePermittedHostDevices), pkg/hooks (UnmarshalHookSidecarList), pkg/network/netbinding.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.digits import whole
from generator.finding import Rule, did_you_mean
from generator.location import FieldPath
from generator.preview import rules
from generator.preview.cluster import Cluster
from generator.preview.machine import instance_path, is_claimed, items
from generator.preview.overhead import has_tpm
from generator.preview.resources import DRA_AWARE

_SIDECARS = "hooks.kubevirt.io/hookSidecars"
_VERBOSITY = "logVerbosity"
_WHOLE = re.compile("[+-]?[0-9]+")
_JSON_KINDS: dict[type, str] = {
    dict: "object", list: "array", str: "string", bool: "bool", int: "number", float: "number",
}  # fmt: skip
_JSON_PLACES = {
    "Extra data": "after top-level value",
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Expecting ':' delimiter": "after object key",
}
"""Where Go's reader says it met a character, by what Python's says; elsewhere it looked for a value."""
_HOOK_TEXTS = ("image", "imagePullPolicy")
_HOOK_LISTS = ("command", "args")
_HOOK_PARTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "configMap": ("ConfigMap", ("name", "key", "hookPath")),
    "pvc": ("PVC", ("name", "volumePath", "sharedComputePath")),
}
"""Fields of a hook sidecar: text, lists of text, structures of text by their Go types (pkg/hooks, HookSidecar)."""
"""Numbers that an int of Go holds are below this one."""
_NOTHING: Mapping[str, Any] = {}
_PERMITTED_KINDS = ("pciHostDevices", "mediatedDevices", "usb")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why the pod is not made: what is wrong in our words, virt-controller's `words`, the object's field.

    `rule` is None where the machine only waits for what does not exist yet.
    """

    rule: Rule | None
    message: str
    words: str
    hint: str
    path: FieldPath


@dataclass(frozen=True, slots=True)
class Terms:
    """What a cluster's virt-controller compares machines with, looked up once.

    `permitted` are the resources of permittedHostDevices, None where the KubeVirt object has no such list, which
    permits everything. `bindings` are the binding plugins it configures, None where the object is not known. `claims`
    and `networks` are what exists, None where everything is taken to.
    """

    permitted: frozenset[str] | None
    bindings: frozenset[str] | None
    gpus_by_claim: bool
    devices_by_claim: bool
    claimed_alone: bool
    claims: frozenset[str] | None = None
    networks: frozenset[str] | None = None

    @classmethod
    def of(cls, cluster: Cluster, *, known: bool = True) -> "Terms":
        """The terms of a cluster; unless its KubeVirt object is `known`, what the object could permit is permitted."""
        listed = cluster.configuration.get("permittedHostDevices")
        names = {str(entry.get("resourceName")) for kind in _PERMITTED_KINDS for entry in items(listed, kind)}
        current = cluster.release >= DRA_AWARE
        injected = cluster.networks is None or cluster.gate("ExternalNetResourceInjection")
        return cls(
            permitted=frozenset(names) if known and listed is not None else None,
            bindings=frozenset(cluster.bindings) if known else None,
            gpus_by_claim=cluster.gate("GPUsWithDRA"),
            devices_by_claim=current and cluster.gate("HostDevicesWithDRA"),
            claimed_alone=current,
            claims=cluster.claims,
            networks=None if injected else cluster.networks,
        )


def refusals(machine: Mapping[str, Any], terms: Terms) -> Iterator[Refusal]:
    """Every reason why a machine's pod is not made, in the order virt-controller finds them."""
    at = instance_path(machine)
    holder = _part(machine, *map(str, at[:-1]))
    spec, metadata = _part(holder, "spec"), _part(holder, "metadata")
    yield from _backend(spec, terms, at)
    if terms.networks is not None:
        yield from _networks(machine, spec, terms.networks, at)
    if terms.permitted is not None:
        yield from _devices(spec, terms, terms.permitted, at)
    annotations, labels = _part(metadata, "annotations"), _part(metadata, "labels")
    of_metadata = (*at[:-1], "metadata")
    if annotations.get(_SIDECARS) is not None:
        yield from _sidecars(annotations[_SIDECARS], (*of_metadata, "annotations", _SIDECARS))
    if terms.bindings is not None:
        yield from _bindings(spec, terms.bindings, at)
    yield from _volumes(spec, terms, at)
    if labels.get(_VERBOSITY) is not None:
        yield from _verbosity(str(labels[_VERBOSITY]), (*of_metadata, "labels", _VERBOSITY))


def _backend(spec: Mapping[str, Any], terms: Terms, at: FieldPath) -> Iterator[Refusal]:
    devices = _part(spec, "domain", "devices")
    firmware = _part(spec, "domain", "firmware", "bootloader", "efi")
    persistent_tpm = has_tpm(devices) and _part(devices, "tpm").get("persistent")
    if terms.claims is not None and (persistent_tpm or firmware.get("persistent")):
        words = "can't generate manifest without backend-storage PVC, waiting for the PVC to be created"
        yield Refusal(None, "persistent TPM or EFI state needs a claim of its own", words, "", at)


def _networks(
    machine: Mapping[str, Any], spec: Mapping[str, Any], known: frozenset[str], at: FieldPath
) -> Iterator[Refusal]:
    namespace = str(_part(machine, "metadata").get("namespace") or "default")
    for index, network in _indexed(spec, "networks"):
        name = _part(network, "multus").get("networkName")
        full = name if not name or "/" in name else f"{namespace}/{name}"
        if full and full not in known:
            path = (*at, "networks", index, "multus", "networkName")
            words = f"failed to locate network attachment definition {full}"
            message = f'there is no NetworkAttachmentDefinition "{full}"'
            yield Refusal(None, message, words, did_you_mean(full, known), path)


def _devices(spec: Mapping[str, Any], terms: Terms, permitted: frozenset[str], at: FieldPath) -> Iterator[Refusal]:
    """Devices whose resource the KubeVirt object does not list.

    Before 1.9 a claimed host device is looked for as well, by its empty name, and no GPU is once GPUs may be claimed.
    """
    for what, key, on in (("GPU", "gpus", terms.gpus_by_claim), ("HostDevice", "hostDevices", terms.devices_by_claim)):
        for index, device in _indexed(spec, "domain", "devices", key):
            by_claim = on and (is_claimed(device) if terms.claimed_alone else key == "gpus")
            name = str(device.get("deviceName") or "")
            if not by_claim and name not in permitted:
                path = (*at, "domain", "devices", key, index, *(("deviceName",) if name else ()))
                words = f"{what} {name} is not permitted in permittedHostDevices configuration"
                yield Refusal(
                    rules.NOT_PERMITTED, _not_permitted(device, name, key), words, _permit(name, permitted), path
                )


def _not_permitted(device: Mapping[str, Any], name: str, key: str) -> str:
    label = f'{"GPU" if key == "gpus" else "host device"} "{device.get("name") or ""}"'
    if not name:
        return f"{label} is asked for by a claim, which permittedHostDevices does not list in this release"
    return f"{label} asks for {name}, which permittedHostDevices of the KubeVirt object does not list"


def _permit(name: str, permitted: frozenset[str]) -> str:
    if not name:
        return "remove permittedHostDevices, or ask for the device by name"
    near = did_you_mean(name, permitted) if permitted else ""
    add = f"add {name} to kubevirt.permittedHostDevices"
    return f"{add}, or correct the name: {near}" if near else add


def _sidecars(annotation: Any, path: FieldPath) -> Iterator[Refusal]:
    """What Go's JSON reader says of hook sidecars that are not a list of them."""
    words = next(_json_problems(annotation), None)
    if words is not None:
        message = f"the annotation {_SIDECARS} is not a JSON list of sidecars"
        hint = 'write a list, such as [{"image": "registry.example.com/hook:1"}]'
        yield Refusal(rules.HOOK_SIDECARS, message, words, hint, path)


class _ConstantError(ValueError):
    """NaN or Infinity, which JSON does not have; the message is the character that Go's reader stops at, and where."""


def _no_constant(word: str) -> float:
    where = "in numeric literal" if word.startswith("-") else "looking for beginning of value"
    raise _ConstantError(f"'{word.removeprefix('-')[0]}' {where}")


def _json_problems(annotation: Any) -> Iterator[str]:
    try:
        hooks = json.loads(annotation, parse_int=float, parse_constant=_no_constant)
    except _ConstantError as error:
        yield f"invalid character {error}"
        return
    except json.JSONDecodeError as error:
        rest = "" if error.msg.startswith("Unterminated") else annotation[error.pos :].lstrip()
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
            return
        yield from (
            f"json: cannot unmarshal {_JSON_KINDS[type(value)]} into Go struct field {field} of type {wanted}"
            for value, field, wanted in _misread(hook or {})
        )


def _misread(hook: Mapping[str, Any]) -> Iterator[tuple[Any, str, str]]:
    """Values of a hook sidecar whose type differs from that of the field, with both; null means no value."""
    for key in _HOOK_TEXTS:
        yield from _no_text(hook.get(key), f"HookSidecar.{key}")
    for key in _HOOK_LISTS:
        given = hook.get(key)
        if isinstance(given, list):
            for value in given:
                yield from _no_text(value, f"HookSidecar.{key}")
        elif given is not None:
            yield given, f"HookSidecar.{key}", "[]string"
    for key, (kind, names) in _HOOK_PARTS.items():
        given = hook.get(key)
        if isinstance(given, dict):
            for name in names:
                yield from _no_text(given.get(name), f"{kind}.{key}.{name}")
        elif given is not None:
            yield given, f"HookSidecar.{key}", f"hooks.{kind}"


def _no_text(value: Any, field: str) -> Iterator[tuple[Any, str, str]]:
    if value is not None and not isinstance(value, str):
        yield value, field, "string"


def _bindings(spec: Mapping[str, Any], known: frozenset[str], at: FieldPath) -> Iterator[Refusal]:
    for index, interface in _indexed(spec, "domain", "devices", "interfaces"):
        if interface.get("binding") is None:
            continue
        name = str(_part(interface, "binding").get("name") or "")
        if name not in known:
            path = (*at, "domain", "devices", "interfaces", index, "binding")
            message = f'interface "{interface.get("name") or ""}" uses the binding plugin "{name}", which the KubeVirt '
            message += "object does not configure"
            hint = f"add it to spec.configuration.network.binding of the KubeVirt object{_or_near(name, known)}"
            words = f"couldn't find configuration for network binding: {name}"
            yield Refusal(rules.NO_BINDING, message, words, hint, path)


def _or_near(name: str, known: frozenset[str]) -> str:
    near = did_you_mean(name, known) if known else ""
    return f"; {near}" if near else ""


def _volumes(spec: Mapping[str, Any], terms: Terms, at: FieldPath) -> Iterator[Refusal]:
    for index, volume in _indexed(spec, "volumes"):
        path = (*at, "volumes", index)
        for name in _claim_names(volume):
            if terms.claims is not None and name not in terms.claims:
                yield Refusal(None, f'there is no claim "{name}"', f"didn't find PVC {name}", "", path)
        if volume.get("sysprep") is not None and not _refers(volume["sysprep"]):
            message = f'the sysprep volume "{volume.get("name") or ""}" names neither a Secret nor a ConfigMap'
            hint = "write `sysprep: {secret: {name: NAME}}`, or configMap"
            words = "Sysprep must have Secret or ConfigMap reference set {nil nil}"
            yield Refusal(rules.NO_SYSPREP, message, words, hint, (*path, "sysprep"))


def _refers(sysprep: Any) -> bool:
    return any(_part({"": sysprep}, "").get(key) is not None for key in ("secret", "configMap"))


def _claim_names(volume: Mapping[str, Any]) -> Iterator[str]:
    """The claims a volume needs before the pod is made; one that is plugged in later needs none."""
    for source, key, name in (
        (volume, "persistentVolumeClaim", "claimName"),
        (_part(volume, "ephemeral"), "persistentVolumeClaim", "claimName"),
        (volume, "dataVolume", "name"),
    ):
        if source.get(key) is not None and not _part(source, key).get("hotpluggable"):
            yield str(_part(source, key).get(name) or "")


def _verbosity(text: str, path: FieldPath) -> Iterator[Refusal]:
    number = _WHOLE.fullmatch(text)
    if number is None or not -(2**63) <= whole(text) < 2**63:
        wrong, what = (
            ("invalid syntax", "not a whole number") if number is None else ("value out of range", "too large")
        )
        words = f'verbosity {text} cannot cast to int: strconv.Atoi: parsing "{text}": {wrong}'
        message = f'the label {_VERBOSITY} is "{text}", {what}'
        yield Refusal(rules.LOG_VERBOSITY, message, words, 'write a number, such as "3"', path)


def _part(data: Any, *path: str) -> Mapping[str, Any]:
    """The mapping at a path, not copied; an empty one where there is none."""
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else _NOTHING


def _indexed(data: Any, *path: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The mappings of the list at a path, each with its place in it."""
    *parents, last = path
    found = _part(data, *parents).get(last)
    if isinstance(found, list):
        yield from ((index, item) for index, item in enumerate(found) if isinstance(item, dict))
