"""Judge many similar objects: those that agree in all that policies read get one verdict."""

import marshal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.bounds import Unit, running
from generator.cel.reads import EACH, SHAPE, Path, handed_on, paths
from generator.location import FieldPath, Span
from generator.manifest import Identity
from generator.policy.compiled import CompiledPolicy
from generator.policy.evaluate import Excess
from generator.policy.matching import concerns
from generator.policy.model import Binding, Match
from generator.policy.projection import Reads, reads_of, resolve
from generator.policy.request import Cluster, Request
from generator.policy.resources import Resource, Resources
from generator.policy.verdict import PolicySet, Verdict, judge, lost
from generator.policy.view import seen_object
from generator.schema.builtin import builtin_validator

_JUDGING = Unit("judging an object", Span("policies"))
_ALWAYS: tuple[Path, ...] = (("apiVersion",), ("kind",), ("metadata", "namespace"))
_LABELS: Path = ("metadata", "labels")
_OF_REQUEST = {"name": ("metadata", "name"), "namespace": ("metadata", "namespace")}


def object_paths(policy: CompiledPolicy) -> frozenset[Path]:
    """The paths below the object that decide whether a policy denies it; the empty path stands for all of it."""
    aliases: dict[str, frozenset[Path]] = {}
    found: set[Path] = set()
    for name, expression in policy.variables:
        read, held = handed_on(expression.tree)
        found |= resolve(read, aliases)
        aliases[name] = resolve(held, aliases)
    for expression in (*policy.conditions, *policy.validations, *policy.audit):
        found |= resolve(paths(expression.tree), aliases)
    out: set[Path] = set()
    for path in found:
        if path[0] == "object":
            out.add(path[1:])
        elif path[0] == "request":
            out |= {_OF_REQUEST[part] for part in path[1:2] if part in _OF_REQUEST} if len(path) > 1 else {()}
        elif path[0] == "authorizer.requestResource":
            out |= set(_OF_REQUEST.values())
    if any(rule.names for rule in (*policy.spec.match.rules, *policy.spec.match.excluded)):
        out.add(_OF_REQUEST["name"])
    return frozenset(out)


def looks_back(policies: PolicySet) -> bool:
    """Whether a policy may say of a change or a deletion what it does not say of the new object's creation.

    One does where it reads what differs, where its rules or those of its bindings make a difference, and where labels
    choose objects: those of the stored object count, too.
    """
    return any(_looks_back(policy, policies.bindings.get(policy.spec.name, ())) for policy in policies.policies)


def _looks_back(policy: CompiledPolicy, bindings: Sequence[Binding]) -> bool:
    read = {path for expression in policy.expressions() for path in paths(expression.tree)}
    if any(path[0] == "oldObject" or path[:2] in _OF_OPERATION for path in read):
        return True
    rules = policy.spec.match.rules
    if any("DELETE" in rule.operations or "*" in rule.operations for rule in rules):
        return True  # what it reads of the object is not there when it is deleted
    matches = [policy.spec.match, *(binding.match for binding in bindings if binding.match is not None)]
    return any(_tells_apart(match) for match in matches)


_OF_OPERATION = (("request",), ("request", "operation"), ("request", "options"))


def _tells_apart(match: Match) -> bool:
    """Whether a change may be matched where the creation is not."""
    if match.objects.requirements:
        return True
    creates = [bool({"CREATE", "*"} & set(rule.operations)) for rule in match.rules]
    changes = [bool({"UPDATE", "*"} & set(rule.operations)) for rule in match.excluded]
    return not all(creates) or not all(changes)


@dataclass(slots=True)
class _Kept:
    """One policy, what it reads, and the readings it has nothing to say about: whether its validations were reached."""

    policy: CompiledPolicy
    reads: Reads
    clean: dict[bytes, bool] = field(default_factory=dict)
    excess: dict[bytes, Excess] = field(default_factory=dict)


