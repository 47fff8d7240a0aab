"""Services: ports, addresses, and the fields that go with their type (K8s: core/validation, validateService)."""

from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.formats import parse_ip
from generator.schema.kinds.addresses import check_cidr, check_endpoint, check_ip
from generator.schema.kinds.names import check_port, check_port_number
from generator.schema.kinds.words import (
    check_labels,
    complaints,
    duplicate,
    forbidden,
    listed,
    mapping,
    objects,
    texts,
    unsupported,
)
from generator.schema.violation import Violation, invalid, required

_SPEC: FieldPath = ("spec",)
_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_FAMILIES = ("IPv4", "IPv6")
_FAMILY_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_TRAFFIC = ("Cluster", "Local")
_DISTRIBUTION = ("PreferClose", "PreferSameZone", "PreferSameNode")
_DISTRIBUTION_SINCE = 34
_DAY = 86400
_NONE = "None"
_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_TOPOLOGY = ("service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints")
_BALANCED = "may only be used when `type` is 'LoadBalancer'"


def check_service(data: dict[str, Any], minor: int) -> Iterator[Violation]:
    """A Service."""
    spec = mapping(data.get("spec"))
    kind = spec.get("type") or "ClusterIP"
    addresses = cluster_addresses(spec)
    headless = addresses == [_NONE]
    yield from _annotations(data, spec, kind, minor)
    if not listed(spec.get("ports")) and not headless and kind != "ExternalName":
        yield required((*_SPEC, "ports"))
    yield from _type(spec, kind, addresses)
    yield from _ports(spec, kind)
    yield from check_labels(spec.get("selector"), (*_SPEC, "selector"))
    yield from _affinity(spec)
    if kind != "ExternalName":
        yield from _cluster_addresses(spec, addresses, minor)
    for path, value in texts(spec.get("externalIPs"), (*_SPEC, "externalIPs")):
        wrong = list(check_ip(value, path, minor))
        yield from wrong or check_endpoint(value, path)
    yield from _ranges(spec, kind, minor)
    yield from _balancing(spec, kind)
    yield from _traffic(spec, kind, minor)


def cluster_addresses(spec: dict[str, Any]) -> list[str]:
    """`clusterIPs`, which follow `clusterIP` where they are not given."""
    given = [value or "" for value in listed(spec.get("clusterIPs"))]
    return given or ([spec["clusterIP"]] if spec.get("clusterIP") else [])


def _annotations(data: dict[str, Any], spec: dict[str, Any], kind: str, minor: int) -> Iterator[Violation]:
    annotations, at = mapping(mapping(data.get("metadata")).get("annotations")), ("metadata", "annotations")
    mode, hints = (annotations.get(key) for key in _TOPOLOGY)
    if mode is not None and hints is not None and mode != hints:
        yield invalid((*at, _TOPOLOGY[0]), mode, f"must match annotations[{_TOPOLOGY[1]}] when both are specified")
    ranges = annotations.get(_RANGES)
    if ranges is None or listed(spec.get("loadBalancerSourceRanges")):
        return
    if kind != "LoadBalancer":
        yield forbidden((*at, _RANGES), _BALANCED)
    if ranges.strip():
        for value in ranges.strip().split(","):
            yield from check_cidr(value.strip(), (*at, _RANGES), minor)


def _type(spec: dict[str, Any], kind: str, addresses: list[str]) -> Iterator[Violation]:
    if kind not in _TYPES:
        yield unsupported((*_SPEC, "type"), kind, _TYPES)
    key = "clusterIPs" if listed(spec.get("clusterIPs")) else "clusterIP"
    if kind in ("LoadBalancer", "NodePort") and addresses == [_NONE]:
        at: FieldPath = (*_SPEC, key, 0) if key == "clusterIPs" else (*_SPEC, key)
        hint = f"remove {key}, or use type ClusterIP for a headless service"
        yield invalid(at, _NONE, f"may not be set to 'None' for {kind} services", hint=hint)
    if kind != "ExternalName":
        return
    for name, value in ((key, addresses), ("ipFamilies", listed(spec.get("ipFamilies")))):
        if value:
            yield forbidden((*_SPEC, name), "may not be set for ExternalName services")
    if spec.get("ipFamilyPolicy") is not None:
        yield forbidden((*_SPEC, "ipFamilyPolicy"), "may not be set for ExternalName services")
    name = (spec.get("externalName") or "").removesuffix(".")
    if not name:
        yield required((*_SPEC, "externalName"))
    else:
        yield from complaints((*_SPEC, "externalName"), name, naming.subdomain(name))


