"""Replacements: a value of one object, or a text, written into fields of others, as kustomize 5.8.2 writes them.

What kustomize loses without a word is refused here unless `compat`: a mapping or a list that is to be written into a
plain value, all but the first document of a text, and what is written into text behind a wildcard.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from typing import Any

from generator.finding import did_you_mean
from generator.overlay import rules
from generator.overlay.embedded import Embedded, opened
from generator.overlay.kustomization import FIELDS, unfit
from generator.overlay.paths import (
    Matcher,
    PathError,
    Slot,
    Untyped,
    find,
    kind_of,
    list_index,
    lookup,
    plain,
    split_path,
)
from generator.overlay.refusal import RefusalError
from generator.overlay.resmap import ResMap
from generator.overlay.resource import Gvk, Id, Resource, scalar_text
from generator.overlay.selector import Selector
from generator.secrecy import MASK

_DEFAULT_PATH = "metadata.name"
_UNNAMED = ("spec", "data", "stringData")
"""Fields of an object in which nothing it is found by is."""
_TYPES = {"int": "a whole number", "float": "a number", "bool": "a boolean", "null": "null"}


@dataclass(frozen=True, slots=True)
class Value:
    """What is written: data, its text (none of a mapping or list), and its type; a text of no type is read as YAML."""

    data: Any
    text: str
    kind: str | None
    secret: bool = False
    """Whether it is of a Secret, and not to be shown."""


def replace(objects: ResMap, entry: Any, *, compat: bool = False) -> None:
    """Carry out one replacement; `compat` with kustomize's losses. Raises RefusalError."""
    wrong = unfit(entry, FIELDS["replacements"][0], "the replacement")
    if wrong is not None or not isinstance(entry, Mapping):
        wrong = wrong or "the replacement is empty"
        raise RefusalError(rules.REPLACEMENT, wrong, "write `source:` and `targets:` as in a kustomization")
    source, given = entry.get("source"), entry.get("sourceValue")
    if source is None and given is None:
        raise RefusalError(rules.REPLACEMENT, "the replacement has no source", "write `source:` or `sourceValue:`")
    if source is not None and given is not None:
        raise RefusalError(
            rules.REPLACEMENT, "the replacement has both source and sourceValue", "remove one of the two"
        )
    targets = entry.get("targets")
    if not targets and not (compat and targets == []):
        raise RefusalError(rules.REPLACEMENT, "the replacement has no targets", "write `targets:`")
    value = Value(given, str(given), None) if given is not None else _source_value(objects, source or {})
    for target in targets or ():
        if target is None:
            continue
        _write(objects, value, target, compat=compat)


def _source_value(objects: ResMap, source: Mapping[str, Any]) -> Value:
    named = objects.named(scalar_text(source.get("name")) or None)
    found = [resource for resource in named if not resource.gone and _is_source(resource, source)]
    wanted = ", ".join(f"{key}: {value}" for key, value in source.items() if key not in ("fieldPath", "options"))
    if len(found) > 1:
        known = ", ".join(str(one.id) for one in found[:10])
        what = f"{len(found)} objects match the source ({wanted}): {known}"
        raise RefusalError(rules.REPLACEMENT, what, "write the kind, name and namespace of one of them")
    if not found:
        near = did_you_mean(str(source.get("name") or ""), [one.name for one in objects if one.name])
        raise RefusalError(rules.REPLACEMENT, f"no object matches the source ({wanted})", near)
    path = source.get("fieldPath") or _DEFAULT_PATH
    try:
        data = lookup(found[0].body, split_path(path))
    except PathError as error:
        raise RefusalError(
            rules.REPLACEMENT, f'{found[0].id} has no field "{path}": {error.message}', error.hint
        ) from None
    if data is None or data in ({}, []):
        what = f'field "{path}" of {found[0].id} is missing or empty'
        raise RefusalError(rules.REPLACEMENT, what, "correct the path, or write the value into the source")
    value = _value(found[0], path, data)
    return _piece(value, source.get("options") or {}, path)


def _value(resource: Resource, path: str, data: Any) -> Value:
    """A value with its text: of a number the text that was written, where the file still says the same."""
    text = scalar_text(data)
    parts = [whole if (whole := list_index(part)) is not None else part for part in split_path(path)]
    document = resource.source
    if isinstance(data, int | float) and not isinstance(data, bool) and document is not None:
        written = getattr(document.node(tuple(parts)), "value", None)
        if isinstance(written, str) and _read(written) == data:
            text = written
    return Value(data, text, _kind(data, text), secret=resource.kind == "Secret")


def _read(text: str) -> Any:
    try:
        return plain(text)
    except PathError:
        return None


