"""Plain data as YAML in one line, as people write it: text in quotes only where YAML would read something else."""

import json
import re
from typing import Any

_PLAIN = re.compile(r"[A-Za-z/_][A-Za-z0-9._/@+=~%-]*(:[A-Za-z0-9._/@+=~%-]+)*\Z")
_UNIT = re.compile(r"(?!0[xob])[0-9]+(?!e[0-9])[A-Za-z][A-Za-z0-9.-]*\Z", re.IGNORECASE)
"""A number and letters after it, `8Gi` or `4xxx`, that no reader takes for a number."""

_WORDS = frozenset({"y", "n", "yes", "no", "true", "false", "on", "off", "null"})


def flow(value: Any) -> str:
    """A value in YAML's flow style. Plain data: text, numbers, booleans, null, lists and mappings."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str) and value.lower() not in _WORDS and (_PLAIN.match(value) or _UNIT.match(value)):
        return value
    return json.dumps(value, ensure_ascii=False)
