"""What would take too much time, memory or stack is refused at its line, before it is made."""

import time

import pytest

from generator.finding import Halt
from generator.source import BadJsonError, Dialect, parse_json, read_documents
from generator.source import read as reading

LOOSE = (Dialect.KUBERNETES, Dialect.KUSTOMIZE, Dialect.LENIENT)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{b}: &{b} {{<<: [{', '.join([f'*{a}'] * 10)}]}}\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)


def refused(text: str, dialect: Dialect = Dialect.KUBERNETES) -> list[tuple[str, int]]:
    """Code and line of every finding of a text."""
    with pytest.raises(Halt) as caught:
        read_documents(text, "x.yaml", dialect)
    return [(found.rule.code, found.at.line) for found in caught.value.findings]


@pytest.mark.parametrize("dialect", LOOSE)
@pytest.mark.parametrize("text", [MERGES, MERGES.replace("<<: [", "k: [")], ids=["merge keys", "aliases"])
def test_what_unfolds_is_refused_before_it_does(text, dialect):
    before = time.process_time()
    [(code, line)] = refused(text, dialect)
    assert (code, line >= 1, time.process_time() - before < 2) == ("SRC006", True, True)


@pytest.mark.parametrize(
    "text",
    ["x: 1\na: &a {<<: *a}\n", "x: 1\na: &a [*a]\n", "x: 1\na: &a {b: {<<: [*a]}}\n", "x: 1\na: &a {<<: {b: *a}}\n"],
)
@pytest.mark.parametrize("dialect", LOOSE)
def test_an_alias_inside_its_own_anchor(text, dialect):
    assert refused(text, dialect) == [("SRC013", 2)]


def test_merge_keys_that_are_few_are_merged():
    text = "a: &a {x: 1, k: 1}\nb: &b {<<: *a, k: 2}\nc: {<<: [*b, *a], z: 3}\n"
    [document] = read_documents(text, "x.yaml", Dialect.KUBERNETES)
    assert document.data["c"] == {"x": 1, "k": 2, "z": 3}


@pytest.mark.parametrize(
    "number",
    ["1" * 5000, "-" + "1" * 5000, "1" * 400, "1e99999", "1." + "0" * 5000, "1_" * 3000 + "1", "0x" + "f" * 1_000_000,
     "0" * 100_000, "0b" + "1" * 5000, "1:" * 3000 + "1"],
    ids=lambda number: f"{number[:6]}… of {len(number)}",
)  # fmt: skip
@pytest.mark.parametrize("dialect", Dialect)
def test_numbers_that_nothing_holds(number, dialect):
    assert refused(f"x: 1\na: {number}\n", dialect) == [("SRC007", 2)]


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '["]",' * 50_000, "- " * 10_000, "? " * 10_000, "{a: " * 10_000,
     "\n".join(" " * depth + "a:" for depth in range(2000))],
)  # fmt: skip
def test_depth(text):
    assert {code for code, _ in refused(text)} == {"SRC013"}


def test_number_of_values(monkeypatch):
    monkeypatch.setattr(reading, "MAX_NODES", 1000)
    assert refused("- a\n" * 1001) == [("SRC003", 1001 - 3)]
    assert len(read_documents("- a\n" * 900, "x.yaml")[0].data) == 900


def test_places_of_many_keys_are_found_in_linear_time():
    keys = 50_000
    [document] = read_documents("".join(f"k{n}: v\n" for n in range(keys)), "x.yaml")
    before = time.process_time()
    assert [document.span((f"k{n}",), key=True).line for n in range(keys)] == list(range(1, keys + 1))
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1" * 5000, "5,000 characters"),
        ("1." + "1" * 5000, "characters"),
        ("1e99999", "beyond 64-bit"),
        ("1" * 400, "beyond 64-bit"),
        ("[NaN]", "NaN"),
        ("[-Infinity]", "Infinity"),
        ("[" * 5000 + "]" * 5000, "more than 100 levels"),
        ('["]",' * 5000, "more than 100 levels"),
        ('["\\ud800"]', "surrogate"),
        ('{"\\udc00": 1}', "surrogate"),
        ("{", "line 1 column 2"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_json_that_is_refused(text, words):
    with pytest.raises(BadJsonError, match=words):
        parse_json(text)


def test_json_that_is_read():
    assert parse_json(b'\xef\xbb\xbf{"a": ["\\ud83d\\ude00", 1, 1.5, null, "[[["]}') == {
        "a": ["😀", 1, 1.5, None, "[[["]
    }
