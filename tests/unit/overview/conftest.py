"""Overviews made of one text, whatever the text is."""

import dataclasses
import types
import typing
from typing import Any

from generator.overview import Overview

FIXED = {"outcome": "denied", "severity": "error", "state": "differs", "what": "changed", "serves": "virtualMachines"}
"""Fields whose values are our own words, never a user's."""


def overview_of(text: str) -> Overview:
    """An overview with one of everything, every text of which is `text`."""
    return typing.cast("Overview", _fill(Overview, "", text))


def _fill(hint: Any, name: str, text: str) -> Any:
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        fields = {field.name: _fill(hints[field.name], field.name, text) for field in dataclasses.fields(hint)}
        return typing.cast("Any", hint)(**fields)
    if typing.get_origin(hint) is types.UnionType:
        return _fill(typing.get_args(hint)[0], name, text)
    if typing.get_origin(hint) is tuple:
        return (_fill(typing.get_args(hint)[0], name, text),)
    if hint is str:
        return FIXED.get(name, text)
    return {int: 0 if name == "group" else 3, bool: True}[hint]