def _piece(value: Value, options: Mapping[str, Any], path: str) -> Value:
    delimiter = options.get("delimiter")
    if not delimiter:
        return value
    if value.kind is None:
        what = f'"{path}" is {kind_of(value.data)}, which a delimiter does not split'
        raise RefusalError(rules.REPLACEMENT, what, "remove the delimiter, or lead the path to a plain value")
    pieces = value.text.split(delimiter)
    index = options.get("index") or 0
    if not 0 <= index < len(pieces):
        shown = MASK if value.secret else f'"{value.text}"'
        what = f'"{path}" has no part {index}: {shown} has {len(pieces)} split by "{delimiter}"'
        raise RefusalError(rules.REPLACEMENT, what, f"write an index from 0 to {len(pieces) - 1}")
    data = pieces[index]
    return replace_fields(value, data=data if value.kind == "str" else _typed(data, value.kind, MASK), text=data)


def _gvk(data: Mapping[str, Any]) -> Gvk:
    group, version = scalar_text(data.get("group")), scalar_text(data.get("version"))
    api_version = scalar_text(data.get("apiVersion"))
    if api_version:
        before, slash, after = api_version.partition("/")
        group, version = (before, after) if slash else ("", before)
    return Gvk(group, version, scalar_text(data.get("kind")))


def _ids(resource: Resource) -> list[Id]:
    return [resource.id, *resource.previous_ids]


def _is_source(resource: Resource, source: Mapping[str, Any]) -> bool:
    kind, name, namespace = _gvk(source), scalar_text(source.get("name")), scalar_text(source.get("namespace"))
    return any(
        one.gvk.selected_by(kind) and name in ("", one.name) and namespace in ("", one.namespace)
        for one in _ids(resource)
    )


def selector_of(data: Mapping[str, Any]) -> Selector:
    """A selector from data."""
    gvk = _gvk(data)
    return Selector(
        gvk.group,
        gvk.version,
        gvk.kind,
        scalar_text(data.get("name")),
        scalar_text(data.get("namespace")),
        scalar_text(data.get("labelSelector")),
        scalar_text(data.get("annotationSelector")),
    )


def _write(objects: ResMap, value: Value, target: Mapping[str, Any], *, compat: bool) -> None:
    if target.get("select") is None or not (target["select"] or compat):
        raise RefusalError(rules.REPLACEMENT, "the target selects nothing", "write `select:` with a kind or a name")
    select = selector_of(target["select"])
    rejects = [selector_of(data) for data in target.get("reject") or () if data]
    for selector in (select, *rejects):
        selector.check()
    for resource in list(objects.named(select.one_name)):
        if resource.gone or not _chosen(resource, select) or any(_rejected(resource, one) for one in rejects):
            continue
        for path in target.get("fieldPaths") or (_DEFAULT_PATH,):
            _Writing(resource, path or "", value, target.get("options") or {}, compat=compat).write()
            if _may_rename(path or ""):
                objects.changed()


def _may_rename(path: str) -> bool:
    """Whether a write at a path may change what an object is found by: all but what is known not to."""
    first, *rest = split_path(path)
    return first not in _UNNAMED and (first != "metadata" or not rest or rest[0] not in ("labels", "annotations"))


def _chosen(resource: Resource, selector: Selector) -> bool:
    return selector.selects_strings(resource) and _has_id(resource, selector)


def _has_id(resource: Resource, selector: Selector) -> bool:
    """Whether an id matches: the present one with its namespace as written, earlier ones with the effective one."""
    if selector.selects_written(resource.gvk, resource.name, resource.namespace):
        return True
    return any(selector.selects_written(one.gvk, one.name, one.namespace) for one in resource.previous_ids)


def _rejected(resource: Resource, selector: Selector) -> bool:
    if (selector.labels or selector.annotations) and selector.selects_strings(resource):
        return True
    return not selector.names_nothing and _has_id(resource, selector)


