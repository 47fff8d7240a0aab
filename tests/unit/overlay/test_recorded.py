"""Builds recorded from kustomize, and cases of its own suite where they are at hand."""

import json
from collections import Counter

import pytest

from generator.overlay import build, settings
from tests.conformance.kustomize import objects, outcome
from tests.support.shared import shared_path
from tests.support.workspace import REPOSITORY, write

OWN = json.loads((REPOSITORY / "tests/data/kustomizations.json").read_text())["cases"]


@pytest.mark.parametrize("number", range(len(OWN)))
def test_own_fixtures(tmp_path, number):
    write(tmp_path, OWN[number]["files"])
    state = build(tmp_path / "over", "over", settings(compat=True))
    assert Counter(json.dumps(one.body, sort_keys=True) for one in state.objects) == objects(OWN[number]["expected"])


def test_cases_of_its_own_suite():
    cases = json.loads(shared_path("cases/kustomize.json").read_text())["cases"]
    assert [(case["test"], outcome(case)) for case in cases if outcome(case)[0] != "passed"] == []


def test_a_falsified_case_fails():
    case = {"files": OWN[0]["files"], "root": "over", "kind": "ok", "expected": OWN[0]["expected"] + "---\nkind: X\n"}
    assert outcome(case)[0] == "failed"
    assert outcome({**case, "kind": "err"})[0] == "failed"
