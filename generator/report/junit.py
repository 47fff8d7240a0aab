"""Findings as JUnit XML: a suite per file, a failed case per error, a passed one with output for the rest."""

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from generator.finding import Finding, Severity
from generator.location import format_path
from generator.report.context import ReportContext
from generator.report.excerpt import Sources
from generator.report.text import block
from generator.report.visible import visible


def render_junit(findings: Sequence[Finding], context: ReportContext) -> str:
    """`testsuites` as CI servers read it; case names hold no line numbers, so histories line up."""
    sources = Sources(context.source_text, context.shipped)
    root = ET.Element("testsuites", name="qatgen")
    for file, group in groupby(findings, key=lambda finding: finding.at.file):
        _suite(root, file, list(group), sources)
    if not findings:  # a report without a case is an error to many readers
        suite = ET.SubElement(root, "testsuite", _counts("qatgen", 1, 0))
        ET.SubElement(suite, "testcase", classname="qatgen", name="no findings", time="0")
    failed = sum(finding.level is Severity.ERROR for finding in findings)
    root.attrib |= _counts("qatgen", max(1, len(findings)), failed)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, file: str, findings: Sequence[Finding], sources: Sources) -> None:
    failed = sum(finding.level is Severity.ERROR for finding in findings)
    suite = ET.SubElement(root, "testsuite", _counts(visible(file), len(findings), failed))
    taken: Counter[str] = Counter()
    for finding in findings:
        name = _name(finding)
        taken[name] += 1
        unique = name if taken[name] == 1 else f"{name} ({taken[name]})"
        case = ET.SubElement(suite, "testcase", classname=visible(file), name=unique, time="0", file=visible(file))
        if finding.at.line > 0:
            case.set("line", str(finding.at.line))
        shown = "\n".join(block(finding, sources, colour=False))
        if finding.level is Severity.ERROR:
            failure = ET.SubElement(case, "failure", message=visible(finding.said), type=visible(finding.rule.code))
            failure.text = shown
        else:
            ET.SubElement(case, "system-out").text = shown


def _name(finding: Finding) -> str:
    where = finding.subject or format_path(finding.path)
    return visible(f"{finding.rule.code} {finding.rule.name}" + (f": {where}" if where else ""))


def _counts(name: str, tests: int, failures: int) -> dict[str, str]:
    numbers = {"tests": tests, "failures": failures, "errors": 0, "skipped": 0, "time": 0}
    return {"name": name, **{key: str(number) for key, number in numbers.items()}}
