"""Containers of a pod: image, ports, environment, mounts, and when they start again."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.finding import did_you_mean
from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.environment import check_environment
from generator.schema.kinds.names import check_port_number, port_name
from generator.schema.kinds.paths import check_descending
from generator.schema.kinds.probes import check_probes
from generator.schema.kinds.resources import check_resources
from generator.schema.kinds.security import check_container_security
from generator.schema.kinds.volumes import sound_volumes
from generator.schema.kinds.words import (
    complaints,
    duplicate,
    forbidden,
    listed,
    mapping,
    not_found,
    objects,
    too_many,
    unsupported,
)
from generator.schema.violation import Violation, invalid, required

_PULL = ("Always", "IfNotPresent", "Never")
_LOGS = ("File", "FallbackToLogsOnError")
_RESTART = ("Always", "Never", "OnFailure")
_RULES_SINCE = 35
"""The minor version since which every container may have its own restartPolicy, with rules."""
_ALL_CONTAINERS_SINCE = 36
_ACTIONS = ("Restart", "RestartAllContainers")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
_RECURSIVE = ("Disabled", "Enabled", "IfPossible")
_MOST_RULES, _MOST_CODES = 20, 255
_GRACE = 30
_IMAGE_SPACE = re.compile(r"\A\s|\s\Z")


@dataclass(frozen=True, slots=True)
class _Pod:
    """What containers refer to, and what holds for all of them.

    The source of each volume that may be mounted and the names of claims, the seconds a container has to end, whether
    users are those of the node, whether the pod never restarts, and whether it is a Pod rather than a template.
    """

    volumes: Mapping[str, str]
    claims: frozenset[str]
    grace: int
    host_users: bool
    never: bool
    alone: bool
    minor: int


def check_containers(spec: dict[str, Any], path: FieldPath, minor: int, *, alone: bool) -> Iterator[Violation]:
    """All containers of a pod's spec; `alone`: the spec is of a Pod, not of a template."""
    grace = spec.get("terminationGracePeriodSeconds")
    claims = frozenset(claim.get("name") or "" for _, claim in objects(spec.get("resourceClaims"), ())) - {""}
    pod = _Pod(
        volumes=sound_volumes(spec, minor),
        claims=claims,
        grace=_GRACE if grace is None else grace,
        host_users=spec.get("hostUsers") is not False,
        never=spec.get("restartPolicy") == "Never",
        alone=alone,
        minor=minor,
    )
    own = list(objects(spec.get("containers"), (*path, "containers")))
    if not own:
        yield required((*path, "containers"))
    names: set[str] = set()
    for at, container in own:
        yield from _container(container, at, pod)
        yield from _unique(container, at, names)
        yield from check_probes(container, at, pod.grace, minor)
        yield from _restarting(container, at, minor, first=False)
    network = alone and spec.get("hostNetwork") is True
    yield from _host_ports(own, network=network)
    for at, container in objects(spec.get("initContainers"), (*path, "initContainers")):
        yield from _container(container, at, pod)
        yield from _restarting(container, at, minor, first=True)
        yield from _unique(container, at, names)
        yield from _host_ports([(at, container)], network=network)
        yield from _before(container, at, pod)


def _unique(container: dict[str, Any], path: FieldPath, names: set[str]) -> Iterator[Violation]:
    name = container.get("name") or ""
    if name in names:
        yield duplicate((*path, "name"), name)
    if name:
        names.add(name)


def _before(container: dict[str, Any], path: FieldPath, pod: _Pod) -> Iterator[Violation]:
    """What only a container that runs first and goes on may have."""
    stays = container.get("restartPolicy") == "Always"
    if stays:
        yield from check_probes(container, path, pod.grace, pod.minor)
    for key in () if stays else ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"):
        if container.get(key) is not None and not _only_signal(container[key]):
            detail = "may not be set for init containers without restartPolicy=Always"
            yield forbidden((*path, key), detail, "remove it, or add restartPolicy: Always")
    for at, policy in () if stays else objects(container.get("resizePolicy"), (*path, "resizePolicy")):
        if policy.get("restartPolicy") == "RestartContainer":
            detail = "must not be set to 'RestartContainer' for non-sidecar initContainers"
            yield invalid((*at, "restartPolicy"), "RestartContainer", detail)


def _only_signal(lifecycle: Any) -> bool:
    """Whether a lifecycle has a signal to stop with and nothing else: servers whose feature gate is off drop it."""
    return [key for key, value in mapping(lifecycle).items() if value is not None] == ["stopSignal"]


