"""The JUnit report: whole, well-formed whatever the values, names that stay."""

import xml.etree.ElementTree as ET
from dataclasses import replace

from generator.finding import Severity
from generator.location import Span
from generator.report import render_report
from tests.unit.report.conftest import context

WHOLE = """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="qatgen" tests="2" failures="1" errors="0" skipped="0" time="0">
  <testsuite name="overlays/prod/patches/worker.yaml" tests="1" failures="1" errors="0" skipped="0" time="0">
    <testcase classname="overlays/prod/patches/worker.yaml" name="QATP013 qat-devices-permitted: VirtualMachineInstance prod/qat-worker" time="0" file="overlays/prod/patches/worker.yaml" line="12">
      <failure message="hostDevices[0] asks for &quot;qat.intel.com/decomp&quot;, which 420xx does not offer" type="QATP013">error[QATP013 qat-devices-permitted]: hostDevices[0] asks for "qat.intel.com/decomp", which 420xx does not offer
  --&gt; overlays/prod/patches/worker.yaml:12:21
   |
12 |         deviceName: qat.intel.com/decomp
   |                     ^^^^^^^^^^^^^^^^^^^^
  ::: templates/vmi/vmi.yaml.j2:31   rendered here
  ::: policies/qat-devices-permitted/policy.yaml:24:5   required by this validation
   = in: VirtualMachineInstance prod/qat-worker
   = field: spec.domain.devices.hostDevices[0].deviceName
   = help: request qat.intel.com/sym, or choose generation 6xxx</failure>
    </testcase>
  </testsuite>
  <testsuite name="spec.yaml" tests="1" failures="0" errors="0" skipped="0" time="0">
    <testcase classname="spec.yaml" name="SPC040 unused-class" time="0" file="spec.yaml">
      <system-out>warning[SPC040 unused-class]: class "dc" is used nowhere
  --&gt; spec.yaml</system-out>
    </testcase>
  </testsuite>
</testsuites>
"""

EMPTY = """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="qatgen" tests="1" failures="0" errors="0" skipped="0" time="0">
  <testsuite name="qatgen" tests="1" failures="0" errors="0" skipped="0" time="0">
    <testcase classname="qatgen" name="no findings" time="0" />
  </testsuite>
</testsuites>
"""


def test_whole(finding, warning):
    assert render_report("junit", [warning, finding], context()) == WHOLE


def test_empty_still_has_a_case():
    assert render_report("junit", [], context()) == EMPTY


def test_hostile_values_stay_text(hostile):
    out = render_report("junit", [hostile], context())
    root = ET.fromstring(out.encode("utf-8"))
    assert [element.tag for element in root.iter()] == ["testsuites", "testsuite", "testcase", "failure"]
    failure = root.find(".//failure")
    assert failure is not None
    assert "<i>&amp;|`*_[x](http://e)@team #1 \\ud800\\ufffe\\x85]]>%0A" in failure.attrib["message"]


def test_names_hold_no_lines_and_differ(finding):
    def names(first: int) -> list[str]:
        findings = [replace(finding, at=Span("f", line, 1)) for line in (first, first + 3)]
        return [
            case.attrib["name"] for case in ET.fromstring(render_report("junit", findings, context())).iter("testcase")
        ]

    assert names(1) == names(50)
    assert len(set(names(1))) == 2


def test_the_finding_s_own_severity_decides(finding):
    out = render_report("junit", [replace(finding, severity=Severity.INFO)], context())
    root = ET.fromstring(out)
    assert root.attrib["failures"] == "0"
    assert root.find(".//failure") is None
