"""What the cluster gives a machine: its KubeVirt object and version, and what exists there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from packaging.version import Version

from generator.catalog import configuration_in_force, load_catalog
from generator.preview.machine import items, mapping


@dataclass(frozen=True, slots=True)
class Cluster:
    """What the cluster gives: the KubeVirt object, its version, and which claims and networks exist (None: all)."""

    kubevirt: Mapping[str, Any]
    version: str
    claims: frozenset[str] | None = None
    networks: frozenset[str] | None = None

    @property
    def configuration(self) -> dict[str, Any]:
        """The KubeVirt object's spec.configuration, as far as KubeVirt takes it."""
        return dict(configuration_in_force(self.kubevirt))

    @property
    def developer(self) -> dict[str, Any]:
        """Its developerConfiguration."""
        return mapping(self.configuration, "developerConfiguration")

    @property
    def release(self) -> Version:
        """The version as one that compares."""
        return Version(self.version.removeprefix("v"))

    @property
    def architecture(self) -> str:
        """The architecture of machines that name none (K:pkg/virt-config, GetDefaultArchitecture)."""
        found = mapping(self.kubevirt, "status").get("defaultArchitecture")
        return str(
            found or mapping(self.configuration, "architectureConfiguration").get("defaultArchitecture") or "amd64"
        )

    @property
    def bindings(self) -> dict[str, Any]:
        """The network binding plugins that are configured, by name."""
        return mapping(self.configuration, "network", "binding")

    @property
    def hypervisor_device(self) -> str:
        """The device through which machines are run (K:pkg/hypervisor, NewLauncherHypervisorResources)."""
        first = next(iter(items(self.configuration, "hypervisors")), {})
        direct = first.get("name") == "hyperv-direct" and self.gate("ConfigurableHypervisor")
        return "mshv" if direct else "kvm"

    def gate(self, name: str) -> bool:
        """Whether a gate is on at that version. Raises UnknownVersion of the catalog."""
        listed, disabled = (self.developer.get(key) or () for key in ("featureGates", "disabledFeatureGates"))
        return load_catalog().gate_on(name, f"v{self.release.base_version}", listed, disabled)
