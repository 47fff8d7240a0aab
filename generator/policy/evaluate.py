"""Evaluate one policy for one request, one binding and one parameter, step by step as the API server does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.cel import CostError, EvalError, Expression, UnknownError, Work, WorkError, new_frame
from generator.cel.attributes import SPENT
from generator.cel.text import trim_space
from generator.location import FieldPath
from generator.policy.compiled import CompiledPolicy

BUDGET = 10_000_000
"""Cost of variables, validations and messages of one policy, binding and parameter together."""
CONDITIONS_BUDGET = 2_500_000
MAX_MESSAGE = 5_120
MAX_ANNOTATION = 10 * 1024
_PER_CALL = 1_000_000
_AUTHORIZER = ("authorizer", "authorizer.requestResource")
_OUT_OF_BUDGET = "validation failed due to running out of cost budget, no further validation rules will be run"


@dataclass(frozen=True, slots=True)
class Denial:
    """One validation that failed, or one error under failurePolicy Fail; `index` is the validation's, -1 for others.

    `forced`: denies whatever the binding's actions say. `error`: it could not be evaluated.
    """

    message: str
    reason: str = "Invalid"
    index: int = -1
    forced: bool = False
    error: bool = False


@dataclass(frozen=True, slots=True)
class Excess:
    """An expression that would work for longer than our bound: where it is in the policy, and how much work it is."""

    place: FieldPath
    detail: str


@dataclass(slots=True)
class Outcome:
    """What one evaluation gave. `unknown` says what only the cluster could know, where that decides.

    `excess`: the policy was not decided, because one of its expressions is too much work.
    """

    denials: list[Denial] = field(default_factory=list)
    audit: dict[str, str] = field(default_factory=dict)
    unknown: str = ""
    skipped: bool = False
    excess: Excess | None = None


class _BudgetError(Exception):
    """The evaluations together went over their budget."""


class _Variables(dict[str, Any]):
    """`variables`: computed when first read, errors kept; the checker has seen to it that only known names are read."""

    def __init__(self, run: "_Run", expressions: Sequence[tuple[str, Expression]]) -> None:
        super().__init__()
        self.run = run
        self.expressions = dict(expressions)
        self.places = {name: index for index, (name, _) in enumerate(expressions)}
        self.failed: dict[str, str] = {}

    def __contains__(self, name: object) -> bool:
        return name in self.expressions

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self.expressions else default

    def __missing__(self, name: str) -> Any:
        if name in self.failed:
            raise EvalError(self.failed[name])
        try:
            at: FieldPath = ("spec", "variables", self.places[name], "expression")
            value = self[name] = self.run.value(self.expressions[name], at)
        except (EvalError, CostError) as error:
            self.failed[name] = f'composited variable "{name}" fails to evaluate: {error}'
            raise EvalError(self.failed[name]) from None
        return value


@dataclass(slots=True)
class _Run:
    """The values expressions of a policy see, what is left of the budget, and what was worked."""

    values: dict[str, Any]
    left: int
    work: Work = field(default_factory=Work)

    def value(self, expression: Expression, place: FieldPath, without: Sequence[str] = ()) -> Any:
        """An expression's value; `place` is where it is. Raises EvalError, CostError, UnknownError, WorkError."""
        known = {key: value for key, value in self.values.items() if key not in without} if without else self.values
        frame = new_frame(expression.environment, known, expression.width, work=self.work)
        limit = _PER_CALL
        try:
            return expression.evaluate_in(frame, limit)
        except WorkError as error:
            error.place = error.place or place
            raise
        finally:
            self.left -= min(frame[SPENT], limit)

    def check(self) -> None:
        """Raise _BudgetError when nothing is left."""
        if self.left < 0:
            raise _BudgetError


def evaluate(policy: CompiledPolicy, values: Mapping[str, Any], namespace_object: Any) -> Outcome:
    """The outcome of one policy. `values`: object, oldObject, request, params and the authorizer's two names."""
    try:
        return _evaluate(policy, values, namespace_object)
    except WorkError as error:
        return Outcome(excess=Excess(error.place, str(error)))


def _evaluate(policy: CompiledPolicy, values: Mapping[str, Any], namespace_object: Any) -> Outcome:
    skipped = _conditions(policy, values)
    if skipped is not None:
        return skipped
    run = _Run({**values, "namespaceObject": namespace_object}, BUDGET)
    run.values["variables"] = _Variables(run, policy.variables)
    outcome = Outcome()
    try:
        _validations(policy, run, outcome)
        _annotations(policy, run, outcome)
    except _BudgetError:
        # One error takes the place of all that was found, annotations included.
        return Outcome([] if policy.spec.ignore_failures else [Denial(_OUT_OF_BUDGET, error=True)])
    return outcome


