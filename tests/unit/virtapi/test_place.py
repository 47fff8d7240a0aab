"""KubeVirt's fields lead to the part of the machine a person would edit."""

import pytest

from generator.virtapi import VirtAPI, admit, object_path
from tests.conformance.kubevirt import load
from tests.support.workspace import REPOSITORY

DISKS = [{"name": "root", "disk": {"bus": "virtio"}}, {"name": "UP", "disk": {"bus": "virtio"}}]
SPEC = {
    "domain": {
        "devices": {
            "disks": DISKS,
            "hostDevices": [{"name": "a"}],
            "gpus": [{"name": "g"}],
            "interfaces": [{"name": "default"}],
            "sound": {},
            "video": {},
        },
        "memory": {},
        "firmware": {"acpi": {}},
        "launchSecurity": {},
        "features": {"hyperv": {"synic": {}}},
    },
    "volumes": [{"name": "root"}],
    "networks": [{"name": "n"}],
    "affinity": {"nodeAffinity": {}},
    "dnsConfig": {"nameservers": ["x"]},
}
VMI = {"kind": "VirtualMachineInstance", "metadata": {"labels": {}}, "spec": SPEC}
VM = {
    "kind": "VirtualMachine",
    "metadata": {},
    "spec": {"template": {"metadata": {"labels": {}}, "spec": SPEC}, "dataVolumeTemplates": [{}]},
}
IN_VM = ("spec", "template")


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("spec.HostDevices", ("spec", "domain", "devices", "hostDevices")),
        ("spec.GPUs", ("spec", "domain", "devices", "gpus")),
        ("spec.Sound", ("spec", "domain", "devices", "sound")),
        ("spec.launchSecurity", ("spec", "domain", "launchSecurity")),
        ("spec.acpi.slicNameRef", ("spec", "domain", "firmware", "acpi")),
        ("spec.interfaces", ("spec", "domain", "devices", "interfaces")),
        ("spec.nodeAffinity.required", ("spec", "affinity", "nodeAffinity")),
        ("nameservers", ("spec", "dnsConfig", "nameservers")),
        ("spec.domain.volumes[0].name", ("spec", "volumes", 0, "name")),
        ("spec.domain.devices.disks.domain.devices.disks[1].name", ("spec", "domain", "devices", "disks", 1, "name")),
        (
            "spec.domain.devices.disks.domain.devices.disks.disk[1].pciAddress",
            ("spec", "domain", "devices", "disks", 1),
        ),
        (
            "spec.domain.features.hyperv.domain.features.hyperv.synic",
            ("spec", "domain", "features", "hyperv", "synic"),
        ),
        ("metadata.labels", ("metadata", "labels")),
        ("", ("spec", "domain", "memory")),
    ],
)
def test_of_an_instance_and_of_a_machine(field, path):
    assert object_path(VMI, "VirtualMachineInstance", field, "", "memory") == path
    assert object_path(VM, "VirtualMachineInstance", field, "", "memory") == (*IN_VM, *path)
    whole = field.replace("spec.", "spec.template.spec.", 1).replace("metadata.", "spec.template.metadata.", 1)
    if field.startswith(("spec.", "metadata.")):
        assert object_path(VM, "VirtualMachine", whole, "", "memory") == (*IN_VM, *path)


def test_of_a_machine_alone():
    assert object_path(VM, "VirtualMachine", "spec.dataVolumeTemplate[0].name", "", "x") == (
        "spec",
        "dataVolumeTemplates",
        0,
    )
    message = "spec.template.spec.networks.name in body is required"
    assert object_path(VM, "VirtualMachine", "", message, "schema") == (*IN_VM, "spec", "networks", 0, "name")


def test_every_recorded_field_leads_inside_the_machine():
    document = load(REPOSITORY / "tests/data/kubevirt/cases.json.gz")
    shallow = set()
    for case in document["cases"]:
        verdict = admit(case["object"], VirtAPI.of(document["kubevirts"][case["kubevirt"]], case["version"]))
        for cause in verdict.all_causes:
            path = object_path(case["object"], verdict.kind, cause.field, cause.message, cause.topic)
            value = case["object"]
            for part in path:
                value = value[part]
            if len(path) < 2 and cause.field:
                shallow.add(cause.field)
    assert shallow <= {"specs", "spec.running", "spec.runStrategy"}
