"""Where in a machine the field is that KubeVirt complains of.

KubeVirt's fields are not always paths: some leave `domain.devices` out, some name a part twice, some name what is not
there. What is found is the deepest part of the machine that the field leads to.
"""

import re
from collections.abc import Mapping
from typing import Any

from generator.location import FieldPath

_PART = re.compile(r"[^.\[\]]+|\[(?P<key>[^\]]*)\]")
_TEMPLATES: Mapping[str, FieldPath] = {
    "VirtualMachine": ("spec", "template"),
    "VirtualMachineInstanceReplicaSet": ("spec", "template"),
    "VirtualMachinePool": ("spec", "virtualMachineTemplate", "spec", "template"),
}
_REALLY: Mapping[str, FieldPath] = {
    "HostDevices": ("domain", "devices", "hostDevices"),
    "GPUs": ("domain", "devices", "gpus"),
    "Sound": ("domain", "devices", "sound"),
    "video": ("domain", "devices", "video"),
    "interfaces": ("domain", "devices", "interfaces"),
    "launchSecurity": ("domain", "launchSecurity"),
    "acpi": ("domain", "firmware", "acpi"),
    "nodeAffinity": ("affinity", "nodeAffinity"),
    "podAffinity": ("affinity", "podAffinity"),
    "podAntiAffinity": ("affinity", "podAntiAffinity"),
    "nameservers": ("dnsConfig", "nameservers"),
    "searchDomains": ("dnsConfig", "searches"),
    "options": ("dnsConfig", "options"),
    "dataVolumeTemplate": ("dataVolumeTemplates",),
}
_NO_FIELD: Mapping[str, FieldPath] = {"memory": ("domain", "memory"), "hugepages": ("domain", "memory")}
_MEANT: Mapping[str, FieldPath] = {"secure-boot": ("firmware", "bootloader", "efi", "secureBoot")}
"""By topic, what is meant where KubeVirt names the whole domain."""

_TWICE = re.compile(r"disks\.domain\.devices\.disks(?:\.disk)?|hyperv\.domain\.features\.hyperv|domain\.volumes")
_ONCE = {"disks": "disks", "hyperv": "hyperv", "domain": "volumes"}
_QUOTED = re.compile(r"^(spec[\w.-]*) in body ")


def object_path(machine: Mapping[str, Any], refused: str, field: str, message: str, topic: str) -> FieldPath:
    """The path of what a cause is about, in the machine itself; `refused` is the kind it was told of."""
    told = field
    if not told and (match := _QUOTED.match(message)):
        told = match[1]
    text = _TWICE.sub(lambda match: _ONCE[match[0].split(".")[0]], told)
    parts = [_item(match) for match in _PART.finditer(text)]
    kind = str(machine.get("kind"))
    template = _TEMPLATES.get(kind, ())
    inside = refused != kind or parts[:2] == ["spec", "domain"]
    if template and (inside or not parts or parts[0] not in {"spec", "metadata"}):
        parts = [*template, *(parts if parts and parts[0] in {"spec", "metadata"} else ["spec", *parts])]
    elif not parts or parts[0] not in machine:
        parts = ["spec", *parts]
    if not told:
        parts += _NO_FIELD.get(topic, ())
    parts = _derived(machine, parts)
    if parts[-1:] == ["domain"]:
        parts += _MEANT.get(topic, ())
    return _walked(machine, parts)


def _derived(machine: Mapping[str, Any], parts: list[str | int]) -> list[str | int]:
    """The field of a machine that KubeVirt makes its resources of, where the machine itself asks for none."""
    if "domain" not in parts or parts[-1] not in ("cpu", "memory") or "resources" not in parts:
        return parts
    top = parts[: parts.index("domain") + 1]
    domain: Any = machine
    for part in top:
        domain = domain.get(part) if isinstance(domain, Mapping) else None
    if not isinstance(domain, Mapping) or "resources" in domain or parts[-1] not in domain:
        return parts
    return [*top, parts[-1]]


def _item(match: re.Match[str]) -> str | int:
    key = match["key"]
    if key is None:
        return match[0]
    return int(key) if key.isdigit() else key


def _walked(machine: Mapping[str, Any], parts: list[str | int]) -> FieldPath:
    found: list[str | int] = []
    value: Any = machine
    rest = list(parts)
    while rest:
        part = rest.pop(0)
        if isinstance(value, Mapping) and part not in value and part in _REALLY:
            rest[:0] = _REALLY[str(part)]
            part = rest.pop(0)
        if isinstance(value, list) and not isinstance(part, int):
            rest.insert(0, part)  # OpenAPI names the list alone
            if len(value) != 1:
                break
            part = rest[0] if isinstance(rest[0], int) else 0
        try:
            value = value[part]
        except (LookupError, TypeError):
            break
        found.append(part)
    return tuple(found)
