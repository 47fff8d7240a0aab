"""Render templates with typed holes: values enter parsed trees, never text that is parsed."""

from generator.render.engine import Renderer
from generator.render.folders import TemplateFolder
from generator.render.limits import Limits
from generator.render.place import Place
from generator.render.rules import RULES

__all__ = ["RULES", "Limits", "Place", "Renderer", "TemplateFolder"]
