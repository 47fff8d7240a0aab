"""Test files of every format, and what is wrong with them."""

import re
from pathlib import Path

import pytest

from generator.cel import DYN, Environment, compile_expression
from generator.cel.rebuild import mutations
from generator.finding import Halt
from generator.testing import find_suites, run_suites
from generator.testing.own import changed, parse_path
from tests.support.workspace import inside, qatgen, write

POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: replicas}
spec:
  failurePolicy: Fail
  %s
  matchConstraints:
    resourceRules:
      - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE, DELETE], resources: [deployments]}
  validations:
    - expression: >-
        request.operation == 'DELETE' ? object == null : %s
      message: too many
"""
PLAIN = POLICY % ("matchConditions: []", "object.spec.replicas <= 3")
PARAM = POLICY % ("paramKind: {apiVersion: v1, kind: ConfigMap}", "object.spec.replicas <= int(params.data.max)")
BINDING = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: replicas}
spec:
  policyName: replicas
  validationActions: [Deny]
  matchResources: {namespaceSelector: {matchLabels: {checked: "true"}}}
"""
RESOURCES = """\
{apiVersion: apps/v1, kind: Deployment, metadata: {name: small, namespace: web}, spec: {replicas: 1}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: large, namespace: web}, spec: {replicas: 9}}
---
{apiVersion: v1, kind: Service, metadata: {name: small, namespace: web}, spec: {}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: limits, namespace: web}, data: {max: "10"}}
"""
KYVERNO = """\
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: {name: replicas}
policies: [policy.txt]
resources: [resources.txt]
variables: values.txt
results:
  - {policy: replicas, isValidatingAdmissionPolicy: true, kind: Deployment, resources: [small], result: pass}
  - {policy: replicas, isValidatingAdmissionPolicy: true, kind: Deployment, resources: [web/large], result: %s}
  - {policy: replicas, isValidatingAdmissionPolicy: true, kind: Service, resource: small, result: skip}
"""
VALUES = """\
apiVersion: cli.kyverno.io/v1alpha1
kind: Values
namespaceSelector: [{name: web, labels: {checked: "true"}}]
"""
KAPTEST = """\
%s: [policy.txt]
resources: [resources.txt]
%s:
  - policy: replicas
    tests:
      - {object: {kind: Deployment, name: small}, param: {name: limits, namespace: web}, expect: admit}
      - {object: {kind: Deployment, name: large}, param: {name: limits, namespace: web}, expect: %s}
      - {object: {kind: Service, name: small}, param: {name: limits, namespace: web}, expect: skip}
      - {object: {kind: Deployment, name: small}, param: {name: gone, namespace: web}, expect: error}
      - {oldObject: {kind: Deployment, name: large}, param: {name: limits, namespace: web}, expect: admit}
      - object: {kind: Deployment, name: large}
        oldObject: {kind: Deployment, name: small}
        param: {name: limits, namespace: web}
        expect: admit
"""


def run(folder: Path, files: dict[str, str], **options: bool):
    write(folder, files)
    with inside(folder):
        found = find_suites([Path()], (1, 36))
        tested = run_suites(found.suites, **options)
    return [*found.findings, *tested.findings], tested


def test_kyverno(tmp_path):
    files = {"policy.txt": PLAIN + "---\n" + BINDING, "resources.txt": RESOURCES, "values.txt": VALUES}
    findings, tested = run(tmp_path, {**files, "kyverno-test.yaml": KYVERNO % "fail"})
    assert (findings, tested.cases) == ([], 3)
    findings, _ = run(tmp_path, {"kyverno-test.yaml": KYVERNO % "pass"})
    assert [(f.rule.code, str(f.at)) for f in findings] == [("TST001", "kyverno-test.yaml:9:5")]
    assert "expected allow, got deny: too many" in findings[0].message
    findings, _ = run(tmp_path, {"values.txt": VALUES.replace("true", "no")})
    assert {f.rule.code for f in findings} == {"TST001", "TST003"}


def test_kyverno_without_bindings_binds_to_everything(tmp_path):
    files = {"policy.txt": PLAIN, "resources.txt": RESOURCES, "values.txt": VALUES.replace("true", "no")}
    findings, tested = run(tmp_path, {**files, "kyverno-test.yaml": KYVERNO % "fail"})
    assert (findings, tested.cases) == ([], 3)


@pytest.mark.parametrize(
    ("policies", "suites"), [("policies", "vapTestSuites"), ("validatingAdmissionPolicies", "testSuites")]
)
def test_kaptest(tmp_path, policies, suites):
    files = {"policy.txt": PARAM, "resources.txt": RESOURCES}
    findings, tested = run(tmp_path, {**files, "kaptest.yaml": KAPTEST % (policies, suites, "admit")})
    assert (findings, tested.cases) == ([], 6)
    findings, _ = run(tmp_path, {"kaptest.yaml": KAPTEST % (policies, suites, "deny")})
    assert [f.rule.code for f in findings] == ["TST001"]


