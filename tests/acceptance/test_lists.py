"""A List, typed or not, is its items, and how YAML is written changes no verdict: in every command that reads files."""

import json
import random
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.pipeline.inputs import inputs
from generator.pipeline.proof import ProofSettings
from generator.pipeline.validate import PolicySettings, validate_inputs
from tests.support.workspace import SMALL, qatgen, write
from tests.support.written import FORMS, Writer

MACHINE: dict[str, Any] = {
    "apiVersion": "kubevirt.io/v1",
    "kind": "VirtualMachine",
    "metadata": {"name": "v", "namespace": "team"},
    "spec": {
        "runStrategy": "Always",
        "template": {
            "spec": {
                "domain": {
                    "cpu": {"isolateEmulatorThread": True},
                    "devices": {"disks": [{"name": "nope", "disk": {}}]},
                    "memory": {"guest": "1Gi"},
                }
            }
        },
    },
}
KUBEVIRT = {
    "apiVersion": "kubevirt.io/v1",
    "kind": "KubeVirt",
    "metadata": {"name": "kubevirt", "namespace": "kubevirt"},
    "spec": {"imageTag": "v1.7.0"},
}
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": {"judged": "here"}}}
PARAMETER = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "p", "namespace": "team"},
    "data": {"a": "b"},
}
POLICY = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicy",
    "metadata": {"name": "own"},
    "spec": {
        "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
        "matchConstraints": {
            "namespaceSelector": {"matchLabels": {"judged": "here"}},
            "resourceRules": [
                {
                    "apiGroups": ["kubevirt.io"],
                    "apiVersions": ["v1"],
                    "operations": ["CREATE"],
                    "resources": ["virtualmachines"],
                }
            ],
        },
        "validations": [{"expression": "params.data.a == 'c'", "message": "not as the parameter says"}],
    },
}
BINDING = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicyBinding",
    "metadata": {"name": "own"},
    "spec": {
        "policyName": "own",
        "paramRef": {"name": "p", "parameterNotFoundAction": "Deny"},
        "validationActions": ["Deny"],
    },
}
CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Cluster",
        "names": {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {"a": {"type": "string"}}}},
            }
        ],
    },
}
THING = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t"}, "b": "c"}
OBJECTS = (MACHINE, KUBEVIRT, NAMESPACE, PARAMETER, POLICY, BINDING, CRD, THING)
VERDICT = {
    ("POL001", "VirtualMachine team/v"),
    ("QATK-023", "VirtualMachine team/v"),
    ("QATK-030", "VirtualMachine team/v"),
    ("QATK-090", ""),
    ("SCH001", "Thing t"),
}


def typed(data):
    """A list of the object's own kind, whose item says neither kind nor version."""
    bare = {key: value for key, value in data.items() if key not in ("apiVersion", "kind")}
    return {"apiVersion": data["apiVersion"], "kind": f"{data['kind']}List", "items": [bare]}


def untyped(*items):
    return {"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": list(items)}


PRESENTATIONS = {
    "documents": OBJECTS,
    "one List": [untyped(*OBJECTS)],
    "a list of each kind": [typed(data) for data in OBJECTS],
    "lists in a List": [untyped(untyped(*OBJECTS[:4]), untyped(untyped(*OBJECTS[4:])))],
}


def verdict(files):
    found = validate_inputs(files, ProofSettings(("1.36",)), None, by_target=True, policies=PolicySettings())
    told = {(finding.rule.code, finding.subject) for finding in found.findings}
    return {one for one in told if one[0] != "YML001"}, sum(found.counts.values())


@pytest.mark.parametrize("documents", PRESENTATIONS.values(), ids=PRESENTATIONS)
def test_what_a_list_holds_is_judged_as_documents_are(tmp_path, monkeypatch, documents):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"a.yaml": "---\n".join(json.dumps(data) + "\n" for data in documents)})
    assert verdict(inputs(["a.yaml"])) == (VERDICT, len(OBJECTS))


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.lists(st.sampled_from(FORMS), max_size=3, unique=True))
def test_how_it_is_written_changes_no_verdict(tmp_path_factory, choose: random.Random, forms):
    folder = tmp_path_factory.mktemp("written")
    writer = Writer(choose, forms)
    documents = choose.choice(list(PRESENTATIONS.values()))
    files = {}
    for number, data in enumerate(documents):
        files[f"{number}.yaml"] = writer.document(data)
    write(folder, files)
    found = verdict(inputs([str(folder)]))
    assert found == (VERDICT, len(OBJECTS)), files


