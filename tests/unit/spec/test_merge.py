"""Overlays over a spec: RFC 7386, lists of named things by name, places kept."""

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
