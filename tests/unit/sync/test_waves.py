"""Waves follow from what objects need of each other, whatever order they come in."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.manifest import Identity, Manifest, identify
from generator.policy.resources import resources
from generator.sync import waves_of
from generator.sync.needs import Need, needs
from generator.sync.waves import depths


def thing(api, kind, name, namespace="", annotations=None, **rest):
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    if annotations:
        metadata["annotations"] = annotations
    data = {"apiVersion": api, "kind": kind, "metadata": metadata, **rest}
    return Manifest(identify(data), data)


def policy(name, group, plural, param=None):
    rule = {"apiGroups": [group], "apiVersions": ["*"], "operations": ["CREATE"], "resources": [plural]}
    spec = {"matchConstraints": {"resourceRules": [rule]}, **({"paramKind": param} if param else {})}
    return thing("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", name, spec=spec)


def binding(name, param=None):
    spec = {"policyName": name, "validationActions": ["Deny"], **({"paramRef": param} if param else {})}
    return thing("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", name, spec=spec)


def daemonset(name, pool, *, privileged=True, **more):
    pod = {
        "nodeSelector": {"pool": pool},
        "containers": [{"name": "c", "securityContext": {"privileged": privileged}}],
        **more,
    }
    return thing("apps/v1", "DaemonSet", name, "dev", spec={"template": {"spec": pod}})


def machine(name="vm", pool="vm", annotations=None, **spec):
    inner = {"nodeSelector": {"pool": pool}, **spec}
    return thing("kubevirt.io/v1", "VirtualMachine", name, "vms", annotations, spec={"template": {"spec": inner}})


NAMESPACES = [thing("v1", "Namespace", name) for name in ("dev", "vms", "kubevirt")]
KUBEVIRT = {"apiVersion": "kubevirt.io/v1", "kind": "KubeVirt"}


def kubevirt(placement=None):
    spec = {"workloads": {"nodePlacement": placement}} if placement else {}
    return thing("kubevirt.io/v1", "KubeVirt", "kubevirt", "kubevirt", spec=spec)


def waves(*objects, crds=()):
    found = waves_of(objects, resources(crds)).of
    return {f"{identity.kind}/{identity.name}": wave for identity, wave in found.items()}


PLATFORM = [
    *NAMESPACES,
    policy("gate", "kubevirt.io", "virtualmachines", KUBEVIRT),
    binding("gate", {"name": "kubevirt", "namespace": "kubevirt"}),
    policy("form", "kubevirt.io", "kubevirts"),
    binding("form"),
    thing("v1", "ConfigMap", "conf", "dev"),
    daemonset("prepare", "vm", volumes=[{"name": "c", "configMap": {"name": "conf"}}]),
    kubevirt(),
    machine(),
]


def test_the_platform_in_its_order():
    found = waves(*PLATFORM)
    order = [
        ("Namespace/dev", "ConfigMap/conf"),
        ("ConfigMap/conf", "DaemonSet/prepare"),
        ("DaemonSet/prepare", "KubeVirt/kubevirt"),
        ("ValidatingAdmissionPolicy/gate", "ValidatingAdmissionPolicyBinding/gate"),
        ("ValidatingAdmissionPolicyBinding/form", "KubeVirt/kubevirt"),
        ("KubeVirt/kubevirt", "ValidatingAdmissionPolicyBinding/gate"),
        ("ValidatingAdmissionPolicyBinding/gate", "VirtualMachine/vm"),
    ]
    assert [(a, b) for a, b in order if not found[a] < found[b]] == []
    assert found["Namespace/dev"] == found["ValidatingAdmissionPolicy/gate"] == 0


def test_every_object_comes_after_all_it_needs():
    found = waves_of(PLATFORM, resources())
    for manifest in PLATFORM:
        for need in needs(manifest.identity, manifest.data, found.around, resources()):
            assert found.of[need.target] < found.of[manifest.identity]


def test_the_order_objects_come_in_changes_nothing():
    wanted = waves(*PLATFORM)
    for turn in range(len(PLATFORM)):
        assert waves(*PLATFORM[turn:], *PLATFORM[:turn]) == wanted
    assert waves(*reversed(PLATFORM)) == wanted


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (thing("v1", "Secret", "s", "vms"), machine(volumes=[{"name": "c", "cloudInitNoCloud": {"secretRef": {"name": "s"}}}])),
        (thing("v1", "Secret", "s", "vms"), machine(volumes=[{"name": "c", "secret": {"secretName": "s"}}])),
        (thing("v1", "PersistentVolumeClaim", "p", "vms"), machine(volumes=[{"persistentVolumeClaim": {"claimName": "p"}}])),
        (thing("cdi.kubevirt.io/v1beta1", "DataVolume", "d", "vms"), machine(volumes=[{"dataVolume": {"name": "d"}}])),
        (
            thing("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", "n", "dev"),
            machine(networks=[{"name": "n", "multus": {"networkName": "dev/n"}}]),
        ),
        (
            thing("resource.k8s.io/v1", "ResourceClaimTemplate", "c", "vms"),
            machine(resourceClaims=[{"name": "qat", "resourceClaimTemplateName": "c"}]),
        ),
        (
            thing("resource.k8s.io/v1", "DeviceClass", "qat"),
            thing("resource.k8s.io/v1", "ResourceClaim", "c", "vms", spec={"devices": {"requests": [{"exactly": {"deviceClassName": "qat"}}]}}),
        ),
        (thing("v1", "ServiceAccount", "sa", "dev"), daemonset("d", "vm", serviceAccountName="sa")),
        (daemonset("prepare", "vm"), machine(pool="vm")),
        (daemonset("plugin", "vm", privileged=False, volumes=[{"hostPath": {"path": "/var/lib/kubelet/device-plugins"}}]), machine()),
        (daemonset("prepare", "vm"), kubevirt()),
        (
            thing("nfd.k8s-sigs.io/v1alpha1", "NodeFeatureRule", "r", spec={"rules": [{"labels": {"pool": "vm"}}]}),
            daemonset("prepare", "vm"),
        ),
        (
            thing("deviceplugin.intel.com/v1", "QatDevicePlugin", "q", spec={"nodeSelector": {"pool": "vm"}}),
            machine(pool="vm"),
        ),
        (
            thing("v1", "ConfigMap", "conf", "dev"),
            thing("deviceplugin.intel.com/v1", "QatDevicePlugin", "q", spec={"provisioningConfig": "conf"}),
        ),
        (kubevirt(), machine()),
        (
            thing(
                "apiextensions.k8s.io/v1",
                "CustomResourceDefinition",
                "fleets.example.com",
                spec={"group": "example.com", "names": {"kind": "Fleet"}},
            ),
            thing("example.com/v1", "Fleet", "f", "vms"),
        ),
        (
            thing("argoproj.io/v1alpha1", "AppProject", "edge", "argocd"),
            thing("argoproj.io/v1alpha1", "ApplicationSet", "e", "argocd", spec={"template": {"spec": {"project": "edge"}}}),
        ),
    ],
)  # fmt: skip
def test_one_after_the_other(first, second):
    for objects in ((first, second), (second, first)):
        found = waves(*objects)
        assert list(found.values()).count(0) == 1
        assert found[f"{first.identity.kind}/{first.identity.name}"] == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (daemonset("prepare", "pods"), machine(pool="vm")),
        (
            daemonset("prepare", "pods"),
            kubevirt(
                {
                    "affinity": {
                        "nodeAffinity": {
                            "requiredDuringSchedulingIgnoredDuringExecution": {
                                "nodeSelectorTerms": [
                                    {"matchExpressions": [{"key": "pool", "operator": "NotIn", "values": ["pods"]}]}
                                ]
                            }
                        }
                    }
                }
            ),
        ),
        (daemonset("logs", "vm", privileged=False), machine()),
        (thing("v1", "Secret", "s", "dev"), machine(volumes=[{"name": "c", "secret": {"secretName": "s"}}])),
    ],
)
def test_what_has_nothing_to_do_with_each_other_shares_a_wave(one, other):
    assert set(waves(one, other).values()) == {0}


def test_what_only_judges_gives_way_where_both_need_each_other():
    around = [
        policy("ns", "", "namespaces", {"apiVersion": "v1", "kind": "ConfigMap"}),
        binding("ns", {"name": "list", "namespace": "dev"}),
        thing("v1", "ConfigMap", "list", "dev"),
        NAMESPACES[0],
    ]
    for objects in itertools.permutations(around):
        found = waves(*objects)
        assert found["Namespace/dev"] < found["ConfigMap/list"] < found["ValidatingAdmissionPolicyBinding/ns"]


def test_two_that_judge_each_other_s_parameters():
    param = {"apiVersion": "v1", "kind": "ConfigMap"}
    found = waves(
        policy("a", "", "configmaps", param),
        binding("a", {"name": "list", "namespace": "dev"}),
        thing("v1", "ConfigMap", "list", "dev"),
    )
    assert found["ConfigMap/list"] < found["ValidatingAdmissionPolicyBinding/a"]


def test_a_wave_of_its_own_stands_and_moves_what_needs_it():
    objects = [thing("v1", "Namespace", "vms", annotations={"argocd.argoproj.io/sync-wave": "7"}), machine()]
    assert waves(*objects) == {"Namespace/vms": 7, "VirtualMachine/vm": 8}


def test_a_hook_has_no_derived_wave():
    hook = thing("batch/v1", "Job", "j", "vms", {"argocd.argoproj.io/hook": "PostSync"})
    assert waves(NAMESPACES[1], hook) == {"Namespace/vms": 0}


def test_machines_follow_one_by_one_as_they_do_together():
    rest, last = PLATFORM[:-1], PLATFORM[-1]
    found = waves_of(rest, resources())
    assert found.together([last]) == {last.identity: waves(*PLATFORM)["VirtualMachine/vm"]}
    assert found.together([last]) == found.together([last])


def test_objects_of_one_machine_need_each_other():
    secret = thing("v1", "Secret", "vm-data", "vms")
    own = machine(volumes=[{"name": "c", "secret": {"secretName": "vm-data"}}])
    found = waves_of(PLATFORM[:-1], resources()).together([own, secret])
    assert found[secret.identity] == 1
    assert found[own.identity] == waves(*PLATFORM)["VirtualMachine/vm"]
    alone = waves_of(NAMESPACES, resources()).together([own, secret])
    assert (alone[secret.identity], alone[own.identity]) == (1, 2)


def reached(edges, start):
    """Everything that can be reached from a node, the node only by a way back to it."""
    seen, waiting = set(), list(edges[start])
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(edges[node])
    return seen


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.integers(0, 9), st.sets(st.integers(0, 9)), min_size=1, max_size=10))
def test_any_graph(drawn):
    nodes = {n: Identity("", "ConfigMap", "", str(n)) for n in {*drawn, *(t for ts in drawn.values() for t in ts)}}
    edges = {nodes[n]: {nodes[t] for t in drawn.get(n, set()) - {n}} for n in nodes}
    found = depths({node: [Need(target) for target in targets] for node, targets in edges.items()}, {}, {})
    back = {node: reached(edges, node) for node in edges}
    for node, targets in edges.items():
        for target in targets:
            assert found[node] == found[target] if node in back[target] else found[node] > found[target]
        below = [found[t] for t in back[node] if node not in back[t]]
        assert found[node] == max(below, default=-1) + 1


def test_malformed_objects_are_left_to_the_schema():
    odd = [
        thing("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "p", spec=[]),
        thing("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "p", spec={"policyName": 3}),
        thing("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "w", webhooks=[None, {"rules": 1}]),
        thing("kubevirt.io/v1", "VirtualMachine", "v", "vms", spec=None),
        thing("apps/v1", "DaemonSet", "d", "dev", spec={"template": []}),
    ]
    assert set(waves(*odd).values()) == {0}
