"""No message and no excerpt has the data of a Secret, whichever command fails, and however."""

import base64
import json

import pytest

from tests.acceptance.test_overlays import COMPONENT
from tests.support.workspace import NAMED_WELL, SMALL, qatgen, write

CANARY = "kanarienvogel-7731"
CODED = base64.b64encode(CANARY.encode()).decode()
SECRET = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s, namespace: vpn}}\nstringData:\n  password: {CANARY}\n"
BINDING = (
    "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\n"
    "metadata: {name: named-well}\nspec: {policyName: named-well, validationActions: [Deny]}\n"
)
TELLTALE = (
    NAMED_WELL.replace("apiGroups: [kubevirt.io]", 'apiGroups: [""]')
    .replace("    namespaceSelector: {matchExpressions: [{key: own, operator: DoesNotExist}]}\n", "")
    .replace("virtualmachines", "secrets")
    .replace(
        '{expression: "object.metadata.name.size() > 4", message: short name}',
        "{expression: \"object.data.password == ''\", messageExpression: \"'it is ' + object.data.password\"}",
    )
)

MANIFESTS = {
    "a field of no type": SECRET + "data: {a: 5}\n",
    "an unknown field": SECRET + "more: x\n",
    "a bad name": SECRET.replace("name: s", "name: S_"),
    "data that is not base64": SECRET.replace("stringData", "data").replace(CANARY, f"'{CANARY}'"),
    "data that is a list": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\ndata: [{CANARY}]\n",
    "data that is a text": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\ndata: {CANARY}\n",
    "a value that is a mapping": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData: {{a: {{b: {CANARY}}}}}\n",
    "an alias of nothing": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData: {{a: *{CANARY}}}\n",
    "a tag": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData: {{a: !{CANARY} x}}\n",
    "an anchor twice": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData: {{a: &{CANARY} x, a: 1}}\n",
    "a key twice": SECRET + f"stringData: {{x: {CANARY}}}\n",
    "a tab": SECRET + f"\tx: {CANARY}\n",
    "a colon": SECRET + f"  more: x: {CANARY}\n",
    "an open quote": SECRET + f'  more: "{CANARY}\n',
    "JSON on a line": json.dumps(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "S_"}, "stringData": {"password": CANARY}}
    ),
    "escaped JSON": '{"apiVersion": "v1", "kind": "S\\u0065cret", "metadata": {"name": "S_"}, '
    f'"stringData": {{"p": "{CANARY}"}}}}',
    "a List": f"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {{name: S_}}\n"
    f"  stringData: {{a: {CANARY}}}\n",
    "coded, in a long line": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: S_}}\ndata: {{a: {CODED}}}\nx: 1\n",
    "a line too long for style": SECRET + f"  long: {'x ' * 200}{CANARY}\n",
    "spaces at the end": SECRET.replace(CANARY, f"{CANARY}   "),
}


def assert_silent(result, *, fails=True):
    said = result.out + result.err
    if fails:
        assert result.code in (1, 2), said
    for part in (CANARY, CODED, CANARY[3:12], CODED[4:14]):
        assert part.lower() not in said.lower(), said


@pytest.mark.parametrize("name", MANIFESTS)
@pytest.mark.parametrize("form", ["text", "json", "sarif", "markdown"])
def test_validate(tmp_path, name, form):
    write(tmp_path, {"s.yaml": MANIFESTS[name], "p/policy.yaml": TELLTALE, "p/binding.yaml": BINDING})
    assert_silent(qatgen(tmp_path, "validate", "s.yaml", "--policies", "p", "-o", form), fails=False)


def test_a_policy_that_tells_what_it_sees(tmp_path):
    write(tmp_path, {"s.yaml": SECRET, "p/policy.yaml": TELLTALE, "p/binding.yaml": BINDING})
    result = qatgen(tmp_path, "validate", "s.yaml", "--policies", "p")
    assert (result.code, "it is ***" in result.err) == (1, True), result.err
    assert_silent(result)


