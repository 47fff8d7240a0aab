"""Where a pod may run: affinities, tolerations, and how pods are spread (K8s: core/validation)."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.words import (
    check_selector,
    complaints,
    duplicate,
    forbidden,
    listed,
    mapping,
    objects,
    unsupported,
)
from generator.schema.violation import Violation, invalid, required

Labels = Mapping[str, Any] | None
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_UNSATISFIABLE = ("DoNotSchedule", "ScheduleAnyway")
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")


def check_affinity(affinity: dict[str, Any], path: FieldPath, labels: Labels) -> Iterator[Violation]:
    """`affinity` of a pod; `labels` are its own, None of a template."""
    node, at = mapping(affinity.get("nodeAffinity")), (*path, "nodeAffinity")
    if node.get(_REQUIRED) is not None:
        yield from check_node_selector(mapping(node[_REQUIRED]), (*at, _REQUIRED))
    for place, term in objects(node.get(_PREFERRED), (*at, _PREFERRED)):
        yield from _weight(term, place)
        yield from _node_term(mapping(term.get("preference")), (*place, "preference"), strict=False)
    for key in ("podAffinity", "podAntiAffinity"):
        pods, at = mapping(affinity.get(key)), (*path, key)
        for place, term in objects(pods.get(_REQUIRED), (*at, _REQUIRED)):
            yield from _pod_term(term, place, labels)
        for place, term in objects(pods.get(_PREFERRED), (*at, _PREFERRED)):
            yield from _weight(term, place)
            yield from _pod_term(mapping(term.get("podAffinityTerm")), (*place, "podAffinityTerm"), labels)


def check_node_selector(selector: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """Terms that choose nodes, of which a node matches at least one."""
    terms, where = selector.get("nodeSelectorTerms"), (*path, "nodeSelectorTerms")
    if not listed(terms):
        yield required(where, "must have at least one node selector term")
    for place, term in objects(terms, where):
        yield from _node_term(term, place, strict=True)


def _weight(term: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    weight = term.get("weight") or 0
    if not 1 <= weight <= 100:
        yield invalid((*path, "weight"), weight, "must be in the range 1-100")


def _node_term(term: dict[str, Any], path: FieldPath, *, strict: bool) -> Iterator[Violation]:
    for at, requirement in objects(term.get("matchExpressions"), (*path, "matchExpressions")):
        operator, key = requirement.get("operator") or "", requirement.get("key") or ""
        values = listed(requirement.get("values"))
        if operator in ("In", "NotIn") and not values:
            yield required((*at, "values"), "must be specified when `operator` is 'In' or 'NotIn'")
        elif operator in ("Exists", "DoesNotExist") and values:
            yield forbidden((*at, "values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
        elif operator in ("Gt", "Lt") and len(values) != 1:
            yield required((*at, "values"), "must be specified single value when `operator` is 'Lt' or 'Gt'")
        elif operator not in _OPERATORS:
            yield invalid((*at, "operator"), operator, "not a valid selector operator")
        yield from complaints((*at, "key"), key, naming.label_key(key))
        for index, value in enumerate(values if strict else ()):
            yield from complaints((*at, "values", index), value or "", naming.label_value(value or ""))
    for at, requirement in objects(term.get("matchFields"), (*path, "matchFields")):
        yield from _node_field(requirement, at)


def _node_field(requirement: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    operator, key, values = requirement.get("operator") or "", requirement.get("key") or "", requirement.get("values")
    if operator not in ("In", "NotIn"):
        yield invalid((*path, "operator"), operator, "not a valid selector operator")
    elif len(listed(values)) != 1:
        detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        yield required((*path, "values"), detail)
    if key != "metadata.name":
        yield invalid((*path, "key"), key, "not a valid field selector key", hint="the only field is metadata.name")
        return
    for index, value in enumerate(listed(values)):
        yield from complaints((*path, "values", index), value or "", naming.subdomain(value or ""))


def _pod_term(term: dict[str, Any], path: FieldPath, labels: Labels) -> Iterator[Violation]:
    for key in ("labelSelector", "namespaceSelector"):
        yield from check_selector(term.get(key), (*path, key))
    for index, name in enumerate(listed(term.get("namespaces"))):
        yield from complaints((*path, "namespaces", index), name or "", naming.label(name or ""))
    yield from _label_keys(term, path, labels)
    key = term.get("topologyKey") or ""
    if not key:
        yield required((*path, "topologyKey"), "can not be empty")
    yield from complaints((*path, "topologyKey"), key, naming.label_key(key))


def _label_keys(term: dict[str, Any], path: FieldPath, labels: Labels) -> Iterator[Violation]:
    """Keys of the pod's own labels, which the server adds to the selector when it makes the pod."""
    selector = term.get("labelSelector")
    for name in ("matchLabelKeys", "mismatchLabelKeys"):
        keys = listed(term.get(name))
        if keys and selector is None:
            yield forbidden((*path, name), "must not be specified when labelSelector is not set")
        for index, key in enumerate(keys if selector is not None else ()):
            yield from complaints((*path, name, index), key or "", naming.label_key(key or ""))
    keys, other = listed(term.get("matchLabelKeys")), listed(term.get("mismatchLabelKeys"))
    named = [requirement.get("key") or "" for _, requirement in objects(mapping(selector).get("matchExpressions"), ())]
    named += [key for key in keys if labels is not None and key in labels] if selector is not None else []
    seen = set(mapping(mapping(selector).get("matchLabels")))
    for key in named:
        if key in keys and key in seen:
            index = len(keys) - 1 - keys[::-1].index(key)
            yield invalid((*path, "matchLabelKeys", index), key, _IN_BOTH, hint="remove it from one of the two")
        seen.add(key)
    for index, key in enumerate(keys):
        if key in other:
            detail = "exists in both matchLabelKeys and mismatchLabelKeys"
            yield invalid((*path, "matchLabelKeys", index), key, detail)


