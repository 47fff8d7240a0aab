"""Outcomes of policies for one object, from the verdict on it to the record of its tree."""

import pytest

from generator.pipeline.outcomes import Outcome, by_outcome, outcomes_of
from generator.pipeline.record import read_record
from generator.policy import Failure, Verdict
from generator.policy.evaluate import Denial
from tests.support.workspace import NAMED_WELL, SMALL, qatgen, write

BINDING = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: named-well}
spec: {policyName: named-well, validationActions: [ACTIONS]}
"""
LONG = """\
    - name: gateway
      namespace: vpn
      nodePool: vm
      memory: {guest: 2Gi}
      qat: [{name: qat0, deviceClass: sym}]
      disks: [{name: root, containerDisk: {image: "quay.io/containerdisks/fedora:43"}}]
"""
WAIVER = """\
  waivers:
    - {rule: OWN-001, match: {kind: VirtualMachine, name: gw}, reason: history, expires: 2030-01-01}
"""


def failure(policy, *actions, forced=False):
    return Failure(policy, "binding", Denial("no", forced=forced), actions)


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        ([], Outcome.ADMITTED),
        ([failure("p", "Deny")], Outcome.DENIED),
        ([failure("p", "Warn")], Outcome.WARNED),
        ([failure("p", "Audit")], Outcome.AUDITED),
        ([failure("p", "Audit", forced=True)], Outcome.DENIED),
        ([failure("p", "Audit"), failure("p", "Warn"), failure("p", "Audit")], Outcome.WARNED),
        ([failure("p", "Warn"), failure("p", "Deny"), failure("p", "Warn")], Outcome.DENIED),
    ],
)
def test_the_worst_of_several_validations_counts(failures, expected):
    verdict = Verdict(failures=failures, evaluated={"p"})
    assert outcomes_of(verdict, str.upper, lambda _: False) == (("P", expected),)


def test_only_what_would_be_told_can_be_waived():
    verdict = Verdict(
        failures=[failure("a", "Deny"), failure("b", "Audit"), failure("e", "Warn")],
        evaluated={"a", "b", "c", "e"},
        unknown={"d": "authorizer"},
    )
    assert by_outcome(outcomes_of(verdict, str, lambda _: True)) == {
        "admitted": ["c"],
        "audited": ["b"],
        "waived": ["a", "e"],
        "undecided": ["d"],
    }
    assert by_outcome(outcomes_of(verdict, str, lambda policy: policy == "e")) == {
        "admitted": ["c"],
        "denied": ["a"],
        "audited": ["b"],
        "waived": ["e"],
        "undecided": ["d"],
    }


def project(folder, actions, more=""):
    files = {
        "spec.yaml": SMALL + LONG + more,
        "policies/named-well/policy.yaml": NAMED_WELL,
        "policies/named-well/binding.yaml": BINDING.replace("ACTIONS", actions),
    }
    write(folder, files)
    return folder / "rendered" / "default"


def verdicts(tree, name):
    found = read_record(tree).files[f"vpn/virtualmachine-{name}.yaml"].verdicts
    return {outcome for outcome, codes in found.items() if "OWN-001" in codes}


def test_the_record_tells_admitted_from_warned(tmp_path):
    tree = project(tmp_path, "Warn")
    assert qatgen(tmp_path, "render").code == 0
    assert (verdicts(tree, "gw"), verdicts(tree, "gateway")) == ({"warned"}, {"admitted"})
    assert "OWN-001" not in str(read_record(tree).files["_cluster/namespace-vpn.yaml"].verdicts)


def test_a_waived_object_does_not_hide_another_of_the_same_fault(tmp_path):
    tree = project(tmp_path, "Deny", WAIVER)
    result = qatgen(tmp_path, "render", "--today", "2026-11-25")
    assert result.code == 0, result.err
    assert (verdicts(tree, "gw"), verdicts(tree, "gateway")) == ({"waived"}, {"admitted"})

    stamped = SMALL.replace("    - name: gw\n", "    - name: gw\n      count: 2\n") + WAIVER.replace(
        "name: gw}", "name: gw-0}"
    )
    write(tmp_path, {"spec.yaml": stamped})
    result = qatgen(tmp_path, "render", "--today", "2026-11-25")
    assert (result.code, result.err.count("short name")) == (1, 1), result.err
    assert "VirtualMachine vpn/gw-1" in result.err
