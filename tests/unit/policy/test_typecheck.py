"""Types of a policy's expressions: what we say is what the server's type checker said of the same policies.

`tests.e2e.apiserver.record_types` recorded it. The schemas are those of Kubernetes 1.36, our own of KubeVirt, and a CRD.
"""

import json
from collections.abc import Iterator

import pytest

from generator.cel import INT
from generator.finding import Severity
from generator.manifest import Manifest, identify
from generator.pipeline.policies import load_policies
from generator.pipeline.policy_types import rendered_type_findings, type_findings
from generator.policy.declared import DeclaredTypes, escaped
from generator.policy.model import read_policy
from generator.policy.problem import field_path
from generator.policy.typecheck import Kind, Mistyped, mistyped
from generator.schema import SchemaSources, SchemaStore
from generator.source import Dialect, read_documents
from tests.e2e.apiserver.typed_policies import CRD, POLICIES
from tests.support.workspace import REPOSITORY

RECORDED = json.loads((REPOSITORY / "tests" / "data" / "policy_types.json").read_text("utf-8"))["warnings"]
STORE = SchemaStore(SchemaSources(crds=(CRD,)))


def checked(policy) -> list[Mistyped]:
    return mistyped(
        read_policy(policy),
        (1, 36),
        lambda group, version, resource: STORE.kind_of(group, version, resource, "1.36"),
        lambda kind: STORE.schema_of(kind.api_version, kind.kind, "1.36"),
    )


def named(kind: Kind) -> str:
    return f"{kind.group}/{kind.version}, Kind={kind.kind}"


def lines(label: str) -> Iterator[tuple[str, str]]:
    """The warnings of a policy, one for each kind."""
    for field, text in RECORDED[label].items():
        for warning in filter(None, text.split("\n\n")):
            yield field, warning.strip()


@pytest.mark.parametrize("label", POLICIES)
def test_what_is_wrong_is_what_the_server_says(label):
    ours = {
        (field_path(one.path), f"{named(one.kind)}: {one.text}")
        for one in checked(POLICIES[label])
        if one.path[1] == "validations"
    }
    assert ours == set(lines(label))


