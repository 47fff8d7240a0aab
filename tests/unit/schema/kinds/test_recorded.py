"""Built-in kinds beyond their schema: our verdict on every recorded object is a real API server's, and nearly all words."""

import copy
import json

import pytest

from generator.schema import SchemaStore, Status
from tests.support.workspace import REPOSITORY

RECORDED = json.loads((REPOSITORY / "tests/data/builtin_verdicts.json").read_text("utf-8"))
STAYS = (
    "admin-access: true` label on the containing namespace",
    "DeviceClass: metadata generateName",
)
"""What docs/parity.md says stays different."""


def made(case, bases="bases"):
    data = copy.deepcopy(RECORDED[bases][case["base"]])
    if not case["path"]:
        return case.get("value", data)
    *steps, last = case["path"]
    node = data
    for step in steps:
        node = node[step]
    if "value" in case:
        node[last] = case["value"]
    else:
        del node[last]
    return data


def ours(case, store, bases="bases"):
    outcome = store.validate(made(case, bases), "1.36")
    return [] if outcome.status is Status.VALID else list(outcome.violations)


@pytest.fixture(scope="module")
def judged():
    store = SchemaStore()
    return [(case, ours(case, store)) for case in RECORDED["cases"]]


def test_every_verdict_is_the_servers(judged):
    apart = [
        f"{case['id']}: the server {case['ok']} {case.get('said')}, ours {[str(v) for v in found]}"
        for case, found in judged
        if case["ok"] is bool(found) and not any(word in f"{case.get('said')}{case['id']}" for word in STAYS)
    ]
    assert apart == []
    assert sum(case["ok"] for case, _ in judged) > 300
    assert sum(not case["ok"] for case, _ in judged) > 300


def test_nearly_all_words_are_the_servers(judged):
    """The words alone: of labels, annotations and finalizers the server names no key, and we do."""
    compared = [(case, found) for case, found in judged if isinstance(case.get("said"), list)]
    same = [case for case, found in compared if {text for _, text in case["said"]} == {v.message for v in found}]
    assert len(compared) > 250
    assert len(same) / len(compared) > 0.8, f"{len(same)} of {len(compared)}"


def test_of_their_kin_nothing_is_refused_that_the_server_takes():
    """Pods and workloads ask for more than is checked of them; what is refused is refused rightly."""
    store = SchemaStore()
    judged = [(case, ours(case, store, "kin")) for case in RECORDED["kinCases"]]
    wrongly = [f"{case['id']}: {[str(v) for v in found]}" for case, found in judged if case["ok"] and found]
    assert wrongly == []
    missed = [case["id"] for case, found in judged if not case["ok"] and not found]
    refused = sum(not case["ok"] for case, _ in judged)
    assert refused > 300
    assert len(missed) / refused < 0.05, missed
