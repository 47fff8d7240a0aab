"""The preview of a machine, and the runner that proves it."""

import json
import re
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from generator.preview import AddressError, Cluster, RenderError, hostdev_elements, launcher_pod, to_text
from generator.preview.hostdev import parse_address
from tests.support.shared import shared_path
from tests.support.workspace import REPOSITORY, SMALL, qatgen, write

KUBEVIRT = {"spec": {"configuration": {"permittedHostDevices": {"pciHostDevices": [{"resourceName": "a.b/c"}]}}}}


def machine(**spec):
    domain = {"memory": {"guest": "1Gi"}, "devices": {"hostDevices": [{"name": "d", "deviceName": "a.b/c"}]}}
    domain.update(spec.pop("domain", {}))
    return {"kind": "VirtualMachineInstance", "metadata": {"name": "m"}, "spec": {"domain": domain, **spec}}


def wrapped(kind, spec):
    if kind == "VirtualMachinePool":
        return {"kind": kind, "spec": {"virtualMachineTemplate": {"spec": {"template": {"spec": spec}}}}}
    return {"kind": kind, "spec": {"template": {"spec": spec}}}


def pod(data, kubevirt=KUBEVIRT, version="v1.9.0"):
    return launcher_pod(data, Cluster(kubevirt, version))


@pytest.mark.parametrize("kind", ["VirtualMachine", "VirtualMachineInstanceReplicaSet", "VirtualMachinePool"])
def test_every_kind_holds_the_same_instance(kind):
    assert pod(wrapped(kind, machine()["spec"])) == pod(machine())


