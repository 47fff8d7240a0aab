"""Words of the API server's validation, held against ours."""

import re
from collections.abc import Iterable

_VALUE = re.compile(
    r"(Invalid value|Unsupported value|Duplicate value|Not found): "
    r'("(?:[^"\\]|\\.)*"|\{.*?\}|\[.*?\]|null|[-0-9.]+|true|false)(?=: |$)',
    re.DOTALL,
)


def without_value(text: str) -> str:
    """A message without the value it shows: the server prints internal structs, and amounts in their shortest form."""
    return _VALUE.sub(r"\1: …", text, count=1)


def same_words(said: Iterable[str], ours: Iterable[str]) -> bool:
    """Whether two sets of messages say the same."""
    return {without_value(text) for text in said} == {without_value(text) for text in ours}
