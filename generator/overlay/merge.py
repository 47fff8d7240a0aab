"""Strategic merge: a patch laid over an object, lists of known keys merged item by item.

Two ways: kustomize's (release 5.8.2, with its order of items and its losses), and ours, which knows more lists, keeps
the base's order, appends what is new, and follows the API server's own directives.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.overlay import rules
from generator.overlay.refusal import RefusalError
from generator.overlay.resource import scalar_text
from generator.overlay.shapes import NOWHERE, Place, Shapes

_GONE = object()
_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_ORDER = "$setElementOrder/"
_DELETE_FROM = "$deleteFromPrimitiveList/"


@dataclass(frozen=True, slots=True)
class Merger:
    """Merges by the keys of `shapes`; `compat` as kustomize does."""

    shapes: Shapes
    compat: bool = False

    def merge(self, base: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any] | None:
        """The base with the patch laid over it; the base is changed in place. None where nothing is left.

        Raises RefusalError where the two do not fit.
        """
        root = self.shapes.root(base.get("apiVersion"), base.get("kind"))
        merged = self._value(base, copy.deepcopy(patch), (root, None), ())
        return merged if isinstance(merged, dict) and merged else None

    def _value(self, base: Any, patch: Any, place: Place, path: tuple[str, ...]) -> Any:
        if patch is None:
            return _GONE
        sample = base if base is not None else patch
        if isinstance(sample, dict):
            _same(patch, dict, path, base)
            return self._mapping(base, patch, place[0], path)
        if isinstance(sample, list):
            _same(patch, list, path, base)
            return self._list(base, patch, place, path)
        if isinstance(patch, dict | list):
            _same(patch, str, path, base)
        return patch

    def _mapping(
        self, base: dict[str, Any] | None, patch: dict[str, Any], kind: str | None, path: tuple[str, ...]
    ) -> Any:
        directive = _directive(patch)
        if directive == "delete":
            return _GONE
        if base is None or directive == "replace":
            base = {}
        if not self.compat:
            self._directives(base, patch, kind)
        for key in list(patch):
            place = self.shapes.below(kind, key) if kind is not None else NOWHERE
            merged = self._value(base.get(key), patch[key], place, (*path, key))
            if merged is _GONE:
                base.pop(key, None)
            else:
                base[key] = merged
        return base

    def _directives(self, base: dict[str, Any], patch: dict[str, Any], kind: str | None) -> None:
        """The API server's own directives, which take effect on the base before the patch does."""
        retained = patch.pop(_RETAIN, None)
        if isinstance(retained, list):
            for key in [key for key in base if key not in retained]:
                del base[key]
        for name in [name for name in patch if name.startswith(_DELETE_FROM)]:
            field, gone = name.removeprefix(_DELETE_FROM), patch.pop(name)
            if isinstance(base.get(field), list) and isinstance(gone, list):
                base[field] = [item for item in base[field] if item not in gone]
        for name in [name for name in patch if name.startswith(_ORDER)]:
            field, order = name.removeprefix(_ORDER), patch.pop(name)
            keys = self.shapes.below(kind, field)[1] if kind is not None else None
            if isinstance(order, list):
                patch.setdefault(field, [])
                base[field] = _ordered(base.get(field) or [], order, keys or ())

    def _list(self, base: list[Any] | None, patch: list[Any], place: Place, path: tuple[str, ...]) -> Any:
        kind, keys = place
        if keys is None:
            return patch
        if not keys:
            return self._set(base or [], patch)
        return self._keyed(base or [], patch, kind, keys, path)

    def _set(self, base: list[Any], patch: list[Any]) -> list[Any]:
        first, second = (patch, base) if self.compat else (base, patch)
        out: list[Any] = []
        for item in (*first, *second):
            if item is not None and item not in out:
                out.append(item)
        return out

    def _keyed(
        self, base: list[Any], patch: list[Any], kind: str | None, keys: tuple[str, ...], path: tuple[str, ...]
    ) -> list[Any]:
        if {_DIRECTIVE: "delete"} in patch:
            return []
        if any(_is_replacement(item) for item in patch):
            rest = [item for item in patch if not _is_replacement(item)]
            return [item for item in (self._value(None, one, (kind, None), path) for one in rest) if item is not _GONE]
        result: list[Any] = list(base)
        added: list[Any] = []
        named: list[Any] = []
        for number, item in enumerate(patch):
            if not isinstance(item, dict):
                raise RefusalError(
                    rules.PATCH,
                    f'an item of "{".".join(path)}" is not a mapping; the list is merged by {", ".join(keys)}',
                    "write mappings, or replace the list with JSON 6902 operations",
                )
            again = next((one for one in named if _matches(one, item, keys)), None)
            if self.compat and any(_matches(one, item, keys) for one in patch[:number]):
                continue  # of two items of one key the first counts
            found = _find(result, item, keys)
            if found is None and again is not None:
                self._value(again, item, (kind, None), path)
                continue
            if found is None:
                merged = self._value(None, item, (kind, None), path)
                if merged is not _GONE and merged:
                    added.append(merged)
                    named.append(merged)
                continue
            if self.compat and item.get(_DIRECTIVE) == "replace":
                named.append(result[found])  # kustomize puts the old item back
                continue
            merged = self._value(result[found], item, (kind, None), path)
            if merged is _GONE or not merged:
                result[found] = _GONE
            else:
                for key in keys:
                    if key in item and item[key] is not None:
                        merged.setdefault(key, item[key])
                result[found] = merged
                named.append(merged)
        kept = [item for item in result if item is not _GONE]
        if not self.compat:
            return [*kept, *added]
        # Kustomize's order: what the patch names, in its order, then the rest.
        return [*named, *(item for item in kept if not any(item is one for one in named))]


