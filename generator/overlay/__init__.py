"""Overlays: kustomize's language over plain objects, in process."""

from generator.overlay.build import State, apply_over, build
from generator.overlay.settings import Settings, settings
from generator.overlay.shapes import Shapes, of_crds

__all__ = ["Settings", "Shapes", "State", "apply_over", "build", "of_crds", "settings"]
