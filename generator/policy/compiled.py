"""Compile a policy once: its expressions in the environments the server gives them, or why it refuses to store it."""

import marshal
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from generator.bounds import Unit, running
from generator.cel import (
    BOOL,
    DYN,
    NULL,
    STRING,
    CompileError,
    Environment,
    Expression,
    ProgramError,
    Type,
    compile_expression,
)
from generator.cel.failure import ExcessError
from generator.cel.formats import qualified_name
from generator.cel.text import trim_space
from generator.location import FieldPath, Span
from generator.policy import environment as names
from generator.policy.model import PolicySpec, ShapeError, Validation, read_policy
from generator.policy.problem import (
    MAX_VARIABLES,
    Problem,
    duplicate,
    internal,
    invalid,
    required,
    too_many_variables,
    unsupported,
)
from generator.policy.storable import (
    MAX_ANNOTATIONS,
    MAX_CONDITIONS,
    MAX_VALUE_EXPRESSION,
    REASONS,
    policy_problems,
    variable_name_problem,
)

Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A policy ready to be evaluated; pickles, and compiles again where it lands.

    `messages[i]` belongs to `spec.validations[i]`, None where there is no messageExpression.
    """

    spec: PolicySpec
    conditions: tuple[Expression, ...]
    variables: tuple[tuple[str, Expression], ...]
    validations: tuple[Expression, ...]
    messages: tuple[Expression | None, ...]
    audit: tuple[Expression, ...]
    unit: Unit = field(init=False, compare=False, repr=False)
    """What its evaluations are marked by."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", Unit(f'policy "{self.spec.name}"', Span("policies")))

    def __reduce__(self) -> Any:
        fields = (self.spec, self.conditions, self.variables, self.validations, self.messages, self.audit)
        return type(self), fields

    def expressions(self) -> tuple[Expression, ...]:
        """Every expression of the policy, variables included."""
        messages = tuple(m for m in self.messages if m is not None)
        variables = tuple(e for _, e in self.variables)
        return (*self.conditions, *variables, *self.validations, *messages, *self.audit)


def plain_bytes(data: Any) -> bytes | None:
    """Plain data as bytes to know it by; None for data that carries more than its values."""
    try:
        return marshal.dumps(data, 0)
    except ValueError:
        return None


def compile_policy(data: Mapping[str, Any], target: Version = (1, 36)) -> CompiledPolicy | tuple[Problem, ...]:
    """A policy as Kubernetes `target` would store it, or everything that server finds wrong with it.

    `data` is an unmodified v1 ValidatingAdmissionPolicy. A new policy sees the libraries of the version before.
    The same policy is compiled once a process: it is checked, put in force and told of, for every environment.
    """
    metadata = data.get("metadata")
    own = {key: metadata.get(key) for key in ("name", "generateName")} if isinstance(metadata, dict) else metadata
    raw = plain_bytes({"metadata": own, "spec": data.get("spec")})
    return _compile(data, target) if raw is None else _kept(raw, target)


@lru_cache(maxsize=1024)
def _kept(raw: bytes, target: Version) -> CompiledPolicy | tuple[Problem, ...]:
    return _compile(marshal.loads(raw), target)  # noqa: S302 - made by plain_bytes


def _compile(data: Mapping[str, Any], target: Version) -> CompiledPolicy | tuple[Problem, ...]:
    """Raises Overrun where compiling it has needed too much before."""
    with running(Unit(f"compiling policy {_name(data)}", Span("policies"))):
        return _checked(data, target)


def _name(data: Mapping[str, Any]) -> str:
    metadata = data.get("metadata")
    return str(metadata.get("name"))[:100] if isinstance(metadata, dict) else ""


def _checked(data: Mapping[str, Any], target: Version) -> CompiledPolicy | tuple[Problem, ...]:
    try:
        spec = read_policy(data)
        problems = policy_problems(data)
    except ShapeError as error:
        return (Problem(error.path, error.message),)
    if len(spec.variables) > MAX_VARIABLES:
        return (too_many_variables(len(spec.variables)),)
    compiler = _Compiler(spec, (target[0], target[1] - 1))
    compiled = compiler.compile()
    problems += compiler.problems
    return tuple(problems) if problems else compiled


