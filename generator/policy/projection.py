"""Keep of an object only what expressions read: a bundle of 100,000 machines fits in memory that way."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.cel.reads import EACH, SHAPE, Path, bounded

Keep = Callable[[Any], Any]
"""What is kept of a value."""


@dataclass(slots=True)
class Reads:
    """A tree of field names; a leaf is read whole. Once it has projected something, nothing more is added."""

    below: dict[str, "Reads"] = field(default_factory=dict)
    whole: bool = False
    _keep: Keep | None = None

    def add(self, path: Path) -> None:
        """Take in one more path."""
        node = self
        for part in path:
            node = node.below.setdefault(part, Reads())
        node.whole = True

    def project(self, data: Any) -> Any:
        """The data with what is read alone.

        Other fields are gone; lists keep their length, and maps that are seen from outside their keys.
        """
        if self._keep is None:
            self._keep = _compiled(self) or _all
        return self._keep(data)


def _all(data: Any) -> Any:
    return data


def _compiled(reads: Reads) -> Keep | None:
    """A tree of reads as a function, made once and called for every object of a build; None keeps all."""
    if reads.whole:
        return None
    every = reads.below.get(EACH)
    each = None if every is None else _compiled(every) or _all
    shape = SHAPE in reads.below
    # A field that is read by its name and as one of all is read in both ways.
    named = {key: child if every is None else _union(child, every) for key, child in reads.below.items()}
    fields = [(key, _compiled(child)) for key, child in named.items() if key not in (EACH, SHAPE)]

    def keep(data: Any) -> Any:
        if isinstance(data, list):
            return [None] * len(data) if each is None else [each(item) for item in data]
        if not isinstance(data, dict):
            return data
        if each is not None:
            kept = {key: each(value) for key, value in data.items()}
        else:
            kept = dict.fromkeys(data) if shape else {}
        for key, child in fields:
            if key in data:
                kept[key] = data[key] if child is None else child(data[key])
        return kept

    return keep


def _union(one: Reads, other: Reads) -> Reads:
    """What either reads."""
    if one.whole or other.whole:
        return Reads(whole=True)
    below = {**one.below, **other.below}
    both = one.below.keys() & other.below.keys()
    return Reads(
        {key: _union(one.below[key], other.below[key]) if key in both else child for key, child in below.items()}
    )


def reads_of(paths: Iterable[Path]) -> Reads:
    """The tree of paths."""
    reads = Reads()
    for path in paths:
        reads.add(path)
    return reads


def resolve(paths: Iterable[Path], aliases: Mapping[str, frozenset[Path]]) -> frozenset[Path]:
    """Paths with `variables.x` replaced by what x stands for, down to the names that are no variables."""
    found: set[Path] = set()
    for path in paths:
        if path[0] == "variables" and len(path) > 1 and path[1] in aliases:
            found.update((*alias, *path[2:]) for alias in aliases[path[1]])
        else:
            found.add(path)
    return bounded(frozenset(found))
