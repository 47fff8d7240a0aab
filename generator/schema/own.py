"""Schemas that come with the package: the kinds we render whose CRDs are not built into Kubernetes."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

_FILES = {
    "kubevirt.io": "kubevirt",
    "pool.kubevirt.io": "kubevirt",
    "deviceplugin.intel.com": "intel",
    "nfd.k8s-sigs.io": "nfd",
    "argoproj.io": "argocd",
    "kustomize.toolkit.fluxcd.io": "flux",
    "source.toolkit.fluxcd.io": "flux",
}
_PREFIX = "#/definitions/"


@cache
def _family(name: str) -> dict[tuple[str, str], dict[str, Any]]:
    raw = json.loads((files("generator") / "schemas" / "crds" / f"{name}.json").read_bytes())
    definitions = raw["definitions"]
    resolved: dict[str, Any] = {}

    def resolve(value: Any) -> Any:
        if isinstance(value, list):
            return [resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref")
        if isinstance(reference, str):
            key = reference.removeprefix(_PREFIX)
            if key not in resolved:
                resolved[key] = resolve(definitions[key])
            return resolved[key]
        return {key: resolve(item) for key, item in value.items()}

    return {
        (entry["group"], entry["kind"]): _crd({**entry, "schema": resolve(entry["schema"])}) for entry in raw["kinds"]
    }


def _crd(entry: dict[str, Any]) -> dict[str, Any]:
    kind, plural, group = entry["kind"], entry["plural"], entry["group"]
    names = {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()}
    shared: dict[str, Any] = {"schema": {"openAPIV3Schema": entry["schema"]}}
    if entry["status"]:
        shared["subresources"] = {"status": {}}
    versions = [
        {"name": name, "served": True, "storage": index == 0, **shared} for index, name in enumerate(entry["versions"])
    ]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {"group": group, "names": names, "scope": entry["scope"], "versions": versions},
    }


def own_crd(group: str, kind: str) -> dict[str, Any] | None:
    """Our own CustomResourceDefinition of a kind, structural and without prose, or None where we have none."""
    family = _FILES.get(group)
    return _family(family).get((group, kind)) if family else None


def own_crds(group: str) -> tuple[dict[str, Any], ...]:
    """Our own CustomResourceDefinitions of a group."""
    family = _FILES.get(group)
    return tuple(crd for (own, _), crd in _family(family).items() if own == group) if family else ()


def own_kinds() -> tuple[tuple[str, str], ...]:
    """Group and kind of everything there is a schema of ours for."""
    return tuple(sorted(key for family in set(_FILES.values()) for key in _family(family)))
