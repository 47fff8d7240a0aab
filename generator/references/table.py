"""The table of references: `references.json`, read once, as a tree of fields for each kind."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

_SLASH = re.compile(r"(?<!\\)/")
ANY_KEY = "*"
"""A part of a path: every key of a mapping."""


class Kind(NamedTuple):
    """A kind; no group where it is not known, the empty one being the core group."""

    group: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """What one field names. `kinds` are those it may name, the first where nothing says which; none: any kind.

    `kind`, `group`, `namespace`: fields next to it that hold those. `spaced`: the text may be `namespace/name`.
    `anywhere`: without a namespace it may mean any. `optional`: whether nothing needs to be there, or the field next to
    it that says so. `waits`: whether what is named comes first.
    """

    kinds: tuple[Kind, ...]
    kind: str = ""
    group: str = ""
    namespace: str = ""
    spaced: bool = False
    anywhere: bool = False
    optional: bool | str = False
    waits: bool = True


@dataclass(slots=True)
class Node:
    """One place of objects of a kind: the field there, and the places below by key."""

    names: Field | None = None
    below: dict[str, "Node"] = field(default_factory=dict)

    def at(self, path: str) -> "Node":
        """The node at a path below, made where it is missing."""
        node = self
        for part in _SLASH.split(path) if path else ():
            node = node.below.setdefault(part.replace("\\/", "/"), Node())
        return node

    def fields(self) -> Iterator[Field]:
        """Every field here and below."""
        if self.names is not None:
            yield self.names
        for node in self.below.values():
            yield from node.fields()


@dataclass(frozen=True, slots=True)
class Making:
    """A kind that objects of another make: under their own name, or under the names at a path.

    `or_own`: under their own name where nothing is at the path. `namespace`: the path to where they make it.
    """

    by: str
    kind: str
    name: tuple[str, ...] = ()
    or_own: bool = False
    namespace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """All of it: trees by group and kind, the keys for kinds of which nothing is known, what makes what."""

    kinds: Mapping[tuple[str, str], Node]
    elsewhere: Node
    makes: tuple[Making, ...]
    groups: Mapping[str, str]


@cache
def table() -> Table:
    """The table that ships."""
    text = resources.files("generator.references").joinpath("references.json").read_text(encoding="utf-8")
    raw: dict[str, Any] = json.loads(text)
    reader = _Reader(raw["groups"], raw["parts"])
    kinds: dict[tuple[str, str], Node] = {}
    for name, fields in raw["kinds"].items():
        group, _, kind = name.partition("/")
        kinds[group, kind] = reader.fill(Node(), fields)
    makes = tuple(
        Making(
            row["by"],
            row["kind"],
            tuple(row["name"].split("/")) if "name" in row else (),
            "name" not in row or "else" in row,
            tuple(row["namespace"].split("/")) if "namespace" in row else (),
        )
        for row in raw["makes"]
    )
    return Table(kinds, reader.fill(Node(), raw["elsewhere"]), makes, raw["groups"])


@dataclass(frozen=True, slots=True)
class _Reader:
    groups: Mapping[str, str]
    parts: Mapping[str, Mapping[str, Any]]

    def fill(self, node: Node, fields: Mapping[str, Any]) -> Node:
        for path, row in fields.items():
            below = node.at(path)
            if isinstance(row, str) and row.startswith("@"):
                self.fill(below, self.parts[row[1:]])
            else:
                below.names = self._field(row)
        return node

    def _field(self, row: Any) -> Field:
        if isinstance(row, str):
            return Field(self._kinds(row))
        return Field(
            self._kinds(row["to"]),
            row.get("kind", ""),
            row.get("group", ""),
            row.get("namespace", ""),
            spaced="form" in row,
            anywhere=row.get("anywhere", False),
            optional=row.get("optional", False),
            waits=row.get("waits", True),
        )

    def _kinds(self, names: str) -> tuple[Kind, ...]:
        return () if names == ANY_KEY else tuple(Kind(self.groups.get(name, ""), name) for name in names.split())


@cache
def makers(kind: str) -> tuple[Kind, ...]:
    """Kinds whose objects make one of a kind under their own name."""
    whole = table()
    return tuple(Kind(whole.groups.get(m.by, ""), m.by) for m in whole.makes if m.kind == kind and m.or_own)


def _fields() -> Iterator[Field]:
    whole = table()
    yield from whole.elsewhere.fields()
    for node in whole.kinds.values():
        yield from node.fields()


def _named(*, spaced: bool = False) -> frozenset[str]:
    found = {kind.name for one in _fields() for kind in one.kinds if not spaced or one.namespace or one.spaced}
    return frozenset(found | {maker.name for name in found for maker in makers(name)})


NAMED = _named()
"""Kinds that other objects name, and kinds that make such objects."""

SPACED = _named(spaced=True)
"""Of these, kinds whose names may be given with a namespace: objects of other namespaces may name them."""
