"""Annotations of a pod that the server reads, and that they say what fields say (K8s: core/validation)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.digits import whole
from generator.location import FieldPath
from generator.schema.kinds.paths import check_descending
from generator.schema.kinds.words import forbidden, mapping, objects
from generator.schema.violation import Violation, invalid, show

_COST = "controller.kubernetes.io/pod-deletion-cost"
_MIRROR = "kubernetes.io/config.mirror"
_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
_LOCAL = "localhost/"
_SECCOMP_TYPES = {"Unconfined": ("unconfined",), "RuntimeDefault": ("runtime/default", "docker/default")}
_APP_ARMOR_TYPES = {"Unconfined": ("unconfined",), "RuntimeDefault": ("runtime/default",)}
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


def check_pod_annotations(
    metadata: dict[str, Any], spec: dict[str, Any], path: FieldPath, spec_path: FieldPath
) -> Iterator[Violation]:
    """The annotations, at `path`, of a pod or a template whose spec is at `spec_path`."""
    annotations = mapping(metadata.get("annotations"))
    if not annotations:
        return
    names = {one.get("name") for key in _CONTAINERS for _, one in objects(spec.get(key), ())}
    for key, given in annotations.items():
        at, value = (*path, key), given or ""
        if key == _MIRROR and not spec.get("nodeName"):
            yield invalid(at, value, "must set spec.nodeName if mirror pod annotation is set", hint="remove it")
        elif key == _COST and not _is_int32(value):
            yield invalid(at, value, "must be a 32bit integer")
        elif key == _SECCOMP_POD or key.startswith(_SECCOMP):
            yield from _seccomp(value, at)
        elif key.startswith(_APP_ARMOR):
            if key.removeprefix(_APP_ARMOR) not in names:
                yield invalid(at, key.removeprefix(_APP_ARMOR), "container not found", hint="remove it")
            if value not in ("", "runtime/default", "unconfined") and not value.startswith(_LOCAL):
                yield invalid(at, value, f"invalid AppArmor profile name: {show(value)}")
    yield from _agreeing(annotations, spec, spec_path)


def _seccomp(value: str, path: FieldPath) -> Iterator[Violation]:
    if value.startswith(_LOCAL):
        yield from check_descending(value.removeprefix(_LOCAL), path)
    elif value not in ("runtime/default", "docker/default", "unconfined"):
        yield invalid(path, value, "must be a valid seccomp profile", hint="use securityContext.seccompProfile")


def _agreeing(annotations: dict[str, Any], spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """An annotation and the field that took its place say the same."""
    pod = mapping(spec.get("securityContext"))
    at = (*path, "securityContext", "seccompProfile")
    yield from _same(annotations.get(_SECCOMP_POD), pod.get("seccompProfile"), at, "seccomp", _SECCOMP_TYPES)
    windows = mapping(spec.get("os")).get("name") == "windows"
    for key in _CONTAINERS:
        for where, container in objects(spec.get(key), (*path, key)):
            name, own = container.get("name") or "", mapping(container.get("securityContext"))
            at = (*where, "securityContext", "seccompProfile")
            given = annotations.get(f"{_SECCOMP}{name}")
            yield from _same(given, own.get("seccompProfile"), at, "seccomp", _SECCOMP_TYPES)
            profile, given = own.get("appArmorProfile"), annotations.get(f"{_APP_ARMOR}{name}")
            profile = pod.get("appArmorProfile") if profile is None else profile
            at = (*where, "securityContext", "appArmorProfile")
            yield from _same(None if windows else given, profile, at, "apparmor", _APP_ARMOR_TYPES)


def _same(
    annotation: str | None, profile: Any, path: FieldPath, what: str, types: Mapping[str, tuple[str, ...]]
) -> Iterator[Violation]:
    kind = mapping(profile).get("type")
    if annotation is None or not isinstance(kind, str) or (kind not in types and kind != "Localhost"):
        return
    words = f"{what} type in annotation and field must match"
    if kind == "Localhost" and annotation.startswith(_LOCAL):
        if annotation.removeprefix(_LOCAL) != mapping(profile).get("localhostProfile"):
            words = f"{what} profile in annotation and field must match"
            yield forbidden((*path, "localhostProfile"), words, "remove the annotation")
    elif kind == "Localhost" or annotation not in types[kind]:
        yield forbidden((*path, "type"), words, "remove the annotation")


def _is_int32(text: str) -> bool:
    if not re.fullmatch(r"-?(0|[1-9][0-9]*)|\+?[1-9][0-9]*", text) or text == "-0":
        return False
    return -(2**31) <= whole(text) < 2**31
