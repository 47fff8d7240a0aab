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
from generator.policy.model import BINDING_KIND, POLICY_KIND, inside
from generator.source import Document

WORDS = ("AdmissionPolicy", "kind: Namespace", '"Namespace"')
"""What a file that holds a policy, a binding or a namespace has in it."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a group of objects is judged by, and what is wrong with the policies themselves."""

    admission: Admission
    findings: Sequence[Finding]


def param_kinds(documents: Iterable[Document]) -> frozenset[str]:
    """The kinds that policies among the documents take parameters of."""
    found = set()
    for document in documents:
        if _kind(document) == POLICY_KIND:
            kind = inside(document.data, "spec", "paramKind", "kind")
            found |= {str(kind)} if kind else set()
    return frozenset(found)


def deployed(documents: Sequence[Document], minor: int) -> Deployed:
    """The policies, bindings, namespaces and parameters among documents, for Kubernetes 1.`minor`."""
    version = (1, minor)
    kinds = param_kinds(documents)
    policies: list[dict[str, Any]] = []
    told: dict[str, Told] = {}
    findings: list[Finding] = []
    for document in documents:
        if _kind(document) != POLICY_KIND:
            continue
        compiled = compile_policy(document.data, version)
        if not isinstance(compiled, CompiledPolicy):
            findings += refusals(document, compiled, version)
            continue
        policies.append(document.data)
        about = described(PolicyFile("", document, None, policy_rules.DENIED))
        told[about.name] = Told(about.rule, about.hint, document.span(), document.span)
    bindings = [document for document in documents if _kind(document) == BINDING_KIND]
    for binding in bindings:
        findings += refusals(binding, binding_problems(binding.data), version)
    findings += _apart(documents, bindings)
    admission = Admission(
        minor=minor,
        policies=tuple(policies),
        bindings=tuple(binding.data for binding in bindings),
        namespaces=tuple(document.data for document in documents if _kind(document) == "Namespace"),
        params=tuple(document.data for document in documents if _kind(document) in kinds),
        told=told,
    )
    return Deployed(admission, findings)


def _apart(documents: Sequence[Document], bindings: Sequence[Document]) -> Iterator[Finding]:
    """Policies without a binding and bindings without a policy: the other half may be in the cluster."""
    names = {identify(document.data).name: document for document in documents if _kind(document) == POLICY_KIND}
    bound = {str(inside(binding.data, "spec", "policyName")): binding for binding in bindings}
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


def _kind(document: Document) -> str:
    return str(document.data.get("kind") or "") if isinstance(document.data, dict) else ""