@dataclass(slots=True)
class Judge:
    """Judges the creation of one object after another. One a process: what it keeps grows with what differs."""

    policies: PolicySet
    cluster: Cluster
    resources: Resources
    _reads: Reads | None = None
    _each: list[_Kept] = field(default_factory=list)
    _concerned: dict[Resource, list[_Kept]] = field(default_factory=dict)
    _clean: dict[bytes, Verdict] = field(default_factory=dict)

    def create(self, identity: Identity, data: Mapping[str, Any]) -> Verdict:
        """The verdict on creating an object. Objects that agree in all that is read share one: it is not to be changed.

        Where no policy has anything to say, it holds no more than which policies were evaluated.
        """
        if self._reads is None:
            self._reads = _union(self.policies)
            self._each = [_Kept(policy, _union(self._alone(policy))) for policy in self.policies.policies]
        request = Request("CREATE", self.resources.of(identity), identity.name, identity.namespace, data)
        if lost(request, self.cluster):
            return judge(self.policies, request, self.cluster)
        concerned = self._concerned_by(request.resource)
        seen = self._decisive(request, data) if concerned else data
        key = _key(self._reads, seen)
        if key and key in self._clean:
            return self._clean[key]
        excess: dict[str, Excess] = {}
        with running(_JUDGING):
            verdict = self._all_clean(request, concerned, seen, excess)
            if verdict is None:
                decided = [one for one in self.policies.policies if one.spec.name not in excess]
                verdict = judge(PolicySet(decided, self.policies.bindings), request, self.cluster)
                key = b""
        if key and not excess:
            self._clean[key] = verdict
        verdict.excess |= excess
        verdict.evaluated |= set(excess)
        return verdict

    def _concerned_by(self, resource: Resource) -> list[_Kept]:
        """The policies with a rule for a resource."""
        concerned = self._concerned.get(resource)
        if concerned is None:
            concerned = [kept for kept in self._each if concerns(kept.policy.spec.match, resource)]
            self._concerned[resource] = concerned
        return concerned

    def _decisive(self, request: Request, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The object whose values at the paths that are read decide a verdict; None where more than these decide.

        Of a built-in kind it is the object as policies see it, because one field's default depends on others. Of a
        namespace labels and name decide, too.
        """
        own = request.resource
        if own.is_namespaces:
            return None
        if builtin_validator(self.cluster.minor, own.group, own.version, own.kind) is None:
            return data
        return seen_object(data, own, self.cluster.minor, request.name, self.cluster.prepare)

    def _all_clean(
        self, request: Request, concerned: Sequence[_Kept], seen: Mapping[str, Any] | None, excess: dict[str, Excess]
    ) -> Verdict | None:
        """The verdict where no policy has anything to say, else None; each is evaluated once for a reading of its own.

        `seen` is what readings are of. Policies that are too much work are put into `excess`, and are evaluated no
        more.
        """
        clean = Verdict()
        for kept in concerned:
            key = _key(kept.reads, seen)
            reached = kept.clean.get(key) if key else None
            if key in kept.excess:
                excess[kept.policy.spec.name] = kept.excess[key]
                continue
            if reached is None:
                verdict = judge(self._alone(kept.policy), request, self.cluster)
                if verdict.excess:
                    excess |= verdict.excess
                    if key:
                        kept.excess[key] = verdict.excess[kept.policy.spec.name]
                    continue
                if verdict.failures or verdict.unknown or not verdict.allowed:
                    return None
                reached = bool(verdict.evaluated)
                if key:
                    kept.clean[key] = reached
            if reached:
                clean.evaluated.add(kept.policy.spec.name)
        return clean

    def _alone(self, policy: CompiledPolicy) -> PolicySet:
        return PolicySet([policy], self.policies.bindings)

    def change(self, identity: Identity, old: Mapping[str, Any], new: Mapping[str, Any] | None) -> Verdict:
        """The verdict on replacing a stored object by another, or on deleting it."""
        resource = self.resources.of(identity)
        operation = "DELETE" if new is None else "UPDATE"
        return judge(
            self.policies, Request(operation, resource, identity.name, identity.namespace, new, old), self.cluster
        )

    def blamed(self, policy: str, index: int, message: str, data: Mapping[str, Any]) -> FieldPath:
        """The field a person would look at for a validation that failed.

        One it reads and its message names (of several lists the longest), else where all of them come together.
        """
        found = next((one for one in self.policies.policies if one.spec.name == policy), None)
        if found is None or not 0 <= index < len(found.validations):
            return ()
        below = sorted(_read_by(found, index), key=str)
        there = [path for path in (_existing(data, path) for path in below) if path[:2] not in _SHAPE_OF_OBJECT]
        said = message.replace(" ", "").lower()
        named = {path: (len(path), _size(data, path)) for path in there if str(path[-1]).lower() in said}
        first = [path for path, rank in named.items() if rank == max(named.values())]
        return _common(first or there)


def _key(reads: Reads, data: Mapping[str, Any] | None) -> bytes:
    """What of an object is read, as bytes; nothing where all of it is. Version 0 of marshal keeps no references."""
    return b"" if reads.whole or data is None else marshal.dumps(reads.project(dict(data)), 0)


_SHAPE_OF_OBJECT = ((), ("apiVersion",), ("kind",), ("metadata",), ("metadata", "name"), ("metadata", "namespace"))


def _read_by(policy: CompiledPolicy, index: int) -> frozenset[Path]:
    aliases: dict[str, frozenset[Path]] = {}
    for name, expression in policy.variables:
        aliases[name] = resolve(handed_on(expression.tree)[1], aliases)
    found = resolve(paths(policy.validations[index].tree), aliases)
    return frozenset(path[1:] for path in found if path[0] == "object")


def _size(data: Any, path: FieldPath) -> int:
    """How many items the list at a path has; nothing where it is not a list."""
    for part in path:
        data = data[part]
    return len(data) if isinstance(data, list) else 0


def _existing(data: Any, path: Path) -> FieldPath:
    """A path as far as it goes by names; nothing where the object does not go along it at all."""
    out: list[str] = []
    for part in path:
        if part in (EACH, SHAPE) or not isinstance(data, dict):
            break
        if part not in data:
            return ()
        out.append(part)
        data = data[part]
    return tuple(out)


def _common(found: Sequence[FieldPath]) -> FieldPath:
    if not found:
        return ()
    first, *rest = sorted(found, key=len)
    length = next((n for n, part in enumerate(first) if any(path[n] != part for path in rest)), len(first))
    return first[:length]


def _union(policies: PolicySet) -> Reads:
    found: set[Path] = {path for policy in policies.policies for path in object_paths(policy)}
    if () in found:
        return Reads(whole=True)
    matches = [policy.spec.match for policy in policies.policies]
    matches += [binding.match for bindings in policies.bindings.values() for binding in bindings if binding.match]
    if any(match.objects.requirements for match in matches):
        found.add(_LABELS)
    return reads_of([*_ALWAYS, *found])
