"""The formats by name, and the one way into them: relative files, one order, then the format."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import cast

from generator.finding import Finding, Note
from generator.location import Span
from generator.report.context import ReportContext
from generator.secrecy import conceal

Format = Callable[[Sequence[Finding], ReportContext], str]


def _on_demand(module: str, function: str) -> Format:
    """A format whose module is imported when it is first asked for: a cold start pays for one, not for all."""

    def render(findings: Sequence[Finding], context: ReportContext) -> str:
        return cast("Format", getattr(import_module(f"generator.report.{module}"), function))(findings, context)

    return render


FORMATS: dict[str, Format] = {
    "text": _on_demand("text", "render_text"),
    "json": _on_demand("json_", "render_json"),
    "sarif": _on_demand("sarif", "render_sarif"),
    "junit": _on_demand("junit", "render_junit"),
    "github": _on_demand("github", "render_github"),
    "markdown": _on_demand("markdown", "render_markdown"),
    "gitlab": _on_demand("gitlab", "render_gitlab"),
}


def render_report(format: str, findings: Sequence[Finding], context: ReportContext) -> str:  # noqa: A002 - as typed
    """The whole report; `format` is a key of FORMATS, KeyError otherwise.

    The order of `findings` does not matter: file, line, column and code decide. Ends with a line break, unless
    it is empty (text and github, when there is nothing to say). No finding has a value of a Secret that its file holds.
    """
    context = replace(context, source_text=cache(context.source_text))
    return FORMATS[format](
        in_order(_relative(finding, context.root) for finding in conceal(findings, context.source_text)), context
    )


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
