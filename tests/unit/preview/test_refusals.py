"""Why virt-controller would not make a pod: each reason with its words and its field."""

import pytest

from generator.preview import Cluster, RenderError, Terms, launcher_pod, refusals, rules

PERMITTED = {
    "pciHostDevices": [{"pciVendorSelector": "8086:4941", "resourceName": "intel.com/qat"}],
    "mediatedDevices": [{"mdevNameSelector": "GRID T4-1Q", "resourceName": "nvidia.com/GRID_T4-1Q"}],
    "usb": [{"resourceName": "kubevirt.io/key"}],
}


def cluster(version="v1.9.0", gates=(), disabled=(), **configuration):
    developer = {"featureGates": list(gates), "disabledFeatureGates": list(disabled)}
    return Cluster({"spec": {"configuration": {"developerConfiguration": developer, **configuration}}}, version)


def vmi(devices=None, metadata=None, **spec):
    domain = {"devices": devices or {}, "memory": {"guest": "1Gi"}}
    meta = {"name": "vm", "namespace": "lab", **(metadata or {})}
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachineInstance",
        "metadata": meta,
        "spec": {"domain": domain, **spec},
    }


def vm(machine):
    template = {"metadata": machine["metadata"], "spec": machine["spec"]}
    return {"kind": "VirtualMachine", "metadata": {"name": "vm", "namespace": "lab"}, "spec": {"template": template}}


def found(machine, of, *, known=True):
    return [(r.rule, r.path, r.words) for r in refusals(machine, Terms.of(of, known=known))]


def gpu(**fields):
    return vmi({"gpus": [{"name": "g", **fields}]})


def device(**fields):
    return vmi({"hostDevices": [{"name": "d", **fields}]})


DOMAIN = ("spec", "domain", "devices")
NOT = "is not permitted in permittedHostDevices configuration"
WITH = cluster(permittedHostDevices=PERMITTED)
OLD = cluster("v1.8.0", permittedHostDevices=PERMITTED)
OLD_DRA = cluster("v1.8.0", ["GPUsWithDRA", "HostDevicesWithDRA"], permittedHostDevices=PERMITTED)


@pytest.mark.parametrize(
    ("machine", "of", "path", "words"),
    [
        (gpu(deviceName="nvidia.com/T4"), WITH, (*DOMAIN, "gpus", 0, "deviceName"), f"GPU nvidia.com/T4 {NOT}"),
        (gpu(deviceName="nvidia.com/GRID_T4-1Q"), WITH, None, ""),
        (gpu(deviceName="nvidia.com/T4"), cluster(), None, ""),  # no list: nothing is refused
        (gpu(deviceName="nvidia.com/T4"), cluster(permittedHostDevices={}), (*DOMAIN, "gpus", 0, "deviceName"), f"GPU nvidia.com/T4 {NOT}"),
        (gpu(claimName="c", requestName="r"), WITH, None, ""),
        (gpu(claimName="c", requestName="r"), cluster(disabled=["GPUsWithDRA"], permittedHostDevices=PERMITTED), (*DOMAIN, "gpus", 0), f"GPU  {NOT}"),
        (gpu(deviceName="nvidia.com/T4"), OLD, (*DOMAIN, "gpus", 0, "deviceName"), f"GPU nvidia.com/T4 {NOT}"),
        (gpu(deviceName="nvidia.com/T4"), OLD_DRA, None, ""),  # 1.8 looks at no GPU once they may be claimed
        (device(deviceName="intel.com/QAT"), WITH, (*DOMAIN, "hostDevices", 0, "deviceName"), f"HostDevice intel.com/QAT {NOT}"),
        (device(deviceName="intel.com/qat"), WITH, None, ""),
        (device(deviceName="kubevirt.io/key"), WITH, None, ""),
        (device(claimName="c", requestName="r"), WITH, None, ""),
        (device(claimName="c", requestName="r"), OLD_DRA, (*DOMAIN, "hostDevices", 0), f"HostDevice  {NOT}"),
    ],
)  # fmt: skip
def test_devices_that_are_not_permitted(machine, of, path, words):
    assert found(machine, of) == ([(rules.NOT_PERMITTED, path, words)] if path else [])
    of_vm = ("spec", "template", *path) if path else None
    assert found(vm(machine), of) == ([(rules.NOT_PERMITTED, of_vm, words)] if path else [])


HOOKS = "hooks.kubevirt.io/hookSidecars"
PASST = {"network": {"binding": {"passt": {"networkAttachmentDefinition": "default/passt"}}}}


def hooks(text):
    return vmi(metadata={"annotations": {HOOKS: text}})


def plugin(name):
    return vmi({"interfaces": [{"name": "default", "binding": {"name": name}}]})


def sysprep(source):
    return vmi(volumes=[{"name": "root", "emptyDisk": {"capacity": "1Gi"}}, {"name": "s", "sysprep": source}])


