"""What KubeVirt would say, asked by render and validate."""

import pytest

from generator.location import Span
from generator.pipeline.kubevirt import (
    KubeVirtTarget,
    check_kubevirt_version,
    kubevirt_of,
    nearest_release,
    remarks,
    target_of_files,
    version_of,
)
from tests.support.workspace import SMALL, qatgen, write

GATES = {"developerConfiguration": {"featureGates": ["HostDevices"]}}
KUBEVIRT = {"kind": "KubeVirt", "metadata": {"name": "kubevirt"}, "spec": {"configuration": GATES}}


def vm(spec=None, **devices):
    domain = {"devices": devices, "memory": {"guest": "2Gi"}}
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": "gw", "namespace": "vpn"},
        "spec": {"runStrategy": "Always", "template": {"spec": {"domain": domain}}, **(spec or {})},
    }


def told(machine, **settings):
    target = KubeVirtTarget(**{"version": "v1.9.0", "kubevirt": KUBEVIRT, **settings})
    return [(remark.rule.code, remark.path[-2:]) for remark in remarks(machine, target.judge(), target)]


BOTH = [{"name": "a", "deviceName": "intel.com/qat", "claimName": "c"}]
UNGATED = {"kind": "KubeVirt", "spec": {}}


def test_of_a_machine_it_takes_nothing_is_told():
    assert told(vm(hostDevices=[{"name": "a", "deviceName": "intel.com/qat"}])) == []
    assert told({"apiVersion": "v1", "kind": "Pod"}) == []


def test_a_rule_of_the_pack_that_says_the_same_speaks_alone():
    machine = vm(hostDevices=[{"name": "a", "deviceName": "intel.com/qat"}])
    found = [("QATK-001", ("devices", "hostDevices"))]
    assert told(machine, kubevirt=UNGATED) == found
    assert told(machine, kubevirt=UNGATED, spoken_for=frozenset({"QATP-002"})) == []
    assert told(machine, kubevirt=UNGATED, spoken_for=frozenset({"QATP-041"})) == found
    assert told(vm(hostDevices=BOTH)) == [("QATK-010", ("hostDevices", 0))]
    assert told(vm(hostDevices=BOTH), spoken_for=frozenset({"QATP-041"})) == []


def test_of_eviction_the_rule_of_the_pack_speaks_for_machines_with_host_devices():
    machine, plain = vm(hostDevices=[{"name": "a", "deviceName": "intel.com/qat"}]), vm()
    for one in (machine, plain):
        one["spec"]["template"]["spec"]["evictionStrategy"] = "Wait"
        assert [code for code, _ in told(one)] == ["QATK-072"]
    assert told(machine, spoken_for=frozenset({"QATP-021"})) == []
    assert [code for code, _ in told(plain, spoken_for=frozenset({"QATP-021"}))] == ["QATK-072"]


def test_without_a_kubevirt_object_its_configuration_is_nothing_to_judge_by():
    machine = vm(hostDevices=[{"name": "a", "deviceName": "intel.com/qat"}], autoattachVSOCK=True)
    machine["spec"]["template"]["spec"]["domain"]["machine"] = {"type": "pc"}
    assert [code for code, _ in told(machine)] == ["QATK-052", "QATK-001"]
    assert told(machine, kubevirt=None) == []
    assert told(vm(inputs=[{"name": "m", "type": "mouse"}]), kubevirt=None) == [("QATK-055", (0, "type"))]


def test_the_notes_devices_belong_to_a_kubevirt_that_knows_them():
    machine = vm(qats=[{"name": "a", "deviceName": "qat.intel.com/cy"}])
    assert told(machine) == [("QATK-003", ("devices", "qats"))]
    assert told(machine, qats=True) == []
    assert "qats" in machine["spec"]["template"]["spec"]["domain"]["devices"]


def test_what_an_instancetype_could_change_is_not_told():
    nothing = vm({"instancetype": {"name": "u1"}})
    nothing["spec"]["template"]["spec"]["domain"].pop("memory")
    assert told(nothing) == []
    del nothing["spec"]["instancetype"]
    assert [code for code, _ in told(nothing)] == ["QATK-020"]
    assert [code for code, _ in told(vm({"preference": {"kind": "a"}}))] == ["QATK-087"]


def test_a_newer_kubevirt_may_know_more_fields():
    machine = vm(novelty={})
    assert [code for code, _ in told(machine)] == ["QATK-003"]
    assert told(machine, version="v1.10.0") == []


