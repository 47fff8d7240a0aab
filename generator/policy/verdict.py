"""The verdict of all policies on one request, in the API server's words."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.bounds import Overrun, Unit, current, mark, running
from generator.cel import Authorizer, Check, resource_check
from generator.location import Span
from generator.policy.compiled import CompiledPolicy
from generator.policy.evaluate import Denial, Excess, Outcome, evaluate
from generator.policy.matching import Target, UnknownNamespaceError, labels_of, matched, namespace_labels
from generator.policy.model import Binding, PolicySpec
from generator.policy.params import ConfigError, UnknownParamsError, params_of, scope_of
from generator.policy.request import Cluster, Request, placed, seen_request
from generator.policy.resources import Resource
from generator.policy.view import seen_namespace, seen_object

_IMMORTAL = ("default", "kube-public", "kube-system")
_CODES = {"Invalid": 422, "Forbidden": 403, "Unauthorized": 401, "RequestEntityTooLarge": 413, "NotFound": 404}
_FAILURE_KEY = "validation.policy.admission.k8s.io/validation_failure"
_ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
"""What the server's JSON writes otherwise than others do."""
_NEVER_MATCHED = frozenset(
    {
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
        *(("authentication.k8s.io", kind) for kind in ("TokenReview", "SelfSubjectReview", "TokenRequest")),
        *(
            ("authorization.k8s.io", kind)
            for kind in (
                "LocalSubjectAccessReview",
                "SelfSubjectAccessReview",
                "SelfSubjectRulesReview",
                "SubjectAccessReview",
            )
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Failure:
    """One validation that failed under one binding; `actions` are the binding's."""

    policy: str
    binding: str
    denial: Denial
    actions: tuple[str, ...]

    @property
    def text(self) -> str:
        """The failure as the server puts it after the object's name."""
        bound = f" with binding '{self.binding}'" if self.binding else ""
        return f"ValidatingAdmissionPolicy '{self.policy}'{bound} denied request: {self.denial.message}"

    @property
    def denies(self) -> bool:
        """Whether the request is denied for it."""
        return self.denial.forced or "Deny" in self.actions


@dataclass(slots=True)
class Verdict:
    """What becomes of a request; `unknown` says what only the cluster could know, by policy.

    `evaluated` names the policies whose validations were reached; `excess` those that were not decided, because an
    expression would work for too long.
    """

    allowed: bool = True
    reason: str = ""
    code: int = 0
    message: str = ""
    failures: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    audit: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    evaluated: set[str] = field(default_factory=set)
    excess: dict[str, Excess] = field(default_factory=dict)


class _NoNamespaceError(LookupError):
    """A policy applies to a request in a namespace that does not exist."""


@dataclass(frozen=True, slots=True)
class PolicySet:
    """Policies with the bindings that put them to work; a policy without one does nothing."""

    policies: Sequence[CompiledPolicy]
    bindings: Mapping[str, Sequence[Binding]]


def policy_set(policies: Sequence[CompiledPolicy], bindings: Sequence[Binding]) -> PolicySet:
    """Policies and bindings brought together by name."""
    by_policy: dict[str, list[Binding]] = {}
    for binding in bindings:
        by_policy.setdefault(binding.policy, []).append(binding)
    return PolicySet(policies, by_policy)


_JUDGING = Unit("judging an object", Span("policies"))


def judge(policies: PolicySet, request: Request, cluster: Cluster) -> Verdict:
    """The verdict on a request."""
    if current() is None:
        with running(_JUDGING):
            return _judged(policies, request, cluster)
    return _judged(policies, request, cluster)


def _judged(policies: PolicySet, request: Request, cluster: Cluster) -> Verdict:
    request = placed(request)
    verdict = _before_policies(request, cluster)
    if not verdict.allowed or (request.resource.group, request.resource.kind) in _NEVER_MATCHED:
        return verdict
    view = _View(request, cluster)
    try:
        for policy in policies.policies:
            for failure in _failures(policy, policies.bindings.get(policy.spec.name, ()), view, verdict):
                verdict.failures.append(failure)
    except _NoNamespaceError:
        return _without_namespace(request)
    _settle(verdict, request)
    return verdict


def _before_policies(request: Request, cluster: Cluster) -> Verdict:
    """What the server answers before any policy (k8s.io/apiserver pkg/admission/plugin/namespace/lifecycle)."""
    own = request.resource
    if own.is_namespaces and request.operation == "DELETE" and request.name in _IMMORTAL:
        message = f'namespaces "{request.name}" is forbidden: this namespace may not be deleted'
        return Verdict(allowed=False, reason="Forbidden", code=_CODES["Forbidden"], message=message)
    if request.operation in ("CREATE", "UPDATE") and own.kind != "LocalSubjectAccessReview" and lost(request, cluster):
        return _without_namespace(request)
    return Verdict()


def lost(request: Request, cluster: Cluster) -> bool:
    """Whether the namespace of a request does not exist."""
    return cluster.complete and request.resource.namespaced and request.namespace not in cluster.namespaces


def _without_namespace(request: Request) -> Verdict:
    message = f'namespaces "{request.namespace}" not found'
    return Verdict(allowed=False, reason="NotFound", code=_CODES["NotFound"], message=message)


class _View:
    """The request as policies see it, made when the first policy matches."""

    def __init__(self, request: Request, cluster: Cluster) -> None:
        self.request = request
        self.cluster = cluster
        self.target = _target(request, cluster)
        self.seen: dict[str, Any] | None = None
        self.namespace: Any = None

    def values(self, resource: Resource) -> dict[str, Any]:
        """Everything but namespaceObject and params, for a policy that matched as this resource."""
        request, cluster = self.request, self.cluster
        if self.seen is None:
            name = request.name
            known = cluster.namespaces.get(request.namespace)
            in_namespace = request.resource.namespaced and known is not None
            self.namespace = seen_namespace(known) if in_namespace and known is not None else None
            user, decide = request.user.name, cluster.authorize
            own = request.resource
            check = Check(user, "", own.group, own.name, "", request.namespace, name)
            self.seen = {
                "object": self._object(request.object),
                "oldObject": self._object(request.old),
                "authorizer": Authorizer(user, decide),
                "authorizer.requestResource": resource_check(user, decide, check),
            }
        return {**self.seen, "request": seen_request(request, resource)}

    def _object(self, data: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """An object as policies see it: in the namespace of the request, in none where its kind has none."""
        request, cluster = self.request, self.cluster
        seen = seen_object(data, request.resource, cluster.minor, request.name, cluster.prepare)
        if seen is not None:
            if request.resource.namespaced and request.namespace:
                seen["metadata"]["namespace"] = request.namespace
            else:
                seen["metadata"].pop("namespace", None)
        return seen


def _target(request: Request, cluster: Cluster) -> Target:
    objects = [data for data in (request.object, request.old) if data is not None]
    own, name = request.resource, request.name
    known = cluster.namespaces.get(request.namespace)
    return Target(
        operation=request.operation,
        resource=own,
        name=name,
        namespace=request.namespace,
        labels=tuple(namespace_labels(data, name) if own.is_namespaces else labels_of(data) for data in objects),
        namespace_labels=None if known is None else namespace_labels(known),
        served=request.served,
    )


def _failures(policy: CompiledPolicy, bindings: Sequence[Binding], view: _View, verdict: Verdict) -> Iterator[Failure]:
    """Failures of one policy under all its bindings; what is unknown is noted in the verdict."""
    spec = policy.spec
    if not bindings:
        return
    try:
        resource = matched(spec.match, view.target)
    except UnknownNamespaceError as error:
        yield from _unknown_namespace(spec, bindings[0], view, verdict, str(error))
        return
    if resource is None:
        return
    try:
        scope = scope_of(spec, view.cluster)
    except ConfigError as error:
        if not spec.ignore_failures:
            yield Failure(spec.name, "", Denial(str(error), forced=True, error=True), bindings[0].actions)
        return
    for binding in bindings:
        try:
            if binding.match is not None and matched(binding.match, view.target, binding=True) is None:
                continue
            found = params_of(spec, binding, view.request, view.cluster, cluster_scoped=scope == "Cluster")
        except UnknownNamespaceError as error:
            yield from _unknown_namespace(spec, binding, view, verdict, str(error), of_binding=True)
            continue
        except UnknownParamsError as error:
            verdict.unknown[spec.name] = str(error)
            continue
        except ConfigError as error:
            if not spec.ignore_failures:
                yield Failure(spec.name, binding.name, Denial(str(error), forced=True, error=True), binding.actions)
            continue
        if lost(view.request, view.cluster):
            raise _NoNamespaceError
        for params in found:
            if spec.name in verdict.excess:
                return  # not decided: more parameters would take as long again
            try:
                mark(policy.unit)
            except Overrun as overrun:
                verdict.evaluated.add(spec.name)
                verdict.excess[spec.name] = Excess(("spec",), f"it {overrun.amount}")
                return
            values = view.values(resource)
            if spec.param_kind is not None:
                values["params"] = params
            outcome = evaluate(policy, values, view.namespace)
            yield from _of_outcome(policy, binding, outcome, verdict)


def _of_outcome(policy: CompiledPolicy, binding: Binding, outcome: Outcome, verdict: Verdict) -> Iterator[Failure]:
    if outcome.skipped:
        return
    name = policy.spec.name
    verdict.evaluated.add(name)
    if outcome.excess is not None:
        verdict.excess.setdefault(name, outcome.excess)
    if outcome.unknown:
        verdict.unknown[name] = outcome.unknown
    for key, text in outcome.audit.items():
        known = verdict.audit.get(key)
        verdict.audit[key] = text if known is None or known == text else f"{known}, {text}"
    for denial in outcome.denials:
        yield Failure(name, binding.name, denial, binding.actions)


def _unknown_namespace(
    spec: PolicySpec, binding: Binding, view: _View, verdict: Verdict, name: str, *, of_binding: bool = False
) -> Iterator[Failure]:
    """A selector needs the labels of an unknown namespace: an error for the server, an unknown for a build."""
    if not view.cluster.complete:
        verdict.unknown[spec.name] = f'the labels of namespace "{name}" are not known'
    elif not spec.ignore_failures:
        message = str(ConfigError(f'namespaces "{name}" not found', of_binding=of_binding))
        shown = binding.name if of_binding else ""
        yield Failure(spec.name, shown, Denial(message, forced=True, error=True), binding.actions)


def _settle(verdict: Verdict, request: Request) -> None:
    """Reason, code and message of the first denial, warnings and audit annotations of the rest."""
    for failure in verdict.failures:
        if failure.denies and verdict.allowed:
            verdict.allowed = False
            verdict.reason = failure.denial.reason
            verdict.code = _CODES[failure.denial.reason]
            verdict.message = f'{request.resource.qualified} "{request.name}" is forbidden: {failure.text}'
        if "Warn" in failure.actions and not failure.denial.forced:
            text = f"Validation failed for ValidatingAdmissionPolicy '{failure.policy}' with binding"
            text += f" '{failure.binding}': {failure.denial.message}"
            if text not in verdict.warnings and text.isprintable():
                verdict.warnings.append(text)
        if "Audit" in failure.actions and not failure.denial.forced and _FAILURE_KEY not in verdict.audit:
            entry = {
                "message": failure.denial.message,
                "policy": failure.policy,
                "binding": failure.binding,
                "expressionIndex": max(failure.denial.index, 0),
                "validationActions": list(failure.actions),
            }
            text = json.dumps([entry], separators=(",", ":"), ensure_ascii=False)
            verdict.audit[_FAILURE_KEY] = text.translate(_ESCAPED)
