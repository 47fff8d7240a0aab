"""What an overlay did to an object, remembered so that a finding can name the line that set a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.location import FieldPath, Span
from generator.overlay.jsonpatch import parts_of
from generator.overlay.merge import key_text
from generator.source import Document


@dataclass(frozen=True, slots=True)
class Touch:
    """One step that changed an object: a patch's document, or an entry of the kustomization that wrote one value.

    `document` holds a merge patch or operations; without one the entry at `at` wrote `value` below `below`.
    """

    at: Span
    document: Document | None = None
    below: str = ""
    value: Any = None

    def place(self, data: Mapping[str, Any], path: FieldPath) -> Span | None:
        """Where this step wrote the field at `path` of the object as it is now; None where it did not."""
        if self.document is None:
            return self.at if self.below in path and _at(data, path) == self.value else None
        if isinstance(self.document.data, list):
            return self._of_operations(self.document, path)
        return self._of_merge(self.document, data, path)

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

    def _of_merge(self, document: Document, data: Any, path: FieldPath) -> Span | None:
        node: Any = document.data
        written: list[str | int] = []
        for part in path:
            data = _step(data, part)
            there = _same_item(node, data) if isinstance(part, int) else part
            if there is None or _step(node, there) is None:
                # A field that nobody wrote is missing where the patch wrote what it belongs to.
                missing = data is None and len(written) == len(path) - 1
                return document.span(tuple(written)) if missing else None
            node = node[there]
            written.append(there)
        return document.span(tuple(written)) if written else None

    @staticmethod
    def _of_operations(document: Document, path: FieldPath) -> Span | None:
        for index, operation in reversed(list(enumerate(document.data))):
            if operation.get("op") not in ("add", "replace", "copy", "move"):
                continue
            parts = parts_of(str(operation.get("path") or ""))
            if all(part in (str(given), "-") for part, given in zip(parts, path, strict=False)):
                return document.span((index, "value", *path[len(parts) :]))
        return None


def _nodes(data: Any) -> list[Mapping[str, Any]]:
    """A mapping, or the mappings of a list."""
    return [one for one in (data if isinstance(data, list) else [data]) if isinstance(one, dict)]


def _step(data: Any, part: str | int) -> Any:
    try:
        return data[part]
    except (LookupError, TypeError):
        return None


def _at(data: Any, path: FieldPath) -> Any:
    for part in path:
        data = _step(data, part)
    return data


def _same_item(items: Any, wanted: Any) -> int | None:
    """The item of a patch's list that the object's item came from: by name, else by being equal."""
    if not isinstance(items, list):
        return None
    for index, item in enumerate(items):
        if item == wanted:
            return index
        if isinstance(item, dict) and isinstance(wanted, dict):
            for key in ("name", "metadata.name", "containerPort", "key", "topologyKey"):
                if key_text(item, key) and key_text(item, key) == key_text(wanted, key):
                    return index
    return None


def place_of(touches: Sequence[Touch], data: Mapping[str, Any], path: FieldPath) -> Span | None:
    """Where the last step that wrote a field stands; None where no step of the overlay did."""
    for touch in reversed(touches):
        found = touch.place(data, path)
        if found is not None:
            return found
    return None
