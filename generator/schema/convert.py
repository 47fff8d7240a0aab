"""Turn JSON Schemas of schema catalogues and CRDs as they are into the structural form, small and without prose."""

from dataclasses import dataclass
from typing import Any

_KEPT = frozenset(
    {
        *(
            "type",
            "format",
            "required",
            "enum",
            "pattern",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
        ),
        *("multipleOf", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "nullable"),
        *("uniqueItems", "default", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-int-or-string"),
        *("x-kubernetes-embedded-resource", "x-kubernetes-list-type", "x-kubernetes-list-map-keys"),
        *("x-kubernetes-map-type", "x-kubernetes-validations"),
    }
)
_COMBINATIONS = ("allOf", "anyOf", "oneOf")
_INT_OR_STRING = ({"integer", "string"}, {"number", "string"})


_MOST = 100_000


@dataclass(slots=True)
class _Root:
    """The schema that references lead into, and how many schemas they have expanded to."""

    schema: dict[str, Any]
    made: int = 0

    def count(self) -> None:
        self.made += 1
        if self.made > _MOST:
            raise ValueError(f"references expand to more than {_MOST:,} schemas")


def from_json_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema (draft 4 to 2020, one file, references inside it only) as a structural schema.

    An object that says nothing of its fields stays open, as it is in JSON Schema. References that lead nowhere, or
    back to where they are, become open values. Raises ValueError where references expand to more than 100,000 schemas.
    """
    return _convert(schema, _Root(schema), ())


def _resolve(reference: str, root: "_Root") -> dict[str, Any] | None:
    if not reference.startswith("#/"):
        return None
    value: Any = root.schema
    for part in reference[2:].split("/"):
        value = value.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else None


def _convert(schema: Any, root: "_Root", seen: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(schema, dict):
        return {"x-kubernetes-preserve-unknown-fields": True}
    root.count()
    reference = schema.get("$ref")
    if isinstance(reference, str):
        target = _resolve(reference, root) if reference not in seen else None
        return _convert(target, root, (*seen, reference))
    found = {key: value for key, value in schema.items() if key in _KEPT}
    for key, name in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        bound = found.get(key)
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            found[name], found[key] = bound, True  # structural schemas have draft 4's booleans
    _types(schema, found)
    properties, additional, items = (schema.get(key) for key in ("properties", "additionalProperties", "items"))
    if isinstance(properties, dict):
        found["properties"] = {name: _convert(child, root, seen) for name, child in properties.items()}
    if isinstance(additional, dict) and not found.get("properties"):
        found["additionalProperties"] = _convert(additional, root, seen)
    elif found.get("type") == "object" and (additional is True or not isinstance(properties, dict)):
        found["x-kubernetes-preserve-unknown-fields"] = True
    if isinstance(items, dict):
        found["items"] = _convert(items, root, seen)
    elif found.get("type") == "array":
        found["items"] = {"x-kubernetes-preserve-unknown-fields": True}
    for key in _COMBINATIONS:
        options = schema.get(key)
        if isinstance(options, list) and not found.get("x-kubernetes-int-or-string"):
            found[key] = [_conditions(option, root, seen) for option in options]
    if isinstance(schema.get("not"), dict):
        found["not"] = _conditions(schema["not"], root, seen)
    if not found.get("type") and not found.get("x-kubernetes-int-or-string"):
        if "properties" in found:
            found["type"] = "object"
        else:
            found["x-kubernetes-preserve-unknown-fields"] = True
    return found


def _types(schema: dict[str, Any], found: dict[str, Any]) -> None:
    kinds = schema.get("type")
    for key in ("oneOf", "anyOf"):
        options = schema.get(key)
        if isinstance(options, list) and all(isinstance(option, dict) and "type" in option for option in options):
            named = {name for option in options for name in _names(option["type"])} - {"null"}
            if named in _INT_OR_STRING and not kinds:
                found["x-kubernetes-int-or-string"] = True
    names = _names(kinds)
    if "null" in names:
        found["nullable"] = True
        names = [name for name in names if name != "null"]
    if set(names) in _INT_OR_STRING:
        found["x-kubernetes-int-or-string"] = True
    found.pop("type", None)
    if len(names) == 1:
        found["type"] = names[0]
    if schema.get("format") == "int-or-string":
        found["x-kubernetes-int-or-string"] = True
        found.pop("format", None)
        found.pop("type", None)


def _names(kinds: Any) -> list[str]:
    listed = kinds if isinstance(kinds, list) else [kinds]
    return [kind for kind in listed if isinstance(kind, str)]


def _conditions(schema: Any, root: "_Root", seen: tuple[str, ...]) -> dict[str, Any]:
    """A part of a combination: it restricts values and opens no fields."""
    found = _convert(schema, root, seen)
    found.pop("x-kubernetes-preserve-unknown-fields", None)
    return found


def bare_crd(crd: dict[str, Any]) -> dict[str, Any]:
    """A CRD with what validating needs: names, scope, versions and their schemas, without prose and status."""
    spec = crd.get("spec") or {}
    kept = ("name", "served", "storage", "deprecated", "deprecationWarning")
    versions = []
    for version in spec.get("versions") or []:
        bare = {key: version[key] for key in kept if key in version}
        if isinstance((version.get("subresources") or {}).get("status"), dict):
            bare["subresources"] = {"status": {}}
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        if isinstance(schema, dict):
            bare["schema"] = {"openAPIV3Schema": _bare(schema)}
        versions.append(bare)
    return {
        "apiVersion": crd.get("apiVersion"),
        "kind": crd.get("kind"),
        "metadata": {"name": (crd.get("metadata") or {}).get("name")},
        "spec": {**{key: spec[key] for key in ("group", "names", "scope") if key in spec}, "versions": versions},
    }


def _bare(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties" and isinstance(value, dict):
            found[key] = {name: _bare(child) for name, child in value.items()}
        elif key in {"items", "additionalProperties", "not", *_COMBINATIONS}:
            found[key] = _bare(value)
        elif key not in {"description", "title", "example", "externalDocs"}:
            found[key] = value
    return found
