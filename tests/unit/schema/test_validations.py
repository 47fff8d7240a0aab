"""Validation rules of schemas (x-kubernetes-validations)."""

import pytest

from generator.schema.rules import RULE_FAILED
from generator.schema.validations import RuleEvaluator, escape

INT = {"type": "integer"}
TEXT = {"type": "string"}


def told(schema, value, minor=36):
    found = RuleEvaluator(minor)(schema, value, ("spec",))
    return None if found is None else [(violation.path, violation.message) for violation in found]


def with_rules(schema, *rules):
    return {**schema, "x-kubernetes-validations": [*rules]}


OBJECT = {"type": "object", "properties": {"a": INT, "b-c": INT, "in": TEXT, "x": {"x-kubernetes-int-or-string": True}}}


@pytest.mark.parametrize(
    ("schema", "rule", "value", "message"),
    [
        (INT, {"rule": "self > 3"}, 4, None),
        (INT, {"rule": "self > 3"}, 2, "Invalid value: 2: failed rule: self > 3"),
        (INT, {"rule": "self > 3", "message": "too small"}, 2, "Invalid value: 2: too small"),
        (INT, {"rule": "self > 3", "messageExpression": "'is ' + string(self)"}, 2, "Invalid value: 2: is 2"),
        (INT, {"rule": "self > 3", "message": "m", "messageExpression": "'a\\nb'"}, 2, "Invalid value: 2: m"),
        (INT, {"rule": "self > 3", "message": "m", "messageExpression": "'  '"}, 2, "Invalid value: 2: m"),
        (INT, {"rule": "self > 3", "message": "m", "reason": "FieldValueForbidden"}, 2, "Forbidden: m"),
        (INT, {"rule": "self > 3", "message": "m", "reason": "FieldValueRequired"}, 2, "Required value: m"),
        (INT, {"rule": "self > 3", "reason": "FieldValueDuplicate"}, 2, "Duplicate value: 2"),
        (INT, {"rule": "self > oldSelf"}, 2, None),
        (INT, {"rule": "!oldSelf.hasValue() || self > oldSelf.value()", "optionalOldSelf": True}, 2, None),
        (INT, {"rule": "oldSelf.hasValue()", "optionalOldSelf": True, "message": "m"}, 2, "Invalid value: 2: m"),
        (OBJECT, {"rule": "self.b__dash__c > self.a", "message": "m"}, {"a": 2, "b-c": 1}, "Invalid value: m"),
        (OBJECT, {"rule": "self.__in__ == 'x'"}, {"in": "x"}, None),
        (OBJECT, {"rule": "has(self.a)", "message": "m"}, {"unknown": 1}, "Invalid value: m"),
        (OBJECT, {"rule": "self.a > 0", "message": "m"}, {}, "Invalid value: no such key: a evaluating rule: m"),
        (OBJECT, {"rule": "self.x == 1 || self.x == '1'"}, {"x": "1"}, None),
        ({"type": "array", "items": INT}, {"rule": "self.all(i, i > 0)", "message": "m"}, [1, 0], "Invalid value: m"),
        ({"type": "object", "additionalProperties": INT}, {"rule": "self.all(k, self[k] > 0)"}, {"k-1": 1}, None),
        ({"type": "number"}, {"rule": "self < 1.5"}, 1, None),
        ({"type": "string", "format": "duration"}, {"rule": "self < duration('1h')"}, "5m", None),
        (
            {"type": "string", "format": "date-time"},
            {"rule": "self.getFullYear() == 2026"},
            "2026-01-02T03:04:05Z",
            None,
        ),
        ({"type": "string", "format": "byte"}, {"rule": "size(self) == 4"}, "aGk=", None),
    ],
)
def test_rules(schema, rule, value, message):
    assert told(with_rules(schema, rule), value) == ([] if message is None else [(("spec",), message)])


def test_a_rule_can_blame_a_field():
    rule = {"rule": "self.a > 0", "message": "m", "fieldPath": ".a"}
    assert told(with_rules(OBJECT, rule), {"a": 0}) == [(("spec", "a"), "Invalid value: m")]


@pytest.mark.parametrize("rule", ["self.nope > 1", "self >", "self.a.sliceOf()"])
def test_a_rule_that_does_not_compile_is_not_passed_over(rule):
    assert told(with_rules(OBJECT, {"rule": rule}), {"a": 1}) is None


def test_every_violation_is_of_one_rule():
    found = RuleEvaluator(36)(with_rules(INT, {"rule": "false"}), 1, ())
    assert [violation.rule for violation in found or ()] == [RULE_FAILED]


@pytest.mark.parametrize(
    ("name", "escaped"),
    [("a", "a"), ("a-b", "a__dash__b"), ("a.b", "a__dot__b"), ("a/b", "a__slash__b"), ("a__b", "a__underscores__b"),
     ("namespace", "__namespace__"), ("1a", None), ("ä", None)],
)  # fmt: skip
def test_names(name, escaped):
    assert escape(name) == escaped
