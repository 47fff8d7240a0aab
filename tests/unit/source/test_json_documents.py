"""JSON is read as JSON, with the place of everything in it; what is not JSON is named at its place."""

import pytest

from generator.finding import Finding, Halt
from generator.location import Span
from generator.source import Dialect, read_documents, rules

PAIR = '{"a": "\\ud83d\\ude00"}'


def data(text: str, shown: str = "f.json", dialect: Dialect = Dialect.KUBERNETES) -> list[object]:
    return [document.data for document in read_documents(text, shown, dialect)]


def refused(text: str, shown: str = "f.json", dialect: Dialect = Dialect.KUBERNETES) -> Finding:
    with pytest.raises(Halt) as halted:
        read_documents(text, shown, dialect)
    assert halted.value.findings[0].hint
    return halted.value.findings[0]


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PAIR, [{"a": "😀"}]),
        ('{"a":1}{"b":2}', [{"a": 1}, {"b": 2}]),
        ('{"a":1}\n{"b":2}\n', [{"a": 1}, {"b": 2}]),
        (f'{{"a":1}}\n---\n{PAIR}\n--- # more\n{{"c":3}}', [{"a": 1}, {"a": "😀"}, {"c": 3}]),
        ('---\n{"a":1}\n', [{"a": 1}]),
        ('{"a": 1.0, "b": 0.5, "c": -7, "d": true, "e": null}', [{"a": 1, "b": 0.5, "c": -7, "d": True, "e": None}]),
        ('{"a": 1e3}', [{"a": 1000}]),
        ('{"a": "\\/\\b\\f\\n\\r\\t\\u00e9"}', [{"a": "/\b\f\n\r\té"}]),
        ('{"<<": {"a": 1}, "yes": 1, "1": 2}', [{"<<": {"a": 1}, "yes": 1, "1": 2}]),
        ('{"a": "\u2028\u0085", "' + "k" * 2000 + '": 1}', [{"a": "\u2028\u0085", "k" * 2000: 1}]),
        ('{\n\t"a": [ ],\r\n\t"b": { }\n}', [{"a": [], "b": {}}]),
        ('\ufeff{"a": 1}', [{"a": 1}]),
        ("", []),
        ("null\n", []),
        ("[1, [2, {}]]", [[1, [2, {}]]]),
    ],
)
def test_what_is_read(text, expected, dialect):
    assert data(text, dialect=dialect) == expected