@pytest.mark.parametrize(
    ("change", "memory"),
    [
        ({}, "2316Mi"),
        ({"domain": {"devices": {}}}, "1292Mi"),
        ({"readinessProbe": {"exec": {"command": ["true"]}}}, "2426Mi"),
        ({"readinessProbe": {"exec": {}}, "livenessProbe": {"exec": {}}}, "2436Mi"),
        ({"readinessProbe": {"tcpSocket": {"port": 1}}}, "2316Mi"),
        ({"architecture": "arm64"}, "2444Mi"),
        ({"volumes": [{"name": "m", "downwardMetrics": {}}]}, "2317Mi"),
        ({"domain": {"launchSecurity": {"sev": {}}}}, "2572Mi"),
        ({"domain": {"cpu": {"cores": 2, "threads": 2}}}, "2340Mi"),
        ({"domain": {"resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "1Gi"}}}}, "2418Mi"),
        ({"domain": {"memory": {"guest": "1Gi", "reservedOverhead": {"addedOverhead": "4Mi"}}}}, "2320Mi"),
    ],
)  # fmt: skip
def test_memory(change, memory):
    assert pod(machine(**change)).requests["memory"] == memory


@pytest.mark.parametrize(
    ("cpu", "developer", "share"),
    [
        ({}, {}, "100m"),
        ({"cores": 8}, {}, "800m"),
        ({"cores": 3}, {"cpuAllocationRatio": 2}, "1500m"),
        ({"cores": 1}, {"cpuAllocationRatio": 3}, "333333334n"),
        ({"sockets": 2, "cores": 2}, {"cpuAllocationRatio": 1}, "4"),
    ],
)
def test_cpu_share(cpu, developer, share):
    kubevirt = {"spec": {"configuration": {"developerConfiguration": developer}}}
    assert pod(machine(domain={"cpu": cpu}), kubevirt).requests["cpu"] == share


def test_an_extra_ratio_multiplies_the_overhead():
    kubevirt = {"spec": {"configuration": {"additionalGuestMemoryOverheadRatio": "1.5"}}}
    plain, more = pod(machine(), {}).overhead, pod(machine(), kubevirt).overhead
    assert plain is not None
    assert more == plain + (plain + 999) // 1000 // 2 * 1000


def test_what_is_not_permitted_is_told_in_virt_controllers_words():
    with pytest.raises(RenderError, match=r"^failed to render launch manifest: HostDevice x/y is not permitted in"):
        pod(machine(domain={"devices": {"hostDevices": [{"name": "d", "deviceName": "x/y"}]}}))


def test_host_devices_in_both_forms():
    devices = {"hostDevices": [{"name": "a", "deviceName": "r/x"}, {"name": "b", "deviceName": "r/x"}]}
    today = hostdev_elements(machine(domain={"devices": devices}), {"r/x": ["0000:3d:02.2", "2020:13:10.0"]})
    assert [e.findall("alias")[0].get("name") for e in today] == ["ua-hostdevice-a", "ua-hostdevice-b"]
    assert today[1].findall("source/address")[0].attrib == {
        "type": "pci", "domain": "0x2020", "bus": "0x13", "slot": "0x10", "function": "0x0"
    }  # fmt: skip
    (seed,) = hostdev_elements(
        machine(domain={"devices": {"qats": [{"name": "q", "deviceName": "r/x"}]}}), {"r/x": ["3d:02.2"]}
    )
    assert seed.attrib == {"type": "pci", "managed": "yes"}
    assert [child.tag for child in seed] == ["source"]
    assert ET.fromstring(to_text([seed])).tag == "hostdev"


def test_resources_that_share_a_variable_share_their_addresses():
    devices = {"hostDevices": [{"name": "a", "deviceName": "r.x/q"}, {"name": "b", "deviceName": "R/x/Q"}]}
    found = hostdev_elements(machine(domain={"devices": devices}), {"r.x/q": ["3d:02.2", "3d:02.3", "3d:02.4"]})
    assert [e.findall("source/address")[0].get("function") for e in found] == ["0x2", "0x3"]
    with pytest.raises(AddressError, match='device "b" has no address left of R/x/Q: 0 given'):
        hostdev_elements(machine(domain={"devices": devices}), {"r.x/q": ["3d:02.2"]})
    each = {"hostDevices": [{"name": "a", "deviceName": "r/x"}], "gpus": [{"name": "g", "deviceName": "r/x"}]}
    found = hostdev_elements(machine(domain={"devices": each}), {"r/x": ["3d:02.2", "3d:02.3"]})
    assert [e.findall("source/address")[0].get("function") for e in found] == ["0x2", "0x2"]


@pytest.mark.parametrize(
    "address", ["", "3d", "0000:3d:02", "0000:3d:02.8", "g000:3d:02.0", "0000-3d-02.0", "3d:02.2 x"]
)
def test_malformed_addresses(address):
    with pytest.raises(AddressError):
        parse_address(address)


def test_the_command(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL})
    result = qatgen(tmp_path, "preview", "gw", "--pci-address", "0000:3d:02.2", "-o", "json")
    shown = json.loads(result.out)
    assert (result.code, shown["resources"]["requests"]["intel.com/qat-4xxx-sym"]) == (0, "1")
    assert 'slot="0x02"' in shown["hostdev"]
    assert qatgen(tmp_path, "render").code == 0
    file = "rendered/default/vpn/virtualmachine-gw.yaml"
    assert json.loads(qatgen(tmp_path, "preview", file, "-o", "json").out)["resources"] == shown["resources"]
    for arguments in (("nobody",), ("gw", "-n", "other"), ("gw", "--pci-address", "x"), ("spec.yaml",)):
        failed = qatgen(tmp_path, "preview", *arguments)
        assert failed.code == 1
        assert "= help" in failed.err or "error[" in failed.err


def run_runner(file, *arguments):
    command = [sys.executable, "-m", "tests.conformance.kubevirt", str(file), *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def test_recorded_pods_and_host_devices():
    done = run_runner(shared_path("cases/kubevirt.json"), "--only", "pod,hostdevs")
    assert done.stdout.splitlines()[-1].endswith(" passed, 0 failed"), done.stdout[-2000:]


def test_the_runner_finds_a_falsified_case(tmp_path):
    data = json.loads(shared_path("cases/kubevirt.json").read_text())
    recorded = [
        case for case in data["cases"] if "pod" in case and case.get("hostdevs") and "error" not in case["pod"]
    ][:3]
    recorded[0]["pod"]["resources"]["requests"]["memory"] = "1Mi"
    recorded[1]["hostdevs"][0] = recorded[1]["hostdevs"][0].replace("0x3d", "0x3e")
    del recorded[2]["object"]
    (tmp_path / "cases.json").write_text(json.dumps({**data, "cases": recorded}))
    done = run_runner(tmp_path / "cases.json", "--only", "pod,hostdevs")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "0 passed, 3 failed")


@pytest.mark.parametrize(
    ("resources", "cpu"),
    [
        ({"limits": {"cpu": "2"}}, "2"),
        ({"limits": {"cpu": "2"}, "requests": {"cpu": "1"}}, "1"),
        ({"limits": {"memory": "2Gi"}}, "100m"),
    ],
)
def test_a_cpu_limit_alone_is_the_request_too(resources, cpu):
    assert pod(machine(domain={"resources": resources})).requests["cpu"] == cpu


def test_an_instance_type_is_told_as_unknown(tmp_path):
    typed = SMALL.replace("      memory: {guest: 2Gi}\n", "      instancetype: u1.medium\n")
    write(tmp_path, {"spec.yaml": typed})
    shown = qatgen(tmp_path, "preview", "gw")
    assert shown.code == 0, shown.err
    assert 'note: CPU, memory and devices of instance type "u1.medium" are the cluster\'s' in shown.out
    assert "note" in json.loads(qatgen(tmp_path, "preview", "gw", "-o", "json").out)


@pytest.mark.parametrize(
    ("annotation", "told"),
    [
        ("[{", "unexpected end of JSON input"),
        ("", "unexpected end of JSON input"),
        ("x", "invalid character 'x' looking for beginning of value"),
        ("{}", "json: cannot unmarshal object into Go value of type hooks.HookSidecarList"),
        ("7", "json: cannot unmarshal number into Go value of type hooks.HookSidecarList"),
        ('["a"]', "json: cannot unmarshal string into Go value of type hooks.HookSidecar"),
        ("[] x", "invalid character 'x' after top-level value"),
        ("[{]", "invalid character ']' looking for beginning of object key string"),
    ],
)
def test_hook_sidecars_that_are_no_list(annotation, told):
    data = machine()
    data["metadata"]["annotations"] = {"hooks.kubevirt.io/hookSidecars": annotation}
    with pytest.raises(RenderError, match=re.escape(f"failed to render launch manifest: {told}")):
        pod(data)
    data["metadata"]["annotations"] = {"hooks.kubevirt.io/hookSidecars": "[]"}
    assert pod(data) == pod(machine())


@pytest.mark.parametrize(
    ("gates", "user", "capabilities"),
    [
        ([], 107, {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]}),
        (["Root"], 0, {"add": ["NET_BIND_SERVICE", "SYS_NICE"]}),
    ],
)
def test_who_the_pod_runs_as(gates, user, capabilities):
    made = pod(machine(), {"spec": {"configuration": {"developerConfiguration": {"featureGates": gates}}}})
    assert (made.run_as_user, made.capabilities, made.privileged) == (user, capabilities, False)


EVEN = {"annotations": {"alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity": ""}}


@pytest.mark.parametrize("kind", ["VirtualMachineInstance", "VirtualMachine", "VirtualMachinePool"])
@pytest.mark.parametrize(
    ("cores", "told", "gates", "cluster", "cpus"),
    [(2, {}, [], {}, "3"), (2, EVEN, [], {}, "4"), (3, EVEN, [], {}, "4"), (2, {}, [], EVEN, "3"), (2, {}, ["AlignCPUs"], EVEN, "4")],
)  # fmt: skip
def test_cpus_of_the_emulator(kind, cores, told, gates, cluster, cpus):
    spec = machine(domain={"cpu": {"cores": cores, "dedicatedCpuPlacement": True, "isolateEmulatorThread": True}})[
        "spec"
    ]
    template = {"metadata": told, "spec": spec}
    data = {
        "VirtualMachineInstance": {"kind": kind, **template},
        "VirtualMachine": {"kind": kind, "spec": {"template": template}},
        "VirtualMachinePool": {"kind": kind, "spec": {"virtualMachineTemplate": {"spec": {"template": template}}}},
    }[kind]
    kubevirt = {"metadata": cluster, "spec": {"configuration": {"developerConfiguration": {"featureGates": gates}}}}
    assert pod(data, kubevirt).requests["cpu"] == cpus


@pytest.mark.parametrize("ratio", ["x", "", "1.0", "inf"])
def test_a_ratio_that_says_nothing_adds_nothing(ratio):
    kubevirt = {"spec": {"configuration": {"additionalGuestMemoryOverheadRatio": ratio}}}
    assert pod(machine(), kubevirt).overhead == pod(machine(), {}).overhead


@pytest.mark.parametrize(
    ("gates", "hypervisors", "device"),
    [
        ([], [{"name": "hyperv-direct"}], "kvm"),
        (["ConfigurableHypervisor"], [], "kvm"),
        (["ConfigurableHypervisor"], [{"name": "kvm"}], "kvm"),
        (["ConfigurableHypervisor"], [{"name": "hyperv-direct"}], "mshv"),
    ],
)
def test_the_hypervisors_device(gates, hypervisors, device):
    configuration = {"developerConfiguration": {"featureGates": gates}, "hypervisors": hypervisors}
    assert f"devices.kubevirt.io/{device}" in pod(machine(), {"spec": {"configuration": configuration}}).limits


@pytest.mark.parametrize(
    ("guest", "told"),
    [("big", "quantities must match the regular expression"), ("1.5K", "unable to parse quantity's suffix")],
)
def test_a_machine_that_kubevirt_refuses_becomes_no_pod(tmp_path, guest, told):
    manifest = f"""\
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {{name: a, namespace: vpn}}
spec: {{domain: {{memory: {{guest: {guest}}}, devices: {{}}}}}}
"""
    write(tmp_path, {"spec.yaml": SMALL, "a.yaml": manifest})
    shown = qatgen(tmp_path, "preview", "a.yaml")
    assert shown.code == 1
    assert "KubeVirt refuses it: " in shown.out
    assert told in shown.out
    assert "requests" not in shown.out
