"""Templates that would work for minutes or take gigabytes: `python -m tests.property.bombs --only template` tries them."""

from collections.abc import Iterator

from tests.property.bomb import Bomb
from tests.support.workspace import SMALL

_MARGIN = 25
"""Seconds of processor time: a template that is ended has used 10, and the rest is done again without it."""

_TEXTS = {
    "strip in a loop": "{% set s=' '*16000000 %}{% for i in range(200000) %}{% set x = (s ~ 'a').strip() %}{% endfor %}1",
    "sort of 9 million": "{{ (range(9000000)|list|sort|length) }}",
    "sort of long texts": "{% set l=[('a'*1000000)]*500000 %}{{ l|sort|length }}",
    "unique of long texts": "{% set l=[('a'*1000000)]*500000 %}{{ l|unique|list|length }}",
    "tojson of a list of long texts": "{% set l=['a'*16000]*500000 %}{{ l|tojson|length }}",
    "tojson of shared lists": "{% set a=[1]*1000 %}{% set b=[a]*1000 %}{% set c=[b]*1000 %}{{ c|tojson|length }}",
    "a field width": "{{ ('%0999999999d' % 1)|length }}",
    "a field width from a value": "{{ ('%*d' % (99999999,1))|length }}",
    "replace by a long text": "{{ ('a'*4000000).replace('a','b'*1000000)|length }}",
    "join of long texts": "{{ ([('a'*16000000)]*10000)|join('x')|length }}",
    "in, with long texts that nearly agree": "{% set s='a'*16000000 %}{% set t=('a'*15999999) ~ 'b' %}{{ t in ([s]*1000000) }}",
    "in a text": "{{ ('a'*8000000 ~ 'b') in ('a'*16000000) }}",
    "count": "{{ ('a'*16000000).count('a'*8000000 ~ 'b') }}",
    "a power": "{{ (10**1000)**(10**6) }}",
    "a number of 4 million digits": "{{ ('9'*4000000)|int }}",
    "indent": "{{ ('a\\n'*8000000)|indent(1000)|length }}",
    "center": "{{ 'a'|center(999999999)|length }}",
    "format": "{{ '{:>999999999}'.format(1)|length }}",
    "splitlines": "{{ ('\\n'*16000000).splitlines()|length }}",
    "split": "{{ ('a'*16000000).split('a')|length }}",
    "sum of lists": "{{ ([[1]*100000]*100000)|sum(start=[])|length }}",
    "max of long texts": "{{ (['a'*1000000 ~ 'b']*500000)|max|length }}",
    "a slice backwards": "{{ ('a'*16000000)[::-1]|length }}",
    "upper in a loop": "{% for i in range(100000) %}{% set x=('ß'*16000000)|upper %}{% endfor %}1",
    "groupby": "{{ range(9000000)|list|groupby('x')|list|length }}",
    "a namespace that nests": "{% set ns=namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x=[ns.x] %}{% endfor %}{{ ns.x }}",
    "output without end": "{% for i in range(9999999) %}aaaaaaaaaaaaa{% endfor %}",
    "a macro that calls itself": "{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(1) }}",
    "2 million characters of YAML": "{% for i in range(200000) %}\n  - {a: {b: [c, d]}}{% endfor %}",
    "a template that includes itself": "{% include 'x.yaml.j2' %}",
}


def template_bombs() -> Iterator[Bomb]:
    """All of them: each is rendered into the value of a ConfigMap."""
    texts = dict(_TEXTS)
    texts["lists doubled and compared"] = (
        "{% set a=[1] %}{% set b=[1] %}" + "{% set a=[a,a] %}{% set b=[b,b] %}" * 30 + "{{ a==b }}"
    )
    texts["a text doubled 40 times"] = "{% set v='a' %}" + "{% set v=v ~ v %}" * 40 + "{{ v|length }}"
    texts["a sum of 20,000"] = "{{ " + "+".join(["1"] * 20_000) + " }}"
    texts["3,000 brackets"] = "{{ " + "(" * 3_000 + "1" + ")" * 3_000 + " }}"
    texts["500 ifs"] = "{% if 1 %}" * 500 + "{% endif %}" * 500
    texts["60 loops"] = "{% for i in [1] %}" * 60 + "{% endfor %}" * 60
    texts["60,000 names"] = "{{ [" + ",".join(f"x{n}" for n in range(60_000)) + "] is defined }}"
    for name, text in texts.items():
        yield _bomb(name, text)
    yield _bomb("in, with a template for every machine", _TEXTS["in, with long texts that nearly agree"], each=True)


def _bomb(name: str, text: str, *, each: bool = False) -> Bomb:
    entry = "{template: x.yaml.j2, each: machines, as: machine}" if each else "{template: x.yaml.j2}"
    named = "{{ machine.name }}" if each else "x"
    template = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {named}, namespace: vpn}}\ndata: {{v: '{text}'}}\n"
    files = {
        "spec.yaml": SMALL,
        "templates/index.yaml": f"templates:\n  - {entry}\n",
        "templates/x.yaml.j2": template,
    }
    return Bomb(f"template: {name}", files, ("render",), slow=each, seconds=_MARGIN, megabytes=2300)
