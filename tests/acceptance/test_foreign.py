"""Rules over the build on manifests that no spec made, and what `qatgen validate` says of what it did not do."""

import re

import pytest

from tests.support.workspace import REPOSITORY, SMALL, qatgen, write

POLICIES = str(REPOSITORY / "policies")


def kubevirt(devices="[]", more="", name="kubevirt"):
    return f"""\
apiVersion: kubevirt.io/v1
kind: KubeVirt
metadata: {{name: {name}, namespace: kubevirt}}
spec:
  configuration:
    permittedHostDevices:
      pciHostDevices: {devices}
{more}"""


PF = '[{pciVendorSelector: "8086:4940", resourceName: example.com/sym}]'
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kubevirt-config, namespace: kubevirt}\ndata: {a: b}\n"
CASES = {
    "the id of a PF": ({"a.yaml": kubevirt(PF)}, "QATP-010", "a.yaml:7:23"),
    "the same in a List": (
        {
            "a.yaml": "apiVersion: kubevirt.io/v1\nkind: KubeVirtList\nitems:\n  - "
            + kubevirt(PF).replace("\n", "\n    ")
        },
        "QATP-010",
        "a.yaml:10:27",
    ),
    "two KubeVirts": ({"a.yaml": kubevirt(), "b.yaml": kubevirt(name="other")}, "QATP-006", ""),
    "an unknown gate": (
        {"a.yaml": kubevirt(more="    developerConfiguration: {featureGates: [NoSuchGate]}\n")},
        "QATP-003",
        "a.yaml:8:",
    ),
    "a ConfigMap of gates in KubeVirt's namespace": (
        {"a.yaml": f"{kubevirt()}---\n{CONFIG}"},
        "QATP-004",
        "a.yaml\n",
    ),
}


@pytest.mark.parametrize(("files", "code", "place"), CASES.values(), ids=CASES)
def test_rules_over_the_build_judge_what_is_named(tmp_path, files, code, place):
    write(tmp_path, files)
    result = qatgen(tmp_path, "validate", *files, "--policies", POLICIES, "--spec", "none.yaml", "--color", "never")
    assert result.code == 1
    assert re.search(rf"error\[{code} .*\n  --> {place}", result.err), result.err


def test_rules_that_need_a_spec_are_named(tmp_path):
    write(tmp_path, {"a.yaml": kubevirt()})
    result = qatgen(tmp_path, "validate", "a.yaml", "--policies", POLICIES, "--spec", "none.yaml", "--color", "never")
    assert result.code == 0
    assert result.err.count("POL012") == 1
    assert "QATP-033 (spec.nodePools)" in result.err
    assert "QATP-011 (catalog.classes)" in result.err
    assert "QATP-010" not in result.err
    assert "POL012" not in qatgen(tmp_path, "validate", "a.yaml", "--spec", "none.yaml").err


def test_a_rule_of_another_form_of_assignment_is_not_left_out(tmp_path):
    founding = "apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata: {name: a}\n"
    founding += "spec: {domain: {memory: {guest: 1Gi}, devices: {qats: [{name: q, deviceName: a/b}]}}}\n"
    write(tmp_path, {"a.yaml": founding})
    result = qatgen(tmp_path, "validate", "a.yaml", "--policies", POLICIES, "--spec", "none.yaml", "--color", "never")
    assert "QATP-044 (spec.virtualMachines)" in result.err
    assert "QATP-033" not in result.err  # `when` says that it does not apply, so nothing of it is left out


LOOKS_FOR = """\
apiVersion: qatgen.dev/v1alpha1
kind: BundlePolicy
metadata: {name: own, annotations: {qatgen.dev/rule: OWN-001}}
spec:
  forEach: objects.filter(o, o.kind == 'ConfigMap')
  validations:
    - expression: objects.exists(o, o.kind == 'KubeVirt' && o.metadata.name == object.metadata.name)
      message: no KubeVirt of its name
"""


