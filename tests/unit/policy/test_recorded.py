"""Policies of every part in many combinations: our answer is all that a live API server said."""

import gzip
import json

import pytest

from tests.conformance import vap
from tests.support.workspace import REPOSITORY

DATA = REPOSITORY / "tests" / "data"
RECORDED = json.loads(gzip.decompress((DATA / "policy_verdicts.json.gz").read_bytes()))["cases"]
NAMESPACES = json.loads((DATA / "namespace_verdicts.json").read_text("utf-8"))["cases"]


def test_every_recorded_answer_is_ours():
    apart = {case["id"]: found for case in RECORDED if (found := vap.judge_case({}, case))}
    assert apart == {}


@pytest.mark.parametrize("case", NAMESPACES, ids=lambda case: case["id"])
def test_every_recorded_answer_about_a_namespace_is_ours(case):
    assert vap.judge_case({}, case) == []


@pytest.mark.parametrize("case", NAMESPACES, ids=lambda case: case["id"])
def test_a_namespace_is_judged_the_same_however_its_request_is_written(case):
    request = {**case["request"], "namespace": ""}
    assert vap.judge_case({}, {**case, "request": request}) == []


def test_they_are_denied_for_many_reasons():
    verdicts = [case["verdict"] for case in RECORDED]
    denied = [verdict for verdict in verdicts if verdict.get("allowed") is False]
    assert len(denied) > 80
    assert {verdict["reason"] for verdict in denied} == {"Invalid", "Forbidden", "RequestEntityTooLarge"}
    assert any("warnings" in verdict for verdict in verdicts)
    assert any("audit" in verdict for verdict in verdicts)
    assert any("resulted in error" in verdict["message"] for verdict in denied)
    assert any("failed to configure binding" in verdict["message"] for verdict in denied)
