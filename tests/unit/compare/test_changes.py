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


def project_of(*rows, field="clusterResourceWhitelist"):
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "a"},
        "spec": {field: list(rows)},
    }


A, B, C = ({"group": "", "kind": kind} for kind in "ABC")
LIST = "spec.clusterResourceWhitelist"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((B, C), (A, B, C), [(LIST, ABSENT, A)]),
        ((A, B, C), (B,), [(LIST, A, ABSENT), (LIST, C, ABSENT)]),
        ((A, A), (A,), [(LIST, A, ABSENT)]),
        ((A,), (), [(LIST, A, ABSENT)]),
        ((A, B), (B, A), [(f"{LIST}[0].kind", "A", "B"), (f"{LIST}[1].kind", "B", "A")]),
        ((A, B), (A, C), [(f"{LIST}[1].kind", "B", "C")]),
        (({"name": "x", "n": 1},), ({"name": "y"}, {"name": "x", "n": 2}), [
            (f"{LIST}[name=x].n", 1, 2), (f"{LIST}[name=y]", ABSENT, {"name": "y"}),
        ]),
    ],
)  # fmt: skip
def test_lists_of_mappings_without_keys(before, after, expected):
    assert found(project_of(*before), project_of(*after)) == expected


def test_what_many_objects_change_alike_is_shown_once():
    def objects(number, **labels):
        names = [f"o{n}" for n in range(number)]
        return [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"a": "b"} | labels}}
            for name in names
        ]

    few, many = (
        show(
            list(differences({at(o): o for o in objects(n)}, {at(o): o for o in objects(n, tier="x")}, SHAPES)), "text"
        )
        for n in (3, 5)
    )
    assert few.count("metadata.labels.tier") == 3
    assert many == '~ in 5 objects (5 ConfigMap)\n    metadata.labels.tier: + "x"\n5 changed\n'


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
