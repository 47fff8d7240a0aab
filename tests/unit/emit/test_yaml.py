"""Canonical YAML: readers of YAML 1.1 and 1.2 read back what was given."""

import io
import string

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from yamllint import linter
from yamllint.config import YamlLintConfig

from generator.emit import Unrepresentable, dump, dump_all
from generator.source import Dialect, read_documents

WORDS = [
    "y",
    "Y",
    "yes",
    "Yes",
    "YES",
    "n",
    "N",
    "no",
    "No",
    "NO",
    "on",
    "On",
    "ON",
    "off",
    "OFF",
    "true",
    "True",
    "false",
    "FALSE",
    "null",
    "Null",
    "~",
    "=",
    "<<",
    ".inf",
    "-.inf",
    "+.inf",
    ".Inf",
    ".nan",
    ".NaN",
    "0777",
    "012",
    "08",
    "0o17",
    "0x1F",
    "0b1",
    "1_000",
    "1:30",
    "190:20:30",
    "1e3",
    "1E+3",
    "1e-3",
    "5.",
    ".5",
    "-.5",
    "0",
    "-0",
    "+1",
    "1.0",
    "1.5",
    "2024-01-02",
    "2001-12-14t21:59:43.10-05:00",
    "18446744073709551616",
    "8086:4941",
    "1.9.0",
    "v1",
    "4Gi",
    "-",
    "?",
    ":",
    "-a",
    "-",
    "[",
    "]",
    "{",
    "}",
    ",",
    "#",
    "&",
    "*",
    "!",
    "|",
    ">",
    "'",
    '"',
    "%",
    "@",
    "`",
    "---",
    "...",
    "a:",
    ":a",
    "#a",
    "!!str",
    "&a",
    "*a",
    "@a",
    "`a",
    "%a",
]
TEXTS = [
    *WORDS, "", " ", " a", "a ", "a: b", "a #b", "a:", "a:\tb", "\t", "a\tb", "--- a", "... a", "- a", "? a", "{{ x }}", "[a]",
    "é", "\u00a0", "\u0085", "\u2028", "\u2029", "\ufeff", "\x7f", "\x00", "\x1b[0m", "😀", "\ufffe", "\\", '"', "'", "\\n",
    "line\n", "line\nline", "line\nline\n", "\nline", "line\n\n", "a\n\n\n\nb", "a \nb", " a\nb", "\ta\nb", "a\r\nb", "#c\nd\n",
    "- a\n- b\n", "a: b\nc: d\n", "a\n b\n  c\n", "a\n\tb\n", "\n", "\n\n", "a\u2028\nb", "{a\nb", "'a\nb", "---\na", "%a\nb\n", "a\n---\nb\n",
]  # fmt: skip


def by_pyyaml(text):
    return yaml.load(text, Loader=yaml.SafeLoader)


def by_ruamel(text):
    return YAML(typ="safe", pure=True).load(io.StringIO(text))


def by_kubernetes(text):
    (document,) = read_documents(text, "f.yaml", Dialect.KUBERNETES)
    return document.data


READERS = (by_pyyaml, by_ruamel, by_kubernetes)


def lint(text):
    config = YamlLintConfig("extends: default\nrules: {line-length: disable, document-start: disable}\n")
    return [str(problem) for problem in linter.run(text, config)]


def same(given, read):
    return given == read and type(given) is type(read)


@pytest.mark.parametrize("text", TEXTS)
def test_every_reader_reads_the_same_text(text):
    for data in ({"v": text}, {"list": [text, {"k": text}]}, {text: "v"}, {"a": {"b": {text: [text]}}}):
        emitted = dump(data)
        for reader in READERS:
            assert same(data, reader(emitted)), (reader.__name__, emitted)
        assert not [problem for problem in lint(emitted) if "key-duplicates" not in problem], emitted


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-(2**63), "-9223372036854775808"),
        (1.0, "1"),
        (0.5, "0.5"),
        (1e-7, "1.0e-07"),
        (1.5e-7, "1.5e-07"),
        (1e22, "1.0e+22"),
        ({}, "{}"),
        ([], "[]"),
        ("plain", "plain"),
        ("quay.io/a/b:43", "quay.io/a/b:43"),
        ("object.a == 'b' ? [1] : {}", "\"object.a == 'b' ? [1] : {}\""),
        ("8086:4941", '"8086:4941"'),
    ],
)
def test_scalars(value, text):
    assert dump({"v": value}) == f"v: {text}\n"
    for reader in READERS:
        read = reader(dump({"v": value}))["v"]
        assert read == value


