"""What all formats share: order, relative files, fingerprints, printable text."""

import itertools
from dataclasses import replace

import pytest

from generator.finding import Finding, Rule
from generator.location import Span
from generator.report import FORMATS, fingerprint, render_report
from generator.report.fingerprint import numbered
from generator.report.formats import in_order
from generator.report.visible import visible, width
from tests.unit.report.conftest import PERMITTED, context


def _finding(file: str, line: int, column: int, code: str) -> Finding:
    return Finding(rule=Rule(code, "n", "s"), message="m", at=Span(file, line, column))


def test_order_is_file_line_column_code():
    expected = [
        _finding("a", 1, 2, "B"),
        _finding("a", 2, 1, "B"),
        _finding("a", 2, 3, "A"),
        _finding("a", 2, 3, "B"),
        _finding("a", 10, 1, "A"),
        _finding("b", 1, 1, "A"),
    ]
    for shuffled in itertools.permutations(expected, 6):
        assert in_order(shuffled) == expected


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_cares_for_the_order_given(form, finding, warning, hostile):
    reports = {render_report(form, order, context()) for order in itertools.permutations([finding, warning, hostile])}
    assert len(reports) == 1


@pytest.mark.parametrize("form", FORMATS)
def test_the_root_is_in_no_report(form, finding):
    moved = replace(finding, at=replace(finding.at, file=f"/repo/{finding.at.file}"))
    out = render_report(form, [moved], context(root="/repo"))
    assert out == render_report(form, [finding], context(root="/repo"))
    assert "/repo" not in out


@pytest.mark.parametrize(
    ("file", "root", "shown"),
    [
        ("/repo/a.yaml", "/repo", "a.yaml"),
        ("/repo/a.yaml", "/repo/", "a.yaml"),
        ("/repository/a.yaml", "/repo", "/repository/a.yaml"),
        ("./a.yaml", "", "a.yaml"),
        ("././/a.yaml", "/repo", "a.yaml"),
        ("../a.yaml", ".", "../a.yaml"),
        ("/a.yaml", "/", "/a.yaml"),
        ("a.yaml", "", "a.yaml"),
    ],
)
def test_files_are_relative_to_the_root(file, root, shown):
    out = render_report("text", [_finding(file, 0, 0, "A")], context(root=root))
    assert out.splitlines()[1] == f"  --> {shown}"


def test_unknown_format():
    with pytest.raises(KeyError):
        render_report("html", [], context())


BASE = Finding(
    rule=PERMITTED,
    message='first defined at line 3, "x" is 7',
    at=Span("a.yaml", 3, 1),
    subject="VM a/b",
    path=("s", 0),
)


@pytest.mark.parametrize(
    "same",
    [
        replace(BASE, at=Span("a.yaml", 90, 4, 91, 2)),
        replace(BASE, message='first defined at line 400, "x" is 7'),
        replace(BASE, path=("s", 7)),
        replace(BASE, hint="do something else"),
    ],
)
def test_fingerprint_outlives_moves(same):
    assert fingerprint(same) == fingerprint(BASE)


@pytest.mark.parametrize(
    "other",
    [
        replace(BASE, rule=replace(PERMITTED, code="QATP014")),
        replace(BASE, at=Span("b.yaml", 3, 1)),
        replace(BASE, message='first defined at line 3, "x" is 8'),
        replace(BASE, subject="VM a/c"),
        replace(BASE, path=("t", 0)),
        replace(BASE, path=("s", "0")),
    ],
)
def test_fingerprint_tells_apart(other):
    assert fingerprint(other) != fingerprint(BASE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("see a.yaml:3:4", "see a.yaml:9"),
        ("disks[3] is taken", "disks[12] is taken"),
        ("lines 3 to 9", "lines 4 to 11"),
        ("column 8", "column 9"),
    ],
)
def test_places_in_messages_do_not_count(one, other):
    assert fingerprint(replace(BASE, message=one)) == fingerprint(replace(BASE, message=other))


def test_fingerprint_never_changes():
    """A changed value would reopen every alert anybody dismissed."""
    assert fingerprint(BASE) == "d6b560e9832fcdba960163b27072ebe426779168308f8982b5dcb4e052d69cb6"


def test_alike_findings_are_numbered():
    digests = [
        digest
        for _, digest in numbered([BASE, replace(BASE, at=Span("a.yaml", 9, 1)), replace(BASE, subject="VM c/d")])
    ]
    digest = fingerprint(BASE)
    assert digests[:2] == [f"{digest}:1", f"{digest}:2"]
    assert digests[2].endswith(":1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ünï 日本 é", "plain ünï 日本 é"),
        ("a\n\t\rb", "a\\n\\t\\rb"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202eb\u200bc\u2066", "a\\u202eb\\u200bc\\u2066"),
        ("\ud800", "\\ud800"),
        ("\uffff\ufeff", "\\uffff\\ufeff"),
        ("\x7f\x00", "\\x7f\\x00"),
        ("a\u00a0b", "a\u00a0b"),
    ],
)
def test_visible(text, expected):
    assert visible(text) == expected


@pytest.mark.parametrize(("text", "cells"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("é", 1), ("", 0)])
def test_width(text, cells):
    assert width(text) == cells
