"""Bad input: each is a finding with its place and a way out, exit 1 or 2, the old tree untouched, no traceback."""

import errno
import os
import re

import pytest

from tests.support.workspace import SMALL, qatgen, tree, write


def small(*changes):
    text = SMALL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


GW = "    - name: gw\n"
CASES = {
    "not YAML": (small(("metadata: {name: small}", "metadata: {name: small")), r"spec\.yaml:\d+:\d+", "not YAML"),
    "duplicate key": (small(("kind: QATPlatform\n", "kind: QATPlatform\nkind: QATPlatform\n")), "spec.yaml:3:1", '"kind"'),
    "alias bomb": (small(("spec:\n", "x: &a [1]\ny1: *a\nspec:\n")), "spec.yaml:4:4", "&a"),
    "control characters": (small(("name: small", "name: sm\x07all")), "spec.yaml:3:", "U+0007"),
    "empty": ("", "spec.yaml", "empty"),
    "binary": (b"\x7fELF\x02\x01\x00\x00\xff\xfe", "spec.yaml:1:", ""),
    "a list": ("- a\n- b\n", "spec.yaml:1:1", "a list"),
    "two documents": (SMALL + "---\na: b\n", r"spec\.yaml:\d+:1", "2 documents"),
    "UTF-16": (SMALL.encode("utf-16"), "spec.yaml:1:1", "UTF-16"),
    "unknown key": (small(("      nodePool: vm\n", "      nodePol: vm\n")), "spec.yaml:20:7", "nodePool"),
    "wrong type": (small(("nodes: 2", "nodes: two")), "spec.yaml:12:14", "whole number"),
    "wrong kind": (small(("kind: QATPlatform", "kind: QATPlatfrom")), "spec.yaml:2:7", "QATPlatform"),
    "missing key": (small(("      deviceClass: sym\n      nodes", "      nodes")), "spec.yaml:9:7", "deviceClass"),
    "a kernel without the driver": (small(("      nodes: 2\n", '      nodes: 2\n      kernel: "5.10"\n')), "spec.yaml:13:15", "came with 5.11"),
    "a kernel without the knob": (small(("      nodes: 2\n", '      nodes: 2\n      kernel: "5.15"\n')), "spec.yaml:13:15", "since 6.5"),
    "Debian's kernel without the services": (
        small(("      nodes: 2\n", '      nodes: 2\n      kernel: "6.1.0-28-amd64"\n')), "spec.yaml:13:15", "[sym, asym] or [dc]",
    ),
    "more endpoints than 8 sockets have": (small(("physicalFunctions: 1", "physicalFunctions: 33")), "spec.yaml:13:26", "have 32"),
    "a network without a name": (SMALL + "      interfaces: [{name: fast, binding: sriov, network: uplink/}]\n", "spec.yaml:24:58", "NAMESPACE/NAME"),
    "a repository that is no URL": (SMALL + "  delivery: {argocd: {repository: git.acme.example/edge}}\n", "spec.yaml:24:35", "https://HOST"),
    "unknown family": (small(("family: 4xxx", "family: 4xxxx")), "spec.yaml:7:27", "4xxx"),
    "unknown class": (small(("qat0, deviceClass: sym", "qat0, deviceClass: syn")), "spec.yaml:22:39", "sym"),
    "unknown class of a pool": (small(("      deviceClass: sym\n", "      deviceClass: dc\n")), "spec.yaml:11:20", "sym"),
    "unknown pool": (small(("nodePool: vm", "nodePool: mv")), "spec.yaml:20:17", "vm"),
    "unknown KubeVirt version": (small(("v1.9.0", "v9.9.0")), "spec.yaml:5:", "v9.9.0"),
    "unknown Kubernetes version": (small(('"1.36"', '"1.99"')), "spec.yaml:5:", "1.99"),
    "unknown plugin version": (small(("v0.36.0", "v0.99.0")), "spec.yaml:5:", "v0.99.0"),
    "PF id": (
        small(("  deviceClasses:", ("  kubevirt: {permittedHostDevices: {pciHostDevices: "
               '[{pciVendorSelector: "8086:4940", resourceName: a.b/c}]}}\n  deviceClasses:'))),
        "spec.yaml:6:", "8086:4941",
    ),
    "illegal services": (small(("[sym]", "[sym, dcc]")), "spec.yaml:7:43", "dcc"),
    "three services on Gen4": (small(("[sym]", "[asym, sym, dc]")), "spec.yaml:7:43", "at most 2"),
    "two classes on one PCI id": (
        small(
            ("    - {name: sym, family: 4xxx, services: [sym]}", ("    - {name: sym, family: 4xxx, services: [sym]}\n"
             "    - {name: dc, family: 4xxx, services: [dc]}")),
            ("  virtualMachines:\n", ("    - {name: other, serves: virtualMachines, deviceClass: dc, nodes: 1, physicalFunctions: 1, "
             "virtualFunctions: 16, nodeSelector: {example.com/pool: other}}\n  virtualMachines:\n")),
        ),
        "spec.yaml:8:26", "PCI id",
    ),
    "two machines of one name": (small((GW, "    - {name: gw, namespace: vpn, memory: {guest: 1Gi}}\n" + GW)), "spec.yaml:19:13", '"gw"'),
    "a stamp of another's name": (small((GW, "    - {name: gw, count: 2, namespace: vpn, memory: {guest: 1Gi}}\n" + GW), ("- name: gw\n", "- name: gw-1\n")), "spec.yaml:19:13", '"gw-1"'),
    "two devices of one name": (small(("[{name: qat0, deviceClass: sym}]", "[{name: qat0, deviceClass: sym}, {name: qat, count: 2, deviceClass: sym}]")), "spec.yaml:22:52", "qat0"),
    "a name that is no DNS label": (small((GW, "    - name: GW_1\n")), "spec.yaml:18:13", "GW_1"),
    "a name too long": (small((GW, f"    - name: {'a' * 61}\n      count: 200\n")), "spec.yaml:18:13", "63"),
    "a quantity": (small(("guest: 2Gi", "guest: 2Gb")), "spec.yaml:21:23", "2Gb"),
    "negative count": (small((GW, GW + "      count: -1\n")), "spec.yaml:19:14", "-1"),
    "missing include": (small(("  virtualMachines:\n", "  include: [teams/*.yaml]\n  virtualMachines:\n")), "spec.yaml:17:13", "teams/*.yaml"),
    "include outside": (small(("  virtualMachines:\n", "  include: [../*.yaml]\n  virtualMachines:\n")), "spec.yaml:17:13", "out of"),
    "missing cloud-init file": (SMALL + "      cloudInit: {userDataFile: nowhere.yaml}\n", "spec.yaml:24:33", "nowhere.yaml"),
    "cloud-init file outside": (SMALL + "      cloudInit: {userDataFile: ../secret.yaml}\n", "spec.yaml:24:33", "out of"),
    "fewer VFs than the script makes": (small(("virtualFunctions: 16", "virtualFunctions: 8")), "spec.yaml:14:25", "all 16"),
    "more VFs than there are": (small(("virtualFunctions: 16", "virtualFunctions: 17")), "spec.yaml:14:25", "17"),
    "too many VFs asked for": (small((GW, GW + "      count: 33\n")), "spec.yaml:12:14", "33 VFs asked for, 2 nodes × 1 PFs × 16 VFs = 32 there"),
    "too many hugepages": (small((GW, GW + "      count: 3\n"), ("guest: 2Gi", "guest: 16Gi, hugepages: 1Gi")), "spec.yaml:16:24", "48Gi"),
    "does not pack": (small((GW, GW + "      count: 3\n"), ("guest: 2Gi", "guest: 10Gi, hugepages: 1Gi")), "spec.yaml:18:7", "find no node"),
    "Intel's resource name for machines": (small(("services: [sym]}", "services: [sym], resourceName: qat.intel.com/sym}")), "spec.yaml:7:64", "flap"),
    "Intel's DRA driver": (small(("  deviceClasses:", "  kubevirt: {assignment: dra, dra: {driver: qat.intel.com}}\n  deviceClasses:")), "spec.yaml:6:45", "PCI address"),
    "dra without a driver": (small(("  deviceClasses:", "  kubevirt: {assignment: dra}\n  deviceClasses:")), "spec.yaml:6:26", "driver"),
    "KubeVirt's own namespace": (small(("  deviceClasses:", "  namespaces: [kubevirt]\n  deviceClasses:")), "spec.yaml:6:16", "kubevirt"),
    "unknown gate": (small(("  deviceClasses:", "  kubevirt: {featureGates: [hostDevices]}\n  deviceClasses:")), "spec.yaml:6:29", "HostDevices"),
    "a needed gate switched off": (small(("  deviceClasses:", "  kubevirt: {disabledFeatureGates: [HostDevices]}\n  deviceClasses:")), "spec.yaml:6:37", "HostDevices"),
    "a shared claim": (small((GW, GW + "      count: 2\n"), ('{name: root, containerDisk: {image: "quay.io/containerdisks/fedora:43"}}', "{name: root, persistentVolumeClaim: {claimName: data}}")), "spec.yaml:24:63", "{index}"),
    "a disk without a source": (small(('containerDisk: {image: "quay.io/containerdisks/fedora:43"}', "bus: virtio")), "spec.yaml:23:15", "containerDisk"),
    "an unknown placeholder": (SMALL + "      hostname: gw-{idx}\n", "spec.yaml:24:17", "{idx}"),
    "no memory": (small(("      memory: {guest: 2Gi}\n", "")), "spec.yaml:18:13", "memory"),
    "kernel driver in the guest": (SMALL + "      guestStack: kernel\n", "spec.yaml:24:19", "mainline"),
    "nested too deeply": (small(("metadata: {name: small}", "metadata: " + "[" * 100_000)), "spec.yaml:3:", "nested"),
    "overlapping pools": (
        small(("  virtualMachines:\n", ("    - {name: pods, serves: containers, deviceClass: sym, nodes: 1, physicalFunctions: 1, "
               "virtualFunctions: 16, nodeSelector: {example.com/other: pods}}\n  virtualMachines:\n"))),
        "spec.yaml:17:", "twice",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_bad_spec(tmp_path, name):
    text, place, words = CASES[name]
    write(tmp_path, {"spec.yaml": SMALL})
    assert qatgen(tmp_path, "render", "-q").code == 0
    before = tree(tmp_path / "rendered")
    write(tmp_path, {"spec.yaml": text})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert result.code in {1, 2}, result
    assert "Traceback" not in result.err
    assert re.search(place.replace(".yaml", r"\.yaml") if "\\" not in place else place, result.err), result.err
    assert words in result.err, result.err
    assert "= help:" in result.err, result.err
    assert tree(tmp_path / "rendered") == before


def test_every_environment_says_where_it_goes(tmp_path):
    delivery = "  delivery: {argocd: {repository: https://git.example.com/a.git}}\n"
    write(tmp_path, {"spec.yaml": SMALL + delivery})
    destination = "spec: {delivery: {argocd: {destination: {name: one}}}}\n"
    write(tmp_path, {"overlays/a/spec.yaml": destination, "overlays/b/spec.yaml": destination})
    result = qatgen(tmp_path, "render")
    assert (result.code, '"one"' in result.err) == (1, True)
    assert "overlays/b/spec.yaml:1:" in result.err
    write(tmp_path, {"overlays/b/spec.yaml": "spec: {}\n"})
    assert qatgen(tmp_path, "render").code == 1


@pytest.mark.parametrize(
    ("files", "place", "words"),
    [
        ({"overlays/dev/spec.yaml": "spec: {virtualMachines: [{name: gv}]}\n"}, "overlays/dev/spec.yaml:1:33", "gw"),
        ({"overlays/dev/spec.yaml": "spec: {nodePool: []}\n"}, "overlays/dev/spec.yaml:1:8", "nodePools"),
        ({"overlays/argocd/spec.yaml": "spec: {}\n"}, "overlays/argocd", "argocd"),
        ({"overlays/Dev/spec.yaml": "spec: {}\n"}, "overlays/Dev", "lower-case"),
        ({"templates/index.yaml": "templates: [{template: x.j2, each: pools, as: pool}]\n"}, "templates/index.yaml", "pools"),
        ({"templates/index.yaml": "templates: 3\n"}, "templates/index.yaml:1:1", "templates"),
    ],
)  # fmt: skip
def test_bad_files_beside_the_spec(tmp_path, files, place, words):
    write(tmp_path, {"spec.yaml": SMALL, **files})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert result.code == 1
    assert place in result.err
    assert words in result.err
    assert not (tmp_path / "rendered").exists()


def test_files_that_lead_out_of_the_folder(tmp_path):
    project = tmp_path / "project"
    include = SMALL.replace("  virtualMachines:\n", "  include: [teams/*.yaml]\n  virtualMachines:\n")
    write(project, {"spec.yaml": include})
    write(tmp_path, {"outside.yaml": "apiVersion: qatgen.dev/v1alpha1\nkind: QATVirtualMachines\n"})
    (project / "teams").mkdir()
    (project / "teams" / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    result = qatgen(project, "render")
    assert (result.code, "link out of" in result.err) == (1, True)
    write(project, {"spec.yaml": SMALL + "      cloudInit: {userDataFile: link.txt}\n"})
    (project / "link.txt").symlink_to(tmp_path / "outside.yaml")
    assert "link out of" in qatgen(project, "render").err


def test_unreadable_file(tmp_path, monkeypatch):
    write(tmp_path, {"spec.yaml": SMALL})

    def refuse(*_):  # root reads everything, whatever its mode
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("generator.files.door.read_all", refuse)
    result = qatgen(tmp_path, "render")
    assert (result.code, "permission denied" in result.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("render", "--spec", "nowhere.yaml"), 2),
        (("render", "--spec", "."), 2),
        (("render", "--env", "prd"), 1),
        (("render", "--today", "tomorrow"), 2),
        (("render", "-o", "xml"), 2),
        (("render", "--jobs", "0"), 2),
        (("rendr",), 2),
        (("--version",), 0),
        (("--help",), 0),
    ],
)
def test_usage(tmp_path, arguments, code):
    write(tmp_path, {"spec.yaml": SMALL})
    result = qatgen(tmp_path, *arguments)
    assert result.code == code, result
    assert "Traceback" not in result.err
    assert result.err or code == 0


@pytest.mark.parametrize(
    ("template", "place", "words"),
    [
        ("apiVersion: v1\nkind: {{ namespace.nam }}\n", "namespace.yaml.j2:2", "name"),
        (
            "{% for x in range(100000) %}{% for y in range(100000) %}{% endfor %}{% endfor %}\n",
            "namespace.yaml.j2:1",
            "",
        ),
        ("a: {{ 'x' * 10 ** 9 }}\n", "namespace.yaml.j2:1", ""),
        ("a: {{ ''.__class__ }}\n", "namespace.yaml.j2:1", ""),
        ("a: [\n", "namespace.yaml.j2", ""),
        ("{% if %}\n", "namespace.yaml.j2:1", ""),
        ("- a\n", "namespace.yaml.j2", "mapping"),
        ("a: 1\n", "", "apiVersion"),
    ],
)
def test_bad_templates(tmp_path, template, place, words):
    write(tmp_path, {"spec.yaml": SMALL, "templates/namespace/namespace.yaml.j2": template})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert result.code == 1
    assert place in result.err
    assert words in result.err
    assert "Traceback" not in result.err
    assert "spec.yaml" in result.err, "which part of the spec was being rendered"


def test_expired_waiver(tmp_path):
    waiver = "      guestStack: qatlib\n  waivers: [{rule: QATP-044, match: {name: gw}, reason: soon, expires: 2026-01-31}]\n"
    write(tmp_path, {"spec.yaml": SMALL + waiver})
    assert qatgen(tmp_path, "render", "--today", "2026-01-31").code == 0
    result = qatgen(tmp_path, "render", "--today", "2026-02-01")
    assert (result.code, "spec.yaml:25:" in result.err) == (1, True)
