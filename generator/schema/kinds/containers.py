"""Containers of a pod: image, ports, environment, mounts, and what they may do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator.finding import did_you_mean
from generator.location import FieldPath
from generator.schema import naming, rules
from generator.schema.kinds.probes import check_probes
from generator.schema.kinds.resources import check_resources
from generator.schema.kinds.settings import check_key
from generator.schema.kinds.volumes import sound_volumes
from generator.schema.kinds.words import (
    BETWEEN_PORTS,
    complaints,
    duplicates,
    forbidden,
    listed,
    mapping,
    objects,
    one_of,
    unsupported,
)
from generator.schema.violation import Violation, invalid, required, show

_PULL = ("Always", "IfNotPresent", "Never")
_LOGS = ("FallbackToLogsOnError", "File")
_RESTART = ("Always", "Never", "OnFailure")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_FIELDS = frozenset(
    {
        *("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"),
        *("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"),
    }
)
_SUBSCRIPT = re.compile(r"(metadata\.(?:labels|annotations))\['(.*)'\]")
_PORT_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ENV_NAME = re.compile(r"[ -<>-~]+")
_ENV_WORDS = "a valid environment variable name must consist only of printable ASCII characters other than '='"


@dataclass(frozen=True, slots=True)
class _Pod:
    """What containers refer to: volumes that may be mounted, and claims, by name."""

    volumes: frozenset[str]
    claims: frozenset[str]


def check_containers(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """The containers of a pod's spec, those that run first among them."""
    claims = frozenset(claim.get("name") or "" for _, claim in objects(spec.get("resourceClaims"), ()))
    pod = _Pod(sound_volumes(spec), claims)
    own = list(objects(spec.get("containers"), (*path, "containers")))
    if not own:
        yield required((*path, "containers"))
    first = list(objects(spec.get("initContainers"), (*path, "initContainers")))
    for at, container in own:
        yield from _container(container, at, pod)
        yield from one_of(container, "restartPolicy", _RESTART, at)
    for at, container in first:
        yield from _container(container, at, pod)
        yield from one_of(container, "restartPolicy", _RESTART, at)
    yield from duplicates(((*at, "name"), container.get("name") or "") for at, container in (*first, *own))


def _container(container: dict[str, Any], path: FieldPath, pod: _Pod) -> Iterator[Violation]:
    name = container.get("name") or ""
    if not name:
        yield required((*path, "name"))
    else:
        yield from complaints((*path, "name"), name, naming.label(name))
    if not container.get("image"):
        yield required((*path, "image"))
    yield from one_of(container, "terminationMessagePolicy", (*_LOGS, ""), path)
    yield from one_of(container, "imagePullPolicy", (*_PULL, ""), path)
    yield from _ports(container, path)
    for at, variable in objects(container.get("env"), (*path, "env")):
        yield from _variable(variable, at)
    for at, source in objects(container.get("envFrom"), (*path, "envFrom")):
        yield from _environment(source, at)
    yield from _mounts(container, path, pod.volumes)
    yield from check_probes(container, path)
    yield from _resizing(container, (*path, "resizePolicy"))
    yield from check_resources(mapping(container.get("resources")), (*path, "resources"), pod.claims)
    yield from check_security(mapping(container.get("securityContext")), (*path, "securityContext"))