def _restarting(container: dict[str, Any], path: FieldPath, minor: int, *, first: bool) -> Iterator[Violation]:
    policy, rules = container.get("restartPolicy"), listed(container.get("restartPolicyRules"))
    at = (*path, "restartPolicy")
    if minor < _RULES_SINCE:
        if policy is not None and not first:
            yield forbidden(at, "may not be set for non-init containers", "remove it: the pod has a restartPolicy")
        elif policy is not None and policy != "Always":
            yield unsupported(at, policy, ("Always",))
        return
    if policy is None:
        if rules:
            yield required(at, "must specify restartPolicy when restart rules are used")
    elif policy not in _RESTART:
        yield unsupported(at, policy, _RESTART)
    if policy is None and first:
        return
    if first and policy == "Always" and minor < _ALL_CONTAINERS_SINCE:
        if rules:
            detail = "restartPolicyRules are not allowed for init containers with restart policy Always"
            yield forbidden((*path, "restartPolicyRules"), detail)
        return
    yield from _rules(rules, (*path, "restartPolicyRules"), minor)


def _rules(rules: list[Any], path: FieldPath, minor: int) -> Iterator[Violation]:
    if len(rules) > _MOST_RULES:
        yield too_many(path, len(rules), _MOST_RULES)
    for at, rule in objects(rules, path):
        action, codes = rule.get("action") or "", rule.get("exitCodes")
        known = _ACTIONS if minor >= _ALL_CONTAINERS_SINCE else _ACTIONS[:1]
        if action not in known:
            yield unsupported((*at, "action"), action, known)
        if codes is None:
            yield required((*at, "exitCodes"), "must be specified")
            continue
        operator, values = mapping(codes).get("operator") or "", listed(mapping(codes).get("values"))
        if operator not in ("In", "NotIn"):
            yield unsupported((*at, "exitCodes", "operator"), operator, ("In", "NotIn"))
        if len(values) > _MOST_CODES:
            yield too_many((*at, "exitCodes", "values"), len(values), _MOST_CODES)


def _container(container: dict[str, Any], path: FieldPath, pod: _Pod) -> Iterator[Violation]:
    name, image = container.get("name") or "", container.get("image") or ""
    if not name:
        yield required((*path, "name"))
    else:
        yield from complaints((*path, "name"), name, naming.label(name))
    if not image:
        yield required((*path, "image"))
    elif pod.alone and _IMAGE_SPACE.search(image):
        hint = f"write {image.strip()}" if image.strip() else "name an image"
        yield invalid((*path, "image"), image, "must not have leading or trailing whitespace", hint=hint)
    for key, known in (("terminationMessagePolicy", _LOGS), ("imagePullPolicy", _PULL)):
        value = container.get(key) or known[0]
        if value not in known:
            yield unsupported((*path, key), value, known)
    yield from _ports(container, path)
    yield from check_environment(container, path)
    yield from _mounts(container, path, pod.volumes)
    yield from _devices(container, path, pod.volumes)
    yield from check_resources(mapping(container.get("resources")), (*path, "resources"), pod.claims)
    yield from _resizing(container, (*path, "resizePolicy"), never=pod.never)
    context = mapping(container.get("securityContext"))
    yield from check_container_security(context, (*path, "securityContext"), host_users=pod.host_users)


