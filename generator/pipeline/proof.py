"""Prove objects against schemas: what is wrong with each, and how many there were of every outcome."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from generator.bounds import Overrun, Unit, running
from generator.finding import Finding, Note, Rule, Severity
from generator.location import FieldPath, Span
from generator.manifest import Identity, identify
from generator.pipeline.admission import Admission, compiled_policies, readable_bindings
from generator.pipeline.kubevirt import KubeVirtTarget, Machines, remarks
from generator.pipeline.outcomes import Outcomes, outcomes_of
from generator.pipeline.waivers import waived_by
from generator.policy import Cluster, Excess, Verdict, policy_set, resources
from generator.policy import rules as policy_rules
from generator.policy.judging import Judge
from generator.policy.problem import field_path
from generator.policy.projection import Reads, reads_of
from generator.schema import SchemaSources, SchemaStore, Status, Violation
from generator.schema import rules as schema_rules
from generator.secrecy import hidden, is_secret, values_of
from generator.sync import annotation_remarks
from generator.sync import rules as sync_rules

SIMPLIFY = "simplify the expression, or bound what it compares and builds; the API server's own cost did not stop it"
_CHANGED = "when the object of the last delivery is changed"
_ABOUT_KEYS = frozenset({schema_rules.UNKNOWN_FIELD, sync_rules.UNKNOWN, sync_rules.OWNED, sync_rules.NO_EFFECT})
"""Rules about a field's name; its value is not what is wrong."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Something wrong with one object, before anybody asked for its line; `count` objects share it.

    `waivers` are the places of those that cover it; `written` is where the finding belongs when that is not the
    object.
    """

    identity: Identity
    rule: Rule
    message: str
    hint: str
    path: FieldPath
    severity: Severity | None = None
    count: int = 1
    policy: Span | None = None
    waivers: tuple[FieldPath, ...] = ()
    written: Span | None = None

    @property
    def about_key(self) -> bool:
        """Whether the field's name is wrong rather than its value."""
        return self.rule in _ABOUT_KEYS

    def finding(self, at: Span) -> Finding:
        """As a finding at a place of the object, or where it is `written`."""
        return Finding(
            rule=self.rule,
            message=self.message,
            at=self.written or at,
            hint=self.hint,
            subject=str(self.identity),
            path=self.path,
            severity=self.severity,
            notes=(Note("policy", self.policy),) if self.policy else (),
            objects=(self.count,),
        )


def too_much_work(policy: str, excess: Excess) -> str:
    """What to say of an expression of a policy that takes too many steps."""
    return f'policy "{policy}" was not evaluated: {field_path(excess.place)}: {excess.detail}'


def _too_much(overrun: Overrun, data: Any) -> Objection:
    """That an object was not judged, because the system ended a process that judged one of its kind."""
    identity = identify(data) if isinstance(data, dict) else Identity("", "", "", "")
    [finding] = overrun.findings
    return Objection(identity, finding.rule, f"the object was not judged: {finding.message}", finding.hint, ())


@dataclass(frozen=True, slots=True)
class ProofSettings:
    """What to prove against, as plain values that pickle: versions of Kubernetes, where schemas come from, policies.

    `strict`: unknown fields are errors, else warnings. `missing_is_error`: so is an object without a schema.
    `ask_kubevirt`: machines are judged as the `target`'s KubeVirt would, `kubevirt_version`'s where it is given.
    """

    kubernetes: Sequence[str]
    sources: SchemaSources = field(default_factory=SchemaSources)
    strict: bool = True
    missing_is_error: bool = True
    admission: Admission | None = None
    ask_kubevirt: bool = True
    kubevirt_version: str = ""
    target: KubeVirtTarget | None = None


