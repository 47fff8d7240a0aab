"""Findings for the page: worst first, each with the line it points at."""

from collections.abc import Iterable, Iterator

from generator.finding import Finding, Severity, Told, once
from generator.location import Span, format_path
from generator.overview.bounded import PROBLEMS, bounded, place
from generator.overview.model import Counts, Problem, Quote, Related, Rest
from generator.report.counts import count
from generator.report.excerpt import Sources
from generator.report.formats import in_order
from generator.secrecy import conceal

EVERY = "qatgen render -o json"
_ORDER = {severity: position for position, severity in enumerate(Severity)}


def problems_of(told: Iterable[Told], sources: Sources) -> tuple[tuple[Problem, ...], Rest | None]:
    """Each finding once, with the environments it was made in; errors first, then by place."""
    findings = conceal(once(told), sources.source_text)
    ordered = sorted(in_order(findings), key=lambda finding: _ORDER[finding.level])
    chosen, rest = bounded(ordered, PROBLEMS, EVERY)
    return tuple(_problem(finding, sources) for finding in chosen), rest


def counts_of(findings: Iterable[Finding]) -> Counts:
    """How many findings of each severity; the same one is counted once."""
    found = count(dict.fromkeys(findings))
    return Counts(found[Severity.ERROR], found[Severity.WARNING], found[Severity.INFO])


def _problem(finding: Finding, sources: Sources) -> Problem:
    return Problem(
        code=finding.rule.code,
        name=finding.rule.name,
        summary=finding.rule.summary,
        severity=str(finding.level),
        message=finding.said,
        at=place(finding.at),
        quote=next(_quoted(finding.at, sources), None),
        subject=finding.subject,
        field=format_path(finding.path),
        hint=finding.hint,
        related=tuple(Related(note.message, place(note.at)) for note in finding.notes),
        environments=finding.environments,
    )


def _quoted(span: Span, sources: Sources) -> Iterator[Quote]:
    excerpt = sources.excerpt(span)
    if excerpt is not None:
        line, start = excerpt.line, excerpt.start
        yield Quote(span.line, line[:start], line[start : excerpt.stop], line[excerpt.stop :])
