"""Builds recorded from kustomize, and cases of its own suite where they are at hand."""

import json
from collections import Counter

import pytest

from generator.finding import Halt
from generator.overlay import build, settings
from generator.source import Dialect, read_documents
from tests.conformance.kustomize import objects, outcome
from tests.property.kustomize_features import Features
from tests.support.shared import shared_path
from tests.support.workspace import REPOSITORY, write

FEATURES = json.loads((REPOSITORY / "tests/data/kustomization_features.json").read_text())["cases"]
OWN = json.loads((REPOSITORY / "tests/data/kustomizations.json").read_text())["cases"]


@pytest.mark.parametrize("number", range(len(OWN)))
def test_own_fixtures(tmp_path, number):
    write(tmp_path, OWN[number]["files"])
    state = build(tmp_path / "over", "over", settings(compat=True))
    assert Counter(json.dumps(one.body, sort_keys=True) for one in state.objects) == objects(OWN[number]["expected"])


@pytest.mark.parametrize("case", FEATURES, ids=lambda case: f"{case['feature']}-{case['seed']}")
def test_features(tmp_path, case):
    """One object after another, in the order of `kustomize build`."""
    write(tmp_path, Features(case["seed"]).files())
    try:
        found = [one.body for one in build(tmp_path / "over", "over", settings(compat=True)).objects]
    except Halt:
        found = None
    expected = case["expected"]
    if expected is not None:
        expected = [one.data for one in read_documents(expected, "expected", Dialect.KUBERNETES)]
    assert found == expected


def test_cases_of_its_own_suite():
    cases = json.loads(shared_path("cases/kustomize.json").read_text())["cases"]
    assert [(case["test"], outcome(case)) for case in cases if outcome(case)[0] != "passed"] == []


def test_a_falsified_case_fails():
    case = {"files": OWN[0]["files"], "root": "over", "kind": "ok", "expected": OWN[0]["expected"] + "---\nkind: X\n"}
    assert outcome(case)[0] == "failed"
    assert outcome({**case, "kind": "err"})[0] == "failed"
