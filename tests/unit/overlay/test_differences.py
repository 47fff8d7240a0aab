"""Every difference from kustomize that docs/overlays.md lists is one, and is listed."""

import json
import subprocess

import pytest
import yaml

from generator.finding import Halt, Severity
from generator.overlay import build, settings
from tests.support.kustomize import by_kustomize
from tests.support.workspace import REPOSITORY, write

ROWS = yaml.safe_load((REPOSITORY / "tests/data/kustomize_differences.yaml").read_text(encoding="utf-8"))


def ours(folder, *, compat):
    """What a build gives: its objects as JSON, or the message of what it refuses or reports as an error."""
    try:
        state = build(folder, "over", settings(compat=compat))
    except Halt as halt:
        return "refuses", halt.findings[0].message
    for finding in state.findings:
        if finding.level is Severity.ERROR:
            return "reports", finding.message
    return "", json.dumps([one.body for one in state.objects], sort_keys=True)


def theirs(folder):
    try:
        made = by_kustomize(folder)
    except subprocess.CalledProcessError:
        return "refuses", ""
    return None if made is None else ("", json.dumps(made, sort_keys=True))


def holds(outcome, expected):
    if not isinstance(expected, dict):
        return outcome[0] == "" and expected in outcome[1]
    [(how, words)] = expected.items()
    return outcome[0] == how and words in outcome[1]


@pytest.mark.parametrize("row", ROWS, ids=[row["title"] for row in ROWS])
def test_each_difference(tmp_path, row):
    write(tmp_path, row["files"])
    known = None if row["kustomize"] == "the network" else theirs(tmp_path)
    if known is not None:
        assert holds(known, row["kustomize"]), known
    compat = ours(tmp_path, compat=True)
    assert holds(compat, row["kustomize"] if row["compat"] == "same" else row["compat"]), compat
    here = ours(tmp_path, compat=False)
    assert holds(here, row["here"]), here
    assert row["here"] != row["kustomize"] or row["compat"] != "same"


def test_the_documentation_lists_each():
    text = (REPOSITORY / "docs/overlays.md").read_text(encoding="utf-8")
    assert [row["title"] for row in ROWS if f"| {row['title']} |" not in text] == []
