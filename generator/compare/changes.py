"""What differs between two versions of an object: field by field, lists by their keys where they have them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.location import format_path
from generator.overlay.merge import key_text
from generator.overlay.shapes import NOWHERE, Place, Shapes

ABSENT: Any = object()
"""Stands for a field that is not there."""
MASK = "***"
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""An annotation that holds the whole object, a Secret's values too."""
_NAME = ("name",)
_LONG = 60
_INDEX = re.compile(r"\[[0-9]+\]\Z")


@dataclass(frozen=True, slots=True)
class Change:
    """A field that differs: `before` or `after` is ABSENT where it is new or gone.

    `of_set`: it is an item of the set at `path`, which has no name of its own.
    """

    path: str
    before: Any
    after: Any
    of_set: bool = False


def changes(before: Mapping[str, Any], after: Mapping[str, Any], shapes: Shapes) -> list[Change]:
    """Everything that differs between two versions of one object; the values of a Secret are masked."""
    root = shapes.root(after.get("apiVersion"), after.get("kind"))
    found = list(_values(before, after, (root, None), (), shapes))
    secret = "Secret" in (before.get("kind"), after.get("kind"))
    return [
        Change(
            _text(path[:-1] if path[-1:] == _OF_SET else path),
            _masked(path, before, secret=secret),
            _masked(path, after, secret=secret),
            of_set=path[-1:] == _OF_SET,
        )
        for path, before, after in found
    ]


Found = tuple[tuple[str | int, ...], Any, Any]
_OF_SET = ("[]",)
"""Ends the path of an item of a set."""


def _values(before: Any, after: Any, place: Place, path: tuple[str | int, ...], shapes: Shapes) -> Iterator[Found]:
    kind, keys = place
    if isinstance(before, dict) and isinstance(after, dict):
        for key in (*before, *(key for key in after if key not in before)):
            below = shapes.below(kind, key) if kind is not None else NOWHERE
            yield from _values(before.get(key, ABSENT), after.get(key, ABSENT), below, (*path, key), shapes)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, kind, keys, path, shapes)
    elif before is ABSENT or after is ABSENT or before != after or before.__class__ is not after.__class__:
        yield path, before, after


def _lists(
    before: list[Any],
    after: list[Any],
    kind: str | None,
    keys: tuple[str, ...] | None,
    path: tuple[str | int, ...],
    shapes: Shapes,
) -> Iterator[Found]:
    if keys is not None and not keys:
        yield from (((*path, *_OF_SET), item, ABSENT) for item in before if item not in after)
        yield from (((*path, *_OF_SET), ABSENT, item) for item in after if item not in before)
        return
    if keys is None and len(before) != len(after) and _are_named((*before, *after)):
        keys = _NAME
    if keys:
        old, new = _by_keys(before, keys), _by_keys(after, keys)
        if old is not None and new is not None:
            for name in (*old, *(name for name in new if name not in old)):
                here = (*path, _shown(keys, name))
                yield from _values(old.get(name, ABSENT), new.get(name, ABSENT), (kind, None), here, shapes)
            return
    unlike = _unlike(before, after)
    if unlike is not None:
        yield from (((*path, *_OF_SET), item, ABSENT) for item in unlike[0])
        yield from (((*path, *_OF_SET), ABSENT, item) for item in unlike[1])
        return
    for index in range(max(len(before), len(after))):
        one = before[index] if index < len(before) else ABSENT
        other = after[index] if index < len(after) else ABSENT
        yield from _values(one, other, (kind, None), (*path, index), shapes)


def _are_named(items: Sequence[Any]) -> bool:
    return all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in items)


def _unlike(before: list[Any], after: list[Any]) -> tuple[list[Any], list[Any]] | None:
    """Of two lists of mappings without keys the items that only one has, where items came or went; None elsewhere.

    Compared by position, one item more would change all that follow it.
    """
    if len(before) == len(after) or not all(isinstance(item, dict) for item in (*before, *after)):
        return None
    old, new = ([_canonical(item) for item in items] for items in (before, after))
    only_old, only_new = Counter(old) - Counter(new), Counter(new) - Counter(old)
    return _those(before, old, only_old), _those(after, new, only_new)


def _canonical(item: Any) -> str:
    """Equal for equal items, whatever the order of their keys."""
    if isinstance(item, dict):
        return "{" + ",".join(sorted(f"{key!r}:{_canonical(value)}" for key, value in item.items())) + "}"
    if isinstance(item, list):
        return "[" + ",".join(map(_canonical, item)) + "]"
    return repr(item)


def _those(items: list[Any], texts: list[str], counts: Counter[str]) -> list[Any]:
    """The items of these texts, each as often as it is counted: of those that are equal, the last."""
    found = []
    for item, text in zip(reversed(items), reversed(texts), strict=True):
        if counts[text] > 0:
            counts[text] -= 1
            found.append(item)
    return found[::-1]


def _by_keys(items: list[Any], keys: tuple[str, ...]) -> dict[tuple[str, ...], Any] | None:
    """Items by what tells them apart; None where that is not unique."""
    out: dict[tuple[str, ...], Any] = {}
    for item in items:
        if not isinstance(item, dict):
            return None
        name = tuple(key_text(item, key) for key in keys)
        if name in out:
            return None
        out[name] = item
    return out


def _shown(keys: tuple[str, ...], name: tuple[str, ...]) -> str:
    """An item's keys as a part of a path; long ones are cut."""
    parts = (f"{key}={' '.join(text.split())[:_LONG]}" for key, text in zip(keys, name, strict=True) if text)
    return f"[{','.join(parts)}]"


def _text(path: tuple[str | int, ...]) -> str:
    text = ""
    plain: list[str | int] = []
    for part in path:
        if isinstance(part, str) and part.startswith("["):
            text += (("." if text else "") + format_path(tuple(plain)) if plain else "") + part
            plain = []
        else:
            plain.append(part)
    return text + (("." if text else "") + format_path(tuple(plain)) if plain else "")


def vanished(found: Iterable[Change]) -> Iterator[str]:
    """The paths of fields and of named items that are no more; of what went as a whole, that alone."""
    for change in found:
        if change.after is ABSENT and not change.of_set and not _INDEX.search(change.path):
            yield change.path


def _masked(path: tuple[str | int, ...], value: Any, *, secret: bool) -> Any:
    if not secret or value is ABSENT:
        return value
    if path[:1] not in (("data",), ("stringData",)):
        return MASK if _APPLIED in path else _without_applied(value)
    return dict.fromkeys(value, MASK) if isinstance(value, dict) else MASK


def _without_applied(value: Any) -> Any:
    """Metadata or annotations that are new or gone as a whole, without the copy of the object in them."""
    if not isinstance(value, dict):
        return value
    return {key: MASK if key == _APPLIED else _without_applied(inner) for key, inner in value.items()}
