"""Fields that controllers and defaulting webhooks fill in: differences Argo CD is to leave alone.

A field is left alone only where no object of the delivery states it: what stands in Git stays Git's. What a controller
owns is named by its field manager, so a field that Git states too is still compared. Sources: K is KubeVirt, I Intel's
device plugins.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

EACH = "*"
"""Stands for every item of a list."""

Path = tuple[str, ...]
Stated = tuple[str, str, Path]
"""Group, kind and a path of the table that some object of the kind states."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What is filled in on objects of one kind: by which field managers, in which fields, and the source."""

    group: str
    kind: str
    managers: tuple[str, ...] = ()
    fields: tuple[Path, ...] = ()
    source: str = ""


_WEBHOOKS = tuple(
    Filled(
        "admissionregistration.k8s.io",
        kind,
        fields=(("webhooks", EACH, "clientConfig", "caBundle"),),
        source="cert-manager's CA injector and others write the bundle of the service's certificate",
    )
    for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
)
_INTEL_DEFAULTS = ("dpdkDriver", "image", "initImage", "kernelVfDrivers", "logLevel", "maxNumDevices")
_CONTROLLER = ("virt-controller",)
_TEMPLATE: Path = ("spec", "template")
_INSTANCE: Path = (*_TEMPLATE, "spec")
TABLE: tuple[Filled, ...] = (
    *_WEBHOOKS,
    Filled(
        "apps",
        "DaemonSet",
        fields=(("metadata", "annotations", "deprecated.daemonset.template.generation"),),
        source="K8s: pkg/apis/apps/v1/conversion.go",
    ),
    Filled(
        "deviceplugin.intel.com",
        "QatDevicePlugin",
        fields=tuple(
            ("spec", name)
            for name in ("dpdkDriver", "image", "initImage", "kernelVfDrivers", "logLevel", "maxNumDevices")
        ),
        source="I: pkg/apis/deviceplugin/v1, the mutating webhook and the defaults of the CRD",
    ),
    Filled("kubevirt.io", "KubeVirt", managers=("virt-operator",), source="K: pkg/virt-operator"),
    Filled(
        "kubevirt.io",
        "VirtualMachine",
        managers=_CONTROLLER,
        fields=(
            (*_INSTANCE, "architecture"),
            (*_INSTANCE, "domain", "firmware", "serial"),
            (*_INSTANCE, "domain", "firmware", "uuid"),
            (*_INSTANCE, "domain", "machine"),
            (*_TEMPLATE, "metadata", "annotations", "kubevirt.io/pci-topology-version"),
            (*_TEMPLATE, "metadata", "creationTimestamp"),
        ),
        source="K 1.9.0: pkg/virt-api/webhooks/mutating-webhook/mutators/vm-mutator.go, pkg/defaults",
    ),
    Filled(
        "kubevirt.io",
        "VirtualMachineInstance",
        managers=("virt-controller", "virt-handler"),
        fields=(
            ("spec", "architecture"),
            ("spec", "domain", "devices", "interfaces", EACH, "model"),
            ("spec", "domain", "features"),
            ("spec", "domain", "firmware"),
            ("spec", "domain", "machine"),
            ("spec", "evictionStrategy"),
        ),
        source="K 1.9.0: pkg/virt-api/webhooks/mutating-webhook/mutators/vmi-mutator.go, pkg/defaults",
    ),
    Filled(
        "kubevirt.io",
        "VirtualMachineInstanceReplicaSet",
        managers=_CONTROLLER,
        source="K: pkg/virt-controller",
    ),
    Filled("pool.kubevirt.io", "VirtualMachinePool", managers=_CONTROLLER, source="K: pkg/virt-controller"),
)
_BY_KIND: Mapping[tuple[str, str], Filled] = {(row.group, row.kind): row for row in TABLE}


def stated(group: str, kind: str, data: Any) -> Iterator[Stated]:
    """The fields of the table that an object states itself."""
    row = _BY_KIND.get((group, kind))
    if row is not None:
        yield from ((group, kind, path) for path in row.fields if _has(data, path))


def _has(value: Any, path: Path) -> bool:
    for position, part in enumerate(path):
        if part == EACH:
            return isinstance(value, list) and any(_has(item, path[position + 1 :]) for item in value)
        if not isinstance(value, Mapping) or part not in value:
            return False
        value = value[part]
    return True


def ignored_differences(kinds: Iterable[tuple[str, str]], said: Iterable[Stated]) -> list[dict[str, Any]]:
    """`ignoreDifferences` of an Application that delivers objects of these kinds; `said` is what they state."""
    known = set(said)
    return [entry for kind in sorted(set(kinds)) if (row := _BY_KIND.get(kind)) and (entry := _entry(row, known))]


def _entry(row: Filled, said: set[Stated]) -> dict[str, Any]:
    free = [path for path in row.fields if (row.group, row.kind, path) not in said]
    found: dict[str, Any] = {
        "jsonPointers": [_pointer(path) for path in free if EACH not in path],
        "jqPathExpressions": [_expression(path) for path in free if EACH in path],
        "managedFieldsManagers": list(row.managers),
    }
    found = {key: value for key, value in found.items() if value}
    return {"group": row.group, "kind": row.kind, **found} if found else {}


def _pointer(path: Path) -> str:
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in path)


def _expression(path: Path) -> str:
    return "".join("[]?" if part == EACH else f".{part}" for part in path)
