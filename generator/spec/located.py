"""Values that know where they stand in a spec: one object is rendered again with them to find a finding's line."""

from collections.abc import Iterator, Mapping, Sequence
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


def as_text(value: Any) -> str:
    """A text or number of a spec as text, which keeps its place."""
    path = path_of(value)
    text: str = str(value) if path is None else located(str(value), path)
    return text


def relocated(data: Any, model: Any) -> Any:
    """Data of the shape of `model` whose unlocated texts take the places of the model's: placeholders were filled."""
    if isinstance(data, dict) and isinstance(model, dict):
        return {key: relocated(value, model.get(key)) for key, value in data.items()}
    if isinstance(data, list) and isinstance(model, list):
        return [relocated(value, other) for value, other in zip(data, model, strict=False)]
    path = path_of(model)
    return data if path is None or path_of(data) is not None else located(data, path)


def find_value(data: Any, rendered: FieldPath, value: Any, called: Mapping[str, str]) -> FieldPath | None:
    """Where located data has the value of a rendered field, under the key of that field.

    Of several places it is the one whose path ends most like that of the field; None where two are equally like it.
    `called` are keys that are something else in the data.
    """
    names = [called.get(part, part) for part in rendered if isinstance(part, str)]
    found: dict[int, list[FieldPath]] = {}
    for path, leaf in _leaves(data, ()):
        own = [part for part in path if isinstance(part, str)]
        same = _plain(leaf) is _plain(value) and leaf == value
        if same and own[-1:] == names[-1:] and isinstance(path[-1], int) == isinstance(rendered[-1], int):
            found.setdefault(_alike(own, names), []).append(path)
    best = found[max(found)] if found else []
    return best[0] if len(best) == 1 else None


def _leaves(data: Any, path: FieldPath) -> Iterator[tuple[FieldPath, Any]]:
    if isinstance(data, dict | list):
        for part, item in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _leaves(item, (*path, part))
    elif path:
        yield path, data


def _plain(value: Any) -> type:
    """The type of a value, located or not: a boolean is not a number."""
    return next((kind for kind, located_kind in _KINDS.items() if type(value) is located_kind), type(value))


def _alike(path: Sequence[str], other: Sequence[str]) -> int:
    """How many parts two paths have in common at their ends."""
    pairs = zip(reversed(path), reversed(other), strict=False)
    return next((n for n, (one, two) in enumerate(pairs) if one != two), min(len(path), len(other)))


def path_of(value: Any, below: FieldPath = ()) -> FieldPath | None:
    """Where a value was in the spec; None if unknown.

    A mapping or list that was made of the spec was where those of its values were that come from `below`. It was made
    of the spec if one of its own values was, or all it holds was.
    """
    if not isinstance(value, dict | list):
        return getattr(value, "path", None)
    if not _is_made_of_spec(value):
        return None
    found = _common([path[:-1] for path in _paths(value) if path[: len(below)] == below and len(path) > len(below)])
    return found[:-1] if isinstance(value, list) and found and isinstance(found[-1], int) else found


def _is_made_of_spec(value: Any) -> bool:
    if isinstance(value, dict):
        own = any(hasattr(item, "path") for item in value.values())
        return own or all(map(_is_made_of_spec, value.values()))
    if isinstance(value, list):
        return all(map(_is_made_of_spec, value))
    return hasattr(value, "path") or value is None or isinstance(value, bool)  # these two cannot carry a place


def _paths(value: Any) -> Iterator[FieldPath]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _paths(key)
            yield from _paths(item)
    elif isinstance(value, list):
        for item in value:
            yield from _paths(item)
    elif hasattr(value, "path"):
        yield value.path


def _common(paths: Sequence[FieldPath]) -> FieldPath | None:
    if not paths:
        return None
    first, *rest = paths
    length = next((n for n, part in enumerate(first) if any(len(p) <= n or p[n] != part for p in rest)), len(first))
    return first[:length] or None
