"""Facts of KubeVirt's code that one machine in a thousand depends on."""

import pytest

from generator.virtapi import VirtAPI, admit, nearest
from generator.virtapi.defaults import default_instance

GRACE = {
    "pciHostDevices": [
        {"pciVendorSelector": f"10DE:{product}", "resourceName": f"nvidia.com/{product}"}
        for product in ("2342", "2348", "2941", "1EB8")
    ]
}


def api(version="v1.9.0", **configuration):
    return VirtAPI.of({"kind": "KubeVirt", "spec": {"configuration": configuration}}, version)


def vmi(devices=None, cpu=None):
    domain = {"devices": devices or {}, "memory": {"guest": "1Gi"}, **({"cpu": cpu} if cpu else {})}
    return {
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
        "metadata": {"name": "vm", "namespace": "lab"}, "spec": {"domain": domain},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("version", "judged"),
    [
        ("v1.2.0", "1.8"), ("v1.7.4", "1.8"), ("v1.8.0", "1.8"), ("1.8.4", "1.8"), ("v1.9.0-rc.1", "1.9"),
        ("v1.9.3", "1.9"), ("v1.10.0", "1.9"), ("v2.0.0", "1.9"),
    ],
)  # fmt: skip
def test_the_release_a_version_is_judged_as(version, judged):
    assert str(nearest(version)) == judged


@pytest.mark.parametrize(("product", "refused"), [("2342", True), ("2348", True), ("2941", True), ("1EB8", False)])
def test_every_grace_gpu_needs_its_gate(product, refused):
    machine = vmi({"gpus": [{"name": "g", "deviceName": f"nvidia.com/{product}"}]})
    verdict = admit(machine, api(permittedHostDevices=GRACE))
    assert ("GraceIOVirtualization feature gate must be enabled" in str(verdict.all_causes)) is refused
    assert admit(machine, api("v1.8.0", permittedHostDevices=GRACE)).allowed


@pytest.mark.parametrize(
    ("cpu", "configuration", "most"),
    [
        ({"cores": 2, "sockets": 3, "threads": 1}, {}, 12),  # four times as many, unless the object says otherwise
        ({"cores": 2, "sockets": 3, "threads": 1}, {"liveUpdateConfiguration": {"maxHotplugRatio": 2}}, 6),
        ({"cores": 2, "sockets": 3, "threads": 1}, {"liveUpdateConfiguration": {"maxCpuSockets": 5}}, 5),
        ({"cores": 64, "sockets": 3, "threads": 1}, {}, 8),  # 512 vCPUs at most
        ({"cores": 2, "sockets": 3, "threads": 1, "maxSockets": 7}, {}, 7),
    ],
)
def test_how_many_sockets_may_be_plugged_in(cpu, configuration, most):
    spec = vmi(cpu=cpu)["spec"]
    default_instance(spec, api(**configuration))
    assert spec["domain"]["cpu"]["maxSockets"] == most
