"""Findings: one thing wrong, at one place, with a way out."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from generator.location import FieldPath, Span
from generator.nearest import Budget, nearest


class Severity(StrEnum):
    """How bad a finding is: an error stops the write, a warning is reported, info explains."""

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


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing wrong with one field of an object, before its line is looked for; `path` is below the object.

    Without `severity` it is that of the rule.
    """

    rule: Rule
    message: str
    hint: str
    path: FieldPath
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong, at one place, with a way out.

    `message` is a sentence with the actual value in it, lower case, no full stop; `at` is where a person would
    edit; `hint` is imperative; `subject` names the rendered object ("VirtualMachine vpn/gw-0") where there is one.

    `environments` names the environments the finding was made in, in their order; it is empty for a finding about a
    file or a tree that belongs to no environment, and for every finding of a spec without overlays, whose one
    environment nobody named. `objects` is how many objects it is about, once for each of `environments`.
    """

    rule: Rule
    message: str
    at: Span
    hint: str = ""
    notes: tuple[Note, ...] = ()
    subject: str = ""
    path: FieldPath = ()
    severity: Severity | None = None
    environments: tuple[str, ...] = ()
    objects: tuple[int, ...] = (1,)

    @property
    def level(self) -> Severity:
        """The finding's own severity, or its rule's."""
        return self.severity or self.rule.severity

    @property
    def said(self) -> str:
        """The message and how many objects it is about, where they are several."""
        if len(set(self.objects)) > 1:
            first, *others = zip(self.environments, self.objects, strict=True)
            counted = [f"{first[0]}: {first[1]:,} object{'' if first[1] == 1 else 's'}"]
            counted += [f"{name}: {number:,}" for name, number in others]
            return f"{self.message} ({', '.join(counted)})"
        more = self.objects[0] - 1
        if more < 1:
            return self.message
        each = " in each" if len(self.objects) > 1 else ""
        return f"{self.message} (and {more:,} more object{'' if more == 1 else 's'}{each})"

    @property
    def known_by(self) -> str:
        """What fingerprints are made of: the message and the number of the first environment, in words that stay."""
        more = self.objects[0] - 1
        return f"{self.message} (and {more:,} more objects)" if more > 0 else self.message


Told = tuple[str, Finding]
"""A finding and the environment it was made in; an empty name is none in particular."""


@dataclass(slots=True)
class _Group:
    """Findings that are one to a reader, and how many objects each environment has of it."""

    first: Finding
    counts: dict[str, int] = field(default_factory=dict)
    notes: dict[Note, None] = field(default_factory=dict)

    def accepts(self, finding: Finding, counts: Iterable[tuple[str, int]]) -> bool:
        """Whether the finding joins: no environment it was made in is there with another number of objects."""
        counted = dict(counts)
        if any(self.counts.get(name, number) != number for name, number in counted.items()):
            return False
        self.counts |= counted
        self.notes |= dict.fromkeys(finding.notes)
        return True

    def merged(self) -> Finding:
        named = {name: number for name, number in self.counts.items() if name}
        counts = tuple(named.values()) or self.first.objects[:1]
        return replace(self.first, environments=tuple(named), objects=counts, notes=tuple(self.notes))


def once(told: Iterable[Told]) -> list[Finding]:
    """Findings as a reader sees them: those of several environments that say the same at the same place are one.

    Rule, severity, place, message and hint decide. How many objects it is about may differ between environments, and is
    then said of each; the subject is that of the first. The order is that in which each was met first.
    """
    groups: dict[tuple[object, ...], list[_Group]] = {}
    order: list[_Group] = []
    for name, finding in told:
        counts = dict(zip(finding.environments, finding.objects, strict=True)) if finding.environments else {}
        counts = counts or {name: finding.objects[0]}
        key = (finding.rule.code, finding.level, finding.at, finding.message, finding.hint)
        alike = groups.setdefault(key, [])
        if not any(group.accepts(finding, counts.items()) for group in alike):
            group = _Group(finding)
            group.accepts(finding, counts.items())
            alike.append(group)
            order.append(group)
    return [group.merged() for group in order]


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


def did_you_mean(word: str, known: Iterable[str], budget: Budget | None = None) -> str:
    """A hint naming the nearest known words, or listing them all where none is near and there are few.

    No hint where `budget`, which many findings share, is spent.
    """
    options = sorted(set(known))
    if budget is not None and not budget.spend(options):
        return ""
    lowered = {option.lower(): option for option in options}
    near = nearest(word.lower(), lowered)
    if near:
        return "did you mean " + " or ".join(f'"{lowered[n]}"' for n in near) + "?"
    if options and len(options) <= 20:  # more would not be read
        return "known: " + ", ".join(options)
    return ""
