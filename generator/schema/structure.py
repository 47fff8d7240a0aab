"""The rules a custom resource's schema must keep so that the API server takes it: it must be structural."""

from collections.abc import Iterator
from typing import Any

from generator.finding import did_you_mean
from generator.location import FieldPath, format_path
from generator.nearest import Budget
from generator.schema import rules
from generator.schema.explain import compile_pattern, explain, is_int_or_string
from generator.schema.keywords import KEYWORDS, UNSUPPORTED, nested, places, unreadable
from generator.schema.prepare import META_FIELDS, Schema, copy_json, drop_nulls, prune
from generator.schema.validations import RuleEvaluator
from generator.schema.violation import Violation, show

TYPES = ("array", "boolean", "integer", "number", "object", "string")
_NESTED_FORBIDDEN = {
    "type": "must be empty to be structural",
    "additionalProperties": "must be undefined to be structural",
    "default": "must be undefined to be structural",
    "title": "must be empty to be structural",
    "description": "must be empty to be structural",
    "nullable": "must be false to be structural",
    "x-kubernetes-preserve-unknown-fields": "must be false to be structural",
    "x-kubernetes-embedded-resource": "must be false to be structural",
    "x-kubernetes-int-or-string": "must be false to be structural",
    "x-kubernetes-list-map-keys": "must be empty to be structural",
    "x-kubernetes-list-type": "must be undefined to be structural",
    "x-kubernetes-map-type": "must be undefined to be structural",
    "x-kubernetes-validations": "must be empty to be structural",
}
_ANY_MINOR = 1 << 20
"""Of Kubernetes: a CRD is checked as the newest release would."""
_UNSET_LISTS = ("enum", "allOf", "anyOf", "oneOf")
"""An empty one of these is none at all."""


def _fault(path: FieldPath, message: str, hint: str = "") -> Violation:
    return Violation(path, message, hint, rules.NOT_STRUCTURAL)


def _forbidden(path: FieldPath, detail: str) -> Violation:
    return _fault(path, f"Forbidden: {detail}")


def _required(path: FieldPath, detail: str) -> Violation:
    return _fault(path, f"Required value: {detail}" if detail else "Required value")


def _invalid(path: FieldPath, value: Any, detail: str) -> Violation:
    return _fault(path, f"Invalid value: {show(value)}: {detail}")


def check_structure(schema: Any, path: FieldPath) -> Iterator[Violation]:
    """Every way in which the schema at `path` of a CRD is not one the server takes; pure data in, violations out."""
    wrong = list(unreadable(schema, path))
    if wrong:
        yield from wrong
        return
    found = [
        *_keywords(schema, path),
        *_node(schema, path, level="root"),
        *_combined(schema, schema, path, path),
        *_defaults(schema, path, top=""),
    ]
    if schema.get("nullable"):
        found.append(_forbidden((*path, "nullable"), "nullable cannot be true at the root"))
    yield from found or _compiled(schema, path, RuleEvaluator(_ANY_MINOR))


def _compiled(
    schema: Schema, path: FieldPath, evaluator: RuleEvaluator, apart: FieldPath | None = None
) -> Iterator[Violation]:
    """The rules of every node as CEL; below lists that are no maps, and atomic objects, none may be about a change."""
    yield from evaluator.problems(schema, path, apart)
    for step, child in places(schema):
        key, of = ("list-type", "map") if step == ("items",) else ("map-type", "granular")
        known = schema.get(f"x-kubernetes-{key}") or ("atomic" if key == "list-type" else "granular")
        yield from _compiled(child, (*path, *step), evaluator, apart or (None if known == of else path))


