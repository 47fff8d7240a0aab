"""The spec of a pod, of its own or in a template."""

from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.containers import check_containers, check_security
from generator.schema.kinds.volumes import check_volumes
from generator.schema.kinds.words import (
    complaints,
    duplicates,
    forbidden,
    listed,
    mapping,
    objects,
    one_of,
    unsupported,
)
from generator.schema.violation import Violation, invalid, required

_EFFECTS = ("NoExecute", "NoSchedule", "PreferNoSchedule")
_NODE_OPERATORS = ("DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn")


def check_pod_spec(spec: dict[str, Any], path: FieldPath, *, templated: bool) -> Iterator[Violation]:
    """A pod's spec; a template of pods has no containers that come later."""
    yield from check_volumes(spec, path)
    yield from check_containers(spec, path)
    if templated and listed(spec.get("ephemeralContainers")):
        yield forbidden((*path, "ephemeralContainers"), "ephemeral containers not allowed in pod template")
    yield from one_of(spec, "restartPolicy", ("Always", "OnFailure", "Never", ""), path)
    yield from one_of(spec, "dnsPolicy", ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None", ""), path)
    yield from one_of(spec, "preemptionPolicy", ("Never", "PreemptLowerPriority"), path)
    deadline = spec.get("activeDeadlineSeconds")
    if isinstance(deadline, int) and not 1 <= deadline <= 2**31 - 1:
        yield invalid((*path, "activeDeadlineSeconds"), deadline, "must be between 1 and 2147483647, inclusive")
    for key, value in mapping(spec.get("nodeSelector")).items():
        yield from complaints((*path, "nodeSelector"), key, naming.label_key(key))
        yield from complaints((*path, "nodeSelector"), value or "", naming.label_value(value or ""))
    for key in ("serviceAccountName", "priorityClassName", "runtimeClassName"):
        if spec.get(key):
            yield from complaints((*path, key), spec[key], naming.subdomain(spec[key]))
    for key in ("hostname", "subdomain"):
        if spec.get(key):
            yield from complaints((*path, key), spec[key], naming.label(spec[key]))
    for at, toleration in objects(spec.get("tolerations"), (*path, "tolerations")):
        yield from _toleration(toleration, at)
    yield from _claims(spec, path)
    context, at = mapping(spec.get("securityContext")), (*path, "securityContext")
    yield from check_security(context, at)
    yield from one_of(context, "fsGroupChangePolicy", ("Always", "OnRootMismatch"), at)
    yield from one_of(context, "supplementalGroupsPolicy", ("Merge", "Strict"), at)
    yield from _host_ports(spec, path)
    affinity = mapping(mapping(spec.get("affinity")).get("nodeAffinity"))
    needed = mapping(affinity.get("requiredDuringSchedulingIgnoredDuringExecution"))
    if affinity.get("requiredDuringSchedulingIgnoredDuringExecution") is not None:
        at = (*path, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
        yield from _node_terms(needed, at)


def _toleration(toleration: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    key, operator, value = (toleration.get(name) or "" for name in ("key", "operator", "value"))
    effect = toleration.get("effect") or ""
    if key:
        yield from complaints((*path, "key"), key, naming.label_key(key))
    elif operator != "Exists":
        detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        yield invalid((*path, "operator"), operator, detail)
    if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
        yield invalid((*path, "effect"), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")
    if operator in ("Equal", ""):
        if found := naming.label_value(value):
            yield invalid((*path, "operator"), value, ";".join(found))
    elif operator == "Exists":
        if value:
            yield invalid((*path, "operator"), value, "value must be empty when `operator` is 'Exists'")
    else:
        yield unsupported((*path, "operator"), operator, ("Equal", "Exists"))
    if effect and effect not in _EFFECTS:
        yield unsupported((*path, "effect"), effect, _EFFECTS)


def _claims(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    claims = list(objects(spec.get("resourceClaims"), (*path, "resourceClaims")))
    for at, claim in claims:
        name = claim.get("name") or ""
        if not name:
            yield required((*at, "name"))
        else:
            yield from complaints((*at, "name"), name, naming.label(name))
        sources = [key for key in ("resourceClaimName", "resourceClaimTemplateName") if claim.get(key) is not None]
        if len(sources) > 1:
            detail = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            yield invalid(at, claim, detail)
        elif not sources:
            yield invalid(at, claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")
        for key in sources:
            yield from complaints((*at, key), claim[key], naming.subdomain(claim[key]))
    yield from duplicates(((*at, "name"), claim.get("name") or "") for at, claim in claims)


def _host_ports(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """On the node's own network a container's port is the node's."""
    seen: set[tuple[Any, ...]] = set()
    for at, container in objects(spec.get("containers"), (*path, "containers")):
        for where, port in objects(container.get("ports"), (*at, "ports")):
            number, host = port.get("containerPort"), port.get("hostPort")
            if spec.get("hostNetwork") is True and host and host != number:
                detail = "must match `hostPort` when `hostNetwork` is true"
                yield invalid((*where, "containerPort"), number, detail)
            taken = (port.get("hostIP") or "", host, port.get("protocol") or "TCP")
            if host and taken in seen:
                yield Violation((*where, "hostPort"), f'Duplicate value: "{":".join(map(str, taken))}"')
            seen.add(taken)


def _node_terms(selector: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    terms = list(objects(selector.get("nodeSelectorTerms"), path))
    if not terms:
        yield required(path, "must have at least one node selector term")
    for at, term in terms:
        for where, requirement in objects(term.get("matchExpressions"), (*at, "matchExpressions")):
            operator, values = requirement.get("operator") or "", listed(requirement.get("values"))
            if operator in ("In", "NotIn") and not values:
                yield required((*where, "values"), "must be specified when `operator` is 'In' or 'NotIn'")
            elif operator in ("Exists", "DoesNotExist") and values:
                detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
                yield forbidden((*where, "values"), detail)
            elif operator in ("Gt", "Lt") and len(values) != 1:
                yield required((*where, "values"), "must be specified single value when `operator` is 'Lt' or 'Gt'")
            elif operator not in _NODE_OPERATORS:
                yield invalid((*where, "operator"), operator, "not a valid selector operator")
            key = requirement.get("key") or ""
            yield from complaints((*where, "key"), key, naming.label_key(key))
            if operator in ("In", "NotIn"):
                for index, value in enumerate(values):
                    yield from complaints((*where, "values", index), value or "", naming.label_value(value or ""))
