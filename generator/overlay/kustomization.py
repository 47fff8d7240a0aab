"""The kustomization file: found, read, and checked field by field."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.files import Door, RefusedError
from generator.finding import Finding, Halt, did_you_mean
from generator.location import FieldPath, Span
from generator.nearest import Budget
from generator.overlay import rules
from generator.overlay.resource import scalar_text
from generator.source import Dialect, Document, read_file, refusal

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_VERSIONS = {"Kustomization": "kustomize.config.k8s.io/v1beta1", "Component": "kustomize.config.k8s.io/v1alpha1"}
_OPTIONS = {"labels": "pairs", "annotations": "pairs", "disableNameSuffixHash": "bool", "immutable": "bool"}
_SELECTOR = {
    **dict.fromkeys(("group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"), "text"),
    "apiVersion": "text",
}
_FIELD_OPTIONS = {
    "delimiter": "text",
    "index": "int",
    "create": "bool",
    "encoding": "text",
}
_TARGETS = {"select": _SELECTOR, "reject": [_SELECTOR], "fieldPaths": "texts", "options": _FIELD_OPTIONS}
_SOURCE = {**_SELECTOR, "fieldPath": "text", "options": _FIELD_OPTIONS}
_SPEC = {"group": "text", "version": "text", "kind": "text", "path": "text", "create": "bool"}
_MAP = {
    "name": "text",
    "namespace": "text",
    "behavior": "text",
    "files": "texts",
    "literals": "texts",
    "envs": "texts",
    "env": "text",
    "options": _OPTIONS,
}
_PATCH = {
    "path": "text",
    "patch": "text",
    "target": _SELECTOR,
    "options": dict.fromkeys(("allowNameChange", "allowKindChange", "allowNoMatch"), "bool"),
}
_VAR = {
    "name": "text",
    "objref": {
        "apiVersion": "text",
        "kind": "text",
        "name": "text",
        "namespace": "text",
        "group": "text",
        "version": "text",
    },
    "fieldref": {"fieldpath": "text", "fieldPath": "text"},
}
_LABEL = {
    **dict.fromkeys(("includeSelectors", "includeTemplates", "includeVolumeClaimTemplates"), "bool"),
    "pairs": "scalars",
    "fields": [_SPEC],
}
_IMAGE = dict.fromkeys(("name", "newName", "newTag", "digest", "tagSuffix"), "text")

FIELDS: Mapping[str, Any] = {
    "apiVersion": "text",
    "kind": "text",
    "metadata": "map",
    "resources": "texts",
    "components": "texts",
    "bases": "texts",
    "crds": "texts",
    "configurations": "texts",
    "patches": [_PATCH],
    "patchesStrategicMerge": "texts",
    "patchesJson6902": [_PATCH],
    "namespace": "text",
    "namePrefix": "text",
    "nameSuffix": "text",
    "commonLabels": "scalars",
    "commonAnnotations": "scalars",
    "labels": [_LABEL],
    "images": [_IMAGE],
    "imageTags": [_IMAGE],
    "replicas": [{"name": "text", "count": "int"}],
    "configMapGenerator": [_MAP],
    "secretGenerator": [{**_MAP, "type": "text"}],
    "generatorOptions": _OPTIONS,
    "replacements": [{"path": "text", "source": _SOURCE, "sourceValue": "text", "targets": [_TARGETS]}],
    "vars": [_VAR],
    "sortOptions": {"order": "text", "legacySortOptions": {"orderFirst": "texts", "orderLast": "texts"}},
    "openapi": {"path": "text", "version": "text"},
    "buildMetadata": "texts",
    "generators": "texts",
    "transformers": "texts",
    "validators": "texts",
    "helmCharts": "any",
    "helmGlobals": "any",
    "helmChartInflationGenerator": "any",
}
_REFUSED = {
    "helmCharts": "render the chart with `helm template` into a file, and name it under resources",
    "helmGlobals": "render the chart with `helm template` into a file, and name it under resources",
    "helmChartInflationGenerator": "render the chart with `helm template` into a file, and name it under resources",
    "validators": "use policies: `qatgen validate --policies FOLDER`",
}
_SCALARS = (str, bool, int, float)
_TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "text": ((str,), "text"),
    "scalar": (_SCALARS, "text"),
    "bool": ((bool,), "true or false"),
    "int": ((int,), "a whole number"),
    "map": ((dict,), "a mapping"),
    "pairs": ((dict,), "a mapping of texts"),
    "texts": ((list,), "a list of texts"),
    "scalars": ((dict,), "a mapping of texts"),
}
_PARTS: Mapping[str, tuple[type, ...]] = {"pairs": (str,), "texts": (str,), "scalars": _SCALARS}
"""The forms whose parts are texts; those of `scalars` become texts, as they are written."""
_LONGEST = 80
"""Characters of a value that a message shows."""


@dataclass(frozen=True, slots=True)
class Kustomization:
    """A kustomization that was read; `root` is its folder, `data` what it says, old fields in their new place."""

    root: Path
    document: Document
    data: Mapping[str, Any]

    @property
    def component(self) -> bool:
        """Whether it acts on what those that name it have."""
        return bool(self.data.get("kind") == "Component")

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.document.file.rpartition("/")[2]

    def get(self, key: str) -> list[Any]:
        """The items of a list field."""
        found = self.data.get(key)
        return list(found) if isinstance(found, list) else []

    def span(self, *path: str | int) -> Span:
        """Where a field is written."""
        return self.document.span(path)


def find_file(folder: Path, shown: str, door: Door) -> Path:
    """The one kustomization file of a folder. Raises Halt where there is none, or more, or one that is not read."""
    found = kustomization_files(folder, shown, door)
    if len(found) == 1:
        return found[0]
    if found:
        message = f"{len(found)} kustomization files: {', '.join(path.name for path in found)}"
        hint = "keep one of them"
    else:
        message, hint = "no kustomization file in the folder", f"write {NAMES[0]}"
    raise Halt([Finding(rule=rules.NO_FILE, message=message, at=Span(shown), hint=hint)])


def kustomization_files(folder: Path, shown: str, door: Door) -> list[Path]:
    """The kustomization files of a folder; a link to nothing, a FIFO or a folder in its place is not left out.

    Raises Halt.
    """
    found = []
    for name in NAMES:
        try:
            if door.kind(folder / name) is not None:
                found.append(folder / name)
        except RefusedError as refused:
            raise Halt([refusal(refused, f"{shown}/{name}" if shown not in ("", ".") else name)]) from None
    return found


def read_kustomization(path: Path, shown: str, door: Door, *, lenient: bool = False) -> Kustomization:
    """Read and check a file; `lenient` takes the last of two equal keys.

    Raises Halt with everything that is wrong with it.
    """
    documents = read_file(path, shown, Dialect.LENIENT if lenient else Dialect.KUBERNETES, door=door)
    if len(documents) != 1 or not isinstance(documents[0].data, dict) or not documents[0].data:
        raise Halt([_not_one(documents, shown)])
    document = documents[0]
    findings = list(_wrong(document))
    if findings:
        raise Halt(findings)
    return Kustomization(path.parent, document, _renewed(_with_texts(document)))


def _not_one(documents: Sequence[Document], shown: str) -> Finding:
    """The finding about a file that does not hold one mapping."""
    if len(documents) > 1:
        message, hint = f"{len(documents)} documents in one file", "keep one document"
    elif documents and documents[0].data:
        message, hint = "the kustomization is not a mapping", "write fields such as `resources:`"
    else:
        message, hint = "the kustomization is empty", "add `resources:` or `patches:`, or remove the file"
    return Finding(rule=rules.EMPTY, message=message, at=Span(shown, 1, 1), hint=hint)


def _wrong(document: Document) -> Iterator[Finding]:
    data = document.data
    yield from _check(document, data, FIELDS, (), Budget())
    for key, hint in _REFUSED.items():
        if data.get(key):
            message = f'"{key}" is not run here'
            yield Finding(rule=rules.UNSUPPORTED, message=message, at=document.span((key,), key=True), hint=hint)
    yield from _wrong_version(document)
    resources = data.get("resources")
    for index, value in enumerate(resources if isinstance(resources, list) else ()):
        if value == "":
            yield _of_field(document, ("resources", index), "an empty path", "name a file or folder, or remove it")


def _wrong_version(document: Document) -> Iterator[Finding]:
    """What is wrong with the kind and the apiVersion, where they are texts."""
    kind, version = (document.data.get(key) for key in ("kind", "apiVersion"))
    kind = kind or "Kustomization"
    if not isinstance(kind, str):
        return
    if kind not in _VERSIONS:
        hint = f"known: {', '.join(_VERSIONS)}"
        yield _of_field(document, ("kind",), f'"{kind}" is not a kind of kustomization', hint)
    elif isinstance(version, str) and version and version != _VERSIONS[kind]:
        whose = f" of a {kind}" if version in _VERSIONS.values() else ""
        message = f'apiVersion{whose} is "{version}"'
        yield _of_field(document, ("apiVersion",), message, f"write {_VERSIONS[kind]}")


def _check(document: Document, value: Any, shape: Any, path: FieldPath, budget: Budget) -> Iterator[Finding]:
    """What does not have the shape it should; null is the same as nothing everywhere."""
    if value is None or shape == "any":
        return
    if isinstance(shape, list):
        if not isinstance(value, list):
            yield _of_field(document, path, f"{path[-1]} is not a list", "write a list of mappings")
            return
        for index, item in enumerate(value):
            yield from _check(document, item, shape[0], (*path, index), budget)
        return
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            yield _of_field(document, path, f"{path[-1]} is not a mapping", "write a mapping")
            return
        known = {key.lower(): key for key in shape}
        for key, inner in value.items():
            name = known.get(str(key).lower())
            if name is None:
                hint = did_you_mean(str(key), shape, budget)
                at = document.span((*path, key), key=True)
                yield Finding(rule=rules.FIELD, message=f'unknown field "{key}"', at=at, hint=hint)
            else:
                yield from _check(document, inner, shape[name], (*path, key), budget)
        return
    if not _is_of(value, shape):
        yield _not_of(document, path, value, _TYPES[shape][1])
        return
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, item in items if shape in _PARTS else ():
        if item is not None and not isinstance(item, _PARTS[shape]):
            yield _not_of(document, (*path, part), item, "text")


def _is_of(value: Any, shape: str) -> bool:
    """Whether a value is of a plain form; a boolean is not a whole number."""
    return isinstance(value, _TYPES[shape][0]) and not (shape == "int" and isinstance(value, bool))


def _not_of(document: Document, path: FieldPath, value: Any, word: str) -> Finding:
    """The finding about a value of another type: a scalar as it is written, and what YAML takes it for."""
    written = document.written(path)
    name = path[-1] if isinstance(path[-1], str) else f"item {path[-1] + 1} of {path[-2]}"
    hint = f"write {word}"
    if isinstance(value, dict | list):
        what = f"is {'a mapping' if isinstance(value, dict) else 'a list'}, not {word}"
    else:
        shown = _short(str(value) if written is None else written)
        meant = json.dumps(value) if isinstance(value, bool) else shown
        reads = "" if meant == shown else f", which YAML reads as {meant}"
        what = f"is `{shown}`{reads}, not {word}"
        if word == "text":
            hint = f'write "{shown}" in quotes' if written is not None and len(written) <= _LONGEST else hint
    return _of_field(document, path, f"{name} {what}", hint)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def unfit(value: Any, shape: Any, name: str) -> str | None:
    """What is wrong with the form of a value that has no place of its own; None where nothing is."""
    if value is None or shape == "any":
        return None
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{name} is not a list"
        return next((wrong for item in value if (wrong := unfit(item, shape[0], f"an item of {name}"))), None)
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return f"{name} is not a mapping"
        fields = ((key, inner) for key, inner in value.items() if key in shape)
        return next((wrong for key, inner in fields if (wrong := unfit(inner, shape[key], f"`{key}`"))), None)
    word = _TYPES[shape][1]
    if not _is_of(value, shape):
        return f"{name} is not {word}"
    items = (value.values() if isinstance(value, dict) else value) if shape in _PARTS else ()
    fits = all(item is None or isinstance(item, _PARTS[shape]) for item in items)
    return None if fits else f"{name} is not {word}"


def _of_field(document: Document, path: FieldPath, message: str, hint: str) -> Finding:
    return Finding(rule=rules.FIELD, message=message, at=document.span(path), hint=hint)


def _with_texts(document: Document) -> Mapping[str, Any]:
    """The data with labels and annotations as texts, as they are written: `1.10` stays "1.10", and `y` stays "y"."""
    made = dict(document.data)
    for key, value in document.data.items():
        if key.lower() in ("commonlabels", "commonannotations") and value:
            made[key] = _texts(document, (key,), value)
        elif key == "labels" and value:
            made[key] = [
                {**entry, "pairs": _texts(document, (key, index, "pairs"), entry["pairs"])}
                if entry and entry.get("pairs")
                else entry
                for index, entry in enumerate(value)
            ]
    return made


def _texts(document: Document, path: FieldPath, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as texts; null stays null, and what an alias or a merge key brought is what YAML reads."""
    return {
        name: value
        if value is None or isinstance(value, str)
        else document.written((*path, name)) or scalar_text(value)
        for name, value in values.items()
    }


def _renewed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Deprecated fields in their new places; keys written in another case by their own."""
    known = {key.lower(): key for key in FIELDS}
    made: dict[str, Any] = {known[str(key).lower()]: value for key, value in data.items() if value is not None}
    if made.get("bases"):
        made["resources"] = [*(made.get("resources") or []), *made.pop("bases")]
    if made.get("imageTags"):
        made["images"] = [*(made.get("images") or []), *made.pop("imageTags")]
    for key in ("configMapGenerator", "secretGenerator"):
        if made.get(key):
            made[key] = [_with_envs(entry) for entry in made[key] if entry is not None]
    made.setdefault("kind", "Kustomization")
    return made


def _with_envs(entry: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(entry)
    if made.get("env"):
        made["envs"] = [*(made.get("envs") or []), made.pop("env")]
    return made
