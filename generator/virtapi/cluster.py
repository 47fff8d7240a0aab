"""What virt-api knows of its cluster: KubeVirt's version and configuration.

Sources: K:pkg/virt-config (configuration.go, virt-config.go, feature-gates.go, featuregate/); the states of gates
are the catalog's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from packaging.version import Version

from generator.catalog import configuration_in_force, load_catalog
from generator.virtapi.numbers import Amount, amount

KNOWN = (Version("1.8"), Version("1.9"))
"""The releases whose own code was run; others are judged as the nearest of them."""

_EMULATED = {"amd64": ("q35*", "pc-q35*"), "arm64": ("virt*",), "s390x": ("s390-ccw-virtio*",)}
_MACHINES = {"amd64": "q35", "arm64": "virt", "s390x": "s390-ccw-virtio"}
_CPU_REQUEST = "100m"
_DISCONTINUED = {
    "Macvtap": (
        "macvtap",
        "Macvtap network binding is discontinued since v1.3. Please refer to Kubevirt user guide for alternatives.",
    ),
    "Passt": (
        "passt",
        "Passt network binding is discontinued since v1.3. Please refer to Kubevirt user guide for alternatives.",
    ),
}
"""Gates that, when they are listed, refuse machines with the interface field they were for."""


def nearest(version: str) -> Version:
    """The known release a version is judged as: its own minor, else the nearest."""
    given = Version(version.removeprefix("v")).release[:2]
    older = [known for known in KNOWN if known.release[:2] <= given]
    return older[-1] if older else KNOWN[0]


def get(data: Any, *path: str) -> Any:
    """What stands at a path of mappings; None where nothing does."""
    for part in path:
        if not isinstance(data, dict):
            return None
        data = data.get(part)
    return data


@dataclass(frozen=True, eq=False)
class VirtAPI:
    """One cluster's virt-api: its release and the KubeVirt object's `spec.configuration`.

    Where the object is not `known`, whatever a configuration could allow is taken to be allowed.
    """

    release: Version
    configuration: Mapping[str, Any]
    annotations: Mapping[str, str]
    architecture: str = "amd64"
    known: bool = True

    @classmethod
    def of(cls, kubevirt: Mapping[str, Any] | None, version: str) -> "VirtAPI":
        """The virt-api of a KubeVirt object at a version, judged as the nearest release that is known.

        A configuration that KubeVirt refuses is not in force: the defaults are (validateConfig).
        """
        if kubevirt is None:
            return cls(nearest(version), {}, {}, known=False)
        architecture = get(kubevirt, "status", "defaultArchitecture") or "amd64"
        annotations = get(kubevirt, "metadata", "annotations") or {}
        return cls(nearest(version), configuration_in_force(kubevirt), annotations, str(architecture))

    @property
    def latest(self) -> bool:
        """Whether it is 1.9 or newer."""
        return self.release >= KNOWN[1]

    @cached_property
    def _listed(self) -> tuple[frozenset[str], frozenset[str]]:
        developer = get(self.configuration, "developerConfiguration") or {}
        on, off = developer.get("featureGates") or (), developer.get("disabledFeatureGates") or ()
        return frozenset(map(str, on)), frozenset(map(str, off))

    @cached_property
    def _states(self) -> dict[str, bool]:
        return {}

    def gate(self, name: str) -> bool:
        """Whether a feature gate is on."""
        known = self._states.get(name)
        if known is None:
            known = self._states[name] = self._gate(name)
        return known

    def _gate(self, name: str) -> bool:
        if not self.known:
            return True
        return load_catalog().gate_on(name, f"v{self.release}.0", *self._listed)

    def listed(self, name: str) -> bool:
        """Whether a gate is named in `featureGates`, known or not."""
        return name in self._listed[0]

    @cached_property
    def discontinued(self) -> tuple[tuple[str, str], ...]:
        """The interface fields refused because their discontinued gate is listed, with KubeVirt's words, in order."""
        developer = get(self.configuration, "developerConfiguration") or {}
        return tuple(_DISCONTINUED[name] for name in developer.get("featureGates") or () if name in _DISCONTINUED)

    @cached_property
    def live_update(self) -> bool:
        """Whether machines are changed while they run (vmRolloutStrategy)."""
        return get(self.configuration, "vmRolloutStrategy") in {None, "LiveUpdate"}

    def _of_architecture(self, architecture: str, key: str) -> Any:
        chosen = architecture if architecture in {"arm64", "s390x"} else "amd64"
        return get(self.configuration, "architectureConfiguration", chosen, key)

    def machine_type(self, architecture: str) -> str:
        """The machine type of machines that name none."""
        chosen = architecture if architecture in {"arm64", "s390x"} else "amd64"
        given = get(self.configuration, "machineType") or self._of_architecture(architecture, "machineType")
        return str(given or _MACHINES[chosen])

    def emulated_machines(self, architecture: str) -> tuple[str, ...]:
        """The patterns of machine types that are supported."""
        if not self.known:
            return ("*",)
        chosen = architecture if architecture in {"arm64", "s390x"} else "amd64"
        given = get(self.configuration, "emulatedMachines") or self._of_architecture(architecture, "emulatedMachines")
        return tuple(given or _EMULATED[chosen])

    @cached_property
    def cpu_request(self) -> Amount | None:
        """The CPU request of machines that name none, where it is not KubeVirt's own."""
        given = get(self.configuration, "cpuRequest")
        found = amount(str(given)) if given is not None else None
        return found if found is not None and found.exact != amount(_CPU_REQUEST).exact else None

    @property
    def eviction_strategy(self) -> str:
        """What becomes of machines that say nothing when their node is drained."""
        return str(get(self.configuration, "evictionStrategy") or "None")

    @property
    def network_interface(self) -> str:
        """The binding of the interface that machines without networks get."""
        return str(get(self.configuration, "network", "defaultNetworkInterface") or "bridge")

    @property
    def bridge_on_pod_network(self) -> bool:
        """Whether an interface may be bridged to the pod network."""
        return get(self.configuration, "network", "permitBridgeInterfaceOnPodNetwork") is not False

    @property
    def permitted_devices(self) -> Any:
        """The KubeVirt object's `permittedHostDevices`."""
        return get(self.configuration, "permittedHostDevices")

    @property
    def persistent_reservation(self) -> bool:
        """Whether disks may hold SCSI reservations: a field from 1.9 on, a gate before."""
        if not self.known:
            return True
        enabled = get(self.configuration, "persistentReservationConfiguration", "enabled")
        if self.latest and enabled is not None:
            return bool(enabled)
        return self.listed("PersistentReservation")
