"""The kustomization file: found, read, and checked field by field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.files import Door, RefusedError
from generator.finding import Finding, Halt, did_you_mean
from generator.location import FieldPath, Span
from generator.nearest import Budget
from generator.overlay import rules
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
_PATCH = {"path": "text", "patch": "text", "target": _SELECTOR, "options": "map"}
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
    "pairs": "map",
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
    "commonLabels": "map",
    "commonAnnotations": "map",
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
_TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "text": ((str,), "text"),
    "bool": ((bool,), "true or false"),
    "int": ((int,), "a whole number"),
    "map": ((dict,), "a mapping"),
    "pairs": ((dict,), "a mapping of texts"),
    "texts": ((list,), "a list of texts"),
}


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
    return Kustomization(path.parent, document, _renewed(document.data))


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
    kind = data.get("kind", "Kustomization")
    if kind not in _VERSIONS:
        yield _of_field(
            document, ("kind",), f'"{kind}" is not a kind of kustomization', f"known: {', '.join(_VERSIONS)}"
        )
    elif data.get("apiVersion", _VERSIONS[kind]) not in (_VERSIONS[kind], *_VERSIONS.values()):
        yield _of_field(document, ("apiVersion",), f'apiVersion is "{data["apiVersion"]}"', f"write {_VERSIONS[kind]}")
    elif data.get("apiVersion", _VERSIONS[kind]) != _VERSIONS[kind]:
        message = f'apiVersion of a {kind} is "{data["apiVersion"]}"'
        yield _of_field(document, ("apiVersion",), message, f"write {_VERSIONS[kind]}")
    resources = data.get("resources")
    for index, value in enumerate(resources if isinstance(resources, list) else ()):
        if value == "":
            yield _of_field(document, ("resources", index), "an empty path", "name a file or folder, or remove it")


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
    types, word = _TYPES[shape]
    wrong = not isinstance(value, types) or (shape == "int" and isinstance(value, bool))
    if wrong or not all(isinstance(item, str) or item is None for item in _texts_of(value, shape)):
        yield _of_field(document, path, f"{path[-1]} is {value!r}, not {word}", f"write {word}")


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
    types, word = _TYPES[shape]
    fits = isinstance(value, types) and not (shape == "int" and isinstance(value, bool))
    if fits and all(isinstance(item, str) or item is None for item in _texts_of(value, shape)):
        return None
    return f"{name} is not {word}"


def _texts_of(value: Any, shape: Any) -> list[Any]:
    """The parts of a value that have to be texts."""
    if shape == "pairs":
        return list(value.values())
    return list(value) if shape == "texts" else []


def _of_field(document: Document, path: FieldPath, message: str, hint: str) -> Finding:
    return Finding(rule=rules.FIELD, message=message, at=document.span(path), hint=hint)


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
            made[key] = [_with_envs(entry) for entry in made[key]]
    made.setdefault("kind", "Kustomization")
    return made


def _with_envs(entry: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(entry)
    if made.get("env"):
        made["envs"] = [*(made.get("envs") or []), made.pop("env")]
    return made