def _ports(container: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    ports = list(objects(container.get("ports"), (*path, "ports")))
    for at, port in ports:
        name = port.get("name") or ""
        if name and (not _PORT_NAME.fullmatch(name) or len(name) > 15 or not re.search("[a-z]", name)):
            detail = "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-), at most 15, one a letter"
            yield invalid((*at, "name"), name, detail)
        for key in ("containerPort", "hostPort"):
            number = port.get(key)
            if key == "containerPort" and not number:
                yield required((*at, key))
            elif number and isinstance(number, int) and not 1 <= number <= 65535:
                yield invalid((*at, key), number, BETWEEN_PORTS)
        yield from one_of(port, "protocol", (*_PROTOCOLS, ""), at)
    yield from duplicates(((*at, "name"), port.get("name") or "") for at, port in ports)


def _environment(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """Variables by the handful, from one object."""
    prefix = source.get("prefix") or ""
    if prefix and not _ENV_NAME.fullmatch(prefix):
        yield invalid((*path, "prefix"), prefix, _ENV_WORDS)
    found = [key for key in ("configMapRef", "secretRef") if source.get(key) is not None]
    for key in found:
        if not mapping(source[key]).get("name"):
            yield required((*path, key, "name"))
    if not found:
        yield invalid(path[:-1], "", "must specify one of: `configMapRef` or `secretRef`")
    elif len(found) > 1:
        yield invalid(path[:-1], "", "may not have more than one field specified at a time")


def _resizing(container: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    policies = list(objects(container.get("resizePolicy"), path))
    for _, policy in policies:
        for key, supported in (
            ("resourceName", ("cpu", "memory")),
            ("restartPolicy", ("NotRequired", "RestartContainer")),
        ):
            if not policy.get(key):
                yield required(path)
            elif policy[key] not in supported:
                yield unsupported(path, policy[key], supported)
    yield from duplicates((at, policy.get("resourceName")) for at, policy in policies)


def _variable(variable: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    name = variable.get("name") or ""
    if not name:
        yield required((*path, "name"))
    elif not _ENV_NAME.fullmatch(name):
        yield invalid((*path, "name"), name, _ENV_WORDS)
    if variable.get("valueFrom") is None:
        return
    given, at = mapping(variable["valueFrom"]), (*path, "valueFrom")
    sources = [key for key in _SOURCES if given.get(key) is not None]
    if not sources:
        shown = ", ".join(f"`{source}`" for source in _SOURCES[:-1])
        yield invalid(at, "", f"must specify one of: {shown} or `{_SOURCES[-1]}`")
    elif variable.get("value"):
        yield invalid(at, "", "may not be specified when `value` is not empty")
    elif len(sources) > 1:
        yield invalid(at, "", "may not have more than one field specified at a time")
    if given.get("fieldRef") is not None:
        yield from _field(mapping(given["fieldRef"]), (*at, "fieldRef"))
    for key in ("configMapKeyRef", "secretKeyRef"):
        if given.get(key) is not None:
            reference = mapping(given[key])
            if not reference.get("name"):
                yield required((*at, key, "name"))
            if not reference.get("key"):
                yield required((*at, key, "key"))
            else:
                yield from check_key(reference["key"], (*at, key, "key"))


def _field(reference: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    field, at = reference.get("fieldPath") or "", (*path, "fieldPath")
    version = reference.get("apiVersion") or "v1"
    if not field:
        yield required(at)
    elif version != "v1":
        yield invalid(at, field, f"error converting fieldPath: unsupported pod version: {version}")
    elif found := _SUBSCRIPT.fullmatch(field):
        key = found[2].lower() if found[1].endswith("annotations") else found[2]
        yield from complaints(path, key, naming.label_key(key))
    elif field not in _FIELDS:
        yield invalid(at, field, f"error converting fieldPath: field label not supported: {field}")


def _mounts(container: dict[str, Any], path: FieldPath, mountable: frozenset[str]) -> Iterator[Violation]:
    places: set[str] = set()
    for at, mount in objects(container.get("volumeMounts"), (*path, "volumeMounts")):
        name, where = mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            yield required((*at, "name"))
        if name not in mountable:
            hint = did_you_mean(name, mountable) if mountable else "add the volume to the pod"
            yield Violation((*at, "name"), f"Not found: {show(name)}", hint, rules.INVALID)
        if not where:
            yield required((*at, "mountPath"))
        if where in places:
            yield invalid((*at, "mountPath"), where, "must be unique")
        places.add(where)
        for key in ("subPath", "subPathExpr"):
            below = mount.get(key) or ""
            if below.startswith("/"):
                yield invalid((*at, key), below, "must be a relative path")
            if ".." in below.split("/"):
                yield invalid((*at, key), below, "must not contain '..'")
        if mount.get("subPath") and mount.get("subPathExpr"):
            detail = "subPathExpr and subPath are mutually exclusive"
            yield invalid((*at, "subPathExpr"), mount["subPathExpr"], detail)
        yield from _mounted(container, mount, at)


def _mounted(container: dict[str, Any], mount: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """How a mount is shared, and how deep it is read-only."""
    kinds = ("Bidirectional", "HostToContainer", "None")
    propagation = mount.get("mountPropagation")
    if propagation is not None and propagation not in kinds:
        yield unsupported((*path, "mountPropagation"), propagation, kinds)
    privileged = mapping(container.get("securityContext")).get("privileged") is True
    if propagation == "Bidirectional" and not privileged:
        detail = "Bidirectional mount propagation is available only to privileged containers"
        yield forbidden((*path, "mountPropagation"), detail)
    recursive = mount.get("recursiveReadOnly")
    if recursive is None:
        return
    if recursive not in ("Disabled", "Enabled", "IfPossible"):
        yield unsupported((*path, "recursiveReadOnly"), recursive, ("Disabled", "Enabled", "IfPossible"))
    elif recursive != "Disabled":
        if not mount.get("readOnly"):
            yield forbidden((*path, "recursiveReadOnly"), "may only be specified when readOnly is true")
        elif propagation not in (None, "None"):
            detail = "may only be specified when mountPropagation is None or not specified"
            yield forbidden((*path, "recursiveReadOnly"), detail)


def check_security(context: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """`securityContext` of a container, and what a pod's has in common with it."""
    for key in ("runAsUser", "runAsGroup", "fsGroup"):
        number = context.get(key)
        if isinstance(number, int) and not 0 <= number <= 2**31 - 1:
            yield invalid((*path, key), number, "must be between 0 and 2147483647, inclusive")
    yield from one_of(context, "procMount", ("Default", "Unmasked"), path)
    if context.get("seccompProfile") is not None:
        yield from _profile(mapping(context["seccompProfile"]), (*path, "seccompProfile"), "seccomp")
    if context.get("appArmorProfile") is not None:
        yield from _profile(mapping(context["appArmorProfile"]), (*path, "appArmorProfile"), "AppArmor")
    if context.get("allowPrivilegeEscalation") is False:
        if context.get("privileged") is True:
            detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            yield Violation(path, f"Invalid value: {detail}", "", rules.INVALID)
        if "CAP_SYS_ADMIN" in listed(mapping(context.get("capabilities")).get("add")):
            detail = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            yield Violation(path, f"Invalid value: {detail}", "", rules.INVALID)


def _profile(profile: dict[str, Any], path: FieldPath, what: str) -> Iterator[Violation]:
    """A profile of the kernel's: one of the runtime, none, or one on the node by its name."""
    kind, local = profile.get("type") or "", profile.get("localhostProfile")
    if not kind:
        yield required((*path, "type"), f"type is required when {path[-1]} is set")
    elif kind not in _PROFILES:
        yield unsupported((*path, "type"), kind, _PROFILES)
    if kind == "Localhost" and not local:
        yield required((*path, "localhostProfile"), f"must be set when {what} type is Localhost")
    elif kind != "Localhost" and local is not None:
        yield invalid((*path, "localhostProfile"), local, f"can only be set when {what} type is Localhost")
