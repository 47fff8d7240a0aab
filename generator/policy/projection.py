"""Keep of an object only what expressions read: a bundle of 100,000 machines fits in memory that way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.cel.reads import EACH, SHAPE, Path


@dataclass(slots=True)
class Reads:
    """A tree of field names; a leaf is read whole."""

    below: dict[str, "Reads"] = field(default_factory=dict)
    whole: bool = False

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
        if self.whole or not isinstance(data, dict | list):
            return data
        each = self.below.get(EACH)
        if isinstance(data, list):
            return [each.project(item) if each else None for item in data]
        if each is not None:
            return {key: each.project(value) for key, value in data.items()}
        kept = dict.fromkeys(data) if SHAPE in self.below else {}
        for key, child in self.below.items():
            if key in data:
                kept[key] = child.project(data[key])
        return kept


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
    return frozenset(found)
