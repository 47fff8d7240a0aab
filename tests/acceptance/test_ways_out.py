"""Mistakes on the command line, and those that only names tell: the message says what is wrong and what to write."""

import pytest

from tests.support.workspace import NAMED_WELL, SMALL, qatgen, write

WAIVED = "  waivers: [{{rule: {}, match: {{}}, reason: history, expires: 2030-01-01}}]\n"
LONG_NAMES = NAMED_WELL.replace("> 4", "> 1")
BINDING = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: named-well}
spec: {policyName: named-well, validationActions: [Deny]}
"""
MACHINE = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {name: vm}
spec:
  domain:
    devices:
      qats: [{name: q, deviceName: qat.intel.com/generic}]
"""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("render", "--environment", "dev"), "Did you mean '--env'"),
        (("check", "--fail", "warning"), "Did you mean '--fail-on'?"),
        (("render", "--outputdir", "x"), "'--output-dir'?"),
        (("rendr",), '"render"'),
        (("render", "-o", "json=reports/out.json"), 'the folder "reports" does not exist; create it first'),
        (("render", "-o", "json=spec.yaml/out.json"), 'the folder "spec.yaml" is not a folder'),
        (("diff", "defualt", "HEAD"), 'did you mean "default"?'),
    ],
)
def test_usage(tmp_path, arguments, words):
    write(tmp_path, {"spec.yaml": SMALL, "rendered/default/a.yaml": "{}\n"})
    result = qatgen(tmp_path, *arguments)
    assert result.code == 2, result
    assert words in result.err


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("QATP-099", 'there is no rule "QATP-099"'),
        ("SCH001", "SCH001 is a rule about what the API server validates, which cannot be waived"),
        ("QATK-021", "QATK-021 is a rule about what KubeVirt itself refuses, which cannot be waived"),
    ],
)
def test_a_waiver_of_a_rule_that_cannot_be_waived(tmp_path, rule, words):
    write(tmp_path, {"spec.yaml": SMALL + WAIVED.format(rule)})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert (result.code, words in result.err) == (1, True), result.err


def test_a_migration_repeats_what_is_not_decided(tmp_path):
    write(tmp_path, {"vm.yaml": MACHINE})
    first = qatgen(tmp_path, "migrate", "vm.yaml")
    second = qatgen(tmp_path, "migrate", "vm.yaml")
    assert (first.code, second.code) == (1, 1)
    said = "line 7: qat.intel.com/generic is served by Intel's plugin, not by KubeVirt's: map it, --resource"
    assert said in first.err
    assert first.err == second.err
    decided = qatgen(tmp_path, "migrate", "vm.yaml", "--resource", "qat.intel.com/generic=intel.com/qat")
    assert (decided.code, decided.err) == (0, "")
    assert "hostDevices: [{name: q, deviceName: intel.com/qat}]" in (tmp_path / "vm.yaml").read_text()
    assert qatgen(tmp_path, "migrate", "vm.yaml").code == 0


@pytest.mark.parametrize(
    ("more", "words", "hint"),
    [
        (
            "      cloudInit: {userData: '#cloud-config', userDataSecret: s}\n",
            'cloudInit of "gw" has userData and userDataSecret, which exclude each other',
            "keep one of userData, userDataSecret",
        ),
        (
            "  admission: {webhook: {}}\n", "the webhook has neither a service nor a url", "write one of `service` and `url`"
        ),
    ],
)  # fmt: skip
def test_fields_that_exclude_each_other(tmp_path, more, words, hint):
    write(tmp_path, {"spec.yaml": SMALL + more})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert (result.code, words in result.err, hint in result.err) == (1, True, True), result.err


def test_a_disk_without_a_source(tmp_path):
    text = SMALL.replace('containerDisk: {image: "quay.io/containerdisks/fedora:43"}', "bus: virtio")
    write(tmp_path, {"spec.yaml": text})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert 'disk "root" has no source' in result.err
    assert "add one of containerDisk, persistentVolumeClaim, dataVolume, emptyDisk, configMap or secret" in result.err


