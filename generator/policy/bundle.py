"""Rules over a whole build: kind BundlePolicy, CEL over `objects`, `spec`, `catalog` and `target`.

A BundlePolicy has the fields of a ValidatingAdmissionPolicy that make sense without a request: variables and
validations. With `forEach`, an expression that gives a list, the validations are evaluated for each of its items, which
is then called `object`; what fails is told of that item.
"""

import marshal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from generator.bounds import Overrun, Unit, running
from generator.cel import (
    BOOL,
    DYN,
    STRING,
    CompileError,
    CostError,
    Environment,
    EvalError,
    Expression,
    Type,
    UnknownError,
    WorkError,
    compile_expression,
)
from generator.cel.failure import ExcessError
from generator.cel.reads import EACH, Path, handed_on, paths
from generator.cel.text import trim_space
from generator.location import FieldPath, Span
from generator.policy import environment as names
from generator.policy.compiled import plain_bytes
from generator.policy.effort import Effort
from generator.policy.evaluate import Excess
from generator.policy.model import Condition, ShapeError, Validation, items, mapping, object_name, text
from generator.policy.problem import MAX_VARIABLES, Problem, invalid, required, too_many_variables, unsupported
from generator.policy.projection import Reads, reads_of, resolve
from generator.policy.storable import variable_name_problem

KIND = "BundlePolicy"
_SCOPE = ("objects", "spec", "catalog", "target")
_MAX_MESSAGE = 100_000
_KNOWN = frozenset({"forEach", "variables", "validations"})
_VALIDATION = frozenset({"expression", "message", "messageExpression", "fieldPath", "severity"})
_SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class BundleRule:
    """One validation, compiled; `field_path` is where in the item a person would look.

    `severity` is its own, where it is not that of the whole policy.
    """

    validation: Validation
    expression: Expression
    message: Expression | None
    field_path: FieldPath
    severity: str = ""


@dataclass(frozen=True, slots=True)
class BundlePolicy:
    """A policy over a build, compiled. `reads` are the paths below any object that its expressions can read."""

    name: str
    for_each: Expression | None
    variables: tuple[tuple[str, Expression], ...]
    rules: tuple[BundleRule, ...]
    reads: frozenset[Path]

    def item_reads(self) -> Reads:
        """What its expressions read of the item: items that agree in it are judged alike."""
        aliases: dict[str, frozenset[Path]] = {}
        found: set[Path] = set()
        for name, expression in self.variables:
            read, held = handed_on(expression.tree)
            found |= resolve(read, aliases)
            aliases[name] = resolve(held, aliases)
        for rule in self.rules:
            for used in (rule.expression, rule.message):
                found |= resolve(paths(used.tree), aliases) if used is not None else frozenset()
        return reads_of(path[1:] for path in found if path[0] == "object")


@dataclass(frozen=True, slots=True)
class Breach:
    """A validation that does not hold: of which item (None for the whole build), and what to say.

    `excess`: the validation, or another expression of the policy, was too much work; no further item was looked at.
    """

    index: int
    message: str
    item: Any = None
    field_path: FieldPath = ()
    severity: str = ""
    error: bool = False
    excess: Excess | None = None


def compile_bundle(data: Mapping[str, Any], target: tuple[int, int]) -> BundlePolicy | tuple[Problem, ...]:
    """A BundlePolicy ready to be evaluated with the CEL of Kubernetes `target`, or everything wrong with it.

    The same policy is compiled once a process.
    """
    raw = plain_bytes(dict(data))
    return _compile(data, target) if raw is None else _kept(raw, target)


@lru_cache(maxsize=1024)
def _kept(raw: bytes, target: tuple[int, int]) -> BundlePolicy | tuple[Problem, ...]:
    return _compile(marshal.loads(raw), target)  # noqa: S302 - made by plain_bytes


def _compile(data: Mapping[str, Any], target: tuple[int, int]) -> BundlePolicy | tuple[Problem, ...]:
    compiler = _Compiler(target)
    try:
        found = compiler.compile(data)
    except ShapeError as error:
        return (Problem(error.path, error.message),)
    return tuple(compiler.problems) if compiler.problems or found is None else found


