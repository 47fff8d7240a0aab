"""Findings as SARIF 2.1.0, as code scanning services read it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from generator.finding import Finding, Rule, Severity
from generator.location import Span
from generator.report.context import ReportContext
from generator.report.fingerprint import numbered
from generator.report.json_ import dump, pointer
from generator.report.visible import visible

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render_sarif(findings: Sequence[Finding], context: ReportContext) -> str:
    """One run; rules in order of code, results in order of place, fingerprints that outlive moved lines."""
    rules = sorted({finding.rule.code: finding.rule for finding in findings}.values(), key=lambda rule: rule.code)
    index = {rule.code: position for position, rule in enumerate(rules)}
    driver = {
        "name": "qatgen",
        "version": context.tool_version,
        "informationUri": "https://qatgen.dev/",
        "rules": [_rule(rule) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index[finding.rule.code], digest) for finding, digest in numbered(findings)],
    }
    return dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule) -> dict[str, Any]:
    summary = visible(rule.summary)
    explained = f"qatgen explain {visible(rule.code)}"
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": summary},
        "help": {"text": f"{summary} See: {explained}", "markdown": f"See `{explained}`."},
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
    }


def _result(finding: Finding, rule_index: int, digest: str) -> dict[str, Any]:
    text = _message(finding.said + (f"; {finding.hint}" if finding.hint else ""))
    location: dict[str, Any] = _physical(finding.at)
    if finding.subject:
        location["logicalLocations"] = [{"name": visible(finding.subject), "kind": "resource"}]
    result: dict[str, Any] = {
        "ruleId": finding.rule.code,
        "ruleIndex": rule_index,
        "level": _LEVEL[finding.level],
        "message": {"text": text},
        "locations": [location] if finding.at.file else [],
        "partialFingerprints": {"qatgen/v1": digest},
    }
    if finding.notes:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": _message(note.message)}, **_physical(note.at)}
            for number, note in enumerate(finding.notes)
        ]
    if finding.path:
        result["properties"] = {"path": pointer(finding.path)}
    return result


def _message(text: str) -> str:
    """Plain text of a message; brackets that a viewer would read as a link are escaped (SARIF 3.11.6)."""
    shown = visible(text)
    if "](" not in shown:
        return shown
    return shown.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _physical(span: Span) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(span.file)}}
    if span.line > 0:
        physical["region"] = _region(span)
    return {"physicalLocation": physical}


def _region(span: Span) -> dict[str, int]:
    region = {"startLine": span.line}
    if span.column > 0:
        region["startColumn"] = span.column
        if span.end_line >= span.line and span.end_column > 0:
            region |= {"endLine": span.end_line, "endColumn": span.end_column}
    return region


def _uri(file: str) -> str:
    """A URI reference, relative for files below the root; a colon in a first segment would read as a scheme."""
    if file.startswith("/"):
        return "file://" + quote(file, errors="replace")
    return quote(file, safe="/@+=,~", errors="replace")
