"""Policies, where people meet them: render, validate, changes since the last delivery, waivers in the cluster."""

import re
import shutil
import subprocess

import pytest

from tests.support.workspace import SMALL, qatgen, tree, write

POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: keep}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - {apiGroups: [kubevirt.io], apiVersions: [v1], operations: [%s], resources: [virtualmachines]}
  validations:
    - expression: "%s"
      message: refused
"""
BINDING = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: keep}
spec: {policyName: keep, validationActions: [%s]}
"""
SHRINK = "quantity(object.spec.template.spec.domain.memory.guest).compareTo(quantity(oldObject.spec.template.spec.domain.memory.guest)) >= 0"
CLAIM = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: vpn, labels: {team: %s}}\n"


def own(operations: str, expression: str, actions: str = "Deny") -> dict[str, str]:
    return {
        "policies/keep/policy.yaml": POLICY % (operations, expression),
        "policies/keep/binding.yaml": BINDING % actions,
    }


def git(folder, *arguments):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def delivered(tmp_path):
    """A project whose rendered tree is committed; machines may neither shrink nor go."""
    if shutil.which("git") is None:
        pytest.skip("git is not there")
    write(tmp_path, {"spec.yaml": SMALL, **own("UPDATE", SHRINK)})
    gone = own("DELETE", "oldObject.metadata.name != 'gw'")
    write(tmp_path, {path.replace("keep", "stay"): text.replace("keep", "stay") for path, text in gone.items()})
    assert qatgen(tmp_path, "render", "-q").code == 0
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "delivered")
    return tmp_path


def test_a_change_is_judged_against_the_last_delivery(delivered):
    before = tree(delivered / "rendered")
    write(delivered, {"spec.yaml": SMALL.replace("2Gi", "1Gi")})
    result = qatgen(delivered, "render", "--color", "never")
    assert result.code == 1
    assert "error[POL001 policy-denies]: refused (when the object of the last delivery is changed)" in result.err
    assert "--> spec.yaml:21:" in result.err
    assert tree(delivered / "rendered") == before
    write(delivered, {"spec.yaml": SMALL.replace("2Gi", "3Gi")})
    assert qatgen(delivered, "render", "-q").code == 0


def test_a_deletion_is_judged(delivered):
    write(delivered, {"spec.yaml": SMALL.replace("name: gw", "name: other")})
    result = qatgen(delivered, "render", "--color", "never")
    assert (result.code, "refused (when it is deleted)" in result.err) == (1, True)


def test_validate_sees_the_same_change(delivered):
    path = delivered / "rendered/default/vpn/virtualmachine-gw.yaml"
    path.write_text(path.read_text().replace("guest: 2Gi", "guest: 1Gi"))
    result = qatgen(delivered, "validate", "--color", "never")
    assert (result.code, "of the last delivery is changed" in result.err) == (1, True)
    assert qatgen(delivered, "validate", "--no-policies").code == 0


def test_without_git_only_creation_is_judged(delivered):
    shutil.rmtree(delivered / ".git")
    write(delivered, {"spec.yaml": SMALL.replace("2Gi", "1Gi")})
    assert qatgen(delivered, "render", "-q").code == 0


def test_a_hand_edit_is_judged_by_the_shipped_policies(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL})
    assert qatgen(tmp_path, "render", "-q").code == 0
    path = tmp_path / "rendered/default/vpn/virtualmachine-gw.yaml"
    good = path.read_text()
    path.write_text(re.sub(r"deviceName: \S+", "deviceName: example.org/x", good))
    assert path.read_text() != good
    result = qatgen(tmp_path, "validate", "--color", "never")
    assert (result.code, "QATP-015" in result.err) == (1, True)
    path.write_text(good)
    (tmp_path / "rendered/default/kubevirt/kubevirt-kubevirt.yaml").unlink()
    result = qatgen(tmp_path, "validate", "--color", "never")
    assert (result.code, "QATP-006" in result.err) == (1, True)
    assert qatgen(tmp_path, "validate", path.as_posix()).code == 0


