"""ConfigMaps and Secrets: their keys, and how much they hold together."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.location import FieldPath
from generator.schema import rules
from generator.schema.kinds.words import mapping
from generator.schema.violation import Violation, invalid, required

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


_NEEDED: Mapping[str, tuple[str, ...]] = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}
"""Keys that a Secret of a type must have."""
_TOKEN, _ACCOUNT = "kubernetes.io/service-account-token", "kubernetes.io/service-account.name"
_LOGIN, _LOGIN_KEYS = "kubernetes.io/basic-auth", ("username", "password")
_JSON_KEYS = (".dockercfg", ".dockerconfigjson")


def check_secret(data: dict[str, Any]) -> Iterator[Violation]:
    """A Secret: its keys, and those its type asks for."""
    yield from check_config_map(data)
    kind, held = data.get("type") or "Opaque", {**mapping(data.get("data")), **mapping(data.get("stringData"))}
    annotations = mapping(mapping(data.get("metadata")).get("annotations"))
    if kind == _TOKEN and not annotations.get(_ACCOUNT):
        yield required(("metadata", "annotations", _ACCOUNT))
    if kind == _LOGIN and not any(key in held for key in _LOGIN_KEYS):
        for key in _LOGIN_KEYS:
            yield required(("data", key))
    for key in _NEEDED.get(kind, ()):
        if key not in held or (key == "ssh-privatekey" and not held[key]):
            yield required(("data", key))
        elif key in _JSON_KEYS:
            yield from _registries(key, data)


def _registries(key: str, data: dict[str, Any]) -> Iterator[Violation]:
    plain = mapping(data.get("stringData"))
    written = plain.get(key) if key in plain else mapping(data.get("data")).get(key)
    if not is_json_object(written or "", encoded=key not in plain):
        at = ("stringData", key) if key in plain else ("data", key)
        hint = "write a JSON object, as `docker login` keeps it"
        yield invalid(at, "<secret contents redacted>", "the value is not a JSON object", hint=hint)


def is_json_object(written: str, *, encoded: bool) -> bool:
    """Whether a value of a Secret is a JSON object, or null."""
    try:
        text = base64.b64decode(written, validate=False).decode() if encoded else written
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return found is None or isinstance(found, dict)


def check_config_map(data: dict[str, Any]) -> Iterator[Violation]:
    """A ConfigMap, or what a Secret has in common with one."""
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
