"""Ingresses, their classes, and network policies (K8s: networking/validation)."""

from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.formats import parse_ip
from generator.schema.kinds.addresses import check_cidr, parse_cidr
from generator.schema.kinds.names import (
    check_port,
    check_port_number,
    check_prefixed_path,
    check_segment,
    host,
    port_name,
)
from generator.schema.kinds.words import (
    check_selector,
    complaints,
    forbidden,
    listed,
    mapping,
    objects,
    texts,
    too_long,
    unsupported,
)
from generator.schema.violation import Violation, invalid, required

_SPEC: FieldPath = ("spec",)
_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_BAD_SEQUENCES = ("//", "/./", "/../", "%2f", "%2F")
_BAD_ENDS = ("/..", "/.")
_CLASS = "kubernetes.io/ingress.class"
_LONGEST_CONTROLLER = 250
_RELAXED_NAMES_SINCE = 36
_DIRECTIONS = ("Ingress", "Egress")
_PROTOCOLS = ("TCP", "UDP", "SCTP")


def check_ingress(data: dict[str, Any], minor: int) -> Iterator[Violation]:
    """An Ingress."""
    spec = mapping(data.get("spec"))
    rules = list(objects(spec.get("rules"), (*_SPEC, "rules")))
    if not rules and spec.get("defaultBackend") is None:
        hint = "add a rule, or a defaultBackend for all requests"
        yield invalid(_SPEC, None, "either `defaultBackend` or `rules` must be specified", hint=hint)
    if spec.get("defaultBackend") is not None:
        yield from _backend(mapping(spec["defaultBackend"]), (*_SPEC, "defaultBackend"), minor)
    for path, rule in rules:
        yield from _host(rule.get("host") or "", (*path, "host"))
        if rule.get("http") is not None:
            yield from _paths(mapping(rule["http"]), (*path, "http"), minor)
    for path, tls in objects(spec.get("tls"), (*_SPEC, "tls")):
        for at, name in texts(tls.get("hosts"), (*path, "hosts")):
            yield from complaints(at, name, host(name))
        if secret := tls.get("secretName"):
            yield from complaints((*path, "secretName"), secret, naming.subdomain(secret))
    wanted = spec.get("ingressClassName")
    if wanted is not None:
        yield from complaints((*_SPEC, "ingressClassName"), wanted, naming.subdomain(wanted))
    annotated = mapping(mapping(data.get("metadata")).get("annotations")).get(_CLASS)
    if annotated is not None and wanted is not None and annotated != wanted:
        detail = "must match `ingressClassName` when both are specified"
        yield invalid(("metadata", "annotations", _CLASS), annotated, detail, hint="remove the annotation")


def _host(name: str, path: FieldPath) -> Iterator[Violation]:
    if not name:
        return
    if parse_ip(name) is not None:
        yield invalid(path, name, "must be a DNS name, not an IP address")
    yield from complaints(path, name, host(name))


def _paths(http: dict[str, Any], path: FieldPath, minor: int) -> Iterator[Violation]:
    paths = list(objects(http.get("paths"), (*path, "paths")))
    if not paths:
        yield required((*path, "paths"))
    for at, one in paths:
        kind, where = one.get("pathType"), one.get("path") or ""
        if kind is None:
            yield required((*at, "pathType"), "pathType must be specified")
            continue
        if kind not in _PATH_TYPES:
            yield unsupported((*at, "pathType"), kind, _PATH_TYPES)
        elif not where.startswith("/") and (where or kind != "ImplementationSpecific"):
            hint = f"write /{where}" if where else "write / for all paths"
            yield invalid((*at, "path"), where, "must be an absolute path", hint=hint)
        if kind in ("Exact", "Prefix"):
            for bad in _BAD_SEQUENCES:
                if bad in where:
                    yield invalid((*at, "path"), where, f"must not contain '{bad}'")
            for bad in _BAD_ENDS:
                if where.endswith(bad):
                    yield invalid((*at, "path"), where, f"cannot end with '{bad}'")
        yield from _backend(mapping(one.get("backend")), (*at, "backend"), minor)


def _backend(backend: dict[str, Any], path: FieldPath, minor: int) -> Iterator[Violation]:
    resource, service = backend.get("resource"), backend.get("service")
    if resource is not None and service is not None:
        yield invalid(path, "", "cannot set both resource and service backends")
    elif resource is not None:
        yield from _reference(mapping(resource), (*path, "resource"))
    elif service is None:
        yield invalid(path, "", "resource or service backend is required")
    else:
        yield from _service(mapping(service), path, minor)


def _service(service: dict[str, Any], path: FieldPath, minor: int) -> Iterator[Violation]:
    name, at = service.get("name") or "", (*path, "service")
    check = naming.label if minor >= _RELAXED_NAMES_SINCE else naming.dns1035_label
    if not name:
        yield required((*at, "name"))
    else:
        yield from complaints((*at, "name"), name, check(name))
    port = mapping(service.get("port"))
    named, number = port.get("name") or "", port.get("number") or 0
    if named and number:
        yield invalid(path, "", "cannot set both port name & port number", hint="remove one of the two")
    elif named:
        yield from complaints((*at, "port", "name"), named, port_name(named))
    elif number:
        yield from check_port_number(number, (*at, "port", "number"))
    else:
        yield required(path, "port name or number is required")


