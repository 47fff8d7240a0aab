"""The fast way to read many documents gives what the slow way gives, whatever the text."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.finding import Halt
from generator.source import Dialect, QuickReader, read_documents
from tests.property.kustomize_random import Maker

SCALARS = st.one_of(
    st.sampled_from(
        ["a", "1", "-1", "1.5", "0777", "true", "yes", "no", "null", "~", "''", '""', '"a b"', "'x: y'", "a:b"]
    ),
    st.sampled_from(
        ["a b", "a#b", "a #b", "a: b", "- a", "-", "--x", "{}", "[]", "[a]", "{a: b}", "&x a", "*x", "!!str 1"]
    ),
    st.sampled_from(
        ["|", "|-", ">", "|+", "@a", "a,b", "a]", "1e3", "0x1f", "1_000", ".5", ".inf", "2024-01-01", "a\\b"]
    ),
    st.sampled_from(['"a\\n"', "é", "\u2028", "\ufeffx", "%a", "\u00a0x", "“a”", "{{ x }}", "a:\u00a0b", '"a": b']),
    st.sampled_from(["!!binary YQ==", "!!binary *", "!!int x", "!!float 1", "!x 12", "a {{ x: y }}", "'a"]),
)
KEYS = st.sampled_from(
    [
        "a",
        "b",
        "on",
        "n",
        "y",
        "0x10",
        "1",
        "\u00a0a",
        "{{ x }}",
        "a.b/c",
        '"q r"',
        "null",
        "- a",
        "- - b",
        "? c",
        "-",
        "<<",
    ]
)
LINES = st.tuples(st.integers(0, 4), KEYS, st.one_of(SCALARS, st.just(""))).map(lambda t: f"{' ' * t[0]}{t[1]}: {t[2]}")
OTHER = st.sampled_from(
    [
        "",
        " ",
        "# c",
        "---",
        "...",
        "- x",
        "  - y",
        "  text",
        "\tx: y",
        "a:  b",
        "a: b ",
        "- a: b",
        "  c: d",
        "\ufeffa: b",
        "\ufeff---",
        '{"a": "\\ud83d\\ude00"}',
        '{"a": 1,}',
        "{a: 1}",
        "[1]",
        "<<<<<<< HEAD",
        "=======",
    ]
)
TEXTS = st.lists(st.one_of(LINES, OTHER), max_size=8).map("\n".join)


def either(read, text):
    try:
        return [document.data for document in read(text)]
    except Halt as halt:
        return [(f.rule.code, str(f.at)) for f in halt.findings]


@pytest.mark.property
@given(
    st.lists(TEXTS, min_size=1, max_size=3).map("\n---\n".join),
    st.sampled_from(["\n", "\n", "\n", "\n\n", ""]),
    st.sampled_from(["x"] * 9 + ["x.json"]),
)
@settings(max_examples=2000, deadline=None, derandomize=True)
def test_the_same_as_the_slow_way(text, end, shown):
    text += end
    quick = either(lambda t: QuickReader().read(t.encode(), shown), text)
    assert quick == either(lambda t: read_documents(t.encode(), shown, Dialect.KUSTOMIZE), text)


@pytest.mark.parametrize("seed", range(20))
def test_places_are_the_same(seed):
    text = Maker(seed).files()["base/all.yaml"]
    quick, slow = QuickReader().read(text.encode(), "x"), read_documents(text, "x", Dialect.KUSTOMIZE)
    assert [document.data for document in quick] == [document.data for document in slow]
    chance = random.Random(seed)
    for one, other in zip(quick, slow, strict=True):
        path = []
        node = one.data
        while isinstance(node, dict | list) and node:
            part = chance.choice(list(node)) if isinstance(node, dict) else chance.randrange(len(node))
            path.append(part)
            node = node[part]
        assert one.span(tuple(path)) == other.span(tuple(path))
