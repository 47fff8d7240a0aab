"""Requests about namespaces and other objects that are in no namespace: what selectors, scopes and parameters make of them.

Each case looks at an object of its own name, in the form of the recorded cases.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Manifest = dict[str, Any]

_REGISTRATION = "admissionregistration.k8s.io/v1"
_PROD = {"matchLabels": {"env": "prod"}}
_NAMED = "kubernetes.io/metadata.name"
_GROUP = "rbac.authorization.k8s.io"
_RESOURCES = {
    "Namespace": {"group": "", "version": "v1", "resource": "namespaces", "kind": "Namespace"},
    "ClusterRole": {"group": _GROUP, "version": "v1", "resource": "clusterroles", "kind": "ClusterRole"},
}
_KINDS = {"apiVersion": "v1", "kind": "ConfigMap"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One case: the operation, labels of the new and the stored object, and what the policy and its binding say."""

    operation: str = "CREATE"
    labels: dict[str, str] = field(default_factory=dict)
    old: dict[str, str] = field(default_factory=dict)
    kind: str = "Namespace"
    match: Manifest = field(default_factory=dict)
    bound: Manifest | None = None
    expression: str = "false"
    condition: str = ""
    ref: Manifest | None = None
    params: tuple[str, ...] = ()
    ignore: bool = False
    written: Manifest = field(default_factory=dict)
    """More metadata of the object."""


_SEEN = (
    "request.namespace == request.name && namespaceObject == null && request.name == {}.metadata.name"
    f" && {{}}.metadata.labels['{_NAMED}'] == request.name && !has({{}}.metadata.namespace)"
)
_OWN = {"name": "limits", "parameterNotFoundAction": "Deny"}

CASES: dict[str, Asked] = {
    "created, its own namespace": Asked(expression=_SEEN.replace("{}", "object")),
    "changed, its own namespace": Asked("UPDATE", expression=_SEEN.replace("{}", "object")),
    "deleted, its own namespace": Asked("DELETE", expression=_SEEN.replace("{}", "oldObject")),
    "created, in its condition": Asked(condition="request.namespace == object.metadata.name"),
    "created, a condition on the namespace": Asked(condition="namespaceObject != null"),
    "created, the check of its own request": Asked(
        expression="authorizer.requestResource.check('allowed').allowed() && namespaceObject == null"
    ),
    "created, selected": Asked(labels={"env": "prod"}, match={"namespaceSelector": _PROD}),
    "created, not selected": Asked(labels={"env": "dev"}, match={"namespaceSelector": _PROD}),
    "created, without labels": Asked(match={"namespaceSelector": _PROD}),
    "created, selected by its name": Asked(match={"namespaceSelector": {"matchLabels": {_NAMED: "NAME"}}}),
    "created, selected by another name": Asked(match={"namespaceSelector": {"matchLabels": {_NAMED: "other"}}}),
    "created, an object selected by its name": Asked(match={"objectSelector": {"matchLabels": {_NAMED: "NAME"}}}),
    "created, its name's label wrong": Asked(
        labels={_NAMED: "other"}, match={"objectSelector": {"matchLabels": {_NAMED: "NAME"}}}
    ),
    "changed into what is selected": Asked(
        "UPDATE", {"env": "prod"}, {"env": "dev"}, match={"namespaceSelector": _PROD}
    ),
    "changed out of what is selected": Asked(
        "UPDATE", {"env": "dev"}, {"env": "prod"}, match={"namespaceSelector": _PROD}
    ),
    "changed, the old object selected": Asked(
        "UPDATE", {"env": "dev"}, {"env": "prod"}, match={"objectSelector": _PROD}
    ),
    "deleted, selected": Asked("DELETE", old={"env": "prod"}, match={"namespaceSelector": _PROD}),
    "deleted, not selected": Asked("DELETE", old={"env": "dev"}, match={"namespaceSelector": _PROD}),
    "created, selected by the binding": Asked(labels={"env": "prod"}, bound={"namespaceSelector": _PROD}),
    "created, not selected by the binding": Asked(labels={"env": "dev"}, bound={"namespaceSelector": _PROD}),
    "deleted, selected by the binding": Asked("DELETE", old={"env": "prod"}, bound={"namespaceSelector": _PROD}),
    "created, scope Namespaced": Asked(match={"scope": "Namespaced"}),
    "created, scope Cluster": Asked(match={"scope": "Cluster"}),
    "created, its parameter missing": Asked(ref=_OWN),
    "created, its parameter missing and allowed": Asked(ref={**_OWN, "parameterNotFoundAction": "Allow"}),
    "created, its parameter missing and ignored": Asked(ref=_OWN, ignore=True),
    "created, a parameter elsewhere": Asked(
        ref={**_OWN, "namespace": "prod"}, params=("prod",), expression="params.metadata.namespace == 'dev'"
    ),
    "created, a parameter of that name elsewhere": Asked(ref=_OWN, params=("prod",)),
    "changed, its own parameter": Asked(
        "UPDATE", ref=_OWN, params=("NAME",), expression="params.metadata.namespace != request.name"
    ),
    "deleted, its own parameter": Asked(
        "DELETE", ref=_OWN, params=("NAME",), expression="params.metadata.namespace != request.name"
    ),
    "changed, its own parameters by labels": Asked(
        "UPDATE",
        ref={"selector": {"matchLabels": {"app": "limits"}}, "parameterNotFoundAction": "Deny"},
        params=("NAME", "prod"),
        expression="params.metadata.namespace != request.name",
    ),
    "a role, whatever the selector": Asked(kind="ClusterRole", match={"namespaceSelector": _PROD}),
    "a role, whatever the binding's selector": Asked(kind="ClusterRole", bound={"namespaceSelector": _PROD}),
    "a role, by its labels": Asked(kind="ClusterRole", labels={"env": "prod"}, match={"objectSelector": _PROD}),
    "a role, not by its labels": Asked(kind="ClusterRole", labels={"env": "dev"}, match={"objectSelector": _PROD}),
    "a role, deleted by its labels": Asked(
        "DELETE", old={"env": "prod"}, kind="ClusterRole", match={"objectSelector": _PROD}
    ),
    "a role, in no namespace": Asked(
        kind="ClusterRole",
        expression="has(request.namespace) || namespaceObject != null || has(object.metadata.namespace)",
    ),
    "a role, a namespace written": Asked(
        kind="ClusterRole",
        written={"namespace": "prod"},
        expression="!has(request.namespace) && !has(object.metadata.namespace) && namespaceObject == null",
    ),
    "a role, a parameter of no namespace": Asked(kind="ClusterRole", ref=_OWN),
    "a role, scope Namespaced": Asked(kind="ClusterRole", match={"scope": "Namespaced"}),
    "a role, scope Cluster": Asked(kind="ClusterRole", match={"scope": "Cluster"}),
}


