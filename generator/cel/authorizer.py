"""The authorizer of CEL: who may do what, asked of whoever knows, unknown where nobody does."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from generator.cel.failure import EvalError, UnknownError
from generator.cel.formats import label, subdomain
from generator.cel.values import Opaque


@dataclass(frozen=True, slots=True)
class Check:
    """One question: may this user do this; `path` is set for non-resource requests."""

    user: str
    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""
    field_selector: str = ""
    label_selector: str = ""


Decide = Callable[[Check], bool | None]
"""Answers a question; None where the answer is not known here."""


@dataclass(frozen=True, slots=True)
class Authorizer(Opaque):
    """`authorizer`, for one user."""

    COMPARABLE = False

    user: str
    decide: Decide

    @property
    def type_name(self) -> str:
        """Its CEL type."""
        return "kubernetes.authorization.Authorizer"


@dataclass(frozen=True, slots=True)
class _Question(Opaque):
    """A question in the making: `kind` is what it is about."""

    COMPARABLE = False

    kind: str
    check: Check
    decide: Decide

    @property
    def type_name(self) -> str:
        """Its CEL type."""
        return f"kubernetes.authorization.{self.kind}"


@dataclass(frozen=True, slots=True)
class Decision(Opaque):
    """The answer."""

    COMPARABLE = False

    allowed: bool

    @property
    def type_name(self) -> str:
        """Its CEL type."""
        return "kubernetes.authorization.Decision"


def resource_check(user: str, decide: Decide, check: Check) -> Opaque:
    """`authorizer.requestResource`: the question about the request's own resource."""
    return _Question("ResourceCheck", replace(check, user=user), decide)


def _path(authorizer: Authorizer, path: str) -> _Question:
    if not path.strip():
        raise EvalError("path must not be empty")
    return _Question("PathCheck", Check(authorizer.user, "", path=path), authorizer.decide)


def _group(authorizer: Authorizer, group: str) -> _Question:
    return _Question("GroupCheck", Check(authorizer.user, "", group=group), authorizer.decide)


def _service_account(authorizer: Authorizer, namespace: str, name: str) -> Authorizer:
    if subdomain(name):
        raise EvalError("Invalid service account name")
    if label(namespace):
        raise EvalError("Invalid service account namespace")
    return Authorizer(f"system:serviceaccount:{namespace}:{name}", authorizer.decide)


def _resource(question: _Question, resource: str) -> _Question:
    if not resource.strip():
        raise EvalError("resource must not be empty")
    return _Question("ResourceCheck", replace(question.check, resource=resource), question.decide)


def _narrowed(field: str) -> Callable[[_Question, str], _Question]:
    return lambda question, value: replace(question, check=replace(question.check, **{field: value}))


def _ask(question: _Question, verb: str) -> Decision:
    check = replace(question.check, verb=verb)
    answer = question.decide(check)
    if answer is None:
        subject = check.path or check.resource
        raise UnknownError(f"whether {check.user or 'the user'} may {verb} {subject} is known to the cluster alone")
    return Decision(answer)


FUNCTIONS: dict[str, Any] = {
    "authorizer_path": _path,
    "authorizer_group": _group,
    "authorizer_serviceaccount": _service_account,
    "groupcheck_resource": _resource,
    "resourcecheck_subresource": _narrowed("subresource"),
    "resourcecheck_namespace": _narrowed("namespace"),
    "resourcecheck_name": _narrowed("name"),
    "authorizer_fieldselector": _narrowed("field_selector"),
    "authorizer_labelselector": _narrowed("label_selector"),
    "pathcheck_check": _ask,
    "resourcecheck_check": _ask,
    "decision_errored": lambda _: False,
    "decision_error": lambda _: "",
    "decision_allowed": lambda decision: decision.allowed,
    "decision_reason": lambda _: "",
}
