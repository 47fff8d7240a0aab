"""What KubeVirt's own code said of machines, recorded: our verdicts are the same, to the letter."""

import copy
import json

import pytest

from tests.conformance.kubevirt import load, main, verdict_differences
from tests.support.workspace import REPOSITORY

RECORDED = sorted((REPOSITORY / "tests/data/kubevirt").glob("*.json.gz"))


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.name.removesuffix(".json.gz"))
def test_every_recorded_verdict_is_ours(file):
    document = load(file)
    wrong = {
        f"{case['id']} ({case['version']}, {case['kubevirt']})": found
        for case in document["cases"]
        if (found := list(verdict_differences(case, document["kubevirts"])))
    }
    assert not wrong, json.dumps(dict(list(wrong.items())[:10]), indent=1)
    assert len(document["cases"]) > 100


def some_refusal(document, stage):
    return copy.deepcopy(next(case for case in document["cases"] if case["verdict"].get("stage") == stage))


@pytest.mark.parametrize("stage", ["decode", "mutate", "validate"])
@pytest.mark.parametrize(
    "falsified",
    [
        {"allowed": True},
        {"kind": "VirtualMachinePool"},
        {"stage": "crd"},
        {"code": 500},
        {"reason": "Forbidden"},
        {"message": "no"},
        {"causes": []},
        {"causes": [{"reason": "FieldValueInvalid", "field": "spec", "message": "no"}]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_falsified_verdict_is_noticed(stage, falsified):
    document = load(REPOSITORY / "tests/data/kubevirt/cases.json.gz")
    case = some_refusal(document, stage)
    case["verdict"] |= falsified
    assert list(verdict_differences(case, document["kubevirts"]))


def test_causes_whose_order_counts_are_compared_in_order():
    document = load(REPOSITORY / "tests/data/kubevirt/cases.json.gz")
    case = copy.deepcopy(
        next(case for case in document["cases"] if len({str(c) for c in case["verdict"].get("causes", ())}) > 1)
    )
    causes = case["verdict"]["causes"]
    causes.reverse()
    case["verdict"]["message"] = ", ".join(cause["message"] for cause in causes)
    assert list(verdict_differences(case, document["kubevirts"]))


def test_the_runner_counts_every_case_and_fails_malformed_ones(tmp_path, monkeypatch, capsys):
    document = load(REPOSITORY / "tests/data/kubevirt/cases.json.gz")
    good = document["cases"][:2]
    broken = [
        {**good[0], "kubevirt": "nobody"},
        {key: value for key, value in good[0].items() if key != "object"},
        {**good[0], "object": {"kind": "Pod"}},
        {**good[0], "verdict": None},
        {key: value for key, value in good[0].items() if key != "verdict"},
        {**good[0], "verdict": {"allowed": "yes"}},
        "no case",
    ]
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({**document, "cases": [*good, *broken]}))
    monkeypatch.setattr("sys.argv", ["kubevirt", str(file), "--only", "verdict"])
    assert main() == 1
    assert capsys.readouterr().out.splitlines()[-1] == "2 passed, 7 failed"
