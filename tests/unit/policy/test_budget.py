"""What becomes of a policy whose expressions together cost more than the server lets them.

Facts of k8s.io/apiserver: pkg/admission/plugin/policy/validating/validator.go, pkg/admission/plugin/cel/condition.go.
"""

import pytest

from generator.policy import CompiledPolicy, compile_policy
from generator.policy.evaluate import Outcome, evaluate

_RULE = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}
_OUT = "validation failed due to running out of cost budget, no further validation rules will be run"
_DEAR = "[1, 2, 3, 4, 5, 6, 7, 8].all(i, i > 0)"


def outcome(*validations, policy="Fail", **spec) -> Outcome:
    whole = {
        "matchConstraints": {"resourceRules": [_RULE]},
        "failurePolicy": policy,
        "validations": list(validations),
        **spec,
    }
    compiled = compile_policy({"metadata": {"name": "p"}, "spec": whole})
    assert isinstance(compiled, CompiledPolicy), compiled
    return evaluate(compiled, {"object": {"n": 1}, "oldObject": None, "request": {}}, None)


@pytest.fixture
def _small_budget(monkeypatch):
    monkeypatch.setattr("generator.policy.evaluate.BUDGET", 60)
    monkeypatch.setattr("generator.policy.evaluate.CONDITIONS_BUDGET", 60)


@pytest.mark.usefixtures("_small_budget")
def test_one_error_takes_the_place_of_all_that_was_found():
    found = outcome({"expression": "false"}, {"expression": _DEAR}, {"expression": _DEAR})
    assert [(one.message, one.error, one.index, one.forced) for one in found.denials] == [(_OUT, True, -1, False)]
    assert not found.unknown


@pytest.mark.usefixtures("_small_budget")
def test_where_failures_are_ignored_what_was_found_before_is_lost():
    found = outcome({"expression": "false"}, {"expression": _DEAR}, {"expression": _DEAR}, policy="Ignore")
    assert found.denials == []


@pytest.mark.usefixtures("_small_budget")
@pytest.mark.parametrize(("policy", "told"), [("Fail", [f"failed messageExpression: {_OUT}"]), ("Ignore", [])])
def test_a_message_without_budget_denies_what_holds(policy, told):
    dear = {"expression": "true", "messageExpression": f"{_DEAR} && {_DEAR} ? 'a' : 'b'"}
    found = outcome(dear, policy=policy)
    assert [one.message for one in found.denials] == told


@pytest.mark.usefixtures("_small_budget")
def test_a_message_without_budget_takes_all_messages_with_it():
    good = {"expression": "false", "messageExpression": "'good'"}
    dear = {"expression": "true", "messageExpression": f"{_DEAR} && {_DEAR} ? 'a' : 'b'"}
    told = f"failed messageExpression: {_OUT}"
    assert [one.message for one in outcome(good, {"expression": "false"}, dear).denials] == [told] * 3


@pytest.mark.usefixtures("_small_budget")
@pytest.mark.parametrize(("policy", "told"), [("Fail", [_OUT]), ("Ignore", [])])
def test_annotations_without_budget_take_the_place_of_all_that_was_found(policy, told):
    annotations = [{"key": f"k{number}", "valueExpression": f"string({_DEAR})"} for number in range(2)]
    found = outcome({"expression": "false"}, policy=policy, auditAnnotations=annotations)
    assert [one.message for one in found.denials] == told
    assert found.audit == {}


@pytest.mark.usefixtures("_small_budget")
def test_there_are_no_annotations_where_validations_ran_out_of_budget():
    annotations = [{"key": "k", "valueExpression": "'said'"}]
    found = outcome({"expression": _DEAR}, {"expression": _DEAR}, auditAnnotations=annotations)
    assert found.audit == {}
    assert outcome({"expression": "true"}, auditAnnotations=annotations).audit == {"p/k": "said"}


@pytest.mark.usefixtures("_small_budget")
@pytest.mark.parametrize(("policy", "skipped"), [("Fail", False), ("Ignore", True)])
def test_conditions_have_a_budget_of_their_own(policy, skipped):
    conditions = [{"name": f"c{number}", "expression": _DEAR} for number in range(3)]
    found = outcome({"expression": "false"}, policy=policy, matchConditions=conditions)
    assert found.skipped is skipped
    assert [one.message for one in found.denials] == ([] if skipped else [_OUT])


def test_within_the_budget_every_validation_is_answered():
    found = outcome({"expression": "false"}, {"expression": _DEAR}, {"expression": "object.n > 1"})
    assert [one.index for one in found.denials] == [0, 2]
