"""Prove objects against schemas: what is wrong with each, and how many there were of every outcome."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.finding import Finding, Rule, Severity
from generator.location import FieldPath, Span
from generator.manifest import Identity, identify
from generator.schema import SchemaSources, SchemaStore, Status, Violation
from generator.schema import rules as schema_rules

_ABOUT_KEYS = frozenset({schema_rules.UNKNOWN_FIELD})
"""Rules about a field's name; its value is not what is wrong."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Something wrong with one object, before anybody asked for its line; `count` objects share it."""

    identity: Identity
    rule: Rule
    message: str
    hint: str
    path: FieldPath
    severity: Severity | None = None
    count: int = 1

    @property
    def about_key(self) -> bool:
        """Whether the field's name is wrong rather than its value."""
        return self.rule in _ABOUT_KEYS

    def finding(self, at: Span) -> Finding:
        """As a finding at a place."""
        more = f" (and {self.count - 1:,} more objects)" if self.count > 1 else ""
        return Finding(
            rule=self.rule,
            message=self.message + more,
            at=at,
            hint=self.hint,
            subject=str(self.identity),
            path=self.path,
            severity=self.severity,
        )


@dataclass(frozen=True, slots=True)
class ProofSettings:
    """What to prove against, as plain values that pickle: versions of Kubernetes, where schemas come from.

    `strict`: unknown fields are errors, else warnings. `missing_is_error`: so is an object without a schema.
    """

    kubernetes: Sequence[str]
    sources: SchemaSources = field(default_factory=SchemaSources)
    strict: bool = True
    missing_is_error: bool = True


@dataclass(slots=True)
class Prover:
    """Proves one object after another; keeps compiled schemas, so one a process."""

    settings: ProofSettings
    counts: Counter[tuple[str, Status]] = field(default_factory=Counter)
    _store: SchemaStore | None = None

    @property
    def store(self) -> SchemaStore:
        """The schemas, found when the first object comes."""
        if self._store is None:
            self._store = SchemaStore(self.settings.sources)
        return self._store

    def prove(self, data: Any, versions: Sequence[str] | None = None) -> Iterator[Objection]:
        """What is wrong with one document, told once for all versions where it is the same.

        `versions` of Kubernetes stand in for those of the settings.
        """
        chosen = self.settings.kubernetes if versions is None else versions
        told: dict[Violation, list[str]] = {}
        for version in chosen:
            outcome = self.store.validate(data, version)
            self.counts[version, outcome.status] += 1
            if outcome.status is Status.MISSING and not self.settings.missing_is_error:
                continue
            for violation in outcome.violations:
                told.setdefault(violation, []).append(version)
        if told:
            identity = identify(data) if isinstance(data, dict) else Identity("", "", "", "")
            for violation, concerned in told.items():
                only = f" (Kubernetes {', '.join(concerned)})" if len(concerned) < len(chosen) else ""
                yield self._objection(identity, violation, only)

    def _objection(self, identity: Identity, violation: Violation, only: str) -> Objection:
        message = str(violation) + only
        loose = not self.settings.strict and violation.rule is schema_rules.UNKNOWN_FIELD
        severity = Severity.WARNING if loose else violation.severity
        return Objection(identity, violation.rule, message, violation.hint, violation.path, severity)


def merged(objections: Sequence[tuple[FieldPath, Objection]]) -> list[tuple[FieldPath, Objection]]:
    """Objections of a part of the spec, the same one told once with how many objects share it."""
    kept: dict[tuple[FieldPath, str, str, FieldPath], Objection] = {}
    for item, objection in objections:
        key = (item, objection.rule.code, objection.message, objection.path)
        first = kept.get(key)
        kept[key] = objection if first is None else _counted(first, objection.count)
    return [(key[0], objection) for key, objection in kept.items()]


def _counted(first: Objection, more: int) -> Objection:
    return Objection(
        first.identity, first.rule, first.message, first.hint, first.path, first.severity, first.count + more
    )
