"""Any template, however odd, renders to mappings or ends in findings at a place; two renders agree."""

import random
import time
from pathlib import Path
from typing import Any

import pytest

from generator.finding import Halt
from generator.render import RULES, Limits, Renderer, TemplateFolder

EXPRESSIONS = (
    *("v", "w", "n", "xs", "d", "none", "true", "absent", "d.k", "d.absent", "d['k']", "xs[0]", "xs[9]", "n[0]", "v[1:]"),
    *("v ~ w", "v + w", "n * 3", "v * n", "n ** n", "n // 0", "v % n", "'%s' % v", "-n", "not v", "v == w", "n in xs"),
    *("v | upper", "v | trim", "xs | join(',')", "xs | map('upper')", "d | tojson", "v | default(w)", "absent | d(1)"),
    *("v | replace('a', w)", "xs | sort", "d | dictsort", "xs | first", "xs | groupby(0)", "d.items()", "xs | sum"),
    *("v | int", "v | indent(n)", "v | center(9)", "v.split()", "v.format(n)", "'{}'.format(v)", "m(v)", "m()", "range(n)"),
    *("[v, w]", "{v: w}", "(v, n)", "v if n else w", "v if absent", "v | string", "n | string", "true | string", "loop"),
    *("loop.index", "caller()", "s", "s | indent(2)", "s ~ v", "ns.a", "ns.b", "varargs", "dict(a=v)", "v is defined"),
)  # fmt: skip
PLACES = (
    "a{0}: {{{{ {1} }}}}\n",
    'b{0}: "{{{{ {1} }}}}"\n',
    "c{0}: x{{{{ {1} }}}}y\n",
    "{{{{ {1} }}}}: 1\n",
    "d{0}:\n- {{{{ {1} }}}}\n",
    "e{0}: |\n  {{{{ {1} }}}}\n",
    "f{0}: [{{{{ {1} }}}}]\n",
    "# {{{{ {1} }}}}\n",
    "{{{{ {1} }}}}\n",
    "---\ng{0}: {{{{ {1} }}}}\n",
    "{{% if {1} %}}\nh{0}: 1\n{{% else %}}\ni{0}: 2\n{{% endif %}}\n",
    "{{% for x in {1} %}}\nj{0}{{{{ loop.index }}}}: {{{{ x }}}}\n{{% endfor %}}\n",
    "{{% set s %}}{{{{ {1} }}}}{{% endset %}}\n",
    "{{% set ns.a = {1} %}}\n",
    "{{% set v = {1} %}}\n",
    "{{% macro m(x) %}}{{{{ {1} }}}}{{% endmacro %}}\n",
    "k{0}: {{% call m(v) %}}{{{{ {1} }}}}{{% endcall %}}\n\n",
    "{{% filter indent(2) %}}\nl{0}: {{{{ {1} }}}}\n{{% endfilter %}}\n",
    "{{% with y = {1} %}}\nz{0}: {{{{ y }}}}\n{{% endwith %}}\n",
    "{{% include {1} %}}\n",
    " o{0}: {{{{ {1} }}}}\n",
    "{{% endif %}}\n",
    "{{{{ {1} \n",
)
HEAD = "{% set ns = namespace(a=1) %}\n{% set s %}<{{ v }}>{% endset %}\n{% macro m(x=1) %}[{{ x }}]{% endmacro %}\n"
CONTEXT: dict[str, Any] = {"v": "a: b", "w": "on", "n": 3, "xs": ["q", "r"], "d": {"k": "{{ 1 }}", "items": 1}}


def template(source: random.Random) -> str:
    """A template of a few random holes."""
    lines = [
        source.choice(PLACES[: -3 if source.random() < 0.9 else None]).format(number, source.choice(EXPRESSIONS))
        for number in range(source.randrange(1, 5))
    ]
    return HEAD + "".join(lines)


def outcome(folder: Path) -> Any:
    """What a fresh renderer makes of the template."""
    renderer = Renderer([TemplateFolder(folder, "templates")], Limits(steps=100_000))
    try:
        return renderer.render("t", CONTEXT)
    except Halt as halt:
        return halt.findings


@pytest.mark.property
def test_any_template_renders_or_ends_in_findings(tmp_path: Path) -> None:
    source = random.Random(7)
    rendered = 0
    before = repr(CONTEXT)
    for _ in range(400):
        text = template(source)
        (tmp_path / "t").write_text(text, encoding="utf-8")
        started = time.process_time()
        got = outcome(tmp_path)
        assert time.process_time() - started < 5, text
        if isinstance(got, list):
            rendered += 1
            assert all(isinstance(document, dict) for document in got), text
        else:
            assert got, text
            for finding in got:
                assert finding.rule in RULES, text
                assert finding.at.file == "templates/t", text
                assert finding.message, text
                assert "\xad" not in finding.message, text
                assert "is not defined" not in finding.message or finding.rule.name == "name-undefined", text
        assert not any(sign in repr(got) for sign in ("\\xad", "\\ue000", "\\ue001")), text
        assert outcome(tmp_path) == got, text
        assert repr(CONTEXT) == before, text
    assert rendered > 50  # or the test says little