def test_findings_point_into_the_list(tmp_path):
    items = "".join(f"- {json.dumps(data)}\n" for data in (PARAMETER, MACHINE))
    write(tmp_path, {"a.yaml": f"apiVersion: v1\nkind: List\nitems:\n{items}"})
    result = qatgen(tmp_path, "validate", "a.yaml", "-o", "json", "--spec", "none.yaml")
    told = [(row["rule"]["code"], row["location"]["line"], row["path"]) for row in json.loads(result.out)["findings"]]
    assert ("QATK-030", 5, "/items/1/spec/template/spec/domain/devices/disks/0/name") in told, told


def test_json_has_no_style_of_yaml(tmp_path):
    write(tmp_path, {"a.json": json.dumps(untyped(NAMESPACE), separators=(",", ":"))})
    result = qatgen(tmp_path, "validate", "a.json", "--spec", "none.yaml")
    assert (result.code, result.err) == (0, "")


BROKEN = {
    "no items": ("kind: List\napiVersion: v1\n", "SCH003", "items: Required value"),
    "items are a text": (
        "apiVersion: v1\nkind: ConfigMapList\nitems: text\n",
        "SCH002",
        "the items of a ConfigMapList are a single value, not a list",
    ),
    "items are a mapping": (
        "apiVersion: kubevirt.io/v1\nkind: VirtualMachineList\nitems: {a: b}\n",
        "SCH002",
        "the items of a VirtualMachineList are a mapping, not a list",
    ),
    "an item is a text": ("apiVersion: v1\nkind: List\nitems:\n  - text\n", "SCH012", "--> a.yaml:4:5"),
    "an item is a list": ("apiVersion: v1\nkind: List\nitems: [[]]\n", "SCH012", "this is a list, not an object"),
    "an item without a kind": ("apiVersion: v1\nkind: List\nitems: [{apiVersion: v1}]\n", "SCH012", "kind is missing"),
}


