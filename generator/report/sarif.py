"""Findings as SARIF 2.1.0, as code scanning services read it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from generator.finding import Finding, Note, Rule, Severity
from generator.location import Span
from generator.report.context import HOME, RULES, ReportContext, RulePage
from generator.report.environments import environments_of
from generator.report.excerpt import place_for
from generator.report.fingerprint import numbered
from generator.report.json_ import dump, pointer
from generator.report.visible import visible

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LONGEST = 1000
"""Characters of a rule's full description; GitHub shows 1,024."""
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render_sarif(findings: Sequence[Finding], context: ReportContext) -> str:
    """One run; rules in order of code, results in order of place, fingerprints that outlive moved lines."""
    rules = sorted({finding.rule.code: finding.rule for finding in findings}.values(), key=lambda rule: rule.code)
    index = {rule.code: position for position, rule in enumerate(rules)}
    driver = {
        "name": "qatgen",
        "version": context.tool_version,
        "informationUri": HOME,
        "rules": [_rule(rule, context.page(rule.code)) for rule in rules],
    }
    results = [_result(finding, index[finding.rule.code], digest, context) for finding, digest in numbered(findings)]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule, page: RulePage | None) -> dict[str, Any]:
    """A rule as viewers show it beside its results: GitHub requires the descriptions and a help text."""
    summary = visible(rule.summary)
    explained = f"qatgen explain {visible(rule.code)}"
    text = page.text if page else f"{summary} See: {explained}"
    markdown = page.markdown if page else f"{summary}\n\nSee `{explained}`."
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": _cut(f"{summary} {page.why}" if page and page.why else summary)},
        "helpUri": RULES + quote(f"{rule.code} {rule.name}".lower().replace(" ", "-"), errors="replace"),
        "help": {"text": text, "markdown": markdown},
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
    }


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _result(finding: Finding, rule_index: int, digest: str, context: ReportContext) -> dict[str, Any]:
    label, names = environments_of(finding)
    said = [finding.said, f"{label}: {names}" if label else "", finding.hint]
    location: dict[str, Any] = _physical(finding.at, context)
    if finding.subject:
        location["logicalLocations"] = [{"name": visible(finding.subject), "kind": "resource"}]
    result: dict[str, Any] = {
        "ruleId": finding.rule.code,
        "ruleIndex": rule_index,
        "level": _LEVEL[finding.level],
        "message": {"text": _message("; ".join(text for text in said if text))},
        "locations": [location] if finding.at.file else [],
        "partialFingerprints": {"qatgen/v1": digest},
    }
    if finding.notes:
        result["relatedLocations"] = [
            {"id": number, **_related(note, context)} for number, note in enumerate(finding.notes)
        ]
    properties: dict[str, Any] = {"path": pointer(finding.path)} if finding.path else {}
    if finding.environments:
        properties = {**properties, "environments": list(finding.environments)}
    return {**result, "properties": properties} if properties else result


def _related(note: Note, context: ReportContext) -> dict[str, Any]:
    """A note's place; of a file that no repository has, because it ships with the program, how to read it."""
    if context.shipped(note.at.file) is None:
        return {"message": {"text": _message(note.message)}, **_physical(note.at, context)}
    return {"message": {"text": _message(f"{note.message}: {place_for(note.at, context.shipped)}")}}


def _message(text: str) -> str:
    """Plain text of a message; brackets that a viewer would read as a link are escaped (SARIF 3.11.6)."""
    shown = visible(text)
    if "](" not in shown:
        return shown
    return shown.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _physical(span: Span, context: ReportContext) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(context.from_top(span.file))}}
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
    """A URI reference, relative for files below the top; a colon in a first segment would read as a scheme."""
    if file.startswith("/"):
        return "file://" + quote(file, errors="replace")
    return quote(file, safe="/@+=,~", errors="replace")
