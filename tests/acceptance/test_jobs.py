"""Blocks of machines on several workers make the bytes and the findings of one process."""

import pytest

from tests.support.workspace import NAMED_WELL, SMALL, qatgen, tree, write

MANY = SMALL.replace("    - name: gw\n", "    - name: gw\n      count: 1201\n").replace("nodes: 2", "nodes: 1000")
OVERLAY = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: {kind: VirtualMachine, name: gw-11.*}
    patch: |-
      - {op: add, path: /metadata/annotations, value: {example.com/group: eleven}}
"""
BINDING = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: named-well}
spec: {policyName: named-well, validationActions: [Deny]}
"""


def rendered(folder, jobs, files):
    write(folder, {"spec.yaml": MANY, **files})
    result = qatgen(folder, "render", "--jobs", jobs, "--color", "never", "-o", "json")
    output = folder / "rendered"
    return result.code, result.out, tree(output) if output.is_dir() else {}


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, 0),
        ({"overlays/dev/kustomization.yaml": OVERLAY, "overlays/dev/spec.yaml": "spec: {}\n"}, 0),
        ({"policies/named-well/policy.yaml": NAMED_WELL, "policies/named-well/binding.yaml": BINDING}, 1),
    ],
    ids=["stamped", "patched", "refused"],
)
def test_one_process_and_three_workers_make_the_same(tmp_path, files, code):
    alone = rendered(tmp_path / "alone", "1", files)
    shared = rendered(tmp_path / "shared", "3", files)
    assert alone == shared
    assert (alone[0], bool(alone[2])) == (code, code == 0), alone[1]
