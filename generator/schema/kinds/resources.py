"""What a container or a pod asks for and may use: names of resources, amounts, and requests under their limits."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from generator.kube.reading import exact_amount
from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.words import complaints, duplicate, forbidden, mapping, not_found, objects, unsupported
from generator.schema.violation import Violation, invalid, required

_OF_CONTAINERS = frozenset({"cpu", "memory", "ephemeral-storage"})
_OF_PODS = ("cpu", "hugepages-", "memory")
_COUNTED = frozenset(
    {
        *("pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps"),
        *("persistentvolumeclaims", "services.nodeports", "services.loadbalancers"),
    }
)
_OF_QUOTAS = (
    _OF_CONTAINERS
    | _COUNTED
    | {
        *("requests.cpu", "requests.memory", "requests.ephemeral-storage", "requests.storage"),
        *("limits.cpu", "limits.memory", "limits.ephemeral-storage"),
    }
)
_STANDARD = _OF_QUOTAS | {"storage"}
_NATIVE = "kubernetes.io/"
PAGES = "hugepages-"
_QUOTA_PAGES = ("hugepages-", "requests.hugepages-")
_MOST_DIGITS = 1000
NameCheck = Callable[[str, FieldPath], Iterator[Violation]]


def amount(value: Any) -> Fraction | None:
    """The exact amount a quantity of a checked field is; None where the field is absent, or holds no quantity."""
    exact = exact_amount(value) if value is not None else None
    if exact is None:
        return None
    if exact.adjusted() > _MOST_DIGITS:  # far beyond all that is compared with it; whole it would fill the memory
        return Fraction(10**_MOST_DIGITS if exact > 0 else -(10**_MOST_DIGITS))
    return Fraction(exact)


def is_native(name: str) -> bool:
    """Whether a resource is one of Kubernetes' own."""
    return "/" not in name or _NATIVE in name


def is_extended_name(name: str) -> bool:
    """Whether a name is one of resources that a device plugin may serve."""
    domain, slash, _ = name.partition("/")
    if not slash or _NATIVE in name or name.startswith("requests."):
        return False
    return bool(domain) and not naming.label_key(f"requests.{name}")


def may_overcommit(name: str) -> bool:
    """Whether a request may be lower than its limit."""
    return is_native(name) and not name.startswith(PAGES)


def check_resource(name: str, path: FieldPath) -> Iterator[Violation]:
    """The name of any resource."""
    found = naming.label_key(name)
    yield from complaints(path, name, found)
    if not found and "/" not in name and name not in _STANDARD and not name.startswith(_QUOTA_PAGES):
        hint = "write DOMAIN/NAME for a resource of a device plugin"
        yield invalid(path, name, "must be a standard resource type or fully qualified", hint=hint)


def check_container_resource(name: str, path: FieldPath) -> Iterator[Violation]:
    """The name of a resource that a container asks for."""
    yield from check_resource(name, path)
    if "/" not in name:
        if name not in _OF_CONTAINERS and not name.startswith(PAGES):
            yield invalid(path, name, "must be a standard resource for containers")
    elif not is_native(name) and not is_extended_name(name):
        yield invalid(path, name, "doesn't follow extended resource name standard")


def check_pod_resource(name: str, path: FieldPath) -> Iterator[Violation]:
    """The name of a resource that a whole pod asks for."""
    found = list(check_resource(name, path))
    yield from found
    if not found and name not in ("cpu", "memory") and not name.startswith(PAGES):
        yield unsupported(path, name, _OF_PODS)


def check_quota_resource(name: str, path: FieldPath) -> Iterator[Violation]:
    """The name of a resource that a quota limits."""
    yield from check_resource(name, path)
    if "/" not in name and name not in _OF_QUOTAS and not name.startswith(_QUOTA_PAGES):
        yield invalid(path, name, "must be a standard resource for quota")


def check_amount(name: str, value: Any, path: FieldPath) -> Iterator[Violation]:
    """An amount of a resource: not negative, and whole where the resource is counted."""
    found = amount(value)
    if found is None:
        return
    if found < 0:
        yield invalid(path, str(value), "must be greater than or equal to 0")
    if (name in _COUNTED or is_extended_name(name)) and found.denominator != 1:
        yield invalid(path, str(value), "must be an integer")


def check_resources(data: dict[str, Any], path: FieldPath, claims: frozenset[str]) -> Iterator[Violation]:
    """`resources` of a container; `claims` are the names of those of its pod."""
    yield from check_requirements(data, path, check_container_resource)
    yield from _claims(data, (*path, "claims"), claims)


def check_requirements(data: dict[str, Any], path: FieldPath, check_name: NameCheck) -> Iterator[Violation]:
    """Limits and requests: their names by `check_name`, their amounts, and requests under their limits."""
    limits, requests = mapping(data.get("limits")), mapping(data.get("requests"))
    for key, amounts in (("limits", limits), ("requests", requests)):
        for name, value in amounts.items():
            at = (*path, key, name)
            yield from check_name(name, at)
            yield from check_amount(name, value, at)
            if key == "requests":
                yield from _under_limit(name, value, limits, path)
            if name.startswith(PAGES):
                yield from _pages(name, value, at)
    asked = {*limits, *requests}
    if any(name.startswith(PAGES) for name in asked) and not asked & {"cpu", "memory"}:
        yield forbidden(path, "HugePages require cpu or memory", "add a request of cpu or memory")


def _pages(name: str, value: Any, path: FieldPath) -> Iterator[Violation]:
    size, found = amount(name.removeprefix(PAGES)), amount(value)
    if found is None:
        return
    if size is None or size <= 0 or size.denominator != 1 or -(-found // 1) % size != 0:
        yield invalid(path, str(value), f"{value} is not positive integer multiple of {name}")


def _under_limit(name: str, value: Any, limits: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    asked, at = amount(value), (*path, "requests")
    strict = not may_overcommit(name)
    if name in limits:
        limit = amount(limits[name])
        if asked is None or limit is None:
            return
        if strict and asked != limit:
            detail = f"must be equal to {name} limit of {limits[name]}"
            yield invalid((*at, name), str(value), detail, hint="write one amount for both: nothing of it is shared")
        elif asked > limit:
            detail = f"must be less than or equal to {name} limit of {limits[name]}"
            yield invalid((*at, name), str(value), detail, hint="lower the request, or raise the limit")
    elif strict:
        detail = "Required value: Limit must be set for non overcommitable resources"
        yield Violation((*path, "limits"), detail, f"add {name} with the same amount", required(at).rule)


def _claims(data: dict[str, Any], path: FieldPath, claims: frozenset[str]) -> Iterator[Violation]:
    names: set[str] = set()
    for at, claim in objects(data.get("claims"), path):
        name, request = claim.get("name") or "", claim.get("request") or ""
        if not name:
            yield required(at)
            continue
        key = f"{name}/{request}" if request else name
        if name in names:
            yield duplicate(at, name)
        else:
            if request:
                yield from complaints((*at, "request"), request, naming.label(request))
            if key in names:
                yield duplicate(at, key)
            elif not request and any(other.startswith(f"{name}/") for other in names):
                yield duplicate(at, name)
            names.add(key)
        if name not in claims:
            known = f": {', '.join(sorted(claims))}" if claims else " which is empty"
            hint = "name one of the pod's resourceClaims" if claims else "add the claim to the pod's resourceClaims"
            yield not_found(at, name, f"must be one of the names in pod.spec.resourceClaims{known}", hint)
