"""Overlays over a spec: RFC 7386, lists of named things by name, places kept."""

import copy

import pytest

from generator.finding import Halt
from generator.source import read_documents
from generator.spec import rules
from generator.spec.merge import Layer, merge, merge_plain
from generator.spec.origin import Origin


def layer(text, file):
    (document,) = read_documents(text, file)
    return Layer(document.data, Origin(document))


def merged(base, over):
    return merge(layer(base, "base.yaml"), layer(over, "over.yaml"))


@pytest.mark.parametrize(
    ("base", "over", "result"),
    [
        ("a: 1\nb: 2", "b: 3\nc: 4", {"a": 1, "b": 3, "c": 4}),
        ("a: {b: 1, c: 2}", "a: {c: null}", {"a": {"b": 1}}),
        ("a: [1, 2]", "a: [3]", {"a": [3]}),
        (
            "a: [{name: x, v: 1}, {name: z}]",
            "a: [{name: z, v: 2}]",
            {"a": [{"name": "x", "v": 1}, {"name": "z", "v": 2}]},
        ),
        ("a: [{name: x}]", "a: [{name: z, $patch: add}]", {"a": [{"name": "x"}, {"name": "z"}]}),
        ("a: [{name: x}, {name: z}]", "a: [{name: x, $patch: delete}]", {"a": [{"name": "z"}]}),
        ("a: [{name: x, v: 1}]", "a: [{name: x, w: 2, $patch: replace}]", {"a": [{"name": "x", "w": 2}]}),
        (
            "a: [{name: x, namespace: na, v: 1}, {name: x, namespace: mb, v: 2}]",
            "a: [{name: x, namespace: mb, v: 3}]",
            {"a": [{"name": "x", "namespace": "na", "v": 1}, {"name": "x", "namespace": "mb", "v": 3}]},
        ),
        (
            "a: [{name: x, l: [{name: p}]}]",
            "a: [{name: x, l: [{name: p, q: 1}]}]",
            {"a": [{"name": "x", "l": [{"name": "p", "q": 1}]}]},
        ),
        ("a: 1", "a: {b: {c: null, d: 1}}", {"a": {"b": {"d": 1}}}),
        ("a: {x: 1}", "a: 5", {"a": 5}),
    ],
)
def test_merge(base, over, result):
    assert merged(base, over).data == result


@pytest.mark.parametrize(
    ("over", "rule", "text"),
    [
        ("a: [{name: vpn-gatewy}]", rules.NO_MATCH, "vpn-gateway"),
        ("a: [{name: x, namespace: other}]", rules.NO_MATCH, "add"),
        ("a: [{name: twice}]", rules.AMBIGUOUS, "namespace"),
        ("a: [{name: x, $patch: add}]", rules.ALREADY_THERE, "merge"),
        ("a: [{name: gone, $patch: delete}]", rules.NO_MATCH, ""),
        ("b: null", rules.NO_MATCH, ""),
    ],
)
def test_what_meets_nothing_is_an_error_at_its_line(over, rule, text):
    base = (
        "a: [{name: vpn-gateway}, {name: x, namespace: na}, {name: twice, namespace: na}, {name: twice, namespace: mb}]"
    )
    with pytest.raises(Halt) as halted:
        merged(base, over)
    (finding,) = halted.value.findings
    assert (finding.rule, finding.at.file, finding.at.line) == (rule, "over.yaml", 1)
    assert text in finding.hint


def test_every_value_knows_which_file_wrote_it():
    result = merged(
        "a:\n- {name: x, v: 1, w: 1}\n- {name: z}\n", "a:\n- {name: x, $patch: delete}\n- name: z\n  v: 2\n"
    )
    assert result.data == {"a": [{"name": "z", "v": 2}]}
    assert str(result.origin.span(("a", 0, "name"))).startswith("over.yaml:3")
    assert str(result.origin.span(("a", 0))) == "base.yaml:3:3"
    assert str(result.origin.span(("a", 0, "v"))) == "over.yaml:4:6"


def test_the_base_is_not_changed():
    base = layer("a: [{name: x, v: {w: 1}}]", "base.yaml")
    merge(base, layer("a: [{name: x, v: {w: 2}}]", "over.yaml"))
    assert base.data == {"a": [{"name": "x", "v": {"w": 1}}]}


def test_plain_merge_adds_what_meets_nothing():
    base = {"devices": {"disks": [{"name": "root", "disk": {"bus": "virtio"}}]}}
    over = {"devices": {"disks": [{"name": "root", "disk": {"bus": "sata"}}, {"name": "more"}], "rng": {}}}
    assert merge_plain(base, over) == {
        "devices": {"disks": [{"name": "root", "disk": {"bus": "sata"}}, {"name": "more"}], "rng": {}}
    }
    assert merge_plain({"a": 1, "b": 2}, {"b": None}) == {"a": 1}


@pytest.mark.parametrize(
    ("base", "over", "result"),
    [
        ({}, {"a": {"b": None, "c": 1}}, {"a": {"c": 1}}),
        ({"a": 1}, {"a": [{"b": None}]}, {"a": [{}]}),
        (
            {"l": [{"name": "x", "namespace": "a"}, {"name": "x", "namespace": "b"}]},
            {"l": [{"name": "x", "v": 1}]},
            {"l": [{"name": "x", "namespace": "a", "v": 1}, {"name": "x", "namespace": "b"}]},
        ),
        (
            {"l": [{"name": "x", "namespace": "a"}, {"name": "x", "namespace": "b"}]},
            {"l": [{"name": "x", "namespace": "b", "v": 1}]},
            {"l": [{"name": "x", "namespace": "a"}, {"name": "x", "namespace": "b", "v": 1}]},
        ),
        ({"l": [{"name": "x", "v": 1}]}, {"l": [{"name": "x", "w": 2, "$patch": "replace"}]}, {"l": [{"name": "x", "w": 2}]}),
        ({"l": [{"name": "x"}, {"name": "y"}]}, {"l": [{"name": "x", "$patch": "delete"}]}, {"l": [{"name": "y"}]}),
        ({"l": [{"name": ["odd"]}]}, {"l": [{"name": {"odd": 1}}]}, {"l": [{"name": ["odd"]}, {"name": {"odd": 1}}]}),
        ({"l": [1]}, {"l": [{"name": "x"}]}, {"l": [{"name": "x"}]}),
    ],
)  # fmt: skip
def test_plain_merge_loses_nothing(base, over, result):
    before = copy.deepcopy(base)
    assert merge_plain(base, over) == result
    assert base == before


@pytest.mark.parametrize(
    ("base", "over", "place"),
    [
        ("{name: x, v: 1}", "{name: x, namespace: default, v: 2}", 0),  # what says nothing is in default
        ("{name: x, namespace: default, v: 1}", "{name: x, v: 2}", 0),
        ("{name: x, namespace: lab, v: 1}", "{name: x, v: 2}", 0),  # without a namespace the only one is meant
        ("{name: x, namespace: lab, v: 1}", "{name: x, namespace: default, $patch: add, v: 2}", 1),
    ],
)
def test_an_item_without_a_namespace_is_in_default(base, over, place):
    result = merged(f"a: [{base}]", f"a: [{over}]").data["a"]
    assert [item.get("v") for item in result] == ([2] if place == 0 else [1, 2])
