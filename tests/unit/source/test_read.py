"""Reading files: positions, and every text that is refused, with its place."""

import pytest

from generator.finding import Halt
from generator.location import Span
from generator.source import Dialect, read_documents, read_one, rules
from generator.source.read import read_file


def test_values_and_keys_know_where_they_stand():
    (document,) = read_documents("a:\n  - b: 1\n    'c d': two\n", "f.yaml")
    assert document.data == {"a": [{"b": 1, "c d": "two"}]}
    assert document.span(("a", 0, "c d")) == Span("f.yaml", 3, 12, 3, 15)
    assert document.span(("a", 0, "c d"), key=True) == Span("f.yaml", 3, 5, 3, 10)
    assert document.span(("a", 0, "gone", "deeper")).line == 2
    assert document.has(("a", 0, "b"))
    assert not document.has(("a", 1))


@pytest.mark.parametrize(
    ("text", "rule", "line", "column"),
    [
        ("a: [1\n", rules.NOT_YAML, 1, 4),
        ("a: 1\nb:\n\t- c\n", rules.NOT_YAML, 3, 1),
        ("a: 1\nb: {a: 1, b: 2, a: 3}\n", rules.DUPLICATE_KEY, 2, 17),
        ("a: &x 1\n", rules.ALIAS, 1, 4),
        ("a: !!str 1\n", rules.TAG, 1, 4),
        ("a: yes\n", rules.ODD_SCALAR, 1, 4),
        ("a:\n  0777: x\n", rules.ODD_KEY, 2, 3),
        ("a: {1: x}\n", rules.ODD_KEY, 1, 5),
        ("? [a]\n: b\n", rules.ODD_KEY, 1, 3),
        ("<<: {a: 1}\n", rules.ODD_KEY, 1, 1),
        (b"\xff\xfea\x00", rules.NOT_TEXT, 1, 1),
        (b"a: b\nc: \xff\n", rules.NOT_TEXT, 2, 4),
        (b"a: b\nc: \x07\n", rules.NOT_TEXT, 2, 4),
        (b"\x00\x01\x02\x03", rules.NOT_TEXT, 1, 1),
    ],
)
def test_refused_with_its_place(text, rule, line, column):
    with pytest.raises(Halt) as halted:
        read_documents(text, "f.yaml")
    finding = halted.value.findings[0]
    assert (finding.rule, finding.at.line, finding.at.column) == (rule, line, column)
    assert finding.hint


def test_every_finding_of_a_text_is_told():
    with pytest.raises(Halt) as halted:
        read_documents("a: yes\nb: no\nc: 0777\n", "f.yaml")
    assert [finding.at.line for finding in halted.value.findings] == [1, 2, 3]


def test_an_alias_bomb_is_refused_in_both_dialects():
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    for dialect in Dialect:
        with pytest.raises(Halt) as halted:
            read_documents("\n".join(rows), "f.yaml", dialect)
        assert halted.value.findings[0].rule is rules.ALIAS


def test_kubernetes_takes_anchors_tags_and_merge_keys():
    text = "base: &b {x: 1, z: 2}\nmore:\n  <<: *b\n  z: 3\ntext: !!str 12\nyes: on\n---\n---\nb: 2\n"
    first, second = read_documents(text, "f.yaml", Dialect.KUBERNETES)
    assert first.data == {"base": {"x": 1, "z": 2}, "more": {"x": 1, "z": 3}, "text": "12", "true": True}
    assert (second.data, second.index) == ({"b": 2}, 2)


def test_nesting_has_a_bound():
    for text in ("[" * 100_000, "a: " + "[" * 500 + "]" * 500):
        with pytest.raises(Halt) as halted:
            read_documents(text, "f.yaml")
        assert halted.value.findings[0].rule in {rules.TOO_DEEP, rules.NOT_YAML}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", rules.EMPTY),
        ("# only a comment\n", rules.EMPTY),
        ("a: 1\n---\nb: 2\n", rules.DOCUMENTS),
        ("- a\n", rules.NOT_A_MAPPING),
        ("just text\n", rules.NOT_A_MAPPING),
    ],
)
def test_one_document_that_is_a_mapping(tmp_path, text, rule):
    (tmp_path / "f.yaml").write_text(text)
    with pytest.raises(Halt) as halted:
        read_one(tmp_path / "f.yaml", "f.yaml")
    assert halted.value.findings[0].rule is rule


def test_files_that_cannot_be_read(tmp_path, monkeypatch):
    for path in (tmp_path / "missing.yaml", tmp_path):
        with pytest.raises(Halt) as halted:
            read_file(path, "f.yaml")
        assert halted.value.findings[0].rule is rules.UNREADABLE
    monkeypatch.setattr("generator.source.read.MAX_BYTES", 10)
    (tmp_path / "big.yaml").write_text("a: 12345678\n")
    with pytest.raises(Halt) as halted:
        read_file(tmp_path / "big.yaml", "big.yaml")
    assert halted.value.findings[0].rule is rules.TOO_LARGE
