"""How long lists may get before they are cut, and what is said of what was cut."""

from collections.abc import Sequence
from typing import TypeVar

from generator.location import Span
from generator.overview.model import Place, Rest

PROBLEMS = 200
USERS = 50
NAMES = 5
GROUPS = 16
REASONS = 12
FIELDS = 25
ALTERATIONS = 40
FILE_GROUPS = 60
FILES = 20
TEXT = 240
"""Characters of a value that is quoted; certificates and scripts are longer."""

T = TypeVar("T")


def bounded(rows: Sequence[T], limit: int, where: str) -> tuple[tuple[T, ...], Rest | None]:
    """The first rows, and what is said of the others; `where` names the file or command that has them all."""
    rest = len(rows) - limit
    return tuple(rows[:limit]), Rest(rest, where) if rest > 0 else None


def place(span: Span) -> Place:
    """A span as a place people open."""
    return Place(span.file, max(span.line, 0), max(span.column, 0) if span.line > 0 else 0)
