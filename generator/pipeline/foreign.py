"""Rules over the build, evaluated over objects that no spec made: what they can see there, and which need more."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from packaging.version import Version

from generator.catalog import Catalog, UnknownVersion
from generator.cel import Expression
from generator.cel.indexed import Indexed
from generator.cel.reads import EACH, SHAPE, Path
from generator.finding import Finding, Halt, Note, Severity
from generator.location import FieldPath, Span
from generator.pipeline.kubevirt import devices_of
from generator.pipeline.policies import BUNDLE_VERSION, PolicyFile, applies, described, read_when, refusals
from generator.pipeline.proof import SIMPLIFY, too_much_work
from generator.pipeline.scope import facts_of_hardware, facts_of_kubernetes, facts_of_kubevirt
from generator.policy import Breach, BundlePolicy, compile_bundle, evaluate_bundle
from generator.policy import rules as policy_rules
from generator.policy.lookedfor import looked_for
from generator.schema import minor_of
from generator.source import Document

_SCOPE = ("spec", "catalog", "target")


@dataclass(frozen=True, slots=True)
class ForeignRules:
    """The rules that are evaluated with what they see, `reads` below any object; what is wrong with others."""

    rules: Sequence[tuple[PolicyFile, BundlePolicy]] = ()
    scope: Mapping[str, Any] = field(default_factory=dict)
    findings: Sequence[Finding] = ()

    @property
    def reads(self) -> frozenset[Path]:
        """What the rules read of any object."""
        return frozenset(path for _, rule in self.rules for path in rule.reads)

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the rules."""
        return frozenset(policy.rule.code for policy, _ in self.rules)


def compiled_rules(documents: Iterable[Document], findings: list[Finding]) -> Iterator[tuple[PolicyFile, BundlePolicy]]:
    """The rules over the build among documents; adds to `findings` why others do not compile."""
    for document in documents:
        compiled = compile_bundle(document.data, BUNDLE_VERSION)
        if isinstance(compiled, BundlePolicy):
            yield described(PolicyFile("", document, None, policy_rules.DENIED)), compiled
        else:
            findings += refusals(document, compiled, BUNDLE_VERSION)


def foreign_rules(documents: Iterable[Document], facts: Mapping[str, Any]) -> ForeignRules:
    """The rules among documents that `facts` (of `facts_of`) are enough for; those that need more are named."""
    findings: list[Finding] = []
    chosen: list[tuple[PolicyFile, BundlePolicy]] = []
    left_out: list[tuple[PolicyFile, str]] = []
    for policy, rule in compiled_rules(documents, findings):
        try:
            when = read_when(policy)
            missing = _missing(when, facts)
            if not missing and not applies(policy, facts, when):
                continue
            missing = missing or _missing_of(rule, facts)
            if missing:
                left_out.append((policy, missing))
            else:
                chosen.append((policy, rule))
        except Halt as halt:
            findings += halt.findings
    if left_out:
        findings.append(_left_out(left_out))
    return ForeignRules(chosen, facts, findings)


def facts_of(
    catalog: Catalog, machines: Iterable[Any], kubevirts: Sequence[Any], kubernetes: str, kubevirt: str
) -> dict[str, Any]:
    """What rules see beside objects where there is no spec: what the versions and the objects themselves say.

    `machines` and `kubevirts` are objects; the versions are those of the cluster. Of `spec` there is the form of
    assignment that the machines show, and KubeVirt's name and namespace where there is one KubeVirt. A version that
    the catalog does not know has no facts.
    """
    found: dict[str, Any] = {"assignment": _assignment(machines)}
    if len(kubevirts) == 1:
        metadata = kubevirts[0].get("metadata")
        found |= {
            key: value
            for key in ("name", "namespace")
            if isinstance(metadata, dict) and isinstance(value := metadata.get(key), str)
        }
    known = facts_of_hardware(catalog)
    for facts, version in ((facts_of_kubevirt, kubevirt), (facts_of_kubernetes, kubernetes)):
        try:
            known |= facts(catalog, version)
        except UnknownVersion:
            continue
    release = Version(kubevirt.removeprefix("v")).release
    target = {
        "kubernetes": kubernetes,
        "kubernetesMinor": minor_of(kubernetes) or 0,
        "kubevirt": kubevirt,
        "kubevirtMinor": [*release, 0][:2],
    }
    return {"spec": {"kubevirt": found}, "catalog": known, "target": target}


@dataclass(frozen=True, slots=True)
class ForeignBreach:
    """What does not hold, of the object with an ordinal where it is about one.

    `absent` are kinds that the rule looks for and no object has: where objects are missing, only the cluster decides.
    """

    policy: PolicyFile
    breach: Breach
    ordinal: int | None
    absent: tuple[str, ...] = ()

    def finding(self, at: Span, subject: str, path: FieldPath) -> Finding:
        """As a finding at a place of the object, or at the expression that takes too many steps."""
        if self.absent:
            kinds = " and ".join(self.absent)
            message = f"rule {self.policy.code} cannot be decided here: no object of kind {kinds} is named"
            hint = f"name the file of the {kinds} as well; otherwise the cluster decides"
            return Finding(rule=policy_rules.UNDECIDED, message=message, at=at, hint=hint, subject=subject, path=path)
        return _breach_finding(self.policy, self.breach, at, subject, path)


