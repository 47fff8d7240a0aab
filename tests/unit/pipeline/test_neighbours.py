"""Names that objects need beside themselves: what is made, what is missing, and what the cluster has."""

import pickle
import re

import pytest

from generator.manifest import Manifest, identify
from generator.pipeline.neighbours import Neighbours, absent
from generator.spec.model import ClusterHas, KubeVirt, Metadata, Spec, Target


def an_object(kind, name="x", namespace="vpn", api="v1", **rest):
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **rest}


def machine(name="gw-0", volumes=(), kind="VirtualMachine", namespace="vpn", **spec):
    instance = {
        "domain": {"devices": {"secret": {"secretName": "no"}}},
        "volumes": list(volumes),
        **spec.pop("own", {}),
    }
    return an_object(kind, name, namespace, "kubevirt.io/v1", spec={"template": {"spec": instance}, **spec})


def claim(name):
    return {"name": "d", "persistentVolumeClaim": {"claimName": name}}


NAMESPACE = an_object("Namespace", "vpn", "")


def missing(*objects, has=(), item=("spec", "virtualMachines", 0), blocks=1):
    parts = [Neighbours() for _ in range(blocks)]
    for number, data in enumerate(objects):
        parts[number % blocks].take(Manifest(identify(data), data, item=item))
    whole = Neighbours()
    for part in reversed(parts):
        whole.add(pickle.loads(pickle.dumps(part)))
    spec = Spec(
        metadata=Metadata(name="p"), target=Target(kubernetes="1.36", kubevirt="v1.9.0"), cluster_has=tuple(has)
    )
    return [finding for _, _, finding in absent(whole, spec)]


def names(*objects, **more):
    return [(one.rule.code, one.message) for one in missing(NAMESPACE, *objects, **more)]


def told(kind, name, namespace="vpn", by="VirtualMachine vpn/gw-0"):
    within = f' in namespace "{namespace}"' if namespace else ""
    return [("REF001", f'{by} names {kind} "{name}"{within}, which nothing in this build makes')]


@pytest.mark.parametrize(
    ("volume", "kind", "name"),
    [
        (claim("c"), "PersistentVolumeClaim", "c"),
        ({"ephemeral": {"persistentVolumeClaim": {"claimName": "c"}}}, "PersistentVolumeClaim", "c"),
        ({"memoryDump": {"claimName": "c"}}, "PersistentVolumeClaim", "c"),
        ({"dataVolume": {"name": "c"}}, "DataVolume", "c"),
        ({"configMap": {"name": "c"}}, "ConfigMap", "c"),
        ({"secret": {"secretName": "c"}}, "Secret", "c"),
        ({"cloudInitNoCloud": {"secretRef": {"name": "c"}}}, "Secret", "c"),
        ({"cloudInitNoCloud": {"networkDataSecretRef": {"name": "c"}}}, "Secret", "c"),
        ({"serviceAccount": {"serviceAccountName": "c"}}, "ServiceAccount", "c"),
        ({"sysprep": {"configMap": {"name": "c"}}}, "ConfigMap", "c"),
        ({"containerDisk": {"image": "i", "imagePullSecret": "c"}}, "Secret", "c"),
    ],
)
def test_what_volumes_name(volume, kind, name):
    assert names(machine(volumes=[volume])) == told(kind, name)
    assert names(machine(volumes=[volume]), an_object(kind, name)) == []
    elsewhere = an_object(kind, name, "other"), an_object("Namespace", "other", "")
    assert names(machine(volumes=[volume]), *elsewhere) == told(kind, name)
    assert names(machine(volumes=[volume]), has=[ClusterHas(kind=kind, names=("c",))]) == []


@pytest.mark.parametrize(
    ("spec", "kind", "namespace"),
    [
        ({"instancetype": {"name": "c"}}, "VirtualMachineClusterInstancetype", ""),
        ({"instancetype": {"name": "c", "kind": "virtualmachineinstancetype"}}, "VirtualMachineInstancetype", "vpn"),
        ({"preference": {"name": "c"}}, "VirtualMachineClusterPreference", ""),
        ({"own": {"networks": [{"multus": {"networkName": "c"}}]}}, "NetworkAttachmentDefinition", "vpn"),
        ({"own": {"networks": [{"multus": {"networkName": "net/c"}}]}}, "NetworkAttachmentDefinition", "net"),
        ({"own": {"priorityClassName": "c"}}, "PriorityClass", ""),
        ({"own": {"resourceClaims": [{"resourceClaimTemplateName": "c"}]}}, "ResourceClaimTemplate", "vpn"),
        (
            {"own": {"accessCredentials": [{"sshPublicKey": {"source": {"secret": {"secretName": "c"}}}}]}},
            "Secret",
            "vpn",
        ),
    ],
)
def test_what_else_machines_name(spec, kind, namespace):
    assert names(machine(**spec)) == told(kind, "c", namespace)
    made = an_object(kind, "c", namespace)
    standing = [an_object("Namespace", "net", "")]
    assert names(machine(**spec), made, *standing) == []


