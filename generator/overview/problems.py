"""Findings for the page: worst first, each with the line it points at."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from generator.finding import Finding, Severity
from generator.location import Span, format_path
from generator.overview.bounded import PROBLEMS, bounded, place
from generator.overview.model import Counts, Problem, Quote, Related, Rest
from generator.report.counts import count
from generator.report.excerpt import Sources
from generator.report.formats import in_order
from generator.secrecy import conceal

EVERY = "qatgen render -o json"
_ORDER = {severity: position for position, severity in enumerate(Severity)}

Told = tuple[str, Finding]
"""A finding and the environment it was met in; an empty name stands for none in particular."""


def problems_of(told: Iterable[Told], sources: Sources) -> tuple[tuple[Problem, ...], Rest | None]:
    """Each finding once, with the environments it was met in; errors first, then by place."""
    environments: dict[Finding, list[str]] = {}
    named = list(told)
    findings = conceal((finding for _, finding in named), sources.source_text)
    for (name, _), finding in zip(named, findings, strict=True):
        environments.setdefault(finding, []).extend([name] if name else [])
    ordered = sorted(in_order(environments), key=lambda finding: _ORDER[finding.level])
    chosen, rest = bounded(ordered, PROBLEMS, EVERY)
    return tuple(_problem(finding, environments, sources) for finding in chosen), rest


def counts_of(findings: Iterable[Finding]) -> Counts:
    """How many findings of each severity; the same one is counted once."""
    found = count(dict.fromkeys(findings))
    return Counts(found[Severity.ERROR], found[Severity.WARNING], found[Severity.INFO])


def _problem(finding: Finding, environments: Mapping[Finding, Sequence[str]], sources: Sources) -> Problem:
    return Problem(
        code=finding.rule.code,
        name=finding.rule.name,
        summary=finding.rule.summary,
        severity=str(finding.level),
        message=finding.message,
        at=place(finding.at),
        quote=next(_quoted(finding.at, sources), None),
        subject=finding.subject,
        field=format_path(finding.path),
        hint=finding.hint,
        related=tuple(Related(note.message, place(note.at)) for note in finding.notes),
        environments=tuple(dict.fromkeys(environments[finding])),
    )


def _quoted(span: Span, sources: Sources) -> Iterator[Quote]:
    excerpt = sources.excerpt(span)
    if excerpt is not None:
        line, start = excerpt.line, excerpt.start
        yield Quote(span.line, line[:start], line[start : excerpt.stop], line[excerpt.stop :])
