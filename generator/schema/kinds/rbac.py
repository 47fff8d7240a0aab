"""Roles and bindings (K8s: rbac/validation)."""

from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.words import (
    check_selector,
    complaints,
    is_selector,
    listed,
    mapping,
    objects,
    unsupported,
)
from generator.schema.violation import Violation, invalid, required

_GROUP = "rbac.authorization.k8s.io"
_SUBJECTS = ("ServiceAccount", "User", "Group")


def check_role(data: dict[str, Any]) -> Iterator[Violation]:
    """A Role."""
    for path, rule in objects(data.get("rules"), ("rules",)):
        yield from _rule(rule, path, namespaced=True)


def check_cluster_role(data: dict[str, Any]) -> Iterator[Violation]:
    """A ClusterRole."""
    for path, rule in objects(data.get("rules"), ("rules",)):
        yield from _rule(rule, path, namespaced=False)
    if data.get("aggregationRule") is None:
        return
    at: FieldPath = ("aggregationRule", "clusterRoleSelectors")
    selectors = list(objects(mapping(data["aggregationRule"]).get("clusterRoleSelectors"), at))
    if not selectors:
        yield required(at, "at least one clusterRoleSelector required if aggregationRule is non-nil")
    for path, selector in selectors:
        yield from check_selector(selector, path)
        if not is_selector(selector):
            yield invalid(path, None, "invalid label selector.")


def _rule(rule: dict[str, Any], path: FieldPath, *, namespaced: bool) -> Iterator[Violation]:
    if not listed(rule.get("verbs")):
        yield required((*path, "verbs"), "verbs must contain at least one value")
    urls = listed(rule.get("nonResourceURLs"))
    if urls:
        at = (*path, "nonResourceURLs")
        if namespaced:
            hint = "use a ClusterRole: URLs belong to no namespace"
            yield invalid(at, urls, "namespaced rules cannot apply to non-resource URLs", hint=hint)
        if any(listed(rule.get(key)) for key in ("apiGroups", "resources", "resourceNames")):
            detail = "rules cannot apply to both regular resources and non-resource URLs"
            yield invalid(at, urls, detail, hint="split it into two rules")
        return
    if not listed(rule.get("apiGroups")):
        hint = 'write apiGroups: [""] for the core group'
        detail = "resource rules must supply at least one api group"
        yield Violation((*path, "apiGroups"), f"Required value: {detail}", hint, required(path).rule)
    if not listed(rule.get("resources")):
        yield required((*path, "resources"), "resource rules must supply at least one resource")


def check_role_binding(data: dict[str, Any]) -> Iterator[Violation]:
    """A RoleBinding."""
    yield from _binding(data, ("Role", "ClusterRole"))


def check_cluster_role_binding(data: dict[str, Any]) -> Iterator[Violation]:
    """A ClusterRoleBinding."""
    yield from _binding(data, ("ClusterRole",))


def _binding(data: dict[str, Any], kinds: tuple[str, ...]) -> Iterator[Violation]:
    reference, path = mapping(data.get("roleRef")), ("roleRef",)
    group, kind, name = reference.get("apiGroup") or _GROUP, reference.get("kind") or "", reference.get("name") or ""
    if group != _GROUP:
        yield unsupported((*path, "apiGroup"), group, (_GROUP,))
    if kind not in kinds:
        yield unsupported((*path, "kind"), kind, kinds)
    if not name:
        yield required((*path, "name"))
    else:
        yield from complaints((*path, "name"), name, naming.path_segment(name))
    for at, subject in objects(data.get("subjects"), ("subjects",)):
        yield from _subject(subject, at, namespaced="Role" in kinds)


def _subject(subject: dict[str, Any], path: FieldPath, *, namespaced: bool) -> Iterator[Violation]:
    kind, name, group = (subject.get(key) or "" for key in ("kind", "name", "apiGroup"))
    if not name:
        yield required((*path, "name"))
    match kind:
        case "ServiceAccount":
            if name:
                yield from complaints((*path, "name"), name, naming.subdomain(name))
            if group:
                yield unsupported((*path, "apiGroup"), group, ("",))
            if not namespaced and not subject.get("namespace"):
                yield required((*path, "namespace"))
        case "User" | "Group":
            if group not in ("", _GROUP):
                yield unsupported((*path, "apiGroup"), group, (_GROUP,))
        case _:
            yield unsupported((*path, "kind"), kind, _SUBJECTS)
