"""Values that know where they stand in a spec: one object is rendered again with them to find a finding's line."""

from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath


class _Text(str):
    __slots__ = ("path",)
    path: FieldPath


class _Whole(int):
    path: FieldPath


class _Number(float):
    path: FieldPath


_KINDS: dict[type, type[_Text | _Whole | _Number]] = {str: _Text, int: _Whole, float: _Number}


def located(data: Any, path: FieldPath = ()) -> Any:
    """A copy of plain data whose texts and numbers carry their paths; truths and nulls cannot."""
    if isinstance(data, dict):
        return {key: located(value, (*path, key)) for key, value in data.items()}
    if isinstance(data, list):
        return [located(value, (*path, index)) for index, value in enumerate(data)]
    kind = _KINDS.get(type(data))
    if kind is None:
        return data
    copy = kind(data)
    copy.path = path
    return copy


def relocated(data: Any, model: Any) -> Any:
    """Data of the shape of `model` whose unlocated texts take the places of the model's: placeholders were filled."""
    if isinstance(data, dict) and isinstance(model, dict):
        return {key: relocated(value, model.get(key)) for key, value in data.items()}
    if isinstance(data, list) and isinstance(model, list):
        return [relocated(value, other) for value, other in zip(data, model, strict=False)]
    path = path_of(model)
    return data if path is None or path_of(data) is not None else located(data, path)


def find_value(data: Any, value: Any, key: str | int) -> FieldPath | None:
    """Where located data has a value under a key, if it has it there once."""
    found = [
        leaf.path
        for leaf in _leaves(data)
        if leaf.path[-1] == key and type(leaf).__mro__[1] is type(value) and leaf == value
    ]
    return found[0] if len(found) == 1 else None


def _leaves(data: Any) -> Iterator[Any]:
    if isinstance(data, dict | list):
        for item in data.values() if isinstance(data, dict) else data:
            yield from _leaves(item)
    elif hasattr(data, "path"):
        yield data


def path_of(value: Any) -> FieldPath | None:
    """Where a value stood in the spec: of a mapping or list, what is common to all it holds; None if unknown."""
    if isinstance(value, dict | list):
        paths = [path_of(item) for item in (value.values() if isinstance(value, dict) else value)]
        known = [path[:-1] for path in paths if path]
        return _common(known) if known and len(known) == len(paths) else None
    return getattr(value, "path", None)


def _common(paths: list[FieldPath]) -> FieldPath | None:
    first, *rest = paths
    length = next((n for n, part in enumerate(first) if any(len(p) <= n or p[n] != part for p in rest)), len(first))
    return first[:length] or None
