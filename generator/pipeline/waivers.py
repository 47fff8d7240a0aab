"""Waivers: findings of rules that somebody has promised to mend until a day."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from generator.finding import Finding, did_you_mean
from generator.location import FieldPath, Span
from generator.manifest import Identity
from generator.policy import rules
from generator.spec.model import Spec, Waiver

_NEVER_WAIVED: Mapping[str, str] = {
    "SRC": "reading files", "SPC": "the spec", "CAT": "the catalog", "RES": "the spec and the catalog",
    "RND": "templates", "OVL": "overlays", "SCH": "what the API server validates", "POL": "policies themselves",
    "CEL": "expressions", "CAP": "capacity", "WVR": "waivers", "EMT": "writing files", "CHK": "rendered trees",
    "QATK": "what KubeVirt itself refuses", "ARG": "Argo CD's delivery", "RUN": "limits of time and memory",
    "PRV": "previews", "TST": "tests of policies",
}  # fmt: skip
"""What rules that no waiver covers are about, by how their codes begin."""


@dataclass(slots=True)
class Waivers:
    """The waivers of one environment, and which of them have waived something."""

    waivers: Sequence[Waiver]
    used: set[FieldPath] = field(default_factory=set)

    def waives(self, code: str, subject: Identity | None) -> bool:
        """Whether a finding of a rule about an object is waived; the waiver counts as used."""
        found = waived_by(self.waivers, code, subject)
        self.used.update(found)
        return bool(found)


def waivers_of(spec: Spec) -> Waivers:
    """The waivers of an environment's spec."""
    return Waivers(spec.waivers)


def waived_by(waivers: Iterable[Waiver], code: str, subject: Identity | None) -> tuple[FieldPath, ...]:
    """Where the waivers stand that cover a finding of a rule about an object."""
    return tuple(waiver.path for waiver in waivers if waiver.rule == code and _matches(waiver.match, subject))


def _matches(match: Mapping[str, str], subject: Identity | None) -> bool:
    if subject is None:
        return not match
    names = {"kind": subject.kind, "namespace": subject.namespace, "name": subject.name}
    return all(fnmatchcase(names[key], glob) for key, glob in match.items() if key in names)


def check_used(
    rows: Iterable[tuple[Waivers, Mapping[FieldPath, Span]]], known: Iterable[str], *, complete: bool
) -> Iterator[Finding]:
    """Waivers of rules that do not exist, and (of a complete run) those that waived nothing in any environment.

    A row has an environment's waivers, and where each is written.
    """
    codes = set(known)
    used: set[str] = set()
    places: dict[str, tuple[Span, Waiver]] = {}
    for waivers, spans in rows:
        for waiver in waivers.waivers:
            at = spans[waiver.path]
            places.setdefault(str(at), (at, waiver))
            if waiver.path in waivers.used:
                used.add(str(at))
    for place, (at, waiver) in places.items():
        if waiver.rule not in codes:
            yield _unknown(waiver.rule, codes, at)
        elif complete and place not in used:
            about = ", ".join(f'{key} "{glob}"' for key, glob in waiver.match.items())
            where = f": {waiver.rule} reports no object of {about}" if about else f": {waiver.rule} reports nothing"
            message = f"the waiver of {waiver.rule} waives nothing{where}"
            yield Finding(rule=rules.UNUSED_WAIVER, message=message, at=at, hint="remove it, or correct its match")


def _unknown(code: str, codes: Iterable[str], at: Span) -> Finding:
    """Why a waiver's code is that of no rule that can be waived."""
    kind = next((what for start, what in _NEVER_WAIVED.items() if re.fullmatch(f"{start}-?[0-9]+", code)), "")
    if kind:
        message = f"{code} is a rule about {kind}, which cannot be waived"
        hint = "fix what it reports, and remove the waiver; only rules of policies can be waived"
    else:
        message, hint = f'there is no rule "{code}"', did_you_mean(code, codes)
    return Finding(rule=rules.NO_SUCH_RULE, message=message, at=at, hint=hint)


def carried(spec: Spec, policy: Mapping[str, object], code: str) -> tuple[dict[str, object], list[Waiver]]:
    """What the waivers of a rule put into its binding's matchResources, and those a binding cannot say exactly.

    A binding can leave out a namespace, a kind, or objects of a kind by name in all namespaces; nothing else.
    """
    namespaces: list[str] = []
    excluded: list[dict[str, object]] = []
    left: list[Waiver] = []
    for waiver in spec.waivers:
        if waiver.rule != code:
            continue
        match = {key: value for key, value in waiver.match.items() if value != "*"}
        plain = all(not set("*?[") & set(value) for value in match.values())
        resources = _resources(policy, match.get("kind", ""))
        if plain and set(match) == {"namespace"}:
            namespaces.append(match["namespace"])
        elif plain and set(match) in ({"kind"}, {"kind", "name"}) and resources:
            names = {"resourceNames": [match["name"]]} if "name" in match else {}
            excluded.append({**resources, **names})
        else:
            left.append(waiver)
    found: dict[str, object] = {}
    if namespaces:
        expression = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": sorted(namespaces)}
        found["namespaceSelector"] = {"matchExpressions": [expression]}
    if excluded:
        found["excludeResourceRules"] = excluded
    return found, left


def leave_out(binding: dict[str, Any], match: Mapping[str, object]) -> None:
    """Put what is waived into a binding, beside what its matchResources says already.

    The server's defaults are written out: what is stored is what was rendered, and no delivery sees a difference.
    """
    if not match:
        return
    resources = binding["spec"].setdefault("matchResources", {})
    resources.setdefault("matchPolicy", "Equivalent")
    resources.setdefault("namespaceSelector", {})
    resources.setdefault("objectSelector", {})
    selector = match.get("namespaceSelector")
    if isinstance(selector, dict):
        expressions = resources.setdefault("namespaceSelector", {}).setdefault("matchExpressions", [])
        expressions.extend(selector["matchExpressions"])
    excluded = match.get("excludeResourceRules")
    if isinstance(excluded, list):
        resources.setdefault("excludeResourceRules", []).extend(excluded)


def check_carried(
    spec: Spec, policies: Iterable[tuple[str, Mapping[str, object]]], span: Callable[[FieldPath], Span]
) -> Iterator[Finding]:
    """Waivers of rules that ship to the cluster which no binding can say exactly; policies come with their codes."""
    for code, policy in policies:
        for waiver in carried(spec, policy, code)[1]:
            message = f"{code} goes to the cluster too, and no binding can leave out exactly this"
            hint = "match a namespace, a kind, or a kind and one name in all namespaces; without patterns"
            yield Finding(rule=rules.NOT_CARRIED, message=message, at=span((*waiver.path, "match")), hint=hint)


def _resources(policy: Mapping[str, object], kind: str) -> dict[str, object]:
    """The rule of a policy's matchConstraints that a kind falls under, for that kind alone."""
    spec = policy.get("spec")
    constraints = spec.get("matchConstraints") if isinstance(spec, dict) else None
    for rule in (constraints or {}).get("resourceRules") or ():
        for name in rule.get("resources") or ():
            if name in (f"{kind.lower()}s", kind.lower()):
                return {**rule, "resources": [name]}
    return {}
