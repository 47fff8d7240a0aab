"""Names in machines, volumes and pods follow the objects they mean; names that mean nothing of the build stay."""

from typing import Any

import pytest
import yaml

from generator.finding import Halt
from generator.overlay import build, settings
from generator.references.table import Field, table
from tests.support.workspace import write

MACHINE = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: vm}
spec:
  instancetype: {kind: VirtualMachineInstancetype, name: small, revisionName: small-1}
  preference: {name: linux}
  dataVolumeTemplates:
    - metadata: {name: root}
      spec:
        sourceRef: {kind: DataSource, name: fedora, namespace: images}
        storage: {storageClassName: fast, dataSourceRef: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: snap}}
    - metadata: {name: copy}
      spec: {source: {pvc: {name: data, namespace: default}}}
    - metadata: {name: web}
      spec: {source: {http: {url: x, secretRef: sec, certConfigMap: conf, secretExtraHeaders: [sec, other]}}}
  template:
    spec:
      priorityClassName: high
      serviceAccountName: bot
      resourceClaims: [{name: qat, resourceClaimTemplateName: qat}]
      accessCredentials:
        - sshPublicKey: {source: {secret: {secretName: sec}}}
        - userPassword: {source: {secret: {secretName: sec}}}
      networks:
        - {name: a, multus: {networkName: fast}}
        - {name: b, multus: {networkName: default/fast}}
        - {name: c, multus: {networkName: other/fast}}
      volumes:
        - {name: a, persistentVolumeClaim: {claimName: data}}
        - {name: b, dataVolume: {name: root}}
        - {name: c, dataVolume: {name: filled}}
        - {name: d, ephemeral: {persistentVolumeClaim: {claimName: filled}}}
        - {name: e, secret: {secretName: sec}}
        - {name: f, configMap: {name: conf}}
        - {name: g, serviceAccount: {serviceAccountName: bot}}
        - {name: h, cloudInitNoCloud: {secretRef: {name: sec}, networkDataSecretRef: {name: sec}}}
        - {name: i, cloudInitConfigDrive: {secretRef: {name: sec}, networkDataSecretRef: {name: sec}}}
        - {name: j, sysprep: {secret: {name: sec}}}
        - {name: k, sysprep: {configMap: {name: conf}}}
        - {name: l, memoryDump: {claimName: data}}
        - {name: m, containerDisk: {image: fast, imagePullSecret: sec}}
      utilityVolumes: [{name: u, claimName: data}]
      domain: {firmware: {kernelBoot: {container: {image: sec, imagePullSecret: sec}}}}
