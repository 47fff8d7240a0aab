"""Violations: one rule of a schema that an object breaks, at a path inside the object."""

import json
from dataclasses import dataclass
from typing import Any

from generator.finding import Finding, Rule, Severity
from generator.location import FieldPath, Span, format_path
from generator.schema import rules

INT64 = (-(2**63), 2**63 - 1)


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong at `path`, in the API server's words where it has some; `hint` is imperative or a question."""

    path: FieldPath
    message: str
    hint: str = ""
    rule: Rule = rules.INVALID
    severity: Severity | None = None

    @property
    def level(self) -> Severity:
        """The violation's own severity, or its rule's."""
        return self.severity or self.rule.severity

    def __str__(self) -> str:
        named = not self.path or self.rule is rules.UNKNOWN_FIELD  # whose message has the path in it
        return self.message if named else f"{format_path(self.path)}: {self.message}"

    def finding(self, at: Span, subject: str = "") -> Finding:
        """The violation as a finding at a place of a file; its message names the path."""
        return Finding(
            rule=self.rule,
            message=str(self),
            at=at,
            hint=self.hint,
            subject=subject,
            path=self.path,
            severity=self.severity,
        )


def show(value: Any) -> str:
    """A value as the API server prints it in its messages: text quoted, the rest as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def invalid(path: FieldPath, value: Any, detail: str, rule: Rule = rules.INVALID, hint: str = "") -> Violation:
    """`Invalid value: VALUE: DETAIL`."""
    return Violation(path, f"Invalid value: {show(value)}: {detail}", hint, rule)


def required(path: FieldPath, detail: str = "", rule: Rule = rules.REQUIRED) -> Violation:
    """`Required value`, with a detail where there is one."""
    return Violation(path, f"Required value: {detail}" if detail else "Required value", "", rule)


def type_name(value: Any) -> str:
    """The JSON type of a value, `number` only for numbers with a fraction."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer" if INT64[0] <= value <= INT64[1] else "number"  # a larger one is read as a float
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
