"""Findings as JSON, in the envelope `generator/schemas/findings.v1.json` describes."""

import json
from collections.abc import Sequence
from typing import Any

from generator.finding import Finding
from generator.location import FieldPath, Span
from generator.report.context import ReportContext
from generator.report.counts import count
from generator.report.fingerprint import fingerprint

SCHEMA = "https://qatgen.dev/schemas/findings.v1.json"


def render_json(findings: Sequence[Finding], context: ReportContext) -> str:
    """One `Report` document; values are exact, the text is ASCII."""
    report = {
        "$schema": SCHEMA,
        "apiVersion": "qatgen.dev/v1",
        "kind": "Report",
        "tool": {"name": "qatgen", "version": context.tool_version},
        "summary": {str(severity): number for severity, number in count(findings).items()},
        "findings": [_finding(finding) for finding in findings],
    }
    return dump(report)


def dump(document: Any) -> str:
    """Indented ASCII JSON; every control character is an escape."""
    return json.dumps(document, indent=2).replace("\x7f", "\\u007f") + "\n"


def pointer(path: FieldPath) -> str:
    """A path as a JSON Pointer (RFC 6901): `/spec/disks/0/name`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _finding(finding: Finding) -> dict[str, Any]:
    rule = finding.rule
    return {
        "rule": {"code": rule.code, "name": rule.name, "summary": rule.summary},
        "severity": str(finding.level),
        "message": finding.said,
        "location": _location(finding.at),
        "path": pointer(finding.path),
        "subject": finding.subject,
        "hint": finding.hint,
        "notes": [{"message": note.message, "location": _location(note.at)} for note in finding.notes],
        "environments": list(finding.environments),
        "fingerprint": fingerprint(finding),
    }


def _location(span: Span) -> dict[str, Any]:
    places = {
        "line": span.line,
        "column": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    return {"file": span.file, **{name: number for name, number in places.items() if number > 0 and span.line > 0}}
