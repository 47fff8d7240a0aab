"""Evaluate the validation rules of a schema (x-kubernetes-validations) as the API server does when objects are made."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from generator.bounds import Overrun, Unit, running
from generator.cel import (
    BOOL,
    DYN,
    INT,
    STRING,
    CompileError,
    CostError,
    Environment,
    EvalError,
    Expression,
    Type,
    UnknownError,
    WorkError,
    compile_expression,
    list_of,
    map_of,
    optional_of,
    struct,
)
from generator.cel.parser import KEYWORDS
from generator.cel.times import parse_duration, parse_timestamp
from generator.cel.types import BYTES, DOUBLE, DURATION, TIMESTAMP
from generator.cel.values import NONE, Some
from generator.location import FieldPath, Span, format_path
from generator.schema import rules
from generator.schema.places import ABSENT
from generator.schema.prepare import Schema
from generator.schema.violation import Violation, show

_SCALARS = {"string": STRING, "integer": INT, "number": DOUBLE, "boolean": BOOL}
_FORMATS = {"byte": BYTES, "date": TIMESTAMP, "date-time": TIMESTAMP, "datetime": TIMESTAMP, "duration": DURATION}
_ESCAPES = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))
_FIELD_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\['((?:[^'\\]|\\.)*)'\]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_REASONS = {"FieldValueForbidden": "Forbidden: {0}", "FieldValueRequired": "Required value: {0}"}
_DEFAULT_REASON = "FieldValueInvalid"
_SHOWN = 200
BUDGET = 10_000_000
"""Cost of all rules of one object together; the server stops there."""


def escape(name: str) -> str | None:
    """How CEL calls a property, or None where it cannot: the server's escapes, reserved words between underscores."""
    for old, new in _ESCAPES:
        name = name.replace(old, new)
    if name in KEYWORDS:
        return f"__{name}__"
    return name if _NAME.match(name) else None


@dataclass(slots=True)
class _Declarations:
    """Message types met while a schema is turned into CEL's types."""

    structs: dict[str, dict[str, Type]] = field(default_factory=dict)

    def type_of(self, schema: Schema, name: str) -> Type | None:
        """The type of a value of a schema; None where expressions cannot see it."""
        if schema.get("x-kubernetes-int-or-string"):
            return DYN
        kind = schema.get("type")
        if kind == "array":
            item = self.type_of(_mapping(schema.get("items")), f"{name}.@items")
            return None if item is None else list_of(item)
        if kind == "object":
            return self._object(schema, name)
        if kind == "string" and schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        return _SCALARS.get(str(kind))

    def _object(self, schema: Schema, name: str) -> Type | None:
        additional = schema.get("additionalProperties")
        if isinstance(additional, dict):
            value = self.type_of(additional, f"{name}.@values")
            return None if value is None else map_of(STRING, value)
        fields = {}
        for key, child in _properties(schema).items():
            escaped = escape(key)
            found = self.type_of(_mapping(child), f"{name}.{key}") if escaped else None
            if escaped and found is not None:
                fields[escaped] = found
        self.structs[name] = fields
        return struct(name)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _properties(schema: Schema) -> dict[str, Any]:
    found = dict(_mapping(schema.get("properties")))
    if schema.get("x-kubernetes-embedded-resource"):
        text = {"type": "string"}
        metadata = {"type": "object", "properties": {"name": text, "generateName": text}}
        found = {**found, "apiVersion": text, "kind": text, "metadata": metadata}
    return found


def _value(value: Any, schema: Schema) -> Any:
    """A JSON value as CEL computes with it; raises EvalError where it has not the type the schema says."""
    if value is None or schema.get("x-kubernetes-int-or-string"):
        return value
    kind = schema.get("type")
    if kind == "array" and isinstance(value, list):
        return [_value(item, _mapping(schema.get("items"))) for item in value]
    if kind == "object" and isinstance(value, dict):
        additional = schema.get("additionalProperties")
        if isinstance(additional, dict):
            return {key: _value(item, additional) for key, item in value.items()}
        known = _properties(schema)
        pairs = ((escape(key), key) for key in value if key in known)
        return {name: _value(value[key], _mapping(known[key])) for name, key in pairs if name}
    if kind == "number" and isinstance(value, int):
        return float(value)
    if kind == "string" and isinstance(value, str):
        return _text(value, schema.get("format"))
    return value


