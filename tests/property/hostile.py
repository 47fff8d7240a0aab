"""Send hostile values through every form of hole and compare with plain Python data.

`python -m tests.property.hostile --values 1000000` prints `N passed, M failed`.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator.finding import Halt
from generator.render import Renderer, TemplateFolder

PIECES = (
    *("'", '"', "\n", "\r\n", "\r", "\t", " ", "  ", ": ", ":", " #", "#", "- ", "-", "---", "...", "\n---\n", "\n...\n"),
    *("&a", "*a", "!!int", "!x", "|", ">", "|-", "%", "%YAML 1.1", "@", "`", "{", "}", "[", "]", ",", "?", "? ", "<<", "="),
    *("{{7*7}}", "{{", "}}", "{% if x %}", "{%", "%}", "{#", "#}", "{{ v }}", "${x}", "$(x)", "\\", "\\n", "\\u0041"),
    *("yes", "no", "on", "off", "y", "n", "true", "False", "null", "~", "Null", "NaN", ".inf", "-.INF", ".nan"),
    *("0", "1", "007", "0x1F", "0o17", "0b1", "1_000", "1e3", "1.0", "-0", "1:30", "2024-01-02", "12e03", "+1", ".5", "5."),
    *("\u2028", "\u2029", "\x85", "\ufeff", "\xa0", "\u200b", "\u202e", "\x00", "\x07", "\x7f", "\x1b[31m"),
    *("\xad", "\xad0\xad", "\xad1\xad", "\xad\xad", "\ue000", "\ue001", "\ue0000\ue001", "\ue000\ue001"),
    *("é", "ß", "漢字", "😀", "\U000f0000", "ı", "\udfff"[:0], "a", "b", "x", "key", "value", "&amp;", "<", ">", "&", "<b>"),
    *("a: b", "\n  c: d", "- a\n- b", "a: b\n", "apiVersion: v1\nkind: Secret\n", "x" * 200),
)  # fmt: skip
NUMBERS = (0, 1, -1, 7, 2**31, 2**53, 2**63 - 1, -(2**63), 0.5, -0.25, 1e-7, 123456.789, True, False, None)

TEMPLATE = """\
{% from "hostile.macros.j2" import shown, lines, around %}
{% import "hostile.macros.j2" as m with context %}
# {{ v }}
plain: {{ v }} # {{ v }}
double: "{{ v }}"
single: '{{ v }}'
inside: pre-{{ v }}-post
twice: {{ v }}{{ v }}
quoted: "a'{{ v }}: {{ w }}#"
literal: |
  {{ v }}
  end
strip: |-
  {{ v }}
folded: >-
  {{ v }}
  {{ w }}
items:
- {{ v }}
- - {{ v }}
flow: [{{ v }}, {k: {{ v }}}, "{{ v }}"]
key:
  {{ v }}: {{ w }}
longKey:
  k-{{ v }}-{{ w }}: 1
loop:
{% for x in [v, w] %}
- {{ loop.index }}={{ x }}
- {{ x }}
{% endfor %}
pairs:
{% for k, x in {"a": v, "b": w}.items() %}
  {{ k }}: {{ x }}
{% endfor %}
choice: {{ v if w is defined else w }}
{% if v == w %}
same: true
{% elif v %}
some: {{ v }}
{% endif %}
macro: {{ shown(v) }}
macroUpper: {{ shown(v) | upper }}
macroJoined: {{ shown(v) ~ w }}
imported: {{ m.shown(w) }}
block:
  {{ lines(v, w) | indent(2) }}
called: {% call around() %}{{ v }}{% endcall %}

