"""What rules over a build see beside its objects: `spec`, `catalog` and `target`, as plain data."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.catalog import Catalog
from generator.catalog.lookup import env_name
from generator.location import FieldPath
from generator.resolve import Model
from generator.resolve.resolve import target_plugin


@dataclass(frozen=True, slots=True)
class Scope:
    """The three views; `places` says where in the spec a part of the first view stands, by identity."""

    values: Mapping[str, Any]
    places: Mapping[int, FieldPath]

    def place(self, item: object) -> FieldPath | None:
        """Where a part of `spec` stands."""
        return self.places.get(id(item))


def scope_of(model: Model, catalog: Catalog) -> Scope:
    """The views of one environment."""
    plugin = target_plugin(model.spec, catalog)
    places: dict[int, FieldPath] = {}
    spec = _plain(model.spec, places)
    target = {
        "kubernetes": model.spec.target.kubernetes,
        "kubernetesMinor": int(model.spec.target.kubernetes.removeprefix("v").split(".")[1]),
        "kubevirt": model.spec.target.kubevirt,
        "kubevirtMinor": _minor(model.spec.target.kubevirt),
        "devicePlugin": plugin,
        "environment": model.environment,
    }
    return Scope({"spec": spec, "catalog": _catalog(model, catalog, plugin), "target": target}, places)


def _minor(version: str) -> list[int]:
    major, minor, *_ = version.removeprefix("v").split(".")
    return [int(major), int(minor)]


def _plain(value: Any, places: dict[int, FieldPath]) -> Any:
    """Dataclasses as mappings under the names of the language, what is absent left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        found = {}
        for field in dataclasses.fields(value):
            item = getattr(value, field.name)
            if field.name == "path" or item is None:
                continue
            found[_camel(field.name)] = _plain(item, places)
        path = getattr(value, "path", None)
        if path is not None:
            places[id(found)] = path
        return found
    if isinstance(value, tuple | list):
        return [_plain(item, places) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, places) for key, item in value.items()}
    return value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def facts_of_hardware(catalog: Catalog) -> dict[str, Any]:
    """The part of `catalog` that is the same for every version."""
    return {
        "families": {
            family.name: {
                "generation": family.generation,
                "pfIds": list(family.pf_ids),
                "vfIds": list(family.vf_ids),
                "vfDriver": family.vf_driver or "",
                "services": list(family.services),
                "maxServices": family.max_services,
                "servicesAlone": list(family.services_alone),
                "denylisted": family.vfio_denylisted,
                "labelled": family.node_feature_rule,
            }
            for family in catalog.families
        }
    }


def facts_of_kubevirt(catalog: Catalog, version: str) -> dict[str, Any]:
    """The part of `catalog` that follows from the version of KubeVirt. Raises UnknownVersion."""
    names = catalog.gate_names()
    return {
        "gates": {name: state for name in names if (state := catalog.gate_state(name, version)) is not None},
        "gatesOn": [name for name in names if catalog.gate_enabled_by_default(name, version)],
        "kubevirt": dataclasses.asdict(catalog.kubevirt(version)),
    }


def facts_of_kubernetes(catalog: Catalog, version: str) -> dict[str, Any]:
    """The part of `catalog` that follows from the version of Kubernetes. Raises UnknownVersion."""
    kubernetes = catalog.kubernetes(version)
    return {
        "apiVersions": {
            kind: api_version
            for kind in ("DeviceClass", "ResourceClaimTemplate", "ValidatingAdmissionPolicy")
            if (api_version := kubernetes.api_version(kind)) is not None
        }
    }


def _catalog(model: Model, catalog: Catalog, plugin: str) -> dict[str, Any]:
    release = catalog.plugin(plugin)
    return {
        **facts_of_hardware(catalog),
        **facts_of_kubevirt(catalog, model.spec.target.kubevirt),
        **facts_of_kubernetes(catalog, model.spec.target.kubernetes),
        "plugin": {
            "servicesList": list(release.services_list),
            "kernelVfDrivers": list(release.kernel_vf_drivers),
            "provisioningDrivers": list(release.provisioning_drivers),
            "imageMinVersion": release.image_min_version,
            "problems": list(catalog.plugin_problems(plugin)),
        },
        "classes": {
            name: {
                "family": resolved.spec.family,
                "services": list(resolved.spec.services),
                "resource": resolved.resource,
                "resources": [
                    resolved.resource,
                    *(
                        f"qat.intel.com/{suffix}"
                        for suffix in catalog.resource_suffixes(resolved.spec.family, resolved.spec.services, plugin)
                    ),
                ],
                "vfIds": list(resolved.selectors),
                "forMachines": resolved.for_machines,
                "env": env_name("PCI_RESOURCE", resolved.resource),
            }
            for name, resolved in model.classes.items()
        },
    }
