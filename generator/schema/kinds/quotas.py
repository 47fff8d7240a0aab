"""Quotas and limits of a namespace (K8s: core/validation)."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.resources import (
    amount,
    check_amount,
    check_container_resource,
    check_quota_resource,
    check_resource,
    may_overcommit,
)
from generator.schema.kinds.words import complaints, duplicate, forbidden, listed, mapping, objects
from generator.schema.violation import Violation, invalid, required

_PODS, _COMPUTE = (
    frozenset({"pods"}),
    frozenset({"cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"}),
)
_CLAIMS = frozenset({"persistentvolumeclaims", "requests.storage"})
_SCOPES: Mapping[str, frozenset[str]] = {
    "BestEffort": _PODS,
    **dict.fromkeys(("Terminating", "NotTerminating", "NotBestEffort"), _PODS | _COMPUTE),
    **dict.fromkeys(("PriorityClass", "CrossNamespacePodAffinity"), _PODS | _COMPUTE),
    "VolumeAttributesClass": _CLAIMS,
}
"""Scopes, and the standard resources that each can limit."""
_STANDARD = frozenset(
    {
        *(_PODS | _COMPUTE | _CLAIMS),
        *("ephemeral-storage", "requests.ephemeral-storage", "limits.ephemeral-storage", "resourcequotas", "services"),
        *("replicationcontrollers", "secrets", "configmaps", "services.nodeports", "services.loadbalancers"),
    }
)
_APART = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))
_EXISTS_ONLY = ("BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity")
_EXISTS_WORDS = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)
_LIMITED = ("Pod", "Container", "PersistentVolumeClaim")


def check_quota(data: dict[str, Any]) -> Iterator[Violation]:
    """A ResourceQuota."""
    spec = mapping(data.get("spec"))
    hard = mapping(spec.get("hard"))
    for name, value in hard.items():
        yield from check_quota_resource(name, ("spec", "hard", name))
        yield from check_amount(name, value, ("spec", "hard", name))
    scopes, path = [scope or "" for scope in listed(spec.get("scopes"))], ("spec", "scopes")
    for scope in scopes:
        if scope not in _SCOPES:
            yield invalid(path, scopes, "unsupported scope", hint=f"known: {', '.join(sorted(_SCOPES))}")
        yield from _fit(scope, hard, path, scopes)
    yield from _conflicts(set(scopes), path, scopes)
    at = ("spec", "scopeSelector", "matchExpressions")
    found = list(objects(mapping(spec.get("scopeSelector")).get("matchExpressions"), at))
    for where, requirement in found:
        yield from _requirement(requirement, where, hard)
    yield from _conflicts({one.get("scopeName") or "" for _, one in found}, at, scopes)


def _fit(scope: str, hard: dict[str, Any], path: FieldPath, shown: Any) -> Iterator[Violation]:
    allowed = _SCOPES.get(scope)
    for name in sorted(hard):
        standard = name in _STANDARD or name.startswith(("hugepages-", "requests.hugepages-"))
        if allowed is not None and standard and name not in allowed:
            hint = f"the scope {scope} limits {', '.join(sorted(allowed))} alone"
            yield invalid(path, shown, "unsupported scope applied to resource", hint=hint)


def _conflicts(scopes: set[str], path: FieldPath, shown: Any) -> Iterator[Violation]:
    for pair in _APART:
        if scopes.issuperset(pair):
            yield invalid(path, shown, "conflicting scopes", hint=f"remove {pair[0]} or {pair[1]}")


def _requirement(requirement: dict[str, Any], path: FieldPath, hard: dict[str, Any]) -> Iterator[Violation]:
    scope, operator = requirement.get("scopeName") or "", requirement.get("operator") or ""
    values = listed(requirement.get("values"))
    if scope not in _SCOPES:
        yield invalid((*path, "scopeName"), scope, "unsupported scope", hint=f"known: {', '.join(sorted(_SCOPES))}")
    yield from _fit(scope, hard, path, requirement)
    if scope in _EXISTS_ONLY and operator != "Exists":
        yield invalid((*path, "operator"), operator, _EXISTS_WORDS)
    if operator in ("In", "NotIn"):
        if not values:
            detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
            yield required((*path, "values"), detail)
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
            yield invalid((*path, "values"), values, detail)
    else:
        yield invalid((*path, "operator"), operator, "not a valid selector operator")


def check_limit_range(data: dict[str, Any]) -> Iterator[Violation]:
    """A LimitRange."""
    kinds: set[str] = set()
    for path, limit in objects(mapping(data.get("spec")).get("limits"), ("spec", "limits")):
        kind = limit.get("type") or ""
        wrong = naming.label_key(kind)
        yield from complaints((*path, "type"), kind, wrong)
        if not wrong and "/" not in kind and kind not in _LIMITED:
            hint = f"known: {', '.join(_LIMITED)}"
            yield invalid((*path, "type"), kind, "must be a standard limit type or fully qualified", hint=hint)
        if kind in kinds:
            yield duplicate((*path, "type"), kind)
        kinds.add(kind)
        yield from _limit(limit, kind, path)


def _limit(limit: dict[str, Any], kind: str, path: FieldPath) -> Iterator[Violation]:
    keys = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"]
    if kind == "Pod":
        for key in ("default", "defaultRequest"):
            keys.remove(key)
            if mapping(limit.get(key)):
                yield forbidden((*path, key), "may not be specified when `type` is 'Pod'", "remove it")
    check = check_container_resource if kind in ("Pod", "Container") else check_resource
    for key in keys:
        for name in mapping(limit.get(key)):
            yield from check(name, (*path, key, name))
    found = {key: mapping(limit.get(key)) for key in keys}
    if kind == "PersistentVolumeClaim" and "storage" not in found["min"] and "storage" not in found["max"]:
        detail = "either minimum or maximum storage value is required, but neither was provided"
        yield required(path, detail)
    if kind == "Container":
        found = _filled(found)
    for name in dict.fromkeys(name for key in keys for name in found[key]):
        yield from _order({key: found[key].get(name) for key in keys}, name, path)


def _filled(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Usual amounts of containers follow from the others."""
    usual = {**found["max"], **found["default"]}
    asked = {**found["min"], **usual, **found["defaultRequest"]}
    return {**found, "default": usual, "defaultRequest": asked}


