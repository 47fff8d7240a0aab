"""The sandbox: no way out of plain data, no way to work or write without end."""

import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from generator.finding import Finding, Halt
from generator.render import Limits, Renderer, TemplateFolder

LIMITS = Limits(steps=200_000, characters=4_000_000, seconds=3)
CONTEXT: dict[str, Any] = {
    "s": "text",
    "n": 3,
    "xs": ["a", "b"],
    "d": {"k": "v"},
    "big": 10**9,
    "deep": {"children": [{"children": []}]},
}


def render(folder: Path, template: str, **more: str) -> list[dict[str, Any]]:
    for name, text in {"t": template, **more}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return Renderer([TemplateFolder(folder, "templates")], LIMITS).render("t", CONTEXT)


def failure(folder: Path, template: str, **more: str) -> Finding:
    with pytest.raises(Halt) as caught:
        render(folder, template, **more)
    (finding,) = caught.value.findings
    return finding


ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''['__class__'] }}",
    "{{ s.__class__.__mro__ }}",
    "{{ xs.__init__.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m._func }}",
    "{% macro m() %}{% endmacro %}{{ m._environment }}",
    "{{ '{0.__class__}'.format(s) }}",
    "{{ '{0.__class__.__mro__}'.format_map({'0': s}) }}",
    "{{ '{x.__class__}'.format(x=n) }}",
    "{{ '{0[__class__]}'.format(d) }}",
    "{{ s | attr('format') }}",
    "{{ s | attr('__class__') }}",
    "{{ ['__class__'] | map('attr', s) | list }}",
    "{{ [s] | map(attribute='__class__') | list }}",
    "{{ [s] | sort(attribute='__class__') }}",
    "{{ [d] | sum(attribute='__class__') }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ joiner }}",
    "{{ lipsum() }}",
    "{{ self._TemplateReference__context }}",
    "{{ self.__init__ }}",
    "{{ range.__self__ }}",
    "{{ namespace.__init__ }}",
    "{{ dict.fromkeys(xs) }}",
    "{{ loop }}",
    "{% for x in xs %}{{ loop._iterator }}{% endfor %}",
    "{% for x in xs %}{{ loop.__class__ }}{% endfor %}",
    "{{ xs.append(1) }}",
    "{{ xs.pop() }}",
    "{{ xs.sort() }}",
    "{{ d.update({'x': 1}) }}",
    "{{ d.setdefault('x', 1) }}",
    "{{ d.clear() }}",
    "{{ d.pop('k') }}",
    "{{ n.real }}",
    "{{ n.to_bytes(4) }}",
    "{{ s.encode() }}",
    "{{ s.translate({}) }}",
    "{{ caller.__closure__ }}",
    "{{ (xs | map('upper')).gi_frame }}",
    "{% import 'm' as m %}{{ m.__dict__ }}",
    "{% import 'm' as m %}{{ m._body_stream }}",
    "{% set ns = namespace() %}{{ ns._Namespace__attrs }}",
    "{{ environment }}",
    "{{ [environment] }}",
    "{{ context }}",
    "{{ xs | random }}",
    "{{ xs | pprint }}",
    "{{ s | e }}",
    "{{ s | safe }}",
    "{% autoescape true %}{{ s }}{% endautoescape %}",
    "{% include '/etc/hostname' %}",
    "{% include '../t' %}",
    "{% include 'a/../t' %}",
    "{% include './t' %}",
    "{% include '' %}",
    "{% include '\\x00' %}",
]


@pytest.mark.parametrize("template", ESCAPES)
def test_no_escape(tmp_path: Path, template: str) -> None:
    assert failure(tmp_path, "a: " + template, m="{% macro x() %}{% endmacro %}").at.file == "templates/t"
    assert CONTEXT["xs"] == ["a", "b"]
    assert CONTEXT["d"] == {"k": "v"}


