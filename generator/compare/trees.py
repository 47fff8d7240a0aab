"""What differs between two sets of objects, by identity."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.compare.changes import Change, changes
from generator.manifest import Identity
from generator.overlay.shapes import Shapes

Objects = Mapping[Identity, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One object that is new, gone or changed; `changes` of a changed one may be empty: only its order differs."""

    identity: Identity
    kind: str
    changes: tuple[Change, ...] = ()


def differences(before: Objects, after: Objects, shapes: Shapes) -> Iterator[Difference]:
    """Every object that differs, those that are gone first, each kind by name."""
    for identity in sorted(before.keys() - after.keys()):
        yield Difference(identity, "gone")
    for identity in sorted(after.keys() - before.keys()):
        yield Difference(identity, "new")
    for identity in sorted(before.keys() & after.keys()):
        if before[identity] != after[identity]:
            found = tuple(changes(before[identity], after[identity], shapes))
            if found:
                yield Difference(identity, "changed", found)