def _ports(container: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    names: set[str] = set()
    for at, port in objects(container.get("ports"), (*path, "ports")):
        name, number, host = port.get("name") or "", port.get("containerPort") or 0, port.get("hostPort") or 0
        wrong = port_name(name) if name else ()
        yield from complaints((*at, "name"), name, wrong)
        if name in names:
            yield duplicate((*at, "name"), name)
        elif name and not wrong:
            names.add(name)
        if not number:
            yield required((*at, "containerPort"))
        else:
            yield from check_port_number(number, (*at, "containerPort"))
        if host:
            yield from check_port_number(host, (*at, "hostPort"))
        protocol = port.get("protocol") or "TCP"
        if protocol not in _PROTOCOLS:
            yield unsupported((*at, "protocol"), protocol, _PROTOCOLS)


def _host_ports(containers: list[tuple[FieldPath, dict[str, Any]]], *, network: bool) -> Iterator[Violation]:
    """A port of the node is held once by containers that run at once; on its `network` each port is one of the node."""
    seen: set[str] = set()
    for at, container in containers:
        for where, port in objects(container.get("ports"), (*at, "ports")):
            number = port.get("hostPort") or (port.get("containerPort") if network else 0)
            if not number:
                continue
            taken = f"{port.get('protocol') or 'TCP'}/{port.get('hostIP') or ''}/{number}"
            if taken in seen:
                yield duplicate((*where, "hostPort"), taken)
            seen.add(taken)


def _resizing(container: dict[str, Any], path: FieldPath, *, never: bool) -> Iterator[Violation]:
    seen: set[str] = set()
    for at, policy in objects(container.get("resizePolicy"), path):
        name, restart = policy.get("resourceName") or "", policy.get("restartPolicy") or ""
        if name in seen:
            yield duplicate(at, name)
        seen.add(name)
        for key, value, known in (
            ("resourceName", name, ("cpu", "memory")),
            ("restartPolicy", restart, ("NotRequired", "RestartContainer")),
        ):
            if not value:
                yield required((*at, key))
            elif value not in known:
                yield unsupported((*at, key), value, known)
        if never and restart != "NotRequired":
            detail = "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
            yield invalid((*at, "restartPolicy"), restart, detail)


def _mounts(container: dict[str, Any], path: FieldPath, volumes: Mapping[str, str]) -> Iterator[Violation]:
    devices = {one.get("name") or "": one.get("devicePath") for _, one in objects(container.get("volumeDevices"), ())}
    places: set[str] = set()
    for at, mount in objects(container.get("volumeMounts"), (*path, "volumeMounts")):
        name, where = mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            yield required((*at, "name"))
        if name not in volumes:
            hint = did_you_mean(name, volumes) if volumes else "add the volume to the pod"
            yield not_found((*at, "name"), name, hint=hint)
        if not where:
            yield required((*at, "mountPath"))
        if where in places:
            yield invalid((*at, "mountPath"), where, "must be unique", hint="mount it elsewhere")
        places.add(where)
        if name in devices:
            yield invalid((*at, "name"), name, "must not already exist in volumeDevices")
        if where in devices.values():
            yield invalid((*at, "mountPath"), where, "must not already exist as a path in volumeDevices")
        below, expanded = mount.get("subPath") or "", mount.get("subPathExpr") or ""
        yield from check_descending(below, (*at, "subPath"))
        if expanded and below:
            detail = "subPathExpr and subPath are mutually exclusive"
            yield invalid((*at, "subPathExpr"), expanded, detail, hint="remove one of the two")
        yield from check_descending(expanded, (*at, "subPathExpr"))
        yield from _mounted(container, mount, at)


def _mounted(container: dict[str, Any], mount: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """How a mount is shared, and how deep it is read-only."""
    propagation, at = mount.get("mountPropagation"), (*path, "mountPropagation")
    if propagation is not None and propagation not in _PROPAGATIONS:
        yield unsupported(at, propagation, _PROPAGATIONS)
    privileged = mapping(container.get("securityContext")).get("privileged") is True
    if propagation == "Bidirectional" and not privileged:
        detail = "Bidirectional mount propagation is available only to privileged containers"
        yield forbidden(at, detail)
    recursive, at = mount.get("recursiveReadOnly"), (*path, "recursiveReadOnly")
    if recursive is None:
        return
    if recursive not in _RECURSIVE:
        yield unsupported(at, recursive, _RECURSIVE)
    elif recursive != "Disabled":
        if not mount.get("readOnly"):
            yield forbidden(at, "may only be specified when readOnly is true", "add readOnly: true")
        if propagation not in (None, "None"):
            yield forbidden(at, "may only be specified when mountPropagation is None or not specified")


def _devices(container: dict[str, Any], path: FieldPath, volumes: Mapping[str, str]) -> Iterator[Violation]:
    mounts = {one.get("name") or "": one.get("mountPath") for _, one in objects(container.get("volumeMounts"), ())}
    names: set[str] = set()
    places: set[str] = set()
    for at, device in objects(container.get("volumeDevices"), (*path, "volumeDevices")):
        name, where = device.get("name") or "", device.get("devicePath") or ""
        if not name:
            yield required((*at, "name"))
        elif name in names:
            yield invalid((*at, "name"), name, "must be unique")
        if name not in volumes:
            hint = did_you_mean(name, volumes) if volumes else "add the volume to the pod"
            yield not_found((*at, "name"), name, hint=hint)
        elif volumes[name] not in ("persistentVolumeClaim", "ephemeral"):
            detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            yield invalid((*at, "name"), name, detail)
        if not where:
            yield required((*at, "devicePath"))
        if where in places:
            yield invalid((*at, "devicePath"), where, "must be unique")
        if ".." in where.split("/"):
            yield invalid((*at, "devicePath"), where, "can not contain backsteps ('..')")
        else:
            places.add(where)
        if name in mounts:
            yield invalid((*at, "name"), name, "must not already exist in volumeMounts")
        if where in mounts.values():
            yield invalid((*at, "devicePath"), where, "must not already exist as a path in volumeMounts")
        names.add(name)