KUSTOMIZATIONS = {
    "a literal without a key": f"secretGenerator: [{{name: s, literals: [{CANARY}]}}]\n",
    "a literal with a bad key": f"secretGenerator: [{{name: s, literals: ['a b={CANARY}']}}]\n",
    "a literal twice": f"secretGenerator: [{{name: s, literals: [a=x, a={CANARY}]}}]\n",
    "an env file without a value": "secretGenerator: [{name: s, envs: [env]}]\n",
    "an unknown field beside literals": f"secretGenerator: [{{name: s, literal: [a={CANARY}]}}]\n",
    "a test of a patch": "resources: [s.yaml]\npatches: [{target: {kind: Secret}, patch: '[{op: test, "
    "path: /stringData/password, value: x}]'}]\n",
    "a patch with the value": "resources: [s.yaml]\npatches:\n- target: {kind: Secret}\n  patch: |-\n"
    f"    - {{op: replace, path: /nothing/x, value: {CANARY}}}\n",
    "a patch of no form": f"resources: [s.yaml]\npatches:\n- target: {{kind: Secret}}\n  patch: |-\n    - {CANARY}: [\n",
    "a merge patch of another shape": "resources: [s.yaml]\npatches:\n- patch: |-\n    apiVersion: v1\n    kind: Secret\n"
    f"    metadata: {{name: s, namespace: vpn}}\n    stringData: [{CANARY}]\n",
    "a patch in a file": "resources: [s.yaml]\npatches: [{path: p.yaml, target: {kind: Secret}}]\n",
    "a replacement": "resources: [s.yaml]\nreplacements: [{source: {kind: Secret, fieldPath: stringData.password.x}, "
    "targets: [{select: {kind: Secret}, fieldPaths: [metadata.name]}]}]\n",
    "a namespace into data": "resources: [s.yaml]\nlabels: [{pairs: {a: b}, fields: [{path: stringData/password/x, "
    "create: true}]}]\n",
    "a resource of no form": "resources: [bad.yaml]\n",
}
BESIDE = {
    "s.yaml": SECRET,
    "env": f"{CANARY}\n",
    "p.yaml": f"- {{op: test, path: /stringData/password, value: {CANARY}-}}\n",
    "bad.yaml": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData: {{a: *{CANARY}}}\n",
}


@pytest.mark.parametrize("name", KUSTOMIZATIONS)
@pytest.mark.parametrize("command", ["build", "render", "argocd", "report", "check"])
def test_overlays(tmp_path, name, command, monkeypatch):
    monkeypatch.setenv("ARGOCD_ENV_ENVIRONMENT", "prod")
    monkeypatch.setenv("CI", "1")
    beside = {f"overlays/prod/{file}": text for file, text in BESIDE.items()}
    write(tmp_path, {"spec.yaml": SMALL, **beside})
    arguments = {
        "build": ("build", "overlays/prod"),
        "argocd": ("argocd", "generate"),
        "report": ("report", "-o", "json"),
    }.get(command, (command,))
    text = KUSTOMIZATIONS[name] if command == "build" else COMPONENT + KUSTOMIZATIONS[name]
    write(tmp_path, {"overlays/prod/kustomization.yaml": text})
    assert_silent(qatgen(tmp_path, *arguments))


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_diff(tmp_path, form):
    other = SECRET.replace(CANARY, f"{CANARY}-2")
    write(tmp_path, {"a/s.yaml": SECRET, "b/s.yaml": other, "c/s.yaml": SECRET.replace("stringData", "data")})
    for one, two in (("a", "b"), ("a", "c"), ("b", "a")):
        result = qatgen(tmp_path, "diff", one, two, "-o", form)
        assert "***" in result.out
        assert_silent(result, fails=False)


def test_check_of_an_edited_secret(tmp_path):
    overlay = COMPONENT + "resources: [s.yaml]\n"
    write(tmp_path, {"spec.yaml": SMALL, "overlays/prod/kustomization.yaml": overlay, "overlays/prod/s.yaml": SECRET})
    assert qatgen(tmp_path, "render", "-q").code == 0
    path = tmp_path / "rendered/prod/vpn/secret-s.yaml"
    path.write_text(path.read_text().replace(CANARY, f"{CANARY}-2"))
    result = qatgen(tmp_path, "check")
    assert (result.code, "stringData" in result.err) == (1, True), result.err
    assert_silent(result)


def test_migrate(tmp_path):
    write(tmp_path, {"s.yaml": MANIFESTS["a colon"]})
    assert_silent(qatgen(tmp_path, "migrate", "s.yaml"))


def test_what_is_no_secret_is_shown(tmp_path):
    write(tmp_path, {"c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: C_}\ndata: {a: b}\n"})
    assert "metadata: {name: C_}" in qatgen(tmp_path, "validate", "c.yaml").err
