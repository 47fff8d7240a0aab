"""What an overlay did to an object, remembered so that a value can be reported at the line that set it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.location import FieldPath, Span
from generator.overlay.jsonpatch import parts_of
from generator.overlay.merge import key_text
from generator.source import Document

_ABSENT: Any = object()
_NAMES = ("name", "metadata.name", "containerPort", "key", "topologyKey")
"""What tells items of a list apart, where two lists of different length are compared."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object as an overlay left it.

    `data` is the object, `path` the field in it. The first `kept` parts of the path led somewhere before the overlay
    as well: what is deeper came with it. With `key` its name is looked for, not its value.
    """

    data: Mapping[str, Any]
    path: FieldPath
    kept: int
    key: bool = False

    @property
    def missing(self) -> bool:
        """Whether the object has no such field."""
        return value_at(self.data, self.path) is _ABSENT


@dataclass(frozen=True, slots=True)
class Touch:
    """One step that changed an object: a patch's document, or an entry of the kustomization that wrote one value.

    `document` holds a merge patch or operations; without one the entry at `at` wrote `value` below `below`.
    """

    at: Span
    document: Document | None = None
    below: str = ""
    value: Any = None

    def place(self, field: Field) -> Span | None:
        """Where this step wrote a field: its value, or as a whole what it is part of. None where it did not.

        A patch that changes some parts of a mapping or list did not write the mapping or list.
        """
        if self.document is None:
            return self.at if self.below in field.path and value_at(field.data, field.path) == self.value else None
        if isinstance(self.document.data, list):
            return _of_operations(self.document, field)
        return _of_merge(self.document, field)

    def reaches(self, path: FieldPath) -> bool:
        """Whether this is a patch that says something of the field at `path`, of what it belongs to, or of its parts.

        Indices are passed over: what was taken out of a list has none any more.
        """
        names = [part for part in path if isinstance(part, str)]
        if self.document is None:
            return False
        if isinstance(self.document.data, list):
            given = (str(operation.get(key) or "") for operation in self.document.data for key in ("path", "from"))
            pointed = (
                [part for part in parts_of(text) if not part.isdigit() and part != "-"] for text in given if text
            )
            return any(part == names[: len(part)] or names == part[: len(names)] for part in pointed)
        node: Any = self.document.data
        for name in names:
            node = next((one[name] for one in _nodes(node) if name in one), None)
            if node is None:
                return False
        return bool(names)


def _of_merge(document: Document, field: Field) -> Span | None:
    node: Any = document.data
    data: Any = field.data
    written: list[str | int] = []
    whole = False
    for part in field.path:
        if not isinstance(node, dict | list):
            return document.span(tuple(written))
        whole |= _replaces(node)
        data = _step(data, part)
        there = _same_item(node, data) if isinstance(part, int) else part
        below = _ABSENT if there is None else _step(node, there)
        if there is None or below is _ABSENT:
            # What is missing in a part that the patch brought would have to be written in the patch.
            brought = whole or len(written) > field.kept
            return document.span(tuple(written)) if written and brought and field.missing else None
        node = below
        written.append(there)
    partial = isinstance(node, dict | list) and len(field.path) <= field.kept and node != data
    if not written or (partial and not whole and not _replaces(node)):
        return None
    return document.span(tuple(written), key=field.key)


def _replaces(node: Any) -> bool:
    return isinstance(node, dict) and node.get("$patch") == "replace"


def _of_operations(document: Document, field: Field) -> Span | None:
    """The last operation that wrote the field. Items that are added and removed move the others of their list."""
    path = field.path
    for index, operation in reversed(list(enumerate(document.data))):
        name, parts = operation.get("op"), parts_of(str(operation.get("path") or ""))
        length = len(parts)
        if not 0 < length <= len(path) or parts[:-1] != [str(part) for part in path[: length - 1]]:
            continue
        last, own = parts[-1], path[length - 1]
        if isinstance(own, int) and name in ("add", "remove", "copy", "move"):
            if last == "-":
                if _alike(value_at(field.data, field.path[:length]), operation.get("value", _ABSENT)):
                    return document.span((index, "value", *path[length:]), key=field.key and len(path) > length)
            elif last.isdigit() and name == "remove":
                path = (*path[: length - 1], own + (own >= int(last)), *path[length:])
            elif last.isdigit() and own > int(last):
                path = (*path[: length - 1], own - 1, *path[length:])
            elif last == str(own):
                return document.span((index, "value", *path[length:]), key=field.key and len(path) > length)
        elif last == str(own) and name == "remove":
            if field.missing:
                return document.span((index, "path"))
        elif last == str(own) and name in ("add", "replace", "copy", "move"):
            return document.span((index, "value", *path[length:]), key=field.key and len(path) > length)
    return None


def _nodes(data: Any) -> list[Mapping[str, Any]]:
    """A mapping, or the mappings of a list."""
    return [one for one in (data if isinstance(data, list) else [data]) if isinstance(one, dict)]


def _step(data: Any, part: str | int) -> Any:
    try:
        return data[part]
    except (LookupError, TypeError):
        return _ABSENT


def value_at(data: Any, path: FieldPath) -> Any:
    """The value at a path; something equal to no value where there is none."""
    for part in path:
        data = _step(data, part)
    return data


def _same_item(items: Any, wanted: Any) -> int | None:
    """The item of a list that is the same as the wanted one: by being equal, else by name."""
    if not isinstance(items, list):
        return None
    if wanted in items:
        return items.index(wanted)
    return next((index for index, item in enumerate(items) if _alike(item, wanted)), None)


def _alike(item: Any, other: Any) -> bool:
    """Whether two items are equal, or named alike."""
    if not isinstance(item, dict) or not isinstance(other, dict):
        return bool(item == other)
    return item == other or any(key_text(item, key) and key_text(item, key) == key_text(other, key) for key in _NAMES)


def path_before(before: Any, after: Any, path: FieldPath) -> FieldPath:
    """The path that a field had before a list it is in got other items, as far as there was such a field."""
    found: list[str | int] = []
    for part in path:
        after = _step(after, part)
        own: str | int | None = part
        if isinstance(part, int):
            own = _same_item(before, after)
            if own is None and not isinstance(after, dict) and part < _length(before):
                own = part  # a text among others was changed
        if own is None or _step(before, own) is _ABSENT:
            break
        found.append(own)
        before = _step(before, own)
    return tuple(found)


def _length(data: Any) -> int:
    return len(data) if isinstance(data, list) else 0


def place_of(touches: Sequence[Touch], field: Field) -> Span | None:
    """Where the last step that wrote a field is; None where no step of the overlay did."""
    return next((at for touch in reversed(touches) if (at := touch.place(field)) is not None), None)