def _keywords(schema: Schema, path: FieldPath) -> Iterator[Violation]:
    """Keywords that are unknown, unsupported or used against each other, at every depth."""
    budget = Budget()
    for key in schema:
        if key not in KEYWORDS:
            shown = format_path((*path, key))
            hint = did_you_mean(key, KEYWORDS, budget) or "remove it"
            yield Violation((*path, key), f'unknown field "{shown}"', hint, rules.UNKNOWN_FIELD)
    for key in UNSUPPORTED:
        if schema.get(key):
            yield _forbidden((*path, key), f"{key} is not supported")
    if schema.get("$schema"):
        yield _forbidden((*path, "$schema"), "$schema is not supported")
    kind = schema.get("type")
    if kind == "null":
        yield _forbidden((*path, "type"), "type cannot be set to null, use nullable as an alternative")
    elif kind and kind not in TYPES:
        supported = ", ".join(show(name) for name in TYPES)
        text = f"Unsupported value: {show(kind)}: supported values: {supported}"
        yield _fault((*path, "type"), text, did_you_mean(kind, TYPES))
    if schema.get("uniqueItems"):
        detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield _forbidden((*path, "uniqueItems"), detail)
    if schema.get("properties") and schema.get("additionalProperties") not in (None, True):
        yield _forbidden((*path, "additionalProperties"), "additionalProperties and properties are mutual exclusive")
    if isinstance(schema.get("items"), list):
        yield _forbidden((*path, "items"), "items must be a schema object and not an array")
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and pattern and compile_pattern(pattern) is None:
        yield _invalid((*path, "pattern"), pattern, "must be a valid regular expression")
    yield from _list_types(schema, path)
    yield from _rules(schema, path)
    for step, child in (*places(schema), *nested(schema)):
        yield from _keywords(child, (*path, *step))


def _list_types(schema: Schema, path: FieldPath) -> Iterator[Violation]:
    kind, map_kind, keys = (schema.get(f"x-kubernetes-{key}") for key in ("list-type", "map-type", "list-map-keys"))
    of = schema.get("type") or ""
    if map_kind is not None and of != "object":
        yield _typed(path, of, "object", "x-kubernetes-map-type")
    if map_kind not in (None, "atomic", "granular"):
        yield _one_of((*path, "x-kubernetes-map-type"), map_kind, ("atomic", "granular"))
    if kind is not None and of != "array":
        yield _typed(path, of, "array", "x-kubernetes-list-type")
    if kind not in (None, "atomic", "set", "map"):
        yield _one_of((*path, "x-kubernetes-list-type"), kind, ("atomic", "set", "map"))
    if keys and kind != "map":
        detail = "must be map if x-kubernetes-list-map-keys is non-empty"
        at = (*path, "x-kubernetes-list-type")
        yield _required(at, detail) if kind is None else _invalid(at, kind, detail)
    if schema.get("x-kubernetes-preserve-unknown-fields") is False:
        yield _invalid((*path, "x-kubernetes-preserve-unknown-fields"), False, "must be true or undefined")
    items = schema.get("items")
    if kind == "map":
        yield from _map_list(keys or [], items, path)
    if kind == "set" and of == "array" and isinstance(items, dict):
        below = (*path, "items")
        if items.get("type") == "array" and items.get("x-kubernetes-list-type") not in (None, "atomic"):
            detail = "must be atomic as item of a list with x-kubernetes-list-type=set"
            yield _invalid((*below, "x-kubernetes-list-type"), items["x-kubernetes-list-type"], detail)
        if items.get("type") == "object" and items.get("x-kubernetes-map-type") != "atomic":
            detail = "must be atomic as item of a list with x-kubernetes-list-type=set"
            yield _invalid((*below, "x-kubernetes-map-type"), items.get("x-kubernetes-map-type"), detail)
        if items.get("nullable"):
            yield _forbidden((*below, "nullable"), "cannot be nullable when x-kubernetes-list-type is set")


def _typed(path: FieldPath, found: str, wanted: str, because: str) -> Violation:
    detail = f"must be {wanted} if {because} is specified"
    return _invalid((*path, "type"), found, detail) if found else _required((*path, "type"), detail)


def _one_of(path: FieldPath, value: Any, options: tuple[str, ...]) -> Violation:
    supported = ", ".join(show(option) for option in options)
    return _fault(path, f"Unsupported value: {show(value)}: supported values: {supported}")