BOMBS = [
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{% for a in range(999) %}{% for b in range(999) %}{{ b }}{% endfor %}{% endfor %}",
    "{{ range(10 ** 18) | list }}",
    "{{ range(10 ** 100) | list }}",
    "{% for a in range(10 ** 9) %}{% endfor %}",
    "{{ 'a' * 10 ** 9 }}",
    "{{ 10 ** 9 * 'a' }}",
    "{{ xs * big }}",
    "{{ (1,) * big }}",
    "{{ 2 ** (10 ** 10) }}",
    "{{ 2 ** 100000 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '%*d' % (big, 1) }}",
    "{{ '%.1000000000f' % 1.0 }}",
    "{{ '%1000000000d' | format(1) }}",
    "{{ '{:1000000000d}'.format(1) }}",
    "{{ '{:{w}d}'.format(1, w=big) }}",
    "{{ 'a'.ljust(big) }}",
    "{{ 'a'.rjust(big) }}",
    "{{ 'a'.center(big) }}",
    "{{ 'a' | center(big) }}",
    "{{ '1'.zfill(big) }}",
    "{{ '\\t'.expandtabs(big) }}",
    "{{ 'a\\nb' | indent(big) }}",
    "{{ 'aaaa'.replace('', 'b' * 3000000) }}",
    "{{ 'aaaa' | replace('a', 'b' * 3000000) }}",
    "{{ ('b' * 3000000).join(xs * 20) }}",
    "{{ xs | join('b' * 3999999) }}",
    "{{ xs | map('center', big) | list }}",
    "{% set ns = namespace(x='aaaaaaaa') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
    "{% set ns = namespace(x='aaaaaaaa') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "{% set ns = namespace(x=3) %}{% for i in range(60) %}{% set ns.x = ns.x * ns.x %}{% endfor %}",
    "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x %}{{ ns.x }}{{ ns.x }}z{% endset %}{% endfor %}",
    "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
    "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}",
    "{% set n = namespace(x=1, y=1) %}{% for i in range(60) %}{% set n.x = (n.x, n.x) %}{% set n.y = (n.y, n.y) %}{% endfor %}{{ n.x == n.y }}",
    "{% set ns = namespace(x={}) %}{% for i in range(60) %}{% set ns.x = {'a': ns.x, 'b': ns.x} %}{% endfor %}{{ ns.x }}",
    "{% set ns = namespace(x={}) %}{% for i in range(60) %}{% set ns.x = dict(a=ns.x, b=ns.x) %}{% endfor %}{{ ns.x }}",
    "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x] * 2 %}{% endfor %}{{ ns.x }}",
    "{% macro m() %}{{ m(varargs, varargs) }}{% endmacro %}{{ m(1) }}",
    "{{ ('a' * 3000000).split('') }}{{ ('a ' * 1500000).split() }}",
    "{{ 1.5 | round(1000000000, 'ceil') }}",
    "{{ ('%9999d' * 60000) % ((1,) * 60000) }}",
    "{{ ('{0:9999d}' * 60000).format(1) }}",
    "{{ ('a ' * 1500000) | title }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "{% include 't' %}",
    "{% import 't' as t %}",
    "{% include 'twice' %}",
    "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
    "{{ " + "[" * 3000 + "]" * 3000 + " }}",
    "{% if n %}" * 200 + "{% endif %}" * 200,
    "{% for x in xs %}" * 40 + "{% endfor %}" * 40,
]  # fmt: skip


@pytest.mark.parametrize("template", BOMBS, ids=[bomb[:80] for bomb in BOMBS])
def test_no_bomb(tmp_path: Path, template: str) -> None:
    started = time.process_time()
    finding = failure(tmp_path, "a: " + template, twice="{% include 'twice' %}{% include 'twice' %}")
    assert time.process_time() - started < 8
    assert finding.rule.name in {"template-limit", "template-syntax"}, finding


def test_the_timer_ends_what_the_steps_do_not(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("{% for a in range(10 ** 8) %}{% if a %}{% endif %}{% endfor %}")
    renderer = Renderer([TemplateFolder(tmp_path, "t")], Limits(steps=10**12, seconds=0.2))
    before = signal.getsignal(signal.SIGVTALRM)
    with pytest.raises(Halt) as caught:
        renderer.render("t", {})
    assert "processor time" in caught.value.findings[0].message
    assert signal.getsignal(signal.SIGVTALRM) is before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_a_thread_renders_without_the_timer(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("a: {{ range(20000) | list | length }}\nb: {{ range(20000) | sum }}")
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.extend(Renderer([TemplateFolder(tmp_path, "t")]).render("t", {})))
    thread.start()
    thread.join()
    assert found == [{"a": 20000, "b": 199990000}]


STATEFUL_IMPORTS = [
    "{% import 'm' as m %}a: {{ m.next() }}\nb: {{ m.next() }}",
    "{% from 'm' import next %}a: {{ next() }}\nb: {{ next() }}",
    "{% import 'm' as m with context %}a: {{ m.next() }}\nb: {{ m.next() }}",
    "{% import 'through' as m %}a: {{ m.next() }}\nb: {{ m.next() }}",
    "{% import 'through_context' as m %}a: {{ m.next() }}\nb: {{ m.next() }}",
]


@pytest.mark.parametrize("template", STATEFUL_IMPORTS)
def test_state_does_not_leak_between_renders(tmp_path: Path, template: str) -> None:
    through = "{{% from 'm' import next as inner {} %}}{{% macro next() %}}{{{{ inner() }}}}{{% endmacro %}}"
    (tmp_path / "through").write_text(through.format(""))
    (tmp_path / "through_context").write_text(through.format("with context"))
    (tmp_path / "m").write_text(
        "{% set ns = namespace(n=0) %}{% macro next() %}{% set ns.n = ns.n + 1 %}{{ ns.n }}{% endmacro %}"
    )
    (tmp_path / "t").write_text(template)
    renderer = Renderer([TemplateFolder(tmp_path, "t")])
    assert [renderer.render("t", {}) for _ in range(3)] == [[{"a": 1, "b": 2}]] * 3
