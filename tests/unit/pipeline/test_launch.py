"""What is wrong with a machine that virt-api accepts: said by render and validate, at the value."""

import random

import pytest

from generator.finding import Severity
from generator.pipeline.kubevirt import KubeVirtTarget, remarks
from generator.preview import rules

KUBEVIRT = {
    "kind": "KubeVirt",
    "spec": {
        "configuration": {
            "developerConfiguration": {"featureGates": ["HostDevices"]},
            "permittedHostDevices": {"pciHostDevices": [{"pciVendorSelector": "8086:4941", "resourceName": "a.b/q"}]},
        }
    },
}
GUEST = ("spec", "template", "spec", "domain", "memory", "guest")


def machine(domain, **spec):
    template = {"spec": {"domain": {"devices": {}, **domain}}}
    return {
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "gw", "namespace": "vpn"},
        "spec": {"runStrategy": "Always", "template": template, **spec},
    }  # fmt: skip


def said(data, *spoken):
    target = KubeVirtTarget("v1.9.0", KUBEVIRT, spoken_for=frozenset(spoken))
    return list(remarks(data, target.judge(), target))


@pytest.mark.parametrize(
    ("guest", "severity", "hint"),
    [
        ("4", None, "write a unit: 4Gi"),
        (4, None, "write a unit: 4Gi"),
        ("1023Ki", None, "such as 2Gi"),
        ("1048575", None, "such as 2Gi"),
        ("1Mi", Severity.WARNING, "such as 2Gi"),
        ("63Mi", Severity.WARNING, "such as 2Gi"),
        ("67108863", Severity.WARNING, "such as 2Gi"),
        (f"{'0' * 5000}4", None, "write a unit: 4Gi"),
    ],
)
def test_too_little_memory(guest, severity, hint):
    [one] = said(machine({"memory": {"guest": guest}}))
    assert (one.rule, one.path, one.severity) == (rules.LITTLE_MEMORY, GUEST, severity)
    assert f"the guest has {str(guest)[:40]} of memory" in one.message
    assert hint in one.hint


@pytest.mark.parametrize(
    "data",
    [
        machine({"memory": {"guest": "64Mi"}}),
        machine({"memory": {"guest": "64M", "hugepages": {"pageSize": "2Mi"}}}, instancetype={"name": "small"}),
        machine({"resources": {"requests": {"memory": "64Mi"}}}),
        machine({}, instancetype={"name": "small"}),
    ],
)
def test_enough_memory_or_not_the_machines_own(data):
    assert said(data) == []


def test_memory_that_is_only_requested():
    [one] = said(machine({"resources": {"requests": {"memory": "4M"}}}))
    assert one.path == ("spec", "template", "spec", "domain", "resources", "requests", "memory")


def test_a_device_that_is_not_permitted_is_said_once():
    data = machine({"memory": {"guest": "1Gi"}, "devices": {"gpus": [{"name": "g", "deviceName": "a.b/t4"}]}})
    [one] = said(data)
    assert one.rule is rules.NOT_PERMITTED
    assert one.path[-3:] == ("gpus", 0, "deviceName")
    assert 'GPU "g" asks for a.b/t4' in one.message
    own = "GPU a.b/t4 is not permitted in permittedHostDevices configuration"
    assert one.message.endswith(f"; KubeVirt makes no pod for it: {own}")
    assert said(data, "QATP-015") == []  # the rule of the pack says it


def test_what_virt_api_refuses_needs_no_pod():
    data = machine({"memory": {"guest": "4"}, "devices": {"disks": [{"name": "nope", "disk": {}}]}})
    assert rules.LITTLE_MEMORY not in [one.rule for one in said(data)]


def drawn(draw):
    """A machine that differs from others in what admission, or only the pod, depends on."""
    devices = {"gpus": [{"name": "g", "deviceName": draw.choice(["a.b/q", "a.b/t4"])}]} if draw.random() < 0.3 else {}
    if draw.random() < 0.3:
        devices["interfaces"] = [{"name": "n", draw.choice(["masquerade", "binding"]): {}}]
    labels = {
        "app": f"m{draw.randint(0, 3)}",
        **({"logVerbosity": draw.choice(["3", "x"])} if draw.random() < 0.3 else {}),
    }
    hooks = {"hooks.kubevirt.io/hookSidecars": draw.choice(["[]", "{}", "["])} if draw.random() < 0.3 else {}
    volumes = [{"name": "v", draw.choice(["emptyDisk", "sysprep"]): draw.choice([{"capacity": "1Gi"}, {}])}]
    data = machine({"memory": {"guest": draw.choice(["1Gi", "4", "32Mi"])}, "devices": devices})
    data["spec"]["template"]["metadata"] = {"labels": labels, "annotations": hooks}
    data["spec"]["template"]["spec"] |= {"networks": [{"name": "n", "pod": {}}], "volumes": volumes}
    return data


def test_machines_that_are_remembered_are_judged_as_those_that_are_not():
    draw = random.Random(5)
    target = KubeVirtTarget("v1.9.0", KUBEVIRT)
    remembering = target.judge()
    answers = set()
    for _ in range(1500):
        data = drawn(draw)
        fresh = list(remarks(data, target.judge(), target))
        assert list(remarks(data, remembering, target)) == fresh, data
        answers.add(bool(fresh))
    assert answers == {True, False}
