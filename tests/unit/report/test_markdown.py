"""The Markdown summary: whole, short enough to post, nothing alive in its values."""

from dataclasses import replace

import pytest

from generator.report import render_report
from generator.report.markdown import code_span
from tests.unit.report.conftest import HOSTILE, context

WHOLE = """\
## qatgen: 1 error, 1 warning

| Severity | Rule | Where | Finding |
| --- | --- | --- | --- |
| error | `QATP013 qat-devices-permitted` | `overlays/prod/patches/worker.yaml:12:21` | `hostDevices[0] asks for "qat.intel.com/decomp", which 420xx does not offer`<br>in `VirtualMachineInstance prod/qat-worker`<br>`templates/vmi/vmi.yaml.j2:31` `rendered here`<br>`policies/qat-devices-permitted/policy.yaml:24:5` `required by this validation`<br>help: `request qat.intel.com/sym, or choose generation 6xxx` |
| warning | `SPC040 unused-class` | `spec.yaml` | `class "dc" is used nowhere` |
"""


def test_whole(finding, warning):
    assert render_report("markdown", [warning, finding], context()) == WHOLE


def test_no_findings():
    assert render_report("markdown", [], context()) == "## qatgen: no findings\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "`plain`"),
        ("", ""),
        ("  ", ""),
        ("a`b", "``a`b``"),
        ("`a``b", "``` `a``b ```"),
        (" a ", "`  a  `"),
        ("<b>&*_", "`<b>&*_`"),
        ("a|b c\\", "<code>a&#124;b c&#92;</code>"),
        ("a\nb", "`a\\nb`"),
    ],
)
def test_code_span(text, expected):
    assert code_span(text) == expected


def test_too_much_is_counted(warning):
    findings = [replace(warning, message="x" * 5000) for _ in range(100)]
    out = render_report("markdown", findings, context())
    assert len(out) < 65_536
    shown = out.count("| warning |")
    assert 20 < shown < 100
    assert out.endswith(f"\nand {100 - shown} more\n")


@pytest.mark.parametrize(
    "value",
    [
        HOSTILE,
        HOSTILE.replace("|", ""),
        "a\\|b",
        "`|`",
        "a`|<img src=x>`|",
        "``",
        "|",
        "\\`<b>",
        "a\n\n# h",
        "</code><b>|",
    ],
)
def test_values_stay_in_their_cells(hostile, value):
    markdown_it = pytest.importorskip("markdown_it")
    parser = markdown_it.MarkdownIt("commonmark").enable("table")
    found = replace(hostile, message=value, subject=value, hint=value, notes=())
    tokens = parser.parse(render_report("markdown", [found], context()))
    cells = [tokens[place + 1] for place, token in enumerate(tokens) if token.type == "td_open"]
    assert len(cells) == 4
    tags = [child.content for cell in cells for child in cell.children if child.type == "html_inline"]
    assert set(tags) <= {"<br>", "<code>", "</code>"}
    assert {child.type for cell in cells for child in cell.children} <= {
        "text",
        "code_inline",
        "html_inline",
        "text_special",
    }
