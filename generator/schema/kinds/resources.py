"""What a container asks for and may use: names of resources, amounts, and requests under their limits."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from generator.kube.reading import exact_amount
from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.words import complaints, mapping, objects
from generator.schema.violation import Violation, invalid, required, show

_OF_CONTAINERS = frozenset({"cpu", "memory", "ephemeral-storage"})
_STANDARD = _OF_CONTAINERS | {
    *("requests.cpu", "requests.memory", "requests.ephemeral-storage", "requests.storage", "storage", "pods"),
    *("limits.cpu", "limits.memory", "limits.ephemeral-storage", "services", "replicationcontrollers"),
    *("resourcequotas", "secrets", "configmaps", "persistentvolumeclaims", "services.nodeports"),
    *("services.loadbalancers",),
}
_NATIVE = "kubernetes.io/"
_NO_OVERCOMMIT = ("hugepages-",)


def is_extended_name(name: str) -> bool:
    """Whether a name is one of resources that a device plugin may serve."""
    domain, slash, _ = name.partition("/")
    if not slash or _NATIVE in name or name.startswith("requests."):
        return False
    return bool(domain) and not naming.label_key(f"requests.{name}")


def check_resources(data: dict[str, Any], path: FieldPath, claims: frozenset[str]) -> Iterator[Violation]:
    """`resources` of a container; `claims` are the names of those of its pod."""
    for at, claim in objects(data.get("claims"), (*path, "claims")):
        name = claim.get("name") or ""
        if not name:
            yield required(at)
        elif name not in claims:
            yield Violation(at, f"Not found: {show(name)}: must be one of the names in pod.spec.resourceClaims")
    limits, requests = mapping(data.get("limits")), mapping(data.get("requests"))
    for key, amounts in (("limits", limits), ("requests", requests)):
        for name, amount in amounts.items():
            yield from _named(name, (*path, key))
            yield from _amount(name, amount, (*path, key, name))
    for name, amount in requests.items():
        yield from _under_limit(name, amount, limits, path)


def _named(name: str, path: FieldPath) -> Iterator[Violation]:
    found = naming.label_key(name)
    yield from complaints((*path, name), name, found)
    if found:
        return
    if "/" not in name:
        if name not in _STANDARD and not name.startswith("hugepages-"):
            yield invalid((*path, name), name, "must be a standard resource type or fully qualified")
        if name not in _OF_CONTAINERS and not name.startswith("hugepages-"):
            yield invalid((*path, name), name, "must be a standard resource for containers")
    elif _NATIVE not in name and not is_extended_name(name):
        yield invalid((*path, name), name, "doesn't follow extended resource name standard")


def _amount(name: str, amount: Any, path: FieldPath) -> Iterator[Violation]:
    value = _value(amount)
    if value is None:
        return
    if value < 0:
        yield invalid(path, str(amount), "must be greater than or equal to 0")
    if is_extended_name(name) and value != value.to_integral_value():
        yield invalid(path, str(amount), "must be an integer")


def _under_limit(name: str, amount: Any, limits: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    asked, at = _value(amount), (*path, "requests")
    strict = is_extended_name(name) or name.startswith(_NO_OVERCOMMIT)
    if name in limits:
        limit = _value(limits[name])
        if asked is None or limit is None:
            return
        if strict and asked != limit:
            detail = f"must be equal to {name} limit of {limits[name]}"
            yield invalid(at, str(amount), detail, hint="write one amount for both: there is no sharing of devices")
        elif asked > limit:
            detail = f"must be less than or equal to {name} limit of {limits[name]}"
            yield invalid(at, str(amount), detail, hint="lower the request, or raise the limit")
    elif strict:
        detail = "Limit must be set for non overcommitable resources"
        yield invalid((*path, "limits"), name, detail, hint="add a limit of the same amount")


def _value(amount: Any) -> Decimal | None:
    return exact_amount(amount)