def _map_list(keys: list[Any], items: Any, path: FieldPath) -> Iterator[Violation]:
    at = (*path, "x-kubernetes-list-map-keys")
    if not keys:
        yield _required(at, "must not be empty if x-kubernetes-list-type is map")
    if not isinstance(items, dict):
        yield _required((*path, "items"), "must have a schema if x-kubernetes-list-type is map")
        return
    if items.get("type") != "object":
        detail = "must be object if parent array's x-kubernetes-list-type is map"
        yield _invalid((*path, "items", "type"), items.get("type") or "", detail)
        return
    if items.get("nullable"):
        yield _forbidden((*path, "items", "nullable"), "cannot be nullable when x-kubernetes-list-type is map")
    properties = items.get("properties") or {}
    for key in dict.fromkeys(keys):
        child, below = properties.get(key), (*path, "items", "properties", key)
        if not isinstance(child, dict):
            yield _invalid(at, keys, "entries must all be names of item properties")
            continue
        if child.get("type") in ("array", "object"):
            detail = "must be a scalar type if parent array's x-kubernetes-list-type is map"
            yield _invalid((*below, "type"), child["type"], detail)
        if child.get("nullable"):
            yield _forbidden(
                (*below, "nullable"), "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"
            )
        if child.get("default") is None and key not in (items.get("required") or ()):
            yield _required(
                (*below, "default"),
                "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
            )
    if len(set(map(str, keys))) < len(keys):
        yield _invalid(at, keys, "must not contain duplicate entries")


def _rules(schema: Schema, path: FieldPath) -> Iterator[Violation]:
    found = schema.get("x-kubernetes-validations")
    for index, rule in enumerate(found if isinstance(found, list) else ()):
        at = (*path, "x-kubernetes-validations", index)
        text, message = str((rule or {}).get("rule") or "").strip(), (rule or {}).get("message")
        if not text:
            yield _required((*at, "rule"), "rule is not specified")
        elif isinstance(message, str) and message and not message.strip():
            yield _invalid((*at, "message"), message, "must be non-empty if specified")
        elif isinstance(message, str) and "\n" in message.strip():
            yield _invalid((*at, "message"), message, "must not contain line breaks")
        elif "\n" in text and not message:
            yield _required((*at, "message"), "message must be specified if rule contains line breaks")
        reason = (rule or {}).get("reason")
        known = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")
        if reason is not None and reason not in known:
            yield _one_of((*at, "reason"), reason, known)


def _node(schema: Schema, path: FieldPath, *, level: str) -> Iterator[Violation]:
    """What holds at every place that gives a value its structure."""
    kind = schema.get("type") or ""
    embedded, either, preserve = (
        bool(schema.get(f"x-kubernetes-{key}"))
        for key in ("embedded-resource", "int-or-string", "preserve-unknown-fields")
    )
    if kind == "array" and not isinstance(schema.get("items"), dict):
        yield _required((*path, "items"), "must be specified")
    if schema.get("additionalProperties") and level == "root":
        yield _forbidden((*path, "additionalProperties"), "must not be used at the root")
    for key, is_set in (("preserve-unknown-fields", preserve), ("embedded-resource", embedded)):
        if either and is_set:
            yield _invalid((*path, f"x-kubernetes-{key}"), True, "must be false if x-kubernetes-int-or-string is true")
    if embedded:
        yield from _embedded(schema, kind, path, preserve=preserve)
    elif not kind and not either and not preserve:
        where = {"root": "at the root", "item": "for specified array items", "field": "for specified object fields"}
        yield _required((*path, "type"), f"must not be empty {where[level]}")
    if level == "root" and kind not in {"", "object"}:
        yield _invalid((*path, "type"), kind, "must be object at the root")
    if level == "root" or embedded:
        yield from _meta_fields(schema, path, root=level == "root")
    for step, child in places(schema):
        if isinstance(child, dict):
            yield from _node(child, (*path, *step), level="item" if step == ("items",) else "field")


def _embedded(schema: Schema, kind: str, path: FieldPath, *, preserve: bool) -> Iterator[Violation]:
    if kind != "object":
        detail = "must be object if x-kubernetes-embedded-resource is true"
        yield _invalid((*path, "type"), kind, detail) if kind else _required((*path, "type"), detail)
    if schema.get("additionalProperties"):
        yield _forbidden((*path, "additionalProperties"), "must not be used if x-kubernetes-embedded-resource is set")
    if not preserve and not schema.get("properties"):
        detail = (
            "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"
        )
        yield _required((*path, "properties"), detail)