@pytest.mark.parametrize(
    ("volume", "maker"),
    [
        (claim("c"), an_object("DataVolume", "c", api="cdi.kubevirt.io/v1beta1")),
        ({"dataVolume": {"name": "c"}}, an_object("PersistentVolumeClaim", "c")),
        ({"dataVolume": {"name": "c"}}, machine("other", dataVolumeTemplates=[{"metadata": {"name": "c"}}])),
        (claim("d-s-1"), an_object("StatefulSet", "s", spec={"replicas": 2, "volumeClaimTemplates": [{"metadata": {"name": "d"}}]})),
        ({"secret": {"secretName": "c"}}, an_object("Certificate", spec={"secretName": "c"})),
        ({"secret": {"secretName": "c"}}, an_object("SealedSecret", "c", spec={})),
        ({"secret": {"secretName": "c"}}, an_object("ExternalSecret", "e", spec={"target": {"name": "c"}})),
    ],
)  # fmt: skip
def test_what_other_objects_make(volume, maker):
    assert names(machine(volumes=[volume]), maker) == []


@pytest.mark.parametrize(
    "volume",
    [
        {"configMap": {"name": "c", "optional": True}},
        {"configMap": {"name": "kube-root-ca.crt"}},
        {"serviceAccount": {"serviceAccountName": "default"}},
        {"cloudInitNoCloud": {"userData": "secretName: x"}},
        {"emptyDisk": {"capacity": "1Gi"}},
    ],
)
def test_what_is_not_missing(volume):
    assert names(machine(volumes=[volume])) == []


def test_other_objects_may_name_what_they_like():
    pod = an_object("Pod", spec={"volumes": [{"secret": {"secretName": "c"}}], "containers": []})
    assert names(pod) == []


@pytest.mark.parametrize("blocks", [1, 2, 5])
def test_like_names_are_reported_once_and_said_by_a_pattern(blocks):
    machines = [machine(f"gw-{number}", [claim(f"data-{number}"), claim("shared")]) for number in range(12)]
    found = missing(NAMESPACE, *machines, blocks=blocks)
    assert [one.message for one in found] == [
        told("PersistentVolumeClaim", name)[0][1] for name in ("data-0", "shared")
    ]
    assert 'names: ["data-*"]' in found[0].hint
    assert "names: [shared]" in found[1].hint
    assert found[0].path == ("spec", "template", "spec", "volumes", 0, "persistentVolumeClaim", "claimName")


def test_a_name_that_two_parts_of_the_spec_share_is_reported_once():
    found = names(machine("a", [claim("c")]), machine("a", [claim("c")], "VirtualMachineInstanceReplicaSet"))
    assert len(found) == 1


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (ClusterHas(kind="PersistentVolumeClaim", names=("data-*",)), False),
        (ClusterHas(kind="persistentvolumeclaim", names=("x", "data-1"), namespace="v*"), False),
        (ClusterHas(kind="PersistentVolumeClaim", names=("data-*",), namespace="other"), True),
        (ClusterHas(kind="Secret", names=("*",)), True),
        (ClusterHas(kind="PersistentVolumeClaim", names=("data",)), True),
    ],
)
def test_what_the_cluster_has(entry, found):
    assert bool(names(machine(volumes=[claim("data-1")]), has=[entry])) is found


@pytest.mark.parametrize(
    ("namespace", "has", "found"),
    [
        ("zip", (), True),
        ("zip", (ClusterHas(kind="Namespace", names=("z*",)),), False),
        ("default", (), False),
        ("kube-system", (), False),
        (KubeVirt().namespace, (), False),
        ("vpn", (), False),
    ],
)
def test_namespaces(namespace, has, found):
    result = missing(NAMESPACE, an_object("ConfigMap", "a", namespace), an_object("ConfigMap", "b", namespace), has=has)
    message = f'ConfigMap {namespace}/a is in namespace "{namespace}", which nothing in this build makes'
    assert [(one.rule.code, one.message) for one in result] == ([("REF002", message)] if found else [])


def test_machines_of_an_overlay_are_reported_each():
    machines = machine("a", [claim("x")]), machine("b", [claim("y")])
    found = [one.message for one in missing(NAMESPACE, *machines, item=())]
    assert found == [
        told("PersistentVolumeClaim", name, by=f"VirtualMachine vpn/{by}")[0][1] for by, name in ("ax", "by")
    ]


