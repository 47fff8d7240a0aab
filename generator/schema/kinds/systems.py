"""What a pod may ask of the operating system it names (K8s: core/validation, validateOS and its kin)."""

from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema.kinds.words import forbidden, listed, mapping, objects, unsupported
from generator.schema.violation import Violation, invalid, required

_SYSTEMS = ("linux", "windows")
_LINUX_ONLY = ("hostUsers", "hostPID", "hostIPC", "shareProcessNamespace")
_LINUX_ONLY_OF_PODS = (
    *("appArmorProfile", "seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls"),
    *("runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy"),
)
_LINUX_ONLY_OF_CONTAINERS = (
    *("appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged"),
    *("allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup"),
)
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_NOT_ON_WINDOWS = "cannot be set for a windows pod"


def check_system(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """The operating system of a pod, and what does not exist there."""
    yield from _host_process(spec, path)
    if spec.get("os") is None:
        return
    name = mapping(spec["os"]).get("name") or ""
    if not name:
        yield required((*path, "os", "name"))
    elif name == "linux":
        for at, context in _contexts(spec, path):
            if context.get("windowsOptions") is not None:
                yield forbidden((*at, "windowsOptions"), "windows options cannot be set for a linux pod")
    elif name == "windows":
        yield from _on_windows(spec, path)
    else:
        yield unsupported((*path, "os", "name"), name, _SYSTEMS)


def _contexts(spec: dict[str, Any], path: FieldPath) -> Iterator[tuple[FieldPath, dict[str, Any]]]:
    yield (*path, "securityContext"), mapping(spec.get("securityContext"))
    for key in _CONTAINERS:
        for at, container in objects(spec.get(key), (*path, key)):
            yield (*at, "securityContext"), mapping(container.get("securityContext"))


def _on_windows(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    for key in _LINUX_ONLY:
        value = spec.get(key)
        if value is True or (value is False and key in ("hostUsers", "shareProcessNamespace")):
            yield forbidden((*path, key), _NOT_ON_WINDOWS)
    if spec.get("resources") is not None:
        yield forbidden((*path, "resources"), "may not be set for a windows pod")
    for at, context in _contexts(spec, path):
        keys = _LINUX_ONLY_OF_PODS if at == (*path, "securityContext") else _LINUX_ONLY_OF_CONTAINERS
        for key in keys:
            value = context.get(key)
            if value is not None and (key != "sysctls" or listed(value)):
                yield forbidden((*at, key), _NOT_ON_WINDOWS)


def _host_process(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """Containers that are processes of a Windows node: all of a pod's, and on its network."""
    own = mapping(mapping(spec.get("securityContext")).get("windowsOptions")).get("hostProcess")
    found: list[bool] = []
    for at, context in list(_contexts(spec, path))[1:]:
        each = mapping(context.get("windowsOptions")).get("hostProcess")
        if own is not None and each is not None and own != each:
            shown = "true" if own else "false"
            detail = f"pod hostProcess value must be identical if both are specified, was {shown}"
            yield invalid((*at, "windowsOptions", "hostProcess"), each, detail)
        found.append(bool(own if each is None else each))
    if not any(found):
        return
    if not all(found):
        detail = "If pod contains any hostProcess containers then all containers must be HostProcess containers"
        yield invalid(path, "", detail)
    if spec.get("hostNetwork") is not True:
        detail = "hostNetwork must be true if pod contains any hostProcess containers"
        yield invalid((*path, "hostNetwork"), False, detail)
