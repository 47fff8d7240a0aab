"""What the API server calls kinds: the plural resource, and whether objects stand in namespaces."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from generator.manifest import Identity
from generator.schema.builtin import CLUSTER_KINDS

_IRREGULAR = {"Endpoints": "endpoints"}
_CLUSTER_CUSTOM = frozenset(
    {
        ("deviceplugin.intel.com", "QatDevicePlugin"),
        ("nfd.k8s-sigs.io", "NodeFeatureRule"),
        ("instancetype.kubevirt.io", "VirtualMachineClusterInstancetype"),
        ("instancetype.kubevirt.io", "VirtualMachineClusterPreference"),
        ("migrations.kubevirt.io", "MigrationPolicy"),
    }
)
"""Custom kinds that live in no namespace; a CRD of the build says it of its own kind."""

EQUIVALENT = (
    (("autoscaling", "v1", "horizontalpodautoscalers"), ("autoscaling", "v2", "horizontalpodautoscalers")),
    (("", "v1", "events"), ("events.k8s.io", "v1", "events")),
)
"""Built-in resources that are stored as one and served under several names (policy engine notes 1.3)."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource: group, version, plural name, kind and scope."""

    group: str
    version: str
    name: str
    kind: str
    namespaced: bool

    @property
    def qualified(self) -> str:
        """`deployments.apps`, as messages have it."""
        return f"{self.name}.{self.group}" if self.group else self.name

    @property
    def is_namespaces(self) -> bool:
        """Whether this is the core group's `namespaces`, about which requests are judged differently."""
        return (self.group, self.kind) == ("", "Namespace")


def plural(kind: str) -> str:
    """The plural of a built-in kind, as Kubernetes' own guess makes it."""
    if kind in _IRREGULAR:
        return _IRREGULAR[kind]
    lower = kind.lower()
    if lower.endswith("s"):
        return f"{lower}es"
    if lower.endswith("y") and lower[-2:-1] not in "aeiou":
        return f"{lower[:-1]}ies"
    return f"{lower}s"


@dataclass(frozen=True, slots=True)
class Resources:
    """Looks kinds up; CRDs of the build know their own names and scopes."""

    custom: Mapping[tuple[str, str], tuple[str, bool]]

    def of(self, identity: Identity) -> Resource:
        """The resource of an object."""
        group, kind = identity.group, identity.kind
        known = self.custom.get((group, kind))
        name, namespaced = known or (
            plural(kind),
            (group, kind) not in _CLUSTER_CUSTOM and not _is_cluster(group, kind),
        )
        return Resource(group, identity.version, name, kind, namespaced)


def _is_cluster(group: str, kind: str) -> bool:
    built_in = "." not in group or group.endswith(".k8s.io")
    return built_in and kind in CLUSTER_KINDS


def resources(crds: Iterable[Mapping[str, Any]] = ()) -> Resources:
    """Resources with the CRDs of a build."""
    custom = {}
    for crd in crds:
        spec = crd["spec"]
        names = spec["names"]
        custom[spec["group"], names["kind"]] = names["plural"], spec.get("scope") == "Namespaced"
    return Resources(custom)
