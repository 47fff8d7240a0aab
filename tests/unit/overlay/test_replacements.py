"""Replacements: what they write, into what, and what they refuse with which words."""

import json

import pytest

from generator.finding import Halt
from generator.overlay import build, settings
from tests.support.workspace import write

SOURCE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: src}
data: {v: val, n: '5'}
x: {i: 7, f: 1.50, m: {a: 1}}
---
"""


def built(tmp_path, target, path, options="{}", source="data.v", *, compat=False):
    """The object `t` after one replacement; `target` is what it holds."""
    kustomization = f"""\
resources: [all.yaml]
replacements:
  - source: {{kind: ConfigMap, name: src, fieldPath: {source}}}
    targets:
      - select: {{kind: Thing}}
        fieldPaths: ['{path}']
        options: {options}
"""
    text = f"{SOURCE}apiVersion: e/v1\nkind: Thing\nmetadata: {{name: t}}\n{target}\n"
    write(tmp_path, {"over/kustomization.yaml": kustomization, "over/all.yaml": text})
    state = build(tmp_path / "over", "over", settings(compat=compat))
    return next(one.body for one in state.objects if one.name == "t")


@pytest.mark.parametrize("compat", [False, True])
@pytest.mark.parametrize(
    ("target", "path", "source", "expected"),
    [
        ("spec: {a: s}", "spec.a", "x.f", {"a": "1.50"}),
        ("spec: {a: 3}", "spec.a", "data.n", {"a": 5}),
        ("spec: {a: 1.5}", "spec.a", "x.i", {"a": 7}),
        ("spec: {a: {b: 1}}", "spec.a", "data.n", {"a": "5"}),
        ("spec: {}", "spec.a", "data.n", {"a": 5}),
        ("spec: {}", "spec.tmpl.0.x", "data.v", {"tmpl": [{"x": "val"}]}),
        ("spec: {l: [a]}", "spec.l.1", "data.v", {"l": ["a", "val"]}),
        ("spec: {o: [{name: x}, {name: y}]}", "spec.o.*.[a.b]", "data.v",
         {"o": [{"name": "x", "a.b": "val"}, {"name": "y", "a.b": "val"}]}),
        ("spec: {}", "spec.o.[name=x].v", "x.m", {"o": [{"name": "x", "v": {"a": 1}}]}),
    ],
)  # fmt: skip
def test_what_is_written(tmp_path, target, path, source, expected, compat):
    assert built(tmp_path, target, path, "{create: true}", source, compat=compat)["spec"] == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("{delimiter: ':', index: 0}", "val:b"),
        ("{delimiter: ':', index: -1}", "val:a:b"),
        ("{delimiter: ':', index: 9}", "a:b:val"),
    ],
)
def test_a_part_of_a_text(tmp_path, options, expected):
    assert built(tmp_path, "spec: {a: 'a:b'}", "spec.a", options)["spec"] == {"a": expected}


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ('{"db": {"host": "R", "port": 5432}}', "db.host", '{"db":{"host":"val","port":5432}}'),
        ('{\n  "b": {"host": "<R>"},\n  "a": []\n}', "b.host", '{\n  "a": [],\n  "b": {\n    "host": "val"\n  }\n}'),
        ('db:\n    host: "x"   # which\n    l:\n      - a\n\n# more\ny: 0x1F\n', "db.host",
         'db:\n  host: "val" # which\n  l:\n  - a\n# more\ny: 0x1F'),
        ("- name: x\n  v: 'q'\n- a\n", "[name=x].v", "- name: x\n  v: 'val'\n- a"),
        ("db: {l: [1]}\n", "db.l.1", "db: {l: [1, val]}"),
        ("db:\n  host: x\n", "db.new.0.a", "db:\n  host: x\n  new:\n  - a: val"),
    ],
)  # fmt: skip
def test_into_the_text_of_a_field(tmp_path, text, path, expected):
    made = built(tmp_path, f"data: {{c.d: {json.dumps(text)}}}", f"data.[c.d].{path}", "{create: true}")
    assert made["data"]["c.d"] == expected


@pytest.mark.parametrize(
    ("target", "path", "source", "words"),
    [
        ("spec: {replicas: 3}", "spec.replicas", "data.v", 'it holds a whole number, and "val" is not one'),
        ("spec: {a: s}", "spec.a", "x.m", "it is a plain value, and the source is a mapping"),
        ("spec: {abc: s}", "spec.abd", "data.v", 'Thing t has no field "spec.abd": it is missing'),
        ("spec: {l: [a]}", "spec.l.-", "data.v", '"-" is not an index of a list'),
        ("spec: {l: [a]}", "spec.l.4", "data.v", "there is no item 4: the list has 1 item"),
        ("spec: {m: {a: b}}", "spec.m.*", "data.v", '"*" needs a list, and there is a mapping'),
        ("data: {c: hello}", "data.c.x", "data.v", '"x" needs a mapping, and there is a plain value'),
        ('data: {c: "a: 1\\n---\\nb: 2"}', "data.c.a", "x.i", '"data.c" holds 2 documents'),
        ('data: {c: "a: &x {b: 1}\\nd: *x"}', "data.c.a.b", "x.i", 'it has the anchor "x"'),
        ("spec: {}", "spec.a", "data.gone", 'field "data.gone" of ConfigMap src is missing or empty'),
    ],
)
def test_what_is_refused(tmp_path, target, path, source, words):
    with pytest.raises(Halt) as caught:
        built(tmp_path, target, path, source=source)
    [finding] = caught.value.findings
    assert finding.rule.code == "OVL016"
    assert words in finding.message
    assert finding.hint


def test_a_namespace_that_is_not_written_is_none(tmp_path):
    target = "select: {kind: Thing, namespace: default}\n        fieldPaths: [spec.a]"
    kustomization = "resources: [all.yaml]\nreplacements:\n  - sourceValue: new\n    targets:\n      - "
    thing = "apiVersion: e/v1\nkind: Thing\nmetadata: {name: t}\nspec: {a: old}\n"
    write(tmp_path, {"over/kustomization.yaml": f"{kustomization}{target}\n", "over/all.yaml": thing})
    state = build(tmp_path / "over", "over", settings())
    assert [one.body["spec"]["a"] for one in state.objects] == ["old"]


@pytest.mark.parametrize("options", ["{}", "{delimiter: ':', index: 1}"])
def test_a_part_of_a_secret_is_not_shown(tmp_path, options):
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {p: 'user:hunter2'}\n"
    thing = "apiVersion: e/v1\nkind: Thing\nmetadata: {name: t}\nspec: {a: 3}\n"
    kustomization = f"""\