@pytest.mark.parametrize(
    ("files", "code", "words"),
    [
        (
            {},
            0,
            "warning[POL005 not-decided]: rule OWN-001 cannot be decided here: no object of kind KubeVirt is named",
        ),
        ({"kv.yaml": kubevirt()}, 1, "error[OWN-001 own]: no KubeVirt of its name"),
        ({"kv.yaml": kubevirt(name="kubevirt-config")}, 0, ""),
    ],
    ids=["none of the kind", "another one", "the one"],
)
def test_a_rule_that_looks_for_what_is_not_named_is_not_decided(tmp_path, files, code, words):
    more = "---\n".join(CONFIG.replace("namespace: kubevirt", f"namespace: n{n}") for n in range(3))
    write(tmp_path, {"a.yaml": more, "own/policy.yaml": LOOKS_FOR, **files})
    arguments = ("a.yaml", *files, "--policies", "own", "--spec", "none.yaml", "--color", "never")
    result = qatgen(tmp_path, "validate", *arguments)
    assert (result.code, words in result.err, result.err.count("POL005")) == (code, True, 1 - bool(files)), result.err


RULE = """\
apiVersion: qatgen.dev/v1alpha1
kind: BundlePolicy
metadata: {name: own, annotations: {qatgen.dev/rule: OWN-001}}
spec:
"""
BAD_RULES = {
    "an expression that does not compile": (f"{RULE}  validations: [{{expression: objects.nothing(}}]\n", "POL002"),
    "a form that is none": (f"{RULE.removesuffix('spec:' + chr(10))}spec: text\n", "POL002"),
    "a rule that ends in an error": (
        f"{RULE}  forEach: objects.filter(o, o.kind == 'KubeVirt')\n  validations: [{{expression: object.spec.no == 1}}]\n",
        "POL006",
    ),
    "a rule that does not hold of the whole": (
        f"{RULE}  validations:\n    - expression: objects.all(o, o.kind != 'KubeVirt')\n      message: a KubeVirt\n",
        "OWN-001",
    ),
}


@pytest.mark.parametrize(("rule", "code"), BAD_RULES.values(), ids=BAD_RULES)
def test_what_is_wrong_with_a_rule_is_a_finding(tmp_path, rule, code):
    write(tmp_path, {"a.yaml": kubevirt(), "own/policy.yaml": rule})
    result = qatgen(tmp_path, "validate", "a.yaml", "--policies", "own", "--spec", "none.yaml", "--color", "never")
    assert (result.code, f"error[{code} " in result.err) == (1, True), result.err


def test_a_rendered_tree_is_judged_by_rules_that_are_named(tmp_path):
    rule = f"{RULE}  validations: [{{expression: size(spec.nodePools) > 1, message: one pool}}]\n"
    write(tmp_path, {"spec.yaml": SMALL, "own/policy.yaml": rule})
    assert qatgen(tmp_path, "render", "-q").code == 0
    whole = qatgen(tmp_path, "validate", "rendered/default", "--policies", "own", "--color", "never")
    assert "error[OWN-001" in whole.err
    part = qatgen(
        tmp_path, "validate", "rendered/default/vpn", "--policies", "own", "--fail-on", "warning", "--color", "never"
    )
    assert (part.code, "info[POL012" in part.err) == (0, True), part.err
    assert 'only a part of the tree of environment "default" is named: OWN-001' in part.err


@pytest.mark.parametrize("field", ["metadata: text", "metadata: {labels: {a: b}}", "metadata: {name: b}\nspec: text"])
def test_an_object_of_a_wrong_form_hides_no_verdict(tmp_path, field):
    broken = f"apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\n{field}\n"
    write(tmp_path, {"a.yaml": kubevirt(PF), "b.yaml": broken, "c.yaml": CONFIG})
    named = ("a.yaml", "b.yaml", "c.yaml")
    result = qatgen(tmp_path, "validate", *named, "--policies", POLICIES, "--spec", "none.yaml", "--color", "never")
    assert "--> b.yaml" in result.err
    assert "error[QATP-010" in result.err
    assert "POL006" not in result.err, result.err


