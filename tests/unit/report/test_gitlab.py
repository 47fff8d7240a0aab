"""GitLab's code quality report."""

import json

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


def test_no_findings_are_an_empty_list():
    assert render_report("gitlab", [], context()) == "[]\n"


def test_hostile_values_stay_text(hostile):
    (row,) = json.loads(render_report("gitlab", [hostile], context()))
    assert "\x1b" not in row["description"]
    assert "\n" not in row["description"]
