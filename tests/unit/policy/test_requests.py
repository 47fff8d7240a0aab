"""What is decided about a request by where it is: its namespace, its labels, and what selectors look at.

Facts of k8s.io/apiserver: pkg/admission/plugin/namespace/lifecycle/admission.go, pkg/admission/plugin/policy/matching/matching.go,
pkg/admission/plugin/policy/validating/dispatcher.go.
"""

import pytest

from generator.manifest import identify
from generator.policy import (
    Cluster,
    CompiledPolicy,
    Request,
    compile_policy,
    judge,
    policy_set,
    read_binding,
    resources,
)

_PROD = {"matchLabels": {"env": "prod"}}


def manifest(kind, name="x", **metadata):
    api = {"Role": "rbac.authorization.k8s.io/v1"}.get(kind, "v1")
    return {"apiVersion": api, "kind": kind, "metadata": {**({"name": name} if name else {}), **metadata}}


def verdict(operation, data, expression="false", match=None, bound=None, name="", namespaces=("prod",), **spec):
    rule = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}
    policy = compile_policy(
        {
            "metadata": {"name": "p"},
            "spec": {
                "matchConstraints": {"resourceRules": [rule], **(match or {})},
                "validations": [{"expression": expression}],
                **spec,
            },
        }
    )
    assert isinstance(policy, CompiledPolicy)
    binding = {"policyName": "p", "validationActions": ["Deny"], **({"matchResources": bound} if bound else {})}
    identity = identify(data)
    new, old = (None, data) if operation == "DELETE" else (data, data if operation == "UPDATE" else None)
    request = Request(operation, resources().of(identity), name or identity.name, identity.namespace, new, old)
    known = {one: manifest("Namespace", one, labels={"env": one}) for one in namespaces}
    bindings = [read_binding({"metadata": {"name": "b"}, "spec": binding})]
    return judge(policy_set([policy], bindings), request, Cluster(36, known, complete=True))


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
def test_namespaces_the_cluster_needs_are_not_deleted(name):
    found = verdict("DELETE", manifest("Namespace", name), "true")
    assert (found.allowed, found.code, found.reason) == (False, 403, "Forbidden")
    assert found.message == f'namespaces "{name}" is forbidden: this namespace may not be deleted'
    assert verdict("UPDATE", manifest("Namespace", name), "true").allowed


@pytest.mark.parametrize("operation", ["CREATE", "UPDATE", "DELETE"])
def test_nothing_is_judged_in_a_namespace_that_does_not_exist(operation):
    found = verdict(operation, manifest("ConfigMap", namespace="ghost"), failurePolicy="Ignore")
    assert (found.code, found.message) == (404, 'namespaces "ghost" not found')


def test_a_deletion_nobody_judges_needs_no_namespace():
    excluded = [{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["DELETE"], "resources": ["*"]}]
    assert verdict("DELETE", manifest("ConfigMap", namespace="ghost"), match={"excludeResourceRules": excluded}).allowed


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("match", "ValidatingAdmissionPolicy 'p' denied request: failed to configure policy"),
        ("bound", "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed to configure binding"),
    ],
)
def test_whose_selector_asks_for_a_namespace_that_does_not_exist_is_said(where, said):
    found = verdict("DELETE", manifest("ConfigMap", namespace="ghost"), **{where: {"namespaceSelector": _PROD}})
    assert found.message == f'configmaps "x" is forbidden: {said}: namespaces "ghost" not found'


def test_an_object_that_is_not_selected_needs_no_namespace():
    match = {"namespaceSelector": _PROD, "objectSelector": {"matchLabels": {"app": "x"}}}
    assert verdict("DELETE", manifest("ConfigMap", namespace="ghost"), match=match).allowed


def test_a_namespace_whose_name_is_generated_is_created_in_none():
    data = manifest("Namespace", "", generateName="gen-")
    seen = "!has(request.namespace) && request.name == 'gen-x7' && object.metadata.name == 'gen-x7'"
    assert verdict("CREATE", data, seen, name="gen-x7").allowed
    ref = {"paramKind": {"apiVersion": "v1", "kind": "ConfigMap"}}
    assert verdict("CREATE", data, "params == null", name="gen-x7", **ref).allowed


@pytest.mark.parametrize(("label", "denied"), [({"env": None}, True), ({"env": "x"}, False), ({}, False)])
def test_a_label_that_is_null_is_an_empty_one(label, denied):
    empty = {"objectSelector": {"matchLabels": {"env": ""}}}
    found = verdict("CREATE", manifest("ConfigMap", namespace="prod", labels=label), match=empty)
    assert found.allowed is not denied


def test_the_namespace_of_the_request_is_that_of_the_object():
    role = manifest("ClusterRole", namespace="prod")
    role["apiVersion"] = "rbac.authorization.k8s.io/v1"
    assert verdict("CREATE", role, "!has(request.namespace) && !has(object.metadata.namespace)").allowed
    assert verdict("CREATE", manifest("ConfigMap", namespace="prod"), "object.metadata.namespace == 'prod'").allowed
