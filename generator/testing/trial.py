"""One trial of a policy: what is put to it, what it is expected to say, and what it says."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from generator.cel import Expression
from generator.finding import Severity
from generator.location import FieldPath, Span
from generator.policy import (
    Binding,
    BundlePolicy,
    Cluster,
    CompiledPolicy,
    Excess,
    Request,
    evaluate_bundle,
    judge,
    policy_set,
)

EXCESS = "too much work"
EXPECTED = ("allow", "deny", "warn", "skip", "unknown", "error")

Policy = CompiledPolicy | BundlePolicy


class UnfitCase(LookupError):  # noqa: N818 - what a case is, not what went wrong
    """A case that names an object or a field that is not there; `hint` is what could be meant, `name` the object's."""

    def __init__(self, message: str, hint: str = "", name: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.name = name


@dataclass(frozen=True, slots=True)
class Answer:
    """What a policy says: one of EXPECTED, and the messages. `failed` are the validations that did not hold.

    The verdict is EXCESS where an expression takes too many steps: `excess` says which.
    """

    verdict: str
    messages: Sequence[str] = ()
    failed: frozenset[int] = frozenset()
    excess: Excess | None = None

    @property
    def evaluated(self) -> bool:
        """Whether any validation was looked at."""
        return self.verdict != "skip"


@dataclass(frozen=True, slots=True)
class Trial:
    """A case, ready to be put to a policy: the one as written, or one that is watched or has a mistake in it.

    `expect` may be empty where the file says something no policy can answer; `ask` may raise Halt or UnfitCase.
    `named` is where the case names each object.
    """

    name: str
    at: Span
    expect: str
    ask: Callable[[Policy], Answer] = field(repr=False)
    message: str = ""
    named: Mapping[str, Span] = field(default_factory=dict, repr=False)

    def wrong(self, answer: Answer) -> str:
        """Why the trial fails; nothing where it passes."""
        if self.expect not in EXPECTED:
            return f'expects "{self.expect}", which is no verdict: {", ".join(EXPECTED)}'
        if answer.verdict != self.expect:
            told = f": {'; '.join(answer.messages)}" if answer.messages else ""
            why = " (matched nothing: it was never evaluated)" if answer.verdict == "skip" else ""
            return f"expected {self.expect}, got {answer.verdict}{why}{told}"
        if self.message and not any(self.message in message for message in answer.messages):
            return f'no message has "{self.message}": {"; ".join(answer.messages)}'
        return ""


def admission_answer(policy: CompiledPolicy, bindings: Sequence[Binding], request: Request, cluster: Cluster) -> Answer:
    """What an admission policy says of a request."""
    verdict = judge(policy_set([policy], bindings), request, cluster)
    for excess in verdict.excess.values():
        return Answer(EXCESS, [excess.detail], excess=excess)
    if verdict.unknown and not verdict.failures:
        return Answer("unknown", list(verdict.unknown.values()))
    if policy.spec.name not in verdict.evaluated and not verdict.failures:
        return Answer("skip")
    if not verdict.failures:
        return Answer("allow")
    messages = [failure.denial.message for failure in verdict.failures]
    failed = frozenset(failure.denial.index for failure in verdict.failures)
    if any(failure.denial.error for failure in verdict.failures):
        return Answer("error", messages, failed)
    return Answer("deny" if any(failure.denies for failure in verdict.failures) else "warn", messages, failed)


def bundle_answer(policy: BundlePolicy, scope: Mapping[str, Any], severity: Severity) -> Answer:
    """What a rule over a build says of one; `severity` is that of validations that name none."""
    breaches = list(evaluate_bundle(policy, scope))
    messages = [breach.message for breach in breaches]
    failed = frozenset(breach.index for breach in breaches)
    for breach in breaches:
        if breach.excess is not None:
            return Answer(EXCESS, [breach.message], excess=breach.excess)
    if any(breach.error for breach in breaches):
        return Answer("error", messages, failed)
    if not breaches:
        return Answer("allow")
    severe = any((breach.severity or severity.value) == Severity.ERROR.value for breach in breaches)
    return Answer("deny" if severe else "warn", messages, failed)


def expressions(policy: Policy) -> Iterator[tuple[FieldPath, Expression]]:
    """The expressions that decide, each with its place in the policy's file."""
    if isinstance(policy, BundlePolicy):
        if policy.for_each is not None:
            yield ("spec", "forEach"), policy.for_each
        validations = [rule.expression for rule in policy.rules]
    else:
        for index, expression in enumerate(policy.conditions):
            yield ("spec", "matchConditions", index, "expression"), expression
        validations = list(policy.validations)
    for index, (_, expression) in enumerate(policy.variables):
        yield ("spec", "variables", index, "expression"), expression
    for index, expression in enumerate(validations):
        yield ("spec", "validations", index, "expression"), expression


def with_expressions(policy: Policy, changed: Mapping[FieldPath, Expression]) -> Policy:
    """The policy with expressions replaced, by place."""

    def new(path: FieldPath, expression: Expression) -> Expression:
        return changed.get(path, expression)

    variables = tuple(
        (name, new(("spec", "variables", index, "expression"), expression))
        for index, (name, expression) in enumerate(policy.variables)
    )
    if isinstance(policy, BundlePolicy):
        rules = tuple(
            replace(rule, expression=new(("spec", "validations", index, "expression"), rule.expression))
            for index, rule in enumerate(policy.rules)
        )
        for_each = None if policy.for_each is None else new(("spec", "forEach"), policy.for_each)
        return replace(policy, variables=variables, rules=rules, for_each=for_each)
    return replace(
        policy,
        variables=variables,
        conditions=tuple(
            new(("spec", "matchConditions", index, "expression"), expression)
            for index, expression in enumerate(policy.conditions)
        ),
        validations=tuple(
            new(("spec", "validations", index, "expression"), expression)
            for index, expression in enumerate(policy.validations)
        ),
    )
