"""Which fields of which kinds name other objects, as one table for all that follows, orders or checks references."""

from generator.references.read import Held, Made, held, is_known, made
from generator.references.table import NAMED, SPACED, Field, Kind, makers

__all__ = ["NAMED", "SPACED", "Field", "Held", "Kind", "Made", "held", "is_known", "made", "makers"]
