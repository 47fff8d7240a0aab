"""Patches that are refused, and where; what is noted of a build; the order objects leave it in; variables."""

import pytest

from generator.finding import Halt
from generator.overlay import build, settings
from tests.support.workspace import write

OBJECTS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: gw-0, labels: {app: gw}}
spec: {replicas: 1}
---
apiVersion: v1
kind: Service
metadata: {name: gw-1}
spec: {note: $(NOBODY)}
"""


def built(tmp_path, kustomization, *, compat=False):
    write(tmp_path, {"over/kustomization.yaml": f"resources: [all.yaml]\n{kustomization}", "over/all.yaml": OBJECTS})
    return build(tmp_path / "over", "over", settings(compat=compat)).objects


def patched(target, patch):
    return f"patches:\n  - target: {target}\n    patch: |-\n      {patch}\n"


@pytest.mark.parametrize(
    ("target", "message", "hint"),
    [
        (
            "{kind: StatefulSet, name: gw-0}",
            "no object matches the target (kind: StatefulSet, name: gw-0): gw-0 is a Deployment, not a StatefulSet",
            "write `kind: Deployment`",
        ),
        (
            "{kind: Deployment, name: gw-2}",
            'no object matches the target (kind: Deployment, name: gw-2): no name is "gw-2"',
            'did you mean "gw-0"?',
        ),
        (
            "{group: extensions, kind: Deployment}",
            'no object matches the target (group: extensions, kind: Deployment): no group is "extensions"',
            "known: apps",
        ),
        (
            "{kind: Deployment, labelSelector: app=no}",
            "no object matches the target (kind: Deployment, labelSelector: app=no): none of the 1 has these labels",
            "correct the selector of the labels",
        ),
        (
            "{kind: Deploymet, name: other}",
            "no object matches the target (kind: Deploymet, name: other)",
            "known: gw-0, gw-1",
        ),
    ],
)
def test_a_target_that_matches_nothing(tmp_path, target, message, hint):
    with pytest.raises(Halt) as caught:
        built(tmp_path, patched(target, "- {op: remove, path: /spec}"))
    [finding] = caught.value.findings
    assert (finding.rule.code, finding.message) == ("OVL012", message)
    assert hint in finding.hint


@pytest.mark.parametrize(
    ("patch", "line", "words"),
    [
        ('{"op": "remove", "path": "/spec"}', 5, '"remove" is one operation of a JSON patch, and a JSON patch is a list'),
        ("{op: remov, path: /spec}", 5, "one operation of a JSON patch"),
        ("- {op: add, path: /spec/x, value: 1}\n      - {op: remove, path: /spec/replica}", 6,
         'operation 2 cannot be applied to Deployment gw-0: remove /spec/replica: "/spec" has no "replica"'),
        ("- {spec: {replicas: 2}}", 5, "operation 1: a list is a JSON patch, and this item of it has no `op`"),
        ("- kind: Deployment\n        metadata: {name: gw-0}", 5, "this item of it has no `op`"),
        ("- replicas", 5, "operation 1: the operation is not a mapping"),
        ("just text", 3, "neither a merge patch (a mapping) nor a JSON patch"),
    ],
)  # fmt: skip
def test_a_patch_that_is_refused_at_its_line(tmp_path, patch, line, words):
    with pytest.raises(Halt) as caught:
        built(tmp_path, patched("{kind: Deployment}", patch))
    [finding] = caught.value.findings
    assert (finding.rule.code, finding.at.line) == ("OVL011", line)
    assert words in finding.message
    assert finding.hint


def test_operations_need_a_target(tmp_path):
    with pytest.raises(Halt, match="the JSON patch has no target"):
        built(tmp_path, 'patches:\n  - patch: \'[{"op": "remove", "path": "/spec"}]\'\n')


def test_a_merge_patch_without_a_name_is_for_its_target_but_not_to_kustomize(tmp_path):
    kustomization = patched("{kind: Deployment}", "spec: {replicas: 4}")
    assert built(tmp_path, kustomization).by_current(next(iter(built(tmp_path, kustomization))).id)
    with pytest.raises(Halt, match="the patch names no object"):
        built(tmp_path, kustomization, compat=True)


def test_notes_are_there_for_patches_and_gone_in_the_end(tmp_path):
    """Kustomize keeps its notes in annotations: JSON patches see them there."""
    added = patched("{kind: Deployment}", '- {op: add, path: /metadata/annotations/x, value: "y"}')
    [deployment, _] = sorted(built(tmp_path, added, compat=True), key=lambda one: one.kind)
    assert deployment.metadata["annotations"] == {"x": "y"}
    with pytest.raises(Halt, match='no "annotations"'):
        built(tmp_path, added)
    removed = patched("{kind: Deployment}", "- {op: remove, path: /metadata/annotations}")
    noted = f"buildMetadata: [originAnnotations]\n{removed}"
    origins = {one.kind: one.strings("annotations") for one in built(tmp_path, noted)}
    assert origins["Service"] == {"config.kubernetes.io/origin": "path: all.yaml\n"}
    assert "path: all.yaml" not in str(origins["Deployment"])


@pytest.mark.parametrize("compat", [False, True])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("{order: fifo, legacySortOptions: {}}", "which belong to `order: legacy`"),
        ("{legacySortOptions: {orderFirst: [Service]}}", "sortOptions has no order"),
        ("{order: up}", '"up" is not an order'),
        ("{}", "sortOptions has no order"),
    ],
)
def test_orders_that_contradict_themselves(tmp_path, options, words, compat):
    with pytest.raises(Halt) as caught:
        built(tmp_path, f"sortOptions: {options}\n", compat=compat)
    [finding] = caught.value.findings
    assert words in finding.message
    assert finding.at.line == 2


def test_orders(tmp_path):
    kinds = lambda text: [one.kind for one in built(tmp_path, text)]  # noqa: E731
    assert kinds("") == ["Deployment", "Service"]
    assert kinds("sortOptions: {order: legacy}\n") == ["Service", "Deployment"]
    assert kinds("sortOptions: {order: legacy, legacySortOptions: {orderLast: [Service]}}\n") == [
        "Deployment",
        "Service",
    ]


VARIABLE = "vars:\n  - name: V\n    objref: {kind: %s, name: %s, apiVersion: %s}\n    fieldref: {fieldpath: %s}\n"


def test_a_variable_that_nobody_defines_stays(tmp_path):
    for text in ("", VARIABLE % ("Service", "gw-1", "v1", "metadata.name")):
        found = {one.kind: one.body for one in built(tmp_path, text, compat=True)}
        assert found["Service"]["spec"] == {"note": "$(NOBODY)"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (VARIABLE % ("Service", "gw-2", "v1", "spec"), 'variable "V": no object is the Service gw-2 (v1)'),
        (VARIABLE % ("Service", "gw-1", "v1", "spec.q"), 'variable "V": Service gw-1 has no field "spec.q"'),
        ("vars:\n  - {name: V, objref: {kind: Service}}\n", 'the variable "V" has no objref.name'),
    ],
)
def test_variables_without_a_value(tmp_path, text, message):
    with pytest.raises(Halt) as caught:
        built(tmp_path, text)
    [finding] = caught.value.findings
    assert finding.message == message
    assert finding.at.line in {2, 3}