def _ports(spec: dict[str, Any], kind: str) -> Iterator[Violation]:
    ports = list(objects(spec.get("ports"), (*_SPEC, "ports")))
    names: set[str] = set()
    taken: set[tuple[str, str, int]] = set()
    nodes: dict[int, int] = {}
    for path, port in ports:
        name, number = port.get("name") or "", port.get("port") or 0
        protocol, node = port.get("protocol") or "TCP", port.get("nodePort") or 0
        if not name and len(ports) > 1:
            yield required((*path, "name"))
        elif name:
            yield from complaints((*path, "name"), name, naming.label(name))
            if name in names:
                yield duplicate((*path, "name"), name)
            names.add(name)
        yield from check_port_number(number, (*path, "port"))
        if protocol not in _PROTOCOLS:
            yield unsupported((*path, "protocol"), protocol, _PROTOCOLS)
        if port.get("targetPort"):  # the same number as the port where it is not given, and then wrong with it
            yield from check_port(port["targetPort"], (*path, "targetPort"))
        if port.get("appProtocol") is not None:
            yield from complaints((*path, "appProtocol"), port["appProtocol"], naming.label_key(port["appProtocol"]))
        if kind == "ClusterIP" and node:
            hint = "remove nodePort, or set type to NodePort"
            yield forbidden((*path, "nodePort"), "may not be used when `type` is 'ClusterIP'", hint)
        if node and ("node", protocol, node) in taken:
            yield duplicate((*path, "nodePort"), node)
        elif node and nodes.setdefault(node, number) != number and kind in ("LoadBalancer", "NodePort"):
            hint = "choose another: only entries of one port number share a node port"
            yield invalid((*path, "nodePort"), node, "provided port is already allocated", hint=hint)
        if ("port", protocol, number) in taken:
            yield duplicate(path, {"port": number, "protocol": protocol})
        taken |= {("node", protocol, node), ("port", protocol, number)}


def _affinity(spec: dict[str, Any]) -> Iterator[Violation]:
    affinity, path = spec.get("sessionAffinity") or _NONE, (*_SPEC, "sessionAffinity")
    if affinity not in ("ClientIP", _NONE):
        yield unsupported(path, affinity, ("ClientIP", _NONE))
    if affinity != "ClientIP":
        return
    seconds = mapping(mapping(spec.get("sessionAffinityConfig")).get("clientIP")).get("timeoutSeconds")
    if seconds is not None and not 0 < seconds <= _DAY:
        at = (*_SPEC, "sessionAffinityConfig", "clientIP", "timeoutSeconds")
        yield invalid(at, seconds, f"must be greater than 0 and less than {_DAY}")


def _cluster_addresses(spec: dict[str, Any], addresses: list[str], minor: int) -> Iterator[Violation]:
    """`clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy`, which must agree."""
    families = [family or "" for family in listed(spec.get("ipFamilies"))]
    found = [*_families(spec, families), *_agreeing(spec, addresses, families, minor)]
    yield from found
    if not found and spec.get("ipFamilyPolicy") in (None, "SingleStack"):
        yield from _single(addresses, families, spec)


def _families(spec: dict[str, Any], families: list[str]) -> Iterator[Violation]:
    for index, family in enumerate(families):
        if family not in _FAMILIES:
            yield unsupported((*_SPEC, "ipFamilies", index), family, _FAMILIES)
        if family in families[:index]:
            yield duplicate((*_SPEC, "ipFamilies", index), family)
    policy = spec.get("ipFamilyPolicy")
    if policy is not None and policy not in _FAMILY_POLICIES:
        yield unsupported((*_SPEC, "ipFamilyPolicy"), policy, _FAMILY_POLICIES)


def _agreeing(spec: dict[str, Any], addresses: list[str], families: list[str], minor: int) -> Iterator[Violation]:
    path, first = (*_SPEC, "clusterIPs"), spec.get("clusterIP") or ""
    given = bool(listed(spec.get("clusterIPs")))
    if first and addresses[:1] != [first]:
        yield invalid(path, addresses, "first value must match `clusterIP`", hint=f"put {first} first")
    elif not first and addresses:
        hint = f"add clusterIP: {addresses[0]}"
        yield invalid(path, addresses, "must be empty when `clusterIP` is not specified", hint=hint)
    wrong: list[Violation] = []
    for index, value in enumerate(addresses):
        if index == 0 and value == _NONE:
            if len(addresses) > 1:
                wrong.append(invalid(path, addresses, "'None' must be the first and only value"))
            continue
        wrong += check_ip(value, (*path, index) if given else (*_SPEC, "clusterIP"), minor)
    yield from wrong
    if len(addresses) > 2:
        yield invalid(path, addresses, "may only hold up to 2 values")
    if not wrong:
        yield from _stacks(addresses, families, given=given)


