"""Types of expressions for schemas of any form: what is checked ends with complaints or none, never otherwise."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.policy.model import read_policy
from generator.policy.typecheck import Kind, mistyped

NAMES = st.sampled_from(["spec", "metadata", "a", "b", "x-y", "namespace", "a__b", "1", "é", ""])
SCHEMAS: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.sampled_from([{}, {"type": "string"}, {"type": "integer"}, {"type": "array"}, {"type": "object"}]),
        st.sampled_from([{"type": "string", "format": "date"}, {"x-kubernetes-int-or-string": True}, {"type": "odd"}]),
        st.sampled_from(
            [{"type": "object", "x-kubernetes-preserve-unknown-fields": True}, {"type": ["string", "null"]}]
        ),
        st.sampled_from(
            [{"x-quantity": True}, {"x-object-meta": True}, {"x-form": "base64"}, {"additionalProperties": True}]
        ),
    ),
    lambda inner: st.one_of(
        st.builds(lambda fields: {"type": "object", "properties": fields}, st.dictionaries(NAMES, inner, max_size=3)),
        st.builds(lambda item: {"type": "array", "items": item}, inner),
        st.builds(lambda item: {"type": "object", "additionalProperties": item}, inner),
        st.builds(lambda item: {**item, "x-kubernetes-embedded-resource": True}, inner),
    ),
    max_leaves=8,
)
STEPS = st.lists(st.sampled_from(["spec", "metadata", "a", "b", "x__dash__y", "namespace", "?a"]), max_size=4)
LAST = st.sampled_from(["", " == 1", ".all(v, v == 1)", "[0]", "['a'].b", ".size() > 0", " in [1]", ".exists(k, k.a)"])


@pytest.mark.property
@given(SCHEMAS, STEPS, LAST)
@settings(max_examples=500, deadline=None, derandomize=True)
def test_any_schema_can_be_checked_against(schema: Any, steps: list[str], last: str) -> None:
    expression = ".".join(["object", *steps]) + last
    rule = {"apiGroups": ["x"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["ks"]}
    spec = {"matchConstraints": {"resourceRules": [rule]}, "validations": [{"expression": expression}]}
    policy = read_policy({"metadata": {"name": "p"}, "spec": spec})
    found = mistyped(policy, (1, 36), lambda *_: "K", lambda _: schema)
    assert all(one.kind == Kind("x", "v1", "K") and one.issue.message and one.count >= 1 for one in found)
    # What a schema says nothing about is never reported.
    assert mistyped(policy, (1, 36), lambda *_: "K", lambda _: None) == []
