"""Variables of a container's environment, one by one and by the handful."""

import re
from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.downward import check_field, check_resource_field
from generator.schema.kinds.paths import check_no_steps_back
from generator.schema.kinds.settings import check_key
from generator.schema.kinds.words import complaints, mapping, objects
from generator.schema.violation import Violation, invalid, required

_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_NAME = re.compile(r"[ -<>-~]+")
_WORDS = "a valid environment variable name must consist only of printable ASCII characters other than '='"


def check_environment(container: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """`env` and `envFrom` of a container."""
    for at, variable in objects(container.get("env"), (*path, "env")):
        yield from _variable(variable, at)
    for at, source in objects(container.get("envFrom"), (*path, "envFrom")):
        yield from _from_object(source, at)


def _from_object(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    prefix = source.get("prefix") or ""
    if prefix and not _NAME.fullmatch(prefix):
        yield invalid((*path, "prefix"), prefix, _WORDS)
    found = [key for key in ("configMapRef", "secretRef") if source.get(key) is not None]
    for key in found:
        name, at = mapping(source[key]).get("name") or "", (*path, key, "name")
        if not name:
            yield required(at)
        else:
            yield from complaints(at, name, naming.subdomain(_without_dash(name)))
    if not found:
        yield invalid(path, "", "must specify one of: `configMapRef` or `secretRef`")
    elif len(found) > 1:
        yield invalid(path, "", "may not have more than one field specified at a time", hint="make two entries of it")


def _without_dash(name: str) -> str:
    """A name in the form the server checks when it treats it as a prefix, which may end with a dash."""
    return name[:-2] + "a" if len(name) > 1 and name.endswith("-") else name


def _variable(variable: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    name = variable.get("name") or ""
    if not name:
        yield required((*path, "name"))
    elif not _NAME.fullmatch(name):
        yield invalid((*path, "name"), name, _WORDS)
    if variable.get("valueFrom") is None:
        return
    given, at = mapping(variable["valueFrom"]), (*path, "valueFrom")
    sources = [key for key in _SOURCES if given.get(key) is not None]
    for key in sources:
        yield from _source(mapping(given[key]), key, (*at, key))
    if not sources:
        shown = ", ".join(f"`{source}`" for source in _SOURCES[:-1])
        yield invalid(at, "", f"must specify one of: {shown} or `{_SOURCES[-1]}`")
    elif variable.get("value"):
        hint = "remove value or valueFrom"
        yield invalid(at, "", "may not be specified when `value` is not empty", hint=hint)
    elif len(sources) > 1:
        yield invalid(at, "", "may not have more than one field specified at a time", hint="remove all but one")


def _source(reference: dict[str, Any], kind: str, path: FieldPath) -> Iterator[Violation]:
    if kind == "fieldRef":
        yield from check_field(reference, path)
    elif kind == "resourceFieldRef":
        yield from check_resource_field(reference, path)
    elif kind == "fileKeyRef":
        yield from _file_key(reference, path)
    else:
        name, key = reference.get("name") or "", reference.get("key") or ""
        yield from complaints((*path, "name"), name, naming.subdomain(name))
        if not key:
            yield required((*path, "key"))
        else:
            yield from check_key(key, (*path, "key"))


def _file_key(reference: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    key, volume, where = (reference.get(name) or "" for name in ("key", "volumeName", "path"))
    if not key:
        yield required((*path, "key"))
    elif not _NAME.fullmatch(key):
        yield invalid((*path, "key"), key, _WORDS)
    if not volume:
        yield required((*path, "volumeName"))
    else:
        yield from complaints((*path, "volumeName"), volume, naming.label(volume))
    if not where:
        yield required((*path, "path"))
    else:
        yield from check_no_steps_back(where, (*path, "path"))
