"""Which findings a waiver covers, and what of it the cluster's bindings can say."""

from types import SimpleNamespace
from typing import Any

import pytest

from generator.location import FieldPath, Span
from generator.manifest import Identity
from generator.pipeline.waivers import Waivers, carried, check_used, leave_out, waived_by
from generator.policy import rules
from generator.spec.model import Waiver

GATEWAY = Identity("kubevirt.io/v1", "VirtualMachine", "vpn", "gw-0")
POLICY = {
    "spec": {
        "matchConstraints": {
            "resourceRules": [
                {"apiGroups": ["kubevirt.io"], "apiVersions": ["v1"], "operations": ["CREATE"],
                 "resources": ["virtualmachineinstances", "virtualmachines"]},
            ]
        }
    }
}  # fmt: skip


def waiver(rule="OWN-001", index=0, **match):
    return Waiver(rule=rule, match=match, reason="history", expires="2030-01-01", path=("spec", "waivers", index))


def spec_with(*waivers) -> Any:
    """The part of a spec that is read here."""
    return SimpleNamespace(waivers=waivers)


@pytest.mark.parametrize(
    ("match", "subject", "covered"),
    [
        ({}, GATEWAY, True),
        ({}, None, True),
        ({"kind": "VirtualMachine"}, None, False),  # a finding about no object
        ({"kind": "VirtualMachine", "namespace": "vpn", "name": "gw-0"}, GATEWAY, True),
        ({"kind": "VirtualMachine", "namespace": "lab", "name": "gw-0"}, GATEWAY, False),
        ({"name": "gw-*"}, GATEWAY, True),
        ({"name": "GW-*"}, GATEWAY, False),
        ({"name": "gw-?"}, GATEWAY, True),
        ({"kind": "*"}, GATEWAY, True),
        ({"namespace": ""}, GATEWAY, False),
    ],
)
def test_what_a_waiver_covers(match, subject, covered):
    one = waiver(**match)
    assert waived_by([one], "OWN-001", subject) == ((one.path,) if covered else ())
    assert waived_by([one], "OWN-002", subject) == ()


def test_every_waiver_that_covers_a_finding_counts_as_used():
    first, second, other = waiver(), waiver(index=1, name="gw-*"), waiver("OWN-002", 2)
    waivers = Waivers((first, second, other))
    assert waivers.waives("OWN-001", GATEWAY)
    assert waivers.used == {first.path, second.path}
    assert not waivers.waives("OWN-003", GATEWAY)


def used(rows, *, complete=True):
    spans: dict[FieldPath, Span] = {("spec", "waivers", n): Span("spec.yaml", n + 1, 1) for n in range(3)}
    found = check_used([(row, spans) for row in rows], ["OWN-001", "OWN-002"], complete=complete)
    return [(finding.rule, finding.at.line) for finding in found]


def test_a_waiver_that_waives_nothing_anywhere_is_reported_once_of_a_complete_run():
    idle, busy = Waivers((waiver(),)), Waivers((waiver(),), {("spec", "waivers", 0)})
    assert used([idle, idle]) == [(rules.UNUSED_WAIVER, 1)]
    assert used([idle, idle], complete=False) == []
    assert used([idle, busy]) == []  # in one environment it waives something


def test_a_waiver_of_a_rule_that_does_not_exist_is_reported_of_every_run():
    assert used([Waivers((waiver("OWN-009"),))], complete=False) == [(rules.NO_SUCH_RULE, 1)]


RULE = {"apiGroups": ["kubevirt.io"], "apiVersions": ["v1"], "operations": ["CREATE"]}


@pytest.mark.parametrize(
    ("match", "said"),
    [
        ({"namespace": "vpn"}, {"namespaceSelector": {"matchExpressions": [
            {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["vpn"]}]}}),
        ({"kind": "VirtualMachine"}, {"excludeResourceRules": [{**RULE, "resources": ["virtualmachines"]}]}),
        ({"kind": "VirtualMachine", "name": "gw"}, {"excludeResourceRules": [
            {**RULE, "resources": ["virtualmachines"], "resourceNames": ["gw"]}]}),
        ({"kind": "VirtualMachine", "name": "*"}, {"excludeResourceRules": [{**RULE, "resources": ["virtualmachines"]}]}),
        ({}, None), ({"name": "gw"}, None), ({"kind": "VirtualMachine", "namespace": "vpn"}, None),
        ({"kind": "ConfigMap"}, None), ({"namespace": "v*"}, None), ({"kind": "VirtualMachine", "name": "gw-?"}, None),
    ],
)  # fmt: skip
def test_what_a_binding_can_say(match, said):
    one = waiver(**match)
    assert carried(spec_with(one), POLICY, "OWN-001") == ((said, []) if said else ({}, [one]))
    assert carried(spec_with(one), POLICY, "OWN-002") == ({}, [])


def test_several_waivers_are_said_together_beside_what_the_binding_says():
    found, left = carried(
        spec_with(waiver(namespace="b"), waiver(namespace="a"), waiver(kind="VirtualMachine")), POLICY, "OWN-001"
    )
    assert left == []
    binding = {"spec": {"policyName": "p", "matchResources": {"namespaceSelector": {"matchLabels": {"x": "y"}}}}}
    leave_out(binding, found)
    assert binding["spec"]["matchResources"] == {
        "matchPolicy": "Equivalent",
        "objectSelector": {},
        "namespaceSelector": {
            "matchLabels": {"x": "y"},
            "matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["a", "b"]}],
        },
        "excludeResourceRules": [{**RULE, "resources": ["virtualmachines"]}],
    }


def test_a_binding_without_waivers_is_left_as_it_is():
    binding = {"spec": {"policyName": "p"}}
    leave_out(binding, {})
    assert binding == {"spec": {"policyName": "p"}}
