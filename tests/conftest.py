"""Tests answer alike in a shell, in a hook and in a pipeline: what those leave in the environment is taken out first.

At the end a run says which tests were not run and how to have what they need.
"""

import os

import pytest

from tests.support.skipped import left_out

_NAMES = {"CI", "NO_COLOR", "FORCE_COLOR", "QATGEN_DEBUG"}
_BEGINNINGS = ("PRE_COMMIT", "KUBE_", "ARGOCD_", "PARAM_")


def pytest_configure() -> None:
    """Once a process, workers too; a test that is about one of them sets it itself."""
    for name in [name for name in os.environ if name in _NAMES or name.startswith(_BEGINNINGS)]:
        del os.environ[name]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was skipped, by reason: what needs the recorded answers is the strongest proof there is."""
    reports = terminalreporter.stats.get("skipped", [])
    reasons = [str(report.longrepr[2]) for report in reports if isinstance(report.longrepr, tuple)]
    lines = list(left_out(reasons))
    if lines:
        terminalreporter.section("not run", sep="-")
        for line in lines:
            terminalreporter.line(line)
