"""Dotted paths into plain data (`spec.containers.[name=app].image`), walked as kustomize 5.8.2 walks them.

The walks are those of kyaml: `Lookup` (kyaml/yaml/fns.go, PathGetter) reads one value; `PathMatcher`
(kyaml/yaml/match.go) finds every place a path leads to, and makes what is missing where it is asked to.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.digits import whole
from generator.finding import did_you_mean
from generator.overlay.resource import scalar_text
from generator.overlay.selector import compiled
from generator.source.scalars import OddScalarError, kustomize_scalar

Slot = tuple[Any, Any]
"""A place: the container, and the key or index in it."""


class PathError(ValueError):
    """A path that cannot be followed; `hint` says what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Untyped:
    """A plain value that was made and has no type yet: it gets that of what is written."""

    text: str = ""


_INDEX = re.compile(r"[-+]?[0-9]+\Z")


def split_path(path: str) -> list[str]:
    r"""A path's parts: `a.b`, `a.0`, `a.[name=x.y]`, `a.[x.y]` (a key with dots), `a.b\.c` (the same), `a.*`."""
    pieces = path.split(".")
    if len(pieces) > 1 and not pieces[0]:
        pieces = pieces[1:]
    joined = [pieces[0]]
    for piece in pieces[1:]:
        if joined[-1].endswith("\\"):
            joined[-1] = f"{joined[-1][:-1]}.{piece}"
        else:
            joined.append(piece)
    parts: list[str] = []
    rest = iter(joined)
    for part in rest:
        bracketed = [part]
        if part.startswith("[") and not part.endswith("]"):
            for more in rest:
                bracketed.append(more)
                if more.endswith("]"):
                    break
            whole_part = ".".join(bracketed)
            parts.append(whole_part if "=" in whole_part else whole_part.strip("[]"))
        else:
            parts.append(part)
    return parts


def list_index(part: str) -> int | None:
    """The index a part is; None where it is none. A negative one is returned as it is."""
    return whole(part) if _INDEX.match(part) else None


def is_match(part: str) -> bool:
    """Whether a part selects items of a list (`[name=app]`)."""
    return part.startswith("[") and part.endswith("]")


def _pair(part: str) -> tuple[str, str]:
    name, sign, value = part[1:-1].partition("=")
    if not sign:
        raise PathError(f'"{part}" selects no item of a list', "write `[field=value]`, or the index")
    return name, value


