"""Capacity of a whole build, the namespaces its objects are in, and what its machines name."""

import json
import re

import pytest

from tests.support.workspace import SMALL, qatgen, write

PODS = """    - {name: pods, serves: containers, deviceClass: sym, nodes: 2, physicalFunctions: 1, virtualFunctions: 16,
       nodeSelector: {example.com/pool: pods}, kernelArguments: [intel_iommu=on]}
"""
SPEC = SMALL.replace("  virtualMachines:\n", PODS + "  virtualMachines:\n")
COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
CONTAINER = "containers: [{name: c, image: x, resources: {limits: {qat.intel.com/sym: 8}}}]"
DEPLOYMENT = f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: zip, namespace: vpn}}
spec:
  replicas: 20
  selector: {{matchLabels: {{a: b}}}}
  template: {{metadata: {{labels: {{a: b}}}}, spec: {{nodeSelector: {{example.com/pool: pods}}, {CONTAINER}}}}}
"""


def project(folder, spec=SPEC, **files):
    overlay = {"kustomization.yaml": COMPONENT + "resources: [more.yaml]\n", "spec.yaml": "spec: {}\n"}
    named = {name.replace("_", "."): text for name, text in files.items()}
    written = {f"overlays/dev/{name}": text for name, text in {**overlay, **named}.items()} if files else {}
    write(folder, {"spec.yaml": spec, **written})


def told(result):
    found = re.findall(r"^(\w+)\[(\w+) .*?\n +--> (\S+?):(\d+):", result.err, re.MULTILINE)
    return [(level, code, file, int(line)) for level, code, file, line in found]


def asked(folder):
    by_capacity = json.loads(qatgen(folder, "capacity", "-o", "json").out)["environments"]
    report = json.loads(qatgen(folder, "report", "-o", "json").out)
    by_report = {
        one["name"]: {pool["name"]: pool["vfs"]["asked"] for pool in one["pools"]} for one in report["environments"]
    }
    found = {name: {row["pool"]: row["vfs"]["asked"] for row in rows} for name, rows in by_capacity.items()}
    assert found == by_report
    return found["dev" if "dev" in found else "default"]


def test_a_deployment_of_an_overlay_counts(tmp_path):
    project(tmp_path, more_yaml=DEPLOYMENT)
    result = qatgen(tmp_path, "render")
    assert (result.code, told(result)) == (1, [("error", "CAP001", "overlays/dev/more.yaml", 5)])
    assert "20 Deployment vpn/zip × 8 = 160 VFs asked for, 2 nodes × 1 PFs × 16 VFs = 32 there" in result.err
    assert qatgen(tmp_path, "capacity").code == 1
    assert asked(tmp_path) == {"vm": 1, "pods": 160}


@pytest.mark.parametrize(
    ("patch", "vfs"),
    [
        ("{op: replace, path: /spec/replicas, value: 3}", 24),
        ("{op: replace, path: /spec/template/spec/containers/0/resources/limits/qat.intel.com~1sym, value: 1}", 20),
        ("{op: remove, path: /spec/template/spec/containers/0/resources}", 0),
    ],
)
def test_what_counts_is_what_the_overlay_leaves(tmp_path, patch, vfs):
    patches = f"patches: [{{target: {{kind: Deployment}}, patch: '[{patch}]'}}]\n"
    project(tmp_path, kustomization_yaml=COMPONENT + "resources: [more.yaml]\n" + patches, more_yaml=DEPLOYMENT)
    assert qatgen(tmp_path, "render").code == 0
    assert asked(tmp_path)["pods"] == vfs


def test_a_patched_machine_counts_as_it_is_then(tmp_path):
    more = "- {op: add, path: /spec/template/spec/domain/devices/hostDevices/-, value: {name: q1, deviceName: intel.com/qat-4xxx-sym}}"
    patches = f"patches:\n  - target: {{kind: VirtualMachine, name: gw-1}}\n    patch: |-\n      {more}\n"
    spec = SPEC.replace("- name: gw\n", "- name: gw\n      count: 3\n")
    project(tmp_path, spec, kustomization_yaml=COMPONENT + patches, more_yaml="")
    assert asked(tmp_path)["vm"] == 4


def test_a_template_of_our_own_counts(tmp_path):
    index = "templates: [{template: pod.yaml.j2, each: namespaces, as: namespace}]\n"
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: {{{{ namespace.name }}}}}}\nspec: {{{CONTAINER}}}\n"
    write(tmp_path, {"spec.yaml": SPEC, "templates/index.yaml": index, "templates/pod.yaml.j2": pod})
    assert asked(tmp_path) == {"vm": 1, "pods": 16}


def test_a_namespace_that_nothing_makes(tmp_path):
    project(tmp_path, more_yaml=DEPLOYMENT.replace("namespace: vpn", "namespace: zip").replace("20", "1"))
    result = qatgen(tmp_path, "render")
    assert (result.code, told(result)) == (0, [("warning", "REF002", "overlays/dev/more.yaml", 3)])
    there = "spec:\n  clusterHas: [{kind: Namespace, names: [zip]}]\n"
    write(tmp_path, {"overlays/dev/spec.yaml": there})
    assert (result := qatgen(tmp_path, "render")).code == 0
    assert told(result) == []


@pytest.mark.parametrize(
    "more",
    [
        "        - {name: data, persistentVolumeClaim: {claimName: 'data-{index}'}}\n",
        "        - {name: data, dataVolume: {name: 'data-{index}'}}\n",
    ],
)
def test_what_a_machine_names_and_nothing_makes(tmp_path, more):
    disks = '      disks:\n        - {name: root, containerDisk: {image: "quay.io/containerdisks/fedora:43"}}\n' + more
    head = SPEC[: SPEC.index("      disks:")].replace("- name: gw\n", "- name: gw\n      count: 3\n")
    write(tmp_path, {"spec.yaml": head + disks})
    result = qatgen(tmp_path, "render")
    line = 1 + (head + disks)[: (head + disks).index("name: data,")].count("\n")
    assert (result.code, told(result)) == (0, [("info", "REF001", "spec.yaml", line)])
    has = '  clusterHas: [{kind: PersistentVolumeClaim, names: ["data*"]}]\n'
    write(tmp_path, {"spec.yaml": head + disks + has})
    assert told(qatgen(tmp_path, "render")) == []
