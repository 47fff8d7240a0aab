"""The kinds that a rule over the build looks for among the objects."""

import pytest

from generator.policy import BundlePolicy, compile_bundle
from generator.policy.lookedfor import looked_for

CASES = {
    "one of a kind": ("objects.exists(o, o.kind == 'A')", [{"A"}]),
    "counted": ("objects.filter(o, o.kind == 'A' && o.metadata.name == 'B').size() == 1", [{"A"}]),
    "all of a kind": ("objects.all(o, o.kind != 'A' || has(o.spec.b))", [{"A"}]),
    "one of several kinds": ("objects.exists(o, o.kind in ['A', 'B'])", [{"A", "B"}]),
    "two kinds": ("objects.exists(o, o.kind == 'A') && objects.exists(p, p.kind == 'B')", [{"A"}, {"B"}]),
    "inside another loop": ("[1].all(n, objects.exists(o, o.kind == 'A'))", [{"A"}]),
    "by a variable": ("variables.one.size() == 1", [{"C"}]),
    "by a variable's variable": ("variables.two", [{"C"}]),
    "the item's own kind": ("object.kind == 'A' || object.kind in ['B']", []),
    "a kind of something else": ("object.spec.refs.exists(o, o.kind == 'A')", []),
    "another field": ("objects.exists(o, o.metadata.name == 'A')", []),
    "a kind that is computed": ("objects.exists(o, o.kind == object.metadata.name)", []),
}


@pytest.mark.parametrize(("expression", "kinds"), CASES.values(), ids=CASES)
def test_what_is_looked_for(expression, kinds):
    spec = {
        "forEach": "objects.filter(o, o.kind == 'Item')",
        "variables": [
            {"name": "one", "expression": "objects.filter(o, o.kind == 'C').map(o, o.metadata.name)"},
            {"name": "two", "expression": "size(variables.one) > 0"},
        ],
        "validations": [{"expression": "true"}, {"expression": expression}],
    }
    policy = compile_bundle({"metadata": {"name": "a"}, "spec": spec}, (1, 36))
    assert isinstance(policy, BundlePolicy), policy
    assert looked_for(policy, 1) == frozenset(map(frozenset, kinds))
    assert looked_for(policy, 0) == frozenset()