def test_the_version_is_that_of_the_object_where_it_says_one():
    assert version_of({"spec": {"imageTag": "v1.8.1"}}) == "v1.8.1"
    assert version_of({"spec": {"imageTag": "latest"}, "status": {"observedKubeVirtVersion": "v1.8.0"}}) == "v1.8.0"
    assert version_of({"spec": None}) == version_of(None) == ""
    assert target_of_files(None, [KUBEVIRT], (), "").version == "1.9.0"
    assert target_of_files(None, [{**KUBEVIRT, "spec": {"imageTag": "v1.8.1"}}], (), "").version == "v1.8.1"
    assert target_of_files(None, [], (), "1.8").version == "1.8"


def test_one_kubevirt_object_or_none():
    assert kubevirt_of([{"kind": "Pod"}, KUBEVIRT]) is KUBEVIRT
    assert kubevirt_of([KUBEVIRT, KUBEVIRT]) is None


@pytest.mark.parametrize(
    ("version", "judged"), [("v1.7.2", "1.8"), ("0.36", "1.8"), ("1.10", "1.9"), ("v1.8.4", ""), ("1.9.0", "")]
)
def test_another_release_is_judged_as_the_nearest(version, judged):
    found = [finding.message for finding in nearest_release(version, Span("spec.yaml"))]
    assert [f"is judged as {judged}," in message for message in found] == ([True] if judged else [])


def test_versions_that_are_none():
    assert [f.rule.code for f in check_kubevirt_version("new", Span("-"))] == ["RES001"]
    assert list(check_kubevirt_version("v1.9.0", Span("-"))) == list(check_kubevirt_version("", Span("-"))) == []


BAD = "spec:\n  virtualMachines:\n    - name: gw\n      vmiSpec:\n        startStrategy: Later\n"


def test_render_tells_the_line_of_the_spec_and_writes_nothing(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL, "overlays/dev/spec.yaml": BAD})
    result = qatgen(tmp_path, "render")
    assert result.code == 1
    assert "error[QATK-081 kubevirt-start-strategy]" in result.err
    assert "overlays/dev/spec.yaml:5:24" in result.err
    assert not (tmp_path / "rendered").exists()
    assert qatgen(tmp_path, "render", "--no-kubevirt").code == 0
    again = qatgen(tmp_path, "validate")
    assert (again.code, again.err.count("QATK-081")) == (1, 1)
    assert "overlays/dev/spec.yaml:5:24" in again.err
    assert qatgen(tmp_path, "validate", "--no-kubevirt").code == 0


def test_another_kubevirt_can_be_asked(tmp_path):
    video = "spec: {virtualMachines: [{name: gw, vmiSpec: {domain: {devices: {video: {type: vga}}}}}]}\n"
    write(tmp_path, {"spec.yaml": SMALL, "overlays/dev/spec.yaml": video})
    assert qatgen(tmp_path, "render").code == 0
    older = qatgen(tmp_path, "validate", "--kubevirt-version", "1.8")
    assert (older.code, "the VideoConfig feature gate is not enabled" in older.err) == (1, True)
    assert qatgen(tmp_path, "render", "--kubevirt-version", "1.8").code == 1
    for command in ("render", "validate"):
        wrong = qatgen(tmp_path, command, "--kubevirt-version", "new")
        assert (wrong.code, "RES001" in wrong.err) == (2, True)


def test_files_of_another_cluster(tmp_path):
    machine = (
        "apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata: {name: gw, namespace: vpn}\n"
        "spec:\n  domain:\n    devices:\n      hostDevices: [{name: a, deviceName: intel.com/qat}]\n"
        "    memory: {guest: 2Gi}\n"
    )
    kubevirt = (
        "apiVersion: kubevirt.io/v1\nkind: KubeVirt\nmetadata: {name: kubevirt, namespace: kubevirt}\n"
        "spec: {imageTag: v1.7.0, configuration: {developerConfiguration: {featureGates: [CPUManager]}}}\n"
    )
    write(tmp_path, {"vm.yaml": machine, "kubevirt.yaml": kubevirt})
    assert qatgen(tmp_path, "validate", "vm.yaml").code == 0
    result = qatgen(tmp_path, "validate", "vm.yaml", "kubevirt.yaml")
    assert (result.code, result.err.count("QATK-001"), result.err.count("QATK-090")) == (1, 1, 1)
    assert "vm.yaml:7:20" in result.err
