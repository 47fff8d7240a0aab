"""The terminal's report, whole."""

from dataclasses import replace

import pytest

from generator.finding import Finding
from generator.location import Span
from generator.report import render_report
from tests.unit.report.conftest import HOSTILE, PERMITTED, context

WHOLE = """\
error[QATP013 qat-devices-permitted]: hostDevices[0] asks for "qat.intel.com/decomp", which 420xx does not offer
  --> overlays/prod/patches/worker.yaml:12:21
   |
12 |         deviceName: qat.intel.com/decomp
   |                     ^^^^^^^^^^^^^^^^^^^^
  ::: templates/vmi/vmi.yaml.j2:31   rendered here
  ::: policies/qat-devices-permitted/policy.yaml:24:5   required by this validation
   = in: VirtualMachineInstance prod/qat-worker
   = field: spec.domain.devices.hostDevices[0].deviceName
   = help: request qat.intel.com/sym, or choose generation 6xxx

warning[SPC040 unused-class]: class "dc" is used nowhere
  --> spec.yaml

1 error, 1 warning
"""


def test_whole(finding, warning):
    assert render_report("text", [warning, finding], context()) == WHOLE


def test_nothing_to_say():
    assert render_report("text", [], context()) == ""


def test_colour(warning):
    assert render_report("text", [warning], context(colour=True)) == (
        '\x1b[1;33mwarning[SPC040 unused-class]\x1b[0m\x1b[1m: class "dc" is used nowhere\x1b[0m\n'
        "  \x1b[1;34m-->\x1b[0m spec.yaml\n"
        "\n"
        "1 warning\n"
    )


def test_colour_changes_nothing_but_colour(finding):
    coloured = render_report("text", [finding], context(colour=True))
    for tone in ("\x1b[0m", "\x1b[1m", "\x1b[1;34m", "\x1b[1;31m"):
        coloured = coloured.replace(tone, "")
    assert coloured == render_report("text", [finding], context())


@pytest.mark.parametrize("colour", [False, True])
def test_nothing_hostile_reaches_a_terminal(hostile, colour):
    out = render_report("text", [hostile], context(colour=colour, sources=lambda _: HOSTILE))
    for tone in ("\x1b[0m", "\x1b[1m", "\x1b[1;34m", "\x1b[1;31m"):
        out = out.replace(tone, "") if colour else out
    assert [character for character in out if not character.isprintable() and character != "\n"] == []
    assert "a\\x1b[31m]8;;x\\x07\\nb\\r::error::c\\x00\\u202e\\u2028" in out
    assert not any(line.startswith("::") for line in out.splitlines())
    out.encode("utf-8")


def _marks(text: str, span: Span) -> list[str]:
    shown = render_report("text", [Finding(rule=PERMITTED, message="m", at=span)], context(sources=lambda _: text))
    return [line.partition("| ")[2] for line in shown.splitlines() if "| " in line]


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("a: b", Span("f", 1, 4, 1, 5), ["a: b", "   ^"]),
        ("a: b", Span("f", 1, 4), ["a: b", "   ^"]),
        ("a: b", Span("f", 1), ["a: b", "^"]),
        ("a: b", Span("f", 1, 99, 1, 120), ["a: b", "    ^"]),
        ("a: b", Span("f", 1, 4, 1, 4), ["a: b", "   ^"]),
        ("a:\n  b: c\n", Span("f", 2, 3, 4, 1), ["  b: c", "  ^^^^"]),
        ("\ta: b", Span("f", 1, 5, 1, 6), ["→   a: b", "       ^"]),
        ("\t\n", Span("f", 1, 1, 1, 2), ["→   ", "^^^^"]),
        ("a:\n \u00a0b: 1\n", Span("f", 2, 2, 2, 3), [" \\xa0b: 1", " ^^^^"]),
        ("a: \u2003b", Span("f", 1, 4, 1, 5), ["a: \\u2003b", "   ^^^^^^"]),
        ("\ufeffa: b", Span("f", 1, 1, 1, 2), ["a: b", "^"]),
        ("a: 日本 c", Span("f", 1, 4, 1, 6), ["a: 日本 c", "   ^^^^"]),
        ("日本: c", Span("f", 1, 5, 1, 6), ["日本: c", "      ^"]),
        ("a: e\u0301x", Span("f", 1, 6, 1, 7), ["a: e\u0301x", "    ^"]),
        ("a: \x1bb", Span("f", 1, 4, 1, 6), ["a: \\x1bb", "   ^^^^^"]),
        ("a: b\r\nc: d\r\n", Span("f", 2, 4, 2, 5), ["c: d", "   ^"]),
        ("a: b\rc: d", Span("f", 2, 4, 2, 5), ["c: d", "   ^"]),
        ("x" * 200, Span("f", 1, 1, 1, 3), ["x" * 120 + "…", "^^"]),
        (
            "x" * 500 + "yy" + "x" * 500,
            Span("f", 1, 501, 1, 503),
            ["…" + "x" * 40 + "yy" + "x" * 78 + "…", " " * 41 + "^^"],
        ),
        ("x" * 500, Span("f", 1, 1, 1, 501), ["x" * 120 + "…", "^" * 120]),
    ],
)
def test_marks_stand_below_what_they_mean(text, span, expected):
    assert _marks(text, span) == expected


@pytest.mark.parametrize("span", [Span("f", 9, 1), Span("f", 2, 1), Span("f"), Span("nowhere", 1, 1)])
def test_no_excerpt_of_what_is_not_there(span):
    finding = Finding(rule=PERMITTED, message="m", at=span)
    shown = render_report("text", [finding], context(sources={"f": "a\n\nb"}.get))
    assert "|" not in shown
    assert f"--> {span}" in shown


def test_the_gutter_grows_with_the_line(finding):
    at = Span("f", 12345, 1, 12345, 2)
    shown = render_report("text", [replace(finding, at=at, notes=())], context(sources=lambda _: "a\n" * 12345))
    assert shown.splitlines()[1:6] == [
        "     --> f:12345:1",
        "      |",
        "12345 | a",
        "      | ^",
        "      = in: VirtualMachineInstance prod/qat-worker",
    ]


def test_a_file_is_read_once(finding):
    asked = []

    def read(file: str) -> str | None:
        asked.append(file)
        return "a\n" * 50

    findings = [replace(finding, at=Span("f", line, 1)) for line in range(1, 50)]
    render_report("text", findings, context(sources=read))
    assert asked == ["f"]
