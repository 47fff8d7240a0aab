"""Probes and hooks of a container: one handler each, and how often it is asked."""

import re
from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema.kinds.names import check_port, check_port_number
from generator.schema.kinds.words import forbidden, listed, mapping, not_negative, objects, unsupported
from generator.schema.violation import Violation, invalid, required

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")
_TIMES = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_HEADER_FORM = "[-A-Za-z0-9]+"
_HEADER = re.compile(_HEADER_FORM)
_HEADER_WORDS = (
    "a valid HTTP header must consist of alphanumeric characters or '-' "
    f"(e.g. 'X-Header-Name', regex used for validation is '{_HEADER_FORM}')"
)
_NO_ZERO_BEFORE = 33


def check_probes(container: dict[str, Any], path: FieldPath, grace: int, minor: int) -> Iterator[Violation]:
    """The probes of a container, and what it runs when it starts and stops; `grace` is the pod's, in seconds."""
    lifecycle = mapping(container.get("lifecycle"))
    for key in ("postStart", "preStop"):
        if lifecycle.get(key) is not None:
            yield from _handler(mapping(lifecycle[key]), (*path, "lifecycle", key), grace, minor)
    for key in _PROBES:
        if container.get(key) is None:
            continue
        probe, at = mapping(container[key]), (*path, key)
        yield from _handler(probe, at, grace, minor)
        for time in _TIMES:
            yield from not_negative(probe, time, at)
        seconds = probe.get("terminationGracePeriodSeconds")
        if seconds is not None and seconds <= 0:
            yield invalid((*at, "terminationGracePeriodSeconds"), seconds, "must be greater than 0")
        if key == "readinessProbe":
            if seconds is not None:
                detail = "must not be set for readinessProbes"
                yield invalid((*at, "terminationGracePeriodSeconds"), seconds, detail, hint="remove it")
        elif (probe.get("successThreshold") or 1) != 1:
            yield invalid((*at, "successThreshold"), probe["successThreshold"], "must be 1")


def _handler(data: dict[str, Any], path: FieldPath, grace: int, minor: int) -> Iterator[Violation]:
    found = [key for key in _HANDLERS if data.get(key) is not None]
    if not found:
        yield required(path, "must specify a handler type")
        return
    for key in found[1:]:
        yield forbidden((*path, key), "may not specify more than 1 handler type", "remove all but one")
    handler, at = mapping(data[found[0]]), (*path, found[0])
    match found[0]:
        case "exec":
            if not listed(handler.get("command")):
                yield required((*at, "command"))
        case "httpGet":
            yield from _request(handler, at)
        case "tcpSocket":
            yield from check_port(handler.get("port") or 0, (*at, "port"))
        case "grpc":
            yield from check_port_number(handler.get("port") or 0, (*at, "port"))
        case _:
            yield from _sleep(handler.get("seconds") or 0, at, grace, minor)


def _request(handler: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    port = handler.get("port")
    yield from check_port(0 if port is None else port, (*path, "port"))
    scheme = handler.get("scheme") or "HTTP"
    if scheme not in ("HTTP", "HTTPS"):
        yield unsupported((*path, "scheme"), scheme, ("HTTP", "HTTPS"))
    for at, header in objects(handler.get("httpHeaders"), (*path, "httpHeaders")):
        name = header.get("name") or ""
        if not _HEADER.fullmatch(name):
            yield invalid((*at, "name"), name, _HEADER_WORDS)


def _sleep(seconds: int, path: FieldPath, grace: int, minor: int) -> Iterator[Violation]:
    least = 1 if minor < _NO_ZERO_BEFORE else 0
    if least <= seconds <= grace:
        return
    words = "must be non-negative and less than"
    detail = f"{words} terminationGracePeriodSeconds ({grace})"
    yield invalid((*path, "seconds"), seconds, detail, hint="shorten the sleep, or raise terminationGracePeriodSeconds")
