"""What differs between objects and between trees of them, as the API server would see it."""

from generator.compare.changes import Change, changes, vanished
from generator.compare.trees import Difference, Objects, Place, differences

__all__ = ["Change", "Difference", "Objects", "Place", "changes", "differences", "vanished"]
