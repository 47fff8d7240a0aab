"""ObjectMeta: the metadata every object carries, checked as the API server checks it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from generator.finding import did_you_mean
from generator.location import FieldPath
from generator.nearest import Budget
from generator.schema import naming, rules
from generator.schema.violation import Violation, invalid, required, type_name

MAX_ANNOTATIONS = 256 * 1024
"""Bytes of all annotation keys and values of an object together."""

NameCheck = Callable[[str], tuple[str, ...]]

_TEXT = frozenset({"name", "generateName", "namespace", "selfLink", "uid", "resourceVersion"})
_NUMBERS = frozenset({"generation", "deletionGracePeriodSeconds"})
_TIMES = frozenset({"creationTimestamp", "deletionTimestamp"})
_LISTS = frozenset({"ownerReferences", "finalizers", "managedFields"})
FIELDS = _TEXT | _NUMBERS | _TIMES | _LISTS | {"labels", "annotations"}
_OWNER = {
    **dict.fromkeys(("apiVersion", "kind", "name", "uid"), "string"),
    **dict.fromkeys(("controller", "blockOwnerDeletion"), "boolean"),
}
_MANAGED = {
    **dict.fromkeys(("manager", "operation", "apiVersion", "time", "fieldsType", "subresource"), "string"),
    "fieldsV1": "object",
}
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")
_SIMPLE = frozenset({"name", "namespace", "labels", "annotations"})


def sound_metadata(meta: Any, name: NameCheck, *, named: bool = True) -> bool:
    """Whether ordinary metadata is sound; False means look closer, not that anything is wrong."""
    if type(meta) is not dict or not _SIMPLE.issuperset(meta):
        return False
    value = meta.get("name")
    if (named or value is not None) and (type(value) is not str or not value or name(value)):
        return False
    value = meta.get("namespace")
    if value is not None and (type(value) is not str or not value or naming.label(value)):
        return False
    labels = meta.get("labels")
    if labels is not None:
        if type(labels) is not dict:
            return False
        for key, value in labels.items():
            if type(value) is not str or naming.label_key(key) or naming.label_value(value):
                return False
    annotations = meta.get("annotations")
    if annotations is not None:
        if type(annotations) is not dict:
            return False
        size = 0
        for key, value in annotations.items():
            if type(value) is not str or naming.label_key(key.lower()):
                return False
            size += len(key) + len(value)
        return size * 4 <= MAX_ANNOTATIONS
    return True


def check_metadata(meta: Any, path: FieldPath, name: NameCheck, *, embedded: bool = False) -> Iterator[Violation]:
    """Every violation of one ObjectMeta; an embedded object needs no name.

    Whether there is a namespace is no business of it: the request brings one to a namespaced object, and the server
    takes one away from an object of the cluster.
    """
    if not isinstance(meta, dict):
        yield _mistyped(path, meta, "object")
        return
    yield from _unknown(meta, path)
    yield from _types(meta, path)
    generation = meta.get("generation")
    if embedded and isinstance(generation, int) and generation < 0:  # an object's own is set by the server
        yield invalid((*path, "generation"), generation, "must be greater than or equal to 0", rules.METADATA)
    yield from _names(meta, path, name, embedded=embedded)
    yield from _labels(meta.get("labels"), (*path, "labels"))
    yield from _annotations(meta.get("annotations"), (*path, "annotations"))
    yield from _owners(meta.get("ownerReferences"), (*path, "ownerReferences"))
    yield from _finalizers(meta.get("finalizers"), (*path, "finalizers"))
    yield from _managed(meta.get("managedFields"), (*path, "managedFields"))


def _unknown(meta: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    budget = Budget()
    for key in meta:
        if key not in FIELDS:
            shown = ".".join(str(part) for part in (*path, key))
            hint = did_you_mean(key, FIELDS, budget)
            yield Violation((*path, key), f'unknown field "{shown}"', hint, rules.UNKNOWN_FIELD)


def _mistyped(path: FieldPath, value: Any, wanted: str) -> Violation:
    return invalid(path, value, f'must be of type {wanted}: "{type_name(value)}"', rules.WRONG_TYPE)


def _types(meta: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    for key, value in meta.items():
        at = (*path, key)
        if value is None:
            continue
        if key in _TEXT and not isinstance(value, str):
            yield _mistyped(at, value, "string")
        elif key in _NUMBERS and (not isinstance(value, int) or isinstance(value, bool)):
            yield _mistyped(at, value, "integer")
        elif key in _TIMES and not isinstance(value, str):
            yield _mistyped(at, value, "string")
        elif key in _TIMES and not _TIMESTAMP.fullmatch(value):
            yield invalid(at, value, "must be an RFC 3339 time", rules.METADATA)
        elif key in _LISTS and not isinstance(value, list):
            yield _mistyped(at, value, "array")


def _names(meta: dict[str, Any], path: FieldPath, name: NameCheck, *, embedded: bool) -> Iterator[Violation]:
    generated, given, namespace = (meta.get(key) for key in ("generateName", "name", "namespace"))
    if isinstance(generated, str) and generated:
        # The server appends to the prefix, so a dash at its end is no fault; it takes the sign before it along.
        for complaint in name(generated[:-2] + "a" if generated.endswith("-") and len(generated) > 1 else generated):
            yield invalid((*path, "generateName"), generated, complaint, rules.METADATA)
    if isinstance(given, str) and given:
        for complaint in name(given):
            yield invalid((*path, "name"), given, complaint, rules.METADATA, naming.name_hint(given, complaint))
    elif not given and not generated and not embedded:
        yield required((*path, "name"), "name or generateName is required", rules.METADATA)
    if isinstance(namespace, str) and namespace:
        for complaint in naming.label(namespace):
            hint = naming.name_hint(namespace, complaint)
            yield invalid((*path, "namespace"), namespace, complaint, rules.METADATA, hint)


def _text_map(value: Any, path: FieldPath) -> Iterator[tuple[str, str, Violation | None]]:
    """The pairs of a map of strings; a pair that is none comes with its violation."""
    if value is None:
        return
    if not isinstance(value, dict):
        yield "", "", _mistyped(path, value, "object")
        return
    for key, text in value.items():
        wrong = None if text is None or isinstance(text, str) else _mistyped((*path, key), text, "string")
        yield key, text if isinstance(text, str) else "", wrong


def _labels(labels: Any, path: FieldPath) -> Iterator[Violation]:
    for key, value, wrong in _text_map(labels, path):
        if wrong:
            yield wrong
            continue
        for complaint in naming.label_key(key):
            yield invalid((*path, key), key, complaint, rules.METADATA)
        for complaint in naming.label_value(value):
            yield invalid((*path, key), value, complaint, rules.METADATA)


def _annotations(annotations: Any, path: FieldPath) -> Iterator[Violation]:
    size = 0
    for key, value, wrong in _text_map(annotations, path):
        if wrong:
            yield wrong
            continue
        for complaint in naming.label_key(key.lower()):
            yield invalid((*path, key), key, complaint, rules.METADATA)
        size += len(key.encode()) + len(value.encode("utf-8", "surrogatepass"))
    if size > MAX_ANNOTATIONS:
        text = f"Too long: may not be more than {MAX_ANNOTATIONS} bytes"
        yield Violation(path, text, f"shorten the annotations: they are {size:,} bytes", rules.METADATA)


def _records(
    value: Any, path: FieldPath, fields: dict[str, str]
) -> Iterator[tuple[int, dict[str, Any], Violation | None]]:
    kinds: dict[str, type | tuple[type, ...]] = {"string": str, "boolean": bool, "object": dict}
    budget = Budget()
    for index, record in enumerate(value if isinstance(value, list) else ()):
        at = (*path, index)
        if record is None:
            yield index, {}, None
        elif not isinstance(record, dict):
            yield index, {}, _mistyped(at, record, "object")
        else:
            yield index, record, None
            for key, item in record.items():
                if key not in fields:
                    shown = ".".join(str(part) for part in (*path, key))
                    hint = did_you_mean(key, fields, budget)
                    yield index, {}, Violation((*at, key), f'unknown field "{shown}"', hint, rules.UNKNOWN_FIELD)
                elif item is not None and not isinstance(item, kinds[fields[key]]):
                    yield index, {}, _mistyped((*at, key), item, fields[key])


def _owners(owners: Any, path: FieldPath) -> Iterator[Violation]:
    controllers = []
    for index, owner, wrong in _records(owners, path, _OWNER):
        if wrong:
            yield wrong
            continue
        if not owner and not isinstance(owners[index], dict):
            continue
        for key in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(key):
                word = "version must not be empty" if key == "apiVersion" else "must not be empty"
                yield invalid((*path, index, key), "", word, rules.METADATA)
        if owner.get("controller") is True:
            controllers.append(f"{owner.get('kind')}/{owner.get('name')}")
    if len(controllers) > 1:
        text = f"only one reference can have controller set to true, found {' and '.join(controllers)}"
        yield invalid(path, controllers, text, rules.METADATA)


def _finalizers(finalizers: Any, path: FieldPath) -> Iterator[Violation]:
    if not isinstance(finalizers, list):
        return
    for index, finalizer in enumerate(finalizers):
        if not isinstance(finalizer, str):
            if finalizer is not None:
                yield _mistyped((*path, index), finalizer, "string")
            continue
        for complaint in naming.label_key(finalizer):
            yield invalid((*path, index), finalizer, complaint, rules.METADATA)
    if "orphan" in finalizers and "foregroundDeletion" in finalizers:
        text = "finalizer orphan and foregroundDeletion cannot be both set"
        yield invalid(path, finalizers, text, rules.METADATA)


def _managed(entries: Any, path: FieldPath) -> Iterator[Violation]:
    for index, entry, wrong in _records(entries, path, _MANAGED):
        if wrong:
            yield wrong
        elif entry.get("operation") not in ("Apply", "Update"):
            yield invalid(
                (*path, index, "operation"), entry.get("operation", ""), "must be `Apply` or `Update`", rules.METADATA
            )
