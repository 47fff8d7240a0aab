"""Check the types of a policy's expressions against the schemas of the kinds it matches, as the API server does.

K8s: k8s.io/apiserver pkg/admission/plugin/policy/validating/typechecking.go. The server checks validations and their
messages, for each kind, and writes what it finds into the policy's status. Here variables, conditions and annotations
are checked, too, for what no kind of the policy has. A kind whose schema is not known is passed over.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from generator.bounds import Unit, running
from generator.cel import DYN, CompileError, Environment, Type
from generator.cel.expression import check_types
from generator.cel.failure import ExcessError, Issue
from generator.location import FieldPath, Span
from generator.policy import environment as names
from generator.policy.declared import DeclaredTypes
from generator.policy.model import PolicySpec, Rule

MAX_KINDS = 10
"""Kinds of one rule that are checked."""


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """A kind at one version."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        """`apps/v1`, or the bare version of the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        return f"{self.api_version} {self.kind}"


Served = Callable[[str, str, str], str]
"""The kind of a resource by group, version and plural name; empty where nobody knows it."""
Schemas = Callable[[Kind], Mapping[str, Any] | None]
"""The schema of a kind; None where nobody knows it."""


@dataclass(frozen=True, slots=True)
class Mistyped:
    """What is wrong with the types of one expression for one kind: the place in the policy, and the first complaint."""

    path: FieldPath
    kind: Kind
    issue: Issue
    text: str
    """Everything that is wrong, in the server's words."""
    count: int = 1
    """How many things that are."""

    @property
    def key(self) -> tuple[FieldPath, int, str]:
        """What it is, apart from the kind."""
        return self.path, self.issue.offset, self.issue.message


def mistyped(spec: PolicySpec, version: tuple[int, int], served: Served, schemas: Schemas) -> list[Mistyped]:
    """Every expression of a policy that does not fit the types of a kind it matches, in the order of the kinds.

    `version` is that of Kubernetes. Raises Overrun where the checks need too much.
    """
    kinds, whole = kinds_of(spec, served)
    known = [(kind, schema) for kind in kinds if (schema := schemas(kind)) is not None]
    params = _of_params(spec, schemas) if known else None
    checked: dict[int, _Check] = {}
    found: list[list[Mistyped]] = []
    with running(Unit(f'checking the types of policy "{spec.name}"', Span("policies"))):
        for kind, schema in known:
            once = checked.get(id(schema))
            if once is None:
                once = checked[id(schema)] = _Check(spec, kind, version)
                once.run(schema, params)
            found.append([replace(one, kind=kind) for one in once.found])
    everywhere = _common(found) if whole and len(known) == len(kinds) else frozenset()
    return [one for ones in found for one in ones if one.path[1] == "validations" or one.key in everywhere]


def _common(found: Sequence[Sequence[Mistyped]]) -> frozenset[tuple[FieldPath, int, str]]:
    """What is wrong for every kind: expressions for several kinds look at the kind before they look at its fields."""
    keys = [frozenset(one.key for one in ones) for ones in found]
    return frozenset.intersection(*keys) if keys else frozenset()


def kinds_of(spec: PolicySpec, served: Served) -> tuple[list[Kind], bool]:
    """The kinds that a policy's rules name without a wildcard, sorted, and whether these are all it can match.

    There are no more than the server looks at.
    """
    found: set[Kind] = set()
    whole = True
    for rule in spec.match.rules:
        count = 0
        parts = (*rule.groups, *rule.versions, *rule.resources)
        whole = whole and not any("*" in part for part in parts)
        for group, version, resource in _named(rule):
            kind = served(group, version, resource)
            whole = whole and bool(kind)
            if kind:
                found.add(Kind(group, version, kind))
                count += 1
            if count == MAX_KINDS:
                return sorted(found), False
    return sorted(found), whole


def _named(rule: Rule) -> Iterator[tuple[str, str, str]]:
    if any("*" in name for name in (*rule.groups, *rule.versions)):
        return
    resources = sorted(name for name in rule.resources if "*" not in name and "/" not in name)
    for group in sorted(rule.groups):
        for version in sorted(rule.versions):
            yield from ((group, version, resource) for resource in resources)


def _of_params(spec: PolicySpec, schemas: Schemas) -> tuple[str, Mapping[str, Any]] | None:
    """The kind of a policy's parameters with its schema, where both are known."""
    if spec.param_kind is None:
        return None
    api_version, kind = spec.param_kind
    group, _, version = api_version.rpartition("/")
    schema = schemas(Kind(group, version, kind))
    return None if schema is None else (kind, schema)


class _Structs(Mapping[str, Mapping[str, Type]]):
    """Message types of policies, and those of the kinds that are checked."""

    def __init__(self, environment: Environment, declared: DeclaredTypes) -> None:
        self.fixed: dict[str, Mapping[str, Type]] = {name: dict(fields) for name, fields in environment.structs}
        self.declared = declared

    def __getitem__(self, name: str) -> Mapping[str, Type]:
        return self.fixed[name] if name in self.fixed else self.declared[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*self.fixed, *self.declared))

    def __len__(self) -> int:
        return len(self.fixed) + len(self.declared)


@dataclass(slots=True)
class _Check:
    """The check of one policy for one kind; `fields` are the types of the variables so far."""

    spec: PolicySpec
    kind: Kind
    version: tuple[int, int]
    fields: dict[str, Type] = field(default_factory=dict)
    found: list[Mistyped] = field(default_factory=list)

    def run(self, schema: Mapping[str, Any], params: tuple[str, Mapping[str, Any]] | None) -> None:
        """Find everything that is wrong."""
        spec, declared = self.spec, DeclaredTypes()
        environment = names.base(self.version, params=spec.param_kind is not None, authorizer=True)
        variables = dict(environment.variables)
        variables["object"] = variables["oldObject"] = declared.kind(self.kind.kind, schema)
        if params is not None:
            variables["params"] = declared.kind(f"params.{params[0]}", params[1])
        structs = _Structs(environment, declared)
        for index, one in enumerate(spec.conditions):
            self.check(one.expression, variables, structs, ("spec", "matchConditions", index, "expression"))
        variables |= names.variables_type()
        structs.fixed[names.VARIABLES] = self.fields
        for index, one in enumerate(spec.variables):
            found = self.check(one.expression, variables, structs, ("spec", "variables", index, "expression"))
            self.fields[one.name] = names.variable_type(found)
        for index, validation in enumerate(spec.validations):
            self.check(validation.expression, variables, structs, ("spec", "validations", index, "expression"))
            if validation.message_expression:
                place: FieldPath = ("spec", "validations", index, "messageExpression")
                self.check(validation.message_expression, variables, structs, place)
        for index, annotation in enumerate(spec.audit):
            self.check(
                annotation.expression, variables, structs, ("spec", "auditAnnotations", index, "valueExpression")
            )

    def check(self, source: str, variables: Mapping[str, Type], structs: _Structs, path: FieldPath) -> Type:
        """The type of an expression, dyn where it has none; what is wrong is noted."""
        try:
            return check_types(source, self.version, variables, structs)
        except ExcessError:
            return DYN  # reported where the policy is compiled
        except CompileError as error:
            text = str(error).removeprefix(error.prefix)
            self.found.append(Mistyped(path, self.kind, error.issues[0], text, len(error.issues)))
            return DYN