"""
RENAMED = {
    "v1": {"PersistentVolumeClaim": ["data"], "ServiceAccount": ["bot"], "Secret": ["sec"], "ConfigMap": ["conf"]},
    "cdi.kubevirt.io/v1beta1": {"DataVolume": ["filled", "root"], "DataSource": ["fedora"]},
    "instancetype.kubevirt.io/v1beta1": {
        "VirtualMachineInstancetype": ["small"],
        "VirtualMachineClusterPreference": ["linux"],
        "VirtualMachineClusterInstancetype": ["small"],
    },
    "k8s.cni.cncf.io/v1": {"NetworkAttachmentDefinition": ["fast"]},
    "apps/v1": {"ControllerRevision": ["small-1"]},
    "storage.k8s.io/v1": {"StorageClass": ["fast"]},
    "scheduling.k8s.io/v1": {"PriorityClass": ["high"]},
    "snapshot.storage.k8s.io/v1": {"VolumeSnapshot": ["snap"]},
    "resource.k8s.io/v1": {"ResourceClaimTemplate": ["qat"]},
}
EXPECTED = {
    "name: small,": "name: p-small,",
    "revisionName: small-1": "revisionName: p-small-1",
    "name: linux": "name: p-linux",
    "name: fedora, namespace: images": "name: p-fedora, namespace: images",
    "storageClassName: fast": "storageClassName: p-fast",
    "name: snap": "name: p-snap",
    "pvc: {name: data": "pvc: {name: p-data",
    "secretRef: sec": "secretRef: p-sec",
    "certConfigMap: conf": "certConfigMap: p-conf",
    "Headers: [sec": "Headers: [p-sec",
    "priorityClassName: high": "priorityClassName: p-high",
    "AccountName: bot": "AccountName: p-bot",
    "TemplateName: qat": "TemplateName: p-qat",
    "secretName: sec": "secretName: p-sec",
    "networkName: fast": "networkName: p-fast",
    "networkName: default/fast": "networkName: default/p-fast",
    "claimName: data": "claimName: p-data",
    "dataVolume: {name: filled": "dataVolume: {name: p-filled",
    "claimName: filled": "claimName: p-filled",
    "configMap: {name: conf": "configMap: {name: p-conf",
    "Ref: {name: sec": "Ref: {name: p-sec",
    "secret: {name: sec": "secret: {name: p-sec",
    "imagePullSecret: sec": "imagePullSecret: p-sec",
    "metadata: {name: vm}": "metadata: {name: p-vm}",
}
"""What is another with a prefix: everything else is as it was."""


def thing(api, kind, name, **more):
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, **more}


def built(tmp_path, kustomization, *objects, compat=False, **files):
    """Objects of a kustomization over some objects, by kind and present name."""
    resources = ["all.yaml"] if objects else []
    write(tmp_path, {"all.yaml": yaml.safe_dump_all(objects), **{k: yaml.safe_dump_all(v) for k, v in files.items()}})
    write(tmp_path, {"kustomization.yaml": yaml.safe_dump({"resources": resources, **kustomization})})
    state = build(tmp_path, "over", settings(compat=compat))
    return {f"{one.kind}/{one.name}": one.body for one in state.objects}, state.findings


def everything():
    found = [
        thing(api, kind, name) for api, kinds in RENAMED.items() for kind, names in kinds.items() for name in names
    ]
    for one in found:
        if one["kind"] == "DataSource":
            one["metadata"]["namespace"] = "images"
    return found


def test_every_place_of_a_machine(tmp_path):
    wanted = MACHINE
    for before, after in EXPECTED.items():
        assert before in wanted
        wanted = wanted.replace(before, after)
    objects, findings = built(tmp_path, {"namePrefix": "p-"}, *everything(), yaml.safe_load(MACHINE))
    assert objects["VirtualMachine/p-vm"] == yaml.safe_load(wanted)
    assert findings == []


def test_kustomize_leaves_them_as_they_are(tmp_path):
    objects, findings = built(tmp_path, {"namePrefix": "p-"}, *everything(), yaml.safe_load(MACHINE), compat=True)
    same = yaml.safe_load(MACHINE)
    same["metadata"]["name"] = "p-vm"
    assert objects["VirtualMachine/p-vm"] == same
    assert {finding.rule.code for finding in findings} == {"OVL020"}


@pytest.mark.parametrize("kind", ["VirtualMachinePool", "VirtualMachineInstanceReplicaSet", "VirtualMachineInstance"])
def test_every_kind_of_machine(tmp_path, kind):
    machine = yaml.safe_load(MACHINE)
    spec = {
        "VirtualMachinePool": {"virtualMachineTemplate": {"spec": machine["spec"]}},
        "VirtualMachineInstanceReplicaSet": {"template": machine["spec"]["template"]},
        "VirtualMachineInstance": machine["spec"]["template"]["spec"],
    }[kind]
    api = "pool.kubevirt.io/v1beta1" if kind.endswith("Pool") else "kubevirt.io/v1"
    objects, _ = built(tmp_path, {"namePrefix": "p-"}, *everything(), thing(api, kind, "m", spec=spec))
    text = yaml.safe_dump(objects[f"{kind}/p-m"])
    assert text.count("p-sec") == (12 if kind.endswith("Pool") else 10)
    assert "claimName: p-filled" in text
    # Only the machine and the pool make a DataVolume "root" of their own.
    assert ("dataVolume:\n" in text, "name: p-root" in text) == (True, not kind.endswith("Pool"))


def placed(path, name, field: Field, kind):
    """An object with a name at a path, and what is next to it saying of which kind it is."""
    spec: dict[str, Any] = {}
    here = spec
    for part in path[:-1]:
        here = here.setdefault("any" if part == "*" else part, {})
    here[path[-1]] = name
    if field.kind:
        here[field.kind] = kind
    return spec


def fields(node, path=()):
    if node.names is not None:
        yield path, node.names
    for key, below in node.below.items():
        yield from fields(below, (*path, key))


@pytest.mark.parametrize("kind", sorted(table().kinds), ids="/".join)
def test_every_field_of_the_table(tmp_path, kind):
    name = "referrer" if kind[1] in ("CustomResourceDefinition", "APIService", "Namespace") else "referrer-s"
    for path, field in fields(table().kinds[kind]):
        for target in field.kinds:
            referrer, wanted = (
                {
                    **(spec := placed(path, text, field, target.name)),
                    "apiVersion": f"{kind[0]}/v1" if kind[0] else "v1",
                    "kind": kind[1],
                    "metadata": {**spec.get("metadata", {}), "name": own},
                }
                for text, own in (("x", "referrer"), ("x-s", name))
            )
            named = thing(f"{target.group}/v1" if target.group else "v1", target.name, "x")
            objects, findings = built(tmp_path, {"nameSuffix": "-s"}, referrer, named)
            assert (objects[f"{kind[1]}/{name}"], findings) == (wanted, []), (path, target)


NETWORK = thing("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", "fast")
GOLDEN = {**thing("v1", "PersistentVolumeClaim", "golden"), "metadata": {"name": "golden", "namespace": "images"}}


def volume(name, **source):
    return thing("cdi.kubevirt.io/v1beta1", "DataVolume", name, spec={"source": source})


def machine(**spec):
    return thing("kubevirt.io/v1", "VirtualMachine", "vm", spec={"template": {"spec": spec}})


def test_namespaces_follow(tmp_path):
    networks = [{"multus": {"networkName": name}} for name in ("fast", "lab/fast", "far/fast")]
    network = {**NETWORK, "metadata": {"name": "fast", "namespace": "lab"}}
    moved = volume("d", pvc={"name": "golden", "namespace": "images"})
    stays = volume("e", pvc={"name": "golden", "namespace": "elsewhere"})
    vm = machine(networks=networks)
    vm["metadata"]["namespace"] = "lab"
    objects, findings = built(tmp_path, {"namespace": "prod", "namePrefix": "p-"}, network, GOLDEN, moved, stays, vm)
    assert objects["DataVolume/p-d"]["spec"]["source"]["pvc"] == {"name": "p-golden", "namespace": "prod"}
    assert objects["DataVolume/p-e"]["spec"]["source"]["pvc"] == {"name": "golden", "namespace": "elsewhere"}
    found = [
        one["multus"]["networkName"] for one in objects["VirtualMachine/p-vm"]["spec"]["template"]["spec"]["networks"]
    ]
    assert (found, findings) == (["p-fast", "prod/p-fast", "far/fast"], [])


def test_a_name_in_another_namespace_is_another_object(tmp_path):
    vm = machine(volumes=[{"persistentVolumeClaim": {"claimName": "golden"}}])
    objects, findings = built(tmp_path, {"namePrefix": "p-"}, GOLDEN, vm)
    assert objects["VirtualMachine/p-vm"]["spec"] == vm["spec"]
    assert findings == []


@pytest.mark.parametrize(
    ("kind", "api", "name"),
    [
        ("VirtualMachinePool", "pool.kubevirt.io/v1beta1", "p-web"),
        ("Deployment", "apps/v1", "p-web"),
        ("Deployment", "example.com/v1", "web"),
        ("VirtualMachineInstanceReplicaSet", "kubevirt.io/v1", "web"),
    ],
)
def test_an_autoscaler_follows_what_it_scales_and_nothing_else(tmp_path, kind, api, name):
    target = {"apiVersion": api, "kind": kind, "name": "web"}
    scaler = thing("autoscaling/v2", "HorizontalPodAutoscaler", "h", spec={"scaleTargetRef": target})
    pool, workload = (
        thing("pool.kubevirt.io/v1beta1", "VirtualMachinePool", "web"),
        thing("apps/v1", "Deployment", "web"),
    )
    objects, _ = built(tmp_path, {"namePrefix": "p-"}, scaler, pool, workload)
    assert objects["HorizontalPodAutoscaler/p-h"]["spec"]["scaleTargetRef"]["name"] == name


def test_a_network_that_another_object_makes(tmp_path):
    sriov = thing("sriovnetwork.openshift.io/v1", "SriovNetwork", "fast", spec={"networkNamespace": "vms"})
    networks = [{"multus": {"networkName": name}} for name in ("vms/fast", "fast")]
    objects, _ = built(tmp_path, {"namePrefix": "p-"}, sriov, machine(networks=networks))
    made = objects["VirtualMachine/p-vm"]["spec"]["template"]["spec"]["networks"]
    assert [one["multus"]["networkName"] for one in made] == ["vms/p-fast", "fast"]


def test_each_layer_means_its_own(tmp_path):
    files = {
        f"{name}/kustomization.yaml": [{"resources": ["all.yaml"], "namePrefix": f"{name}-"}] for name in ("one", "two")
    }
    vm = machine(networks=[{"multus": {"networkName": "fast"}}])
    files |= {f"{name}/all.yaml": [NETWORK, vm] for name in ("one", "two")}
    objects, _ = built(tmp_path, {"resources": ["one", "two"]}, **files)
    for name in ("one", "two"):
        spec = objects[f"VirtualMachine/{name}-vm"]["spec"]["template"]["spec"]
        assert spec["networks"] == [{"multus": {"networkName": f"{name}-fast"}}]


def test_a_name_that_may_mean_two_is_refused(tmp_path):
    files = {
        f"{name}/kustomization.yaml": [{"resources": ["all.yaml"], "namePrefix": f"{name}-"}] for name in ("one", "two")
    }
    files |= {f"{name}/all.yaml": [NETWORK] for name in ("one", "two")}
    vm = machine(networks=[{"multus": {"networkName": "fast"}}])
    with pytest.raises(Halt) as halt:
        built(tmp_path, {"resources": ["one", "two", "all.yaml"]}, vm, **files)
    [finding] = halt.value.findings
    assert finding.rule.code == "OVL015"
    assert (
        '"fast" in VirtualMachine vm (spec.template.spec.networks.0.multus.networkName) may mean any of'
        in finding.message
    )


def test_a_generated_secret_is_named_with_its_hash(tmp_path):
    vm = machine(volumes=[{"cloudInitNoCloud": {"secretRef": {"name": "ci"}}}])
    objects, _ = built(tmp_path, {"secretGenerator": [{"name": "ci", "literals": ["userdata=x"]}]}, vm)
    [secret] = [one["metadata"]["name"] for one in objects.values() if one["kind"] == "Secret"]
    assert secret != "ci"
    assert objects["VirtualMachine/vm"]["spec"]["template"]["spec"]["volumes"][0]["cloudInitNoCloud"]["secretRef"] == {
        "name": secret
    }