resources: [all.yaml]
replacements:
  - source: {{kind: Secret, fieldPath: stringData.p, options: {options}}}
    targets: [{{select: {{kind: Thing}}, fieldPaths: [spec.a]}}]
"""
    write(tmp_path, {"over/kustomization.yaml": kustomization, "over/all.yaml": f"{secret}---\n{thing}"})
    with pytest.raises(Halt) as caught:
        build(tmp_path / "over", "over", settings())
    assert "hunter2" not in str(caught.value)
    assert "it holds a whole number" in caught.value.findings[0].message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- x", "the replacement is not a mapping"),
        ("text", "the replacement is not a mapping"),
        ("- null", "the replacement is empty"),
        ("- {source: {kind: ConfigMap}, targets: [x]}", "an item of `targets` is not a mapping"),
        ("- {sourceValue: v, targets: [{select: {kind: A}, options: {index: a}}]}", "`index` is not a whole number"),
        ("- {sourceValue: v, targets: []}", "the replacement has no targets"),
    ],
)
def test_replacements_in_a_file_of_their_own_are_checked(tmp_path, text, words):
    kustomization = "resources: [all.yaml]\nreplacements: [{path: r.yaml}]\n"
    write(tmp_path, {"over/kustomization.yaml": kustomization, "over/all.yaml": SOURCE[:-4], "over/r.yaml": text})
    with pytest.raises(Halt) as caught:
        build(tmp_path / "over", "over", settings())
    assert words in caught.value.findings[0].message
