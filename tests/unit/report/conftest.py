"""Findings and sources the report tests share."""

from collections.abc import Callable

import pytest

from generator.finding import Finding, Note, Rule, Severity
from generator.location import Span
from generator.report import ReportContext

SOURCES = {
    "overlays/prod/patches/worker.yaml": "".join(f"line{number}: x\n" for number in range(1, 12))
    + "        deviceName: qat.intel.com/decomp\n",
}


def context(*, colour: bool = False, root: str = "/repo", sources: Callable[[str], str | None] = SOURCES.get):
    return ReportContext(source_text=sources, colour=colour, tool_version="1.2.3", root=root)


PERMITTED = Rule("QATP013", "qat-devices-permitted", "Every QAT device is one its class offers.")
UNUSED = Rule("SPC040", "unused-class", "A device class serves a machine or a pool.", Severity.WARNING)
HOSTILE = "a\x1b[31m]8;;x\x07\nb\r::error::c\x00\u202e\u2028<i>&amp;|`*_[x](http://e)@team #1 \ud800\ufffe\x85]]>%0A"


@pytest.fixture
def finding() -> Finding:
    return Finding(
        rule=PERMITTED,
        message='hostDevices[0] asks for "qat.intel.com/decomp", which 420xx does not offer',
        at=Span("overlays/prod/patches/worker.yaml", 12, 21, 12, 41),
        hint="request qat.intel.com/sym, or choose generation 6xxx",
        notes=(
            Note("rendered here", Span("templates/vmi/vmi.yaml.j2", 31)),
            Note("required by this validation", Span("policies/qat-devices-permitted/policy.yaml", 24, 5)),
        ),
        subject="VirtualMachineInstance prod/qat-worker",
        path=("spec", "domain", "devices", "hostDevices", 0, "deviceName"),
    )


@pytest.fixture
def warning() -> Finding:
    return Finding(rule=UNUSED, message='class "dc" is used nowhere', at=Span("spec.yaml"))


@pytest.fixture
def hostile() -> Finding:
    span = Span(f"a{HOSTILE}.yaml", 1, 1, 1, 3)
    return Finding(
        rule=PERMITTED,
        message=HOSTILE,
        at=span,
        hint=HOSTILE,
        notes=(Note(HOSTILE, span),),
        subject=HOSTILE,
        path=(HOSTILE, 0),
    )