def kind_of(value: Any) -> str:
    """What a value is, in words."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "null" if value is None else "a plain value"


def lookup(data: Any, parts: Sequence[str]) -> Any:
    """The one value a path leads to; None where it is missing or null.

    Raises PathError where the path does not fit the data.
    """
    found = find(data, parts)
    return None if found is None else found[0][found[1]]


def find(data: Any, parts: Sequence[str]) -> Slot | None:
    """The one place a path leads to; None where it is missing. Raises PathError where the path does not fit the data.

    `-` is the last item of a list, `[name=x]` the first item whose field is exactly `x`; `*` is refused.
    """
    container: Any = [data]
    key: Any = 0
    for part in (stripped for one in parts if (stripped := one.strip())):
        node = container[key]
        if node is None:
            return None
        index = list_index(part)
        if index is not None or part == "-":
            items = _list(node, part)
            if index is not None and index < 0:
                raise PathError(f"index {index} is negative", "count from 0, or write `-` for the last item")
            if index is None and not items:
                raise PathError("`-` means the last item, and the list is empty", "correct the path")
            container, key = items, len(items) - 1 if index is None else index
            if key >= len(items):
                return None
        elif part == "*":
            raise PathError("`*` means several values, and one is needed", "write the index, or `[field=value]`")
        elif is_match(part):
            name, value = _pair(part)
            container = _list(node, part)
            key = next((place for place, item in enumerate(container) if _is_item(item, name, value)), None)
            if key is None:
                return None
        else:
            container, key = _mapping(node, part), part
            if part not in container:
                return None
    return container, key


def _is_item(item: Any, name: str, value: str) -> bool:
    if name:
        return isinstance(item, dict) and name in item and scalar_text(item[name]) == value
    return not isinstance(item, dict | list) and scalar_text(item) == value


def _list(node: Any, part: str) -> list[Any]:
    if not isinstance(node, list):
        raise PathError(f'"{part}" needs a list, and there is {kind_of(node)}', "correct the path")
    return node


def _mapping(node: Any, part: str) -> dict[str, Any]:
    if isinstance(node, list):
        hint = f"write the index after the last, `{len(node)}`, with `create: true`" if part == "-" else _before(node)
        raise PathError(f'"{part}" is not an index of a list', hint)
    if not isinstance(node, dict):
        raise PathError(f'"{part}" needs a mapping, and there is {kind_of(node)}', "correct the path")
    return node


def _before(items: list[Any]) -> str:
    named = bool(items) and isinstance(items[0], dict) and "name" in items[0]
    return "write `[name=NAME]`, an index or `*` before it" if named else "write an index or `*` before it"


@dataclass(frozen=True, slots=True)
class Matcher:
    """Finds every place a path leads to.

    `make` is what a missing last part becomes (`{}`, `[]` or Untyped); None makes nothing. What lies between is made as
    a list where an index or `[field=value]` follows, as a mapping otherwise. `inside` gives the data of a text that the
    path leads into; without it such a path is refused. `strict` refuses `-`, which kustomize takes for a key.
    `missed` keeps keys that were missing, with those that are there.
    """

    make: Any = None
    inside: Callable[[Any], Any] | None = None
    strict: bool = True
    missed: list[tuple[str, list[str]]] = field(default_factory=list, compare=False)

    def near(self) -> str:
        """The keys that are like the one that was missing, or all of them where there are few."""
        return did_you_mean(*self.missed[-1]) if self.missed else ""

    def slots(self, data: Any, parts: Sequence[str]) -> list[Slot]:
        """The places, none where something is missing. Raises PathError where the path does not fit the data."""
        return self._from([data], 0, parts)

    def _from(self, container: Any, key: Any, parts: Sequence[str]) -> list[Slot]:
        if not parts:
            return [(container, key)]
        node, part = container[key], parts[0]
        index = list_index(part)
        if node is None and (self.make is not None or part == ""):
            raise PathError(f'"{part}" is to be made in null', "write `{}` or `[]` instead of null, or remove the key")
        if index is not None and index >= 0:
            return self._indexed(_list([] if node is None else node, part), index, parts)
        if is_match(part):
            return self._matched(_list([] if node is None else node, part), parts)
        if part == "*":
            items = _list([] if node is None else node, part)
            return [slot for number in range(len(items)) for slot in self._from(items, number, parts[1:])]
        return self._field(node, parts)

    def _field(self, node: Any, parts: Sequence[str]) -> list[Slot]:
        part, rest = parts[0], parts[1:]
        if node is None:
            return []
        mapping = _mapping(node, part)
        if not part:
            raise PathError("the path has an empty part", "write one dot between two parts")
        if self.strict and part == "-":
            raise PathError('"-" is not an index', "write the index after the last, `0` in a list that is missing")
        if part not in mapping:
            if self.make is None:
                self.missed.append((part, list(mapping)))
                return []
            if not isinstance(plain(part), str):
                raise PathError(f'the key "{part}" would be no text', "name a key that is text")
            mapping[part] = self._made(rest)
        elif rest and not isinstance(mapping[part], dict | list):
            if self.inside is None:
                raise PathError(
                    f'"{rest[0]}" needs a mapping, and "{part}" is {kind_of(mapping[part])}', "correct the path"
                )
            return self._from([self.inside(mapping[part])], 0, rest)
        return self._from(mapping, part, rest)

    def _indexed(self, items: list[Any], index: int, parts: Sequence[str]) -> list[Slot]:
        if index == len(items) and self.make is not None:
            items.append(self._made(parts[1:]))
        if index >= len(items):
            last = f"the list has {len(items)} items" if len(items) != 1 else "the list has 1 item"
            raise PathError(f"there is no item {index}: {last}", f"write an index below {len(items)}" if items else "")
        return self._from(items, index, parts[1:])

    def _matched(self, items: list[Any], parts: Sequence[str], *, again: bool = False) -> list[Slot]:
        name, wanted = _pair(parts[0])
        pattern = compiled(wanted)
        found: list[Slot] = []
        for number, item in enumerate(items):
            if not name:
                if pattern.search(_written(item)) is not None:
                    found.append((items, number))  # what follows in the path is not looked at
            elif isinstance(item, dict) and name in item and pattern.search(_written(item[name])) is not None:
                found += self._from(items, number, parts[1:])
        if found or self.make is None:
            return found
        if again:
            raise PathError(
                f'"{wanted}" does not match itself as a regular expression', "escape its special characters"
            )
        items.append({name: plain(wanted)} if name else Untyped(wanted))
        return self._matched(items, parts, again=True)

    def _made(self, rest: Sequence[str]) -> Any:
        if not rest:
            return type(self.make)() if isinstance(self.make, dict | list) else Untyped()
        index = list_index(rest[0])
        return [] if is_match(rest[0]) or (index is not None and index >= 0) else {}


def _written(value: Any) -> str:
    """A value as YAML writes it in one line."""
    if isinstance(value, Untyped):
        return value.text
    if isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, str) and not isinstance(plain(value), str):
        return f'"{value}"'
    return scalar_text(value)


def plain(text: str) -> Any:
    """What a text without a type is: `5` is a number, `true` is a boolean. Raises PathError for an infinity or NaN."""
    if not text:
        return ""
    try:
        return kustomize_scalar(text)
    except OddScalarError as error:
        raise PathError(f'"{text}" is {error}', "write a finite number") from None
