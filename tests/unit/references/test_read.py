"""Names of other objects are found where a kind holds them, and nowhere else."""

from typing import Any

import pytest

from generator.references import NAMED, SPACED, held, is_known, made, makers
from generator.references.table import table


def machine(spec, **more):
    return {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "spec": {**more, "template": {"spec": spec}}}


def found(data):
    return {(one.kinds[0].name, one.namespace, one.name, ".".join(map(str, one.path))) for one in held(data)}


def test_the_names_in_a_machine():
    spec = {
        "networks": [{"multus": {"networkName": "net/fast"}}, {"pod": {}}],
        "volumes": [
            {"name": "a", "secret": {"secretName": "s"}},
            {"name": "b", "secret": {"secretName": ""}},
            {"name": "c", "persistentVolumeClaim": {"claimName": 7}},
            {"name": "d", "hostDisk": {"path": "/secretRef"}},
        ],
    }
    assert found(machine(spec, preference={"name": "p"})) == {
        ("NetworkAttachmentDefinition", "net", "fast", "spec.template.spec.networks.0.multus.networkName"),
        ("Secret", "", "s", "spec.template.spec.volumes.0.secret.secretName"),
        ("VirtualMachineClusterPreference", "", "p", "spec.preference.name"),
    }


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ({}, ["VirtualMachineClusterInstancetype"]),
        ({"kind": ""}, ["VirtualMachineClusterInstancetype"]),
        ({"kind": "VirtualMachineInstancetype"}, ["VirtualMachineInstancetype"]),
        ({"kind": "virtualmachineinstancetypes"}, ["VirtualMachineInstancetype"]),
        ({"kind": "Instancetype"}, []),
    ],
)
def test_the_kind_of_an_instance_type(said, kinds):
    data = machine({}, instancetype={"name": "small", **said})
    assert [kind.name for one in held(data) for kind in one.kinds] == kinds


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        ({"name": "x"}, None),
        ({"name": "x", "kind": "VirtualMachinePool"}, (None, "VirtualMachinePool")),
        ({"name": "x", "kind": "Deployment", "apiVersion": "apps/v1"}, ("apps", "Deployment")),
        ({"name": "x", "kind": "ReplicationController", "apiVersion": "v1"}, ("", "ReplicationController")),
    ],
)
def test_what_an_autoscaler_scales(reference, kind):
    data = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "spec": {"scaleTargetRef": reference}}
    assert [tuple(one.kinds[0]) for one in held(data)] == ([kind] if kind else [])


def test_what_a_machine_makes_is_not_the_name_of_another_object():
    spec = {"volumes": [{"dataVolume": {"name": "root"}}, {"persistentVolumeClaim": {"claimName": "data"}}]}
    data = machine(
        spec, dataVolumeTemplates=[{"metadata": {"name": "root"}, "spec": {"source": {"pvc": {"name": "golden"}}}}]
    )
    assert {one.name for one in held(data)} == {"data", "golden"}
    assert {(one.kind, one.name) for one in made(data)} == {("DataVolume", "root"), ("PersistentVolumeClaim", "root")}


def test_optional_names():
    volumes = [{"secret": {"secretName": name, "optional": says}} for name, says in (("a", True), ("b", False))]
    assert [one.optional for one in held(machine({"volumes": volumes}))] == [True, False]
    clone = {"target": {"kind": "VirtualMachine", "name": "new"}, "source": {"kind": "VirtualMachine", "name": "old"}}
    data = {"apiVersion": "clone.kubevirt.io/v1beta1", "kind": "VirtualMachineClone", "spec": clone}
    assert {one.name: one.optional for one in held(data)} == {"new": True, "old": False}


def test_kinds_of_which_nothing_is_known():
    data = {"apiVersion": "example.com/v1", "kind": "Fleet", "spec": {"pods": [{"secretRef": {"name": "s"}}]}}
    assert found(data) == {("Secret", "", "s", "spec.pods.0.secretRef.name")}
    assert not is_known(data)
    assert is_known(machine({}))


def test_what_makes_what():
    assert [kind.name for kind in makers("PersistentVolumeClaim")] == ["DataVolume"]
    assert {"SriovNetwork", "UserDefinedNetwork"} <= {kind.name for kind in makers("NetworkAttachmentDefinition")}
    network = {"kind": "SriovNetwork", "metadata": {"name": "fast"}, "spec": {"networkNamespace": "vms"}}
    assert list(made(network)) == [("NetworkAttachmentDefinition", "fast", "vms")]
    external = {"kind": "ExternalSecret", "metadata": {"name": "e"}}
    assert list(made(external)) == [("Secret", "e", "")]
    assert list(made({**external, "spec": {"target": {"name": "t"}}})) == [("Secret", "t", "")]


def test_kinds_that_are_named():
    assert {"Secret", "DataVolume", "VirtualMachineSnapshot", "DeviceClass"} <= NAMED
    assert {"NetworkAttachmentDefinition", "PersistentVolumeClaim", "DataSource", "Service"} <= SPACED
    assert not {"Secret", "ConfigMap", "DeviceClass"} & SPACED
    assert all(kind.group is not None for node in table().kinds.values() for one in node.fields() for kind in one.kinds)


ODD: list[Any] = [
    None,
    5,
    True,
    [],
    {},
    [None, 5, {"name": []}, ["x"]],
    ["x", "y"],
    {"name": {"name": "x"}},
    "",
    "a/b/c",
    "a/",
]


def odd_objects(node, path=()):
    """A value for every place of a kind, with every odd value there and next to it."""
    for key, below in node.below.items():
        name = "any" if key == "*" else key
        for odd in ODD:
            beside = {"kind": odd, "namespace": odd, "optional": odd, "apiGroup": odd, "apiVersion": odd}
            yield {**beside, name: odd}
            yield [[{**beside, name: odd}], odd]
        for inner in odd_objects(below, (*path, key)):
            yield {name: inner}


@pytest.mark.parametrize("kind", sorted(table().kinds), ids="/".join)
def test_odd_values_break_nothing(kind):
    for data in odd_objects(table().kinds[kind]):
        if isinstance(data, dict):
            data |= {"apiVersion": f"{kind[0]}/v1" if kind[0] else "v1", "kind": kind[1]}
            for one in list(held(data)):
                assert one.name
                assert one.optional in (True, False)
                one.write("new", "space")
            assert all(one.name for one in made(data))
