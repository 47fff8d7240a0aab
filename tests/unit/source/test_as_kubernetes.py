"""Byte order marks, encodings, tags and keys, as sigs.k8s.io/yaml 1.6 and apimachinery 0.36 take them (recorded)."""

import pytest

from generator.finding import Halt, Severity
from generator.source import Dialect, read_documents, rules

BOM = "\ufeff"


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(
    "text",
    [
        f"{BOM}a: 1\nb: 2\n---\nc: 3\n",
        f"a: 1\nb: 2\n---\n{BOM}c: 3\n",
        f"a: 1\nb: 2\n--- # next\r\n{BOM}c: 3\n",
        f"{BOM}a: 1\nb: 2\n{BOM}---\nc: 3\n",
        f"{BOM}---\na: 1\nb: 2\n{BOM}---\n{BOM}c: 3\n",
        f"a: 1\nb: 2\n...\n{BOM}---\nc: 3\n",
    ],
)
def test_a_byte_order_mark_before_a_document_is_passed_over(text, dialect):
    assert [one.data for one in read_documents(text.encode(), "f.yaml", dialect)] == [{"a": 1, "b": 2}, {"c": 3}]
    assert [one.data for one in read_documents(text, "f.yaml", dialect)] == [{"a": 1, "b": 2}, {"c": 3}]


@pytest.mark.parametrize("text", [f"a: 1\n{BOM}b: 2\n", f"a:\n  b: 1\n{BOM}  c: 2\n  d: 3\n"])
def test_one_in_a_document_is_named(text):
    with pytest.raises(Halt) as halted:
        read_documents(text.encode(), "f.yaml", Dialect.KUBERNETES)
    [found] = halted.value.findings
    assert "byte order mark (U+FEFF)" in found.message
    assert found.at.line == text[: text.index(BOM)].count("\n") + 1


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("a: b\n".encode("utf-16"), "UTF-16 (little endian)"),
        (b"\xfe\xff" + "a: b\n".encode("utf-16-be"), "UTF-16 (big endian)"),
        ("a: b\n".encode("utf-16-le"), "UTF-16 (little endian)"),
        ("a: b\n".encode("utf-16-be"), "UTF-16 (big endian)"),
        ("a: b\n".encode("utf-32"), "UTF-32 (little endian)"),
        ("a: b\n".encode("utf-32-be"), "UTF-32 (big endian)"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        ("a: é\n".encode("latin-1"), 'in Windows-1252 or Latin-1 it is "é"'),
    ],
)
def test_other_encodings_are_named(raw, words):
    with pytest.raises(Halt) as halted:
        read_documents(raw, "f.yaml", Dialect.KUBERNETES)
    [found] = halted.value.findings
    assert (found.rule, words in found.message) == (rules.NOT_TEXT, True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!!binary aGVsbG8=", "hello"),
        ("!!binary |\n  aGVs\n  bG8=", "hello"),
        ('!!binary ""', ""),
        ("!!str 12", "12"),
        ("!!str n", "n"),
        ("!!str 1e3", "1e3"),
        ("&x !!str 12", "12"),
        ("!!str &x 12", "12"),
        ("!!str", ""),
        ('!!int "5"', 5),
        ("!!int 0x1f", 31),
        ("!!int -5", -5),
        ("!!float 1", 1),
        ('!!float "1.5"', 1.5),
        ("!!float 0777", 511),
        ("!!bool yes", True),
        ('!!bool "yes"', True),
        ("!!null ~", None),
        ('!!null ""', None),
        ("!!timestamp 2020-01-01", "2020-01-01"),
        ("!!set {x, z}", {"x": None, "z": None}),
        ("!!omap [x: 1]", [{"x": 1}]),
        ("!foo 12", "12"),
        ("! 12", "12"),
        ("!<tag:yaml.org,2002:int> 5", 5),
        ("!!map {x: 1}", {"x": 1}),
    ],
)
def test_tags(text, value):
    [document] = read_documents(f"a: {text}\n", "f.yaml", Dialect.KUBERNETES)
    assert document.data == {"a": value}
    assert type(document.data["a"]) is type(value)


@pytest.mark.parametrize(
    "text",
    ["!!binary '**'", "!!binary aGVsbG8", '!!binary "aGVs bG8="', "!!binary _w==", "!!binary /w==", "!!int x",
     "!!int 1.5", "!!int", "!!float x", "!!bool 1", "!!bool x", "!!null x", "!!timestamp x"],
)  # fmt: skip
def test_tags_that_do_not_fit(text):
    with pytest.raises(Halt) as halted:
        read_documents(f"x: 1\na: {text}\n", "f.yaml", Dialect.KUBERNETES)
    [found] = halted.value.findings
    assert (found.rule, found.at.line, bool(found.hint)) == (rules.UNFIT_TAG, 2, True)


def test_a_key_with_a_tag():
    [document] = read_documents("!!binary YQ==: x\n!!str n: v\n!!int 5: z\n", "f.yaml", Dialect.KUBERNETES)
    assert (document.data, document.remarks) == ({"a": "x", "n": "v", "5": "z"}, ())


def test_a_key_that_becomes_another_is_remarked_on_at_its_line():
    text = 'a: 1\nlabels:\n  n: "1"\n  on: "2"\n  0x10: "3"\n  "y": "4"\n  true: "5"\n'
    with pytest.raises(Halt) as halted:
        read_documents(text, "f.yaml", Dialect.KUBERNETES)
    [found] = halted.value.findings
    assert (found.rule, found.at.line, "`true`" in found.message) == (rules.DUPLICATE_KEY, 7, False)
    [document] = read_documents(text.replace("  true", "  x"), "f.yaml", Dialect.KUBERNETES)
    assert document.data["labels"] == {"false": "1", "true": "2", "16": "3", "y": "4", "x": "5"}
    assert [(one.rule, one.level, one.at.line) for one in document.remarks] == [
        (rules.CHANGED_KEY, Severity.WARNING, line) for line in (3, 4, 5)
    ]
    assert 'reads the key "false"' in document.remarks[0].message
    assert document.span(("labels", "false"), key=True).line == 3
    assert document.span(("labels", "16")).line == 5


def test_two_spellings_of_one_key_are_one_key():
    with pytest.raises(Halt) as halted:
        read_documents("n: 1\nno: 2\n", "f.yaml", Dialect.KUBERNETES)
    assert halted.value.findings[0].message == 'key "false" appears twice (`no` is read as that)'
    [document] = read_documents("n: 1\nno: 2\n", "f.yaml", Dialect.KUSTOMIZE)
    assert document.data == {"n": 1, "no": 2}
    assert document.remarks == ()


@pytest.mark.parametrize(
    ("text", "dialect", "line"),
    [
        ("a: 1\n\u00a0b: 2\n", Dialect.KUBERNETES, 2),
        ("a: {b\u00a0: 2}\n", Dialect.KUSTOMIZE, 1),
        ("a: 1\nb:\u00a0{c: 2}\n", Dialect.KUBERNETES, 2),
        ("a:\n  - name:\u00a0x\n", Dialect.STRICT, 2),
        ("a: \u00a0x\n", Dialect.STRICT, 1),
        ("a: x\u200b\n", Dialect.STRICT, 1),
    ],
)
def test_spaces_that_are_letters_are_named(text, dialect, line):
    with pytest.raises(Halt) as halted:
        read_documents(text, "f.yaml", dialect)
    assert (halted.value.findings[0].rule, halted.value.findings[0].at.line) == (rules.ODD_SPACE, line)
