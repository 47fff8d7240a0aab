"""What the catalog holds: frozen records of families, gates and releases, and how versions compare."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

State = Literal["Alpha", "Beta", "GA", "Deprecated", "Discontinued"]
Version = tuple[int, int, int]
_VERSION = re.compile(r"v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?(?:[-+].*)?")


class UnknownEntry(KeyError):  # noqa: N818 - named for what the caller asked
    """A name the catalog does not hold; `known` lists what it holds."""

    what = "entry"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(name)
        self.name = name
        self.known = tuple(known)

    def __str__(self) -> str:
        return f'unknown {self.what} "{self.name}"; known: {", ".join(self.known)}'

    def __reduce__(self) -> tuple[type, tuple[str, tuple[str, ...]]]:
        return type(self), (self.name, self.known)


class UnknownFamily(UnknownEntry):
    """No data file describes this QAT family."""

    what = "QAT family"


class UnknownVersion(UnknownEntry):
    """A version that is malformed, or outside what the data files describe."""

    what = "version"


@dataclass(frozen=True, slots=True)
class Family:
    """One QAT family: ids as KubeVirt selectors (`8086:4941`), drivers, limits; one data file each.

    A count that is None is not known; `counts_verified` is false where no source confirms the counts.
    `kernel_module` and `min_kernel` are None where the driver is out of tree, `vf_driver` and
    `plugin_since` where Intel's plugin does not know the family, `guest_kernel_driver` where mainline
    has no driver for the VF inside a guest.
    `services_kernels` are pairs of a mainline kernel and the combinations of services (`sym;asym`, order does not
    count) that it is the first to accept, oldest first; None means all that the family allows.
    `live_migration_since` is the first mainline kernel whose variant driver `qat_vfio_pci` migrates the VF, `qatlib`
    the first release of that library that drives it; None where there is none or it is not known.
    """

    name: str
    title: str
    generation: int
    pf_ids: tuple[str, ...]
    vf_ids: tuple[str, ...]
    pf_driver: str
    kernel_module: str | None
    vf_driver: str | None
    min_kernel: str | None
    physical_functions: int | None
    vfs_per_pf: int | None
    counts_verified: bool
    services: tuple[str, ...]
    max_services: int
    services_alone: tuple[str, ...]
    services_kernels: tuple[tuple[str, tuple[str, ...] | None], ...]
    vfio_denylisted: bool
    live_migration_since: str | None
    plugin_since: str | None
    init_script: bool
    node_feature_rule: bool
    operator_init_pf_ids: tuple[str, ...]
    guest_kernel_driver: str | None
    qatlib: str | None
    sources: tuple[str, ...]

    @property
    def selector(self) -> str:
        """The VF id a KubeVirt `pciVendorSelector` names."""
        return self.vf_ids[0]


@dataclass(frozen=True, slots=True)
class GateStates:
    """A feature gate's states, oldest first; each holds from its version on. `Plain` gates were not registered."""

    name: str
    states: tuple[tuple[Version, str], ...]


@dataclass(frozen=True, slots=True)
class KubeVirtRelease:
    """How one KubeVirt version behaves; see the data file for the source of each fact.

    `config_source`: configMap, configMapWins (over the CR, where it exists) or kubeVirt.
    `selector_case`: upper (raw comparison with upper-case ids) or any.
    `dra_host_devices`: none, status or metadata (where the device's address is read).
    `dra_refuses_permitted_list`: a claimed device fails at pod render beside `permittedHostDevices`.
    """

    config_source: str
    host_devices: bool
    ga_always_on: bool
    disabled_feature_gates: bool
    beta_on_by_default: bool
    selector_case: str
    dra_host_devices: str
    dra_metadata_folder: str | None
    dra_refuses_permitted_list: bool


@dataclass(frozen=True, slots=True)
class Bug:
    """A bug of one release, the problem in words, and the version that has it no more."""

    version: str
    problem: str
    fixed_in: str
    source: str


@dataclass(frozen=True, slots=True)
class PluginRelease:
    """One minor release of Intel's QAT plugin and its operator.

    `flags` are the binary's defaults, `operator_defaults` what the operator passes when its CR says nothing;
    `kernel_vf_drivers` the CR's enum; `provisioning_drivers` those of which its `provisioningConfig` needs one.
    `names` are the resource suffixes it can give besides `generic`; None stands for any.
    """

    version: str
    kubernetes: tuple[str, ...]
    services_list: tuple[str, ...]
    flags: tuple[tuple[str, str | int], ...]
    operator_defaults: tuple[tuple[str, str | int | tuple[str, ...]], ...]
    kernel_vf_drivers: tuple[str, ...]
    provisioning_drivers: tuple[str, ...]
    named_vf_ids: tuple[str, ...]
    names: tuple[str, ...] | None
    bugs: tuple[Bug, ...]
    source: str

    @property
    def image_min_version(self) -> str:
        """The lowest image tag the operator of this release admits: each operator release sets its own version."""
        return f"{self.version}.0"


@dataclass(frozen=True, slots=True)
class KubernetesRelease:
    """The API version of each kind that is rendered, at one Kubernetes minor; a kind not there yet is absent."""

    version: str
    api_versions: tuple[tuple[str, str], ...]

    def api_version(self, kind: str) -> str | None:
        """`apiVersion` to render for `kind`, or None where this Kubernetes does not have it."""
        return dict(self.api_versions).get(kind)


def parse_version(text: str, known: Iterable[str] = ()) -> Version:
    """`v1.8.4`, `1.36` or `v1.9.0-rc.1` (counted as 1.9.0) as numbers; `UnknownVersion` otherwise."""
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        raise UnknownVersion(text, known)
    return int(match[1]), int(match[2]), int(match[3] or 0)
