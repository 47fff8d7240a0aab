"""The part of a mapping or list that a message names: what a person looks for first."""

import re
from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath

_SHORTEST = 3
"""Characters of a value that is looked for; shorter ones are in too many words."""
_MOST = 2_000
"""Values that are looked at; a list with more is not searched further."""


def pointed(data: Any, path: FieldPath, message: str) -> FieldPath:
    """The path of the one value below a field that the message names, else of the one key; the field's own otherwise.

    Of several values that it names the longest counts, where there is one longest. Keys of plain values come before
    keys of mappings and lists. Of a whole object nothing is looked for: its message may name anything.
    """
    if not path:
        return path
    for part in path:
        try:
            data = data[part]
        except (LookupError, TypeError):
            return path
    values: dict[FieldPath, str] = {}
    keys: dict[FieldPath, str] = {}
    parts: dict[FieldPath, str] = {}
    for number, (below, key, value) in enumerate(_parts(data, ())):
        if number == _MOST:
            return path
        if isinstance(value, str) and _names(message, value):
            values[below] = value
        elif isinstance(key, str) and _names(message, key):
            (parts if isinstance(value, dict | list) else keys)[below] = key
    for found in (values, keys, parts):
        longest = max(map(len, found.values()), default=0)
        best = [below for below, text in found.items() if len(text) == longest]
        if len(best) == 1:
            return (*path, *best[0])
        if best:
            return path
    return path


def _parts(data: Any, path: FieldPath) -> Iterator[tuple[FieldPath, Any, Any]]:
    """Every key below a mapping or list with its value, outer ones first."""
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield (*path, key), key, value
            yield from _parts(value, (*path, key))


def _names(message: str, text: str) -> bool:
    """Whether a message has a text as a word of its own."""
    if len(text) < _SHORTEST or text not in message:
        return False
    return re.search(rf"(?<![\w./-]){re.escape(text)}(?![\w/-])", message) is not None