@pytest.mark.parametrize(("text", "code", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_list_is_a_finding_and_hides_nothing(tmp_path, text, code, words):
    odd = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\nodd: 1\n"
    write(tmp_path, {"a.yaml": text, "b.yaml": odd})
    result = qatgen(tmp_path, "validate", "a.yaml", "b.yaml", "--spec", "none.yaml", "--color", "never")
    assert result.code == 1
    assert code in result.err
    assert words in result.err
    assert "SCH001" in result.err
    assert "= in:  \n" not in result.err


@pytest.mark.parametrize("kind", ["SecretList", "List"])
def test_secrets_in_lists_stay_secret(tmp_path, kind):
    head = "" if kind == "SecretList" else "apiVersion: v1, kind: Secret, "
    item = f"  - {{{head}metadata: {{name: s}}, type: 1, stringData: {{password: [hunter22]}}}}\n"
    write(tmp_path, {"a.yaml": f"apiVersion: v1\nkind: {kind}\nitems:\n{item}"})
    result = qatgen(tmp_path, "validate", "a.yaml", "--spec", "none.yaml", "--color", "never")
    assert result.code == 1
    assert "SCH002" in result.err
    assert "hunter22" not in result.err + result.out


def test_a_list_of_machines_is_previewed(tmp_path):
    good = {**MACHINE, "spec": {**MACHINE["spec"], "template": {"spec": {"domain": {"memory": {"guest": "1Gi"}}}}}}
    write(tmp_path, {"spec.yaml": SMALL, "a.yaml": json.dumps(typed(good)), "b.yaml": json.dumps(good)})
    listed, alone = (qatgen(tmp_path, "preview", name) for name in ("a.yaml", "b.yaml"))
    assert (listed.code, listed.out) == (alone.code, alone.out)
    assert "VirtualMachine team/v" in listed.out


def test_lists_are_compared_by_their_items(tmp_path):
    write(tmp_path, {"a.yaml": json.dumps(typed(NAMESPACE)), "b.yaml": json.dumps(untyped(NAMESPACE, PARAMETER))})
    result = qatgen(tmp_path, "diff", "a.yaml", "b.yaml")
    assert re.findall(r"Namespace|ConfigMap", result.out) == ["ConfigMap"], result.out


def test_typed_lists_of_crds_are_imported_and_extended(tmp_path):
    write(tmp_path, {"crds.yaml": json.dumps(typed(CRD))})
    assert qatgen(tmp_path, "schema", "import", "crds.yaml").code == 0
    assert (tmp_path / "schemas/example.com/things.yaml").is_file()
    assert "kind: CustomResourceDefinition" in qatgen(tmp_path, "schema", "extend", "crds.yaml").out


TEMPLATE = """\
{# Two objects for each namespace. #}
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: one, namespace: {{ namespace.name }}}
    data: {a: b}
  - apiVersion: kubevirt.io/v1
    kind: VirtualMachine
    metadata: {name: v, namespace: {{ namespace.name }}}
    spec:
      runStrategy: Always
      template: {spec: {domain: {memory: {guest: 1Gi}, devices: {}}}}
"""


def test_a_template_may_render_a_list(tmp_path):
    index = "templates:\n  - {template: own/list.yaml.j2, each: namespaces, as: namespace}\n"
    files = {"spec.yaml": SMALL, "templates/index.yaml": index, "templates/own/list.yaml.j2": TEMPLATE}
    write(tmp_path, files)
    result = qatgen(tmp_path, "render", "-q", "--color", "never")
    assert (result.code, result.err) == (0, "")
    assert (tmp_path / "rendered/default/vpn/configmap-one.yaml").is_file()
    assert (tmp_path / "rendered/default/vpn/virtualmachine-v.yaml").is_file()
    write(
        tmp_path,
        {
            "templates/own/list.yaml.j2": TEMPLATE.replace(
                "devices: {}", "cpu: {isolateEmulatorThread: true}, devices: {}"
            )
        },
    )
    refused = qatgen(tmp_path, "render", "-q", "--color", "never")
    assert "QATK-023" in refused.err
    assert "--> templates/own/list.yaml.j2:14:" in refused.err


KUSTOMIZATION = """apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [policies.yaml]
"""
POLICIES = """apiVersion: v1
kind: List
items:
- apiVersion: admissionregistration.k8s.io/v1
  kind: ValidatingAdmissionPolicy
  metadata: {name: few}
  spec:
    failurePolicy: Fail
    matchConstraints:
      resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
    validations: [{expression: object.data.size() < 1 && object.dat == null}]
---
apiVersion: v1
kind: List
items:
- apiVersion: admissionregistration.k8s.io/v1
  kind: ValidatingAdmissionPolicyBinding
  metadata: {name: few}
  spec: {policyName: few, validationActions: [Deny]}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: default}, data: {a: b}}
"""


def test_policies_in_lists_of_an_overlay_judge_and_are_named_at_the_overlay(tmp_path):
    files = {
        "spec.yaml": SMALL,
        "overlays/a/spec.yaml": "spec: {}\n",
        "overlays/a/kustomization.yaml": KUSTOMIZATION,
        "overlays/a/policies.yaml": POLICIES,
    }
    write(tmp_path, files)
    found = qatgen(tmp_path, "render", "--spec", "spec.yaml", "-o", "json")
    findings = {one["rule"]["code"]: one for one in json.loads(found.out)["findings"]}
    assert {"POL001", "POL011"} <= findings.keys(), found.out
    assert findings["POL011"]["location"]["file"] == "overlays/a/policies.yaml"
    note = next(one for one in findings["POL001"]["notes"] if one["message"] == "policy")
    assert note["location"]["file"] == "overlays/a/policies.yaml"
