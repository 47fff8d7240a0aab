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

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}


def render_gitlab(findings: Sequence[Finding], _context: ReportContext) -> str:
    """One list; a finding without a line stands at the first of its file, which the format asks for."""
    return dump([_issue(finding, digest) for finding, digest in numbered(findings)])


def _issue(finding: Finding, digest: str) -> dict[str, Any]:
    label, names = environments_of(finding)
    about = "; ".join(text for text in (finding.hint, f"{label}: {names}" if label else "") if text)
    hint = f" ({about})" if about else ""
    return {
        "description": visible(f"{finding.rule.code}: {finding.said}{hint}"),
        "check_name": f"{finding.rule.code} {finding.rule.name}",
        "fingerprint": digest,
        "severity": _SEVERITIES[finding.level],
        "location": {"path": visible(finding.at.file), "lines": {"begin": max(1, finding.at.line)}},
    }
