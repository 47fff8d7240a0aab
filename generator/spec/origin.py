"""Which document wrote each part of a merged spec."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.location import FieldPath, Span
from generator.source import Document


@dataclass(frozen=True, slots=True)
class Origin:
    """The document a value was taken from, its place there, and the parts that came from elsewhere.

    `children` is sparse: a part that is not named stands in the same document, below `path`.
    """

    document: Document
    path: FieldPath = ()
    children: Mapping[str | int, "Origin"] = field(default_factory=dict)

    def child(self, part: str | int) -> "Origin":
        """The origin of one part of the value."""
        return self.children.get(part) or Origin(self.document, (*self.path, part))

    def of(self, path: FieldPath) -> "Origin":
        """The origin of the value at `path`, counted from this one."""
        origin = self
        for part in path:
            origin = origin.child(part)
        return origin

    def span(self, path: FieldPath = (), *, key: bool = False) -> Span:
        """Where a person would edit the value at `path`; of a missing value, its nearest ancestor."""
        origin = self.of(path)
        return origin.document.span(origin.path, key=key)

    def written(self, path: FieldPath) -> str | None:
        """The text of the scalar at `path` as its document has it."""
        origin = self.of(path)
        return origin.document.written(origin.path)
