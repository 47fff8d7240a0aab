"""Ports of interfaces, and ranges of them (1.9). Source: K:pkg/network/admitter/netiface.go."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from generator.virtapi import names
from generator.virtapi.cluster import VirtAPI
from generator.virtapi.verdict import DUPLICATE, INVALID, REQUIRED, Cause

PROTOCOLS = frozenset({"TCP", "UDP"})
_PORTS = 65536
_MOST_RANGES = 10


def ports(where: str, interface: Mapping[str, Any], *, pod: bool, api: VirtAPI) -> Iterator[Cause]:
    """Ports of an interface on the pod network."""
    given = interface.get("ports")
    if not pod or given is None:
        return
    seen: set[str] = set()
    for index, port in enumerate(given):
        name, field = port.get("name", ""), f"{where}.ports[{index}].name"
        if not name:
            continue
        if name in seen:
            yield Cause(DUPLICATE, field, f"Duplicate name of the port: {name}", "port")
        if not names.port_name(name):
            yield Cause(INVALID, field, f"Invalid name of the port: {name}", "port")
        seen.add(name)
    # 1.9 names the port, 1.8 the entry; and 1.8 let 65536 pass.
    last, suffix = (_PORTS - 1, ".port") if api.latest else (_PORTS, "")
    for index, port in enumerate(given):
        number, entry = port.get("port", 0), f"{where}.ports[{index}]"
        if number == 0:
            yield Cause(REQUIRED, entry + suffix, "Port field is mandatory.", "port")
        if not 0 <= number <= last:
            yield Cause(INVALID, entry + suffix, "Port field must be in range 0 < x < 65536.", "port")
        if port.get("protocol", "") not in PROTOCOLS | {""}:
            yield Cause(INVALID, f"{entry}.protocol", "Unknown protocol, only TCP or UDP allowed", "port")


def port_ranges(where: str, interface: Mapping[str, Any], *, pod: bool, api: VirtAPI) -> Iterator[Cause]:
    """Ranges of ports of an interface."""
    given = interface.get("portRanges")
    if given is None:
        return
    if not api.gate("PortRangesSpec"):
        message = "portRanges is specified on interface but the PortRangesSpec feature gate is not enabled"
        yield Cause(INVALID, f"{where}.name", message, "gate")
        return
    if not pod:
        return
    if "ports" in interface:
        yield Cause(INVALID, f"{where}.name", "Cannot define both ports and portRanges on interface", "port")
    if "masquerade" not in interface:
        yield Cause(INVALID, f"{where}.name", "portRanges are only supported on masquerade interfaces", "port")
    if len(given) > _MOST_RANGES:
        yield Cause(INVALID, f"{where}.portRanges", "No more than 10 portRanges are allowed", "port")
        return
    by_protocol: dict[str, list[tuple[int, int]]] = {}
    for index, entry in enumerate(given):
        problem = _range_problem(entry)
        if problem is not None:
            key, message = problem
            yield Cause(INVALID, f"{where}.portRanges[{index}].{key}", message, "port")
        else:
            by_protocol.setdefault(entry["protocol"], []).append((entry["start"], entry["end"]))
    for protocol, ranges in by_protocol.items():
        ranges.sort()
        for (start, end), (first, last) in itertools.pairwise(ranges):
            if first <= end:
                message = f"{protocol} portRanges [{start}-{end}] and [{first}-{last}] overlap"
                yield Cause(INVALID, f"{where}.portRanges", message, "port")


def _range_problem(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    start, end = entry.get("start", 0), entry.get("end", 0)
    if entry.get("protocol", "") not in PROTOCOLS:
        return "protocol", "Unknown protocol, only TCP or UDP allowed"
    if not 0 < start < _PORTS:
        return "start", "Start must be a valid port number, 0 < x < 65536"
    if not 0 < end < _PORTS:
        return "end", "End must be a valid port number, 0 < x < 65536"
    if start > end:
        return "start", "Start must be less than or equal to end"
    return None
