"""Read the data files beside this module into a Catalog, refusing what does not fit."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import yaml

from generator.catalog import rules
from generator.catalog.facts import (
    Bug,
    Family,
    GateStates,
    KubernetesRelease,
    KubeVirtRelease,
    PluginRelease,
    Version,
    parse_version,
)
from generator.catalog.kernels import KernelVendor
from generator.catalog.lookup import Catalog
from generator.finding import Finding, Halt
from generator.location import Span

_PCI_ID = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}")
_FOLDER = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def load_catalog(folder: Path = _FOLDER) -> Catalog:
    """Everything below `folder`, once per process; `Halt` with CAT001 where a file is malformed."""
    families = tuple(
        _read(folder, path, partial(_family, path.stem)) for path in sorted((folder / "qat").glob("*.yaml"))
    )
    _refuse_shared_ids(families)
    gates = _read(folder, folder / "kubevirt" / "gates.yaml", _gates)
    kubevirt = folder / "kubevirt" / "versions.yaml"
    return Catalog(
        families=families,
        gates=gates,
        kubevirt_releases=_read(folder, kubevirt, _kubevirt),
        newest_kubevirt=_read(folder, kubevirt, lambda data: str(data["newest"])),
        plugin_releases=_read(folder, folder / "plugin" / "versions.yaml", _plugin),
        kernel_vendors=_read(folder, folder / "kernel" / "vendors.yaml", _vendors),
        kubernetes_releases=_read(folder, folder / "kubernetes" / "versions.yaml", _kubernetes),
        _gate_index={gate.name: gate for gate in gates},
    )


def _read(folder: Path, path: Path, build: Callable[[Any], Any]) -> Any:
    shown = path.relative_to(folder).as_posix()
    try:
        return build(_data(path))
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        problem = f"catalog file cannot be used: {type(error).__name__}: {error}"
        raise Halt([Finding(rule=rules.CATALOG_DATA, message=problem, at=Span(f"catalog/{shown}"))]) from error


@cache
def _data(path: Path) -> Any:
    # Our own data, checked by the tests; the C parser keeps the cold start short.
    return _LOADER(path.read_bytes()).get_single_data()


def _refuse_shared_ids(families: Iterable[Family]) -> None:
    owners: dict[str, str] = {}
    for family in families:
        for pci_id in (*family.pf_ids, *family.vf_ids):
            if owners.setdefault(pci_id, family.name) != family.name:
                problem = f"PCI id {pci_id} belongs to {owners[pci_id]} already"
                raise Halt(
                    [Finding(rule=rules.CATALOG_DATA, message=problem, at=Span(f"catalog/qat/{family.name}.yaml"))]
                )


def _family(stem: str, data: Mapping[str, Any]) -> Family:
    if data["name"] != stem:
        raise ValueError(f'a family\'s file carries its name, found "{data["name"]}"')
    for pci_id in (*data["pfIds"], *data["vfIds"]):
        if not _PCI_ID.fullmatch(pci_id):
            raise ValueError(f'"{pci_id}" is no vendor:device pair in lower case')
    device, services, plugin = data["device"], data["services"], data["plugin"]
    return Family(
        name=data["name"],
        title=data["title"],
        generation=data["generation"],
        pf_ids=tuple(data["pfIds"]),
        vf_ids=tuple(data["vfIds"]),
        pf_driver=device["pfDriver"],
        kernel_module=device["kernelModule"],
        vf_driver=device["vfDriver"],
        min_kernel=device["minKernel"],
        physical_functions=device["physicalFunctions"],
        vfs_per_pf=device["vfsPerPf"],
        counts_verified=device["countsVerified"],
        services=tuple(services["allowed"]),
        max_services=services["maximum"],
        services_alone=tuple(services["alone"]),
        services_kernels=tuple(_combinations(services["kernels"])),
        vfio_denylisted=data["vfio"]["denylisted"],
        live_migration_since=data["vfio"]["liveMigrationSince"],
        plugin_since=plugin["since"],
        init_script=plugin["initScript"],
        node_feature_rule=plugin["nodeFeatureRule"],
        operator_init_pf_ids=tuple(plugin["operatorInitPfIds"]),
        guest_kernel_driver=data["guest"]["kernelDriver"],
        qatlib=data["guest"]["qatlib"],
        sources=tuple(data[part]["source"] for part in ("device", "services", "vfio", "plugin", "guest")),
    )


def _combinations(kernels: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    for since in sorted(kernels, key=parse_version):
        given = kernels[since]
        yield since, None if given == "all" else tuple(given)


def _vendors(data: Mapping[str, Any]) -> tuple[KernelVendor, ...]:
    return tuple(
        KernelVendor(
            name=row["name"],
            pattern=re.compile(row["pattern"]),
            families=tuple((name, tuple(combinations)) for name, combinations in row["families"].items()),
            source=row["source"],
        )
        for row in data["vendors"]
    )


def _gates(data: Mapping[str, Any]) -> tuple[GateStates, ...]:
    return tuple(GateStates(name, tuple(_states(text))) for name, text in data["gates"].items())


def _states(text: str) -> Iterator[tuple[Version, str]]:
    for part in text.split(", "):
        since, state = part.split(" ")
        yield parse_version(since), state


def _kubevirt(data: Mapping[str, Any]) -> tuple[tuple[Version, KubeVirtRelease], ...]:
    out = []
    facts: dict[str, Any] = {}
    for row in data["rows"]:
        facts = facts | row
        release = KubeVirtRelease(
            config_source=facts["configSource"],
            host_devices=facts["hostDevices"],
            ga_always_on=facts["gaAlwaysOn"],
            disabled_feature_gates=facts["disabledFeatureGates"],
            beta_on_by_default=facts["betaOnByDefault"],
            selector_case=facts["selectorCase"],
            dra_host_devices=facts["draHostDevices"],
            dra_metadata_folder=facts["draMetadataFolder"],
            dra_refuses_permitted_list=facts["draRefusesPermittedList"],
        )
        out.append((parse_version(row["since"]), release))
    return tuple(out)


def _plugin(data: Mapping[str, Any]) -> tuple[PluginRelease, ...]:
    out = []
    facts: dict[str, Any] = {}
    flags: dict[str, str | int] = {}
    for row in data["rows"]:
        facts = facts | row
        flags = flags | row.get("flags", {})
        defaults = facts["operatorDefaults"].items()
        out.append(
            PluginRelease(
                version=row["version"],
                kubernetes=tuple(row["kubernetes"]) if "kubernetes" in row else (),
                services_list=tuple(facts["servicesList"]),
                flags=tuple(flags.items()),
                operator_defaults=tuple((k, tuple(v) if isinstance(v, list) else v) for k, v in defaults),
                kernel_vf_drivers=tuple(facts["kernelVfDrivers"]),
                provisioning_drivers=tuple(facts["provisioningDrivers"]),
                named_vf_ids=tuple(facts["namedVfIds"]),
                names=None if facts["names"] is None else tuple(facts["names"]),
                bugs=tuple(Bug(b["version"], b["problem"], b["fixedIn"], b["source"]) for b in facts["bugs"]),
                source=row["source"],
            ),
        )
    return tuple(out)


def _kubernetes(data: Mapping[str, Any]) -> tuple[KubernetesRelease, ...]:
    oldest, newest = parse_version(data["oldest"]), parse_version(data["newest"])
    out = []
    for minor in range(oldest[1], newest[1] + 1):
        versions: list[tuple[str, str]] = []
        for row in data["apis"]:
            there = [api for since, api in row["since"].items() if parse_version(since) <= (oldest[0], minor, 0)]
            versions.extend((kind, there[-1]) for kind in row["kinds"] if there)
        out.append(KubernetesRelease(f"{oldest[0]}.{minor}", tuple(versions)))
    return tuple(out)
