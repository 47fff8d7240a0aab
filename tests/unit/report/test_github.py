"""Workflow commands: whole, one line each, nothing a value could add."""

from dataclasses import replace

import pytest

from generator.finding import Severity
from generator.location import Span
from generator.report import render_report
from tests.unit.report.conftest import context


def test_whole(finding, warning):
    assert render_report("github", [warning, finding], context()) == (
        "::error file=overlays/prod/patches/worker.yaml,line=12,endLine=12,col=21,endColumn=41,"
        "title=QATP013 qat-devices-permitted"
        '::hostDevices[0] asks for "qat.intel.com/decomp", which 420xx does not offer'
        "%0Ain: VirtualMachineInstance prod/qat-worker"
        "%0Atemplates/vmi/vmi.yaml.j2:31: rendered here"
        "%0Apolicies/qat-devices-permitted/policy.yaml:24:5: required by this validation"
        "%0Ahelp: request qat.intel.com/sym, or choose generation 6xxx\n"
        '::warning file=spec.yaml,title=SPC040 unused-class::class "dc" is used nowhere\n'
    )


def test_nothing_to_say():
    assert render_report("github", [], context()) == ""


@pytest.mark.parametrize(
    ("span", "place"),
    [
        (Span("./a.yaml", 3), "file=a.yaml,line=3,endLine=3,"),
        (Span("a.yaml", 3, 5), "file=a.yaml,line=3,endLine=3,col=5,"),
        (Span("a.yaml", 3, 5, 7, 2), "file=a.yaml,line=3,endLine=7,"),
        (Span("a,b:c%.yaml"), "file=a%2Cb%3Ac%25.yaml,"),
        (Span(""), ""),
    ],
)
def test_places(warning, span, place):
    out = render_report("github", [replace(warning, at=span)], context())
    assert out == f'::warning {place}title=SPC040 unused-class::class "dc" is used nowhere\n'


def test_info_is_a_notice(warning):
    out = render_report("github", [replace(warning, severity=Severity.INFO)], context())
    assert out.startswith("::notice file=spec.yaml,")


def test_a_value_adds_no_command(hostile):
    out = render_report("github", [hostile], context())
    assert out.count("\n") == 1
    assert out.endswith("\n")
    head, _, data = out.removeprefix("::").partition("::")
    assert head.count(",") == 5  # file, line, endLine, col, endColumn, title
    assert ":" not in head
    assert "%250A" in head
    assert "%250A" in data
    assert all(character.isprintable() for character in out[:-1])
