"""Schemas that a kustomization names: lists merge by the keys they say, however they are written."""

import json

import pytest
import yaml

from generator.finding import Halt
from generator.overlay import build, settings
from tests.support.kustomize import by_kustomize
from tests.support.workspace import write

GVK = [{"group": "example.com", "version": "v1", "kind": "Fleet"}]
MERGES = {"x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "name"}
BY_TYPE = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}
BOTH_KEYS = {"x-kubernetes-patch-strategy": "merge", "x-kubernetes-list-map-keys": ["name", "port"]}
PORT = {"type": "object", "properties": {"name": {"type": "string"}, "tags": {"type": "array", **MERGES}}}
REPLACED, MERGED = [["b"]], [["a"], ["b", "x"]]


def ports(**says):
    return {"type": "array", "items": PORT, **says}


def spec(**properties):
    return {"type": "object", "properties": properties}


def fleet(inner, **definitions):
    return {"definitions": {"Fleet": {"x-kubernetes-group-version-kind": GVK, **spec(spec=inner)}, **definitions}}


def ref(name):
    return {"$ref": f"#/definitions/{name}"}


def files(schema, base=None, patch=None):
    base = base or [{"name": "a"}, {"name": "b", "tags": [{"name": "x"}]}]
    fleets = [
        {"apiVersion": "example.com/v1", "kind": "Fleet", "metadata": {"name": "f"}, "spec": {"ports": listed}}
        for listed in (base, patch or [{"name": "b", "port": 9}])
    ]
    return {
        "base.yaml": yaml.safe_dump(fleets[0]),
        "patch.yaml": yaml.safe_dump(fleets[1]),
        "schema.json": json.dumps(schema),
        "kustomization.yaml": "resources: [base.yaml]\npatches: [{path: patch.yaml}]\nopenapi: {path: schema.json}\n",
    }


def shape(body):
    """Names of the items, each with those of its tags, in any order: kustomize puts new ones first."""
    return sorted([one["name"], *(tag["name"] for tag in one.get("tags", ()))] for one in body["spec"]["ports"])


SCHEMAS = {
    "inline": (fleet(spec(ports=ports(**MERGES))), MERGED, MERGED),
    "a reference": (fleet(ref("Spec"), Spec=spec(ports=ports(**MERGES))), MERGED, MERGED),
    "a list of its own": (fleet(spec(ports=ref("Ports")), Ports=ports(**MERGES)), MERGED, MERGED),
    "a chain": (fleet(spec(ports=ref("A")), A=ref("B"), B=ports(**MERGES)), MERGED, MERGED),
    "items": (fleet(spec(ports={"type": "array", "items": ref("Port"), **MERGES}), Port=PORT), MERGED, MERGED),
    "inside itself": (fleet(ref("Spec"), Spec=spec(ports=ports(**MERGES), again=ref("Spec"))), MERGED, MERGED),
    "into a definition": (
        fleet(ref("Whole/properties/inner"), Whole=spec(inner=spec(ports=ports(**MERGES)))),
        MERGED,
        MERGED,
    ),
    "any key": (fleet({"type": "object", "additionalProperties": ports(**MERGES)}), MERGED, MERGED),
    "by list type": (fleet(spec(ports=ports(**BY_TYPE))), REPLACED, MERGED),
    "all of": (fleet({"allOf": [spec(ports=ports(**MERGES))]}), REPLACED, MERGED),
    "says nothing": (fleet(spec(ports=ports())), REPLACED, REPLACED),
    "replaces": (fleet(spec(ports=ports(**{"x-kubernetes-patch-strategy": "replace"}))), REPLACED, REPLACED),
}


@pytest.mark.parametrize(("schema", "theirs", "ours"), SCHEMAS.values(), ids=SCHEMAS)
def test_lists_merge_as_the_schema_says(tmp_path, schema, theirs, ours):
    write(tmp_path, files(schema))
    for compat, expected in ((True, theirs), (False, ours)):
        [found] = build(tmp_path, "over", settings(compat=compat)).objects
        assert shape(found.body) == expected
    [made] = by_kustomize(tmp_path) or [build(tmp_path, "over", settings(compat=True)).objects.resources[0].body]
    assert shape(made) == theirs


def test_several_keys(tmp_path):
    base, patch = (
        [{"name": "a", "port": 1}, {"name": "a", "port": 2}],
        [{"name": "a", "port": 2, "tags": [{"name": "t"}]}],
    )
    write(tmp_path, files(fleet(spec(ports=ports(**BOTH_KEYS))), base, patch))
    for found in (build(tmp_path, "over", settings()).objects.resources[0].body, *(by_kustomize(tmp_path) or ())):
        assert shape(found) == [["a"], ["a", "t"]]


def test_plain_values_are_joined(tmp_path):
    listed = {"type": "array", "items": {"type": "string"}, "x-kubernetes-patch-strategy": "merge"}
    write(tmp_path, files(fleet(spec(ports=listed)), ["x", "y"], ["z"]))
    for found in (build(tmp_path, "over", settings()).objects.resources[0].body, *(by_kustomize(tmp_path) or ())):
        assert sorted(found["spec"]["ports"]) == ["x", "y", "z"]


