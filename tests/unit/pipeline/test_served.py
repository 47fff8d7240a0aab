"""API versions that a cluster does not serve, whatever way the manifests are written."""

import pytest

from generator.pipeline.served import not_served

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: "CustomResourceDefinition"
metadata: {name: things.example.com}
spec: {scope: Cluster, group: 'example.com'}
"""
SERVED = "v1,apiextensions.k8s.io/v1,apps/v1/Deployment"


@pytest.mark.parametrize(
    ("texts", "messages"),
    [
        (["apiVersion: v1\nkind: Pod\n"], []),
        (["kind: Pod\napiVersion: 'a/v1'\n"], ["a/v1, the version of 1 object of kind Pod"]),
        (["apiVersion: apps/v1\nkind: Deployment\n", "apiVersion: apps/v1\nkind: DaemonSet\n"], ["kind DaemonSet"]),
        ([CRD, "{apiVersion: example.com/v1, kind: Thing}\n"], []),
        (["apiVersion: b/v1\nkind: List\nitems: [{apiVersion: c/v1, kind: D}]\n"], ["c/v1, the version of 1 object"]),
        (["apiVersion: b/v1\nkind: ThingList\nitems: [{}, {}]\n"], ["b/v1, the version of 2 objects of kind Thing"]),
    ],
)
def test_what_is_not_served(texts, messages):
    found = [finding.message for finding in not_served(texts, SERVED, "spec.yaml")]
    assert len(found) == len(messages)
    assert all(part in message for part, message in zip(messages, found, strict=True)), found


def test_nothing_is_said_of_a_cluster_that_is_not_known():
    assert list(not_served(["apiVersion: a/v1\nkind: B\n"], "", "spec.yaml")) == []