class _Compiler:
    """Collects problems while it compiles, in the order the server reports them."""

    def __init__(self, spec: PolicySpec, version: Version) -> None:
        self.spec = spec
        self.problems: list[Problem] = []
        params = spec.param_kind is not None
        self.full = names.base(version, params=params, authorizer=True)
        self.plain = names.base(version, params=params, authorizer=False)
        self.fields: dict[str, Type] = {}

    def compile(self) -> CompiledPolicy:
        conditions = self.conditions()
        variables = self.variables()
        full, plain = self.full, self.plain
        if self.spec.variables:
            full, plain = names.with_variables(full, self.fields), names.with_variables(plain, self.fields)
        if not self.spec.validations and not self.spec.audit:
            detail = "validations or auditAnnotations must contain at least one item"
            self.problems.append(required(("spec", "validations"), detail))
            self.problems.append(required(("spec", "auditAnnotations"), detail))
        validations: list[Expression] = []
        messages: list[Expression | None] = []
        for index, validation in enumerate(self.spec.validations):
            expression, message = self.validation(validation, ("spec", "validations", index), full, plain)
            if expression is not None:
                validations.append(expression)
            messages.append(message)
        audit = self.audit(full)
        return CompiledPolicy(
            self.spec, tuple(conditions), tuple(variables), tuple(validations), tuple(messages), tuple(audit)
        )

    def expression(
        self, source: str, environment: Environment, wanted: tuple[Type, ...], path: FieldPath, shown: str | None = None
    ) -> Expression | None:
        """Compile one expression; what is wrong with it becomes a problem."""
        written = source if shown is None else shown
        try:
            compiled = compile_expression(source, environment)
        except ProgramError as error:
            self.problems.append(internal(path, str(error), 0))
            return None
        except ExcessError as error:
            self.problems.append(Problem(path, error.issues[0].message, 0, excess=True))
            return None
        except CompileError as error:
            self.problems.append(invalid(path, written, str(error), error.offset))
            return None
        if wanted and compiled.type not in wanted:
            self.problems.append(invalid(path, written, _wrong_type(compiled.type, wanted), 0))
            return None
        return compiled

    def conditions(self) -> list[Expression]:
        out: list[Expression] = []
        seen: set[str] = set()
        path: FieldPath = ("spec", "matchConditions")
        if len(self.spec.conditions) > MAX_CONDITIONS:
            detail = f"Too many: {len(self.spec.conditions)}: must have at most {MAX_CONDITIONS} items"
            self.problems.append(Problem(path, detail))
        for index, condition in enumerate(self.spec.conditions):
            source = trim_space(condition.expression)
            at = (*path, index)
            if not source:
                self.problems.append(required((*at, "expression")))
            else:
                compiled = self.expression(source, self.full, (BOOL,), (*at, "expression"))
                out += [compiled] if compiled is not None else []
            if not condition.name:
                self.problems.append(required((*at, "name")))
                continue
            self.problems += [invalid((*at, "name"), condition.name, m) for m in qualified_name(condition.name)]
            if condition.name in seen:
                self.problems.append(duplicate((*at, "name"), condition.name))
            seen.add(condition.name)
        return out

    def variables(self) -> list[tuple[str, Expression]]:
        out: dict[str, Expression] = {}
        for index, variable in enumerate(self.spec.variables):
            at: FieldPath = ("spec", "variables", index)
            wrong = variable_name_problem(variable.name, (*at, "name"))
            if wrong is not None:
                self.problems.append(wrong)
            if not trim_space(variable.expression):
                self.problems.append(required((*at, "expression"), "expression is not specified"))
                continue
            environment = names.with_variables(self.full, self.fields)
            compiled = self.expression(variable.expression, environment, (), (*at, "expression"))
            self.fields[variable.name] = DYN if compiled is None else names.variable_type(compiled.type)
            if compiled is not None:
                out[variable.name] = compiled
        return list(out.items())

    def validation(
        self, validation: Validation, path: FieldPath, full: Environment, plain: Environment
    ) -> tuple[Expression | None, Expression | None]:
        expression = message = None
        if not trim_space(validation.expression):
            self.problems.append(required((*path, "expression"), "expression is not specified"))
        else:
            expression = self.expression(validation.expression, full, (BOOL,), (*path, "expression"))
        if validation.message_expression:
            at = (*path, "messageExpression")
            if not trim_space(validation.message_expression):
                self.problems.append(invalid(at, validation.message_expression, "must be non-empty if specified"))
            else:
                message = self.expression(validation.message_expression, plain, (STRING,), at)
        trimmed = trim_space(validation.message)
        if validation.message and not trimmed:
            detail = "must be non-empty if specified"
            self.problems.append(invalid((*path, "message"), validation.message, detail))
        elif "\n" in trimmed or "\r" in trimmed:
            self.problems.append(invalid((*path, "message"), validation.message, "must not contain line breaks"))
        if validation.reason not in REASONS:
            self.problems.append(unsupported((*path, "reason"), validation.reason, REASONS))
        return expression, message

    def audit(self, full: Environment) -> list[Expression]:
        out: list[Expression] = []
        seen: set[str] = set()
        if len(self.spec.audit) > MAX_ANNOTATIONS:
            detail = f"must not have more than {MAX_ANNOTATIONS} auditAnnotations"
            shown = [{"key": a.key, "valueExpression": a.expression} for a in self.spec.audit]
            self.problems.append(invalid(("spec", "auditAnnotations"), shown, detail))
        for index, annotation in enumerate(self.spec.audit):
            at: FieldPath = ("spec", "auditAnnotations", index)
            whole = f"{self.spec.name}/{annotation.key}"
            self.problems += [invalid((*at, "key"), whole, m) for m in qualified_name(whole)]
            source = trim_space(annotation.expression)
            path = (*at, "valueExpression")
            if not source:
                self.problems.append(required(path, "valueExpression is not specified"))
            elif len(source.encode()) > MAX_VALUE_EXPRESSION:
                self.problems.append(required(path, f"must not exceed {MAX_VALUE_EXPRESSION} bytes in length"))
            else:
                wanted = (STRING, NULL)
                compiled = self.expression(source, full, wanted, path, annotation.expression)
                out += [compiled] if compiled is not None else []
            if annotation.key in seen:
                self.problems.append(duplicate((*at, "key"), annotation.key))
            seen.add(annotation.key)
        return out


def _wrong_type(found: Type, wanted: tuple[Type, ...]) -> str:
    if len(wanted) == 1:
        return f"must evaluate to {wanted[0]} but got {found}"
    return f"must evaluate to one of [{' '.join('null_type' if w == NULL else str(w) for w in wanted)}] but got {found}"
