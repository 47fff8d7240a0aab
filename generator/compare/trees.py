"""What differs between two sets of objects, by identity and by the tree they stand in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.compare.changes import Change, changes
from generator.manifest import Identity
from generator.overlay.shapes import Shapes


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """What tells an object of a side from all others: the tree it stands in ("": the side itself), and its identity."""

    tree: str
    identity: Identity


Objects = Mapping[Place, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One object that is new, gone or changed; `changes` of a changed one may be empty: only its order differs."""

    place: Place
    kind: str
    changes: tuple[Change, ...] = ()


def differences(before: Objects, after: Objects, shapes: Shapes) -> Iterator[Difference]:
    """Every object that differs, those that are gone first, each kind by name."""
    yield from (Difference(place, "gone") for place in sorted(before.keys() - after.keys()))
    yield from (Difference(place, "new") for place in sorted(after.keys() - before.keys()))
    for place in sorted(before.keys() & after.keys()):
        if before[place] != after[place]:
            found = tuple(changes(before[place], after[place], shapes))
            if found:
                yield Difference(place, "changed", found)
