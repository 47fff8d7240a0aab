"""A mistake is reported once, at the line to edit, in the words of what was written."""

import json
import re

import pytest

from tests.support.workspace import SMALL, qatgen, write

PATCH = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: {kind: VirtualMachine}
    patch: |
      apiVersion: kubevirt.io/v1
      kind: VirtualMachine
      metadata: {name: any}
      spec:
        template:
          spec:
            domain:
              devices:
                hostDevices: [{name: qat9, deviceName: intel.com/qat-4xxx-sym}]
                disks: [{name: audit, disk: {bus: virtio}}]
            volumes: [{name: audit, emptyDisk: {capacity: 1Gi}}]
"""
TWO = {
    "overlays/dev/spec.yaml": "spec:\n  virtualMachines:\n    - {name: gw, count: 2}\n",
    "overlays/prod/spec.yaml": "spec:\n  virtualMachines:\n    - {name: gw, count: 5}\n",
    "overlays/prod/kustomization.yaml": PATCH,
}
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: vpn\n"
POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: own-001-owner}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [kubevirt.io], apiVersions: ["*"], operations: [CREATE], resources: [virtualmachines]}]
  validations:
    - expression: "'owner' in object.?metadata.?labels.orValue({})"
      message: the machine has no label owner
"""
BINDING = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: own-001-owner}
spec: {policyName: own-001-owner, validationActions: [Deny]}
"""


def told(folder, spec=SMALL, files=None, *arguments):
    """The findings of a render, from its JSON."""
    write(folder, {"spec.yaml": spec, **TWO, **(files or {})})
    result = qatgen(folder, "render", "-o", "json", *arguments)
    return json.loads(result.out[result.out.index("{") :])["findings"]


def place(finding):
    at = finding["location"]
    return f"{at['file']}:{at['line']}"


def test_memory_of_no_whole_pages_is_one_finding_at_the_amount(tmp_path):
    spec = SMALL.replace("memory: {guest: 2Gi}", "memory:\n        hugepages: 1Gi\n        guest: 2G")
    [found] = [one for one in told(tmp_path, spec) if one["severity"] == "error"]
    assert found["message"].startswith("memory 2G is not a multiple of the huge page size 1Gi; KubeVirt refuses it: ")
    assert found["message"].endswith("(dev: 2 objects, prod: 5)")
    assert (place(found), found["environments"]) == ("spec.yaml:23", ["dev", "prod"])
    assert found["hint"] == "write guest 1Gi or 2Gi"


def test_too_many_devices_are_reported_at_the_devices(tmp_path):
    spec = SMALL.replace(
        "deviceClass: sym}]", "deviceClass: sym, count: 15},\n        {name: b, deviceClass: sym, count: 15}]"
    )
    spec = spec.replace("nodes: 2", "nodes: 200").replace("physicalFunctions: 1", "physicalFunctions: 8")
    found = [one for one in told(tmp_path, spec) if one["rule"]["code"] == "QATP-024"]  # prod has one disk more
    assert [(place(one), one["environments"]) for one in found] == [
        ("spec.yaml:22", ["dev"]),
        ("spec.yaml:22", ["prod"]),
    ]


def test_the_label_that_a_machine_lacks_is_missed_at_the_machine(tmp_path):
    spec = SMALL.replace("metadata: {name: small}", "metadata: {name: small, labels: {team: a}}")
    files = {"policies/own-001-owner/policy.yaml": POLICY, "policies/own-001-owner/binding.yaml": BINDING}
    [found] = [one for one in told(tmp_path, spec, files) if "owner" in one["message"]]
    assert place(found) == "spec.yaml:18"


POOL = re.search(r"    - name: vm\n.*?(?=  virtualMachines)", SMALL, re.DOTALL)[0]  # type: ignore[index]
CLASS = "    - {name: sym, family: 4xxx, services: [sym]}\n"


@pytest.mark.parametrize(
    ("spec", "files", "place_of_it", "note"),
    [
        (SMALL.replace(POOL, POOL + POOL), {}, "spec.yaml:17", "spec.yaml:9"),
        (SMALL.replace(POOL, POOL + POOL), {"overlays/dev/spec.yaml": "spec: {nodePools: [{name: vm, nodes: 3}]}\n"},
         "spec.yaml:17", "spec.yaml:9"),
        (SMALL.replace(CLASS, CLASS + CLASS), {}, "spec.yaml:8", "spec.yaml:7"),
        (SMALL + SMALL[SMALL.index("    - name: gw") :], {}, "spec.yaml:24", "spec.yaml:18"),
        (SMALL, {"overlays/dev/spec.yaml": "spec:\n  virtualMachines:\n    - {name: gw}\n    - {name: gw, count: 2}\n"},
         None, None),
        (SMALL, {"overlays/dev/spec.yaml": "spec:\n  nodePools:\n    - {name: vm}\n    - {name: vm, nodes: 2}\n"},
         "overlays/dev/spec.yaml:4", "overlays/dev/spec.yaml:3"),
        (SMALL.replace("disks: [{", "disks: [{name: root, emptyDisk: {capacity: 1Gi}},\n        {"),
         {"overlays/dev/spec.yaml": "spec: {virtualMachines: [{name: gw, disks: [{name: root, bus: sata}]}]}\n"},
         "spec.yaml:24", "spec.yaml:23"),
    ],
)  # fmt: skip
def test_a_name_given_twice_is_reported_at_both_lines(tmp_path, spec, files, place_of_it, note):
    found = told(tmp_path, spec, files)
    if place_of_it is None:  # two stamps of one name are two machines
        return
    assert [(one["rule"]["code"], place(one)) for one in found] == [("SPC010", place_of_it)]
    assert [f"{one['location']['file']}:{one['location']['line']}" for one in found[0]["notes"]] == [note]


def test_an_item_of_an_overlay_without_a_name_lacks_that_alone(tmp_path):
    [found] = told(tmp_path, SMALL, {"overlays/dev/spec.yaml": "spec:\n  nodePools:\n    - {nodes: 12}\n"})
    assert (found["rule"]["code"], place(found)) == ("SPC002", "overlays/dev/spec.yaml:3")
    assert found["hint"].endswith(": vm")


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_two_documents_of_one_name_are_reported_at_the_template(tmp_path, environment):
    files = {
        "templates/index.yaml": "templates:\n  - {template: x/x.yaml.j2}\n",
        "templates/x/x.yaml.j2": f"{CONFIG}---\n{CONFIG}",
    }
    [found] = told(tmp_path, SMALL, files, "-e", environment)
    assert (found["rule"]["code"], place(found)) == ("RND054", "templates/x/x.yaml.j2:10")
    assert found["notes"][0]["location"]["line"] == 4
    assert "x/x.yaml.j2" in found["message"]


def test_a_template_that_is_missing_is_reported_at_the_index(tmp_path):
    index = "templates:\n  - {each: machines, as: machine, template: machine/machin.yaml.j2}\n"
    [found] = told(tmp_path, SMALL, {"templates/index.yaml": index})
    assert (found["rule"]["code"], place(found)) == ("RND001", "templates/index.yaml:2")
    assert found["location"]["column"] > 40
    assert "machine/machine.yaml.j2" in found["hint"]


def test_a_spec_without_overlays_has_no_environment_to_name(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL.replace("nodePool: vm", "nodePool: wm")})
    result = qatgen(tmp_path, "render")
    assert "environment" not in result.err
    write(tmp_path, TWO)
    assert "= environments: dev, prod" in qatgen(tmp_path, "render").err


def test_reports_for_a_forge_count_paths_from_the_top_of_the_work_tree(tmp_path):
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "sites/edge"
    write(folder, {"spec.yaml": SMALL.replace("nodePool: vm", "nodePool: wm")})
    assert "file=sites/edge/spec.yaml,line=20," in qatgen(folder, "render", "-o", "github").out
    sarif = json.loads(qatgen(folder, "render", "-o", "sarif").out)["runs"][0]["results"][0]
    assert sarif["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "sites/edge/spec.yaml"
    gitlab = json.loads(qatgen(folder, "render", "-o", "gitlab").out)
    assert gitlab[0]["location"]["path"] == "sites/edge/spec.yaml"
    assert "--> spec.yaml:20:17" in qatgen(folder, "render").err


def test_an_object_of_a_list_that_an_overlay_brings_is_reported_at_its_line(tmp_path):
    one = "  - apiVersion: v1\n    kind: ConfigMap\n    metadata: {{name: {0}, namespace: vpn}}\n    data:\n      a: {1}\n"
    files = {
        "overlays/prod/kustomization.yaml": PATCH.replace("patches:", "resources: [more.yaml]\npatches:"),
        "overlays/prod/more.yaml": "apiVersion: v1\nkind: List\nitems:\n"
        + one.format("a", "x")
        + one.format("b", "[1]"),
    }
    [found] = [one for one in told(tmp_path, SMALL, files) if one["severity"] == "error"]
    assert (place(found), found["environments"]) == ("overlays/prod/more.yaml:13", ["prod"])