@pytest.mark.parametrize(
    ("machine", "of", "rule", "path", "words"),
    [
        (hooks("[]"), WITH, None, (), ""),
        (hooks('[{"image": "a/b:1"}, null]'), WITH, None, (), ""),
        (hooks("{}"), WITH, rules.HOOK_SIDECARS, ("metadata", "annotations", HOOKS), "cannot unmarshal object"),
        (hooks("[1]"), WITH, rules.HOOK_SIDECARS, ("metadata", "annotations", HOOKS), "cannot unmarshal number"),
        (hooks("[,]"), WITH, rules.HOOK_SIDECARS, ("metadata", "annotations", HOOKS), "invalid character ','"),
        (hooks('[{"image": NaN}]'), WITH, rules.HOOK_SIDECARS, ("metadata", "annotations", HOOKS), "invalid character 'N' looking"),
        (hooks('[{"image": -Infinity}]'), WITH, rules.HOOK_SIDECARS, ("metadata", "annotations", HOOKS), "'I' in numeric literal"),
        (hooks("["), WITH, rules.HOOK_SIDECARS, ("metadata", "annotations", HOOKS), "unexpected end"),
        (plugin("passt"), cluster(**PASST), None, (), ""),
        (plugin("past"), cluster(**PASST), rules.NO_BINDING, (*DOMAIN, "interfaces", 0, "binding"), "network binding: past"),
        (sysprep({"secret": {"name": "x"}}), WITH, None, (), ""),
        (sysprep({"configMap": {}}), WITH, None, (), ""),
        (sysprep({}), WITH, rules.NO_SYSPREP, ("spec", "volumes", 1, "sysprep"), "must have Secret or ConfigMap"),
        (sysprep({"secret": None}), WITH, rules.NO_SYSPREP, ("spec", "volumes", 1, "sysprep"), "must have Secret"),
        (vmi(metadata={"labels": {"logVerbosity": "-3"}}), WITH, None, (), ""),
        (vmi(metadata={"labels": {"logVerbosity": "-+3"}}), WITH, rules.LOG_VERBOSITY, ("metadata", "labels", "logVerbosity"), "invalid syntax"),
        (vmi(metadata={"labels": {"logVerbosity": "9" * 19}}), WITH, rules.LOG_VERBOSITY, ("metadata", "labels", "logVerbosity"), "out of range"),
        (vmi(metadata={"labels": {"logVerbosity": "high"}}), WITH, rules.LOG_VERBOSITY, ("metadata", "labels", "logVerbosity"), "verbosity high cannot"),
    ],
)  # fmt: skip
def test_what_else_ends_the_pod(machine, of, rule, path, words):
    got = found(machine, of)
    assert [(r, p) for r, p, _ in got] == ([(rule, path)] if rule else [])
    assert all(words in said for *_, said in got)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"image": null, "args": ["a"], "configMap": {"name": "c"}, "pvc": null, "other": 5}]', ""),
        ('[{"image": 5}]', "json: cannot unmarshal number into Go struct field HookSidecar.image of type string"),
        ('[{"args": "x"}]', "json: cannot unmarshal string into Go struct field HookSidecar.args of type []string"),
        ('[{"args": ["x", 1]}]', "json: cannot unmarshal number into Go struct field HookSidecar.args of type string"),
        ('[{"pvc": []}]', "json: cannot unmarshal array into Go struct field HookSidecar.pvc of type hooks.PVC"),
        ('[{"configMap": {"key": true}}]', "json: cannot unmarshal bool into Go struct field ConfigMap.configMap.key of type string"),
        ("[NaN]", "invalid character 'N' looking for beginning of value"),
        ('["a', "unexpected end of JSON input"),
    ],
)  # fmt: skip
def test_what_hook_sidecars_hold(text, words):
    assert [said for *_, said in found(hooks(text), WITH)] == ([words] if words else [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("+3", ""),
        ("9223372036854775807", ""),
        ("9223372036854775808", "value out of range"),
        ("\u00b2", "invalid syntax"),
    ],
)
def test_what_a_verbosity_is(text, words):
    got = found(vmi(metadata={"labels": {"logVerbosity": text}}), WITH)
    assert [said.rpartition(": ")[2] for *_, said in got] == ([words] if words else [])


def test_where_the_kubevirt_object_is_not_known_it_may_permit_and_configure_anything():
    assert found(gpu(deviceName="nvidia.com/T4"), cluster(), known=False) == []
    assert found(plugin("past"), cluster(), known=False) == []
    assert [rule for rule, *_ in found(sysprep({}), cluster(), known=False)] == [rules.NO_SYSPREP]


def test_hints_name_the_nearest():
    [near] = refusals(device(deviceName="intel.com/qta"), Terms.of(WITH))
    assert (
        near.hint
        == 'add intel.com/qta to kubevirt.permittedHostDevices, or correct the name: did you mean "intel.com/qat"?'
    )
    [far] = refusals(plugin("past"), Terms.of(cluster(**PASST)))
    assert '"passt"' in far.hint


def test_the_pod_ends_with_every_device_that_is_not_permitted_in_one_sentence():
    machine = vmi({"gpus": [{"name": "a", "deviceName": "x/a"}], "hostDevices": [{"name": "b", "deviceName": "x/b"}]})
    with pytest.raises(RenderError, match=f"^failed to render launch manifest: GPU x/a {NOT} HostDevice x/b {NOT}$"):
        launcher_pod(machine, WITH)


@pytest.mark.parametrize(
    ("of", "annotated", "overhead"),
    [
        (cluster("v1.8.0"), None, None),
        (cluster("v1.8.0"), "123", 123),
        (cluster("v1.8.0"), "much", None),
        (cluster("v1.8.0", ["VmiMemoryOverheadReport"]), None, 281_018_368),
        (cluster("v1.8.0", ["VmiMemoryOverheadReport"]), "123", 281_018_368),
        (cluster("v1.9.0"), "123", 281_018_368),
        (cluster("v1.9.0", disabled=["VmiMemoryOverheadReport"]), "123", 123),
        (cluster("v1.9.0", disabled=["VmiMemoryOverheadReport"]), None, None),
    ],
)
def test_the_overhead_that_the_pod_is_annotated_with(of, annotated, overhead):
    metadata = {"annotations": {"kubevirt.io/memory-overhead-bytes": annotated}} if annotated else None
    assert launcher_pod(vmi(metadata=metadata), of).overhead == overhead