OWN = """\
apiVersion: qatgen.dev/v1alpha1
kind: PolicyTest
cases:
  - name: few
    object: {apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: web}, spec: {replicas: 3}}
    params: [{apiVersion: v1, kind: Namespace, metadata: {name: web, labels: {checked: "true"}}}]
    expect: allow
"""
MANY = """\
  - name: many
    object: {apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: web}, spec: {replicas: 4}}
    params: [{apiVersion: v1, kind: Namespace, metadata: {name: web, labels: {checked: "true"}}}]
    expect: deny
    message: too many
"""
GONE = """\
  - name: gone
    old: {apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: web}, spec: {replicas: 4}}
    params: [{apiVersion: v1, kind: Namespace, metadata: {name: web, labels: {checked: "true"}}}]
    expect: allow
"""


def own(cases: str) -> dict[str, str]:
    return {"p/policy.yaml": PLAIN, "p/binding.yaml": BINDING, "p/cases.yaml": cases}


def test_coverage_and_mistakes(tmp_path):
    findings, tested = run(tmp_path, own(OWN), coverage=True, mutate=True)
    assert {f.rule.code for f in findings} == {"TST004", "TST005", "TST006"}
    assert (tested.validations, tested.covered) == (1, 0)
    findings, tested = run(tmp_path, own(OWN + MANY + GONE), coverage=True, mutate=True)
    assert findings == []
    assert (tested.covered, tested.gone, tested.ways) == (1, 2, 2)
    assert tested.mutants == tested.noticed == 6
    assert "6 of 6 noticed" in tested.summary(coverage=True, mutate=True)


@pytest.mark.parametrize(
    ("expression", "mistakes"),
    [
        ("a && b != c", ["&& made ||", "!= made =="]),
        ("a < 28 ? b : c", ["branches of ?: exchanged", "< made <=", "28 made 29"]),
        ("!(a in b)", ["! left out"]),
        ("a in ['x', 'y' + 'z']", ["in negated", 'item "x" of a list left out', "item 2 of a list left out"]),
        ("a.startsWith('x')", ["startsWith negated"]),
        ("a.all(x, x.matches('y'))", ["all made exists", "matches negated"]),
        ("a.exists_one(x, x)", ["exists_one made exists"]),
        ("[a.b].exists(x, x)", []),
        ("[a, b].exists(x, x)", ["exists made all", "item 1 of a list left out", "item 2 of a list left out"]),
        ("[?a.?b].exists(x, x)", ["exists made all"]),
        ("a.?b.orValue(false)", ["false negated"]),
        ("a.?b.orValue(1) + 2", ["2 made 3"]),
        ("has(a.b)", []),
    ],
)
def test_mistakes_one_could_make(expression, mistakes):
    environment = Environment(tuple((name, DYN) for name in "abc"), (), (1, 36))
    compiled = compile_expression(expression, environment)
    assert sorted(mutation.what for mutation in mutations(compiled.tree)) == sorted(mistakes)


@pytest.mark.parametrize(
    ("expression", "mistake", "before", "after"),
    [
        ("a in [1, 2]", "in negated", True, False),
        ("a in [1, 2]", "item 1 of a list left out", True, False),
        ("a in [1, 2]", "item 2 of a list left out", True, True),
        ("a < 2", "2 made 3", True, True),
        ("a == 1", "1 made 2", True, False),
        ("[?b.?c, a] == [a]", "item 1 of a list left out", True, True),
        ("[?b.?c, a] == [a]", "item 2 of a list left out", True, False),
    ],
)
def test_a_mistake_changes_one_place_and_leaves_the_expression_as_it_was(expression, mistake, before, after):
    environment = Environment((("a", DYN), ("b", DYN)), (), (1, 36))
    compiled = compile_expression(expression, environment)
    found = {"a": 1, "b": {}}
    changed_ones = [one.of(compiled) for one in mutations(compiled.tree) if one.what == mistake]
    assert [one.evaluate(found) for one in changed_ones][:1] == [after]
    assert compiled.evaluate(found) is before


WHEN = """\
apiVersion: qatgen.dev/v1alpha1
kind: BundlePolicy
metadata: {name: gates, annotations: {qatgen.dev/when: "spec.kubevirt.assignment != 'qats' && !('X' in catalog.gatesOn)"}}
spec:
  validations:
    - {expression: "objects.exists(o, o.kind == 'KubeVirt')", message: no KubeVirt}
"""
APPLIES = """\
apiVersion: qatgen.dev/v1alpha1
kind: PolicyTest
cases:
  - {name: as rendered, expect: allow}
  - {name: lost, remove: [KubeVirt kubevirt/kubevirt], expect: deny, message: no KubeVirt}
"""
NOTE = "  - {name: the note's API, spec: {kubevirt: {assignment: qats}}, expect: skip}\n"
BETA = "  - {name: on by default, catalog: {gatesOn: [X]}, expect: skip}\n"