def _text(value: str, form: Any) -> Any:
    if form == "byte":
        return value.encode()
    if form == "duration":
        return parse_duration(value)
    if form == "date":
        return parse_timestamp(f"{value}T00:00:00Z")
    if form in ("date-time", "datetime"):
        return parse_timestamp(value)
    return value


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule, compiled; `error` where the server would not have taken it."""

    given: Mapping[str, Any]
    expression: Expression | None
    message: Expression | None
    error: str = ""

    @property
    def fallback(self) -> str:
        """What is said when no message is given: the rule itself, on one line."""
        return str(self.given.get("message") or f"failed rule: {' '.join(str(self.given['rule']).split())}").strip()


@lru_cache(maxsize=4096)
def _compile(rule: str, message: str, environment: Environment) -> tuple[Expression | None, Expression | None, str]:
    try:
        compiled = compile_expression(rule, environment)
        told = compile_expression(message, environment) if message else None
    except CompileError as error:
        return None, None, str(error)
    return compiled, told, ""


def _about_change(rule: _Rule) -> bool:
    assert rule.expression is not None
    return any(read[:1] == ("oldSelf",) for read in rule.expression.reads)


def _is_field(schema: Schema, text: str) -> bool:
    """Whether a path as rules write it (`.spec.size`, `['a-b'].c`) names a field of a schema."""
    steps = list(_FIELD_STEP.finditer(text))
    if "".join(step[0] for step in steps) != text:
        return False
    node = schema
    for step in steps:
        additional = node.get("additionalProperties")
        known = _mapping(node.get("properties"))
        found = additional if isinstance(additional, dict) else known.get(step[1] if step[1] is not None else step[2])
        if not isinstance(found, dict):
            return False
        node = found
    return True


def _refused(path: FieldPath, value: Any, detail: str, hint: str) -> Violation:
    return Violation(path, f"Invalid value: {show(value)}: {detail}", hint, rules.NOT_STRUCTURAL)


@dataclass(slots=True)
class RuleEvaluator:
    """Evaluates the rules of schema nodes for Kubernetes 1.`minor`; keeps what it has compiled."""

    minor: int
    _compiled: dict[int, tuple[Schema, list[_Rule]]] = field(default_factory=dict)

    def __call__(
        self, schema: Schema, value: Any, path: FieldPath, old: Any = ABSENT, *, of_change: bool = False
    ) -> list[Violation] | None:
        """What the rules of one node say of one value, as on CREATE: rules about a change are left out.

        `of_change` asks those alone, about a value and the one before (or ABSENT, where there was none). None where a
        rule cannot be evaluated here: it does not compile for this version.
        """
        known = self._compiled.get(id(schema))
        if known is None or known[0] is not schema:
            known = self._compiled[id(schema)] = schema, self._rules(schema)
        compiled = known[1]
        if any(rule.expression is None for rule in compiled):
            return None
        try:
            seen = _value(value, schema)
            before = ABSENT if old is ABSENT else _value(old, schema)
        except EvalError as error:
            return [Violation(path, f"Invalid value: {error}", "", rules.RULE_FAILED)]
        asked = (rule for rule in compiled if _about_change(rule) or not of_change)
        found = (self._judge(rule, seen, value, path, before) for rule in asked)
        return [violation for violation in found if violation is not None]

    def problems(self, schema: Schema, path: FieldPath, apart: FieldPath | None = None) -> Iterator[Violation]:
        """Why the server would not take the rules of the schema node at `path`: no CEL, no verdict, no such field.

        `apart` is the place above it, if any, from which on no value has a predecessor that can be told.
        """
        for index, rule in enumerate(self._rules(schema)):
            at, given = (*path, "x-kubernetes-validations", index), rule.given
            if not str(given.get("rule") or "").strip():
                continue  # told where rules are looked at as text
            if rule.error:
                alone = _compile(str(given["rule"]), "", self._environment(schema, given))
                key = "rule" if alone[2] else "messageExpression"
                yield _refused((*at, key), given[key], rule.error, "fix the expression; `self` is the value")
                continue
            if rule.expression is not None and rule.expression.type != BOOL:
                yield _refused((*at, "rule"), given["rule"], "cel expression must evaluate to a bool", "compare")
            elif apart is not None and _about_change(rule):
                text = f"oldSelf cannot be used on the uncorrelatable portion of the schema within {format_path(apart)}"
                yield _refused((*at, "rule"), given["rule"], text, "make the list a map, or look at the value alone")
            elif given.get("optionalOldSelf") and not _about_change(rule):
                text = "may not be set if oldSelf is not used in rule"
                yield _refused((*at, "optionalOldSelf"), given["optionalOldSelf"], text, "leave it out")
            if rule.message is not None and rule.message.type != STRING:
                text = "messageExpression must evaluate to a string"
                yield _refused((*at, "messageExpression"), given["messageExpression"], text, "use string(…)")
            if given.get("fieldPath") and not _is_field(schema, str(given["fieldPath"])):
                yield _refused((*at, "fieldPath"), given["fieldPath"], "must be a valid path", "write `.field`")

    def _rules(self, schema: Schema) -> list[_Rule]:
        out = []
        for given in schema.get("x-kubernetes-validations") or ():
            environment = self._environment(schema, given)
            compiled = _compile(str(given.get("rule", "")), str(given.get("messageExpression") or ""), environment)
            out.append(_Rule(given, *compiled))
        return out

    def _environment(self, schema: Schema, given: Mapping[str, Any]) -> Environment:
        declarations = _Declarations()
        type_ = declarations.type_of(schema, "selfType") or DYN
        structs = tuple((name, tuple(fields.items())) for name, fields in declarations.structs.items())
        old = optional_of(type_) if given.get("optionalOldSelf") else type_
        return Environment((("self", type_), ("oldSelf", old)), structs, (1, self.minor))

    @staticmethod
    def _judge(rule: _Rule, seen: Any, value: Any, path: FieldPath, old: Any) -> Violation | None:
        assert rule.expression is not None
        optional = rule.given.get("optionalOldSelf")
        if _about_change(rule) and not optional and old is ABSENT:
            return None
        before = old if not optional else NONE if old is ABSENT else Some(old)
        values = {"self": seen, "oldSelf": before}
        at = (*path, *_steps(str(rule.given.get("fieldPath") or "")))
        shown = " ".join(str(rule.given["rule"]).split())[:_SHOWN]
        try:
            with running(Unit(f"the rule `{shown}` of the schema", Span("schemas"))):
                if rule.expression.evaluate(values) is True:
                    return None
                message = _message(rule, values, value, at == path)
        except (WorkError, Overrun) as error:
            why = f"it {error.amount}" if isinstance(error, Overrun) else str(error)
            detail = f"the rule `{shown}` of the schema was not evaluated: {why}"
            return Violation(path, detail, "simplify the rule, or bound the lists it compares", rules.TOO_MUCH_WORK)
        except (EvalError, CostError, UnknownError) as error:
            detail = f"{error} evaluating rule: {rule.given.get('message') or rule.given['rule']}"
            return Violation(path, f"Invalid value: {detail}", "", rules.RULE_FAILED)
        return Violation(at, message, "", rules.RULE_FAILED)


def _message(rule: _Rule, values: dict[str, Any], value: Any, own: bool) -> str:
    detail = rule.fallback
    if rule.message is not None:
        try:
            told = rule.message.evaluate(values)
        except (EvalError, CostError, UnknownError):
            told = ""
        if isinstance(told, str) and told.strip() and "\n" not in told.strip() and len(told.encode()) <= 5120:
            detail = told.strip()
    reason = rule.given.get("reason") or _DEFAULT_REASON
    if reason in _REASONS:
        return _REASONS[reason].format(detail)
    if reason == "FieldValueDuplicate":
        return f"Duplicate value: {show(value)}"
    shown = f"{show(value)}: " if own and not isinstance(value, dict | list) else ""
    return f"Invalid value: {shown}{detail}"


def _steps(path: str) -> list[str]:
    """A relative JSON path as field names: `.spec['a.b'].c`."""
    return [a or b for a, b in re.findall(r"\.([^.\[\]]+)|\['((?:[^'\\]|\\.)+)'\]", path)]
