"""Findings for a terminal: the source line, marks below it, notes, the object, the way out."""

from collections.abc import Iterator, Sequence

from generator.finding import Finding, Severity
from generator.location import format_path
from generator.report.context import ReportContext
from generator.report.counts import in_words
from generator.report.environments import environments_of
from generator.report.excerpt import Sources, place_for
from generator.report.visible import visible

_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_BLUE = "\x1b[1;34m"
_SEVERITY = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.INFO: "\x1b[1;36m"}


def render_text(findings: Sequence[Finding], context: ReportContext) -> str:
    """A block per finding and a line of counts; empty without findings. Colour only where the context asks."""
    if not findings:
        return ""
    sources = Sources(context.source_text, context.shipped)
    blocks = ["\n".join(block(finding, sources, colour=context.colour)) for finding in findings]
    return "\n\n".join([*blocks, in_words(findings)]) + "\n"


def block(finding: Finding, sources: Sources, *, colour: bool) -> Iterator[str]:
    """The lines of one finding."""
    paint = _paint if colour else _plain
    tone, rule = _SEVERITY[finding.level], finding.rule
    head = f"{finding.level}[{visible(rule.code)} {visible(rule.name)}]"
    yield paint(head, tone) + paint(f": {visible(finding.said)}", _BOLD)
    excerpt = sources.excerpt(finding.at)
    number = str(finding.at.line) if excerpt else ""
    gutter = " " * max(2, len(number))
    if finding.at.file:
        yield f"{gutter}{paint('-->', _BLUE)} {place_for(finding.at, sources.shipped)}"
    if excerpt:
        bar = paint("|", _BLUE)
        yield f"{gutter} {bar}"
        yield f"{paint(number.rjust(len(gutter)), _BLUE)} {bar} {excerpt.line}"
        yield f"{gutter} {bar} {' ' * excerpt.indent}{paint('^' * excerpt.marks, tone)}"
    for note in finding.notes:
        yield f"{gutter}{paint(':::', _BLUE)} {place_for(note.at, sources.shipped)}   {visible(note.message)}"
    equals = f"{gutter} {paint('=', _BLUE)}"
    if finding.subject:
        yield f"{equals} {paint('in', _BOLD)}: {visible(finding.subject)}"
    if finding.path and (finding.subject or not excerpt):
        yield f"{equals} {paint('field', _BOLD)}: {visible(format_path(finding.path))}"
    label, names = environments_of(finding)
    if label:
        yield f"{equals} {paint(label, _BOLD)}: {names}"
    if finding.hint:
        yield f"{equals} {paint('help', _BOLD)}: {visible(finding.hint)}"


def _paint(text: str, tone: str) -> str:
    return f"{tone}{text}{_RESET}"


def _plain(text: str, _tone: str) -> str:
    return text
