"""The policies in force in one environment: which ship with it, and what its objects are judged by."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from generator.cel.reads import Path
from generator.finding import Rule
from generator.location import FieldPath, Span
from generator.manifest import Identity, Manifest, identify
from generator.pipeline.policies import BINDING, BUNDLE_VERSION, POLICY, PolicyFile, applies
from generator.pipeline.scope import Scope
from generator.pipeline.waivers import carried, leave_out
from generator.policy import Binding, BundlePolicy, CompiledPolicy, compile_bundle, compile_policy, read_binding
from generator.policy import rules as policy_rules
from generator.policy.model import BINDING_KIND, POLICY_KIND, ShapeError, inside
from generator.schema import minor_of
from generator.source import Document
from generator.spec.model import Spec, Waiver

_KUBEVIRT = "KubeVirt"


@dataclass(frozen=True, slots=True)
class Told:
    """How to report one policy's findings: rule, hint and location of the policy; `places` are those of its fields."""

    rule: Rule
    hint: str
    at: Span
    places: Callable[[FieldPath], Span] | None = None

    def place(self, path: FieldPath) -> Span:
        """Where a field of the policy is written, as far as that is known."""
        return self.at if self.places is None else self.places(path)


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a policy's expressions, as plain data that pickles."""

    policy: Span
    of: Mapping[FieldPath, Span]

    def __call__(self, path: FieldPath) -> Span:
        """The place of an expression, or of the policy where it has no such expression."""
        return self.of.get(path, self.policy)


def places_of(document: Document) -> Places:
    """Where the expressions of a policy are written."""
    spec = document.data.get("spec")
    paths: list[FieldPath] = [
        ("spec", key, index, field_name)
        for key in _EXPRESSIONS
        for index, _ in enumerate(spec.get(key) or () if isinstance(spec, dict) else ())
        for field_name in _EXPRESSIONS[key]
    ]
    return Places(document.span(), {path: document.span(path) for path in paths if document.has(path)})


_EXPRESSIONS = {
    "matchConditions": ("expression",),
    "variables": ("expression",),
    "validations": ("expression", "messageExpression"),
    "auditAnnotations": ("valueExpression",),
}


@dataclass(frozen=True, slots=True)
class Admission:
    """What objects of an environment are judged by, as plain data that pickles.

    `policies` and `bindings` are those of the build, `namespaces` and `params` what they can look up in it; `told` is
    by policy name. `reads` are the paths below any object that rules over the whole build read, `waivers` the spec's.
    """

    minor: int
    policies: tuple[dict[str, Any], ...] = ()
    bindings: tuple[dict[str, Any], ...] = ()
    namespaces: tuple[dict[str, Any], ...] = ()
    params: tuple[dict[str, Any], ...] = ()
    told: Mapping[str, Told] = field(default_factory=dict)
    reads: frozenset[Path] = frozenset()
    waivers: tuple[Waiver, ...] = ()

    def code(self, policy: str) -> str:
        """What a policy is known by: the code of its rule, or its name where it has none of its own."""
        told = self.told.get(policy)
        return policy if told is None or told.rule is policy_rules.DENIED else told.rule.code


def in_force(policies: Sequence[PolicyFile], scope: Scope) -> list[PolicyFile]:
    """The policies that apply to an environment. Raises Halt."""
    return [policy for policy in policies if applies(policy, scope.values)]


def shipped(policies: Sequence[PolicyFile], spec: Spec, *, waived: bool) -> Iterator[Manifest]:
    """The policies and bindings that go to the cluster with an environment.

    `waived`: bindings leave out what the spec waives, as far as they can say it. Objects of the build are judged by
    bindings without that, so that a waiver of nothing is noticed.
    """
    path: FieldPath = ("spec", "kubevirt")
    for policy in policies:
        if policy.of_bundle or policy.binding is None:
            continue
        for document, file in ((policy.policy, POLICY), (policy.binding, BINDING)):
            # Named by its own folder: the record is the same wherever a render was started.
            template = f"policies/{PurePosixPath(policy.folder).name}/{file}"
            data = _for_cluster(document.data, policy, spec)
            if waived and document is policy.binding:
                leave_out(data, carried(spec, policy.policy.data, policy.rule.code)[0])
            yield Manifest(identify(data), data, template, path)


def _for_cluster(data: Mapping[str, Any], policy: PolicyFile, spec: Spec) -> dict[str, Any]:
    """A copy without what only a build reads, its parameter the environment's own KubeVirt object."""
    made: dict[str, Any] = copy.deepcopy(dict(data))
    annotations = made["metadata"].get("annotations")
    if isinstance(annotations, dict):
        annotations.pop("qatgen.dev/when", None)
    reference = made["spec"].get("paramRef")
    of_kubevirt = inside(policy.policy.data, "spec", "paramKind", "kind") == _KUBEVIRT
    if isinstance(reference, dict) and of_kubevirt and "name" in reference:
        reference["name"], reference["namespace"] = spec.kubevirt.name, spec.kubevirt.namespace
    return made


def admission_of(manifests: Sequence[Manifest], policies: Sequence[PolicyFile], spec: Spec) -> Admission:
    """What the objects of an environment are judged by: every policy among them, ours and those of templates."""
    found = [manifest.data for manifest in manifests]
    admission = [data for data in found if data.get("kind") == POLICY_KIND]
    kinds = [inside(data, "spec", "paramKind", "kind") for data in admission]
    told = {policy.name: Told(policy.rule, policy.hint, policy.policy.span(), _places(policy)) for policy in policies}
    for manifest in manifests:
        if manifest.identity.kind == POLICY_KIND:
            name = manifest.identity.name
            told.setdefault(name, Told(policy_rules.DENIED, "", Span(manifest.file, 1, 1)))
    return Admission(
        minor=minor_of(spec.target.kubernetes) or 0,
        policies=tuple(admission),
        bindings=tuple(data for data in found if data.get("kind") == BINDING_KIND),
        namespaces=tuple(data for data in found if data.get("kind") == "Namespace"),
        params=tuple(data for data in found if data.get("kind") in kinds),
        told=told,
        reads=frozenset(path for policy in bundles(policies) for path in policy.reads),
        waivers=spec.waivers,
    )


def _places(policy: PolicyFile) -> Places | None:
    return None if policy.of_bundle else places_of(policy.policy)


def bundles(policies: Sequence[PolicyFile]) -> Iterator[BundlePolicy]:
    """The rules over the whole build, compiled; those that do not compile were told when they were checked."""
    for policy in policies:
        if policy.of_bundle:
            compiled = compile_bundle(policy.policy.data, BUNDLE_VERSION)
            if isinstance(compiled, BundlePolicy):
                yield compiled


def readable_bindings(admission: Admission) -> list[Binding]:
    """The bindings; one that is not of the form its API gives it was reported when it was checked."""
    found = []
    for data in admission.bindings:
        try:
            found.append(read_binding(data))
        except ShapeError:
            continue
    return found


def compiled_policies(admission: Admission) -> list[CompiledPolicy]:
    """The admission policies, compiled; those the server would not store were told when they were checked."""
    target = (1, admission.minor)
    made = (compile_policy(data, target) for data in admission.policies)
    return [policy for policy in made if isinstance(policy, CompiledPolicy)]


def subject_of(item: Any) -> Identity | None:
    """What a part of the spec or a projected object is called, where waivers can name it."""
    if not isinstance(item, dict):
        return None
    if "metadata" in item:
        return identify(item)
    if "name" in item:
        return Identity("", str(item.get("kind") or ""), str(item.get("namespace") or ""), str(item["name"]))
    return None