def _conditions(policy: CompiledPolicy, values: Mapping[str, Any]) -> Outcome | None:
    """The outcome where match conditions decide it, else None."""
    run = _Run({**values, "namespaceObject": None}, CONDITIONS_BUDGET)
    errors: list[str] = []
    unknown = ""
    for index, (condition, expression) in enumerate(zip(policy.spec.conditions, policy.conditions, strict=True)):
        try:
            if run.value(expression, ("spec", "matchConditions", index, "expression")) is False:
                return Outcome(skipped=True)
            run.check()
        except (EvalError, CostError) as error:
            errors.append(f"expression '{trim_space(condition.expression)}' resulted in error: {error}")
        except UnknownError as error:
            unknown = error.reason
        except _BudgetError:
            errors = [_OUT_OF_BUDGET]
            break
    if errors:
        if policy.spec.ignore_failures:
            return Outcome(skipped=True)
        told = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
        return Outcome([Denial(told, error=True)])
    return Outcome(unknown=unknown) if unknown else None


def _validations(policy: CompiledPolicy, run: _Run, outcome: Outcome) -> None:
    results: list[Any] = []
    for index, expression in enumerate(policy.validations):
        try:
            results.append(run.value(expression, ("spec", "validations", index, "expression")))
        except (EvalError, CostError, UnknownError) as error:
            results.append(error)
        run.check()
    messages = _messages(policy, run)
    for index, (validation, result) in enumerate(zip(policy.spec.validations, results, strict=True)):
        text = trim_space(validation.expression)
        if isinstance(result, UnknownError):
            outcome.unknown = outcome.unknown or f"{text}: {result.reason}"
        elif isinstance(result, Exception):
            if not policy.spec.ignore_failures:
                told = f"expression '{text}' resulted in error: {result}"
                outcome.denials.append(Denial(told, index=index, error=True))
        elif messages[index] is _EXHAUSTED:
            if not policy.spec.ignore_failures:
                told = f"failed messageExpression: {_OUT_OF_BUDGET}"
                outcome.denials.append(Denial(told, index=index, error=True))
        elif result is not True:
            said = messages[index] or trim_space(validation.message) or f"failed expression: {text}"
            outcome.denials.append(Denial(str(said), validation.reason, index))


_EXHAUSTED = object()


def _messages(policy: CompiledPolicy, run: _Run) -> list[Any]:
    """What the messageExpressions say, of validations that passed too: they cost all the same.

    They know no authorizer, and compute the variables they read anew.
    """
    if not any(policy.messages):
        return [""] * len(policy.messages)
    known = {key: value for key, value in run.values.items() if key not in _AUTHORIZER}
    own = _Run(known, run.left, run.work)
    own.values["variables"] = _Variables(own, policy.variables)
    said = [_message(expression, own, index) for index, expression in enumerate(policy.messages)]
    # The server gives up on all messages when one goes over the budget.
    return [_EXHAUSTED] * len(said) if _EXHAUSTED in said else said


def _message(expression: Expression | None, run: _Run, index: int) -> Any:
    """What a messageExpression says: nothing where it fails or says what no message may be."""
    if expression is None:
        return ""
    if run.left < 0:
        return _EXHAUSTED
    try:
        value = run.value(expression, ("spec", "validations", index, "messageExpression"))
    except (EvalError, CostError, UnknownError):
        return _EXHAUSTED if run.left < 0 else ""
    if run.left < 0:
        return _EXHAUSTED
    if not isinstance(value, str) or len(value.encode()) > MAX_MESSAGE:
        return ""
    trimmed = trim_space(value)
    return "" if "\n" in trimmed else trimmed


def _annotations(policy: CompiledPolicy, run: _Run, outcome: Outcome) -> None:
    run.left = BUDGET
    for index, (annotation, expression) in enumerate(zip(policy.spec.audit, policy.audit, strict=True)):
        text = trim_space(annotation.expression)
        try:
            place: FieldPath = ("spec", "auditAnnotations", index, "valueExpression")
            value = run.value(expression, place, without=_AUTHORIZER)
        except (EvalError, CostError, UnknownError) as error:
            run.check()
            if not policy.spec.ignore_failures:
                told = f"expression '{text}' resulted in error: {error}"
                outcome.denials.append(Denial(told, forced=True, error=True))
            continue
        run.check()
        if isinstance(value, str) and trim_space(value):
            cut = trim_space(value).encode()[:MAX_ANNOTATION].decode(errors="ignore")
            outcome.audit[f"{policy.spec.name}/{annotation.key}"] = cut
