"""Findings: one thing wrong, at one place, with a way out."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from generator.location import FieldPath, Span


class Severity(StrEnum):
    """How bad a finding is: an error stops the write, a warning is told, info explains."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a finding is an instance of; `code` is stable for ever and never reused.

    Code ranges: SRC reading text, SPC the spec, CAT the catalog, RES a spec against the catalog, RND rendering,
    OVL overlays, SCH schemas, POL policies, CEL expressions, CAP capacity, WVR waivers, EMT writing, CHK rendered trees
    beside their sources, QATP the rules of the pack, QATK KubeVirt's own, ARG how Argo CD delivers, RUN what needs more
    than it may.
    """

    code: str
    name: str
    summary: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Note:
    """A related place and why it matters ("first defined here", "rendered here")."""

    message: str
    at: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong, at one place, with a way out.

    `message` is a sentence with the actual value in it, lower case, no full stop; `at` is where a person would
    edit; `hint` is imperative; `subject` names the rendered object ("VirtualMachine vpn/gw-0") where there is one.
    """

    rule: Rule
    message: str
    at: Span
    hint: str = ""
    notes: tuple[Note, ...] = ()
    subject: str = ""
    path: FieldPath = ()
    severity: Severity | None = None

    @property
    def level(self) -> Severity:
        """The finding's own severity, or its rule's."""
        return self.severity or self.rule.severity

    @property
    def words(self) -> tuple[str, str, str]:
        """What makes two findings one to a reader: code, place and message."""
        return self.rule.code, str(self.at), self.message


Told = tuple[str, Finding]
"""A finding and the environment it was met in; an empty name stands for none in particular."""


def once(told: Iterable[Told]) -> list[Finding]:
    """Findings without their environments, each as a reader sees it once: environments share most of what they are."""
    found: dict[tuple[str, str, str], Finding] = {}
    for _, finding in told:
        found.setdefault(finding.words, finding)
    return list(found.values())


class Halt(Exception):  # noqa: N818 - it ends a stage; the findings are the errors
    """A stage cannot go on; carries every finding made so far."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(self.findings)

    def __str__(self) -> str:
        return "; ".join(f"{f.at}: {f.message}" for f in self.findings)


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any finding is of severity error."""
    return any(f.level is Severity.ERROR for f in findings)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint naming the nearest known words, or listing them all where none is near and there are few."""
    options = sorted(set(known))
    lowered = {option.lower(): option for option in options}
    near = difflib.get_close_matches(word.lower(), list(lowered), n=3, cutoff=0.6)
    if near:
        return "did you mean " + " or ".join(f'"{lowered[n]}"' for n in near) + "?"
    if options and len(options) <= 20:  # more would not be read
        return "known: " + ", ".join(options)
    return ""