def _stacks(addresses: list[str], families: list[str], *, given: bool) -> Iterator[Violation]:
    path: FieldPath = (*_SPEC, "clusterIPs")
    versions = [0 if value == _NONE else _version(value) for value in addresses]
    if len(addresses) > 1 and len(set(versions)) < 2:
        yield invalid(path, addresses, "may specify no more than one IP for each IP family")
    if addresses == [_NONE]:
        return
    for index, (value, family) in enumerate(zip(addresses, families, strict=False)):
        if family in _FAMILIES and family != f"IPv{versions[index]}":
            at = (*path, index) if given else (*_SPEC, "clusterIP")
            yield invalid(at, value, f"expected an {family} value as indicated by `ipFamilies[{index}]`")


def _version(value: str) -> int:
    address = parse_ip(value)
    return 0 if address is None else address.version


def _single(addresses: list[str], families: list[str], spec: dict[str, Any]) -> Iterator[Violation]:
    """A service without a policy has one family, except one that is headless and selects nothing."""
    policy = spec.get("ipFamilyPolicy")
    if policy is None and spec.get("clusterIP") == _NONE and not mapping(spec.get("selector")):
        return
    for count, what in ((len(addresses), "cluster IPs"), (len(families), "IP families")):
        if count == 2:
            detail = f"must be 'RequireDualStack' or 'PreferDualStack' when multiple {what} are specified"
            yield invalid((*_SPEC, "ipFamilyPolicy"), policy or "SingleStack", detail)


def _ranges(spec: dict[str, Any], kind: str, minor: int) -> Iterator[Violation]:
    path = (*_SPEC, "loadBalancerSourceRanges")
    found = list(texts(spec.get("loadBalancerSourceRanges"), path))
    if found and kind != "LoadBalancer":
        yield forbidden(path, _BALANCED)
    for at, value in found:
        yield from check_cidr(value.strip(), at, minor)


def _balancing(spec: dict[str, Any], kind: str) -> Iterator[Violation]:
    balanced, name = kind == "LoadBalancer", spec.get("loadBalancerClass")
    if spec.get("allocateLoadBalancerNodePorts") is not None and not balanced:
        yield forbidden((*_SPEC, "allocateLoadBalancerNodePorts"), _BALANCED)
    if name is not None and balanced:
        yield from complaints((*_SPEC, "loadBalancerClass"), name, naming.label_key(name))
    elif name is not None:
        yield forbidden((*_SPEC, "loadBalancerClass"), _BALANCED)


def _traffic(spec: dict[str, Any], kind: str, minor: int) -> Iterator[Violation]:
    external = spec.get("externalTrafficPolicy") or ""
    path = (*_SPEC, "externalTrafficPolicy")
    outside = kind in ("LoadBalancer", "NodePort") or (kind == "ClusterIP" and bool(listed(spec.get("externalIPs"))))
    if external and not outside:
        yield invalid(path, external, "may only be set for externally-accessible services")
    elif external and external not in _TRAFFIC:
        yield unsupported(path, external, _TRAFFIC)
    check = spec.get("healthCheckNodePort") or 0
    if kind != "LoadBalancer" or external != "Local":
        if check:
            detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
            yield invalid((*_SPEC, "healthCheckNodePort"), check, detail)
    elif check:
        yield from check_port_number(check, (*_SPEC, "healthCheckNodePort"))
    internal = spec.get("internalTrafficPolicy")
    if internal is not None and internal not in _TRAFFIC:
        yield unsupported((*_SPEC, "internalTrafficPolicy"), internal, _TRAFFIC)
    distribution = spec.get("trafficDistribution")
    known = _DISTRIBUTION if minor >= _DISTRIBUTION_SINCE else _DISTRIBUTION[:1]
    if distribution is not None and distribution not in known:
        yield unsupported((*_SPEC, "trafficDistribution"), distribution, known)
