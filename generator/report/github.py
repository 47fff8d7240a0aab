"""Findings as GitHub workflow commands, which become annotations on the changed lines."""

from collections.abc import Iterator, Sequence

from generator.finding import Finding, Severity
from generator.location import Span
from generator.report.context import ReportContext
from generator.report.environments import environments_of
from generator.report.excerpt import place_for
from generator.report.visible import visible

_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render_github(findings: Sequence[Finding], context: ReportContext) -> str:
    """One command a line; nothing without findings."""
    return "".join(f"{_command(finding, context)}\n" for finding in findings)


def _command(finding: Finding, context: ReportContext) -> str:
    rule = finding.rule
    title = _property(f"{rule.code} {rule.name}")
    properties = ",".join([*_place(finding.at, context), f"title={title}"])
    data = "%0A".join(_data(line) for line in _lines(finding, context))
    return f"::{_COMMAND[finding.level]} {properties}::{data}"


def _place(span: Span, context: ReportContext) -> Iterator[str]:
    if not span.file:
        return
    yield f"file={_property(context.from_top(span.file))}"
    if span.line < 1:
        return
    yield f"line={span.line}"
    yield f"endLine={max(span.line, span.end_line)}"
    if span.column > 0 and span.end_line <= span.line:  # columns are for annotations of one line
        yield f"col={span.column}"
        if span.end_column > span.column:
            yield f"endColumn={span.end_column}"


def _lines(finding: Finding, context: ReportContext) -> Iterator[str]:
    yield finding.said
    if finding.subject:
        yield f"in: {finding.subject}"
    label, names = environments_of(finding)
    if label:
        yield f"{label}: {names}"
    for note in finding.notes:
        yield f"{place_for(note.at, context.shipped)}: {note.message}"
    if finding.hint:
        yield f"help: {finding.hint}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25")  # line breaks are visible escapes already


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