@dataclass(slots=True)
class _Compiler:
    version: tuple[int, int]
    problems: list[Problem] = field(default_factory=list)
    aliases: dict[str, frozenset[Path]] = field(default_factory=dict)
    fields: dict[str, Type] = field(default_factory=dict)
    found: set[Path] = field(default_factory=set)

    def compile(self, data: Mapping[str, Any]) -> BundlePolicy | None:
        spec = mapping(data.get("spec"), ("spec",))
        for key in spec:
            if key not in _KNOWN:
                self.problems.append(Problem(("spec", key), f'unknown field "{key}"'))
        base = Environment(tuple((name, DYN) for name in _SCOPE), (), self.version)
        for_each = None
        if "forEach" in spec:
            source = text(spec["forEach"], ("spec", "forEach"))
            for_each = self.expression(source, names.with_variables(base, {}), None, ("spec", "forEach"))
            if for_each is not None:
                read, items_of = handed_on(for_each.tree)
                self.found |= read
                self.aliases["object"] = frozenset((*path, EACH) for path in items_of)
        environment = base.with_variables({"object": DYN}) if for_each is not None else base
        variables = self.variables(spec, environment)
        environment = names.with_variables(environment, self.fields)
        rules = self.rules(spec, environment)
        reads = self.object_reads()
        if self.problems:
            return None
        return BundlePolicy(object_name(data), for_each, tuple(variables), tuple(rules), reads)

    def variables(self, spec: Mapping[str, Any], environment: Environment) -> list[tuple[str, Expression]]:
        out = []
        entries = items(spec.get("variables"), ("spec", "variables"))
        if len(entries) > MAX_VARIABLES:
            self.problems.append(too_many_variables(len(entries)))
            return []
        for index, entry in enumerate(entries):
            at: FieldPath = ("spec", "variables", index)
            line = mapping(entry, at)
            variable = Condition(text(line.get("name"), at), text(line.get("expression"), (*at, "expression")))
            wrong = variable_name_problem(variable.name, (*at, "name"))
            if wrong is not None:
                self.problems.append(wrong)
                continue
            known = names.with_variables(environment, self.fields)
            compiled = self.expression(variable.expression, known, None, (*at, "expression"))
            self.fields[variable.name] = DYN if compiled is None else names.variable_type(compiled.type)
            if compiled is None:
                continue
            read, held = handed_on(compiled.tree)
            self.found |= self.settle(read)
            self.aliases[variable.name] = self.settle(held)
            out.append((variable.name, compiled))
        return out

    def rules(self, spec: Mapping[str, Any], environment: Environment) -> list[BundleRule]:
        out = []
        entries = items(spec.get("validations"), ("spec", "validations"))
        if not entries:
            self.problems.append(required(("spec", "validations"), "at least one is needed"))
        for index, entry in enumerate(entries):
            at: FieldPath = ("spec", "validations", index)
            line = mapping(entry, at)
            for key in line:
                if key not in _VALIDATION:
                    self.problems.append(Problem((*at, key), f'unknown field "{key}"'))
            validation = Validation(
                text(line.get("expression"), (*at, "expression")),
                trim_space(text(line.get("message"), (*at, "message"))),
                text(line.get("messageExpression"), (*at, "messageExpression")),
            )
            compiled = self.expression(validation.expression, environment, BOOL, (*at, "expression"))
            said = None
            if validation.message_expression:
                where = (*at, "messageExpression")
                said = self.expression(validation.message_expression, environment, STRING, where)
            if "\n" in validation.message:
                self.problems.append(invalid((*at, "message"), validation.message, "must not contain line breaks"))
            for expression in (compiled, said):
                if expression is not None:
                    self.found |= self.settle(paths(expression.tree))
            if compiled is not None:
                place = tuple(part for part in text(line.get("fieldPath"), (*at, "fieldPath")).split(".") if part)
                out.append(BundleRule(validation, compiled, said, place, self.severity(line, at)))
        return out

    def severity(self, line: Mapping[str, Any], at: FieldPath) -> str:
        given = text(line.get("severity"), (*at, "severity"))
        if given and given not in _SEVERITIES:
            self.problems.append(unsupported((*at, "severity"), given, _SEVERITIES))
        return given

    def settle(self, found: frozenset[Path]) -> frozenset[Path]:
        """Paths in terms of the scope: variables and the item replaced by what they stand for."""
        settled = resolve(found, self.aliases)
        of_item = self.aliases.get("object")
        if of_item is None:
            return settled
        return frozenset(
            whole
            for path in settled
            for whole in (((*alias, *path[1:]) for alias in of_item) if path[0] == "object" else (path,))
        )

    def object_reads(self) -> frozenset[Path]:
        """What is read below any object. Reading whole objects, or one that is not named in a loop, is refused."""
        reads = set()
        for path in self.found:
            if path[0] != "objects" or path == ("objects", "#"):
                continue
            if len(path) < 3 or path[1] != EACH:
                detail = "reads whole objects: name the fields, so that a large build need not be kept in memory"
                self.problems.append(invalid(("spec",), ".".join(path), detail))
                continue
            reads.add(path[2:])
        return frozenset(reads)

    def expression(
        self, source: str, environment: Environment, wanted: Type | None, path: FieldPath
    ) -> Expression | None:
        if not trim_space(source):
            self.problems.append(required(path, "expression is not specified"))
            return None
        try:
            compiled = compile_expression(source, environment)
        except ExcessError as error:
            self.problems.append(Problem(path, error.issues[0].message, 0, excess=True))
            return None
        except CompileError as error:
            self.problems.append(invalid(path, source, str(error), error.offset))
            return None
        if wanted is not None and compiled.type != wanted:
            self.problems.append(invalid(path, source, f"must evaluate to {wanted} but got {compiled.type}", 0))
            return None
        return compiled


