"""Overlays: kustomize's language over plain objects, in process."""

from generator.overlay.build import apply_over, build
from generator.overlay.openapi import of_crds
from generator.overlay.settings import Settings, settings
from generator.overlay.shapes import Shapes
from generator.overlay.state import State

__all__ = ["Settings", "Shapes", "State", "apply_over", "build", "of_crds", "settings"]
