"""Rendering: values keep their type, structure comes from templates alone, errors have a line."""

from pathlib import Path
from typing import Any

import pytest

from generator.finding import Finding, Halt
from generator.location import Span
from generator.render import RULES, Limits, Renderer, TemplateFolder

CONTEXT: dict[str, Any] = {
    "name": "off",
    "text": "a: b\n---\n- &x {{7*7}} <&'\">",
    "n": 5,
    "f": 0.25,
    "whole": 3.0,
    "yes": True,
    "nothing": None,
    "words": ["on", "2"],
    "labels": {"app": "gw", "items": "7"},
}


def render(folder: Path, template: str, context: dict[str, Any] | None = None, **more: str) -> list[dict[str, Any]]:
    for name, text in {"t.yaml.j2": template, **more}.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    renderer = Renderer([TemplateFolder(folder, "templates")], Limits(steps=100_000, seconds=5))
    first = renderer.render("t.yaml.j2", CONTEXT if context is None else context)
    for _ in range(14):  # by plan at first, then by code
        assert renderer.render("t.yaml.j2", CONTEXT if context is None else context) == first
    return first


def failure(folder: Path, template: str, context: dict[str, Any] | None = None, **more: str) -> Finding:
    with pytest.raises(Halt) as caught:
        render(folder, template, context, **more)
    (finding,) = caught.value.findings
    assert finding.rule in RULES
    return finding


EXACT = [
    ("a: {{ name }}", {"a": "off"}),
    ("a: {{ text }}", {"a": CONTEXT["text"]}),
    ("a: {{ n }}\nb: {{ f }}\nc: {{ yes }}\nd: {{ nothing }}", {"a": 5, "b": 0.25, "c": True, "d": None}),
    ("a: {{ words }}\nb: {{ labels }}", {"a": ["on", "2"], "b": {"app": "gw", "items": "7"}}),
    ('a: "{{ n }}"\nb: \'{{ text }}\'', {"a": "5", "b": CONTEXT["text"]}),
    ("a: {{ n }}m\nb: x-{{ name }}-{{ f }}-{{ whole }}", {"a": "5m", "b": "x-off-0.25-3"}),
    ("a: {{ n }}{{ n }}", {"a": "55"}),
    ("a: |\n  x {{ text }}\n  y", {"a": f"x {CONTEXT['text']}\ny"}),
    ("{{ text }}: {{ n }}\nx{{ n }}: 1", {CONTEXT["text"]: 5, "x5": 1}),
    ("# {{ text }}\na: 1 # {{ text }}", {"a": 1}),
    ("a: [{{ name }}, {{ n }}, {b: {{ yes }}}]", {"a": ["off", 5, {"b": True}]}),
    ("a:\n{% for w in words %}\n- {{ w }}\n{% endfor %}", {"a": ["on", "2"]}),
    ("a:\n{% for k, v in labels.items() %}\n  {{ k }}: {{ v }}\n{% endfor %}", {"a": {"app": "gw", "items": "7"}}),
    ("{% if yes %}\na: 1\n{% else %}\nb: 2\n{% endif %}", {"a": 1}),
    ("a: {{ text ~ '&<' ~ n }}", {"a": CONTEXT["text"] + "&<5"}),
    ("a: {{ text | upper }}", {"a": CONTEXT["text"].upper()}),
    ("a: {{ words | join('&') }}", {"a": "on&2"}),
    ("a: {{ text | replace('<', '&') }}", {"a": CONTEXT["text"].replace("<", "&")}),
    ("a: {{ labels | tojson }}", {"a": '{"app":"gw","items":"7"}'}),
    ("{% macro m(x) %}{{ x }}-{{ n }}{% endmacro %}\na: {{ m(text) }}", {"a": CONTEXT["text"] + "-5"}),
    ("{% macro m(x) %}{{ x }}{% endmacro %}\na: {{ m(n) }}\nb: {{ m(name) | upper }}", {"a": 5, "b": "OFF"}),
    ("{% macro m() %}\nx: {{ text }}\nz: {{ n }}\n{% endmacro %}\na:\n  {{ m() | indent(2) }}",
     {"a": {"x": CONTEXT["text"], "z": 5}}),
    ("{% macro m() %}<{{ caller() }}>{% endmacro %}\na: {% call m() %}{{ text }}{% endcall %}",
     {"a": f"<{CONTEXT['text']}>"}),
    ("{% set x %}<{{ text }}>{% endset %}\na: {{ x }}\nb: {{ x ~ '&' }}\nc: {{ x == '<' ~ text ~ '>' }}",
     {"a": f"<{CONTEXT['text']}>", "b": f"<{CONTEXT['text']}>&", "c": True}),
    ("{% filter indent(2, true) %}\na: {{ text }}\nb: {{ n }}\n{% endfilter %}", {"a": CONTEXT["text"], "b": 5}),
    ("{% set x %}{{ text }}{% endset %}\na: {{ [x, {'k': x}] }}", {"a": [CONTEXT["text"], {"k": CONTEXT["text"]}]}),
    ("{% set a %}{{ name }}{% endset %}\nb: {{ n }}\na: {{ a }}\nagain: {{ a }}",
     {"b": 5, "a": "off", "again": "off"}),
    ("a: {{ absent | default(n) }}\nb: {{ labels.items }}", {"a": 5, "b": "7"}),
    ("a: {{ '%s-%02d' % (name, n) }}\nb: {{ '{}-{:.2f}-{}'.format(n, f, whole) }}", {"a": "off-05", "b": "5-0.25-3"}),
    ("a:\n{% for w in words if w != 'on' %}\n- {{ loop.index }}{{ w }}\n{% else %}\n- none\n{% endfor %}", {"a": ["12"]}),
    ("a:\n{% for w in [] %}\n- {{ w }}\n{% else %}\n- none\n{% endfor %}", {"a": ["none"]}),
    ("a: [{% for w in words %}{{ w }}{% if not loop.last %}, {% endif %}{% endfor %}]", {"a": ["on", "2"]}),
    ("{% macro m(x, y='d') %}{{ x }}{{ y }}{{ varargs | join }}{{ kwargs | tojson }}{% endmacro %}\na: {{ m(1) }}\nb: {{ m(1, 2, 3, z=4) }}", {"a": "1d{}", "b": '123{"z":4}'}),
    ("{% macro m() %}{% for w in words %}{{ caller(w, loop.index) }}{% endfor %}{% endmacro %}\na:\n{% call(w, i) m() %}\n- {{ w }}: {{ i }}\n{% endcall %}", {"a": [{"on": 1}, {"2": 2}]}),
    ("{% set x, y = words %}\na: {{ y }}{{ x }}\n{% with z = n %}\nb: {{ z }}\n{% endwith %}", {"a": "2on", "b": 5}),
    ("{% set ns = namespace(x=1) %}{% for w in words %}{% set ns.x = ns.x + 1 %}{% endfor %}\na: {{ ns.x }}", {"a": 3}),
    ("a: {{ 'x' if n > 3 and 'on' in words else 'y' }}\nb: {{ n // 2 - 1 }}\nc: {{ 7 / 2 }}", {"a": "x", "b": 1, "c": 3.5}),
    ("{% include 'absent' ignore missing %}\na: {{ absent is defined }}", {"a": False}),
    ("a: {{ labels.keys() }}\nb: {{ range(3) }}", {"a": ["app", "items"], "b": [0, 1, 2]}),
    ("a: {{ f | round(1) }}\nb: {{ '%s<%s' | format(n, text) }}", {"a": 0.2, "b": "5<" + CONTEXT["text"]}),
    ("a: {{ (1, 2) }}\nb: {{ words | map('upper') }}", {"a": [1, 2], "b": ["ON", "2"]}),
]  # fmt: skip


