"""`buildMetadata`: where objects come from, and what was done to them, as annotations and a label."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from generator.overlay import rules
from generator.overlay.load import Loader
from generator.overlay.paths import kind_of
from generator.overlay.refusal import RefusalError
from generator.overlay.resmap import ResMap
from generator.overlay.resource import Resource

_ORIGIN = "config.kubernetes.io/origin"
_TRANSFORMATIONS = "alpha.config.kubernetes.io/transformations"
_NOTES = "internal.config.kubernetes.io"
_MANAGED_BY = "app.kubernetes.io/managed-by"
VERSION = "v5.8.2"
"""The release of kustomize whose behaviour this is."""


def note_origin(resource: Resource, loader: Loader, name: str) -> None:
    """Write down the file an object comes from, as its path from the outermost kustomization."""
    _annotate(resource, _ORIGIN, _yaml({"path": _path(loader, name)}, ""))


def note_generator(resource: Resource, loader: Loader, name: str, by: Mapping[str, Any]) -> None:
    """Write down the file that configures the generator of an object, and the generator."""
    _annotate(resource, _ORIGIN, _yaml(_configured(loader, name, by), ""))


def note_transformer(objects: ResMap, loader: Loader, name: str, by: Mapping[str, Any]) -> None:
    """Write down a transformer with every object it could have changed; of an object of no known origin it is that."""
    noted = _configured(loader, name, by)
    for resource in objects:
        if resource.gone:
            continue
        annotations = resource.strings("annotations")
        if _ORIGIN in annotations:
            _annotate(resource, _TRANSFORMATIONS, f"{annotations.get(_TRANSFORMATIONS, '')}- {_yaml(noted, '  ')[2:]}")
        else:
            _annotate(resource, _ORIGIN, _yaml(noted, ""))


def keep_origin(old: Resource, made: Resource) -> None:
    """Give an object that a generator merges into another one the other's origin."""
    origin = old.strings("annotations").get(_ORIGIN)
    if origin is not None:
        _annotate(made, _ORIGIN, origin)


def _configured(loader: Loader, name: str, by: Mapping[str, Any]) -> dict[str, Any]:
    metadata = by.get("metadata") or {}
    who = {"apiVersion": by.get("apiVersion"), "kind": by.get("kind")}
    who |= {key: metadata.get(key) for key in ("name", "namespace")}
    return {"configuredIn": _path(loader, name), "configuredBy": {key: value for key, value in who.items() if value}}


def _annotate(resource: Resource, key: str, value: str) -> None:
    _add(resource, "annotations", key, value)


def _add(resource: Resource, field: str, key: str, value: str) -> None:
    """Write a label or an annotation. Raises RefusalError where something else is in the place of them."""
    found = resource.metadata.get(field)
    if found is not None and not isinstance(found, dict):
        what = (
            f"metadata.{field} of {resource.id} is {kind_of(found)}, not a mapping of texts: `buildMetadata` adds to it"
        )
        raise RefusalError(rules.PATH, what, "correct the object, or the patch that writes it")
    resource.set_strings(field, {**resource.strings(field), key: value})


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
    """Finish the notes: those that were not asked for go, and the label of who manages the object comes."""
    unasked = {_ORIGIN} if "originAnnotations" not in noted else set()
    unasked |= {_TRANSFORMATIONS} if "transformerAnnotations" not in noted else set()
    for resource in objects if noted else ():
        annotations = resource.strings("annotations")
        kept = {key: value for key, value in annotations.items() if key not in unasked}
        if len(kept) != len(annotations):
            resource.set_strings("annotations", kept)
        if "managedByLabel" in noted:
            _add(resource, "labels", _MANAGED_BY, f"kustomize-{VERSION}")


def _yaml(data: dict[str, Any], indent: str) -> str:
    out = ""
    for key, value in data.items():
        if isinstance(value, dict):
            out += f"{indent}{key}:\n{_yaml(value, indent + '  ')}"
        else:
            out += f"{indent}{key}: {value}\n"
    return out
