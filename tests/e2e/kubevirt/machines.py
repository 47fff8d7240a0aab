"""Machines that are valid, for probes to vary: the least one, and what is laid over it."""

import copy
from typing import Any

Spec = dict[str, Any]
IMAGE = "quay.io/containerdisks/fedora:43"


def least() -> Spec:
    """One disk, one network, one device, 1Gi."""
    return {
        "domain": {
            "devices": {
                "disks": [{"name": "root", "disk": {"bus": "virtio"}}],
                "interfaces": [{"name": "default", "masquerade": {}}],
                "hostDevices": [{"name": "qat0", "deviceName": "intel.com/qat"}],
            },
            "memory": {"guest": "1Gi"},
        },
        "networks": [{"name": "default", "pod": {}}],
        "volumes": [{"name": "root", "containerDisk": {"image": IMAGE}}],
    }


def instance(spec: Spec, **metadata: Any) -> dict[str, Any]:
    """A VirtualMachineInstance."""
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachineInstance",
        "metadata": {"name": "vm0", "namespace": "default", "labels": {"app": "vm0"}, **metadata},
        "spec": spec,
    }


def machine(spec: Spec, template: dict[str, Any] | None = None, **own: Any) -> dict[str, Any]:
    """A VirtualMachine around an instance's spec; `template` is the metadata of the instance."""
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": "vm0", "namespace": "default"},
        "spec": {
            **({} if "running" in own else {"runStrategy": "Always"}),
            **own,
            "template": {"metadata": {"labels": {"app": "vm0"}, **(template or {})}, "spec": spec},
        },
    }


def merged(base: Spec, change: Spec) -> Spec:
    """A change laid over a base: mappings key by key (None takes a key out), anything else whole."""
    out = copy.deepcopy(base)
    for key, value in change.items():
        inner = out.get(key)
        if value is None:
            out.pop(key, None)
        elif isinstance(inner, dict) and isinstance(value, dict):
            out[key] = merged(inner, value)
        else:
            out[key] = copy.deepcopy(value)
    return out


def with_volume(source: str, content: Any, disk: dict[str, Any] | None = None) -> Spec:
    """The least machine with a second volume of a source, and its disk."""
    spec = least()
    spec["volumes"].append({"name": "data", source: content})
    spec["domain"]["devices"]["disks"].append({"name": "data", **(disk or {"disk": {"bus": "virtio"}})})
    return spec
