"""Machines that are alike: one look is enough, and only where it is."""

import copy
from collections import defaultdict

import pytest

from generator.virtapi import MachineJudge, VirtAPI, admit
from generator.virtapi.judge import essence
from generator.virtapi.verdict import ALLOWED
from tests.conformance.kubevirt import load
from tests.support.workspace import REPOSITORY

CLUSTER = {"spec": {"configuration": {"developerConfiguration": {"featureGates": ["HostDevices"]}}}}
RECORDED = sorted((REPOSITORY / "tests/data/kubevirt").glob("*.json.gz"))


def vm(name="gw-0", **spec):
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": name, "namespace": "vpn", "labels": {"app": name}},
        "spec": {
            "runStrategy": "Always",
            "template": {
                "metadata": {"labels": {"app": name}, "annotations": {"example.com/of": name}},
                "spec": {
                    "hostname": name,
                    "domain": {
                        "devices": {
                            "disks": [{"name": n, "disk": {"bus": "virtio"}} for n in ("root", "data", "init")],
                            "interfaces": [{"name": "default", "masquerade": {}, "macAddress": "02:00:00:00:01:01"}],
                            "hostDevices": [{"name": "qat0", "deviceName": "intel.com/qat"}],
                        },
                        "firmware": {"serial": name},
                        "memory": {"guest": "2Gi"},
                    },
                    "networks": [{"name": "default", "pod": {}}],
                    "volumes": [
                        {"name": "root", "dataVolume": {"name": f"{name}-root"}},
                        {"name": "data", "persistentVolumeClaim": {"claimName": f"{name}-data"}},
                        {"name": "init", "cloudInitNoCloud": {"userData": f"#cloud-config\nhostname: {name}"}},
                    ],
                },
            },
            "dataVolumeTemplates": [
                {"metadata": {"name": f"{name}-root"}, "spec": {"storage": {}, "source": {"blank": {}}}}
            ],
            **spec,
        },
    }


def inner(machine):
    return machine["spec"]["template"]["spec"]


def test_machines_of_one_stamp_are_one():
    first, second = vm("gw-0"), vm("gw-12345")
    inner(second)["domain"]["devices"]["interfaces"][0]["macAddress"] = "02:00:00:00:01:02"
    assert essence(first) == essence(second)
    assert admit(first, VirtAPI.of(CLUSTER, "v1.9.0")).allowed


def changed(change):
    machine = vm()
    change(machine)
    return machine


CHANGES = {
    "host name": lambda m: inner(m).update(hostname="Bad_Name"),
    "empty host name": lambda m: inner(m).update(hostname=5),
    "reserved address": lambda m: inner(m)["domain"]["devices"]["interfaces"][0].update(macAddress="02:00:00:00:00:00"),
    "no address": lambda m: inner(m)["domain"]["devices"]["interfaces"][0].update(macAddress="zz"),
    "template unused": lambda m: m["spec"]["dataVolumeTemplates"][0]["metadata"].update(name="other"),
    "template's namespace": lambda m: m["spec"]["dataVolumeTemplates"][0]["metadata"].update(namespace="other"),
    "no claim's name": lambda m: inner(m)["volumes"][0]["dataVolume"].update(name=""),
    "long data": lambda m: inner(m)["volumes"][2]["cloudInitNoCloud"].update(userData="é" * 1025),
    "no data": lambda m: inner(m)["volumes"][2]["cloudInitNoCloud"].update(userData=""),
    "data of another type": lambda m: inner(m)["volumes"][2]["cloudInitNoCloud"].update(userData=5),
    "reserved label": lambda m: m["spec"]["template"]["metadata"]["labels"].update({"kubevirt.io/nodeName": "n"}),
    "label of another type": lambda m: m["spec"]["template"]["metadata"]["labels"].update(app=5),
    "read annotation": lambda m: m["spec"]["template"]["metadata"]["annotations"].update(
        {"kubevirt.io/ignitiondata": "{}"}
    ),
    "unknown metadata": lambda m: m["spec"]["template"]["metadata"].update(foo="bar"),
    "own name of another type": lambda m: m["metadata"].update(name=5),
    "serial of another type": lambda m: inner(m)["domain"]["firmware"].update(serial=5),
    "unknown field": lambda m: m.update(more={}),
    "unknown field of the template": lambda m: m["spec"]["template"].update(more={}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_a_rule_reads_is_not_forgotten(name):
    judge = MachineJudge(VirtAPI.of(CLUSTER, "v1.9.0"))
    good, bad = vm(), changed(CHANGES[name])
    assert (judge.verdict(good), judge.verdict(copy.deepcopy(good))) == (ALLOWED, ALLOWED)
    assert judge.verdict(bad) == admit(bad, judge.api) != ALLOWED


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.name.removesuffix(".json.gz"))
def test_recorded_machines_that_look_alike_were_answered_alike(file):
    answers: dict[tuple[str, str, bytes], dict[bool, str]] = defaultdict(dict)
    for case in load(file)["cases"]:
        key = essence(case["object"]) if isinstance(case["object"].get("metadata", {}), dict) else None
        if key is not None:
            answers[case["version"], case["kubevirt"], key].setdefault(case["verdict"]["allowed"], case["id"])
    assert [ids for ids in answers.values() if len(ids) > 1] == []


def test_what_is_no_machine_has_no_verdict():
    judge = MachineJudge(VirtAPI.of(CLUSTER, "v1.9.0"))
    assert judge.verdict({"apiVersion": "v1", "kind": "Pod"}) is None
    assert judge.verdict({"apiVersion": "example.com/v1", "kind": "VirtualMachine"}) is None
