"""Probes and hooks of a container: one handler each, and how often it is asked."""

import re
from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema.kinds.words import BETWEEN_PORTS, forbidden, listed, mapping, not_negative, objects, one_of
from generator.schema.violation import Violation, invalid, required

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")
_TIMES = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_PORT_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PORT_WORDS = "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
_HEADER = re.compile(r"[-A-Za-z0-9]+")


def check_probes(container: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """The probes of a container, and what it runs when it starts and stops."""
    for key in _PROBES:
        if container.get(key) is None:
            continue
        probe, at = mapping(container[key]), (*path, key)
        yield from _handler(probe, at)
        for time in _TIMES:
            yield from not_negative(probe, time, at)
        grace = probe.get("terminationGracePeriodSeconds")
        if isinstance(grace, int) and grace <= 0:
            yield invalid((*at, "terminationGracePeriodSeconds"), grace, "must be greater than 0")
        if key != "readinessProbe" and (probe.get("successThreshold") or 1) != 1:
            yield invalid((*at, "successThreshold"), probe["successThreshold"], "must be 1")
    lifecycle = mapping(container.get("lifecycle"))
    for key in ("postStart", "preStop"):
        if lifecycle.get(key) is not None:
            yield from _handler(mapping(lifecycle[key]), (*path, "lifecycle", key))


def _handler(data: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    found = [key for key in _HANDLERS if data.get(key) is not None]
    if not found:
        yield required(path, "must specify a handler type")
        return
    for key in found[1:]:
        yield forbidden((*path, key), "may not specify more than 1 handler type")
    handler, at = mapping(data[found[0]]), (*path, found[0])
    match found[0]:
        case "exec" if not listed(handler.get("command")):
            yield required((*at, "command"))
        case "httpGet":
            yield from _port(handler.get("port"), (*at, "port"))
            yield from one_of(handler, "scheme", ("HTTP", "HTTPS", ""), at)
            for where, header in objects(handler.get("httpHeaders"), (*at, "httpHeaders")):
                if not _HEADER.fullmatch(header.get("name") or ""):
                    detail = "a valid HTTP header must consist of alphanumeric characters or '-'"
                    yield invalid(where[:-1], header.get("name") or "", detail)
        case "tcpSocket":
            yield from _port(handler.get("port"), (*at, "port"))
        case "grpc":
            yield from _port(handler.get("port") or 0, (*at, "port"))
        case _:
            pass


def _port(port: Any, path: FieldPath) -> Iterator[Violation]:
    """A port by its number, or by the name a container gives it."""
    if isinstance(port, str):
        if not _PORT_NAME.fullmatch(port):
            yield invalid(path, port, _PORT_WORDS)
        elif len(port) > 15:
            yield invalid(path, port, "must be no more than 15 characters")
        elif not re.search("[a-z]", port):
            yield invalid(path, port, "must contain at least one letter (a-z)")
    elif not 1 <= (port or 0) <= 65535:
        yield invalid(path, port or 0, BETWEEN_PORTS)