class _Writing:
    """One path of one object, and the value for it."""

    def __init__(
        self, resource: Resource, path: str, value: Value, options: Mapping[str, Any], *, compat: bool
    ) -> None:
        self.resource = resource
        self.path = path
        self.value = value
        self.options = options
        self.compat = compat
        make: Any = None
        if options.get("create") is True:
            make = type(value.data)() if isinstance(value.data, dict | list) else Untyped()
        self.matcher = Matcher(make, self._inside if compat else None, strict=not compat)

    def write(self) -> None:
        """Write the value. Raises RefusalError where the path leads nowhere or the value does not fit."""
        try:
            self._write()
        except PathError as error:
            what = f'{self.resource.id} has no field "{self.path}": {error.message}'
            raise RefusalError(rules.REPLACEMENT, what, error.hint) from None

    def _write(self) -> None:
        parts = split_path(self.path)
        if self._into_text(parts):
            return
        slots = self.matcher.slots(self.resource.body, parts)
        if not slots:
            raise PathError(
                "it is missing", self.matcher.near() or "correct the path, or say `options: {create: true}`"
            )
        if not self.compat and self.path in {"metadata.name", "metadata.namespace"}:
            self.resource.remember()
        for slot in slots:
            self._put(slot)

    def _into_text(self, parts: Sequence[str]) -> bool:
        """Whether the path led into the JSON or YAML of a text, and the value is written there."""
        for length in range(1, len(parts)):
            try:
                slot = find(self.resource.body, parts[:length])
            except PathError:
                continue
            found = None if slot is None else slot[0][slot[1]]
            text = opened(found) if isinstance(found, str) else None
            if slot is None or text is None:
                continue
            try:
                slot[0][slot[1]] = self._changed(".".join(parts[:length]), text, parts[length:])
            except (PathError, RefusalError):
                if not self.compat:
                    raise
                return False
            return True
        return False

    def _changed(self, field: str, text: Embedded, parts: Sequence[str]) -> str:
        """A text with the value written into it. Raises PathError."""
        if text.documents > 1 and not self.compat:
            raise PathError(f'"{field}" holds {text.documents} documents', "keep one document in the text")
        slots = self.matcher.slots(text.data, parts)
        if not slots:
            near = "" if self.resource.kind == "Secret" else self.matcher.near()
            raise PathError(f'"{".".join(parts)}" is missing in the text of "{field}"', near or "correct the path")
        for slot in slots:
            self._put(slot)
        try:
            return text.written()
        except ValueError as error:
            raise PathError(f'the text of "{field}" cannot be written anew: {error}', "simplify the text") from None

    @staticmethod
    def _inside(value: Any) -> Any:
        """A copy of what a text holds: kustomize writes into it, and forgets it."""
        found = opened(value) if isinstance(value, str) else None
        if found is None:
            raise PathError("the path leads into a plain value", "correct the path")
        return found.data

    def _put(self, slot: Slot) -> None:
        container, key = slot
        old, value = container[key], self._joined(container[key])
        if isinstance(old, dict | list):
            nested = isinstance(value.data, dict | list)
            container[key] = copy.deepcopy(value.data) if nested else _typed(value.text, value.kind, self._shown(value))
        elif isinstance(value.data, dict | list) and not self.compat:
            what = f"it is {kind_of(old)}, and the source is {kind_of(value.data)}"
            raise PathError(what, "lead the source's path to a plain value, or remove the target's field")
        elif isinstance(old, Untyped) and isinstance(container, list) and not value.text:
            container[key] = None
        else:
            container[key] = _typed(value.text, _kind(old, scalar_text(old)), self._shown(value))

    def _shown(self, value: Value) -> str:
        """The value as a message shows it: what is of a Secret, or goes into one, stays out."""
        if value.secret or self.resource.kind == "Secret":
            return MASK
        return f'"{value.text}"' if value.text else "an empty text"

    def _joined(self, old: Any) -> Value:
        """The value, put between the parts of the old one where there is a delimiter."""
        delimiter = self.options.get("delimiter")
        if not delimiter:
            return self.value
        if isinstance(old, dict | list):
            raise PathError(f"it is {kind_of(old)}, which a delimiter does not split", "remove the delimiter")
        if isinstance(self.value.data, dict | list) and not self.compat:
            what = f"the source is {kind_of(self.value.data)}, which does not go between delimiters"
            raise PathError(what, "lead the source's path to a plain value")
        pieces = (old.text if isinstance(old, Untyped) else scalar_text(old)).split(delimiter)
        index, text = self.options.get("index") or 0, self.value.text
        if index < 0:
            pieces.insert(0, text)
        elif index >= len(pieces):
            pieces.append(text)
        else:
            pieces[index] = text
        joined = delimiter.join(pieces)
        return replace_fields(self.value, data=joined, text=joined)


def _kind(data: Any, text: str) -> str | None:
    """The YAML type of a plain value; none of a mapping or list, or of what has none yet."""
    if isinstance(data, dict | list | Untyped):
        return None
    if isinstance(data, str):
        return "str"
    if isinstance(data, bool):
        return "bool"
    if data is None:
        return "null"
    return "int" if _whole(data, text) else "float"


def _whole(data: Any, text: str) -> bool:
    based = text.lstrip("-+")[:2].lower() == "0x"
    return isinstance(data, int) and (based or not set(text) & set(".eE"))


def _typed(text: str, kind: str | None, shown: str) -> Any:
    """A text as a value of a type; `shown` is how a message calls it. Raises PathError where it is of another type."""
    if kind == "str":
        return text
    data = plain(text)
    if kind is None:
        return data
    if kind == "null" and text == "":
        return ""
    given = _kind(data, text)
    if given == kind or (kind, given) == ("float", "int"):
        return data
    raise PathError(
        f"it holds {_TYPES[kind]}, and {shown} is not one", "quote the field's value, or correct the source"
    )
