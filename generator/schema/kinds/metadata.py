"""Metadata of built-in kinds: finalizers, generations, and labels that the server itself reads."""

import re
from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.words import complaints, listed, mapping
from generator.schema.violation import Violation, invalid

_STANDARD_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")
_UNQUALIFIED = "name is neither a standard finalizer name nor is it fully qualified"
_KEEP_GENERATION = frozenset({"ConfigMap", "Secret", "ServiceAccount", "Namespace", "ResourceClaimTemplate"})
"""Kinds whose generation is not set by the server when an object is made."""
_SECURITY = "pod-security.kubernetes.io/"
_LEVELS = ("privileged", "baseline", "restricted")
_LATEST = re.compile(r"latest|v1\.(0|[1-9][0-9]*)")


def check_finalizers(metadata: dict[str, Any]) -> Iterator[Violation]:
    """Finalizers without a domain are the server's own; that they are qualified names is checked of every kind."""
    path: FieldPath = ("metadata", "finalizers")
    for index, name in enumerate(listed(metadata.get("finalizers"))):
        if isinstance(name, str) and "/" not in name and name not in _STANDARD_FINALIZERS:
            yield invalid((*path, index), name, _UNQUALIFIED)


def check_generation(metadata: dict[str, Any], kind: str) -> Iterator[Violation]:
    """A generation below 0, where the server keeps the one it is given."""
    generation = metadata.get("generation")
    if kind in _KEEP_GENERATION and isinstance(generation, int) and generation < 0:
        yield invalid(("metadata", "generation"), generation, "must be greater than or equal to 0")


def check_namespace(data: dict[str, Any]) -> Iterator[Violation]:
    """A Namespace: its finalizers, and the levels of pod security its labels ask for."""
    path: FieldPath = ("spec", "finalizers")
    for given in listed(mapping(data.get("spec")).get("finalizers")):
        name = given or ""
        yield from complaints(path, name, naming.label_key(name))
        if not naming.label_key(name) and "/" not in name and name not in _STANDARD_FINALIZERS:
            yield invalid(path, name, _UNQUALIFIED)
    for key, value in mapping(mapping(data.get("metadata")).get("labels")).items():
        mode = key.removeprefix(_SECURITY)
        at: FieldPath = ("metadata", "labels", key)
        if mode == key:
            continue
        if mode in ("enforce", "warn", "audit") and value not in _LEVELS:
            yield invalid(at, value or "", f"must be one of {', '.join(_LEVELS)}")
        elif mode in ("enforce-version", "warn-version", "audit-version") and not _LATEST.fullmatch(value or ""):
            yield invalid(at, value or "", 'must be "latest" or "v1.x"')
