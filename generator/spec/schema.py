"""Check a file against the published JSON Schema, and say in words what is wrong where."""

import json
import math
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import jsonschema_rs

from generator.finding import Finding, did_you_mean
from generator.location import FieldPath, Span, format_path
from generator.nearest import Budget
from generator.source import looked_through, plain_spelling
from generator.spec import rules
from generator.spec.flow import flow
from generator.spec.forms import FORMS
from generator.spec.meant import meant

_TYPES = {"object": "a mapping", "array": "a list", "string": "text", "integer": "a whole number", "null": "null"}
_ACTUAL = {dict: "a mapping", list: "a list", str: "text", bool: "a boolean", int: "a number", float: "a number"}
_RANGES = {
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "at least this many characters:",
    "maxLength": "at most this many characters:",
    "minItems": "at least this many items:",
    "minProperties": "at least this many keys:",
}


_COUNTED = 1_000_000
"""Numbers above are no counts that somebody rounds."""


class Place(Protocol):
    """What knows where a value stands: a document, or the origin of a merged spec."""

    def span(self, path: FieldPath = (), *, key: bool = False) -> Span:
        """Where a person would edit the value (or key) at `path`."""

    def written(self, path: FieldPath) -> str | None:
        """The text of the scalar at `path` as it is written."""


@cache
def schema_text() -> str:
    """The published schema of the spec's language (JSON Schema draft 2020-12)."""
    return (files("generator") / "schemas" / "qatplatform.v1alpha1.json").read_text(encoding="utf-8")


@cache
def spec_schema() -> dict[str, Any]:
    """The schema as data; shared, not to be changed."""
    loaded: dict[str, Any] = json.loads(schema_text())
    return loaded


@cache
def overlay_schema() -> dict[str, Any]:
    """The schema of an overlay's spec.yaml: the same language, nothing required."""
    whole = _without_required(spec_schema())
    return {"$schema": whole["$schema"], "$ref": "#/$defs/platform", "$defs": whole["$defs"]}


def _without_required(node: Any) -> Any:
    if isinstance(node, dict):
        # A property may itself be called `required`; only the keyword, a list, goes.
        return {k: _without_required(v) for k, v in node.items() if not (k == "required" and isinstance(v, list))}
    if isinstance(node, list):
        return [_without_required(item) for item in node]
    return node


@cache
def _fast(overlay: bool) -> Any:
    return jsonschema_rs.Draft202012Validator(overlay_schema() if overlay else spec_schema())


def check(data: Any, place: Place, *, overlay: bool = False) -> list[Finding]:
    """Every way in which one file, or a merged spec, differs from the schema, at its own lines.

    `overlay`: nothing is required and null means "remove", as RFC 7386 has it.
    """
    data = _without_nulls(data) if overlay else data
    if is_valid(data, overlay=overlay):
        return []
    found: dict[tuple[str, str], Finding] = {}
    budget = Budget()
    for error in explaining(overlay=overlay).iter_errors(data):
        for finding in _findings(error, place, budget):
            found.setdefault((str(finding.at), finding.message), finding)
    if not found:  # the two validators disagree: refused is refused, with the first one's words
        first = next(_fast(overlay).iter_errors(data))
        at = place.span(tuple(first.instance_path))
        message = f"{format_path(tuple(first.instance_path)) or 'the file'}: {first.message}"
        return [Finding(rule=rules.MALFORMED, message=message, at=at, hint="see `qatgen explain spec`")]
    return list(found.values())


def is_valid(data: Any, *, overlay: bool = False) -> bool:
    """Whether plain data fits the schema, as the fast validator has it."""
    answer: bool = _fast(overlay).is_valid(data)
    return answer


@cache
def explaining(*, overlay: bool = False) -> Any:
    """The slow validator, whose errors say what is wrong; its patterns end where ECMA-262's do."""
    # Imported where it is needed: it takes a tenth of a second to load.
    from jsonschema import Draft202012Validator, ValidationError  # noqa: PLC0415
    from jsonschema.validators import extend  # noqa: PLC0415

    def pattern(_validator: Any, expected: str, value: Any, _schema: Any) -> Iterator[Any]:
        if isinstance(value, str) and not _pattern(expected).search(value):
            yield ValidationError(f"{value!r} does not match {expected!r}")

    with_patterns: Any = extend(Draft202012Validator, {"pattern": pattern})  # type: ignore[no-untyped-call]
    return with_patterns(overlay_schema() if overlay else spec_schema())


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """A pattern of the schema in Python's language, in which `$` matches before a last newline as well."""
    return re.compile(re.sub(r"(?<!\\)\$", r"\\Z", text))


def _without_nulls(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_nulls(value) for key, value in data.items() if value is not None}
    if isinstance(data, list):
        return [_without_nulls(item) for item in data]
    return data


