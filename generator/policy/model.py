"""Policies and bindings as the API server stores them: read from plain data, defaults filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.location import FieldPath

POLICY_KIND, BINDING_KIND = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of a label selector."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selector:
    """A label selector; an empty one selects everything."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether all requirements hold of the labels."""
        return all(_holds(r, labels) for r in self.requirements)


def _holds(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    present = requirement.key in labels
    match requirement.operator:
        case "In":
            return present and labels[requirement.key] in requirement.values
        case "NotIn":
            return not present or labels[requirement.key] not in requirement.values
        case "Exists":
            return present
        case _:
            return not present


@dataclass(frozen=True, slots=True)
class Rule:
    """One resource rule."""

    operations: tuple[str, ...]
    groups: tuple[str, ...]
    versions: tuple[str, ...]
    resources: tuple[str, ...]
    names: tuple[str, ...] = ()
    scope: str = "*"


@dataclass(frozen=True, slots=True)
class Match:
    """What a policy or a binding applies to."""

    rules: tuple[Rule, ...] = ()
    excluded: tuple[Rule, ...] = ()
    namespaces: Selector = field(default_factory=Selector)
    objects: Selector = field(default_factory=Selector)
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A match condition or a variable: a name and an expression."""

    name: str
    expression: str


@dataclass(frozen=True, slots=True)
class Validation:
    """One validation with its ways to say what is wrong."""

    expression: str
    message: str = ""
    message_expression: str = ""
    reason: str = "Invalid"


@dataclass(frozen=True, slots=True)
class AuditAnnotation:
    """One annotation for the audit log."""

    key: str
    expression: str


@dataclass(frozen=True, slots=True)
class PolicySpec:
    """A policy, defaults filled in; `ignore_failures` is failurePolicy Ignore."""

    name: str
    match: Match
    validations: tuple[Validation, ...] = ()
    conditions: tuple[Condition, ...] = ()
    variables: tuple[Condition, ...] = ()
    audit: tuple[AuditAnnotation, ...] = ()
    param_kind: tuple[str, str] | None = None
    ignore_failures: bool = False


@dataclass(frozen=True, slots=True)
class ParamRef:
    """Where a binding finds its parameters: one by name or those a selector selects."""

    name: str = ""
    namespace: str = ""
    selector: Selector | None = None
    deny_missing: bool = False


@dataclass(frozen=True, slots=True)
class Binding:
    """What puts a policy to work."""

    name: str
    policy: str
    actions: tuple[str, ...]
    match: Match | None = None
    params: ParamRef | None = None


class ShapeError(Exception):
    """A field that is not of the type its API gives it; `path` is where."""

    def __init__(self, path: FieldPath, message: str) -> None:
        self.path = path
        self.message = message
        super().__init__(message)


def _typed(value: Any, kind: type, path: FieldPath, name: str) -> Any:
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise ShapeError(path, f"must be {name}")
    return value


def mapping(value: Any, path: FieldPath) -> dict[str, Any]:
    """An object, an absent one empty; raises ShapeError."""
    found: dict[str, Any] = _typed(value, dict, path, "an object")
    return found


def items(value: Any, path: FieldPath) -> list[Any]:
    """A list, an absent one empty; raises ShapeError."""
    found: list[Any] = _typed(value, list, path, "a list")
    return found


def text(value: Any, path: FieldPath) -> str:
    """A string, an absent one empty; raises ShapeError."""
    found: str = _typed(value, str, path, "a string")
    return found


def texts(value: Any, path: FieldPath) -> tuple[str, ...]:
    """A list of strings."""
    return tuple(text(v, (*path, i)) for i, v in enumerate(items(value, path)))


def read_selector(value: Any, path: FieldPath) -> Selector:
    """A label selector; raises ShapeError."""
    data = mapping(value, path)
    labels = mapping(data.get("matchLabels"), (*path, "matchLabels"))
    found = [Requirement(k, "In", (text(v, (*path, "matchLabels", k)),)) for k, v in labels.items()]
    for i, entry in enumerate(items(data.get("matchExpressions"), (*path, "matchExpressions"))):
        at = (*path, "matchExpressions", i)
        line = mapping(entry, at)
        values = texts(line.get("values"), (*at, "values"))
        found.append(Requirement(text(line.get("key"), at), text(line.get("operator"), at), values))
    return Selector(tuple(found))


def _read_rules(value: Any, path: FieldPath) -> tuple[Rule, ...]:
    out = []
    for i, entry in enumerate(items(value, path)):
        at = (*path, i)
        data = mapping(entry, at)
        out.append(
            Rule(
                operations=texts(data.get("operations"), (*at, "operations")),
                groups=texts(data.get("apiGroups"), (*at, "apiGroups")),
                versions=texts(data.get("apiVersions"), (*at, "apiVersions")),
                resources=texts(data.get("resources"), (*at, "resources")),
                names=texts(data.get("resourceNames"), (*at, "resourceNames")),
                scope=text(data.get("scope"), (*at, "scope")) or "*",
            )
        )
    return tuple(out)


def read_match(value: Any, path: FieldPath) -> Match:
    """`matchConstraints` or `matchResources`; raises ShapeError."""
    data = mapping(value, path)
    return Match(
        rules=_read_rules(data.get("resourceRules"), (*path, "resourceRules")),
        excluded=_read_rules(data.get("excludeResourceRules"), (*path, "excludeResourceRules")),
        namespaces=read_selector(data.get("namespaceSelector"), (*path, "namespaceSelector")),
        objects=read_selector(data.get("objectSelector"), (*path, "objectSelector")),
        exact=text(data.get("matchPolicy"), (*path, "matchPolicy")) == "Exact",
    )


def _named(value: Any, path: FieldPath) -> tuple[Condition, ...]:
    out = []
    for i, entry in enumerate(items(value, path)):
        data = mapping(entry, (*path, i))
        name = text(data.get("name"), (*path, i, "name"))
        out.append(Condition(name, text(data.get("expression"), (*path, i, "expression"))))
    return tuple(out)


def inside(data: Any, *names: str) -> Any:
    """The value below some fields of plain data; None where anything on the way is absent or not an object."""
    for name in names:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data


def object_name(data: Mapping[str, Any]) -> str:
    """`metadata.name`, empty where there is none."""
    metadata = data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""


def read_policy(data: Mapping[str, Any]) -> PolicySpec:
    """A ValidatingAdmissionPolicy; raises ShapeError."""
    spec = mapping(data.get("spec"), ("spec",))
    validations = []
    for i, entry in enumerate(items(spec.get("validations"), ("spec", "validations"))):
        at: FieldPath = ("spec", "validations", i)
        line = mapping(entry, at)
        validations.append(
            Validation(
                text(line.get("expression"), (*at, "expression")),
                text(line.get("message"), (*at, "message")),
                text(line.get("messageExpression"), (*at, "messageExpression")),
                "Invalid" if line.get("reason") is None else text(line["reason"], (*at, "reason")),
            )
        )
    audit = []
    for i, entry in enumerate(items(spec.get("auditAnnotations"), ("spec", "auditAnnotations"))):
        at = ("spec", "auditAnnotations", i)
        line = mapping(entry, at)
        key = text(line.get("key"), (*at, "key"))
        audit.append(AuditAnnotation(key, text(line.get("valueExpression"), (*at, "valueExpression"))))
    kind = spec.get("paramKind")
    param_kind = None
    if kind is not None:
        kind = mapping(kind, ("spec", "paramKind"))
        at = ("spec", "paramKind")
        param_kind = (text(kind.get("apiVersion"), (*at, "apiVersion")), text(kind.get("kind"), (*at, "kind")))
    return PolicySpec(
        name=object_name(data),
        match=read_match(spec.get("matchConstraints"), ("spec", "matchConstraints")),
        validations=tuple(validations),
        conditions=_named(spec.get("matchConditions"), ("spec", "matchConditions")),
        variables=_named(spec.get("variables"), ("spec", "variables")),
        audit=tuple(audit),
        param_kind=param_kind,
        ignore_failures=text(spec.get("failurePolicy"), ("spec", "failurePolicy")) == "Ignore",
    )


def read_binding(data: Mapping[str, Any]) -> Binding:
    """A ValidatingAdmissionPolicyBinding; raises ShapeError."""
    spec = mapping(data.get("spec"), ("spec",))
    path: FieldPath = ("spec", "paramRef")
    params = None
    if spec.get("paramRef") is not None:
        ref = mapping(spec["paramRef"], path)
        selector = ref.get("selector")
        params = ParamRef(
            name=text(ref.get("name"), (*path, "name")),
            namespace=text(ref.get("namespace"), (*path, "namespace")),
            selector=None if selector is None else read_selector(selector, (*path, "selector")),
            deny_missing=text(ref.get("parameterNotFoundAction"), (*path, "parameterNotFoundAction")) == "Deny",
        )
    match = spec.get("matchResources")
    return Binding(
        name=object_name(data),
        policy=text(spec.get("policyName"), ("spec", "policyName")),
        actions=texts(spec.get("validationActions"), ("spec", "validationActions")),
        match=None if match is None else read_match(match, ("spec", "matchResources")),
        params=params,
    )
