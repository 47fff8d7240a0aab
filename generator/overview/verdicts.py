"""The matrix of policies: what every rule says of every group of like objects, and why."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.finding import Rule, Severity
from generator.location import FieldPath, format_path
from generator.manifest import Identity
from generator.overview.bounded import GROUPS, NAMES, REASONS, bounded, place
from generator.overview.model import Cell, Group, Matrix, Place, Reason, RuleRow, Tally
from generator.pipeline.admission import bundles, subject_of
from generator.pipeline.blocks import Written
from generator.pipeline.judgement import Judged
from generator.pipeline.outcomes import Outcome, worse
from generator.pipeline.policies import PolicyFile
from generator.pipeline.proof import Objection
from generator.pipeline.record import Record
from generator.pipeline.waivers import waived_by
from generator.policy import Breach, judge_items, resources
from generator.policy import rules as policy_rules
from generator.policy.model import POLICY_KIND

Key = tuple[str, str, FieldPath]
"""Group, kind, and the part of the spec objects were made for: what makes them alike."""

NOT_JUDGED = Matrix(judged=False, groups=(), rules=(), unmatched=0)
_EVERY = "qatgen render -o json"
_ORDER = (Outcome.DENIED, Outcome.WARNED, Outcome.UNDECIDED, Outcome.WAIVED, Outcome.AUDITED, Outcome.ADMITTED)
MACHINES = ("VirtualMachine", "VirtualMachineInstance", "VirtualMachineInstanceReplicaSet", "VirtualMachinePool")
_ADMISSION = "admissionregistration.k8s.io"


@dataclass(slots=True)
class _Said:
    """What one rule said so far: of groups, of parts of the spec and the whole build, and the reasons."""

    groups: defaultdict[Key, Counter[Outcome]] = field(default_factory=lambda: defaultdict(Counter))
    build: Counter[Outcome] = field(default_factory=Counter)
    reasons: dict[tuple[Outcome, str, tuple[FieldPath, ...]], tuple[str, int]] = field(default_factory=dict)

    def add_reason(
        self, outcome: Outcome, message: str, subject: str, waivers: tuple[FieldPath, ...], count: int
    ) -> None:
        """Count one more reason; the same is told once, of the first object in order of names."""
        first, known = self.reasons.get((outcome, message, waivers), (subject, 0))
        self.reasons[outcome, message, waivers] = (min(first, subject), known + count)


def matrix_of(row: Judged, part: Written, record: Record, policies: Sequence[PolicyFile]) -> Matrix:
    """The matrix of one environment; `record` is that of its tree, `policies` are all there are, in force or not."""
    identities = {
        file: (identity, item) for file, (item, identity, _) in zip(part.files, part.projections, strict=True)
    }
    said: defaultdict[str, _Said] = defaultdict(_Said)
    for file, (identity, item) in identities.items():
        for outcome, codes in record.files[file].verdicts.items():
            for code in codes:
                said[code].groups[identity.group, identity.kind, item][Outcome(outcome)] += 1
    stand = {policy.code: (policy.name, policy.policy.span().file) for policy in row.policies if not policy.of_bundle}
    for file, (identity, _) in identities.items():
        if identity.kind == POLICY_KIND and identity.name in said:  # one that a template or an overlay brought
            stand.setdefault(identity.name, (identity.name, f"templates/{record.files[file].template}"))
    for code, (name, file) in stand.items():
        _objections(name, file, row.objections, said[code])
    _of_build(row, said)
    members: defaultdict[Key, list[Identity]] = defaultdict(list)
    for identity, item in identities.values():
        members[identity.group, identity.kind, item].append(identity)
    used: set[Key] = {key for one in said.values() for key in one.groups}
    if len(used) > GROUPS:  # more columns than anybody could read: kinds alone tell objects apart
        members, used = _by_kind(members), {(group, kind, ()) for group, kind, _ in used}
        for one in said.values():
            one.groups = _by_kind_counted(one.groups)
    columns = sorted(used, key=lambda key: (_rank(key), key[1], str(min(members[key])), format_path(key[2])))
    numbers = {key: number for number, key in enumerate(columns)}
    unmatched = sum(len(found) for key, found in members.items() if key not in numbers)
    known = [_Known(policy.code, policy.rule, policy) for policy in policies]
    told = {one.code for one in known}
    known += [_Known(code, policy_rules.DENIED, None) for code in sorted(said) if code not in told]
    in_force = {policy.code for policy in row.policies} | {code for code in said if code not in told}
    kinds = {resources().of(identity).name for found in members.values() for identity in found[:1]}
    rows = [_rule_row(one, said[one.code], row, numbers, applies=one.code in in_force, kinds=kinds) for one in known]
    rows.sort(key=lambda one: (_worst(one), one.code))
    groups = tuple(_group(key, members[key]) for key in columns)
    return Matrix(judged=True, groups=groups, rules=tuple(rows), unmatched=unmatched)


@dataclass(frozen=True, slots=True)
class _Known:
    """A rule as it is told; `policy` is None for one that templates or an overlay brought."""

    code: str
    rule: Rule
    policy: PolicyFile | None


def _objections(name: str, file: str, objections: Sequence[tuple[FieldPath, Objection]], said: _Said) -> None:
    """Why objects were not admitted by the policy of a name, which stands in `file`."""
    for _, one in objections:
        if one.policy is not None and one.policy.file == file:
            outcome = Outcome.WARNED if one.severity is Severity.WARNING else Outcome.DENIED
            outcome = Outcome.WAIVED if one.waivers else outcome
            said.add_reason(outcome, one.message, str(one.identity), one.waivers, one.count)
        elif one.rule is policy_rules.UNDECIDED and f'"{name}"' in one.message:
            said.add_reason(Outcome.UNDECIDED, one.message, str(one.identity), (), one.count)


def _of_build(row: Judged, said: Mapping[str, _Said]) -> None:
    """What rules over the whole build say, item by item."""
    owners = {id(data): (item, identity) for item, identity, data in row.projections}
    by_name = {policy.name: policy for policy in row.policies if policy.of_bundle}
    scope = row.build_scope()
    for bundle in bundles(row.policies):
        policy = by_name[bundle.name]
        one = said[policy.code]
        for item, breaches in judge_items(bundle, scope):
            owner = owners.get(id(item))
            outcome = Outcome.ADMITTED
            for breach in breaches:
                found = _breach(row, policy, item, owner[1] if owner else None, breach, one)
                outcome = worse(outcome, found)
            if owner is None:
                one.build[outcome] += 1
            else:
                one.groups[owner[1].group, owner[1].kind, owner[0]][outcome] += 1


def _breach(row: Judged, policy: PolicyFile, item: Any, owner: Identity | None, breach: Breach, said: _Said) -> Outcome:
    identity = owner or subject_of(item)
    if breach.excess is not None:
        said.add_reason(Outcome.UNDECIDED, breach.message, str(owner or "the whole build"), (), 1)
        return Outcome.UNDECIDED
    rule = policy_rules.BROKEN if breach.error else policy.rule
    waivers = waived_by(row.waivers.waivers, rule.code, identity)
    severity = Severity(breach.severity) if breach.severity else rule.severity
    outcome = Outcome.DENIED if severity is Severity.ERROR else Outcome.WARNED
    outcome = Outcome.WAIVED if waivers else outcome
    at = row.scope.place(item)
    subject = str(owner) if owner else format_path(at) if at else "the whole build"
    said.add_reason(outcome, breach.message, subject, waivers, 1)
    return outcome


def _by_kind(members: Mapping[Key, list[Identity]]) -> defaultdict[Key, list[Identity]]:
    found: defaultdict[Key, list[Identity]] = defaultdict(list)
    for (group, kind, _), identities in members.items():
        found[group, kind, ()] += identities
    return found


def _by_kind_counted(groups: Mapping[Key, Counter[Outcome]]) -> defaultdict[Key, Counter[Outcome]]:
    found: defaultdict[Key, Counter[Outcome]] = defaultdict(Counter)
    for (group, kind, _), counts in groups.items():
        found[group, kind, ()] += counts
    return found


def _rank(key: Key) -> int:
    """Machines first, policies themselves last: people look for what is judged."""
    group, kind, _ = key
    if kind in MACHINES:
        return 0
    return 3 if group == _ADMISSION else 1 if group == "kubevirt.io" else 2


def _group(key: Key, members: Sequence[Identity]) -> Group:
    names = sorted(members)
    _, kind, item = key
    label = f"{kind} {_alike([identity.name for identity in names])}".rstrip()
    shown = (f"{identity.namespace}/{identity.name}".removeprefix("/") for identity in names[:NAMES])
    return Group(label, kind, format_path(item), len(names), tuple(shown))


def _alike(names: Sequence[str]) -> str:
    """One name for all: what they begin with, and a star."""
    first, last = min(names), max(names)
    if first == last:
        return first
    length = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return f"{first[:length]}*" if length else ""


def _tallies(counts: Counter[Outcome]) -> tuple[Tally, ...]:
    return tuple(Tally(str(outcome), counts[outcome]) for outcome in _ORDER if counts[outcome])


def _rule_row(
    known: _Known, said: _Said, row: Judged, numbers: Mapping[Key, int], *, applies: bool, kinds: set[str]
) -> RuleRow:
    policy = known.policy
    looked_at = sum(sum(counts.values()) for counts in (*said.groups.values(), said.build))
    reasons, more = bounded(list(_reasons(said, row)), REASONS, _EVERY)
    return RuleRow(
        code=known.code,
        name=policy.rule.name if policy and policy.code == policy.rule.code else known.code,
        summary=policy.rule.summary if policy and policy.code == policy.rule.code else "",
        hint=policy.hint if policy else "",
        severity=str(known.rule.severity),
        at=place(policy.policy.span()) if policy else Place(""),
        over_build=bool(policy and policy.of_bundle),
        applies=applies,
        looked_at=looked_at,
        why_not="" if looked_at or policy is None else _why_not(policy, applies=applies, kinds=kinds),
        cells=tuple(Cell(numbers[key], _tallies(said.groups[key])) for key in numbers if key in said.groups),
        build=_tallies(said.build),
        reasons=reasons,
        more_reasons=more,
    )


def _worst(row: RuleRow) -> int:
    """Rules somebody has to look at come first."""
    found = [_ORDER.index(Outcome(tally.outcome)) for cell in row.cells for tally in cell.tallies]
    return min([*found, *(_ORDER.index(Outcome(tally.outcome)) for tally in row.build), len(_ORDER)])


def _reasons(said: _Said, row: Judged) -> Iterator[Reason]:
    promised = {waiver.path: waiver for waiver in row.waivers.waivers}
    for outcome, message, waivers in sorted(said.reasons, key=lambda key: (_ORDER.index(key[0]), key[1:])):
        subject, count = said.reasons[outcome, message, waivers]
        waiver = promised.get(waivers[0]) if waivers else None
        yield Reason(
            outcome=str(outcome),
            subject=subject,
            count=count,
            message=message,
            waiver_reason=waiver.reason if waiver else "",
            waiver_until=waiver.expires if waiver else "",
        )


def _why_not(policy: PolicyFile, *, applies: bool, kinds: set[str]) -> str:
    if not applies:
        return f"it is for platforms where {' '.join(policy.when.split())}"
    if policy.of_bundle:
        return "what it looks at is not in this build"
    data = policy.policy.data
    rules = data["spec"].get("matchConstraints", {}).get("resourceRules", ()) if data["kind"] == POLICY_KIND else ()
    named = sorted({name.partition("/")[0] for rule in rules for name in rule.get("resources", ())})
    if kinds & set(named) or "*" in named:
        return "its conditions or selectors leave out every object here"
    return f"no {' and no '.join(named)} here" if named else "it matches nothing"
