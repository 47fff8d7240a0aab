"""Questions the catalog answers, by family and by version."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import cast

from generator.catalog.facts import (
    Family,
    GateStates,
    KubernetesRelease,
    KubeVirtRelease,
    PluginRelease,
    State,
    UnknownFamily,
    UnknownVersion,
    Version,
    parse_version,
)
from generator.catalog.kernels import KernelSupport, KernelVendor, kernel_support

# The order the kernel prints services in; where the init script lists another, its text is what is written.
_ORDER = ("sym", "asym", "dc", "dcc", "decomp")


def env_name(prefix: str, resource: str) -> str:
    """The variable KubeVirt looks a resource's addresses up in (kubevirt pkg/util/util.go, ResourceNameToEnvVar).

    Upper case, `/` and `.` become `_`, nothing else does: `PCI_RESOURCE` and `qat.intel.com/sym-dc` make
    `PCI_RESOURCE_QAT_INTEL_COM_SYM-DC`.
    """
    return f"{prefix}_{resource.upper().replace('/', '_').replace('.', '_')}"


@dataclass(frozen=True, slots=True)
class Catalog:
    """All facts, read only; one per process, and it pickles."""

    families: tuple[Family, ...]
    gates: tuple[GateStates, ...]
    kubevirt_releases: tuple[tuple[Version, KubeVirtRelease], ...]
    newest_kubevirt: str
    plugin_releases: tuple[PluginRelease, ...]
    kubernetes_releases: tuple[KubernetesRelease, ...]
    kernel_vendors: tuple[KernelVendor, ...]
    _gate_index: dict[str, GateStates] = field(compare=False, repr=False)

    def family(self, name: str) -> Family:
        """The family of that name; `UnknownFamily` otherwise."""
        for family in self.families:
            if family.name == name:
                return family
        raise UnknownFamily(name, (family.name for family in self.families))

    def family_of_pf_id(self, selector: str) -> Family | None:
        """The family a PF id such as `8086:4940` (any case) belongs to."""
        wanted = selector.lower()
        return next((family for family in self.families if wanted in family.pf_ids), None)

    def gate_names(self) -> tuple[str, ...]:
        """Every gate any known KubeVirt has had."""
        return tuple(self._gate_index)

    def gate_state(self, gate: str, version: str) -> State | None:
        """The gate's state at that KubeVirt version; None where that version does not know the name.

        Names a version compared without registering (before v1.5.0) count as Alpha. Before v1.4.0 the data is
        whole for HostDevices only: None for another gate says little there. `UnknownVersion` where
        the version is malformed or newer than the data.
        """
        found = self._gate_index.get(gate)
        at = self._kubevirt_version(version)
        state = None
        for since, name in found.states if found else ():
            if since <= at:
                state = name
        return cast("State | None", "Alpha" if state == "Plain" else state)

    def gate_enabled_by_default(self, gate: str, version: str) -> bool:
        """Whether the gate is on without being listed (kubevirt pkg/virt-config/featuregate, IsEnabled)."""
        state = self.gate_state(gate, version)
        release = self.kubevirt(version)
        return (state == "GA" and release.ga_always_on) or (state == "Beta" and release.beta_on_by_default)

    def gate_on(self, gate: str, version: str, listed: Collection[str], disabled: Collection[str]) -> bool:
        """Whether the gate is on in a KubeVirt object that lists and disables gates (IsEnabled, isFeatureGateEnabled).

        A name that is listed wins over one that is disabled; from 1.9 on a name nobody registered is off all the same.
        """
        release = self.kubevirt(version)
        state = self.gate_state(gate, version)
        if state == "GA" and release.ga_always_on:
            return True
        if gate in listed:
            return state is not None or not release.beta_on_by_default
        if release.disabled_feature_gates and gate in disabled:
            return False
        return self.gate_enabled_by_default(gate, version)

    def kubevirt(self, version: str) -> KubeVirtRelease:
        """How that KubeVirt version behaves; `UnknownVersion` where the data does not reach."""
        at = self._kubevirt_version(version)
        return next(release for since, release in reversed(self.kubevirt_releases) if since <= at)

    def _kubevirt_version(self, version: str) -> Version:
        oldest = self.kubevirt_releases[0][0]
        known = (f"v{oldest[0]}.{oldest[1]} to v{self.newest_kubevirt}",)
        at = parse_version(version, known)
        if at < oldest or at[:2] > parse_version(self.newest_kubevirt)[:2]:
            raise UnknownVersion(version, known)
        return at

    def plugin(self, version: str) -> PluginRelease:
        """The minor release of Intel's plugin a version such as `0.36.0` belongs to; `UnknownVersion` otherwise."""
        known = tuple(release.version for release in self.plugin_releases)
        minor = "{}.{}".format(*parse_version(version, known)[:2])
        for release in self.plugin_releases:
            if release.version == minor:
                return release
        raise UnknownVersion(version, known)

    def plugin_problems(self, version: str) -> tuple[str, ...]:
        """Known bugs of exactly that plugin version, in words."""
        at = parse_version(version)
        bugs = self.plugin(version).bugs
        return tuple(bug.problem for bug in bugs if parse_version(bug.version) <= at < parse_version(bug.fixed_in))

    def kubernetes(self, version: str) -> KubernetesRelease:
        """API versions at a Kubernetes minor (`1.36`, `v1.36.2`); `UnknownVersion` where the data does not reach."""
        known = tuple(release.version for release in self.kubernetes_releases)
        minor = "{}.{}".format(*parse_version(version, known)[:2])
        for release in self.kubernetes_releases:
            if release.version == minor:
                return release
        raise UnknownVersion(version, known)

    def legal_services(self, family: str, services: Iterable[str]) -> str | None:
        """What is wrong with configuring these services on the family, or None.

        No services is always right: the devices keep what they have. Rules: intel-device-plugins-for-kubernetes
        cmd/qat_plugin/README.md and the kernel's sysfs-driver-qat ABI.
        """
        facts = self.family(family)
        words = tuple(services)
        if not words:
            return None
        if not facts.services:
            return f"{family} has no service setting, so {';'.join(words)} cannot be configured"
        for word in words:
            if word not in facts.services:
                return f'{family} does not offer the service "{word}", only {", ".join(facts.services)}'
            if words.count(word) > 1:
                return f'service "{word}" is named {words.count(word)} times'
        alone = next((word for word in words if word in facts.services_alone), None)
        if alone and len(words) > 1:
            return f"{alone} cannot be combined with other services, found {';'.join(words)}"
        if len(words) > facts.max_services:
            return f"{family} runs at most {facts.max_services} services at once, found {len(words)}: {';'.join(words)}"
        return None

    def kernel_support(self, kernel: str, family: str, services: Iterable[str]) -> KernelSupport:
        """What the nodes' kernel lacks of a family whose endpoints are to run these services."""
        return kernel_support(kernel, self.family(family), services, self.kernel_vendors)

    def services_line(self, services: Iterable[str], plugin_version: str) -> str | None:
        """The value of `ServicesEnabled` the init script of that version accepts for this set of services.

        The script compares bytes (demo/qat-init.sh, SERVICES_LIST), so order counts; None where it has no entry.
        An order that is listed as given is kept.
        """
        words = tuple(services)
        listed = self.plugin(plugin_version).services_list
        if ";".join(words) in listed:
            return ";".join(words)
        return next((entry for entry in listed if sorted(entry.split(";")) == sorted(words)), None)

    def resource_suffix(self, family: str, services: Iterable[str], plugin_version: str) -> str | None:
        """What Intel's plugin names such devices after `qat.intel.com/`: `sym`, `cy`, `sym-dc`, `generic`.

        None where it cannot be known: a configurable family whose services the spec does not set.
        """
        facts = self.family(family)
        release = self.plugin(plugin_version)
        if facts.selector not in release.named_vf_ids:
            return "generic"
        words = tuple(services)
        if not words:
            return None
        ordered = _in_order(words)
        line = self.services_line(ordered, plugin_version)
        return _named(line.split(";") if line else ordered, release)

    def resource_suffixes(self, family: str, services: Iterable[str], plugin_version: str) -> tuple[str, ...]:
        """Every suffix the plugin may give these services: from 0.34 it keeps the order of the kernel's text."""
        words = tuple(services)
        likely = self.resource_suffix(family, words, plugin_version)
        if likely is None or likely == "generic" or len(words) > len(_ORDER):
            return () if likely is None else (likely,)
        release = self.plugin(plugin_version)
        if release.names is not None:
            return (likely,)
        others = sorted({_named(order, release) for order in permutations(words)} - {likely})
        return (likely, *others)


def _in_order(words: Iterable[str]) -> list[str]:
    return sorted(words, key=lambda word: (_ORDER.index(word) if word in _ORDER else len(_ORDER), word))


def _named(ordered: Sequence[str], release: PluginRelease) -> str:
    text = "-".join(ordered)
    if text in {"sym-asym", "asym-sym"}:
        text = "cy"
    return text if release.names is None or text in release.names else "generic"