def test_any_manifests_are_judged_by_the_policies_beside_them(tmp_path):
    policy = (POLICY % ("CREATE", "object.metadata.?labels.?team.orValue('') != 'x'")).replace(
        "apiGroups: [kubevirt.io]", 'apiGroups: [""]'
    )
    policy = policy.replace("virtualmachines", "configmaps")
    write(tmp_path, {"p/policy.yaml": policy, "p/binding.yaml": BINDING % "Deny", "m/a.yaml": CLAIM % "x"})
    assert qatgen(tmp_path, "validate", "m").code == 0
    for arguments in (("m", "p"), ("m", "--policies", "p")):
        result = qatgen(tmp_path, "validate", *arguments, "--color", "never")
        assert (result.code, "error[POL001 policy-denies]: refused" in result.err) == (1, True)
        assert "m/a.yaml:3:" in result.err
    write(tmp_path, {"m/a.yaml": CLAIM % "z"})
    assert qatgen(tmp_path, "validate", "m", "p").code == 0
    write(tmp_path, {"p/binding.yaml": (BINDING % "Deny").replace("policyName: keep", "policyName: gone")})
    result = qatgen(tmp_path, "validate", "m", "p", "--color", "never")
    assert (result.code, "POL003" in result.err, "POL004" in result.err) == (0, True, True)
    write(tmp_path, {"p/policy.yaml": policy.replace("orValue(", "orVal(")})
    result = qatgen(tmp_path, "validate", "p", "--color", "never")
    assert (result.code, "p/policy.yaml:10:" in result.err) == (1, True)


@pytest.mark.parametrize(("actions", "code"), [("Deny", 1), ("Warn", 0), ("Audit", 0)])
def test_actions_of_the_binding(tmp_path, actions, code):
    write(tmp_path, {"spec.yaml": SMALL, **own("CREATE", "false", actions)})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert result.code == code
    assert ("POL001" in result.err) == (actions != "Audit")
    assert ("warning[POL001" in result.err) == (actions == "Warn")
    if actions == "Warn":
        assert qatgen(tmp_path, "render", "--fail-on", "warning").code == 1


def test_what_the_authorizer_alone_knows_is_told(tmp_path):
    asked = "authorizer.group('').resource('pods').check('create').allowed()"
    write(tmp_path, {"spec.yaml": SMALL, **own("CREATE", asked)})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert (result.code, "warning[POL005 not-decided]" in result.err) == (0, True)


def test_a_parameter_that_is_not_there(tmp_path):
    files = own("CREATE", "params.data.a == 'b'")
    policy = files["policies/keep/policy.yaml"].replace(
        "  failurePolicy", "  paramKind: {apiVersion: v1, kind: ConfigMap}\n  failurePolicy"
    )
    binding = files["policies/keep/binding.yaml"].replace(
        "Deny]}", "Deny], paramRef: {name: none, namespace: vpn, parameterNotFoundAction: Deny}}"
    )
    write(tmp_path, {"spec.yaml": SMALL, "policies/keep/policy.yaml": policy, "policies/keep/binding.yaml": binding})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert (result.code, "parameter ConfigMap vpn/none is not among the objects" in result.err) == (0, True)


def with_variables(*pairs: tuple[str, str]) -> dict[str, str]:
    files = own("CREATE", "variables.a == variables.a")
    lines = "".join(f'    - {{name: {name}, expression: "{expression}"}}\n' for name, expression in pairs)
    text = files["policies/keep/policy.yaml"].replace("  validations:", f"  variables:\n{lines}  validations:")
    return files | {"policies/keep/policy.yaml": text}


