"""yamllint with the shipped configuration."""

import pytest

from generator.lint import lint_text
from tests.support.workspace import REPOSITORY


@pytest.mark.parametrize(
    ("text", "place", "rule"),
    [
        ("a: 1 \n", (1, 5), "trailing-spaces"),
        ("a: 1", (1, 5), "new-line-at-end-of-file"),
        ("a: yes\n", (1, 4), "truthy"),
        ("a: 010\n", (1, 7), "octal-values"),
        ("a:\n  b: 1\nc:\n    d: 1\n", (4, 5), "indentation"),
        ("a: &x 1\n", (1, 4), "anchors"),
        ("a: {  b: 1}\n", (1, 6), "braces"),
    ],
)
def test_what_is_told(text, place, rule):
    (finding,) = lint_text(text, "f.yaml")
    assert (finding.at.line, finding.at.column) == place
    assert f"({rule})" in finding.message
    assert finding.level == "warning"


@pytest.mark.parametrize(
    "text",
    [
        "#cloud-config\npackages: [a]\n",
        "a:\n- b\n",
        "a:\n  - b\n",
        "a: {b: 1}\n",
        "on: 1\n",
        f"a: {'x' * 300}\n",
        "a: yes # yamllint disable-line rule:truthy\n",
        "a: [\n",
    ],
)
def test_what_is_not(text):
    assert list(lint_text(text, "f.yaml")) == []


def test_what_is_emitted_is_clean():
    files = [
        *(REPOSITORY / "rendered").rglob("*.yaml"),
        *(REPOSITORY / "tests/golden/cases").rglob("rendered/**/*.yaml"),
    ]
    assert len(files) > 80
    assert [f for file in files for f in lint_text(file.read_text(encoding="utf-8"), file.as_posix())] == []


@pytest.mark.parametrize(
    ("text", "shown"), [('{"a":1,"b":[1,2]}', "f.json"), ('{"a":1,\n"b":[1,2]}', "<stdin>"), ('[ {"a":1} ]', "f.yaml")]
)
def test_json_has_no_style(text, shown):
    assert list(lint_text(text, shown)) == []
