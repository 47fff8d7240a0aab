"""Findings as GitLab's code quality report: a list in a subset of Code Climate's format.

Source: docs.gitlab.com, *Code Quality*: description, check_name, fingerprint, location.path and lines.begin, severity.
"""

from collections.abc import Sequence
from typing import Any

from generator.finding import Finding, Severity
from generator.report.context import ReportContext
from generator.report.environments import environments_of
from generator.report.fingerprint import numbered
from generator.report.json_ import dump
from generator.report.visible import visible

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}
_SOURCES = ("CAT", "CEL", "CHK", "OVL", "PRV", "RES", "RND", "RUN", "SPC", "SRC", "TST", "WVR", "YML")
"""Areas of rules about sources; all others, a project's own among them, are about what a cluster makes of objects."""
_TREES = "EMT"


def _severity(finding: Finding) -> str:
    """GitLab's word. Every error keeps everything from being written; they differ in what would happen otherwise.

    Trees that cannot be written whole block all work (blocker). What a cluster would refuse, or never run, is critical.
    A mistake in a source that was found before there was any object is major.
    """
    if finding.level is not Severity.ERROR:
        return _SEVERITIES[finding.level]
    area = finding.rule.code[:3]
    return "blocker" if area == _TREES else "major" if area in _SOURCES else "critical"


def render_gitlab(findings: Sequence[Finding], context: ReportContext) -> str:
    """One list; a finding without a line stands at the first of its file, which the format asks for."""
    return dump([_issue(finding, digest, context) for finding, digest in numbered(findings)])


def _issue(finding: Finding, digest: str, context: ReportContext) -> dict[str, Any]:
    label, names = environments_of(finding)
    about = "; ".join(text for text in (finding.hint, f"{label}: {names}" if label else "") if text)
    hint = f" ({about})" if about else ""
    return {
        "description": visible(f"{finding.rule.code}: {finding.said}{hint}"),
        "check_name": f"{finding.rule.code} {finding.rule.name}",
        "fingerprint": digest,
        "severity": _severity(finding),
        "location": {"path": visible(context.from_top(finding.at.file)), "lines": {"begin": max(1, finding.at.line)}},
    }