CASES = """\
apiVersion: qatgen.dev/v1alpha1
kind: PolicyTest
cases:
  - {name: allowed, object: VirtualMachine vpn/gw, expect: allow}
  - name: denied
    object: VirtualMachine vpn/gw
    set: {VirtualMachine vpn/gw: {metadata.name: a}}
    expect: deny
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("object: VirtualMachine vpn/gw, expect", "object: VirtualMachine vpn/gv, expect", ('no object is named "VirtualMachine vpn/gv"', '"VirtualMachine vpn/gw"')),
        ("metadata.name: a", "'metadata[0].name': a", ('the path "metadata[0].name" does not fit VirtualMachine vpn/gw',)),
        ("expect: allow", "expect: deny", ("expected deny, got allow", "policies/named-well/policy.yaml", "this validation holds")),
        ("expect: deny", "expect: allow", ("expected allow, got deny", "policies/named-well/policy.yaml", "this validation fails")),
    ],
)  # fmt: skip
def test_a_case_that_fails_says_why(tmp_path, old, new, words):
    files = {"policy.yaml": LONG_NAMES, "binding.yaml": BINDING, "cases.yaml": CASES}
    write(tmp_path, {f"policies/named-well/{name}": text for name, text in files.items()})
    assert qatgen(tmp_path, "test", "policies").code == 0
    write(tmp_path, {"policies/named-well/cases.yaml": CASES.replace(old, new, 1)})
    result = qatgen(tmp_path, "test", "policies", "--color", "never")
    assert result.code == 1
    assert [word for word in words if word not in result.err] == [], result.err


@pytest.mark.parametrize(
    ("code", "words"), [("CAP999", "codes that begin with CAP: CAP001 to CAP"), ("RES129", '"RES029"')]
)
def test_an_unknown_rule_is_explained_by_its_neighbours(tmp_path, code, words):
    result = qatgen(tmp_path, "explain", code)
    assert (result.code, words in result.err) == (2, True), result.err


def test_an_environment_without_a_file_of_its_own_is_told_which_to_create(tmp_path):
    delivery = "  delivery: {argocd: {repository: https://git.example.com/a.git}}\n"
    files = {
        "spec.yaml": SMALL + delivery,
        "overlays/a/kustomization.yaml": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nresources: []\n",
    }
    write(tmp_path, files)
    result = qatgen(tmp_path, "render", "--color", "never")
    assert (result.code, "--> overlays/a/spec.yaml\n" in result.err) == (1, True), result.err
    assert "create overlays/a/spec.yaml with `spec: {delivery:" in result.err


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("cloud-init/gw.yaml", 'file "cloud-init/gw.yaml" does not exist', "create teams/cloud-init/gw.yaml or cloud-init/gw.yaml"),
        ("../cloud-init/gw.yaml", 'file "../cloud-init/gw.yaml" is named with `..`', "write cloud-init/gw.yaml"),
        ("../../gw.yaml", 'file "../../gw.yaml" leads out of', "without `..`"),
    ],
)  # fmt: skip
def test_where_a_named_file_is_looked_for(tmp_path, name, message, hint):
    team = f"apiVersion: qatgen.dev/v1alpha1\nkind: QATVirtualMachines\nmetadata: {{name: t}}\nspec:\n  virtualMachines:\n    - name: gv\n      namespace: vpn\n      nodePool: vm\n      memory: {{guest: 2Gi}}\n      disks: [{{name: root, emptyDisk: {{capacity: 1Gi}}}}]\n      cloudInit: {{userDataFile: {name}}}\n"
    spec = SMALL.replace("  virtualMachines:\n", "  include: [teams/*.yaml]\n  virtualMachines:\n")
    write(tmp_path, {"spec.yaml": spec, "teams/a.yaml": team})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert (result.code, message in result.err, hint in result.err) == (1, True, True), result.err
