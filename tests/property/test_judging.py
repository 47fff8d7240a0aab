"""Laws of judging: what is remembered of objects before never changes a verdict, and what is not looked at says nothing."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.manifest import identify
from generator.policy import Cluster, PolicySet, Request, Verdict, judge, resources
from generator.policy.judging import Judge, looks_back
from tests.property.policies import LOOKING, NAMESPACES, PARAMS, objects, policies

Said = tuple[bool, list[tuple[str, str, str, tuple[str, ...]]], dict[str, str], set[str]]
SETTINGS = settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def authorize(check: Any) -> bool:
    """A cluster in which one name in one namespace may be read."""
    return bool(check.name == "one" and check.namespace != "dev")


def said(verdict: Verdict) -> Said:
    failures = [(one.policy, one.binding, one.denial.message, one.actions) for one in verdict.failures]
    return verdict.allowed, failures, verdict.unknown, verdict.evaluated


def asked(operation: str, new: Any, old: Any = None) -> Request:
    identity = identify(new or old)
    return Request(operation, resources().of(identity), identity.name, identity.namespace, new, old)


CLUSTERS = st.builds(
    lambda complete: Cluster(36, NAMESPACES, PARAMS, complete, authorize),
    st.booleans(),
)


@pytest.mark.property
@given(policies(), st.lists(objects(), min_size=2, max_size=8), CLUSTERS)
@SETTINGS
def test_what_is_remembered_is_what_is_judged(rules: PolicySet, given_: Sequence[dict[str, Any]], cluster: Cluster):
    remembering = Judge(rules, cluster, resources())
    for data in given_:
        quick = remembering.create(identify(data), data)
        assert said(quick) == said(judge(rules, asked("CREATE", data), cluster)), data


@pytest.mark.property
@given(policies(LOOKING), objects(), st.data(), CLUSTERS)
@SETTINGS
def test_policies_that_do_not_look_back_say_nothing_more_of_changes(
    rules: PolicySet, old: dict[str, Any], data: st.DataObject, cluster: Cluster
):
    if looks_back(rules):
        return
    drawn = data.draw(objects())
    new = {**drawn, "kind": old["kind"], "apiVersion": old["apiVersion"], "metadata": {**old["metadata"]}}
    new["metadata"]["labels"] = drawn["metadata"].get("labels") or {}
    created = judge(rules, asked("CREATE", new), cluster).failures
    changed = judge(rules, asked("UPDATE", new, old), cluster).failures
    assert [one for one in changed if one not in created] == []
    assert judge(rules, asked("DELETE", None, old), cluster).failures == []
