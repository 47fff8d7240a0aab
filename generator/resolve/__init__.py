"""Spec and catalog to a model with nothing left to decide: what every template sees."""

from generator.resolve.model import Item, MachineItem, Model
from generator.resolve.resolve import resolve
from generator.resolve.rules import RULES

__all__ = ["RULES", "Item", "MachineItem", "Model", "resolve"]