def policy(expression="true", resources=("deployments",), group="apps", **spec):
    rule = {"apiGroups": [group], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": list(resources)}
    validations = [{"expression": expression}]
    whole = {"matchConstraints": {"resourceRules": [rule]}, "validations": validations, **spec}
    return {"metadata": {"name": "p"}, "spec": whole}


def said(data) -> list[tuple[str, str, str]]:
    return [(field_path(one.path), one.kind.kind, one.issue.message) for one in checked(data)]


@pytest.mark.parametrize(
    "expression",
    [
        "object.spec.template.spec.containers.all(c, has(c.resources.requests) && c.resources.limits['cpu'] == '1')",
        "object.metadata.managedFields.all(m, m.fieldsV1.x == 1)",
        "authorizer.requestResource.check('get').allowed()",
        "dyn(object).spec.nope == 1",
    ],
)
def test_what_no_schema_describes_is_not_reported(expression):
    assert said(policy(expression)) == []


def test_what_is_below_unknown_fields_is_not_reported():
    known = "object.spec.template.metadata.labels.app == 'x' && object.spec.template.metadata.annotations == {}"
    machines = policy(known, ["virtualmachines"], "kubevirt.io")
    assert said(machines) == []
    assert said(policy("object.spec.open.any.thing == 1", ["typeds"], "x.io")) == []


_VARIABLE = [{"name": "v", "expression": "object.spec.nope"}]


def test_variables_conditions_and_annotations_are_checked_for_what_no_kind_has():
    condition = [{"name": "c", "expression": "object.spec.nope == 1"}]
    annotation = [{"key": "k", "valueExpression": "string(object.spec.nope)"}]
    data = policy(variables=_VARIABLE, matchConditions=condition, auditAnnotations=annotation)
    assert [place for place, _, _ in said(data)] == [
        "spec.matchConditions[0].expression",
        "spec.variables[0].expression",
        "spec.auditAnnotations[0].valueExpression",
    ]


@pytest.mark.parametrize(
    ("resources", "found"),
    [
        (["deployments", "statefulsets"], 2),
        (["deployments", "nobody-knows"], 0),
        (["deployments", "*"], 0),
        (["deployments", "deployments/scale"], 1),
    ],
)
def test_a_variable_is_reported_where_all_kinds_of_the_policy_are_known(resources, found):
    assert len(said(policy(variables=_VARIABLE, resources=resources))) == found


def test_a_variable_that_looks_at_the_kind_first_is_right():
    text = "object.kind == 'Job' ? object.spec.completions : object.spec.replicas"
    variables = [{"name": "v", "expression": text}]
    rules = [
        {"apiGroups": [group], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": [name]}
        for group, name in (("batch", "jobs"), ("apps", "deployments"))
    ]
    data = policy(variables=variables, matchConstraints={"resourceRules": rules})
    assert said(data) == []


TEXT = """apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}
  validations:
    - expression: object.spec.replicass < 3
    - expression: |-
        object.spec.replicas < 3 &&
        object.spec.paused == 'no'
    - expression: object.spec.replicas < 3
      messageExpression: "'has ' + object.spec.replicas"
"""


def test_a_finding_is_at_its_place_in_the_expression_and_names_the_nearest_field():
    document = read_documents(TEXT.encode(), "p.yaml", Dialect.KUBERNETES)[0]
    found = list(type_findings(document, STORE, "1.36"))
    assert [(one.at.line, one.at.column) for one in found] == [(9, 30), (12, 28), (14, 34)]
    assert [one.severity or one.rule.severity for one in found] == [Severity.WARNING] * 3
    start = "spec.validations[0].expression does not fit apps/v1 Deployment: undefined field 'replicass'"
    assert (found[0].message, found[0].hint) == (start, 'did you mean "replicas"?')
    assert "'_==_' applied to '(bool, string)'" in found[1].message
    assert found[1].hint.startswith("write an expression for the types that the schema of apps/v1 Deployment has")


@pytest.mark.parametrize(
    ("template", "overlays", "file"),
    [("a.yaml.j2", (), "templates/a.yaml.j2"), ("", ("overlays/dev/p.yaml",), "overlays/dev/p.yaml")],
)
def test_a_policy_of_a_template_or_an_overlay_is_reported_at_its_file(template, overlays, file):
    data = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy"}
    data |= policy("object.spec.replicass == 1")
    manifest = Manifest(identify(data), data, template, (), overlays)
    (found,) = rendered_type_findings([manifest], [], STORE, "1.36")
    assert (found.at.file, found.hint) == (file, 'did you mean "replicas"?')
    assert list(rendered_type_findings([manifest], ["p"], STORE, "1.36")) == []


def test_the_policies_of_the_pack_fit_their_kinds():
    found = [
        finding.message
        for one in load_policies(None)
        if not one.of_bundle
        for finding in type_findings(one.policy, STORE, "1.36")
    ]
    assert found == []


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("name", "name"),
        ("x-y", "x__dash__y"),
        ("a.b/c", "a__dot__b__slash__c"),
        ("a__b", "a__underscores__b"),
        ("namespace", "__namespace__"),
        ("in", "__in__"),
        ("1a", None),
        ("a b", None),
        ("", None),
    ],
)
def test_what_a_field_is_called(name, called):
    assert escaped(name) == called


def test_types_are_made_only_where_they_are_looked_at():
    class Once(dict[str, object]):
        def __getitem__(self, key: str) -> object:
            assert key == "seen"
            return super().__getitem__(key)

    properties = Once({"seen": {"type": "integer"}, "unseen": {"type": "object"}})
    types = DeclaredTypes()
    kind = types.kind("K", {"properties": properties})
    assert types[kind.name]["seen"] == INT
    assert set(types[kind.name]) == {"seen", "unseen", "apiVersion", "kind", "metadata"}