def _meta_fields(schema: Schema, path: FieldPath, *, root: bool) -> Iterator[Violation]:
    properties = schema.get("properties") or {}
    for name, wanted in (("kind", "string"), ("apiVersion", "string"), ("metadata", "object")):
        child = properties.get(name)
        if isinstance(child, dict) and child.get("type") != wanted:
            yield _invalid((*path, "properties", name, "type"), child.get("type") or "", f"must be {wanted}")
    metadata = properties.get("metadata")
    if root and isinstance(metadata, dict):
        fields = set(metadata.get("properties") or {})
        said = {key for key in metadata if key not in {"type", "properties"} and not _unset(key, metadata[key])}
        if said or not fields <= {"name", "generateName"}:
            detail = "must not specify anything other than name and generateName, but metadata is implicitly specified"
            yield _forbidden((*path, "properties", "metadata"), detail)


def _unset(key: str, value: Any) -> bool:
    """Whether the server cannot tell a value from no value; of numbers, and of lists but a few, it can."""
    return value is None or value is False or value == "" or (value == [] and key in _UNSET_LISTS)


def _says_either(schema: Schema) -> bool:
    """Whether anyOf only repeats that a value is an integer or a string, as far as the server can tell."""
    options = [{k: v for k, v in option.items() if not _unset(k, v)} for option in schema.get("anyOf") or ()]
    return is_int_or_string({"anyOf": options})


def _combined(schema: Schema, structure: Schema | None, path: FieldPath, at: FieldPath) -> Iterator[Violation]:
    """Rules inside allOf, anyOf, oneOf and not: only value validations, only of fields that have a structure."""
    for step, option in nested(schema):
        either = step[0] == "anyOf" and path == at and _says_either(schema)
        first = step == ("allOf", 0) and _says_either(option)
        if isinstance(option, dict) and not either:
            yield from _value(option, structure, path, (*at, *step), skip=first)
    if path != at:
        return
    for step, child in places(schema):
        if isinstance(child, dict):
            # Only of rules at the root the server asks that their fields have a structure.
            yield from _combined(child, None, (*path, *step), (*path, *step))


def _value(
    schema: Schema, structure: Schema | None, path: FieldPath, at: FieldPath, *, skip: bool
) -> Iterator[Violation]:
    for key, detail in _NESTED_FORBIDDEN.items():
        if schema.get(key) not in (None, False, "", []):
            yield _forbidden((*at, key), detail)
    properties = schema.get("properties") or {}
    if "metadata" in properties:
        yield _forbidden((*at, "properties", "metadata"), "must not be specified in a nested context")
    known = structure and (structure.get("properties") or {})
    for name, child in properties.items():
        where, below = (*path, "properties", name), (*at, "properties", name)
        if known is not None and name not in known:
            yield _required(where, f"because it is defined in {format_path(below)}")
        elif isinstance(child, dict):
            yield from _value(child, known[name] if known else None, where, below, skip=False)
    items = schema.get("items")
    if isinstance(items, dict):
        inner = structure and structure.get("items")
        if structure is not None and inner is None:
            yield _required((*path, "items"), f"because it is defined in {format_path((*at, 'items'))}")
        yield from _value(items, inner, (*path, "items"), (*at, "items"), skip=False)
    for step, option in nested(schema):
        if isinstance(option, dict) and not (skip and step[0] == "anyOf"):
            yield from _value(option, structure, path, (*at, *step), skip=False)


def _defaults(schema: Schema, path: FieldPath, *, top: str) -> Iterator[Violation]:
    """Defaults that are not valid under their own schema, or hold fields that would be pruned."""
    root = path[-1:] == ("openAPIV3Schema",)
    default = schema.get("default")
    at = (*path, "default")
    if default is not None and top:
        yield _forbidden(at, f"must not be set in top-level {top}")
    elif default is not None:
        value = copy_json(default)
        for violation in prune(value, schema, root=False):
            yield _invalid(at, default, f"must not have unknown fields: {format_path(violation.path)}")
        drop_nulls(value, schema)
        for violation in explain(value, schema, at, _ANY_MINOR):
            yield Violation(violation.path, violation.message, violation.hint, rules.NOT_STRUCTURAL)
        if isinstance(default, dict) and (root or schema.get("x-kubernetes-embedded-resource")):
            yield from (_required((*at, key), "") for key in ("apiVersion", "kind") if not default.get(key))
    for step, child in places(schema):
        if isinstance(child, dict) and step != ("additionalProperties",):
            name = str(step[-1]) if root and step[-1] in META_FIELDS else top
            yield from _defaults(child, (*path, *step), top=name)
