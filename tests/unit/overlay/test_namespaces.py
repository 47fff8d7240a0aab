"""Which namespaces a selector and a reference of a built-in kind look in, as kustomize 5.8.2 does."""

import pytest
import yaml

from generator.overlay import build, settings
from tests.support.kustomize import by_kustomize
from tests.support.workspace import write

OBJECTS = """\
apiVersion: v1
kind: ServiceAccount
metadata: {name: bot, namespace: b}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: b}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: writer, namespace: a}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: all}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
---
"""
ROLE = "rbac.authorization.k8s.io"
BOT = [{"kind": "ServiceAccount", "name": "bot", "namespace": "b"}]


def binding(kind, role, name, namespace="a"):
    reference = {"apiGroup": ROLE, "kind": role, "name": name}
    metadata = {"name": "it", **({"namespace": namespace} if kind == "RoleBinding" else {})}
    return {"apiVersion": f"{ROLE}/v1", "kind": kind, "metadata": metadata, "roleRef": reference, "subjects": BOT}


def workload(**pod):
    metadata = {"name": "it", "namespace": "a"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": {"spec": pod}}}


def names(body):
    if "roleRef" in body:
        return body["roleRef"]["name"], body["subjects"][0]["name"]
    return tuple(body["spec"]["template"]["spec"].values())


CASES = [
    (binding("RoleBinding", "Role", "writer"), ("p-writer", "p-bot")),
    # A role of another namespace cannot be meant, though the account of that namespace can.
    (binding("RoleBinding", "Role", "reader"), ("reader", "p-bot")),
    (binding("RoleBinding", "Role", "reader", "b"), ("p-reader", "p-bot")),
    (binding("RoleBinding", "ClusterRole", "all"), ("p-all", "p-bot")),
    (binding("ClusterRoleBinding", "ClusterRole", "all"), ("p-all", "p-bot")),
    (workload(serviceAccountName="bot"), ("bot",)),
    (workload(priorityClassName="high"), ("p-high",)),
]


@pytest.mark.parametrize("compat", [True, False])
@pytest.mark.parametrize(("referrer", "expected"), CASES)
def test_where_references_look(tmp_path, referrer, expected, compat):
    files = {
        "all.yaml": f"{OBJECTS}{yaml.safe_dump(referrer)}",
        "kustomization.yaml": "resources: [all.yaml]\nnamePrefix: p-\n",
    }
    write(tmp_path, files)
    found = [one.body for one in build(tmp_path, "over", settings(compat=compat)).objects]
    for objects in (found, by_kustomize(tmp_path) or found):
        assert [names(one) for one in objects if one["metadata"]["name"] == "p-it"] == [expected]


@pytest.mark.parametrize(
    ("namespace", "selected"),
    [("old", True), ("new", True), ("default", False), ("other", False), ("o.*", True), ("ne", False)],
)
@pytest.mark.parametrize("name", ["", "c"])
def test_a_patch_selects_by_the_first_and_by_the_present_namespace(tmp_path, namespace, name, selected):
    patch = '[{"op": "add", "path": "/data", "value": {"a": "b"}}]'
    target = f"{{kind: ConfigMap, namespace: {namespace}, name: '{name}'}}"
    more = "options: {allowNoMatch: true}, " if not selected else ""
    files = {
        "base/kustomization.yaml": "resources: [c.yaml]\nnamespace: new\n",
        "base/c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: old}\n",
        "kustomization.yaml": f"resources: [base]\npatches: [{{{more}target: {target}, patch: '{patch}'}}]\n",
    }
    write(tmp_path, files)
    [found] = build(tmp_path, "over", settings()).objects
    assert ("data" in found.body) is selected
    write(tmp_path, {"kustomization.yaml": files["kustomization.yaml"].replace(more, "")})
    [made] = by_kustomize(tmp_path) or [found.body]
    assert ("data" in made) is selected