@pytest.mark.parametrize(("template", "expected"), EXACT, ids=[template for template, _ in EXACT])
def test_values_arrive_exactly(tmp_path: Path, template: str, expected: dict[str, Any]) -> None:
    (document,) = render(tmp_path, template)
    assert document == expected
    assert repr(document) == repr(expected)  # types too, and the order of keys


class Traced(str):
    """A text that knows where it is from."""

    __slots__ = ("origin",)


def test_leaves_may_know_where_they_are_from(tmp_path: Path) -> None:
    value = Traced("on")
    template = "a: {{ d.v }}\nb: {{ d }}\nc: x{{ d.v }}\n{{ d.v }}: {{ d.v ~ '&' }}\n{% macro m(x) %}{{ x }}{% endmacro %}\nd: {{ m(d.v) }}"
    (document,) = render(tmp_path, template, {"d": {"v": value}})
    assert document["a"] is document["b"]["v"] is document["d"] is value
    assert document == {"a": "on", "b": {"v": "on"}, "c": "xon", "on": "on&", "d": "on"}


def test_imports_see_the_context_when_they_ask_for_it(tmp_path: Path) -> None:
    macros = "{% macro m(x) %}{{ x }}-{{ name }}{% endmacro %}"
    template = (
        "{% from 'm' import m with context %}\na: {{ m(n) }}\n{% import 'm' as k with context %}\nb: {{ k.m(text) }}"
    )
    assert render(tmp_path, template, m=macros) == [{"a": "5-off", "b": CONTEXT["text"] + "-off"}]
    finding = failure(tmp_path, "{% from 'm' import m %}\na: {{ m(n) }}", m="\n" + macros)
    assert (finding.rule.name, str(finding.at)) == ("name-undefined", "templates/m:2:28")