_IN_BOTH = "exists in both matchLabelKeys and labelSelector"


def check_spread(constraints: Any, path: FieldPath, labels: Labels) -> Iterator[Violation]:
    """`topologySpreadConstraints` of a pod; `labels` are its own, None of a template."""
    found = list(objects(constraints, path))
    kinds = [(one.get("topologyKey") or "", one.get("whenUnsatisfiable") or "") for _, one in found]
    for index, (at, one) in enumerate(found):
        skew, (key, action) = one.get("maxSkew") or 0, kinds[index]
        if skew <= 0:
            yield invalid((*at, "maxSkew"), skew, "must be greater than zero")
        if not key:
            yield required((*at, "topologyKey"), "can not be empty")
        if action not in _UNSATISFIABLE:
            yield unsupported((*at, "whenUnsatisfiable"), action, _UNSATISFIABLE)
        if kinds[index] in kinds[index + 1 :]:
            yield duplicate(at, f"{{{key}, {action}}}")
        domains = one.get("minDomains")
        if domains is not None and domains <= 0:
            yield invalid((*at, "minDomains"), domains, "must be greater than zero")
        if domains is not None and action != "DoNotSchedule":
            detail = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
            yield invalid((*at, "minDomains"), domains, detail)
        for policy in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            value = one.get(policy)
            if value is not None and value not in ("Honor", "Ignore"):
                yield unsupported((*at, policy), value, ("Honor", "Ignore"))
        yield from _label_keys({**one, "mismatchLabelKeys": None}, at, labels)
        yield from check_selector(one.get("labelSelector"), (*at, "labelSelector"))


def check_tolerations(tolerations: Any, path: FieldPath) -> Iterator[Violation]:
    """`tolerations` of a pod."""
    for at, toleration in objects(tolerations, path):
        yield from _toleration(toleration, at)


def _toleration(toleration: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    key, operator, value = (toleration.get(name) or "" for name in ("key", "operator", "value"))
    effect, at = toleration.get("effect") or "", (*path, "operator")
    if key:
        yield from complaints((*path, "key"), key, naming.label_key(key))
    elif operator != "Exists":
        detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        yield invalid(at, operator, detail, hint="add a key, or write operator: Exists")
    if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
        detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        yield invalid((*path, "effect"), effect, detail)
    if operator in ("Equal", ""):
        if found := naming.label_value(value):
            yield invalid(at, value, ";".join(found))
    elif operator == "Exists":
        if value:
            yield invalid(at, value, "value must be empty when `operator` is 'Exists'", hint="remove the value")
    elif operator in ("Lt", "Gt"):
        yield unsupported(at, operator, ("Equal", "Exists", "Lt", "Gt"))
    else:
        yield unsupported(at, operator, ("Equal", "Exists"))
    if effect and effect not in _EFFECTS:
        yield unsupported((*path, "effect"), effect, _EFFECTS)
