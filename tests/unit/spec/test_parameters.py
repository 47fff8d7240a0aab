"""Parameters of Applications: announced from the schema, read into a layer."""

import json

import pytest

from generator.finding import Halt
from generator.spec.parameters import announcements, parameters, read_given
from generator.spec.schema import check

VALUES = {"string": "1", "array": ["1"], "map": {"a": "1"}}


def given(*entries):
    return read_given(json.dumps(entries))


def test_every_parameter_has_a_meaning_and_types_argocd_knows():
    found = parameters()
    assert len(found) > 20
    assert [name for name, one in found.items() if not one.meaning] == []
    assert {one.item for one in found.values()} <= {"string", "number", "boolean"}
    assert {one.collection for one in found.values()} == {"string", "array", "map"}


@pytest.mark.parametrize("name", sorted(parameters()))
def test_every_parameter_that_is_announced_can_be_given(name):
    parameter = parameters()[name]
    layer = given({"name": name, parameter.collection: VALUES[parameter.collection]}).layer
    refused = check(layer.data, layer, overlay=True)
    assert [finding.rule.name for finding in refused if finding.rule.name in {"unknown-key", "wrong-type"}] == []


def test_the_last_of_two_counts():
    found = given({"name": "environment", "string": "a"}, {"name": "environment", "string": "b"})
    assert (found.environment, found.layer) == ("b", None)


def test_numbers_are_numbers_and_texts_stay_texts():
    data = given(
        {"name": "devicePlugin.logLevel", "string": "3"}, {"name": "target.kubernetes", "string": "1.30"}
    ).layer.data
    assert data == {"spec": {"devicePlugin": {"logLevel": 3}, "target": {"kubernetes": "1.30"}}}


@pytest.mark.parametrize("text", ["", " ", "null", "[]"])
def test_nothing_given(text):
    assert read_given(text) == read_given("")


@pytest.mark.parametrize("value", ["a: b", "{{ x }}", "yes", "\u2028", '"', "*a", "!!python/object:os.system x"])
def test_values_are_data(value):
    data = given({"name": "metadata.labels", "map": {"a": value}}).layer.data
    assert data == {"metadata": {"labels": {"a": value}}}


def test_every_mistake_is_told_at_once():
    with pytest.raises(Halt) as caught:
        given({"name": "kubevirt.nmae", "string": "x"}, {"name": "kubevirt.name", "map": {}}, "x")
    assert len(caught.value.findings) == 3


def test_a_value_is_shown_where_all_agree():
    one, other = {"spec": {"kubevirt": {"name": "a"}}}, {"spec": {"kubevirt": {"name": "b"}}}

    def shown(*specs):
        found = {about["name"]: about for about in announcements(["x", "y"], "", specs)}
        return found["kubevirt.name"].get("string")

    assert (shown(one), shown(one, one), shown(one, other), shown({})) == ("a", "a", None, "kubevirt")