def _directive(patch: dict[str, Any]) -> str:
    found = patch.pop(_DIRECTIVE, "merge")
    if found not in ("merge", "replace", "delete"):
        raise RefusalError(rules.PATCH, f'"$patch: {found}" is no directive', "known: merge, replace, delete")
    return str(found)


def _is_replacement(item: Any) -> bool:
    """`- $patch: replace` as an item of its own: the list is what the rest of the patch says."""
    return isinstance(item, dict) and item == {_DIRECTIVE: "replace"}


def _same(patch: Any, wanted: type, path: tuple[str, ...], base: Any) -> None:
    kinds: dict[type, str] = {dict: "a mapping", list: "a list", str: "a plain value"}
    given: type = dict if isinstance(patch, dict) else list if isinstance(patch, list) else str
    if given is not wanted and base is not None:
        where = ".".join(path) or "the object"
        raise RefusalError(
            rules.PATCH,
            f'"{where}" is {kinds[wanted]} in the base and {kinds[given]} in the patch',
            "give it the same form, or use JSON 6902 operations",
        )


def _find(items: Sequence[Any], wanted: dict[str, Any], keys: tuple[str, ...]) -> int | None:
    return next((index for index, item in enumerate(items) if item is not _GONE and _matches(item, wanted, keys)), None)


def _matches(item: Any, wanted: dict[str, Any], keys: tuple[str, ...]) -> bool:
    """Whether an item is the one that is meant: by the keys the other one has."""
    given = [(key, text) for key in keys if (text := key_text(wanted, key))]
    if not given or not isinstance(item, dict):
        return False
    return all(key_text(item, key) == text for key, text in given)


def key_text(item: Mapping[str, Any], key: str) -> str:
    """The text of a key, which may be a field of a field (`metadata.name`)."""
    value: Any = item
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return scalar_text(value)


def _ordered(items: list[Any], order: list[Any], keys: tuple[str, ...]) -> list[Any]:
    """Items in the order a directive gives; those it does not name follow."""

    def place(item: Any) -> int:
        for index, wanted in enumerate(order):
            if item == wanted or (keys and isinstance(wanted, dict) and _matches(item, wanted, keys)):
                return index
        return len(order)

    return sorted(items, key=place)
