"""`buildMetadata`: where objects come from, and what was done to them, as annotations and a label."""

import os
from collections.abc import Sequence
from typing import Any

from generator.overlay.load import Loader
from generator.overlay.resmap import ResMap
from generator.overlay.resource import Resource

_ORIGIN = "config.kubernetes.io/origin"
_TRANSFORMATIONS = "alpha.config.kubernetes.io/transformations"
_NOTES = "internal.config.kubernetes.io"
_MANAGED_BY = "app.kubernetes.io/managed-by"
VERSION = "v5.8.2"
"""The release of kustomize whose behaviour this is."""


def origin_of(loader: Loader, name: str, generator: str = "") -> dict[str, Any]:
    """Where an object stands, told from the outermost kustomization; of a generated one what made it."""
    path = _path(loader, name)
    if not generator:
        return {"path": path}
    return {"configuredIn": path, "configuredBy": {"apiVersion": "builtin", "kind": generator}}


def note_transformation(resource: Resource, loader: Loader, transformer: str) -> None:
    """Remember that a transformer was there."""
    by = {"apiVersion": "builtin", "kind": transformer}
    resource.transformations.append({"configuredIn": _path(loader, "kustomization.yaml"), "configuredBy": by})


def build_annotations(resource: Resource) -> dict[str, str]:
    """The annotations in which kustomize keeps notes of an object while it builds (api/internal/utils/annotations.go).

    JSON patches see them, so that `add /metadata/annotations/…` works where the object has no annotations of its own.
    """
    columns = zip(*resource.previous, strict=True) if resource.previous else ((), (), ())
    names, namespaces, kinds = (",".join(column) for column in columns)
    notes = {
        "previousNames": names,
        "previousNamespaces": namespaces,
        "previousKinds": kinds,
        "prefixes": ",".join(resource.prefixes),
        "suffixes": ",".join(resource.suffixes),
        "generatorBehavior": resource.behavior,
        "needsHashSuffix": "enabled" if resource.needs_hash else "",
    }
    return {f"{_NOTES}/{key}": value for key, value in notes.items() if value}


def _path(loader: Loader, name: str) -> str:
    return os.path.relpath(loader.root / name, loader.base).replace(os.sep, "/")


def add_metadata(objects: ResMap, noted: Sequence[str]) -> None:
    """Write down what was noted."""
    for resource in objects:
        annotations = resource.strings("annotations")
        if "originAnnotations" in noted and resource.origin:
            annotations[_ORIGIN] = _yaml(resource.origin, "")
        if "transformerAnnotations" in noted and resource.transformations:
            lines = (_yaml(one, "  ") for one in resource.transformations)
            annotations[_TRANSFORMATIONS] = "".join(f"- {text[2:]}" for text in lines)
        if {"originAnnotations", "transformerAnnotations"} & set(noted):
            resource.set_strings("annotations", annotations)
        if "managedByLabel" in noted:
            resource.set_strings("labels", {**resource.strings("labels"), _MANAGED_BY: f"kustomize-{VERSION}"})


def _yaml(data: dict[str, Any], indent: str) -> str:
    out = ""
    for key, value in data.items():
        if isinstance(value, dict):
            out += f"{indent}{key}:\n{_yaml(value, indent + '  ')}"
        else:
            out += f"{indent}{key}: {value}\n"
    return out
