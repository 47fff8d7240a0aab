"""What a pod and its containers may do (K8s: core/validation, security contexts)."""

import re
from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema.kinds.paths import check_descending
from generator.schema.kinds.windows import check_windows_options
from generator.schema.kinds.words import duplicate, forbidden, listed, mapping, objects, one_of, unsupported
from generator.schema.violation import Violation, invalid, required

_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_BETWEEN_IDS = "must be between 0 and 2147483647, inclusive"
_SYSCTL_FORM = r"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"
_SYSCTL = re.compile(_SYSCTL_FORM.removesuffix("$"))
_LONGEST_SYSCTL = 253
_LONGEST_PROFILE = 4095
_IPC = (
    *("kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax"),
    *("kernel.shmmni", "kernel.shm_rmid_forced"),
)
_HOST_USERS = "when `hostUsers` is false"


def check_container_security(context: dict[str, Any], path: FieldPath, *, host_users: bool) -> Iterator[Violation]:
    """`securityContext` of a container."""
    yield from _ids(context, ("runAsUser", "runAsGroup"), path)
    mount, at = context.get("procMount"), (*path, "procMount")
    if mount is not None and mount not in ("Default", "Unmasked"):
        yield unsupported(at, mount, ("Default", "Unmasked"))
    elif mount == "Unmasked" and host_users:
        hint = "add hostUsers: false to the pod"
        yield invalid(at, mount, "`hostUsers` must be false to use `Unmasked`", hint=hint)
    yield from _profiles(context, path)
    if context.get("allowPrivilegeEscalation") is False:
        words = "cannot set `allowPrivilegeEscalation` to false and"
        if context.get("privileged") is True:
            yield invalid(path, context, f"{words} `privileged` to true", hint="remove one of the two")
        if "CAP_SYS_ADMIN" in listed(mapping(context.get("capabilities")).get("add")):
            yield invalid(path, context, f"{words} `capabilities.Add` CAP_SYS_ADMIN", hint="remove one of the two")
    yield from check_windows_options(mapping(context.get("windowsOptions")), (*path, "windowsOptions"))


def check_pod_security(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """`securityContext` of a pod, and what it shares with its node."""
    context, at = mapping(spec.get("securityContext")), (*path, "securityContext")
    yield from _ids(context, ("fsGroup", "runAsUser", "runAsGroup"), at)
    for index, group in enumerate(listed(context.get("supplementalGroups"))):
        if not 0 <= (group or 0) <= 2**31 - 1:
            yield invalid((*at, "supplementalGroups", index), group, _BETWEEN_IDS)
    if spec.get("shareProcessNamespace") is True and spec.get("hostPID") is True:
        detail = "ShareProcessNamespace and HostPID cannot both be enabled"
        yield invalid((*path, "shareProcessNamespace"), True, detail)
    yield from _sysctls(spec, context, (*at, "sysctls"))
    yield from one_of(context, "fsGroupChangePolicy", ("Always", "OnRootMismatch"), at)
    yield from _profiles(context, at)
    yield from one_of(context, "supplementalGroupsPolicy", ("Merge", "Strict"), at)
    yield from one_of(context, "seLinuxChangePolicy", ("Recursive",), at)
    yield from check_windows_options(mapping(context.get("windowsOptions")), (*at, "windowsOptions"))
    if spec.get("hostUsers") is False:
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            if spec.get(key) is True:
                yield forbidden((*path, key), _HOST_USERS, "remove one of the two")
        for key in ("initContainers", "containers"):
            for where, container in objects(spec.get(key), (*path, key)):
                if listed(container.get("volumeDevices")):
                    yield forbidden((*where, "volumeDevices"), _HOST_USERS)


def _ids(context: dict[str, Any], keys: tuple[str, ...], path: FieldPath) -> Iterator[Violation]:
    for key in keys:
        number = context.get(key)
        if number is not None and not 0 <= number <= 2**31 - 1:
            yield invalid((*path, key), number, _BETWEEN_IDS)


def _profiles(context: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    if context.get("seccompProfile") is not None:
        yield from _seccomp(mapping(context["seccompProfile"]), (*path, "seccompProfile"))
    if context.get("appArmorProfile") is not None:
        yield from _app_armor(mapping(context["appArmorProfile"]), (*path, "appArmorProfile"))


def _profile_type(kind: str, path: FieldPath) -> Iterator[Violation]:
    if not kind:
        yield required((*path, "type"), f"type is required when {path[-1]} is set")
    elif kind not in _PROFILES:
        yield unsupported((*path, "type"), kind, _PROFILES)


def _seccomp(profile: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    kind, local, at = profile.get("type") or "", profile.get("localhostProfile"), (*path, "localhostProfile")
    yield from _profile_type(kind, path)
    if kind == "Localhost":
        if local is None:
            yield required(at, "must be set when seccomp type is Localhost")
        else:
            yield from check_descending(local, at)
    elif local is not None:
        yield invalid(at, profile, "can only be set when seccomp type is Localhost", hint="remove it")


def _app_armor(profile: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    kind, local, at = profile.get("type") or "", profile.get("localhostProfile"), (*path, "localhostProfile")
    if kind != "Localhost":
        yield from _profile_type(kind, path)
        if kind in _PROFILES and local is not None:
            yield invalid(at, local, "can only be set when AppArmor type is Localhost", hint="remove it")
        return
    if local is None or not local:
        yield required(at, "must be set when AppArmor type is Localhost")
    elif local != local.strip():
        yield invalid(at, local, "must not be padded with whitespace", hint=f"write {local.strip()}")
    if len((local or "").encode()) > _LONGEST_PROFILE:
        yield Violation(at, f"Too long: may not be more than {_LONGEST_PROFILE} bytes", "shorten it")


def _sysctls(spec: dict[str, Any], context: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    names: set[str] = set()
    for at, sysctl in objects(context.get("sysctls"), path):
        name, where = sysctl.get("name") or "", (*at, "name")
        if not name:
            yield required(where)
        elif len(name.encode()) > _LONGEST_SYSCTL or not _SYSCTL.fullmatch(name):
            detail = f"must have at most {_LONGEST_SYSCTL} characters and match regex {_SYSCTL_FORM}"
            yield invalid(where, name, detail)
        elif name in names:
            yield duplicate(where, name)
        names.add(name)
        dotted = name.replace("/", ".")
        if spec.get("hostNetwork") is True and dotted.startswith("net."):
            yield invalid(where, name, "may not be specified when 'hostNetwork' is true")
        elif spec.get("hostIPC") is True and (dotted in _IPC or dotted.startswith("fs.mqueue.")):
            yield invalid(where, name, "may not be specified when 'hostIPC' is true")
