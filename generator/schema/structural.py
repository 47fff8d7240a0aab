"""Compile the structural schema of a custom resource into a validator that is as strict as the API server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.finding import Severity
from generator.location import FieldPath
from generator.schema import naming
from generator.schema.accept import Accept, compile_accept
from generator.schema.explain import check_embedded, check_lists, explain
from generator.schema.objectmeta import NameCheck, check_metadata, sound_metadata
from generator.schema.prepare import Schema, apply_defaults, copy_json, drop_nulls, prune
from generator.schema.sound import is_sound
from generator.schema.violation import Violation, invalid

LATEST_MINOR = 37
"""Minor version of Kubernetes whose rules hold where none is asked for."""


@dataclass(slots=True)
class Validator:
    """One version of one kind. Compiled as far as objects need it, so it is cheap to make and to keep.

    `namespaced` None leaves open whether the kind lives in a namespace. `status` says whether the kind has a status
    subresource: then a status that is written with the object is dropped before it is looked at. `minor` is the
    minor version of Kubernetes. `beyond` is asked about objects that keep the schema, for rules no schema can say.
    """

    schema: Schema
    namespaced: bool | None = None
    status: bool = False
    minor: int = LATEST_MINOR
    name: NameCheck = naming.subdomain
    beyond: Callable[[dict[str, Any]], Iterator[Violation]] | None = None
    _accept: Accept | None = field(default=None, repr=False)

    def validate(self, data: Any) -> list[Violation]:
        """Everything that is wrong with an object, unknown fields first; nothing for one the server takes."""
        found = [] if self.accepts(data) else self.explain(data)
        if self.beyond is not None and not any(violation.level is Severity.ERROR for violation in found):
            found = [*found, *dict.fromkeys(self.beyond(data))]
        return found

    def accepts(self, data: Any) -> bool:
        """Whether an object is surely valid; False means that only `explain` can tell."""
        if type(data) is not dict:
            return False
        if not sound_metadata(data.get("metadata"), self.name):
            return False
        if self._accept is None:
            self._accept = compile_accept(_root(self.schema, status=self.status), self.minor, embedded=True)
        body = data.copy()
        del body["metadata"]
        if type(body.pop("apiVersion", None)) is not str or type(body.pop("kind", None)) is not str:
            return False
        return self._accept(body)

    def explain(self, data: Any) -> list[Violation]:
        """Everything that is wrong with an object, found the slow way."""
        if not isinstance(data, dict):
            return [invalid((), data, "must be an object")]
        found = [
            invalid((key,), data[key], "must be a string")
            for key in ("apiVersion", "kind")
            if key in data and not isinstance(data[key], str)
        ]
        value = copy_json(data)
        apply_defaults(value, self.schema)
        found.extend(prune(value, self.schema))
        drop_nulls(value, self.schema)
        metadata = value.pop("metadata", None)
        found.extend(check_metadata({} if metadata is None else metadata, ("metadata",), self.name))
        body = {key: item for key, item in value.items() if not (self.status and key == "status")}
        kept = {**body, "metadata": metadata if metadata is not None else {}}
        found.extend(_without_metadata(explain(kept, _root(self.schema, status=self.status), (), self.minor)))
        found.extend(check_embedded(body, self.schema, ()))
        found.extend(check_lists(body, self.schema, ()))
        return list(dict.fromkeys(found))

    def prepared(self, data: dict[str, Any]) -> dict[str, Any]:
        """The object as the server has it after defaulting and pruning; what is given stays untouched."""
        value: dict[str, Any] = copy_json(data)
        apply_defaults(value, self.schema)
        list(prune(value, self.schema))
        drop_nulls(value, self.schema)
        return value


def _root(schema: Schema, *, status: bool) -> Schema:
    """A root schema without what is checked apart: a dropped status asks for nothing."""
    if not status or "status" not in (schema.get("required") or ()):
        return schema
    needed = [key for key in schema.get("required") or () if key != "status"]
    return {**schema, "required": needed}


def _without_metadata(violations: Any) -> list[Violation]:
    """Metadata is checked on its own; of the schema's words on it only those on names count."""
    kept: list[Violation] = []
    for violation in violations:
        path: FieldPath = violation.path
        if path[:1] != ("metadata",) or path[1:2] in {("name",), ("generateName",)}:
            kept.append(violation)
    return kept


def versions(crd: dict[str, Any], minor: int = LATEST_MINOR) -> dict[str, Validator]:
    """Validators of the served versions of a CRD that have a schema, by version name, for Kubernetes 1.`minor`."""
    found: dict[str, Validator] = {}
    spec = _mapping(crd.get("spec"))
    listed = spec.get("versions")
    for version in map(_mapping, listed if isinstance(listed, list) else []):
        schema = _mapping(version.get("schema")).get("openAPIV3Schema")
        if not version.get("served", True) or not isinstance(schema, dict) or not is_sound(schema):
            continue
        status = isinstance(_mapping(version.get("subresources")).get("status"), dict)
        found[str(version.get("name"))] = Validator(schema, spec.get("scope") == "Namespaced", status, minor)
    return found


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
