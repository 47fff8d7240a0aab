"""Field specs: where in which kinds a transformer works, and the walk to those places."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from generator.overlay import rules
from generator.overlay.refusal import RefusalError
from generator.overlay.resource import Gvk

Parts = tuple[tuple[str, bool], ...]
"""A path's keys, each with whether it was written as a list (`containers[]`)."""

Setter = Callable[[Any, Any], None]
"""Gets the container and the key (or index) of a place found."""


class FieldSpec(NamedTuple):
    """One place in the objects of some kinds."""

    gvk: Gvk
    path: str
    create: bool = False

    @property
    def parts(self) -> Parts:
        """The path, split once."""
        return split_path(self.path)


def split(path: str, delimiter: str) -> list[str]:
    """Split a path; a backslash before the delimiter keeps it."""
    pieces = path.split(delimiter)
    if len(pieces) > 1 and not pieces[0]:
        pieces = pieces[1:]
    out = [pieces[0]]
    for piece in pieces[1:]:
        if out[-1].endswith("\\"):
            out[-1] = out[-1][:-1] + delimiter + piece
        else:
            out.append(piece)
    return out


_SPLIT: dict[str, Parts] = {}


def split_path(path: str) -> Parts:
    """A slash path as parts."""
    parts = _SPLIT.get(path)
    if parts is None:
        parts = tuple((piece.removesuffix("[]"), piece.endswith("[]")) for piece in split(path, "/"))
        _SPLIT[path] = parts
    return parts


def matches(spec: FieldSpec, gvk: Gvk) -> bool:
    """Whether a spec speaks of a kind."""
    return gvk.selected_by(spec.gvk)


def merge_one(specs: list[FieldSpec], new: FieldSpec) -> None:
    """Add a spec unless one there already covers it.

    Raises RefusalError where the two disagree on creating the field.
    """
    for spec in specs:
        if spec.path == new.path and spec.gvk.selected_by(new.gvk):
            if spec.create != new.create:
                what = f'two field specs for "{new.path}" of {new.gvk.kind or "any kind"} disagree on `create`'
                raise RefusalError(rules.CONFIGURATION, what, "give both the same `create`")
            return
    specs.append(new)


def merge_all(specs: Iterable[FieldSpec], more: Iterable[FieldSpec]) -> list[FieldSpec]:
    """Both lists as one."""
    out = list(specs)
    for spec in more:
        merge_one(out, spec)
    return out


def apply(node: Any, parts: Parts, setter: Setter, *, create: bool, blank: Callable[[], Any] | None) -> None:
    """Call `setter` for every place a path leads to; lists on the way are walked item by item.

    `blank` makes a missing last field where the spec creates fields; None never creates.
    Raises RefusalError where the path leads into a plain value.
    """
    _walk(node, parts, 0, setter, blank if create else None)


def _walk(node: Any, parts: Parts, depth: int, setter: Setter, blank: Callable[[], Any] | None) -> None:
    if isinstance(node, list):
        for item in node:
            _walk(item, parts, depth, setter, blank)
        return
    if node is None:
        return
    name, is_list = parts[depth]
    if not isinstance(node, dict):
        where = "/".join(part for part, _ in parts)
        raise RefusalError(
            rules.PATH,
            f'"{where}" leads into the plain value {json.dumps(node)} at "{name}"',
            "correct the path, or the object",
        )
    if not name:
        raise RefusalError(rules.PATH, "a field spec's path has an empty part", "remove the extra slash")
    last = depth + 1 == len(parts)
    if name not in node:
        if blank is None or is_list:
            return
        node[name] = blank() if last else {}
    value = node[name]
    if value is None:
        if is_list:
            value = node[name] = []
        elif blank is not None:
            value = node[name] = blank() if last else {}
    if last:
        setter(node, name)
    else:
        _walk(value, parts, depth + 1, setter, blank)


def leaves(container: Any, key: Any) -> Iterator[tuple[Any, Any, Any]]:
    """The values at a place found: the items of a list, or the one value there is."""
    value = container[key]
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield value, index, item
    else:
        yield container, key, value