def _reference(reference: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    group = reference.get("apiGroup")
    if group is not None:
        yield from complaints((*path, "apiGroup"), group, naming.subdomain(group))
    for key in ("kind", "name"):
        yield from check_segment(reference.get(key) or "", (*path, key))


def check_ingress_class(data: dict[str, Any]) -> Iterator[Violation]:
    """An IngressClass."""
    spec = mapping(data.get("spec"))
    controller, path = spec.get("controller") or "", (*_SPEC, "controller")
    if len(controller.encode()) > _LONGEST_CONTROLLER:
        yield too_long(path, _LONGEST_CONTROLLER)
    yield from check_prefixed_path(controller, path)
    if spec.get("parameters") is None:
        return
    parameters, path = mapping(spec["parameters"]), (*_SPEC, "parameters")
    yield from _reference(parameters, path)
    scope, namespace = parameters.get("scope"), parameters.get("namespace")
    scope = "Cluster" if scope is None else scope
    if scope not in ("Cluster", "Namespace"):
        yield unsupported((*path, "scope"), scope, ("Cluster", "Namespace"))
    elif scope == "Cluster" and namespace is not None:
        yield forbidden((*path, "namespace"), "`parameters.scope` is set to 'Cluster'", "remove it, or set the scope")
    elif scope == "Namespace" and namespace is None:
        yield required((*path, "namespace"), "`parameters.scope` is set to 'Namespace'")
    elif scope == "Namespace":
        yield from complaints((*path, "namespace"), str(namespace), naming.label(str(namespace)))


def check_network_policy(data: dict[str, Any], minor: int) -> Iterator[Violation]:
    """A NetworkPolicy."""
    spec = mapping(data.get("spec"))
    yield from check_selector(spec.get("podSelector"), (*_SPEC, "podSelector"))
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for path, rule in objects(spec.get(direction), (*_SPEC, direction)):
            for at, port in objects(rule.get("ports"), (*path, "ports")):
                yield from _policy_port(port, at)
            for at, peer in objects(rule.get(side), (*path, side)):
                yield from _peer(peer, at, minor)
    kinds, path = listed(spec.get("policyTypes")), (*_SPEC, "policyTypes")
    if len(kinds) > len(_DIRECTIONS):
        yield invalid(path, kinds, "may not specify more than two policyTypes")
        return
    for at, kind in texts(kinds, path):
        if kind not in _DIRECTIONS:
            yield unsupported(at, kind, _DIRECTIONS)


def _policy_port(rule: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    protocol, port, end = (rule.get(key) for key in ("protocol", "port", "endPort"))
    if protocol is not None and protocol not in _PROTOCOLS:
        yield unsupported((*path, "protocol"), protocol, _PROTOCOLS)
    at = (*path, "endPort")
    if port is None:
        if end is not None:
            yield invalid(at, end, "may not be specified when `port` is not specified", hint="add port, or remove it")
        return
    if isinstance(port, str) and end is not None:
        yield invalid(at, end, "may not be specified when `port` is non-numeric")
    yield from check_port(port, (*path, "port"))
    if isinstance(port, int) and end is not None:
        if end < port:
            yield invalid(at, port, "must be greater than or equal to `port`", hint=f"raise it to at least {port}")
        yield from check_port_number(end, at)


def _peer(peer: dict[str, Any], path: FieldPath, minor: int) -> Iterator[Violation]:
    given = [key for key in ("podSelector", "namespaceSelector", "ipBlock") if peer.get(key) is not None]
    for key in given:
        if key == "ipBlock":
            yield from _block(mapping(peer[key]), (*path, key), minor)
        else:
            yield from check_selector(peer[key], (*path, key))
    if not given:
        yield required(path, "must specify a peer")
    elif len(given) > 1 and "ipBlock" in given:
        hint = "make the ipBlock an entry of its own"
        yield forbidden(path, "may not specify both ipBlock and another peer", hint)


def _block(block: dict[str, Any], path: FieldPath, minor: int) -> Iterator[Violation]:
    cidr = block.get("cidr") or ""
    if not cidr:
        yield required((*path, "cidr"))
        return
    yield from check_cidr(cidr, (*path, "cidr"), minor)
    whole = parse_cidr(cidr)
    if whole is None:
        return
    for at, value in texts(block.get("except"), (*path, "except")):
        yield from check_cidr(value, at, minor)
        part = parse_cidr(value)
        if part is None:
            continue
        inside = part.version == whole.version and part.network_address in whole
        if not inside or part.prefixlen <= whole.prefixlen:
            yield invalid(at, value, "must be a strict subset of `cidr`", hint=f"choose a part of {cidr}")
