"""The formats by name, and the one way into them: relative files, one order, then the format."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from generator.finding import Finding, Note
from generator.location import Span
from generator.report.context import ReportContext
from generator.report.github import render_github
from generator.report.json_ import render_json
from generator.report.junit import render_junit
from generator.report.markdown import render_markdown
from generator.report.sarif import render_sarif
from generator.report.text import render_text

Format = Callable[[Sequence[Finding], ReportContext], str]

FORMATS: dict[str, Format] = {
    "text": render_text,
    "json": render_json,
    "sarif": render_sarif,
    "junit": render_junit,
    "github": render_github,
    "markdown": render_markdown,
}


def render_report(format: str, findings: Sequence[Finding], context: ReportContext) -> str:  # noqa: A002 - as typed
    """The whole report; `format` is a key of FORMATS, KeyError otherwise.

    The order of `findings` does not matter: file, line, column and code decide. Ends with a line break, unless
    it is empty (text and github, when there is nothing to say).
    """
    return FORMATS[format](in_order(_relative(finding, context.root) for finding in findings), context)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """By file, line, column and code; what is left equal by its words."""
    return sorted(findings, key=lambda f: (f.at.file, f.at.line, f.at.column, f.rule.code, f.subject, f.message))


def _relative(finding: Finding, root: str) -> Finding:
    notes = tuple(Note(note.message, _shown(note.at, root)) for note in finding.notes)
    return replace(finding, at=_shown(finding.at, root), notes=notes)


def _shown(span: Span, root: str) -> Span:
    file, folder = span.file.replace(os.sep, "/"), root.replace(os.sep, "/").rstrip("/") + "/"
    file = file.removeprefix(folder) if len(folder) > 1 else file
    while file.startswith("./"):
        file = file[2:].lstrip("/")
    return span if file == span.file else replace(span, file=file)
