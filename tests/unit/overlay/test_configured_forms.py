"""Wrong forms in what configures a build: reported, never a crash; labels stay as they are written."""

import json
import time
from typing import Any

import pytest

from generator.finding import Halt
from generator.overlay import build, settings
from tests.support.workspace import write

OBJECT = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: b}}\n"
WRONG: dict[str, dict[str, Any]] = {
    "LabelTransformer": {"labels": True, "fieldSpecs": 1},
    "ReplicaCountTransformer": {"replica": "x"},
    "ImageTagTransformer": {"imageTag": [1]},
    "NamespaceTransformer": {"unsetOnly": "x"},
    "ValueAddTransformer": {"targets": ["x"]},
    "PatchTransformer": {"options": True, "target": 1},
    "PatchStrategicMergeTransformer": {"paths": True},
    "ConfigMapGenerator": {"literals": 1, "options": {"labels": True}, "envs": "x"},
    "SecretGenerator": {"files": [None]},
    "IAMPolicyGenerator": {"kubernetesService": True, "serviceAccount": 1},
}
CASES = [(kind, key, form) for kind, fields in WRONG.items() for key, form in fields.items()]


def refused(folder, kustomization, **files):
    """The findings of a build that is refused."""
    write(folder, {"all.yaml": OBJECT, "kustomization.yaml": json.dumps(kustomization), **files})
    with pytest.raises(Halt) as halt:
        build(folder, "over", settings())
    return halt.value.findings


@pytest.mark.parametrize(("kind", "key", "form"), CASES)
def test_a_configuration_of_a_wrong_form(tmp_path, kind, key, form):
    config = {"apiVersion": "builtin", "kind": kind, "metadata": {"name": "t"}, key: form}
    used = "generators" if kind.endswith("Generator") else "transformers"
    found = refused(tmp_path, {"resources": ["all.yaml"], used: [json.dumps(config)]})
    assert found[0].rule.code in {"OVL014", "OVL018"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kind": []}, "kind is a list, not text"),
        ({"namespace": True}, "namespace is `true`, not text"),
        ({"buildMetadata": ["a", {}]}, "item 2 of buildMetadata is a mapping, not text"),
        ({"generatorOptions": {"labels": {"a": 1}}}, "a is `1`, not text"),
        ({"patches": [{"patch": OBJECT, "options": {"allowNameChang": True}}]}, 'unknown field "allowNameChang"'),
        ({"commonLabels": {"a": []}}, "a is a list, not text"),
    ],
)
def test_a_field_of_a_wrong_form(tmp_path, given, message):
    found = refused(tmp_path, {"resources": ["all.yaml"], **given})
    assert [one.message for one in found] == [message]


def test_field_specs_that_disagree(tmp_path):
    conf = json.dumps({"commonLabels": [{"path": "metadata/labels", "create": False}]})
    found = refused(tmp_path, {"resources": ["all.yaml"], "configurations": ["f.yaml"]}, **{"f.yaml": conf})
    assert "disagree on `create`" in found[0].message


@pytest.mark.parametrize("key", ["configMapGenerator", "vars", "crds"])
def test_an_empty_item_is_nothing(tmp_path, key):
    write(tmp_path, {"all.yaml": OBJECT, "kustomization.yaml": json.dumps({"resources": ["all.yaml"], key: [None]})})
    assert len(build(tmp_path, "over", settings()).objects) == 1


def test_labels_as_they_are_written(tmp_path):
    text = "resources: [all.yaml]\nlabels: [{pairs: {a: y, b: 1.10, c: 012}}]\ncommonAnnotations: {d: off}\n"
    write(tmp_path, {"all.yaml": OBJECT, "kustomization.yaml": text})
    metadata = next(iter(build(tmp_path, "over", settings()).objects)).metadata
    assert (metadata["labels"], metadata["annotations"]) == ({"a": "y", "b": "1.10", "c": "012"}, {"d": "off"})


@pytest.mark.parametrize("field", ["labels", "annotations"])
def test_notes_of_a_build_overwrite_nothing(tmp_path, field):
    operation = [{"op": "add", "path": f"/metadata/{field}", "value": ["a"]}]
    patch = {"target": {"kind": "ConfigMap"}, "patch": json.dumps(operation)}
    noted = ["managedByLabel", "transformerAnnotations"]
    found = refused(tmp_path, {"resources": ["all.yaml"], "patches": [patch], "buildMetadata": noted})
    assert f"metadata.{field} of ConfigMap c" in found[0].message


def test_many_replacements_take_time_as_they_are_many(tmp_path):
    many = range(1500)
    objects = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c-{n}"}, "data": {}} for n in many]
    entries = [
        {
            "source": {"kind": "ConfigMap", "name": f"c-{n}"},
            "targets": [
                {"select": {"name": f"c-{n}"}, "fieldPaths": ["data.a"], "options": {"create": True}},
            ],
        }
        for n in many
    ]
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    write(tmp_path, {"all.yaml": listed, "kustomization.yaml": json.dumps({"resources": ["all.yaml"]})})
    before = time.process_time()
    build(tmp_path, "over", settings())
    plain = time.process_time() - before
    write(tmp_path, {"kustomization.yaml": json.dumps({"resources": ["all.yaml"], "replacements": entries})})
    before = time.process_time()
    made = build(tmp_path, "over", settings())
    assert time.process_time() - before < 3 * plain + 3
    assert [one.body["data"] for one in made.objects] == [{"a": f"c-{n}"} for n in many]