def cases() -> Iterator[Manifest]:
    """The cases, without a verdict."""
    for number, (label, asked) in enumerate(CASES.items()):
        yield {"id": label, "request": _request(asked, f"own-{number}")}


def _request(asked: Asked, name: str) -> Manifest:
    resource = _RESOURCES[asked.kind]
    request: Manifest = {
        "policies": [_named(_policy(asked, name), name)],
        "bindings": [_named(_binding(asked, name), name)],
        "namespaces": [_namespace("prod", {"env": "prod"}), _namespace("dev", {"env": "dev"})],
        "operation": asked.operation,
        "resource": resource,
        "name": name,
        "namespace": name if asked.kind == "Namespace" else "",
        "object": None if asked.operation == "DELETE" else _object(asked, name, asked.labels),
    }
    if asked.operation != "CREATE":
        request["oldObject"] = _object(asked, name, asked.old)
    if asked.params:
        metadata = {"name": f"{name}-limits", "labels": {"app": "limits"}}
        request["params"] = [
            {**_KINDS, "metadata": {**metadata, "namespace": name if where == "NAME" else where}, "data": {"max": "2"}}
            for where in asked.params
        ]
    return request


def _named(data: Manifest, name: str) -> Manifest:
    """The manifest with the case's own name wherever a selector asks for it."""
    selectors = [data["spec"].get(key) or {} for key in ("matchConstraints", "matchResources")]
    for selector in (one.get(key) or {} for one in selectors for key in ("namespaceSelector", "objectSelector")):
        labels = selector.get("matchLabels") or {}
        if labels.get(_NAMED) == "NAME":
            selector["matchLabels"] = {_NAMED: name}
    return data


def _policy(asked: Asked, name: str) -> Manifest:
    resource = _RESOURCES[asked.kind]
    rule = {
        "apiGroups": [resource["group"]],
        "apiVersions": ["v1"],
        "operations": ["*"],
        "resources": [resource["resource"]],
        "resourceNames": [name],
        "scope": asked.match.get("scope", "*"),
    }
    match = {key: dict(value) for key, value in asked.match.items() if key != "scope"}
    spec: Manifest = {
        "failurePolicy": "Ignore" if asked.ignore else "Fail",
        "matchConstraints": {"resourceRules": [rule], **match},
        "validations": [{"expression": asked.expression}],
    }
    if asked.condition:
        spec["matchConditions"] = [{"name": "only", "expression": asked.condition}]
    if asked.ref is not None:
        spec["paramKind"] = _KINDS
    metadata = {"name": name}
    return {"apiVersion": _REGISTRATION, "kind": "ValidatingAdmissionPolicy", "metadata": metadata, "spec": spec}


def _binding(asked: Asked, name: str) -> Manifest:
    spec: Manifest = {"policyName": name, "validationActions": ["Deny"]}
    if asked.bound is not None:
        spec["matchResources"] = dict(asked.bound)
    if asked.ref is not None:
        spec["paramRef"] = dict(asked.ref)
        if "name" in asked.ref:
            spec["paramRef"]["name"] = f"{name}-limits"
    metadata = {"name": name}
    return {"apiVersion": _REGISTRATION, "kind": "ValidatingAdmissionPolicyBinding", "metadata": metadata, "spec": spec}


def _object(asked: Asked, name: str, labels: dict[str, str]) -> Manifest:
    group = _RESOURCES[asked.kind]["group"]
    metadata = {"name": name, **({"labels": labels} if labels else {}), **asked.written}
    return {"apiVersion": f"{group}/v1" if group else "v1", "kind": asked.kind, "metadata": metadata}


def _namespace(name: str, labels: dict[str, str]) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
