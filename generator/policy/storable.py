"""The rules of the server for storing a policy or binding, apart from its expressions."""

import re
from collections.abc import Mapping
from typing import Any

from generator.cel.formats import label_value, qualified_name, subdomain
from generator.cel.parser import KEYWORDS
from generator.location import FieldPath
from generator.policy.model import ShapeError, items, mapping, object_name, read_binding, text, texts
from generator.policy.problem import Problem, duplicate, forbidden, invalid, required, unsupported
from generator.schema.naming import dns1035_label

_OPERATIONS = ("*", "CREATE", "UPDATE", "DELETE", "CONNECT")
_SCOPES = ("*", "Cluster", "Namespaced")
_ACTIONS = ("Audit", "Deny", "Warn")
REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge")
MAX_CONDITIONS, MAX_ANNOTATIONS, MAX_VALUE_EXPRESSION = 64, 20, 5 * 1024


def policy_problems(data: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a policy's name and matching; raises model.ShapeError."""
    spec = mapping(data.get("spec"), ("spec",))
    out = _name(data)
    policy = spec.get("failurePolicy")
    if policy is not None and policy not in ("Fail", "Ignore"):
        out.append(unsupported(("spec", "failurePolicy"), policy, ("Fail", "Ignore")))
    if spec.get("paramKind") is not None:
        out += _param_kind(mapping(spec["paramKind"], ("spec", "paramKind")))
    path: FieldPath = ("spec", "matchConstraints")
    if spec.get("matchConstraints") is None:
        out.append(required(path))
        return out
    out += match_problems(spec["matchConstraints"], path)
    if not mapping(spec["matchConstraints"], path).get("resourceRules"):
        out.append(required((*path, "resourceRules")))
    return out


def _name(data: Mapping[str, Any]) -> list[Problem]:
    name = object_name(data)
    metadata = data.get("metadata")
    if not name:
        if isinstance(metadata, dict) and metadata.get("generateName"):
            return []
        return [required(("metadata", "name"), "name or generateName is required")]
    return [invalid(("metadata", "name"), name, m) for m in subdomain(name)]


def _param_kind(kind: dict[str, Any]) -> list[Problem]:
    path: FieldPath = ("spec", "paramKind")
    out: list[Problem] = []
    api_version, name = text(kind.get("apiVersion"), path), text(kind.get("kind"), path)
    group, slash, version = api_version.rpartition("/")
    if not api_version:
        out.append(required((*path, "apiVersion")))
    elif slash and not group:
        out.append(invalid((*path, "apiVersion"), api_version, "apiVersion must be of the form group/version"))
    else:
        out += [invalid((*path, "apiVersion"), group, m) for m in (subdomain(group) if group else [])]
        out += [invalid((*path, "apiVersion"), version, m) for m in dns1035_label(version)]
    if not name:
        out.append(required((*path, "kind")))
    else:
        out += [
            invalid((*path, "kind"), name, f"may have mixed case, but should otherwise match: {m}")
            for m in dns1035_label(name.lower())
        ]
    return out


def match_problems(value: Any, path: FieldPath) -> list[Problem]:
    """What is wrong with `matchConstraints` or `matchResources`; raises model.ShapeError."""
    data = mapping(value, path)
    out: list[Problem] = []
    policy = data.get("matchPolicy")
    if policy is not None and policy not in ("Exact", "Equivalent"):
        out.append(unsupported((*path, "matchPolicy"), policy, ("Exact", "Equivalent")))
    for name in ("namespaceSelector", "objectSelector"):
        if data.get(name) is not None:
            out += selector_problems(data[name], (*path, name))
    for name in ("resourceRules", "excludeResourceRules"):
        for i, rule in enumerate(items(data.get(name), (*path, name))):
            out += _rule(mapping(rule, (*path, name, i)), (*path, name, i))
    return out


def selector_problems(value: Any, path: FieldPath) -> list[Problem]:
    """What is wrong with a label selector; raises model.ShapeError."""
    data = mapping(value, path)
    out: list[Problem] = []
    for key, wanted in mapping(data.get("matchLabels"), (*path, "matchLabels")).items():
        out += [invalid((*path, "matchLabels"), key, m) for m in qualified_name(key)]
        shown = text(wanted, (*path, "matchLabels", key))
        out += [invalid((*path, "matchLabels"), shown, m) for m in label_value(shown)]
    for i, entry in enumerate(items(data.get("matchExpressions"), (*path, "matchExpressions"))):
        out += _requirement(mapping(entry, (*path, "matchExpressions", i)), (*path, "matchExpressions", i))
    return out


def _requirement(data: dict[str, Any], path: FieldPath) -> list[Problem]:
    operator, key = text(data.get("operator"), path), text(data.get("key"), path)
    values = texts(data.get("values"), (*path, "values"))
    out: list[Problem] = []
    if operator in ("In", "NotIn"):
        if not values:
            out.append(required((*path, "values"), "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            out.append(
                forbidden((*path, "values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
            )
    else:
        out.append(invalid((*path, "operator"), operator, "not a valid selector operator"))
    out += [invalid((*path, "key"), key, m) for m in qualified_name(key)]
    for i, value in enumerate(values):
        out += [invalid((*path, "values", i), value, m) for m in label_value(value)]
    return out


def _rule(data: dict[str, Any], path: FieldPath) -> list[Problem]:
    out: list[Problem] = []
    seen: set[str] = set()
    for i, name in enumerate(texts(data.get("resourceNames"), (*path, "resourceNames"))):
        out += [invalid((*path, "resourceNames", i), name, m) for m in _path_segment(name)]
        if name in seen:
            out.append(duplicate((*path, "resourceNames", i), name))
        seen.add(name)
    operations = texts(data.get("operations"), (*path, "operations"))
    if not operations:
        out.append(required((*path, "operations")))
    if len(operations) > 1 and "*" in operations:
        out.append(
            invalid((*path, "operations"), list(operations), "if '*' is present, must not specify other operations")
        )
    for i, operation in enumerate(operations):
        if operation not in _OPERATIONS:
            out.append(unsupported((*path, "operations", i), operation, _OPERATIONS))
    for name, words in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        values = texts(data.get(name), (*path, name))
        if not values:
            out.append(required((*path, name)))
        if len(values) > 1 and "*" in values:
            out.append(invalid((*path, name), list(values), f"if '*' is present, must not specify other {words}"))
        if name == "apiVersions":
            out += [required((*path, name, i)) for i, v in enumerate(values) if not v]
    out += _resources(texts(data.get("resources"), (*path, "resources")), (*path, "resources"))
    scope = data.get("scope")
    if scope is not None and scope not in _SCOPES:
        out.append(unsupported((*path, "scope"), scope, _SCOPES))
    return out


def _path_segment(name: str) -> list[str]:
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{c}'" for c in ("/", "%") if c in name]


def _resources(resources: tuple[str, ...], path: FieldPath) -> list[Problem]:
    out: list[Problem] = [] if resources else [required(path)]
    whole: set[str] = set()
    subs: set[str] = set()
    plain = False
    for i, resource in enumerate(resources):
        if not resource:
            out.append(required((*path, i)))
            continue
        head, slash, sub = resource.partition("/")
        if not slash:
            plain = resource != "*"
            continue
        if head in whole:
            out.append(invalid((*path, i), resource, f"if '{head}/*' is present, must not specify {resource}"))
        if sub in subs:
            out.append(invalid((*path, i), resource, f"if '*/{sub}' is present, must not specify {resource}"))
        if sub == "*":
            whole.add(head)
        if head == "*":
            subs.add(sub)
    if len(resources) > 1 and "*/*" in resources:
        out.append(invalid(path, list(resources), "if '*/*' is present, must not specify other resources"))
    if "*" in resources and plain:
        detail = "if '*' is present, must not specify other resources without subresources"
        out.append(invalid(path, list(resources), detail))
    return out


def binding_problems(data: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a binding: its form, or else what the server would say."""
    try:
        read_binding(data)
        return _binding_problems(data)
    except ShapeError as error:
        return [Problem(error.path, error.message)]


def _binding_problems(data: Mapping[str, Any]) -> list[Problem]:
    spec = mapping(data.get("spec"), ("spec",))
    out = _name(data)
    name = text(spec.get("policyName"), ("spec", "policyName"))
    path: FieldPath = ("spec", "policyName")
    out += [invalid(path, name, m) for m in subdomain(name)] if name else [required(path)]
    if spec.get("paramRef") is not None:
        out += _param_ref(mapping(spec["paramRef"], ("spec", "paramRef")))
    if spec.get("matchResources") is not None:
        out += match_problems(spec["matchResources"], ("spec", "matchResources"))
    path = ("spec", "validationActions")
    actions = texts(spec.get("validationActions"), path)
    for i, action in enumerate(actions):
        if action not in _ACTIONS:
            out.append(unsupported((*path, i), action, _ACTIONS))
        if action in actions[:i]:
            out.append(duplicate((*path, i), action))
    if "Deny" in actions and "Warn" in actions:
        detail = "must not contain both Deny and Warn (repeating the same validation failure information in the API"
        out.append(invalid(path, list(actions), f"{detail} response and headers serves no purpose)"))
    if not actions:
        out.append(required(path, "at least one validation action is required"))
    return out


def _param_ref(data: dict[str, Any]) -> list[Problem]:
    path: FieldPath = ("spec", "paramRef")
    out: list[Problem] = []
    name, selector = text(data.get("name"), (*path, "name")), data.get("selector")
    both = "name and selector are mutually exclusive"
    if name:
        out += [invalid((*path, "name"), name, m) for m in _path_segment(name)]
        if selector is not None:
            out.append(forbidden((*path, "name"), both))
    if selector is not None:
        out += selector_problems(selector, (*path, "selector"))
        if name:
            out.append(forbidden((*path, "selector"), both))
    if not name and selector is None:
        out.append(required(path, "one of name or selector must be specified"))
    action = data.get("parameterNotFoundAction")
    if not action:
        out.append(required((*path, "parameterNotFoundAction")))
    elif action not in ("Allow", "Deny"):
        out.append(unsupported((*path, "parameterNotFoundAction"), action, ("Allow", "Deny")))
    return out


def variable_name_problem(name: str, path: FieldPath) -> Problem | None:
    """What is wrong with a variable's name."""
    if not name.strip():
        return required(path, "name is not specified")
    if not re.fullmatch(r"[_a-zA-Z][_a-zA-Z0-9]*", name) or name in KEYWORDS:
        return invalid(path, name, "must be a valid CEL identifier")
    return None