_ORDERED = (
    ("min", "min", "max", "min value {} is greater than max value {}"),
    ("defaultRequest", "min", "defaultRequest", "min value {} is greater than default request value {}"),
    ("defaultRequest", "defaultRequest", "max", "default request value {} is greater than max value {}"),
    ("defaultRequest", "defaultRequest", "default", "default request value {} is greater than default limit value {}"),
    ("default", "min", "default", "min value {} is greater than default value {}"),
    ("default", "default", "max", "default value {} is greater than max value {}"),
)


def _order(given: dict[str, Any], name: str, path: FieldPath) -> Iterator[Violation]:
    """What must not be above what, of one resource."""
    values = {key: amount(value) for key, value in given.items()}
    for key, low, high, words in _ORDERED:
        one, other = values.get(low), values.get(high)
        if one is not None and other is not None and one > other:
            shown = given[low if (low, high) == ("min", "default") else high if key == "default" else key]
            yield invalid((*path, key, name), str(shown), words.format(given[low], given[high]))
    ratio, least, most = (values.get(key) for key in ("maxLimitRequestRatio", "min", "max"))
    at = (*path, "maxLimitRequestRatio", name)
    if ratio is not None and ratio < 1:
        shown = str(given["maxLimitRequestRatio"])
        yield invalid(at, shown, f"ratio {shown} is less than 1")
    if ratio is not None and least and most is not None and ratio > most / least:
        shown = str(given["maxLimitRequestRatio"])
        yield invalid(at, shown, f"ratio {shown} is greater than max/min = {float(most / least):f}")
    usual, asked = values.get("default"), values.get("defaultRequest")
    if not may_overcommit(name) and usual is not None and asked is not None and usual != asked:
        words = f"default value {given['default']} must equal to defaultRequest value {given['defaultRequest']}"
        yield invalid((*path, "defaultRequest", name), str(given["defaultRequest"]), f"{words} in {name}")
