"""ConfigMaps and Secrets: their keys, and how much they hold together."""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import rules
from generator.schema.kinds.words import mapping
from generator.schema.violation import Violation, invalid

_KEY_FORM = "[-._a-zA-Z0-9]+"
_KEY = re.compile(_KEY_FORM)
_KEY_WORDS = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' "
    f"(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '{_KEY_FORM}')"
)
MOST_BYTES = 1024 * 1024
"""Bytes of all values of one object together."""


def check_key(key: str, path: FieldPath) -> Iterator[Violation]:
    """A key of a ConfigMap or a Secret: it becomes a file's name."""
    if len(key) > 253:
        yield invalid(path, key, "must be no more than 253 characters")
    if not _KEY.fullmatch(key):
        yield invalid(path, key, _KEY_WORDS)
    if key == ".":
        yield invalid(path, key, "must not be '.'")
    elif key == "..":
        yield invalid(path, key, "must not be '..'")
    elif key.startswith(".."):
        yield invalid(path, key, "must not start with '..'")


def check_config_map(data: dict[str, Any]) -> Iterator[Violation]:
    """A ConfigMap or Secret."""
    plain, binary = mapping(data.get("data")), mapping(data.get("binaryData"))
    secret = data.get("kind") == "Secret"
    size = 0
    for part, held in (("data", plain), ("binaryData", binary), ("stringData", mapping(data.get("stringData")))):
        for key, value in held.items():
            if part == "data" and key in binary:
                detail = f"duplicate of key present in {part}"
                yield invalid(("binaryData", key), key, detail)
            yield from check_key(key, ("data" if part == "stringData" else part, key))
            size += _size(value, encoded=part == "binaryData" or (secret and part == "data"))
    if size > MOST_BYTES:
        where: FieldPath = ("data",) if secret else ()
        yield Violation(where, f"Too long: may not be more than {MOST_BYTES} bytes", "", rules.INVALID)


def _size(value: Any, *, encoded: bool) -> int:
    if not isinstance(value, str):
        return 0
    if encoded:
        try:
            return len(base64.b64decode(value, validate=True))
        except (ValueError, binascii.Error):
            return len(value)
    return len(value.encode("utf-8", "surrogatepass"))