def foreign_breaches(
    rules: ForeignRules, objects: Sequence[Any], broken: Collection[int] = ()
) -> Iterator[ForeignBreach]:
    """What does not hold of objects, as far as rules read them.

    `broken` are the ordinals of objects that break their schema. A rule that cannot be evaluated because of one is
    evaluated over the others: that the object is wrong is a finding already. What cannot be decided is there once for
    each rule, whatever the number of objects.
    """
    present = frozenset(str(data.get("kind")) for data in objects if isinstance(data, dict))
    undecided: set[tuple[str, tuple[str, ...]]] = set()
    for policy, breach, ordinal, absent in _breaches(rules, objects, present, broken):
        if absent and (policy.code, absent) in undecided:
            continue
        undecided.add((policy.code, absent))
        yield ForeignBreach(policy, breach, ordinal, absent)


def _breaches(
    rules: ForeignRules, objects: Sequence[Any], present: frozenset[str], broken: Collection[int]
) -> Iterator[tuple[PolicyFile, Breach, int | None, tuple[str, ...]]]:
    scope = {**rules.scope, "objects": Indexed(objects, "kind")}
    ordinals = {id(data): ordinal for ordinal, data in enumerate(objects)}
    sound = Indexed([data for ordinal, data in enumerate(objects) if ordinal not in broken], "kind")
    for policy, rule in rules.rules:
        breaches = list(evaluate_bundle(rule, scope))
        if broken and any(breach.error and breach.excess is None for breach in breaches):
            breaches = list(evaluate_bundle(rule, {**scope, "objects": sound}))
        for breach in breaches:
            absent = () if breach.error else _absent(rule, breach.index, present)
            yield policy, breach, ordinals.get(id(breach.item)), absent


def _absent(rule: BundlePolicy, index: int, present: frozenset[str]) -> tuple[str, ...]:
    """What a validation looks for among the objects, and is not there."""
    return tuple(sorted(" or ".join(sorted(kinds)) for kinds in looked_for(rule, index) if not kinds & present))


def _breach_finding(policy: PolicyFile, breach: Breach, at: Span, subject: str, path: FieldPath) -> Finding:
    document = policy.policy
    rule, message, hint = policy.rule, breach.message, policy.hint
    if breach.excess is not None:
        rule, message, hint = policy_rules.TOO_MUCH_WORK, too_much_work(policy.name, breach.excess), SIMPLIFY
        at, path = document.span(breach.excess.place), breach.excess.place
    elif breach.error:
        rule, message = policy_rules.BROKEN, f'policy "{policy.name}": {breach.message}'
    return Finding(
        rule=rule,
        message=message,
        at=at,
        hint=hint,
        subject=subject,
        path=path,
        severity=Severity(breach.severity) if breach.severity else None,
        notes=(Note("policy", document.span()),),
    )


def left_out_of_part(rules: Sequence[PolicyFile], environment: str) -> Finding:
    """That rules over the build are not evaluated, because only a part of an environment's tree was named."""
    why = f'only a part of the tree of environment "{environment}" is named'
    message = f"{_counted(len(rules))} left out, because {why}: {', '.join(policy.code for policy in rules)}"
    return _info(message, rules[0].policy.span(), "name the folder of the whole environment")


def _left_out(rules: Sequence[tuple[PolicyFile, str]]) -> Finding:
    names = ", ".join(f"{policy.code} ({missing})" for policy, missing in rules)
    message = f"{_counted(len(rules))} left out, because objects alone do not say what they read: {names}"
    return _info(message, rules[0][0].policy.span(), "render the objects from a spec, and validate the rendered tree")


def _counted(rules: int) -> str:
    return "1 rule over the build is" if rules == 1 else f"{rules} rules over the build are"


def _info(message: str, at: Span, hint: str) -> Finding:
    return Finding(rule=policy_rules.LEFT_OUT, message=message, at=at, hint=hint)


def _assignment(machines: Iterable[Any]) -> str:
    """How machines ask for devices, as `spec.kubevirt.assignment` has it: the founding note's, DRA's or KubeVirt's."""
    found = "hostDevices"
    for machine in machines:
        devices = devices_of(machine)
        if devices.get("qats"):
            return "qats"
        entries = devices.get("hostDevices")
        listed = entries if isinstance(entries, list) else ()
        claimed = any(isinstance(one, dict) and "claimName" in one for one in listed)
        found = "dra" if claimed else found
    return found


def _missing_of(rule: BundlePolicy, facts: Mapping[str, Any]) -> str:
    expressions = [rule.for_each, *(expression for _, expression in rule.variables)]
    for one in rule.rules:
        expressions += [one.expression, one.message]
    return next((missing for expression in expressions if (missing := _missing(expression, facts))), "")


def _missing(expression: Expression | None, facts: Mapping[str, Any]) -> str:
    """The first thing an expression reads that the facts do not have, as people write it; nothing where they do."""
    reads = () if expression is None else expression.reads
    return next((_written(path) for path in sorted(reads) if path[0] in _SCOPE and not _has(facts, path)), "")


def _written(path: Path) -> str:
    """The fields of a path, as far as they are named."""
    names = takewhile(lambda part: part not in (EACH, SHAPE), path[:3])
    return ".".join(names)


def _has(facts: Mapping[str, Any], path: Path) -> bool:
    """Whether facts hold what a path reads: `spec` only as far as it is known, facts of the catalog as a whole."""
    if path[0] != "spec":
        return len(path) > 1 and path[1] in facts[path[0]]
    known = facts["spec"]["kubevirt"]
    return path[1:2] == ("kubevirt",) and len(path) > 2 and path[2] in known
