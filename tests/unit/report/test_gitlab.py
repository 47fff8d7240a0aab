"""GitLab's code quality report."""

import json
from dataclasses import replace

import pytest

from generator.finding import Finding, Rule, Severity
from generator.location import Span
from generator.report import render_report
from tests.unit.report.conftest import context


def test_whole(finding, warning):
    one, other = json.loads(render_report("gitlab", [warning, finding], context()))
    assert len({one.pop("fingerprint"), other.pop("fingerprint")}) == 2
    assert one == {
        "description": 'QATP013: hostDevices[0] asks for "qat.intel.com/decomp", which 420xx does not offer'
        " (request qat.intel.com/sym, or choose generation 6xxx)",
        "check_name": "QATP013 qat-devices-permitted",
        "severity": "critical",
        "location": {"path": "overlays/prod/patches/worker.yaml", "lines": {"begin": 12}},
    }
    assert other["severity"] == "minor"
    assert other["location"] == {"path": "spec.yaml", "lines": {"begin": 1}}


def test_the_same_finding_twice_keeps_two_fingerprints(finding):
    rows = json.loads(render_report("gitlab", [finding, finding], context()))
    assert len({row["fingerprint"] for row in rows}) == 2


@pytest.mark.parametrize(
    ("code", "severity", "word"),
    [
        ("QATK-021", Severity.ERROR, "critical"),
        ("SCH001", Severity.ERROR, "critical"),
        ("CAP001", Severity.ERROR, "critical"),
        ("SPC003", Severity.ERROR, "major"),
        ("SRC004", Severity.ERROR, "major"),
        ("OWN-001", Severity.ERROR, "critical"),
        ("EMT002", Severity.ERROR, "blocker"),
        ("SCH001", Severity.WARNING, "minor"),
        ("EMT040", Severity.INFO, "info"),
    ],
)
def test_how_bad_a_finding_is(code, severity, word):
    made = Finding(rule=Rule(code, "n", "s", severity), message="m", at=Span("spec.yaml", 3))
    (row,) = json.loads(render_report("gitlab", [made], replace(context(), folder="edge")))
    assert row["severity"] == word
    assert row["location"]["path"] == "edge/spec.yaml"


def test_no_findings_are_an_empty_list():
    assert render_report("gitlab", [], context()) == "[]\n"


def test_hostile_values_stay_text(hostile):
    (row,) = json.loads(render_report("gitlab", [hostile], context()))
    assert "\x1b" not in row["description"]
    assert "\n" not in row["description"]
