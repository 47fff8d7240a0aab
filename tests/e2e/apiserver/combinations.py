"""Policies made of every part in many combinations: each case has a policy, bindings, parameters and a request of its own.

All cases stand in the cluster at once: a policy looks at the one object whose name is its case's.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

Manifest = dict[str, Any]

_REGISTRATION = "admissionregistration.k8s.io/v1"
NAMESPACES: list[Manifest] = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels, "annotations": {"a": "b"}}}
    for name, labels in (("prod", {"env": "prod"}), ("dev", {"env": "dev", "tier": "low"}))
]
_EXPRESSIONS = (
    *("true", "false", "object.metadata.nope == 1", "has(oldObject.metadata)", "request.operation != 'UPDATE'"),
    *("object.metadata.name.startsWith('case')", "oldObject == null || object == null", "object != null"),
    *(
        "namespaceObject.metadata.labels['env'] == 'prod'",
        "request.namespace == 'prod'",
        "request.?subResource.orValue('') == ''",
    ),
    *(
        "request.kind.kind in ['ConfigMap', 'Deployment']",
        "has(object.metadata.labels) && object.metadata.labels.size() > 1",
    ),
    *("object.metadata.labels.app == 'x' || request.operation == 'DELETE'", "request.name != ''", "1 / 0 == 1"),
    *("request.resource.resource == 'configmaps'", "request.userInfo.username == 'kubernetes-admin'"),
    *("[1, 2, 3].all(i, i > 1)", "dyn(1) == dyn('1')", "request.options.kind == 'CreateOptions'"),
    *("authorizer.group('').resource('pods').namespace('prod').check('allowed').allowed()",),
    *("authorizer.group('').resource('pods').check('denied').allowed()", "'abc'.matches('^[a-c]+$')"),
    *("object.?spec.?replicas.orValue(1) > 1", "quantity('1Gi').isGreaterThan(quantity('1G'))"),
)
_WITH_VARIABLES = (
    "variables.labels.size() > 0",
    "variables.big",
    "variables.wrong == 'x' || true",
    "variables.wrong == 'x'",
)
_VARIABLES = [
    {"name": "labels", "expression": "object == null ? {} : object.metadata.?labels.orValue({})"},
    {"name": "big", "expression": "variables.labels.size() > 1"},
    {"name": "wrong", "expression": "object.metadata.nothing"},
]
_WITH_PARAMS = (
    *("params != null", "params.data.max == '2'", "int(params.data.max) > 1", "params.data.nope == ''"),
    *("params == null || has(params.data)", "params.metadata.name != object.metadata.name"),
)
_CONDITIONS = (
    *("true", "false", "object.metadata.nope == 1", "request.operation == 'CREATE'", "request.namespace == 'prod'"),
    *("namespaceObject == null", "has(object.metadata.labels)", "!has(object.metadata.labels)"),
)
_MESSAGES: tuple[dict[str, str], ...] = (
    {},
    {},
    {"message": "plain"},
    {"message": "  spaces around  "},
    {"messageExpression": "'is ' + request.name"},
    {"messageExpression": "'in ' + request.namespace", "message": "fallback"},
    {"messageExpression": "string(object.metadata.nope)", "message": "fallback"},
    {"messageExpression": "'  '", "message": "fallback"},
    {"messageExpression": "'two\\nlines'", "message": "fallback"},
    {"messageExpression": "'ends with a line\\n'"},
    {"messageExpression": "string(object.metadata.nope)"},
    {"messageExpression": "string(1 / 0)", "message": "fallback"},
)
_ACTIONS = (["Deny"], ["Deny"], ["Deny"], ["Warn"], ["Audit"], ["Deny", "Audit"], ["Warn", "Audit"])
_KINDS = {
    "ConfigMap": ("", "v1", "configmaps", True),
    "Deployment": ("apps", "v1", "deployments", True),
    "Foo": ("x.io", "v1", "foos", True),
    "ClusterRole": ("rbac.authorization.k8s.io", "v1", "clusterroles", False),
    "Secret": ("", "v1", "secrets", True),
    "HorizontalPodAutoscaler": ("autoscaling", "v2", "horizontalpodautoscalers", True),
    "Namespace": ("", "v1", "namespaces", False),
    "Pod": ("", "v1", "pods", True),
    "Service": ("", "v1", "services", True),
}


def cases(seed: int, count: int) -> Iterator[Manifest]:
    """Cases in the form of the recorded ones, without a verdict."""
    rng = Random(seed)
    for number in range(count):
        yield {"id": f"{seed}-{number}", "request": _request(rng, f"case-{seed}-{number}")}


def _request(rng: Random, name: str) -> Manifest:
    kind = rng.choice(list(_KINDS))
    group, version, resource, namespaced = _KINDS[kind]
    namespace = rng.choice(["prod", "dev"]) if namespaced else ""
    operation = rng.choice(["CREATE", "CREATE", "UPDATE", "DELETE"])
    params = rng.choice([None, None, "none", "name", "missing", "selector", "nothing selected", "own namespace"])
    policy = _policy(rng, name, kind, with_params=params is not None)
    bindings = [_binding(rng, name, params)]  # of several the server asks any first
    request: Manifest = {
        "policies": [policy],
        "bindings": bindings,
        "namespaces": NAMESPACES,
        "operation": operation,
        "resource": {"group": group, "version": version, "resource": resource, "kind": kind},
        "name": name,
        "namespace": namespace,
        "object": None if operation == "DELETE" else _object(rng, kind, name, namespace),
    }
    if operation != "CREATE":
        request["oldObject"] = _object(rng, kind, name, namespace)
        if operation == "UPDATE" and kind in ("Deployment", "Secret", "Pod"):  # what may not change does not
            request["object"] = {**request["oldObject"], "metadata": request["object"]["metadata"]}
    if params is not None:
        request["params"] = _params(name)
    return request


def _policy(rng: Random, name: str, kind: str, *, with_params: bool) -> Manifest:
    group, version, resource, _ = _KINDS[kind]
    rule: Manifest = {
        "apiGroups": rng.choice([[group], ["*"], [group, "other.io"]]),
        "apiVersions": rng.choice([[version], ["*"], [version, "v9"], ["v1"]]),
        "operations": rng.choice([["*"], ["CREATE", "UPDATE", "DELETE"], ["*"], ["CREATE"], ["UPDATE", "DELETE"]]),
        "resources": rng.choice(
            [[resource], [resource], ["*"], ["*/*"], [f"{resource}/*"], [f"{resource}/scale"], ["pods", resource]]
        ),
        "resourceNames": [name],
    }
    if rng.random() < 0.3:
        rule["scope"] = rng.choice(["*", "Namespaced", "Cluster"])
    match: Manifest = {"resourceRules": [rule]}
    if rng.random() < 0.15:
        match["namespaceSelector"] = _selector(rng)
    if rng.random() < 0.15:
        match["objectSelector"] = _selector(rng)
    if rng.random() < 0.15:
        match["excludeResourceRules"] = [{**rule, "operations": [rng.choice(["CREATE", "UPDATE"])]}]
    if rng.random() < 0.2:
        match["matchPolicy"] = rng.choice(["Exact", "Equivalent"])
    variables = rng.random() < 0.3
    pool = [*_EXPRESSIONS, *(_WITH_VARIABLES * 3 if variables else ()), *(_WITH_PARAMS * 4 if with_params else ())]
    spec: Manifest = {"matchConstraints": match, "validations": []}
    for _ in range(rng.choice([1, 1, 2, 3])):
        reason = rng.choice(
            [{}, {}, {"reason": "Forbidden"}, {"reason": "RequestEntityTooLarge"}, {"reason": "Invalid"}]
        )
        spec["validations"].append({"expression": rng.choice(pool), **rng.choice(_MESSAGES), **reason})
    if variables:
        spec["variables"] = _VARIABLES
    if with_params:
        spec["paramKind"] = {"apiVersion": "v1", "kind": "ConfigMap"}
    if rng.random() < 0.6:
        spec["failurePolicy"] = rng.choice(["Fail", "Ignore"])
    if rng.random() < 0.3:
        chosen = rng.sample([*_CONDITIONS, *(_WITH_PARAMS if with_params else ())], rng.choice([1, 2]))
        spec["matchConditions"] = [{"name": f"c{i}", "expression": text} for i, text in enumerate(chosen)]
    if rng.random() < 0.3:
        values = ["'v ' + request.name", "null", "'  '", "string(object.metadata.nope)", "request.operation"]
        told = rng.sample(values, rng.choice([1, 2]))
        spec["auditAnnotations"] = [{"key": f"k{i}", "valueExpression": text} for i, text in enumerate(told)]
    return {"apiVersion": _REGISTRATION, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name}, "spec": spec}


def _binding(rng: Random, name: str, params: str | None) -> Manifest:
    spec: Manifest = {"policyName": name, "validationActions": rng.choice(_ACTIONS)}
    how = rng.choice(["Allow", "Deny"])
    match params:
        case "name":
            spec["paramRef"] = {"name": f"{name}-1", "namespace": "prod", "parameterNotFoundAction": how}
        case "missing":
            spec["paramRef"] = {"name": f"{name}-9", "namespace": "prod", "parameterNotFoundAction": how}
        case "selector":
            labels = {"case": name}
            spec["paramRef"] = {
                "selector": {"matchLabels": labels},
                "namespace": "prod",
                "parameterNotFoundAction": how,
            }
        case "nothing selected":
            spec["paramRef"] = {"selector": {"matchLabels": {"case": f"{name}-no"}}, "parameterNotFoundAction": how}
        case "own namespace":
            spec["paramRef"] = {"name": f"{name}-1", "parameterNotFoundAction": how}
        case _:
            pass
    if rng.random() < 0.3:
        match: Manifest = {}
        if rng.random() < 0.5:
            match["namespaceSelector"] = _selector(rng)
        if rng.random() < 0.5:
            match["objectSelector"] = _selector(rng)
        spec["matchResources"] = match
    metadata = {"name": f"{name}-b"}
    return {"apiVersion": _REGISTRATION, "kind": "ValidatingAdmissionPolicyBinding", "metadata": metadata, "spec": spec}


def _selector(rng: Random) -> Manifest:
    return rng.choice(
        [
            {},
            {"matchLabels": {"env": "prod"}},
            {"matchLabels": {"app": "x"}},
            {"matchExpressions": [{"key": "env", "operator": "NotIn", "values": ["dev"]}]},
            {"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]},
            {"matchExpressions": [{"key": "app", "operator": "Exists"}]},
        ]
    )


def _params(name: str) -> list[Manifest]:
    """Two ConfigMaps that a selector finds."""
    found = []
    for number in (1, 2):
        metadata = {"name": f"{name}-{number}", "namespace": "prod", "labels": {"case": name}}
        found.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"max": "2"}})
    return found


def _object(rng: Random, kind: str, name: str, namespace: str) -> Manifest:
    group, version, _, namespaced = _KINDS[kind]
    metadata: Manifest = {"name": name}
    if namespaced:
        metadata["namespace"] = namespace
    labels = rng.choice([None, {"app": "x"}, {"app": "y", "env": "prod"}, {"tier": "low"}])
    if labels:
        metadata["labels"] = labels
    data: Manifest = {"apiVersion": f"{group}/{version}" if group else version, "kind": kind, "metadata": metadata}
    if kind == "Deployment":
        pod = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "c", "image": "nginx:1"}]}}
        data["spec"] = {"replicas": rng.choice([1, 3]), "selector": {"matchLabels": {"app": "x"}}, "template": pod}
    elif kind == "Foo":
        data["spec"] = {"n": rng.choice([1, 2]), "z": None}
    elif kind == "ConfigMap":
        data["data"] = {"key": rng.choice(["a", "b"])}
    elif kind == "Secret":
        data["stringData"] = {"key": "a"}
    elif kind == "HorizontalPodAutoscaler":
        data["spec"] = {
            "maxReplicas": 3,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "a"},
        }
    elif kind == "Pod":
        data["spec"] = {"containers": [{"name": "c", "image": "nginx:1"}]}
    elif kind == "Service":
        data["spec"] = {"ports": [{"port": 80}], "clusterIP": "None"}
    return data
