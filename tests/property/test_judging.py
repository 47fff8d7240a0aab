"""Laws of judging: what is remembered of objects before never changes a verdict, and what is not looked at says nothing."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.manifest import identify
from generator.policy import Cluster, PolicySet, Request, Verdict, judge, resources
from generator.policy.judging import Judge, looks_back
from tests.property.policies import LOOKING, NAMESPACES, PARAMS, objects, policies, variants

Said = tuple[bool, list[tuple[str, str, str, tuple[str, ...]]], dict[str, str], set[str]]
SETTINGS = settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


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
@given(policies(), objects(), CLUSTERS)
@SETTINGS
def test_what_is_remembered_is_what_is_judged(rules: PolicySet, base: dict[str, Any], cluster: Cluster):
    found = variants(base)
    expected = [said(judge(rules, asked("CREATE", data), cluster)) for data in found]
    forward, backward = Judge(rules, cluster, resources()), Judge(rules, cluster, resources())
    assert [said(forward.create(identify(data), data)) for data in found] == expected
    assert [said(backward.create(identify(data), data)) for data in reversed(found)] == expected[::-1]


@pytest.mark.property
@given(policies(LOOKING), objects(), CLUSTERS)
@SETTINGS
def test_policies_that_do_not_look_back_say_nothing_more_of_changes(
    rules: PolicySet, base: dict[str, Any], cluster: Cluster
):
    if looks_back(rules):
        return
    own = identify(base)
    same = [data for data in variants(base) if identify(data) == own]
    created = [judge(rules, asked("CREATE", data), cluster).failures for data in same]
    for old in same:
        for new, known in zip(same, created, strict=True):
            changed = judge(rules, asked("UPDATE", new, old), cluster).failures
            assert [one for one in changed if one not in known] == []
        assert judge(rules, asked("DELETE", None, old), cluster).failures == []