def test_layout_and_order():
    data = {
        "spec": {"a": [{"x": 1, "l": [[1, 2], []]}, "t"], "m": {}},
        "metadata": {"labels": {"z": "1", "a": "2"}, "name": "vm", "namespace": "s"},
        "kind": "K",
        "apiVersion": "v1",
    }
    assert dump(data) == (
        'apiVersion: v1\nkind: K\nmetadata:\n  name: vm\n  namespace: s\n  labels:\n    z: "1"\n    a: "2"\nspec:\n'
        "  a:\n    - x: 1\n      l:\n        - - 1\n          - 2\n        - []\n    - t\n  m: {}\n"
    )  # fmt: skip
    assert dump_all([{"a": 1}, {"b": 2}]) == "a: 1\n---\nb: 2\n"
    assert dump({"t": "one\ntwo\n", "u": ["one\ntwo"]}) == "t: |\n  one\n  two\nu:\n  - |-\n    one\n    two\n"


def test_subclasses_are_written_as_what_they_are():
    class Text(str):
        __slots__ = ()

    class Number(int):
        pass

    assert dump({"a": Text("yes"), "b": Number(3), Text("c"): [Text("d")]}) == 'a: "yes"\nb: 3\nc:\n  - d\n'


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"a": [{"b": 2**63}]}, ("a", 0, "b")),
        ({"a": float("nan")}, ("a",)),
        ({"a": float("inf")}, ("a",)),
        ({"a": {"b": "\ud83d"}}, ("a", "b")),
        ({"a": {1: "x"}}, ("a", "1")),
        ({"a": {"k" * 1001: "x"}}, ("a", "k" * 1001)),
        ({"a": {1, 2}}, ("a",)),
        ({"a": [b"x"]}, ("a", 0)),
    ],
)
def test_what_cannot_be_read_back_is_refused_with_its_place(data, path):
    with pytest.raises(Unrepresentable) as refused:
        dump(data)
    assert refused.value.path == path


HOSTILE = st.text(
    st.one_of(
        st.sampled_from(string.printable + "\u0085\u00a0\u2028\ufeff😀é\x00\x7f"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=12,
)
LEAVES = st.one_of(
    HOSTILE,
    st.sampled_from(TEXTS),
    st.booleans(),
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False, width=32).filter(lambda x: not x.is_integer()),
)
DATA = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HOSTILE, inner, max_size=3), max_leaves=8
)


@pytest.mark.property
@settings(max_examples=400, deadline=None)
@given(st.dictionaries(HOSTILE, DATA, min_size=1, max_size=3))
def test_emit_then_parse_is_identity(data):
    emitted = dump(data)
    for reader in READERS:
        assert reader(emitted) == data, (reader.__name__, emitted)
    assert dump(by_kubernetes(emitted)) == emitted


@pytest.mark.parametrize(("character", "most"), [("k", 999), ("é", 499), ("日", 333)])
def test_keys_are_as_long_as_readers_take(character: str, most: int) -> None:
    """go-yaml counts bytes, not characters; ours leave room for quotes and the colon."""
    data = {character * most: 1}
    [document] = read_documents(dump(data), "f.yaml", Dialect.KUBERNETES)
    assert document.data == data == yaml.safe_load(dump(data))
    with pytest.raises(Unrepresentable, match=f"a key of {most + 1} characters, which readers refuse"):
        dump({character * (most + 1): 1})


@pytest.mark.parametrize("text", ["\u00a0a", "a\u00a0", "a:\u00a0b", "a\u200bb", "\u3000"])
def test_what_looks_like_a_space_is_in_quotes(text: str) -> None:
    assert dump({text: text}) == f'"{text}": "{text}"\n'


def test_the_quotes_of_a_key_count() -> None:
    assert dump({" " + "k" * 996: 1}).startswith('" k')
    with pytest.raises(Unrepresentable, match="a key of 998 characters"):
        dump({" " + "k" * 997: 1})


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('{"a":1}', "'{\"a\":1}'"),
        ('a "b" \\ c', 'a "b" \\ c'),
        ('"a" \\d', "'\"a\" \\d'"),
        ('"it\'s"', '"\\"it\'s\\""'),
        ('"\t"', '"\\"\\t\\""'),
        ("a: b", '"a: b"'),
    ],
)
def test_quotes(text, written):
    assert dump({"k": text}) == f"k: {written}\n"
