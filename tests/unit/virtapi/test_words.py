"""Our words for what KubeVirt refuses name the value as it is written, and point at it."""

from typing import Any

import pytest

from generator.pipeline.kubevirt import KubeVirtTarget, remarks
from tests.unit.pipeline.test_kubevirt import KUBEVIRT

SPEC = ("spec", "template", "spec")
POD: dict[str, Any] = {"pod": {}}
MULTUS = {"multus": {"networkName": "vpn/uplink"}}


def said(instance, **outer):
    """The only remark on a machine: our sentence, the hint, and the path below the spec of the machine."""
    spec = {"runStrategy": "Always", "template": {"spec": instance}, **outer}
    spec = {key: value for key, value in spec.items() if value is not None}
    machine = {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "gw"}, "spec": spec}
    target = KubeVirtTarget("v1.9.0", KUBEVIRT)
    [remark] = remarks(machine, target.judge(), target)
    sentence, _, own = remark.message.partition("KubeVirt refuses it: ")
    assert own
    return sentence.rstrip("; "), remark.hint, remark.path[len(SPEC) :] if remark.path[:3] == SPEC else remark.path


def memory(guest, page="1Gi", **more):
    return {"domain": {"memory": {"guest": guest, "hugepages": {"pageSize": page}}, "devices": {}, **more}}


def network(interfaces, networks):
    listed = [{"name": name, **given} for name, given in networks]
    return {"domain": {"memory": {"guest": "2Gi"}, "devices": {"interfaces": interfaces}}, "networks": listed}


def device(**devices):
    return {"domain": {"memory": {"guest": "2Gi"}, "devices": devices}}


GUEST = ("domain", "memory", "guest")
DEVICES = ("domain", "devices")


@pytest.mark.parametrize(
    ("guest", "page", "sentence", "hint"),
    [
        ("8G", "1Gi", "memory 8G is not a multiple of the huge page size 1Gi", "write guest 7Gi or 8Gi"),
        ("1536Mi", "1Gi", "memory 1536Mi is not a multiple of the huge page size 1Gi",
         "write guest 1Gi or 2Gi, or hugepages 2Mi"),
        ("1000Mi", "1Gi", "memory 1000Mi is less than one huge page of 1Gi", "write guest 1Gi, or hugepages 2Mi"),
        ("3G", "2Mi", "memory 3G is not a multiple of the huge page size 2Mi", "write guest 2860Mi or 2862Mi"),
    ],
)  # fmt: skip
def test_memory_and_huge_pages(guest, page, sentence, hint):
    assert said(memory(guest, page)) == (sentence, hint, GUEST)


def test_the_amount_that_kubevirt_counts_is_the_one_named():
    instance = memory("2Gi", resources={"requests": {"memory": "1500M"}})
    sentence, hint, path = said(instance)
    assert sentence == "resources.requests.memory 1500M is not a multiple of the huge page size 1Gi"
    assert (hint, path[-3:]) == ("write resources.requests.memory 1Gi or 2Gi", ("resources", "requests", "memory"))


@pytest.mark.parametrize(
    ("interfaces", "networks", "sentence", "path"),
    [
        ([{"name": "a", "masquerade": {}}], [("a", MULTUS)],
         'interface "a" has the binding masquerade, which is for the pod network, and is on network "vpn/uplink"',
         (*DEVICES, "interfaces", 0, "masquerade")),
        ([{"name": "a", "bridge": {}, "masquerade": {}}], [("a", POD)],
         'interface "a" has the bindings masquerade and bridge', (*DEVICES, "interfaces", 0)),
        ([{"name": "a", "masquerade": {}}, {"name": "b", "bridge": {}}], [("a", POD), ("b", POD)],
         'interfaces "a" and "b" are both on the pod network, which takes one', (*DEVICES, "interfaces", 1)),
        ([{"name": "a", "masquerade": {}, "bootOrder": 0}], [("a", POD)],
         'interface "a" has bootOrder 0, and they begin at 1', (*DEVICES, "interfaces", 0, "bootOrder")),
    ],
)  # fmt: skip
def test_interfaces(interfaces, networks, sentence, path):
    found = said(network(interfaces, networks))
    assert (found[0], found[2]) == (sentence, path)


