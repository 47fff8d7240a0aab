"""Strategic merge: a patch laid over an object, lists of known keys merged item by item.

Two ways: kustomize's (release 5.8.2, with its order of items and its losses), and ours, which knows more lists, keeps
the base's order, appends what is new, and follows the API server's own directives.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.overlay import rules
from generator.overlay.paths import plain
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
        if {_DIRECTIVE: "delete"} in patch:
            return []
        if any(_is_replacement(item) for item in patch):
            rest = [item for item in patch if not _is_replacement(item)]
            return [item for item in (self._value(None, one, (kind, None), path) for one in rest) if item is not _GONE]
        for item in patch:
            if not isinstance(item, dict):
                what = f'an item of "{".".join(path)}" is not a mapping; the list is merged by {", ".join(keys)}'
                raise RefusalError(rules.PATCH, what, "write mappings, or replace the list with JSON 6902 operations")
        if self.compat:  # a list that is missing is the patch's own, which is then merged with itself
            lists = _KustomizeList(patch if base is None else base, patch, keys, path)
            return lists.merged(lambda old, new: self._item(old, new, kind, path))
        return self._keyed(base or [], patch, kind, keys, path)

    def _item(self, old: Any, new: Any, kind: str | None, path: tuple[str, ...]) -> Any:
        """An item of a list with its patch, either of which may be missing; None where nothing is left."""
        merged = old if new is None else self._value(old, new, (kind, None), path)
        return None if merged is _GONE or not merged else merged

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
        """The base's items in their order, then what is new; two items of the patch with one key are one item."""
        result: list[Any] = list(base)
        added: list[Any] = []
        for item in patch:
            for items in (result, added):
                found = _find(items, item, keys)
                if found is not None:
                    items[found] = self._with_keys(self._item(items[found], item, kind, path), item, keys)
                    break
            else:
                merged = self._item(None, item, kind, path)
                if merged is not None:
                    added.append(merged)
        return [item for item in (*result, *added) if item is not _GONE]

    @staticmethod
    def _with_keys(merged: Any, item: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
        """A merged item with the keys it was found by, which `$patch: replace` may have left out."""
        if merged is None:
            return _GONE
        for key in keys:
            if key in item and item[key] is not None:
                merged.setdefault(key, item[key])
        return merged


class _KustomizeList:
    """A list merged by keys in the order kustomize leaves it in (kyaml/yaml/walk/associative_sequence.go).

    What the patch names comes first; in lists with two keys what is new comes first, and the rest as it was.
    """

    def __init__(self, base: list[Any], patch: list[Any], keys: Sequence[str], path: tuple[str, ...]) -> None:
        self.base = base
        self.patch = patch
        self.keys = tuple(keys)
        self.path = path

    def merged(self, merge: Callable[[Any, Any], Any]) -> list[Any]:
        """The merged list; `merge` gives an item with its patch, None where nothing is left. Raises RefusalError."""
        wanted = self._wanted()
        named: list[Any] = []
        keys = self.keys
        for values in wanted:
            present = {key for row in wanted for key, value in zip(self.keys, row, strict=True) if value}
            keys = tuple(key for key in self.keys if key in present) or self.keys
            given = [value for key, value in zip(self.keys, values, strict=True) if key in keys]
            item = merge(_first(self.base, keys, given), _first(self.patch, keys, given))
            if item is None:
                _set(self.base, None, keys, given)
                continue
            for key, value in zip(keys, given, strict=True):
                if value:
                    item.setdefault(key, plain(value))
            _set(named, item, keys, given)
        return self._with_base(named, keys) if wanted else self.base

    def _wanted(self) -> list[tuple[str, ...]]:
        """The keys of all items, those of the patch first; a key that one lacks is that of one alike."""
        rows = [
            tuple(key_text(item, key) if isinstance(item, dict) else "" for key in self.keys)
            for item in (*self.patch, *self.base)
        ]
        rows = list(dict.fromkeys(rows))
        for place in range(len(rows) if len(self.keys) > 1 else 0):
            one = rows[place]
            for index, other in enumerate(rows):
                both = list(zip(one, other, strict=True))
                if any(a == b for a, b in both) and all(a == b or not a or not b for a, b in both):
                    rows[place] = rows[index] = tuple(a or b for a, b in both)
        return rows

    def _with_base(self, named: list[Any], keys: tuple[str, ...]) -> list[Any]:
        for item in self.base:
            if item is not None and not isinstance(item, dict):
                what = f'an item of "{".".join(self.path)}" is not a mapping; the list is merged by {", ".join(keys)}'
                raise RefusalError(rules.PATCH, what, "replace the list with JSON 6902 operations")
            values = []
            for key in keys:
                if item is None or key not in item:
                    named.append(item)
                else:
                    values.append(scalar_text(item[key]))
            if len(keys) > 1:
                _set(named, None, keys, values)
            _set(named, item, keys, values)
        return [item for item in named if item is not None]


def _first(items: Sequence[Any], keys: Sequence[str], values: Sequence[str]) -> Any:
    """The first item that has all the values that are not empty; none has where all are."""
    pairs = [(key, value) for key, value in zip(keys, values, strict=True) if value]
    return next(
        (
            item
            for item in items
            if pairs and isinstance(item, dict) and all(key_text(item, key) == value for key, value in pairs)
        ),
        None,
    )


def _set(items: list[Any], new: Any, keys: Sequence[str], values: Sequence[str]) -> None:
    """Put an item in the place of all that have the values, or at the end; None removes them.

    An empty value is that of any item that has the key at all.
    """
    out: list[Any] = []
    found = False
    for item in items:
        if item is None or item == {}:
            continue
        pairs = zip(keys, values, strict=False)
        has = isinstance(item, dict) and all(key in item and value in ("", key_text(item, key)) for key, value in pairs)
        if not has or not values:
            out += [item] if values or not has else []
            continue
        found = True
        out += [] if new is None else [new]
    if new is not None and not found:
        out.append(new)
    items[:] = out


def _directive(patch: dict[str, Any]) -> str:
    found = patch.pop(_DIRECTIVE, "merge")
    if found not in ("merge", "replace", "delete"):
        raise RefusalError(rules.PATCH, f'"{found}" is not a value of `$patch`', "write merge, replace or delete")
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
    """Whether an item is the one the other names by its keys."""
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
