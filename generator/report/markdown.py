"""Findings as a Markdown summary, for a job's page or a comment on a change."""

import re
from collections.abc import Iterator, Sequence

from generator.finding import Finding
from generator.report.context import ReportContext
from generator.report.counts import in_words
from generator.report.environments import environments_of
from generator.report.excerpt import place_for
from generator.report.visible import visible

_LONGEST = 60_000  # characters; a comment on GitHub holds 65,536
_LONGEST_VALUE = 2_000


def render_markdown(findings: Sequence[Finding], context: ReportContext) -> str:
    """A heading with counts and a table; what would not fit a comment is counted instead."""
    lines = [f"## qatgen: {in_words(findings)}"]
    if findings:
        lines += ["", "| Severity | Rule | Where | Finding |", "| --- | --- | --- | --- |"]
    size = 0
    for shown, finding in enumerate(findings):
        row = _row(finding, context)
        size += len(row) + 1
        if size > _LONGEST:
            lines += ["", f"and {len(findings) - shown} more"]
            break
        lines.append(row)
    return "\n".join(lines) + "\n"


def _row(finding: Finding, context: ReportContext) -> str:
    rule = finding.rule
    cells = [
        str(finding.level),
        code_span(f"{rule.code} {rule.name}"),
        code_span(place_for(finding.at, context.shipped)),
        "<br>".join(_facts(finding, context)),
    ]
    return f"| {' | '.join(cells)} |"


def _facts(finding: Finding, context: ReportContext) -> Iterator[str]:
    yield code_span(finding.said)
    if finding.subject:
        yield f"in {code_span(finding.subject)}"
    label, names = environments_of(finding)
    if label:
        yield f"{label}: {code_span(names)}"
    for note in finding.notes:
        yield f"{code_span(place_for(note.at, context.shipped))} {code_span(note.message)}"
    if finding.hint:
        yield f"help: {code_span(finding.hint)}"


def code_span(text: str) -> str:
    """`text` as code in a table cell: no markup, links or mentions come alive in it, and no cell ends."""
    shown = visible(text)
    if len(shown) > _LONGEST_VALUE:
        shown = shown[:_LONGEST_VALUE] + "…"
    if not shown.strip():
        return ""
    if "|" in shown:  # readers differ on `\\|` in a cell, so nothing but letters and digits stays as it is
        return f"<code>{''.join(map(_entity, shown))}</code>"
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    if shown.startswith(("`", " ")) or shown.endswith(("`", " ")):
        shown = f" {shown} "  # one space on each side is taken off again
    return f"{fence}{shown}{fence}"


def _entity(character: str) -> str:
    return f"&#{ord(character)};" if character.isascii() and not character.isalnum() and character != " " else character