@pytest.mark.parametrize(
    ("instance", "outer", "sentence", "path"),
    [
        ({**device(), "evictionStrategy": "Wait"}, {}, 'KubeVirt has no evictionStrategy "Wait"', ("evictionStrategy",)),
        ({**device(), "architecture": "mips"}, {}, 'KubeVirt runs on no architecture "mips"', ("architecture",)),
        ({**device(), "hostname": "a_b"}, {}, 'hostname "a_b" is not a DNS label', ("hostname",)),
        (device(), {"runStrategy": "Sometimes"}, 'KubeVirt has no runStrategy "Sometimes"', ("spec", "runStrategy")),
        (device(), {"runStrategy": None}, "the machine has no runStrategy", ("spec",)),
        (device(autoattachVSOCK=True), {}, "autoattachVSOCK needs the feature gate VSOCK, which is off",
         (*DEVICES, "autoattachVSOCK")),
        (device(hostDevices=[{"name": "a", "deviceName": "b"}, {"name": "c"}]), {},
         'host device "c" names neither a device nor a claim', (*DEVICES, "hostDevices", 1)),
        (device(hostDevices=[{"name": "c", "deviceName": "b", "claimName": "d", "requestName": "e"}]), {},
         'host device "c" names both deviceName and claimName', (*DEVICES, "hostDevices", 0)),
        (device(watchdgo={}), {}, 'machines have no field "watchdgo"', (*DEVICES, "watchdgo")),
        (device(disks=[{"name": "a", "disk": {"bus": "virtio"}, "cache": "fast"}])
         | {"volumes": [{"name": "a", "emptyDisk": {"capacity": "1Gi"}}]}, {},
         'disk "a": cache "fast":', (*DEVICES, "disks", 0, "cache")),
    ],
)  # fmt: skip
def test_values_are_named_as_they_are_written(instance, outer, sentence, path):
    found = said(instance, **outer)
    assert (found[0].rstrip(":"), found[2]) == (sentence.rstrip(":"), path)


@pytest.mark.parametrize(
    ("instance", "outer", "hint"),
    [
        ({**device(), "evictionStrategy": "LiveMigrateIfPosible"}, {},
         "write LiveMigrateIfPossible, or another of: External, LiveMigrate, LiveMigrateIfPossible, None"),
        (device(), {"runStrategy": "always"},
         "write Always, or another of: Always, Halted, Manual, Once, RerunOnFailure"),
        ({**device(), "dnsPolicy": "x"}, {},
         "write one of: ClusterFirst, ClusterFirstWithHostNet, Default, None"),
        (device(disks=[{"name": "a", "disk": {"bus": "virtio"}, "cache": "writebak"}])
         | {"volumes": [{"name": "a", "emptyDisk": {"capacity": "1Gi"}}]}, {},
         "write writeback, or another of: none, writeback, writethrough"),
    ],
)  # fmt: skip
def test_values_that_are_allowed_are_in_the_hint(instance, outer, hint):
    assert said(instance, **outer)[1] == hint


def test_dedicated_cpus():
    def with_cpu(**cpu):
        return {"domain": {"memory": {"guest": "2Gi"}, "devices": {}, "cpu": {"dedicatedCpuPlacement": True, **cpu}}}

    sentence, hint, path = said(with_cpu(cores=2, threads=4))
    assert sentence == "a machine with dedicated CPUs has 4 threads per core"
    assert (hint, path) == ("write threads 1 or 2", ("domain", "cpu", "threads"))


def test_dedicated_cpus_without_a_number():
    template = {"metadata": {"labels": {"a": "b"}}, "spec": device()}
    template["spec"]["domain"]["cpu"] = {"dedicatedCpuPlacement": True}
    machine = {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachineInstanceReplicaSet",
        "metadata": {"name": "gw"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template},
    }
    target = KubeVirtTarget("v1.9.0", KUBEVIRT)
    [remark] = remarks(machine, target.judge(), target)
    assert remark.message.startswith("the machine has dedicated CPUs, and nothing says how many; KubeVirt refuses it: ")
    assert remark.path[-1] == "dedicatedCpuPlacement"


def test_text_for_the_guest_that_is_too_long():
    cloud = {"name": "c", "cloudInitNoCloud": {"userData": "x" * 3000}}
    instance = device(disks=[{"name": "c", "disk": {"bus": "virtio"}}]) | {"volumes": [cloud]}
    sentence, hint, path = said(instance)
    assert sentence == 'userData of volume "c" has 3,000 bytes, and at most 2,048 are allowed'
    assert hint == "put it into a Secret and name that as userDataSecret"
    assert path == ("volumes", 0, "cloudInitNoCloud", "userData")


@pytest.mark.parametrize(
    ("instance", "annotations", "gate", "path"),
    [
        (device(), {"hooks.kubevirt.io/hookSidecars": "[]"}, "Sidecar",
         ("spec", "template", "metadata", "annotations", "hooks.kubevirt.io/hookSidecars")),
        (device(), {"kubevirt.io/ignitiondata": "{}"}, "ExperimentalIgnitionSupport",
         ("spec", "template", "metadata", "annotations", "kubevirt.io/ignitiondata")),
        ({"domain": {"memory": {"guest": "2Gi", "reservedOverhead": {"addedOverhead": "1Mi"}}, "devices": {}}}, {},
         "ReservedOverheadMemlock", ("domain", "memory", "reservedOverhead")),
    ],
)  # fmt: skip
def test_a_gate_is_named_as_the_configuration_names_it(instance, annotations, gate, path):
    template = {"metadata": {"annotations": annotations}, "spec": instance}
    sentence, hint, at = said(instance, template=template)
    assert f"needs the feature gate {gate}, which is off" in sentence
    assert hint.startswith(f"add {gate} to kubevirt.featureGates, or remove ")
    assert at == path
