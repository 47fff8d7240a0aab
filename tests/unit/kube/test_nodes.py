"""Requirements on nodes of which some labels are known."""

import pytest

from generator.kube.nodes import may_match

LABELS = {"pool": "vm"}


@pytest.mark.parametrize(
    ("key", "operator", "values", "may"),
    [
        ("pool", "In", ["vm", "pods"], True), ("pool", "In", ["pods"], False),
        ("pool", "NotIn", ["pods"], True), ("pool", "NotIn", ["vm"], False),
        ("pool", "Exists", [], True), ("pool", "DoesNotExist", [], False),
        ("pool", "Gt", ["5"], True), ("zone", "In", ["a"], True), ("zone", "DoesNotExist", [], True),
    ],
)  # fmt: skip
def test_what_nodes_may_meet(key, operator, values, may):
    assert may_match(key, operator, values, LABELS) is may
