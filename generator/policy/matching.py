"""Whether a policy or binding applies to a request."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from generator.policy.model import Match, Rule, Selector, inside
from generator.policy.resources import EQUIVALENT, Resource

_NAME_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True, slots=True)
class Target:
    """What matching looks at: the operation, the resource, the object's name and namespace, and labels.

    `labels` are those of the new object and of the stored one, as far as the request has them. `namespace_labels` None:
    the namespace is not known. `served` are other versions of a custom resource.
    """

    operation: str
    resource: Resource
    name: str
    namespace: str
    labels: tuple[Mapping[str, str], ...]
    namespace_labels: Mapping[str, str] | None
    served: tuple[str, ...] = ()
    subresource: str = ""


class UnknownNamespaceError(LookupError):
    """A selector asks for a namespace's labels, and the namespace is not known."""


def matched(match: Match, target: Target, *, binding: bool = False) -> Resource | None:
    """The resource under which a request matches, or None. Raises UnknownNamespaceError.

    A binding's match without rules restricts nothing.
    """
    found = target.resource if binding and not match.rules else _first(match.rules, target, exact=match.exact)
    if found is None or _first(match.excluded, target, exact=match.exact) is not None:
        return None
    if match.objects.requirements and not any(match.objects.matches(labels) for labels in target.labels):
        return None  # before the namespace: one that is not known matters only to what matches otherwise
    return found if _namespace_matches(match.namespaces, target) else None


def concerns(match: Match, resource: Resource) -> bool:
    """Whether any rule of a match names a resource, whatever selectors, names and exclusions say."""
    rules = tuple(replace(rule, names=()) for rule in match.rules)
    open_match = replace(match, rules=rules, excluded=(), namespaces=Selector(), objects=Selector())
    return matched(open_match, Target("CREATE", resource, "", "", ({},), {})) is not None


def _namespace_matches(selector: Selector, target: Target) -> bool:
    if not selector.requirements:
        return True
    if target.resource.is_namespaces:
        return selector.matches(target.labels[0] if target.labels else {})
    if not target.resource.namespaced:
        return True
    if target.namespace_labels is None:
        raise UnknownNamespaceError(target.namespace)
    return selector.matches(target.namespace_labels)


def _first(rules: tuple[Rule, ...], target: Target, *, exact: bool) -> Resource | None:
    for rule in rules:
        if _rule_matches(rule, target, target.resource):
            return target.resource
    if exact:
        return None
    for other in _equivalents(target):
        if any(_rule_matches(rule, target, other) for rule in rules):
            return other
    return None


def _equivalents(target: Target) -> list[Resource]:
    own = target.resource
    found = [
        Resource(own.group, version, own.name, own.kind, own.namespaced)
        for version in target.served
        if version != own.version
    ]
    for names in EQUIVALENT:
        if (own.group, own.version, own.name) in names:
            found += [
                Resource(group, version, name, own.kind, own.namespaced)
                for group, version, name in names
                if (group, version, name) != (own.group, own.version, own.name)
            ]
    return found


def _rule_matches(rule: Rule, target: Target, resource: Resource) -> bool:
    return (
        _listed(rule.operations, target.operation)
        and _listed(rule.groups, resource.group)
        and _listed(rule.versions, resource.version)
        and any(_resource_matches(wanted, resource.name, target.subresource) for wanted in rule.resources)
        and (not rule.names or target.name in rule.names)
        and _scope_matches(rule.scope, target)
    )


def _listed(wanted: tuple[str, ...], value: str) -> bool:
    return "*" in wanted or value in wanted


def _resource_matches(wanted: str, name: str, subresource: str) -> bool:
    head, _, sub = wanted.partition("/")
    if head not in ("*", name):
        return False
    return sub in ("*", subresource)


def _scope_matches(scope: str, target: Target) -> bool:
    if scope == "*":
        return True
    in_namespace = target.resource.namespaced and not target.resource.is_namespaces
    return in_namespace is (scope == "Namespaced")


def labels_of(data: Any) -> Mapping[str, str]:
    """The labels of an object, none where it has none."""
    metadata = data.get("metadata") if isinstance(data, Mapping) else None
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    if not isinstance(labels, dict):
        return {}
    return {key: "" if value is None else value for key, value in labels.items()} if None in labels.values() else labels


def namespace_labels(data: Any, name: str = "") -> Mapping[str, str]:
    """The labels of a Namespace, with the one that the server puts on every namespace: its name."""
    return {**labels_of(data), _NAME_LABEL: name or str(inside(data, "metadata", "name") or "")}
