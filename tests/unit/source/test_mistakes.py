"""Every kind of mistake in YAML: its place, its name and the help for this very text."""

import pytest

from generator.finding import Halt
from generator.source import Dialect, read_documents

CASES = [
    ("a:\n\tb: 1\n", 2, 1, "a tab in the indentation", "spaces in place of the tab"),
    ("a: b\n\tc: d\n", 2, 1, "a tab in the indentation", "spaces"),
    ("x:\n  a: b\n    \tc: d\n", 3, 5, "a tab in the indentation", "spaces"),
    ("a:\n  -\tb: 1\n", 2, 4, "a tab", "spaces"),
    ("a: 1\n\t\nb: 1\n", 2, 1, "a tab in an empty line", "remove"),
    ("a: |\n  x\n\ty\n", 3, 1, "a tab in the indentation", "spaces"),
    ("a:\n  b: 1\n\u00a0\u00a0c: 2\n  d: 3\n", 3, 1, "a no-break space (U+00A0) in the indentation", "plain spaces"),
    ("a:\n  b: 1\n\u00a0\u00a0c:\n    d: 1\n    e: 2\n  f: 3\n", 3, 1, "in the indentation", "plain spaces"),
    ("a:\u00a01\nb: 2\n", 1, 3, "a no-break space (U+00A0) after `:`", "plain spaces"),
    ("a:\n  -\u00a0b: 1\n  - c: 1\n", 2, 4, "after `-`", "plain spaces"),
    ("a: “x: y”\n", 1, 4, "`“` is a typographic quote", '"x: y"'),
    ("a：1\nb: 2\n", 1, 2, "a fullwidth colon", "write `a: 1`"),
    ("{{- if .Values.x }}\na: 1\n{{- end }}\n", 1, 1, "the braces of a template, `{{- if .Values.x }}`", "not evaluated"),
    ("{% if x %}\na: 1\n", 1, 1, "the braces of a template, `{% if x %}`", "not evaluated"),
    ("a: {{ x }}-b\n", 1, 4, "the braces of a template, `{{ x }}`", "not evaluated"),
    ("a: x{{ y: z }}\n", 1, 5, "the braces of a template", "not evaluated"),
    ("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\n", 2, 1, "a conflict marker of git (`<<<<<<<`)", "side"),
    ("a:\n  - b\n=======\n  - d\n>>>>>>> x\n", 3, 1, "a conflict marker of git (`=======`)", "choose a side"),
    ("a: 1\n>>>>>>> x\n", 2, 1, "a conflict marker of git (`>>>>>>>`)", "choose a side"),
    ("a: {b: 1,\n<<<<<<< HEAD\nc: d}\n", 2, 1, "a conflict marker", "choose a side"),
    ("a: {b: 1\nc: 2\n", 1, 4, "`{` is never closed", "close it with `}`"),
    ("a: {b: 1,\nc: 2\nd: 3\n", 1, 4, "`{` is never closed", "close it with `}`"),
    ("a: [1, 2\nc: {d: 1}\n", 1, 4, "`[` is never closed", "close it with `]`"),
    ("- a: [1\n  b: 2\n", 1, 6, "`[` is never closed", "close it with `]`"),
    ("a: [1", 1, 4, "`[` is never closed", "close it with `]`"),
    ("a: {b: [1, 2}\n", 1, 8, "`[` is closed by `}`", "`]` before this `}`"),
    ("a: {b: 1}}\nc: 2\n", 1, 10, "`}` closes nothing", "remove it"),
    ("a: [x] y\nb: 1\n", 1, 8, "`y` follows the closing `]`", "quotes"),
    ("a: {b: 1 c: 2}\n", 1, 10, "a comma is missing before `c`", "`, c`"),
    ("a: {\n  b: 1\n  c: 2\n}\n", 2, 6, "a comma is missing before `c`", "at the end of this line"),
    ('a: ["x" "y"]\n', 1, 9, 'a comma is missing before `"y"`', ","),
    ("a: [1, , 2]\n", 1, 8, "an item is missing", "write the item"),
    ("a: 1\nname gw\nb: 2\n", 2, 1, "`name gw` has no `:`", "write `name: gw`"),
    ("a: 1\nname=gw\nb: 2\n", 2, 1, "`name=gw` has no `:`", "write `name: gw`"),
    ("metadata\n  name: x\n", 1, 1, "`metadata` has no `:`", "write `metadata:`"),
    ("- name\n  count: 3\n", 1, 3, "`name` has no `:`", "write `name:`"),
    ("a: 1\nb:2\nc: 3\n", 2, 1, "a space is missing after `b:`", "write `b: 2`"),
    ("a:\n  - b: 1\n  -c: 2\n", 3, 3, "a space is missing after the `-`", "`- c: 2`"),
    ("a: b: c\n", 1, 4, "the value `b: c` holds `: `", '"b: c"'),
    ("a: - b\n", 1, 4, "a list cannot begin on the line of its key", "next line"),
    ("--- a: 1\n", 1, 5, "text after `---`", "next line"),
    ("a: 1\n... x\n", 2, 5, "text after `...`", "remove"),
    ("a: 1\n...\nb: 2\n", 3, 1, "begins without `---`", "write `---`"),
    ("p:\n  - n: 1\n    m: 2\n  k: 3\n", 4, 3, "`k` is indented by 2 spaces, less than `m`", "by 4 spaces, as `m`"),
    ("p:\n  - n: 1\n    m: 2\n   k: 3\n", 4, 4, "`k` is indented by 3 spaces, less than `m`", "4 spaces, as `m`, or by"),
    ("p:\n  n: 1\n    m: 2\n", 3, 5, "`m` is indented by 4 spaces, more than `n`", "indent it by 2 spaces, as `n`"),
    ("p:\n    - a\n  - b\n", 3, 3, "the `-` is indented by 2 spaces", "by 4 spaces"),
    ("p:\n  a: 1\n  - b\n", 3, 3, "an item of a list is next to the key `a`", "remove the `-`"),
    ("p:\n  q:\n   a: 1\n  b: 2\n    c: 3\n", 5, 5, "`c` is indented by 4 spaces", "by 2 spaces, as `b`"),
    ("p:\n   a: 1\n  b: 2\nq:\n  c: 3\n  d: 4\n", 2, 4, "`a` is indented by 3 spaces, and `b` after it by 2", "by 2 spaces"),
    ("a: |\n    one\n  two\nb: 1\n", 3, 3, "`two` is indented by 2 spaces, less than the text", "by 4 spaces"),
    ("a: @x\n", 1, 4, "a value cannot begin with `@`", '"@x"'),
    ("a: `x`\n", 1, 4, "a value cannot begin with a backtick", '"`x`"'),
    ("a: *.example.com\n", 1, 4, "`*` at the start of a value begins an alias", '"*.example.com"'),
    ("a: [*.x, b]\n", 1, 5, "`*.x` is not a name for one", '"*.x"'),
    ("a: & b\n", 1, 4, "begins an anchor", '"& b"'),
    ("a: *x\n", 1, 4, "the alias `*x` has no anchor `&x`", '"*x"'),
    ("a: >x\n", 1, 4, "`>` begins a block of text", "on the next line"),
    ("%FOO\na: 1\n", 1, 1, "begins with `%`", "quotes"),
    ('a: "x\nb: 1\n', 1, 4, 'the quote `"` is never closed', 'close it with `"`'),
    ('a: "x\nb: "y"\nc: 1\n', 1, 4, 'the quote `"` is not closed on its line', 'close it with `"`'),
    ('a: "x\nb: "y\\."\nc: 1\n', 1, 4, 'the quote `"` is not closed on its line', 'close it with `"`'),
    ("a: 'it's'\nb: 1\n", 1, 8, "the quote `'` closes before `s'`", "write `''`"),
    ('a: "x" y\nb: 1\n', 1, 8, "`y` follows the closing quote", '"x y"'),
    ('a: "say "hi""\nb: 1\n', 1, 10, "follows the closing quote", "'say \"hi\"'"),
    ('a: "C:\\path"\n', 1, 7, "`\\p` is not an escape of YAML", "`\\\\`"),
    ('a: "\\ud83d\\ude00"\n', 1, 5, "pair of surrogates, as JSON writes U+1F600", "`\\U0001F600`"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "words", "help_"), CASES)
def test_kinds(text, line, column, words, help_):
    with pytest.raises(Halt) as halted:
        read_documents(text, "f.yaml", Dialect.KUBERNETES)
    found = halted.value.findings[0]
    assert (found.at.line, found.at.column, words in found.message, help_ in found.hint) == (
        line,
        column,
        True,
        True,
    ), found


def test_notes_are_the_lines_it_may_be_aligned_with():
    with pytest.raises(Halt) as halted:
        read_documents("p:\n  - n: 1\n    m: 2\n   k: 3\n", "f.yaml")
    notes = [(note.message, str(note.at)) for note in halted.value.findings[0].notes]
    assert notes == [("`m` is indented by 4 spaces", "f.yaml:3:5"), ("`p` is indented by no space", "f.yaml:1:1")]