def test_what_argo_cd_gets_is_not_foreign(tmp_path):
    rule = f"{RULE}  validations: [{{expression: size(objects) == 0, message: some}}, {{expression: spec.x == 1}}]\n"
    delivery = "  delivery: {argocd: {repository: 'https://git.example.com/a.git', destination: {name: c}}}\n"
    write(tmp_path, {"spec.yaml": SMALL + delivery, "own/policy.yaml": rule})
    rendered = qatgen(tmp_path, "render", "-q")
    assert rendered.code == 0, rendered.err
    assert (tmp_path / "rendered/argocd").is_dir()
    result = qatgen(tmp_path, "validate", "rendered/argocd", "--policies", "own", "--color", "never")
    assert (result.code, result.err) == (0, ""), result.err


def test_the_kinds_that_were_skipped_are_said(tmp_path):
    kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    odd = "apiVersion: example.com/v1\nkind: Odd\nmetadata: {name: a}\n"
    write(tmp_path, {"a.yaml": kustomization, "b.yaml": odd})
    result = qatgen(tmp_path, "validate", "a.yaml", "b.yaml", "--skip", "Odd", "--spec", "none.yaml")
    assert result.out.endswith(" 2 skipped (1 Kustomization, 1 Odd)\n")
    table = qatgen(tmp_path, "validate", "a.yaml", "-k", "1.30", "-k", "1.36", "--spec", "none.yaml")
    assert [line.split()[-2:] for line in table.out.splitlines()[1:]] == [["1", "(Kustomization)"]] * 2


def test_files_without_a_policy_are_no_policies(tmp_path):
    write(tmp_path, {"a.yaml": kubevirt(), "own/b.yaml": RULE.replace("BundlePolicy", "BundlePolice")})
    result = qatgen(tmp_path, "validate", "a.yaml", "--policies", "own", "--spec", "none.yaml", "--color", "never")
    assert (result.code, "warning[SRC051" in result.err) == (0, True), result.err


def test_policies_that_cannot_be_read_are_a_finding(tmp_path):
    write(tmp_path, {"a.yaml": kubevirt()})
    result = qatgen(tmp_path, "validate", "a.yaml", "--policies", "no.yaml", "--spec", "none.yaml", "--color", "never")
    assert (result.code, "SRC001" in result.err) == (2, True), result.err


def test_nothing_is_counted_where_nothing_is_read(tmp_path):
    result = qatgen(tmp_path, "validate", "missing.yaml", "--spec", "none.yaml")
    assert (result.code, result.out) == (2, "")


def test_the_nearest_release_is_reported_once_where_it_is_written(tmp_path):
    spec = SMALL.replace("kubevirt: v1.9.0", "kubevirt: v1.7.0")
    write(tmp_path, {"spec.yaml": spec, "overlays/a/spec.yaml": "", "overlays/b/spec.yaml": ""})
    overlay = "apiVersion: qatgen.dev/v1alpha1\nkind: QATPlatform\n"
    write(tmp_path, {"overlays/a/spec.yaml": overlay, "overlays/b/spec.yaml": overlay})
    qatgen(tmp_path, "render", "-q")
    result = qatgen(tmp_path, "validate", "--color", "never")
    assert result.err.count("QATK-090") == 1, result.err
    assert re.search(r"QATK-090 .*\n  --> spec.yaml:5:", result.err), result.err
    write(tmp_path, {"kv.yaml": kubevirt(more="  imageTag: v1.7.0\n"), "vm.yaml": VMI})
    result = qatgen(tmp_path, "validate", "kv.yaml", "vm.yaml", "--spec", "none.yaml", "--color", "never")
    assert re.search(r"QATK-090 .*\n  --> kv.yaml:8:", result.err), result.err


VMI = "apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata: {name: a}\nspec: {domain: {devices: {}}}\n"