def test_lines_are_known_through_macros_and_indents(tmp_path: Path) -> None:
    macros = "{% macro m() %}\nx: 1\n bad: {{ n }}\n{% endmacro %}"
    finding = failure(tmp_path, "{% from 'm' import m with context %}\na:\n  {{ m() | indent(2) }}\n", m=macros)
    assert (finding.rule.name, str(finding.at)) == ("skeleton-broken", "templates/m:3:2")


def test_a_finding_says_so_when_no_line_is_known(tmp_path: Path) -> None:
    finding = failure(tmp_path, "{% set s %}  a: [{% endset %}\n{{ s | trim }}")
    assert (finding.rule.name, str(finding.at)) == ("skeleton-broken", "templates/t.yaml.j2")
    assert "the line of the template could not be found" in finding.hint


def test_includes_are_text(tmp_path: Path) -> None:
    (document,) = render(tmp_path, "a:\n{% include 'i' %}\nb: {{ n }}", i="- {{ text }}\n- {{ n }}\n")
    assert document == {"a": [CONTEXT["text"], 5], "b": 5}


def test_documents_are_separated_and_empty_ones_dropped(tmp_path: Path) -> None:
    assert render(tmp_path, "---\na: {{ n }}\n---\n# nothing\n---\n{{ nothing }}\n---\nb: 1\n") == [{"a": 5}, {"b": 1}]


BROKEN = [
    ("a: 1\nb: {{ nmae }}", "name-undefined", 2, "name"),
    ("a: 1\nb: {{ labels.apq }}", "name-undefined", 2, "app"),
    ("a: {{ labels.apq.x }}", "name-undefined", 1, "app"),
    ("a: 1\n{% for x in %}", "template-syntax", 2, ""),
    ("a: 1\n{% block x %}{% endblock %}", "template-syntax", 2, ""),
    ("a: {{ n | lipsum }}", "template-syntax", 1, ""),
    ("a:\n  b: {{ n }}\n c: 1\n", "skeleton-broken", 3, ""),
    ("a: 1\nb: 1\na: {{ n }}", "skeleton-broken", 3, ""),
    ("a: 1\nb: x{{ yes }}", "value-not-text", 2, "alone"),
    ("a: 1\nb: x{{ nothing }}", "value-not-text", 2, "alone"),
    ('a: 1\nb: "{{ words }}"', "value-not-text", 2, "alone"),
    ("a: {{ 'x' ~ yes }}", "value-not-text", 1, ""),
    ("a: 1\n{{ n }}: 1", "key-unfit", 2, ""),
    ("a: 1\noff: 2\n{{ name }}: 3\n" .replace("off", '"off"'), "key-unfit", 3, ""),
    ("a: {{ range }}", "value-not-data", 1, ""),
    ("a: 1\n---\n- {{ n }}", "document-not-object", 3, ""),
    ("a: 1\n---\n{{ n }}", "document-not-object", 3, ""),
    ("a: \xad", "character-reserved", 1, ""),
    ("{% include 'none.j2' %}", "template-missing", 1, ""),
    ("a: {{ n.real }}", "template-unsafe", 1, ""),
    ("a: 1\nb: {{ [n, {'k': nmae}] }}", "name-undefined", 2, "name"),
    ("a: 1\nb: {{ '%r' % name }}", "template-failed", 2, ""),
    ("a: 1\nb: {{ '{!r}'.format(name) }}", "template-failed", 2, ""),
    ("a: 1\nb: {{ '{}'.format(words) }}", "value-not-text", 2, ""),
    ("a: 1\nb: {{ '%s' % yes }}", "value-not-text", 2, ""),
    ("a: 1\nb: {{ n + 'x' }}", "template-failed", 2, ""),
]  # fmt: skip


@pytest.mark.parametrize(("template", "rule", "line", "hint"), BROKEN, ids=[case[0] for case in BROKEN])
def test_errors_have_a_rule_and_a_line(tmp_path: Path, template: str, rule: str, line: int, hint: str) -> None:
    finding = failure(tmp_path, template)
    assert (finding.rule.name, finding.at.file, finding.at.line) == (rule, "templates/t.yaml.j2", line)
    assert hint in finding.hint
    assert finding.message
    assert "\xad" not in finding.message


def test_findings_name_the_item(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("a: {{ absent }}")
    renderer = Renderer([TemplateFolder(tmp_path, "templates")])
    at = Span("spec.yaml", 7, 3)
    with pytest.raises(Halt) as caught:
        renderer.render("t", {}, subject="VirtualMachine vpn/gw", at=at)
    (finding,) = caught.value.findings
    assert finding.subject == "VirtualMachine vpn/gw"
    assert finding.notes[-1].at == at