class _Variables(dict[str, Any]):
    """`variables` of one item: those that do not read the item (`of_item` are those that do) are shared by all."""

    def __init__(
        self,
        values: Mapping[str, Any],
        expressions: Mapping[str, Expression],
        of_item: frozenset[str],
        shared: dict[str, Any],
        effort: "Effort",
    ) -> None:
        super().__init__()
        self.effort = effort
        self.places = {name: index for index, name in enumerate(expressions)}
        self.values_ = {**values, "variables": self}
        self.expressions = expressions
        self.of_item = of_item
        self.shared = shared

    def __contains__(self, name: object) -> bool:
        return name in self.expressions

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self.expressions else default

    def __missing__(self, name: str) -> Any:
        if name in self.shared:
            return self.shared[name]
        at: FieldPath = ("spec", "variables", self.places[name], "expression")
        value = self.effort.value(self.expressions[name], self.values_, at)
        (self if name in self.of_item else self.shared)[name] = value
        return value


def _of_item(variables: Sequence[tuple[str, Expression]]) -> frozenset[str]:
    """The variables that read the item, themselves or by way of those before them."""
    found: set[str] = set()
    for name, expression in variables:
        if any(
            path[0] == "object" or (path[0] == "variables" and (len(path) == 1 or path[1] in found))
            for path in expression.reads
        ):
            found.add(name)
    return frozenset(found)


def evaluate_bundle(policy: BundlePolicy, scope: Mapping[str, Any]) -> Iterator[Breach]:
    """Everything that does not hold. `scope` gives objects, spec, catalog and target."""
    for _, breaches in judge_items(policy, scope):
        yield from breaches


def judge_items(policy: BundlePolicy, scope: Mapping[str, Any]) -> Iterator[tuple[Any, list[Breach]]]:
    """Every item a policy looks at, None for the whole build, with what does not hold of it."""
    expressions = dict(policy.variables)
    of_item = _of_item(policy.variables)
    shared: dict[str, Any] = {}
    effort = Effort()
    chosen: Sequence[Any] = (None,)
    if policy.for_each is not None:
        try:
            with running(Unit(f'forEach of policy "{policy.name}"', Span("policies"))):
                chosen = effort.value(policy.for_each, {**scope, "variables": {}}, ("spec", "forEach"))
        except WorkError as error:
            yield None, [_excess(error.place, str(error), None)]
            return
        except Overrun as overrun:
            yield None, [_excess(("spec", "forEach"), f"it {overrun.amount}", None)]
            return
        except (EvalError, CostError, UnknownError) as error:
            yield None, [Breach(-1, f"forEach resulted in error: {error}", error=True)]
            return
    reads = policy.item_reads()
    known: dict[bytes, list[Breach]] = {}
    unit = Unit(f'policy "{policy.name}"', Span("policies"))
    for item in chosen:
        key = marshal.dumps(reads.project(item), 0)  # version 0: no references, equal data gives equal bytes
        if key not in known:
            effort.next_item()
            values: dict[str, Any] = {**scope} if policy.for_each is None else {**scope, "object": item}
            values["variables"] = _Variables(values, expressions, of_item, shared, effort)
            judged = (_judge(rule, index, values, item, effort) for index, rule in enumerate(policy.rules))
            try:
                with running(unit):
                    known[key] = [breach for breach in judged if breach is not None]
            except WorkError as error:
                yield item, [_excess(error.place, str(error), item)]
                return
            except Overrun as overrun:
                yield item, [_excess(("spec",), f"it {overrun.amount}", item)]
                return
        yield item, [replace(breach, item=item) for breach in known[key]]


def _excess(place: FieldPath, detail: str, item: Any) -> Breach:
    return Breach(-1, detail, item, error=True, excess=Excess(place, detail))


def _judge(rule: BundleRule, index: int, values: Mapping[str, Any], item: Any, effort: Effort) -> Breach | None:
    source = trim_space(rule.validation.expression)
    at: FieldPath = ("spec", "validations", index)
    try:
        if effort.value(rule.expression, values, (*at, "expression")) is True:
            return None
    except (EvalError, CostError, UnknownError) as error:
        return Breach(index, f"expression '{source}' resulted in error: {error}", item, rule.field_path, error=True)
    said = ""
    if rule.message is not None:
        try:
            said = trim_space(str(effort.value(rule.message, values, (*at, "messageExpression"))))[:_MAX_MESSAGE]
        except (EvalError, CostError, UnknownError):
            said = ""
    told = said or rule.validation.message or f"failed expression: {source}"
    return Breach(index, told, item, rule.field_path, rule.severity)
