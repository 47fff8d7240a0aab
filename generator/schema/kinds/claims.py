"""Devices by claim (resource.k8s.io): classes, claims and their templates."""

from collections.abc import Iterator
from typing import Any

from generator.cel import BOOL, CompileError, Environment, ProgramError, compile_expression
from generator.cel.types import DYN
from generator.location import FieldPath
from generator.schema import naming, rules
from generator.schema.kinds.resources import is_extended_name
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

_MOST = 32
_VERSION = (1, 36)
_NO_REQUEST = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
_MODES = ("All", "ExactCount")


def check_device_class(data: dict[str, Any]) -> Iterator[Violation]:
    """A DeviceClass."""
    spec = mapping(data.get("spec"))
    yield from _selectors(spec, ("spec",))
    yield from _too_many(spec, ("selectors", "config"), ("spec",))
    for path, config in objects(spec.get("config"), ("spec", "config")):
        yield from _configuration(config, path)
    name = spec.get("extendedResourceName")
    if name is not None and not is_extended_name(name):
        yield invalid(("spec", "extendedResourceName"), name, "must be a valid extended resource name")


def check_claim(data: dict[str, Any]) -> Iterator[Violation]:
    """A ResourceClaim."""
    yield from _claim(mapping(data.get("spec")), ("spec",))


def check_claim_template(data: dict[str, Any]) -> Iterator[Violation]:
    """A ResourceClaimTemplate."""
    for key, value in mapping(mapping(data.get("spec")).get("metadata")).items():
        if key not in ("labels", "annotations") and value:
            yield forbidden(("spec", "metadata", key), "cannot be set")
    yield from _claim(mapping(mapping(data.get("spec")).get("spec")), ("spec", "spec"))


def _claim(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    devices, at = mapping(spec.get("devices")), (*path, "devices")
    requests = list(objects(devices.get("requests"), (*at, "requests")))
    yield from _too_many(devices, ("requests", "constraints", "config"), at)
    for where, request in requests:
        yield from _request(request, where)
    yield from duplicates((where, request.get("name") or "") for where, request in requests)
    names: dict[str, set[str]] = {}
    for _, request in requests:
        names[request.get("name") or ""] = {
            one.get("name") or "" for _, one in objects(request.get("firstAvailable"), ())
        }
    for where, constraint in objects(devices.get("constraints"), (*at, "constraints")):
        yield from _references(constraint, where, names)
        attributes = [key for key in ("matchAttribute", "distinctAttribute") if constraint.get(key) is not None]
        if not attributes:
            yield required((*where, "matchAttribute"))
        for key in attributes[:1]:
            yield from _qualified(constraint[key], (*where, key))
    for where, config in objects(devices.get("config"), (*at, "config")):
        yield from _references(config, where, names)
        yield from _configuration(config, where)


def _too_many(data: dict[str, Any], keys: tuple[str, ...], path: FieldPath) -> Iterator[Violation]:
    for key in keys:
        found = len(listed(data.get(key)))
        if found > _MOST:
            yield Violation((*path, key), f"Too many: {found}: must have at most {_MOST} items", "", rules.INVALID)


def _request(request: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    name = request.get("name") or ""
    yield from complaints((*path, "name"), name, naming.label(name))
    exactly, available = request.get("exactly"), listed(request.get("firstAvailable"))
    if exactly is None and not available:
        yield required(path, "exactly one of `exactly` or `firstAvailable` is required")
    elif exactly is not None and available:
        detail = "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set"
        yield invalid(path, None, detail)
    elif exactly is not None:
        yield from _exact(mapping(exactly), (*path, "exactly"))
    else:
        chosen = list(objects(available, (*path, "firstAvailable")))
        for at, one in chosen:
            yield from complaints((*at, "name"), one.get("name") or "", naming.label(one.get("name") or ""))
            yield from _exact(one, at)
        yield from duplicates((at, one.get("name") or "") for at, one in chosen)


def _exact(request: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    name = request.get("deviceClassName") or ""
    if not name:
        yield required((*path, "deviceClassName"))
    else:
        yield from complaints((*path, "deviceClassName"), name, naming.subdomain(name))
    yield from _selectors(request, path)
    mode, count = request.get("allocationMode") or "ExactCount", request.get("count")
    if mode not in _MODES:
        yield unsupported((*path, "allocationMode"), mode, _MODES)
    elif mode == "All" and count:
        yield invalid((*path, "count"), count, "must not be specified when allocationMode is 'All'")
    elif mode == "ExactCount" and isinstance(count, int) and count < 0:
        yield invalid((*path, "count"), count, "must be greater than zero")
    for at, toleration in objects(request.get("tolerations"), (*path, "tolerations")):
        yield from _toleration(toleration, at)


def _toleration(toleration: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    key, value = toleration.get("key") or "", toleration.get("value") or ""
    if key:
        yield from complaints((*path, "key"), key, naming.label_key(key))
    yield from one_of(toleration, "operator", ("Equal", "Exists", ""), path)
    if toleration.get("operator") == "Exists" and value:
        yield invalid((*path, "value"), value, "must be empty for operator `Exists`")
    elif toleration.get("operator") != "Exists":
        yield from complaints((*path, "value"), value, naming.label_value(value))
    yield from one_of(toleration, "effect", ("NoExecute", "NoSchedule", "None", ""), path)


def _selectors(data: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    for at, selector in objects(data.get("selectors"), (*path, "selectors")):
        cel = selector.get("cel")
        if cel is None:
            yield required((*at, "cel"))
            continue
        expression = str(mapping(cel).get("expression") or "")
        wrong = _wrong(expression)
        if wrong:
            yield invalid((*at, "cel", "expression"), expression, wrong)


def _wrong(expression: str) -> str:
    """Why an expression about a device does not compile; what drivers publish of one is not known by type."""
    try:
        compiled = compile_expression(expression, Environment((("device", DYN),), (), _VERSION))
    except (CompileError, ProgramError) as error:
        return str(error)
    return "" if compiled.type in (BOOL, DYN) else f"must evaluate to bool or the unknown type, not {compiled.type}"


def _configuration(config: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    opaque = config.get("opaque")
    if opaque is None:
        yield required((*path, "opaque"))
        return
    driver = mapping(opaque).get("driver") or ""
    if not driver:
        yield required((*path, "opaque", "driver"))
    else:
        yield from complaints((*path, "opaque", "driver"), driver, naming.subdomain(driver))
    if not isinstance(mapping(opaque).get("parameters"), dict):
        yield required((*path, "opaque", "parameters"))


def _references(data: dict[str, Any], path: FieldPath, names: dict[str, set[str]]) -> Iterator[Violation]:
    """Names of requests, of the same claim, of which a constraint or a configuration speaks."""
    for index, name in enumerate(listed(data.get("requests"))):
        at = (*path, "requests", index)
        first, slash, second = str(name or "").partition("/")
        for part in (first, second) if slash else (first,):
            yield from complaints(at, part, naming.label(part))
        if first not in names or (slash and second not in names[first]):
            yield invalid(at, name or "", _NO_REQUEST)


def _qualified(name: str, path: FieldPath) -> Iterator[Violation]:
    domain, slash, own = name.partition("/")
    if not slash:
        yield invalid(path, name, "a fully qualified name must be a domain and a name separated by a slash")
        return
    yield from complaints(path, name, naming.subdomain(domain))
    if not own.isidentifier() or not own.isascii() or len(own) > 32:
        yield invalid(path, own, "must be a valid C identifier of at most 32 characters")