@pytest.mark.parametrize(
    ("cases", "codes", "untold"),
    [
        (APPLIES, {"TST005", "TST006"}, {"`when` left out", "&& made ||"}),
        (APPLIES + NOTE, {"TST005"}, set()),
        (APPLIES + BETA, {"TST005"}, set()),
        (APPLIES + NOTE + BETA, set(), set()),
    ],
)
def test_where_a_policy_applies_is_tested_too(tmp_path, cases, codes, untold):
    findings, _ = run(tmp_path, {"p/policy.yaml": WHEN, "p/cases.yaml": cases}, coverage=True, mutate=True)
    assert {f.rule.code for f in findings} == codes
    assert {f.at.line for f in findings} <= {3}
    assert {f.message.split("notices ")[1] for f in findings if f.rule.code == "TST006"} == untold


def test_a_mistake_is_placed_in_the_folded_scalar(tmp_path):
    findings, _ = run(tmp_path, own(OWN + GONE), mutate=True)
    text = (tmp_path / "p/policy.yaml").read_text().splitlines()
    survived = [f for f in findings if "<= made <" in f.message]
    assert [text[f.at.line - 1][f.at.column - 1 :][:2] for f in survived] in ([], ["<="])
    places = {f.message.split("notices ")[1]: text[f.at.line - 1][f.at.column - 1 :] for f in findings}
    assert places["the validation left out"].startswith(">-") or places["the validation left out"].startswith("e")


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        (("expect: allow", "expect: allowed"), r"p/cases\.yaml:4:", "which is no verdict"),
        (("expect: allow", "expected: allow"), r"p/cases\.yaml:7:15", 'no field "expected"'),
        (("expect: allow", ""), r"p/cases\.yaml:4", "no expect"),
        (("name: few", "name: on"), r"p/cases\.yaml:4:", "not text"),
        (("params: [", "params: {a: "), r"p/cases\.yaml", ""),
        (
            ("    object: {", "    object: VirtualMachine vpn/none\n    user: {name: a, groups: []}\n    old: {"),
            r"p/cases\.yaml:5:13",
            'no object is named "VirtualMachine vpn/none"',
        ),
        (
            ("    expect", '    set: {"VirtualMachine vpn/gw": {"spec.runStrategy.x[3]": 1}}\n    expect'),
            "4",
            "does not fit VirtualMachine vpn/gw",
        ),
        (("    expect", "    remove: [Secret vpn/none]\n    expect"), r"p/cases\.yaml:7:14", "Secret vpn/none"),
        (("  - name: few", "  - few\n  - name: few"), r"p/cases\.yaml:4:5", "a case is a mapping"),
    ],
)
def test_bad_cases(tmp_path, change, place, words):
    write(tmp_path, own(OWN.replace(*change)))
    result = qatgen(tmp_path, "test", "p", "--color", "never")
    assert result.code == 1, result
    assert re.search(place, result.err)
    assert words in result.err


def test_nothing_to_test_is_an_error(tmp_path):
    (tmp_path / "empty").mkdir()
    assert qatgen(tmp_path, "test").code == 2
    assert qatgen(tmp_path, "test", "empty").code == 2
    assert qatgen(tmp_path, "test", "nowhere").code in {1, 2}
    assert qatgen(tmp_path, "test", "--pack", "-k", "1.99").code == 2
    write(tmp_path, {"policies/own/policy.yaml": PLAIN, "policies/own/binding.yaml": BINDING})
    result = qatgen(tmp_path, "test")
    assert (result.code, "never evaluated" in result.err) == (1, True)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"kyverno-test.yaml": KYVERNO % "fail"}, 'no file "resources.txt"'),
        ({"kaptest.yaml": KAPTEST % ("policies", "vapTestSuites", "admit")}, 'no file "resources.txt"'),
    ],
)
def test_files_that_are_not_there(tmp_path, files, words):
    findings, _ = run(tmp_path, files)
    assert words in findings[0].message


def test_paths_and_changes():
    assert parse_path('a.b[0]["c.d/e"].f') == ("a", "b", 0, "c.d/e", "f")
    assert changed({"a": [{"b": 1}]}, {"a[0].b": 2, "c.d": 3}) == {"a": [{"b": 2}], "c": {"d": 3}}
    assert changed({"a": 1, "b": [1, 2]}, {"a": None, "b[0]": None}) == {"b": [2]}
    with pytest.raises(KeyError):
        changed({"a": 1}, {"a.b.c": 1})


def test_a_policy_no_server_stores_is_told(tmp_path):
    findings, _ = run(tmp_path, own(OWN) | {"p/policy.yaml": PLAIN.replace("<= 3", "<== 3")})
    assert [(f.rule.code, f.at.file) for f in findings] == [("POL002", "p/policy.yaml")]
    with inside(tmp_path):
        assert [f.rule.code for f in find_suites([Path("none")], (1, 36)).findings] == ["SRC001"]
        (tmp_path / "empty").mkdir()
        with pytest.raises(Halt):
            find_suites([Path("empty")], (1, 36))
