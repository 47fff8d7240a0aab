"""What a judge remembers of objects before, and which policies have more to say of a change than of a creation."""

from typing import Any

import pytest

from generator.manifest import identify
from generator.policy import Cluster, CompiledPolicy, compile_policy, policy_set, read_binding, resources
from generator.policy.judging import Judge, looks_back

_LABELS = {"matchLabels": {"app": "x"}}


def rules(expression="false", operations=("CREATE",), match=None, bound=None, names=(), **spec):
    rule = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": list(operations), "resources": ["*"]}
    rule |= {"resourceNames": list(names)} if names else {}
    matching = {"resourceRules": [rule], **(match or {})}
    whole = {"matchConstraints": matching, "validations": [{"expression": expression}], **spec}
    policy = compile_policy({"metadata": {"name": "p"}, "spec": whole})
    assert isinstance(policy, CompiledPolicy)
    binding = {"policyName": "p", "validationActions": ["Deny"], **({"matchResources": bound} if bound else {})}
    return policy_set([policy], [read_binding({"metadata": {"name": "b"}, "spec": binding})])


def made(kind="ConfigMap", name="n", labels=None, namespace="default", **fields):
    metadata = {"name": name, "namespace": namespace, "labels": labels or {}}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **fields}


def pod(image):
    return made("Pod", spec={"containers": [{"name": "c", "image": image}]})


CASES: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "labels a policy selects by": (
        rules(match={"objectSelector": _LABELS}),
        made(labels={"app": "y"}),
        made(labels={"app": "x"}),
    ),
    "labels a binding selects by": (
        rules(bound={"objectSelector": _LABELS}),
        made(labels={"app": "y"}),
        made(labels={"app": "x"}),
    ),
    "a name of a rule": (rules(names=["b"]), made(name="a"), made(name="b")),
    "a name that is excluded": (
        rules(
            match={
                "excludeResourceRules": [
                    {
                        "apiGroups": ["*"],
                        "apiVersions": ["*"],
                        "operations": ["*"],
                        "resources": ["*"],
                        "resourceNames": ["a"],
                    }
                ]
            }
        ),
        made(name="a"),
        made(name="b"),
    ),
    "the name of the request": (rules("request.name == 'a'"), made(name="a"), made(name="b")),
    "the request as a whole": (rules("dyn(request) == null || request.name == 'a'"), made(name="a"), made(name="b")),
    "the name the authorizer is asked about": (
        rules("authorizer.requestResource.check('get').allowed()"),
        made(name="a"),
        made(name="b"),
    ),
    "a default that depends on another field": (
        rules("object.kind != 'Pod' || object.spec.containers.all(c, c.imagePullPolicy != 'Always')"),
        pod("i:1"),
        pod("i:latest"),
    ),
    "labels of a namespace": (
        rules(match={"namespaceSelector": _LABELS}),
        made("Namespace", labels={"app": "y"}),
        made("Namespace", labels={"app": "x"}),
    ),
    "the name of a namespace": (
        rules(match={"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "b"}}}),
        made("Namespace", name="a"),
        made("Namespace", name="b"),
    ),
    "the namespace": (
        rules(match={"namespaceSelector": _LABELS}),
        made(namespace="default"),
        made(namespace="x"),
    ),
    "a key of a map": (rules("!('b' in object.data)"), made(data={"a": "1"}), made(data={"b": "1"})),
    "a variable": (
        rules("variables.v != 'b'", variables=[{"name": "v", "expression": "object.data.a"}]),
        made(data={"a": "a"}),
        made(data={"a": "b"}),
    ),
    "a condition": (
        rules(matchConditions=[{"name": "c", "expression": "object.data.a == 'b'"}]),
        made(data={"a": "a"}),
        made(data={"a": "b"}),
    ),
}


@pytest.mark.parametrize("label", CASES)
def test_an_object_is_not_taken_for_one_that_is_admitted(label):
    policies, good, bad = CASES[label]
    known = {"x": made("Namespace", name="x", labels={"app": "x"}), "default": made("Namespace", name="default")}
    cluster = Cluster(36, known, authorize=lambda check: check.name == "a")
    judge = Judge(policies, cluster, resources())
    assert judge.create(identify(good), good).failures == []
    assert judge.create(identify(bad), bad).failures != []
    assert judge.create(identify(good), good).failures == []


def test_what_is_not_read_is_not_looked_at_again():
    judge = Judge(rules("object.data.a == 'x'"), Cluster(36), resources())
    custom = {"apiVersion": "x.io/v1", "kind": "Foo"}
    one = {**custom, "metadata": {"name": "one"}, "data": {"a": "x", "b": "1"}}
    other = {**custom, "metadata": {"name": "two"}, "data": {"a": "x", "b": "2"}}
    assert judge.create(identify(one), one) is judge.create(identify(other), other)


_EXCLUDED = {"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]}


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        (rules("object.data.a == 'x'"), False),
        (rules("object.data.a == 'x'", ["CREATE", "UPDATE"]), False),
        (rules("namespaceObject == null", match={"namespaceSelector": _LABELS}), False),
        (rules("oldObject == null"), True),
        (rules("request.operation == 'CREATE'"), True),
        (rules("request.options.kind == 'CreateOptions'"), True),
        (rules("request.name == 'a'"), False),
        (rules("dyn(request) == null"), True),
        (rules("true", matchConditions=[{"name": "c", "expression": "oldObject == null"}]), True),
        (rules(operations=["UPDATE"]), True),
        (rules(operations=["CREATE", "DELETE"]), True),
        (rules(operations=["*"]), True),
        (rules(match={"objectSelector": _LABELS}), True),
        (rules(bound={"objectSelector": _LABELS}), True),
        (rules(bound={"resourceRules": [{**_EXCLUDED, "operations": ["UPDATE"]}]}), True),
        (rules(bound={"resourceRules": [{**_EXCLUDED, "operations": ["CREATE"]}]}), False),
        (rules(match={"excludeResourceRules": [{**_EXCLUDED, "operations": ["CREATE"]}]}), True),
        (rules(match={"excludeResourceRules": [{**_EXCLUDED, "operations": ["CREATE", "UPDATE"]}]}), False),
    ],
)
def test_which_policies_look_back(policies, expected):
    assert looks_back(policies) is expected
