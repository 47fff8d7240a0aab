"""What proofs and policies object to, as findings at the lines of the spec, less what is waived."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from generator.cel.indexed import Indexed
from generator.finding import Finding, Halt, Note, Severity, once
from generator.location import FieldPath, Span
from generator.manifest import Identity
from generator.pipeline.admission import bundles, in_force, subject_of
from generator.pipeline.origins import Origins
from generator.pipeline.outcomes import Outcome, worse
from generator.pipeline.policies import PolicyFile, check_policies, load_policies
from generator.pipeline.project import Project
from generator.pipeline.proof import SIMPLIFY, Objection, merged, too_much_work
from generator.pipeline.scope import Scope, scope_of
from generator.pipeline.waivers import Waivers, check_carried, waivers_of
from generator.policy import Breach, BundlePolicy, Excess, evaluate_bundle
from generator.policy import rules as policy_rules
from generator.resolve import Model
from generator.schema import minor_of
from generator.spec.load import Environment

Projection = tuple[FieldPath, Identity, Any]
"""The part of the spec an object was rendered for, its identity, and what rules over the build read of it."""


@dataclass(slots=True)
class Judged:
    """One environment: the policies in force, what their rules see, its waivers, and what came of its objects.

    `build` is the outcome of every rule over the whole build by its code, once they were asked.
    """

    environment: Environment
    scope: Scope
    policies: Sequence[PolicyFile]
    waivers: Waivers
    objections: list[tuple[FieldPath, Objection]] = field(default_factory=list)
    projections: list[Projection] = field(default_factory=list)
    build: dict[str, Outcome] = field(default_factory=dict)

    def build_scope(self) -> dict[str, Any]:
        """What rules over the whole build see."""
        return {**self.scope.values, "objects": Indexed((data for _, _, data in self.projections), "kind")}


def judged_row(project: Project, environment: Environment, model: Model) -> Judged:
    """The policies of an environment, and what they will look at. Raises Halt."""
    scope = scope_of(model, project.catalog)
    policies = in_force(load_policies(project.folder.root, project.folder.shown, project.folder.door), scope)
    minor = minor_of(model.spec.target.kubernetes) or 0
    shipping = [(policy.rule.code, policy.policy.data) for policy in policies if not policy.of_bundle]
    span = environment.layer.origin.span
    refused = [*check_policies(policies, (1, minor)), *check_carried(model.spec, shipping, span)]
    if refused:
        raise Halt(refused)
    return Judged(environment, scope, policies, waivers_of(model.spec))


def judgements(row: Judged, origins: Origins) -> list[Finding]:
    """Every finding of an environment, each reported once."""
    return once(("", finding) for finding in (*_objections(row, origins), *_breaches(row, origins)))


def _objections(row: Judged, origins: Origins) -> Iterator[Finding]:
    row.waivers.used.update(path for _, objection in row.objections for path in objection.waivers)
    kept = [
        (item, one)
        for item, one in row.objections
        if not one.waivers and not row.waivers.waives(one.rule.code, one.identity)
    ]
    for item, objection in merged(kept):
        finding = objection.finding(Span(""))
        if objection.written is not None and objection.written.file:
            yield finding
            continue
        name = row.environment.name
        finding = origins.explain(finding, name, objection.identity, key=objection.about_key)
        if not finding.at.file:
            finding = replace(finding, at=row.environment.layer.origin.span(item))
        yield finding


def _breaches(row: Judged, origins: Origins) -> Iterator[Finding]:
    """Rules over the whole build, evaluated over what they read of its objects."""
    by_name = {policy.name: policy for policy in row.policies if policy.of_bundle}
    owners = {id(data): (item, identity) for item, identity, data in row.projections}
    scope = row.build_scope()
    for bundle in bundles(row.policies):
        policy = by_name[bundle.name]
        told: dict[tuple[FieldPath, str], list[Finding]] = {}
        found = Outcome.ADMITTED
        for breach in evaluate_bundle(bundle, scope):
            item, finding = _breach(row, policy, bundle, breach, owners)
            found = worse(found, _outcome(finding))
            if finding is not None:
                told.setdefault((item, finding.message), []).append(finding)
        row.build[policy.code] = found
        for findings in told.values():
            first = replace(findings[0], objects=(len(findings),))
            owner = next((owner for item, owner in owners.values() if str(owner) == first.subject), None)
            found_elsewhere = first.rule is policy_rules.TOO_MUCH_WORK
            yield first if owner is None or found_elsewhere else _of_object(row, first, owner, origins)


def _outcome(finding: Finding | None) -> Outcome:
    """What a breach makes of its rule; one without a finding was waived."""
    if finding is None:
        return Outcome.WAIVED
    if finding.rule is policy_rules.TOO_MUCH_WORK:
        return Outcome.UNDECIDED
    return Outcome.DENIED if finding.level is Severity.ERROR else Outcome.WARNED


def _breach(
    row: Judged,
    policy: PolicyFile,
    bundle: BundlePolicy,
    breach: Breach,
    owners: Mapping[int, tuple[FieldPath, Identity]],
) -> tuple[FieldPath, Finding | None]:
    """A breach with the part of the spec it belongs to; no finding where it is waived."""
    del bundle
    origin = row.environment.layer.origin
    owner = owners.get(id(breach.item))
    place = row.scope.place(breach.item)
    subject = owner[1] if owner else subject_of(breach.item)
    if breach.excess is not None:
        return (), _excess(policy, breach.excess, subject)
    rule = policy_rules.BROKEN if breach.error else policy.rule
    if row.waivers.waives(rule.code, subject):
        return (), None
    path = place or (owner[0] if owner else ("spec",))
    at = origin.span((*place, *breach.field_path)) if place else Span("") if owner else origin.span(path)
    finding = Finding(
        rule=rule,
        message=f'policy "{policy.name}": {breach.message}' if breach.error else breach.message,
        at=at,
        hint=policy.hint,
        subject=str(subject) if owner else "",
        path=breach.field_path,
        severity=Severity(breach.severity) if breach.severity else None,
        notes=(Note("policy", policy.policy.span()),),
    )
    return path, finding


def _excess(policy: PolicyFile, excess: Excess, subject: Identity | None) -> Finding:
    """An expression that takes too many steps, at its line; the policy was evaluated for no item from this one on."""
    return Finding(
        rule=policy_rules.TOO_MUCH_WORK,
        message=too_much_work(policy.name, excess),
        at=policy.policy.span(excess.place),
        hint=SIMPLIFY,
        subject="" if subject is None else str(subject),
        path=excess.place,
    )


def _of_object(row: Judged, finding: Finding, identity: Identity, origins: Origins) -> Finding:
    explained = origins.explain(finding, row.environment.name, identity)
    return explained if explained.at.file else replace(explained, at=row.environment.layer.origin.span(("spec",)))
