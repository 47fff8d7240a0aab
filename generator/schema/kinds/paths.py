"""Paths of files and folders that fields hold, and the modes of files (K8s: core/validation)."""

from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema.violation import Violation, invalid

_MODE = "must be a number between 0 and 0777 (octal), both inclusive"


def check_no_steps_back(where: str, path: FieldPath) -> Iterator[Violation]:
    """A path without a part `..`."""
    if ".." in where.split("/"):
        yield invalid(path, where, "must not contain '..'")


def check_descending(where: str, path: FieldPath) -> Iterator[Violation]:
    """A path below a folder, which must not lead out of it."""
    if where.startswith("/"):
        yield invalid(path, where, "must be a relative path", hint="remove the / at its start")
    yield from check_no_steps_back(where, path)


def check_inside(where: str, path: FieldPath) -> Iterator[Violation]:
    """The path of a file in a volume; the kubelet keeps names that start with `..` for itself."""
    yield from check_descending(where, path)
    if where.startswith("..") and not where.startswith("../"):
        yield invalid(path, where, "must not start with '..'")


def check_mode(data: dict[str, Any], key: str, path: FieldPath) -> Iterator[Violation]:
    """The mode of a file."""
    mode = data.get(key)
    if mode is not None and not 0 <= mode <= 0o777:
        yield invalid((*path, key), mode, _MODE, hint="YAML reads 0644 as octal, JSON wants 420")
