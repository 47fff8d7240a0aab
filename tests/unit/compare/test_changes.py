"""Differences of objects: lists by their keys, sets without order, Secrets masked."""

import json

import pytest

from generator.compare import Place, changes, differences, vanished
from generator.compare.changes import ABSENT
from generator.compare.show import show
from generator.manifest import identify
from generator.overlay import settings

SHAPES = settings().shapes


def pod(*containers, **more):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a"},
        "spec": {"containers": list(containers), **more},
    }


def at(data, tree=""):
    return Place(tree, identify(data))


def found(before, after):
    return [(change.path, change.before, change.after) for change in changes(before, after, SHAPES)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (pod({"name": "a"}, {"name": "b"}), pod({"name": "b"}, {"name": "a"}), []),
        (
            pod({"name": "a", "image": "x"}),
            pod({"name": "a", "image": "y"}),
            [("spec.containers[name=a].image", "x", "y")],
        ),
        (pod({"name": "a"}), pod(), [("spec.containers[name=a]", {"name": "a"}, ABSENT)]),
        (pod(hostPID=1), pod(hostPID=True), [("spec.hostPID", 1, True)]),
        (pod(args=["x", "y"]), pod(args=["x", "z", "q"]), [("spec.args[1]", "y", "z"), ("spec.args[2]", ABSENT, "q")]),
    ],
)
def test_changes(before, after, expected):
    assert found(before, after) == expected


def test_sets_and_machines():
    def kubevirt(*gates):
        spec = {"configuration": {"developerConfiguration": {"featureGates": list(gates)}}}
        return {"apiVersion": "kubevirt.io/v1", "kind": "KubeVirt", "metadata": {"name": "k"}, "spec": spec}

    assert found(kubevirt("A", "B"), kubevirt("B", "A")) == []
    path = "spec.configuration.developerConfiguration.featureGates"
    assert found(kubevirt("A", "B"), kubevirt("C", "A")) == [(path, "B", ABSENT), (path, ABSENT, "C")]


def test_secrets_are_masked_everywhere():
    def secret(**data):
        return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, **data}

    before, after = secret(data={"a": "b2xk"}), secret(data={"a": "bmV3", "c": "ZA=="}, stringData={"x": "plain"})
    applied = {"kubectl.kubernetes.io/last-applied-configuration": "the whole object"}
    after["metadata"] = {"name": "s", "annotations": applied}
    told = list(differences({at(before): before}, {at(after): after}, SHAPES))
    for form in ("text", "markdown", "json"):
        text = show(told, form)
        assert not [value for value in ("b2xk", "bmV3", "ZA==", "plain", "whole") if value in text], text
        assert "data.a" in text


def test_forms():
    old, new = pod({"name": "a", "image": "x"}), pod({"name": "a", "image": "y"})
    other = {**pod(), "metadata": {"name": "b", "namespace": "n"}}
    told = list(differences({at(old): old}, {at(new): new, at(other): other}, SHAPES))
    assert show(told, "text").splitlines() == [
        "+ Pod n/b",
        "~ Pod a",
        '    spec.containers[name=a].image: "x" -> "y"',
        "1 new, 1 changed",
    ]
    data = json.loads(show(told, "json"))
    assert data[1]["changes"] == [{"path": "spec.containers[name=a].image", "before": "x", "after": "y"}]
    assert "<details>" in show(told, "markdown")
    assert show([], "text") == "no difference\n"


def test_what_vanished_are_fields_and_named_items():
    before = pod({"name": "a", "args": ["x", "y"]}, {"name": "b"}, hostPID=True)
    after = pod({"name": "a", "args": ["x"]})
    assert list(vanished(changes(before, after, SHAPES))) == ["spec.containers[name=b]", "spec.hostPID"]
    before["metadata"]["finalizers"], after["metadata"]["finalizers"] = ["x/a", "x/b"], ["x/b"]
    assert "metadata.finalizers" not in list(vanished(changes(before, after, SHAPES)))


def test_one_object_of_two_trees_is_two():
    old, new = pod(hostPID=True), pod()
    told = list(
        differences({at(old, "dev"): old, at(old, "prod"): old}, {at(new, "dev"): new, at(old, "prod"): old}, SHAPES)
    )
    assert show(told, "text").splitlines() == [
        "~ Pod a in dev",
        "    spec.hostPID: - true",
        "1 changed, 1 field vanished",
    ]
    assert json.loads(show(told, "json"))[0]["tree"] == "dev"
