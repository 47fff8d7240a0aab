"""Affinity and topology spread, as KubeVirt's copy of Kubernetes' own validation words them.

Sources: K:pkg/virt-api/webhooks/validating-webhook/admitters/validate-k8s-utils.go, k8s.io/apimachinery
pkg/apis/meta/v1/validation and pkg/util/validation/field.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.cel.text import go_quote
from generator.virtapi import names
from generator.virtapi.cluster import VirtAPI, get
from generator.virtapi.parts import Spec, listed, part
from generator.virtapi.verdict import INVALID, Cause

_REQUIRED_NOW = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_BAD_OPERATOR = "not a valid selector operator"

Complaint = tuple[str, str]
"""A field and its complaint, as field.Error has them."""


def affinity(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """Terms, weights, operators and keys of affinities."""
    given = spec.get("affinity")
    if given is None:
        return
    for where, complaint in _affinity(given, at):
        yield Cause(INVALID, where, f"{where}: {complaint}", "affinity")


def spread(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """Skew, key and action of topology spread constraints."""
    given = listed(spec, "topologySpreadConstraints")
    base = f"{at}.topologySpreadConstraints"
    for index, constraint in enumerate(given):
        for where, complaint in _spread(constraint, given[index + 1 :], f"{base}[{index}]", base):
            yield Cause(INVALID, where, f"{where}: {complaint}", "spread")


def _required(detail: str) -> str:
    return f"Required value: {detail}"


def _forbidden(detail: str) -> str:
    return f"Forbidden: {detail}"


def _invalid(value: Any, detail: str) -> str:
    shown = str(value) if isinstance(value, int) else go_quote(value)
    return f"Invalid value: {shown}: {detail}"


def _affinity(given: Mapping[str, Any], at: str) -> Iterator[Complaint]:
    node = given.get("nodeAffinity")
    if node is not None:
        where = f"{at}.nodeAffinity"
        if _REQUIRED_NOW in node:
            yield from _node_selector(node[_REQUIRED_NOW], f"{where}.{_REQUIRED_NOW}")
        for index, term in enumerate(node.get(_PREFERRED) or ()):
            place = f"{where}.{_PREFERRED}[{index}]"
            yield from _weight(term, place)
            yield from _node_term(part(term, "preference"), f"{place}.preference")
    for key in ("podAffinity", "podAntiAffinity"):
        pods = given.get(key) or {}
        for index, term in enumerate(pods.get(_REQUIRED_NOW) or ()):
            yield from _pod_term(term, f"{at}.{key}.{_REQUIRED_NOW}[{index}]")
        for index, term in enumerate(pods.get(_PREFERRED) or ()):
            place = f"{at}.{key}.{_PREFERRED}[{index}]"
            yield from _weight(term, place)
            yield from _pod_term(part(term, "podAffinityTerm"), f"{place}.podAffinityTerm")


def _weight(term: Mapping[str, Any], where: str) -> Iterator[Complaint]:
    weight = term.get("weight", 0)
    if not 0 < weight <= 100:
        yield f"{where}.weight", _invalid(weight, "must be in the range 1-100")


def _node_selector(selector: Mapping[str, Any], where: str) -> Iterator[Complaint]:
    terms = selector.get("nodeSelectorTerms") or ()
    if not terms:
        yield f"{where}.nodeSelectorTerms", _required("must have at least one node selector term")
    for index, term in enumerate(terms):
        yield from _node_term(term, f"{where}.nodeSelectorTerms[{index}]")


def _node_term(term: Mapping[str, Any], where: str) -> Iterator[Complaint]:
    for index, requirement in enumerate(term.get("matchExpressions") or ()):
        yield from _node_expression(requirement, f"{where}.matchExpressions[{index}]")
    for index, requirement in enumerate(term.get("matchFields") or ()):
        yield from _node_field(requirement, f"{where}.matchFields[{index}]")


def _node_expression(requirement: Mapping[str, Any], where: str) -> Iterator[Complaint]:
    operator, values = requirement.get("operator", ""), requirement.get("values") or ()
    if operator in {"Gt", "Lt"}:
        if len(values) != 1:
            yield f"{where}.values", _required("must be specified single value when `operator` is 'Lt' or 'Gt'")
    else:
        yield from _operator(operator, values, where)
    yield from _key(requirement.get("key", ""), where)


def _operator(operator: str, values: Any, where: str) -> Iterator[Complaint]:
    """In and NotIn have values, Exists and DoesNotExist have none."""
    if operator in {"In", "NotIn"}:
        if not values:
            yield f"{where}.values", _required("must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in {"Exists", "DoesNotExist"}:
        if values:
            detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            yield f"{where}.values", _forbidden(detail)
    else:
        yield f"{where}.operator", _invalid(operator, _BAD_OPERATOR)


def _node_field(requirement: Mapping[str, Any], where: str) -> Iterator[Complaint]:
    operator, values = requirement.get("operator", ""), requirement.get("values") or ()
    if operator not in {"In", "NotIn"}:
        yield f"{where}.operator", _invalid(operator, _BAD_OPERATOR)
    elif len(values) != 1:
        detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        yield f"{where}.values", _required(detail)
    key = requirement.get("key", "")
    if key != "metadata.name":
        yield f"{where}.key", _invalid(key, "not a valid field selector key")
        return
    for index, value in enumerate(values):
        for complaint in names.subdomain(value):
            yield f"{where}.values[{index}]", _invalid(value, complaint)


def _key(key: str, where: str, name: str = "key") -> Iterator[Complaint]:
    for complaint in names.qualified(key):
        yield f"{where}.{name}", _invalid(key, complaint)


def _label_selector(selector: Mapping[str, Any] | None, where: str) -> Iterator[Complaint]:
    if selector is None:
        return
    for key, value in (selector.get("matchLabels") or {}).items():
        for complaint in names.qualified(key):
            yield f"{where}.matchLabels", _invalid(key, complaint)
        for complaint in names.label_value(value):
            yield f"{where}.matchLabels", _invalid(value, complaint)
    for index, requirement in enumerate(selector.get("matchExpressions") or ()):
        place, values = f"{where}.matchExpressions[{index}]", requirement.get("values") or ()
        yield from _operator(requirement.get("operator", ""), values, place)
        yield from _key(requirement.get("key", ""), place)
        for number, value in enumerate(values):
            for complaint in names.label_value(value):
                yield f"{place}.values[{number}]", _invalid(value, complaint)


def _pod_term(term: Mapping[str, Any], where: str) -> Iterator[Complaint]:
    yield from _label_selector(term.get("labelSelector"), f"{where}.labelSelector")
    yield from _label_selector(term.get("namespaceSelector"), f"{where}.namespaceSelector")
    for name in term.get("namespaces") or ():
        for complaint in names.label(name):
            yield f"{where}.namespace", _invalid(name, complaint)
    key = term.get("topologyKey", "")
    if not key:
        yield f"{where}.topologyKey", _required("can not be empty")
    yield from _key(key, where, "topologyKey")


def _spread(constraint: Mapping[str, Any], later: list[Any], where: str, base: str) -> Iterator[Complaint]:
    skew, key = constraint.get("maxSkew", 0), constraint.get("topologyKey", "")
    action = constraint.get("whenUnsatisfiable", "")
    if skew <= 0:
        yield f"{where}.maxSkew", _invalid(skew, "must be greater than zero")
    if not key:
        yield f"{where}.topologyKey", _required("can not be empty")
    else:
        yield from _key(key, where, "topologyKey")
    if action not in {"DoNotSchedule", "ScheduleAnyway"}:
        supported = '"DoNotSchedule", "ScheduleAnyway"'
        yield f"{where}.whenUnsatisfiable", f'Unsupported value: "{action}": supported values: {supported}'
    yield from _label_selector(constraint.get("labelSelector"), f"{base}.labelSelector")
    for other in later:
        if (get(other, "topologyKey") or "", get(other, "whenUnsatisfiable") or "") == (key, action):
            pair = go_quote(f"{{{key}, {action}}}")
            yield f"{where}.{{topologyKey, whenUnsatisfiable}}", f"Duplicate value: {pair}"
            return
