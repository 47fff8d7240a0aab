"""What rules check and why, and what fields of the spec mean, for people who ask."""

from generator.explain.fields import Field, UnknownFieldError, field_at, paths_named
from generator.explain.pages import Example, Page, load_pages

__all__ = ["Example", "Field", "Page", "UnknownFieldError", "field_at", "load_pages", "paths_named"]