@pytest.mark.parametrize("key", ["resources", "components"])
def test_a_kustomization_below_may_name_them(tmp_path, key):
    inner = files(fleet(spec(ports=ports(**MERGES))))
    kind = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n" if key == "components" else ""
    below = {"below/schema.json": inner["schema.json"], "below/base.yaml": inner["base.yaml"]}
    below["below/kustomization.yaml"] = f"{kind}resources: [base.yaml]\nopenapi: {{path: schema.json}}\n"
    write(tmp_path, {**below, "patch.yaml": inner["patch.yaml"]})
    write(tmp_path, {"kustomization.yaml": f"{key}: [below]\npatches: [{{path: patch.yaml}}]\n"})
    for compat in (True, False):
        [found] = build(tmp_path, "over", settings(compat=compat)).objects
        assert shape(found.body) == MERGED
    assert [shape(made) for made in by_kustomize(tmp_path) or ()] in ([], [MERGED])


def test_kinds_without_namespaces(tmp_path):
    about = {"x-kubernetes-group-version-kind": GVK[0]}
    schema = {"definitions": {}, "paths": {"/apis/example.com/v1/fleets": {"get": about}}}
    write(tmp_path, files(schema))
    write(tmp_path, {"kustomization.yaml": "resources: [base.yaml]\nnamespace: x\nopenapi: {path: schema.json}\n"})
    found = [build(tmp_path, "over", settings(compat=compat)).objects.resources[0].body for compat in (True, False)]
    for body in (*found, *(by_kustomize(tmp_path) or ())):
        assert "namespace" not in body["metadata"]


WRONG = [
    ({"components": {}}, "is not an OpenAPI v2 document: it has no definitions"),
    ([], "is not an OpenAPI v2 document"),
    ({"definitions": {"Fleet": 7}}, 'the definition "Fleet" is not a mapping'),
    ({"definitions": {"F": {"x-kubernetes-group-version-kind": [{"kind": "F"}]}}}, "without version and kind"),
    ({"definitions": {"F": {"x-kubernetes-group-version-kind": "F"}}}, "without version and kind"),
    (fleet(ref("Nothing")), '"#/definitions/Nothing" in Fleet.spec leads to no schema'),
    (fleet({"$ref": "other.json#/a"}), '"other.json#/a" in Fleet.spec leads to no schema'),
    (fleet(ref("A"), A=ref("A")), "leads to no schema"),
    (fleet(spec(ports=7)), '"ports" of Fleet.spec is not a schema'),
    (fleet({"properties": [1]}), "`properties` of Fleet.spec is not a mapping"),
    (fleet({"oneOf": [spec(ports=ports(**MERGES))]}), "lists that merge are under `oneOf` of Fleet.spec"),
    (fleet(spec(ports=ports(**{"x-kubernetes-patch-strategy": "mergee"}))), "`x-kubernetes-patch-strategy: mergee`"),
    (
        fleet(spec(ports=ports(**{"x-kubernetes-list-type": "mapp"}))),
        "`x-kubernetes-list-type: mapp` of Fleet.spec.ports",
    ),
    (fleet(spec(ports=ports(**{"x-kubernetes-list-type": "map"}))), "is a list of type map without keys"),
    (fleet(spec(ports=ports(**{**BY_TYPE, "x-kubernetes-list-map-keys": "name"}))), "is not a list of field names"),
    (fleet(spec(ports=ports(**{**MERGES, "x-kubernetes-patch-merge-key": 1}))), "is not a field's name"),
]


@pytest.mark.parametrize(("schema", "words"), WRONG)
def test_what_is_not_understood_is_refused(tmp_path, schema, words):
    write(tmp_path, files(schema))
    with pytest.raises(Halt) as halt:
        build(tmp_path, "over", settings())
    [finding] = halt.value.findings
    assert (finding.rule.code, words in finding.message) == ("OVL018", True), finding.message
    assert (finding.at.file, finding.at.line) == ("over/kustomization.yaml", 3)


@pytest.mark.parametrize(
    ("openapi", "words"),
    [
        ("{version: v1.99.0}", 'openapi version "v1.99.0" is not built in'),
        ("{path: schema.json, version: v1.21.2}", "openapi has both a path and a version"),
        ("{path: none.json}", 'no file "none.json"'),
    ],
)
def test_what_kustomize_refuses_as_well(tmp_path, openapi, words):
    write(tmp_path, files(fleet(spec(ports=ports(**MERGES)))))
    write(tmp_path, {"kustomization.yaml": f"resources: [base.yaml]\nopenapi: {openapi}\n"})
    for compat in (True, False):
        with pytest.raises(Halt) as halt:
            build(tmp_path, "over", settings(compat=compat))
        assert words in halt.value.findings[0].message


def test_a_long_chain_of_definitions(tmp_path):
    chain = {f"D{n}": spec(next=ref(f"D{n + 1}")) for n in range(3_000)}
    write(tmp_path, files(fleet(ref("D0"), **chain, D3000=spec(ports=ports(**MERGES)))))
    [found] = build(tmp_path, "over", settings()).objects
    assert shape(found.body) == REPLACED