{% set held %}{{ v }}{% endset %}
{% set heldLong %}<{{ v }}>{% endset %}
held: {{ held }}
heldAgain: {{ held }}
heldLong: {{ heldLong }}
heldText: {{ heldLong | replace("<", "&") }}
heldDeep: {{ [held, {"k": heldLong}] }}
{% set set = v ~ "&" ~ w %}
set: {{ set }}
{% filter indent(2, true) %}
filtered: {{ v }}
{% endfilter %}
included:
{% include "hostile.included.j2" %}
joined: {{ [v, w] | join("&<") }}
replaced: {{ v | replace("a", "&") }}
upper: {{ v | upper }}
trimmed: {{ v | trim }}
method: {{ v.lower() }}
plus: {{ v + w }}
format: {{ "%s<%s" % (v, w) }}
braces: {{ "{}&{}".format(v, w) }}
json: {{ {"k": v} | tojson }}
literalData: {{ {"k": v, "l": [v, w], v: w} }}
default: {{ absent | default(v) }}
"""
# Filters and folded lines are indented above, so `filtered` would end up inside of what comes before it.
TEMPLATE = TEMPLATE.replace("{% filter indent(2, true) %}", "{% filter trim %}").replace(
    "{% endfilter %}\n", "{% endfilter %}\n\n"
)
MACROS = """\
{% macro shown(x) %}{{ x }}{% endmacro %}
{% macro lines(x, y) %}
one: {{ x }}
two:
- {{ y }}
{%- endmacro %}
{% macro around() %}({{ caller() }}){% endmacro %}
"""
INCLUDED = "- {{ v }}\n- {{ w }}!\n"
DATA = """\
plain: {{ v }}
items: [{{ v }}, {{ [v] }}]
{% macro shown(x) %}{{ x }}{% endmacro %}
macro: {{ shown(v) }}
{% set held %}{{ v }}{% endset %}
held: {{ held }}
loop:
{% for x in [v] %}
- {{ x }}
{% endfor %}
"""


def expected(v: str, w: str) -> dict[str, Any]:
    """What the text template stands for, built by hand."""
    out: dict[str, Any] = {
        **dict.fromkeys(("plain", "double", "single"), v),
        "inside": f"pre-{v}-post",
        "twice": v + v,
        "quoted": f"a'{v}: {w}#",
        "literal": f"{v}\nend\n",
        "strip": v,
        "folded": f"{v} {w}",
        "items": [v, [v]],
        "flow": [v, {"k": v}, v],
        "key": {v: w},
        "longKey": {f"k-{v}-{w}": 1},
        "loop": [f"1={v}", v, f"2={w}", w],
        "pairs": {"a": v, "b": w},
        "choice": v,
    }
    if v == w:
        out["same"] = True
    elif v:
        out["some"] = v
    return out | {
        "macro": v,
        "macroUpper": v.upper(),
        "macroJoined": v + w,
        "imported": w,
        "block": {"one": v, "two": [w]},
        "called": f"({v})",
        "held": v,
        "heldAgain": v,
        "heldLong": f"<{v}>",
        "heldText": f"<{v}>".replace("<", "&"),
        "heldDeep": [v, {"k": f"<{v}>"}],
        "set": f"{v}&{w}",
        "filtered": v,
        "included": [v, f"{w}!"],
        "joined": f"{v}&<{w}",
        "replaced": v.replace("a", "&"),
        "upper": v.upper(),
        "trimmed": v.strip(),
        "method": v.lower(),
        "plus": v + w,
        "format": f"{v}<{w}",
        "braces": f"{v}&{w}",
        "json": json.dumps({"k": v}, ensure_ascii=False, separators=(",", ":")),
        "literalData": {"k": v, "l": [v, w], v: w},
        "default": v,
    }


def expected_data(v: Any) -> dict[str, Any]:
    """What the data template stands for."""
    return {"plain": v, "items": [v, [v]], "macro": v, "held": v, "loop": [v]}


def text(source: random.Random) -> str:
    """A hostile text of up to six pieces."""
    return "".join(source.choices(PIECES, k=source.randrange(1, 7)))


def data(source: random.Random, depth: int = 3) -> Any:
    """Hostile data: texts, numbers, and lists and mappings of them."""
    kind = source.randrange(6) if depth else source.randrange(3)
    if kind == 4:
        return [data(source, depth - 1) for _ in range(source.randrange(4))]
    if kind == 5:
        return {text(source): data(source, depth - 1) for _ in range(source.randrange(4))}
    return source.choice(NUMBERS) if kind == 0 else text(source)


def failures(values: int, seed: int = 20261124) -> Iterator[tuple[Any, Any, Any]]:
    """Render that many values; yields value, wanted and got for each that did not arrive exactly."""
    source = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("macros", MACROS), ("included", INCLUDED), ("text", TEMPLATE), ("data", DATA)):
            (Path(folder) / f"hostile.{name}.j2").write_text(content, encoding="utf-8")
        renderer = Renderer([TemplateFolder(Path(folder), "templates")])
        for number in range(values):
            context: dict[str, Any]
            if number % 4:
                v, w = text(source), text(source)
                name, context, wanted = "hostile.text.j2", {"v": v, "w": w}, expected(v, w)
            else:
                value = data(source)
                name, context, wanted = "hostile.data.j2", {"v": value}, expected_data(value)
            try:
                got: Any = renderer.render(name, context)
            except Halt as halt:
                got = halt
            # repr tells 1 from True and 1.0, and sees the order of keys.
            if repr(got) != repr([wanted]):
                yield context, wanted, got


def main() -> int:
    """Run, print the count; exit code 1 when any value changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=20261124)
    options = parser.parse_args()
    failed = 0
    for context, wanted, got in failures(options.values, options.seed):
        failed += 1
        if failed <= 5:
            print(f"context {context!r}", file=sys.stderr)
            document = got[0] if isinstance(got, list) else {}
            for key in wanted:
                if repr(document.get(key)) != repr(wanted[key]):
                    print(f"  {key}: wanted {wanted[key]!r}\n  got {document.get(key)!r}", file=sys.stderr)
            if not document:
                print(f"  got {got}", file=sys.stderr)
    print(f"{options.values - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