def _findings(error: Any, place: Place, budget: Budget) -> Iterator[Finding]:
    path: FieldPath = tuple(error.absolute_path)
    where = format_path(path) or "the file"
    keyword, expected, value = error.validator, error.validator_value, error.instance
    if keyword == "additionalProperties" and expected is False:
        yield from _unknown_keys(error, place, path, budget)
        return
    if keyword == "anyOf" and error.context:
        yield from _findings(max(error.context, key=_depth), place, budget)
        return
    at = place.span(path)
    if keyword == "required":
        for key in expected:
            if key not in value:
                example = flow(_example(error.schema, key))
                message = f'{where} lacks "{key}"'
                yield Finding(
                    rule=rules.MISSING_KEY, message=message, at=at, path=path, hint=_add(key, example, error.schema)
                )
    elif keyword == "type":
        names = expected if isinstance(expected, list) else [expected]
        wanted = " or ".join(_TYPES.get(name, str(name)) for name in names)
        given = (
            f"{_actual(value)} ({_shown(value)})" if isinstance(value, str) and value.isdecimal() else _actual(value)
        )
        given = _shown(value) if isinstance(value, float) and "integer" in names else given
        message = f"{where} is {given}, not {wanted}"
        hint = _hint(error.schema)
        if isinstance(value, str) and {"integer", "number"} & set(names) and value.isdecimal() and value.isascii():
            hint = f"write {value} without quotes. {hint}".rstrip()
        if "string" in names and isinstance(value, int | float):
            quoted = f'write "{place.written(path) or _shown(value)}" in quotes'
            hint = f"{quoted}. {hint}" if hint else quoted
        if isinstance(value, float) and "integer" in names and abs(value) < _COUNTED:
            hint = f"write {math.floor(value)} or {math.ceil(value)}. {hint}".rstrip()
        yield Finding(rule=rules.WRONG_TYPE, message=message, at=at, path=path, hint=hint)
    elif keyword in {"enum", "const"}:
        allowed = [str(v) for v in (expected if keyword == "enum" else [expected])]
        message = f"{where} is {_shown(value)}, not {_listed(allowed)}"
        message, hint = looked_through(value, message, did_you_mean(str(value), allowed, budget))
        yield Finding(rule=rules.NOT_ALLOWED, message=message, at=at, path=path, hint=hint)
    elif keyword == "pattern":
        message = f"{where} is {_shown(value)}, not {FORMS.get(expected, f'of the form {expected}')}"
        known = meant(expected, value) if isinstance(value, str) else ""
        hint = f"write {known}" if known else _hint(error.schema)
        message, hint = looked_through(value, message, hint)
        yield Finding(rule=rules.MALFORMED, message=message, at=at, path=path, hint=hint)
    elif keyword in _RANGES:
        message = f"{where} is {_shown(value)}, allowed is {_RANGES[keyword]} {expected}"
        yield Finding(rule=rules.OUT_OF_RANGE, message=message, at=at, path=path, hint=_hint(error.schema))
    else:
        message = f"{where}: {error.message}"
        yield Finding(rule=rules.MALFORMED, message=message, at=at, path=path, hint=_hint(error.schema))


def _unknown_keys(error: Any, place: Place, path: FieldPath, budget: Budget) -> Iterator[Finding]:
    known = error.schema.get("properties", {})
    words = [word for word in known if not word.startswith("$")]
    for key in error.instance:
        if key not in known:
            where = format_path(path) or "the file"
            at = place.span((*path, key), key=True)
            message = f'{where} has the unknown key "{key}"'
            message, hint = looked_through(key, message, did_you_mean(plain_spelling(key), words, budget))
            yield Finding(rule=rules.UNKNOWN_KEY, message=message, at=at, path=(*path, key), hint=hint)


def _depth(error: Any) -> tuple[int, bool]:
    """Of several alternatives the one that got furthest is the one that was meant."""
    return len(error.absolute_path), error.validator != "type"


def _add(key: str, example: str, schema: Any) -> str:
    """How to add a key: as the schema has it, or, where any text will do, in the reader's own words."""
    field = schema.get("properties", {}).get(key, {})
    if field.get("type") == "string" and not {"pattern", "enum", "const"} & field.keys():
        return f"add `{key}` in your own words, such as `{key}: {example}`"
    return f"write `{key}: {example}`"


def _example(schema: Any, key: str) -> Any:
    field = schema.get("properties", {}).get(key, {})
    if "$ref" in field:
        field = spec_schema()["$defs"].get(field["$ref"].rpartition("/")[2], {})
    return (field.get("examples") or [field.get("const", "…")])[0]


def _hint(schema: Any) -> str:
    description, examples = schema.get("description", ""), schema.get("examples", [])
    shown = ", ".join(f"`{flow(e)}`" for e in examples[:2])
    return f"{description} Example: {shown}" if shown else description


def _actual(value: Any) -> str:
    return "null" if value is None else _ACTUAL.get(type(value), type(value).__name__)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "…"


def _listed(allowed: list[str]) -> str:
    return " or ".join(allowed) if len(allowed) <= 8 else f"one of {len(allowed)} values"
