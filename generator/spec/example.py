"""The spec that examples and tests of policies are laid over."""

from functools import cache
from importlib.resources import files

EXAMPLE = "example.yaml"


@cache
def example_spec() -> str:
    """A spec with one of everything a device needs, as text."""
    return files("generator").joinpath("pages", EXAMPLE).read_text(encoding="utf-8")
