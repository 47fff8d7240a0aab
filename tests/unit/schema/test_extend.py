"""The extension adds the note's `qats` to the six CRDs that embed devices, and touches nothing else."""

import copy
from typing import Any

import pytest

from generator.finding import Severity
from generator.location import Span
from generator.schema import extend_crd, qats_property, rules, swagger_fragment, versions
from generator.source import Dialect, read_file
from tests.support.shared import shared_path

AT = Span("crd.yaml", 1, 1)
SIX = {
    "virtualmachineinstances.kubevirt.io": "spec.domain",
    "virtualmachines.kubevirt.io": "spec.template.spec.domain",
    "virtualmachineinstancereplicasets.kubevirt.io": "spec.template.spec.domain",
    "virtualmachineinstancepresets.kubevirt.io": "spec.domain",
    "virtualmachinepools.pool.kubevirt.io": "spec.virtualMachineTemplate.spec.template.spec.domain",
    "virtualmachinesnapshotcontents.snapshot.kubevirt.io": "spec.source.virtualMachine.spec.template.spec.domain",
}


def upstream(name: str) -> dict[str, Any]:
    path = shared_path(f"crds/kubevirt/{name}.yaml")
    data: dict[str, Any] = read_file(path, name, Dialect.KUBERNETES)[0].data
    return data


def small(**fields: Any) -> dict[str, Any]:
    def version(name: str, *, served: bool) -> dict[str, Any]:
        devices = {
            "type": "object",
            "properties": {"disks": {"type": "array"}, "hostDevices": {"type": "array"}, **fields},
        }
        domain = {"type": "object", "properties": {"devices": copy.deepcopy(devices)}}
        spec = {"type": "object", "properties": {"domain": domain, "hostDevices": {"type": "array"}}}
        schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
        return {"name": name, "served": served, "storage": served, "schema": schema}

    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "virtualmachineinstances.kubevirt.io"},
        "spec": {
            "group": "kubevirt.io",
            "scope": "Namespaced",
            "names": {"kind": "VirtualMachineInstance", "plural": "virtualmachineinstances"},
            "versions": [version("v1", served=True), version("v1alpha3", served=True), version("v0", served=False)],
        },
    }


def devices_of(crd: dict[str, Any], version: int) -> dict[str, Any]:
    spec = crd["spec"]["versions"][version]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    found: dict[str, Any] = spec["properties"]["domain"]["properties"]["devices"]["properties"]
    return found


def test_every_served_version_gets_it_and_the_input_is_left_alone() -> None:
    crd = small()
    before = copy.deepcopy(crd)
    extended = extend_crd(crd, AT)
    assert crd == before
    assert extended.findings == ()
    assert len(extended.added) == 2
    assert [devices_of(extended.crd, n).get("qats") for n in (0, 1, 2)] == [qats_property(), qats_property(), None]
    assert list(devices_of(extended.crd, 0)) == ["disks", "hostDevices", "qats"]
    for version in (0, 1):
        del devices_of(extended.crd, version)["qats"]
    assert extended.crd == before


def test_extending_twice_is_extending_once() -> None:
    once = extend_crd(small(), AT)
    twice = extend_crd(once.crd, AT)
    assert twice.crd == once.crd
    assert twice.added == ()
    assert twice.findings == ()


def test_the_same_property_in_other_words_is_no_conflict() -> None:
    item = {"properties": {"name": {"type": "string"}, "deviceName": {"type": "string"}}, "type": "object"}
    item["required"] = ["deviceName", "name"]
    qats = {"type": "array", "description": "other words", "items": item, "x-kubernetes-list-type": "atomic"}
    extended = extend_crd(small(qats=qats), AT)
    assert extended.findings == ()
    assert extended.added == ()


@pytest.mark.parametrize("qats", [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, True])
def test_another_qats_is_a_conflict_and_nothing_is_changed(qats: Any) -> None:
    crd = small(qats=qats)
    extended = extend_crd(crd, AT)
    assert {f.rule for f in extended.findings} == {rules.QATS_CONFLICT}
    assert all("qats is already there" in f.message for f in extended.findings)
    assert extended.crd is crd


@pytest.mark.parametrize(
    "change",
    [{"group": "other.io"}, {"names": {"kind": "KubeVirt"}}, {"names": None}, {"group": None}, {"versions": None}],
)
def test_a_crd_that_is_none_of_the_six_comes_back_as_it_is(change: dict[str, Any]) -> None:
    crd = small()
    crd["spec"].update(change)
    extended = extend_crd(crd, AT)
    assert extended.crd is crd
    if "versions" not in change:
        assert [f.rule for f in extended.findings] == [rules.NOT_EXTENDED]
        assert extended.findings[0].level is Severity.INFO


def test_a_version_without_devices_is_told() -> None:
    crd = small()
    crd["spec"]["versions"][1]["schema"] = {"openAPIV3Schema": {"type": "object"}}
    extended = extend_crd(crd, AT)
    assert [(f.rule, f.level) for f in extended.findings] == [(rules.NOT_EXTENDED, Severity.WARNING)]
    assert len(extended.added) == 1


def test_the_swagger_fragment_is_the_notes() -> None:
    definitions = swagger_fragment()["definitions"]
    qats = definitions["v1.Devices"]["properties"]["qats"]
    assert qats["items"] == {"$ref": "#/definitions/v1.QAT"}
    assert qats["description"] == "Whether to assign a QAT vf device to the vmi.\n+optional"
    assert definitions["v1.QAT"]["required"] == ["name", "deviceName"]
    assert definitions["v1.QAT"]["type"] == "object"
    assert definitions["v1.QAT"]["properties"]["deviceName"] == {"type": "string"}


@pytest.mark.parametrize(("name", "domain"), SIX.items(), ids=list(SIX))
def test_upstream_crds(name: str, domain: str) -> None:
    crd = upstream(name)
    extended = extend_crd(crd, AT)
    assert extended.findings == ()
    assert [path[2] for path in extended.added] == [0, 1]
    for path in extended.added:
        shown = ".".join(str(part) for part in path[5:] if part != "properties")
        assert shown == f"{domain}.devices.qats"


@pytest.mark.parametrize("name", ["virtualmachineinstancetypes.instancetype.kubevirt.io", "kubevirts.kubevirt.io"])
def test_upstream_crds_that_embed_no_devices(name: str) -> None:
    crd = upstream(name)
    assert extend_crd(crd, AT).crd is crd


def test_a_machine_with_qats_needs_the_extension_and_both_fields() -> None:
    crd = upstream("virtualmachineinstances.kubevirt.io")
    qat = {"name": "qat1", "deviceName": "qat.intel.com/generic"}

    def complaints(crd: dict[str, Any], qat: dict[str, Any], version: str = "v1alpha3") -> list[str]:
        devices = {"qats": [qat]}
        machine = {
            "apiVersion": f"kubevirt.io/{version}",
            "kind": "VirtualMachineInstance",
            "metadata": {"name": "vmi-qat"},
        }
        return [str(v) for v in versions(crd)[version].validate({**machine, "spec": {"domain": {"devices": devices}}})]

    assert complaints(crd, qat) == ['unknown field "spec.domain.devices.qats"']
    extended = extend_crd(crd, AT).crd
    assert complaints(extended, qat) == []
    assert complaints(extended, qat, "v1") == []
    assert complaints(extended, {"deviceName": "d"}) == ["spec.domain.devices.qats[0].name: Required value"]
    assert complaints(extended, {"name": "n"}) == ["spec.domain.devices.qats[0].deviceName: Required value"]