@dataclass(slots=True)
class Prover:
    """Proves one object after another; keeps compiled schemas, so one a process. `shared` are another's schemas."""

    settings: ProofSettings
    counts: Counter[tuple[str, Status]] = field(default_factory=Counter)
    shared: SchemaStore | None = None
    _store: SchemaStore | None = None
    _judge: Judge | None = None
    _reads: Reads | None = None
    _clean: dict[frozenset[str], Outcomes] = field(default_factory=dict)
    _machines: Machines | None = None
    _units: dict[tuple[str, str], Unit] = field(default_factory=dict)

    @property
    def store(self) -> SchemaStore:
        """The schemas, found when the first object comes."""
        if self._store is None:
            self._store = self.shared or SchemaStore(self.settings.sources)
        return self._store

    def examine(self, data: dict[str, Any]) -> tuple[list[Objection], Outcomes]:
        """What is wrong with one object, and what every policy that applies to it says."""
        objections, outcomes = self._examine(data)
        return list(_without_values(objections, data)), outcomes

    def _examine(self, data: dict[str, Any]) -> tuple[list[Objection], Outcomes]:
        objections = [*self._of_form(data, None)]
        objections += self._of_kubevirt(data, objections)
        admission = self.settings.admission
        if admission is None:
            return objections, ()
        identity = identify(data)
        verdict = self._the_judge(admission).create(identity, data)
        objections += self._told(identity, verdict, admission, data)
        if verdict.failures or verdict.unknown or verdict.excess:
            return objections, self._outcomes(identity, verdict, admission)
        reached = frozenset(verdict.evaluated)
        if reached not in self._clean:
            self._clean[reached] = self._outcomes(identity, verdict, admission)
        return objections, self._clean[reached]

    @staticmethod
    def _outcomes(identity: Identity, verdict: Verdict, admission: Admission) -> Outcomes:
        def waived(policy: str) -> bool:
            return bool(waived_by(admission.waivers, admission.code(policy), identity))

        return outcomes_of(verdict, admission.code, waived)

    def prove(self, data: Any, versions: Sequence[str] | None = None) -> Iterator[Objection]:
        """What is wrong with one document, told once for all versions where it is the same.

        `versions` of Kubernetes stand in for those of the settings.
        """
        yield from _without_values(self._prove(data, versions), data)

    def _prove(self, data: Any, versions: Sequence[str] | None) -> Iterator[Objection]:
        objections = list(self._of_form(data, versions))
        yield from objections
        if isinstance(data, dict):
            yield from self._of_kubevirt(data, objections)
        if self.settings.admission is not None and isinstance(data, dict):
            yield from self._judged(data, self.settings.admission)

    def _of_form(self, data: Any, versions: Sequence[str] | None) -> Iterator[Objection]:
        chosen = self.settings.kubernetes if versions is None else versions
        told: dict[Violation, list[str]] = {}
        for version in chosen:
            try:
                with running(self._unit("checking", data)):
                    outcome = self.store.validate(data, version)
            except Overrun as overrun:
                yield _too_much(overrun, data)
                return
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
        if isinstance(data, dict):
            for remark in annotation_remarks(data):
                yield Objection(identify(data), remark.rule, remark.message, remark.hint, remark.path)

    def _of_kubevirt(self, data: dict[str, Any], form: Sequence[Objection]) -> Iterator[Objection]:
        """What the target's KubeVirt would say of a machine; nothing of one that the API server refuses before."""
        target = self.settings.target
        if target is None or any((o.severity or o.rule.severity) is Severity.ERROR for o in form):
            return
        if self._machines is None:
            self._machines = target.judge()
        try:
            with running(self._unit("KubeVirt's rules for", data)):
                found = list(remarks(data, self._machines, target))
        except Overrun as overrun:
            yield _too_much(overrun, data)
            return
        for remark in found:
            yield Objection(identify(data), remark.rule, remark.message, remark.hint, remark.path, remark.severity)

    def _unit(self, what: str, data: Any) -> Unit:
        """What checking objects of a kind is marked by: one unit a kind, because one an object would cost more."""
        kind = str(data.get("kind"))[:100] if isinstance(data, dict) else "no kind"
        unit = self._units.get((what, kind))
        if unit is None:
            unit = self._units[what, kind] = Unit(f"{what} objects of kind {kind}", Span("schemas"))
        return unit

    def project(self, data: dict[str, Any], size: int) -> Any:
        """What rules over the whole build read of an object; `size` is that of its text in bytes."""
        if self._reads is None:
            admission = self.settings.admission
            self._reads = reads_of(admission.reads if admission else ())
        return self._reads.project({"bytes": size, **data})

    def _judged(self, data: dict[str, Any], admission: Admission) -> Iterator[Objection]:
        identity = identify(data)
        verdict = self._the_judge(admission).create(identity, data)
        yield from self._told(identity, verdict, admission, data)

    def changes(self, old: dict[str, Any], new: dict[str, Any] | None) -> Iterator[Objection]:
        """What policies and schemas say of an object's change or deletion, but not of the creation of the new one."""
        yield from _without_values(self._changes(old, new), old, new)

    def _changes(self, old: dict[str, Any], new: dict[str, Any] | None) -> Iterator[Objection]:
        identity = identify(old)
        if new is not None:
            for violation in self.store.changed(old, new, self.settings.kubernetes[0]):
                yield self._objection(identity, violation, f" ({_CHANGED})")
        admission = self.settings.admission
        if admission is None:
            return
        verdict = self._the_judge(admission).change(identity, old, new)
        known = set(self._judged(new, admission)) if new is not None else set()
        how = "when it is deleted" if new is None else _CHANGED
        for objection in self._told(identity, verdict, admission, new or old):
            if objection not in known:
                yield replace(objection, message=f"{objection.message} ({how})")

    def _told(
        self, identity: Identity, verdict: Verdict, admission: Admission, data: dict[str, Any]
    ) -> Iterator[Objection]:
        for failure in verdict.failures:
            told = admission.told.get(failure.policy)
            if told is None or not {"Deny", "Warn"} & set(failure.actions):
                continue
            severity = Severity.WARNING if "Deny" not in failure.actions else None
            path = self._the_judge(admission).blamed(failure.policy, failure.denial.index, failure.denial.message, data)
            waivers = waived_by(admission.waivers, told.rule.code, identity)
            message = failure.denial.message
            yield Objection(identity, told.rule, message, told.hint, path, severity, policy=told.at, waivers=waivers)
        for name, reason in verdict.unknown.items():
            message = f'policy "{name}" cannot be decided here: {reason}'
            yield Objection(identity, policy_rules.UNDECIDED, message, "the cluster decides it", ())
        for name, excess in verdict.excess.items():
            told = admission.told.get(name)
            at = told.place(excess.place) if told is not None else None
            rule, message = policy_rules.TOO_MUCH_WORK, too_much_work(name, excess)
            yield Objection(identity, rule, message, SIMPLIFY, (), written=at)

    def _the_judge(self, admission: Admission) -> Judge:
        if self._judge is None:
            self._judge = self._made_judge(admission)
        return self._judge

    def _made_judge(self, admission: Admission) -> Judge:
        version = self.settings.kubernetes[0]
        cluster = Cluster(
            minor=admission.minor,
            namespaces={identify(data).name: data for data in admission.namespaces},
            params=admission.params,
            prepare=lambda data: self.store.stored(data, version),
            kinds=resources(self.settings.sources.crds),
        )
        policies = policy_set(compiled_policies(admission), readable_bindings(admission))
        return Judge(policies, cluster, cluster.kinds)

    def _objection(self, identity: Identity, violation: Violation, only: str) -> Objection:
        message = str(violation) + only
        loose = not self.settings.strict and violation.rule is schema_rules.UNKNOWN_FIELD
        severity = Severity.WARNING if loose else violation.severity
        return Objection(identity, violation.rule, message, violation.hint, violation.path, severity)


def _without_values(objections: Iterable[Objection], *objects: Any) -> Iterator[Objection]:
    """Objections without the values of Secrets among the objects they are about."""
    if not any(is_secret(data) for data in objects):
        yield from objections
        return
    values = frozenset[str]().union(*map(values_of, objects))
    for objection in objections:
        yield replace(objection, message=hidden(objection.message, values), hint=hidden(objection.hint, values))


def merged(objections: Sequence[tuple[FieldPath, Objection]]) -> list[tuple[FieldPath, Objection]]:
    """Objections of a part of the spec, the same one told once with how many objects share it."""
    kept: dict[tuple[FieldPath, str, str, FieldPath, tuple[FieldPath, ...]], Objection] = {}
    for item, objection in objections:
        key = (item, objection.rule.code, objection.message, objection.path, objection.waivers)
        first = kept.get(key)
        kept[key] = objection if first is None else _counted(first, objection.count)
    return [(key[0], objection) for key, objection in kept.items()]


def _counted(first: Objection, more: int) -> Objection:
    return replace(first, count=first.count + more)