def test_places():
    text = '{\n  "a": {"b c": [1, "x"]},\n  "d": true\n}\n{"e": 2}'
    first, second = read_documents(text, "f.json")
    assert first.span(("a", "b c", 1)) == Span("f.json", 2, 20, 2, 23)
    assert first.span(("a", "b c"), key=True) == Span("f.json", 2, 9, 2, 14)
    assert first.span(("d",)) == Span("f.json", 3, 8, 3, 12)
    assert (second.span(("e",)).line, second.index, second.written(("e",))) == (5, 1, "2")


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ('{"a": 1,\n"b": 2,\n}', 2, 7, "a comma before `}`"),
        ("[1,\n2,]", 2, 2, "a comma before `]`"),
        ('{"a": 1\n"b": 2}', 1, 7, "a comma is missing"),
        ('{"a": 1, // c\n"b": 2}', 1, 10, "a comment"),
        ('# c\n{"a": 1}', 1, 1, "a comment"),
        ('{"a": /* c */ 1}', 1, 7, "a comment"),
        ("{'a': 1}", 1, 2, "does not quote"),
        ("{a: 1}", 1, 2, "`a` is not in double quotes"),
        ('{"a": b}', 1, 7, "`b` is not in quotes"),
        ('{"a": True}', 1, 7, "`True`"),
        ('{"a": NaN}', 1, 7, "NaN"),
        ('{"a": -Infinity}', 1, 7, "Infinity"),
        ('{"a": 012}', 1, 7, "not a number of JSON"),
        ('{"a": +1}', 1, 7, "not a number of JSON"),
        ('{"a": .5}', 1, 7, "not a number of JSON"),
        ('{"a": 0x1f}', 1, 7, "not a number of JSON"),
        ('{"a": "x\ty"}', 1, 9, "a tab in a string"),
        ('{"a": "x\ny"}', 1, 7, "does not end on its line"),
        ('{"a": "\\x41"}', 1, 8, "is not an escape"),
        ('{"a": "\\ud83d"}', 1, 8, "half of a surrogate pair"),
        ('{"a": "\\ude00\\ud83d"}', 1, 8, "half of a surrogate pair"),
        ('{"\\udc00": 1}', 1, 3, "half of a surrogate pair"),
        ('{"a": [1, 2}', 1, 7, "`[` is closed by `}`"),
        ('{"a": {"b": 1}', 1, 1, "`{` is never closed"),
        ('{"a": 1}}', 1, 9, "follows the end"),
        ('{"a": 1} b', 1, 10, "follows the end"),
        ('{"a" 1}', 1, 6, "`:` is missing"),
        ('{"a": }', 1, 7, "a value is missing"),
        ("{“a”: 1}", 1, 2, "typographic"),
        ('{"a":\u00a01}', 1, 6, "no-break space"),
        ('{"a": {{ x }}}', 1, 7, "braces of a template"),
        ('{\n<<<<<<< HEAD\n"a": 1}', 2, 1, "conflict marker"),
        ("a: 1\n", 1, 1, "`a` is not in quotes"),
    ],
)  # fmt: skip
def test_what_is_not_json(text, line, column, words):
    found = refused(text)
    assert (found.rule, found.at.line, found.at.column) == (rules.NOT_JSON, line, column)
    assert words in found.message


@pytest.mark.parametrize(
    ("text", "rule", "column"),
    [
        ('{"a": 1, "a": 2}', rules.DUPLICATE_KEY, 10),
        ('{"a": 1e999}', rules.ODD_SCALAR, 7),
        ('{"a": ' + "1" * 1001 + "}", rules.ODD_SCALAR, 7),
        ('{"a": ' + "[" * 100 + "]" * 100 + "}", rules.TOO_DEEP, 106),
    ],
)
def test_values_that_nothing_holds(text, rule, column):
    found = refused(text)
    assert (found.rule, found.at.column) == (rule, column)


def test_the_last_of_equal_keys_wins_where_it_may():
    assert data('{"a": 1, "a": 2}', dialect=Dialect.LENIENT) == [{"a": 2}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{PAIR}\n---\nb: 2\n", [{"a": "😀"}, {"b": 2}]),
        (f"b: 2\n---\n{PAIR}\n---\nc: 3\n", [{"b": 2}, {"a": "😀"}, {"c": 3}]),
        ('{"a": 1,}\n', [{"a": 1}]),
        ("{a: 1, b: yes}\n", [{"a": 1, "b": True}]),
        ('{"a": 1, # c\n b: 2}\n', [{"a": 1, "b": 2}]),
        ("---\n---\n{}\n", [{}]),
    ],
)
def test_documents_of_yaml_may_be_json(text, expected):
    """Facts of k8s.io/apimachinery 0.36: a document in braces is JSON where it can be, else YAML."""
    assert data(text, "f.yaml") == expected


def test_places_beside_json():
    documents = read_documents(f"b: 2\n---\n{PAIR}\n---\nc:\n  d: 3\n", "f.yaml", Dialect.KUBERNETES)
    assert [document.span().line for document in documents] == [1, 3, 5]
    assert documents[2].span(("c", "d")) == Span("f.yaml", 6, 6, 6, 7)


def test_broken_json_in_yaml_is_named_as_json():
    found = refused('a: 1\n---\n{"a": "\\ud83d\\ude00",\n "b": [1,]}\n', "f.yaml")
    assert (found.rule, found.at.line, found.at.column) == (rules.NOT_JSON, 4, 9)