def test_another_name_that_an_overlay_gives_one_machine_is_reported_too():
    neighbours = Neighbours()
    for name in ("data-0", "data-1", "other", "data-3"):
        data = machine(f"gw-{name}", [claim(name)])
        neighbours.take(Manifest(identify(data), data, item=("spec", "virtualMachines", 0), overlays=("k.yaml",)))
    spec = Spec(metadata=Metadata(name="p"), target=Target(kubernetes="1.36", kubevirt="v1.9.0"))
    found = [one for _, _, one in absent(neighbours, spec) if one.rule.code == "REF001"]
    assert [re.findall("names: .*?]", one.hint) for one in found] == [['names: ["data-*"]'], ["names: [other]"]]


def stateful_set(**spec):
    return an_object("StatefulSet", "s", spec={"volumeClaimTemplates": [{"metadata": {"name": "d"}}], **spec})


@pytest.mark.parametrize(
    ("spec", "name", "found"),
    [
        ({}, "d-s-0", False),
        ({}, "d-s-1", True),
        ({"replicas": None}, "d-s-0", False),
        ({"replicas": 0}, "d-s-0", True),
        ({"replicas": 2_000_000_000}, "d-s-1999999999", False),
        ({"replicas": 2}, "d-s-01", True),
        ({"replicas": 2, "ordinals": {"start": 5}}, "d-s-6", False),
        ({"replicas": 2, "ordinals": {"start": 5}}, "d-s-1", True),
    ],
)
def test_claims_of_a_stateful_set(spec, name, found):
    assert names(machine(volumes=[claim(name)]), stateful_set(**spec), blocks=2) == (
        told("PersistentVolumeClaim", name) if found else []
    )


def pool(volumes, replicas=2, templates=(), **generation):
    made = [{"metadata": {"name": name}} for name in templates]
    inner = {"template": {"spec": {"volumes": list(volumes)}}, "dataVolumeTemplates": made}
    spec = {"replicas": replicas, "nameGeneration": generation, "virtualMachineTemplate": {"spec": inner}}
    return an_object("VirtualMachinePool", "p", api="pool.kubevirt.io/v1beta1", spec=spec)


def test_a_pool_makes_data_volumes_with_numbers():
    made = pool([{"dataVolume": {"name": "root"}}], templates=["root"])
    assert names(made) == []
    assert names(machine(volumes=[claim("root-7")]), made) == []
    assert names(machine(volumes=[claim("root")]), made) == told("PersistentVolumeClaim", "root")


@pytest.mark.parametrize(
    ("volume", "kind", "switch"),
    [
        ({"configMap": {"name": "c"}}, "ConfigMap", "appendIndexToConfigMapRefs"),
        ({"secret": {"secretName": "c"}}, "Secret", "appendIndexToSecretRefs"),
        ({"cloudInitNoCloud": {"secretRef": {"name": "c"}}}, "Secret", "appendIndexToSecretRefs"),
        ({"cloudInitConfigDrive": {"networkDataSecretRef": {"name": "c"}}}, "Secret", "appendIndexToSecretRefs"),
    ],
)
def test_machines_of_a_pool_may_each_name_an_object_of_their_own(volume, kind, switch):
    numbered = pool([volume], **{switch: True})
    assert names(numbered, an_object(kind, "c-0"), an_object(kind, "c-1")) == []
    by = "VirtualMachinePool vpn/p"
    assert names(numbered, an_object(kind, "c-0"), an_object(kind, "c")) == told(kind, "c-1", by=by)
    assert names(pool([volume]), an_object(kind, "c-0"), an_object(kind, "c-1")) == told(kind, "c", by=by)
    assert len(names(pool([volume], 2_000_000_000, **{switch: True}))) == 1


def test_what_no_number_is_put_behind_in_a_pool():
    volumes = [{"sysprep": {"secret": {"name": "c"}}}, {"containerDisk": {"imagePullSecret": "c"}}]
    assert names(pool(volumes, appendIndexToSecretRefs=True), an_object("Secret", "c")) == []


def test_kinds_that_the_table_does_not_have_are_made_too():
    source = {"apiGroup": "example.com", "kind": "Populator", "name": "c"}
    user = machine(dataVolumeTemplates=[{"metadata": {"name": "d"}, "spec": {"pvc": {"dataSourceRef": source}}}])
    assert names(user) == told("Populator", "c")
    assert names(user, an_object("Populator", "c", api="example.com/v1")) == []


def test_kinds_without_a_namespace_are_reported_once():
    users = [machine(namespace=namespace, own={"priorityClassName": "c"}) for namespace in ("a", "vpn")]
    storage = machine(dataVolumeTemplates=[{"metadata": {"name": "d"}, "spec": {"pvc": {"volumeName": "v"}}}])
    assert names(*users, an_object("Namespace", "a", "")) == told("PriorityClass", "c", "", by="VirtualMachine a/gw-0")
    assert names(storage) == told("PersistentVolume", "v", "")
    assert names(storage, an_object("PersistentVolume", "v", "")) == []