DEEP = "[1,2,3,4,5,6,7,8,9,10].all(X, "
BOMB = "".join(DEEP.replace("X", f"v{level}") for level in range(9)) + "v0 > 0" + ")" * 9
LONG = "true" + " && true" * 700_000
REFUSED = {
    "syntax error": (own("CREATE", "object.spec. == 1"), r"policy\.yaml:10:", "Syntax error"),
    "type error": (own("CREATE", "'a' + 1 == 2"), r"policy\.yaml:10:", "no matching overload"),
    "no bool": (own("CREATE", "1 + 1"), r"policy\.yaml:10:", "must evaluate to bool"),
    "unknown function": (own("CREATE", "object.nope()"), r"policy\.yaml:10:", "undeclared reference to 'nope'"),
    "unknown variable": (own("CREATE", "request.a.b && obj.c"), r"policy\.yaml:10:", "undeclared reference to 'obj'"),
    "10 MB": (own("CREATE", LONG), r"policy\.yaml:", ""),
    "nested": (own("CREATE", "(" * 400 + "true" + ")" * 400), r"policy\.yaml:10:", "recursion"),
    "bad regex": (own("CREATE", "'a'.matches('(')"), r"policy\.yaml:10:", "invalid matches argument"),
    "variable of itself": (with_variables(("a", "variables.a")), r"policy\.yaml:10:", "undefined field 'a'"),
    "variable cycle": (with_variables(("a", "variables.b"), ("b", "variables.a")), r"policy\.yaml", "undefined field"),
    "a bomb of cost": (own("CREATE", BOMB), "", "cost"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_policies_that_cannot_work(tmp_path, name):
    files, place, words = REFUSED[name]
    write(tmp_path, {"spec.yaml": SMALL})
    assert qatgen(tmp_path, "render", "-q").code == 0
    before = tree(tmp_path / "rendered")
    write(tmp_path, files)
    result = qatgen(tmp_path, "render", "--color", "never")
    assert result.code == 1, result
    assert re.search(place, result.err), result.err[:2000]
    assert words in result.err, result.err[:2000]
    assert "Traceback" not in result.err
    assert tree(tmp_path / "rendered") == before


def test_a_function_newer_than_the_target(tmp_path):
    newer = own("CREATE", "semver('1.2.3').major() == 1")
    write(tmp_path, {"spec.yaml": SMALL.replace('"1.36"', '"1.33"'), **newer})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert (result.code, "undeclared reference to 'semver'" in result.err) == (1, True)
    assert "as Kubernetes 1.33 would store it" in result.err
    write(tmp_path, {"spec.yaml": SMALL})
    assert qatgen(tmp_path, "render", "-q").code == 0


def test_an_expression_that_takes_for_ever_ends(tmp_path, monkeypatch):
    monkeypatch.setattr("generator.cel.folds.BOUND", 2_000_000)
    loops = "".join(DEEP.replace("X", f"v{level}") for level in range(9)) + "v0 > 0" + ")" * 9
    policy = f"""\
apiVersion: qatgen.dev/v1alpha1
kind: BundlePolicy
metadata: {{name: bomb}}
spec: {{validations: [{{expression: "{loops}", message: never}}]}}
"""
    write(tmp_path, {"spec.yaml": SMALL, "policies/bomb/policy.yaml": policy})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert (result.code, "error[POL010 too-much-work]" in result.err) == (1, True)
    assert "policies/bomb/policy.yaml:4:" in result.err  # the expression's own line
    assert "POL006" not in result.err


def test_a_regex_cannot_explode(tmp_path):
    slow = own("CREATE", "'" + "a" * 4000 + "!'.matches('^(a+)+$') == false")
    write(tmp_path, {"spec.yaml": SMALL, **slow})
    assert qatgen(tmp_path, "render", "-q").code == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("policyName: keep", "policyName: gone"), 'the binding names policy "gone"'),
        (("validationActions: [Deny]", "validationActions: [Deny, Warn]"), "must not contain"),
        (("validationActions: [Deny]", "validationActions: []"), "validationActions"),
        (("kind: ValidatingAdmissionPolicyBinding", "kind: Binding"), "no one object of kind"),
    ],
)
def test_bindings_that_cannot_work(tmp_path, change, words):
    files = own("CREATE", "true")
    files["policies/keep/binding.yaml"] = files["policies/keep/binding.yaml"].replace(*change)
    write(tmp_path, {"spec.yaml": SMALL, **files})
    result = qatgen(tmp_path, "render", "--color", "never")
    assert (result.code, words in result.err) == (1, True), result.err
    (tmp_path / "policies/keep/binding.yaml").unlink()
    result = qatgen(tmp_path, "render", "--color", "never")
    assert (result.code, "has no binding.yaml" in result.err) == (1, True)


@pytest.mark.parametrize(("rule", "told"), [("OWN-001", ""), ("OWN-100", "OWN-001")])
def test_a_rule_of_ones_own_can_be_waived(tmp_path, rule, told):
    files = own("CREATE", "false")
    policy = "policies/keep/policy.yaml"
    files[policy] = files[policy].replace("{name: keep}", "{name: keep, annotations: {qatgen.dev/rule: OWN-001}}")
    waiver = f"  waivers: [{{rule: {rule}, match: {{namespace: vpn}}, reason: for now, expires: 2030-01-01}}]\n"
    write(tmp_path, {"spec.yaml": SMALL + waiver, **files})
    run = qatgen(tmp_path, "render")
    assert run.code == (1 if told else 0), run.err
    if told:
        assert f'there is no rule "{rule}"' in run.err
        assert told in run.err


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("size(objects) > 3 && objects.size() > 3", True),
        ("size(objects) < 3", False),
        ("has(objects[0].metadata.name)", True),
        ("type(objects.filter(o, true).map(o, o.kind)) == list", True),
        ("objects.filter(o, o.kind == 'VirtualMachine').size() == 1", True),
        ("size(objects.map(o, o.kind) + ['x']) == size(objects) + 1", True),
        ("objects.map(o, o.kind).exists(k, k == 'Namespace')", True),
    ],
)
def test_objects_of_a_build_are_a_list_to_every_function(tmp_path, expression, holds):
    rule = (
        "apiVersion: qatgen.dev/v1alpha1\nkind: BundlePolicy\nmetadata: {name: own}\nspec:\n"
        f'  validations: [{{expression: "{expression}", message: refused}}]\n'
    )
    write(tmp_path, {"spec.yaml": SMALL, "policies/own/policy.yaml": rule})
    run = qatgen(tmp_path, "render")
    assert (run.code, "refused" in run.err) == ((0, False) if holds else (1, True)), run.err
