"""The policies among manifests in files, and what objects of the same cluster are judged by."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from generator.finding import Finding, Severity
from generator.location import Span
from generator.manifest import identify
from generator.pipeline.admission import Admission, Told
from generator.pipeline.policies import PolicyFile, described, refusals
from generator.policy import CompiledPolicy, binding_problems, compile_policy
from generator.policy import rules as policy_rules
from generator.policy.model import inside
from generator.source import Document


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a group of objects is judged by, and what is wrong with the policies themselves."""

    admission: Admission
    findings: Sequence[Finding]


def param_kinds(policies: Iterable[Document]) -> frozenset[str]:
    """The kinds that policies take parameters of."""
    kinds = (inside(policy.data, "spec", "paramKind", "kind") for policy in policies)
    return frozenset(kind for kind in kinds if isinstance(kind, str) and kind)


def deployed(
    policies: Sequence[Document],
    bindings: Sequence[Document],
    namespaces: Iterable[dict[str, Any]],
    params: Iterable[dict[str, Any]],
    minor: int,
) -> Deployed:
    """What the admission policies and bindings of some files judge by, for Kubernetes 1.`minor`.

    A policy or binding that the server would not store judges nothing, and is a finding.
    """
    version = (1, minor)
    stored: list[dict[str, Any]] = []
    told: dict[str, Told] = {}
    findings: list[Finding] = []
    for document in policies:
        compiled = compile_policy(document.data, version)
        if not isinstance(compiled, CompiledPolicy):
            findings += refusals(document, compiled, version)
            continue
        stored.append(document.data)
        about = described(PolicyFile("", document, None, policy_rules.DENIED))
        told[about.name] = Told(about.rule, about.hint, document.span(), document.span)
    for binding in bindings:
        findings += refusals(binding, binding_problems(binding.data), version)
    findings += _apart(policies, bindings)
    admission = Admission(
        minor=minor,
        policies=tuple(stored),
        bindings=tuple(binding.data for binding in bindings),
        namespaces=tuple(namespaces),
        params=tuple(params),
        told=told,
    )
    return Deployed(admission, findings)


def _apart(policies: Sequence[Document], bindings: Sequence[Document]) -> Iterator[Finding]:
    """Policies without a binding and bindings without a policy: the other half may be in the cluster."""
    names = {name: document for document in policies if (name := identify(document.data).name)}
    given = ((inside(binding.data, "spec", "policyName"), binding) for binding in bindings)
    bound = {name: binding for name, binding in given if isinstance(name, str) and name}
    for name, document in names.items():
        if name not in bound:
            message = f'policy "{name}" has no binding among the files: by itself it does nothing'
            yield _warning(policy_rules.NO_BINDING, message, document.span(), "name the file of its binding as well")
    for name, binding in bound.items():
        if name not in names:
            message = f'the binding names policy "{name}", which is not among the files'
            at = binding.span(("spec", "policyName"))
            yield _warning(policy_rules.NO_POLICY, message, at, "name the file of the policy as well")


def _warning(rule: Any, message: str, at: Span, hint: str) -> Finding:
    return Finding(rule=rule, message=message, at=at, hint=hint, severity=Severity.WARNING)
