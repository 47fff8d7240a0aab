"""Rules of schemas about changes (`oldSelf`): the old value is found where the API server finds it."""

import pytest

from generator.location import format_path
from generator.schema import SchemaSources, SchemaStore, Status
from tests.support.changes import CHANGES, crd, instance

NUMBERED = list(enumerate(CHANGES))


@pytest.mark.parametrize(("number", "change"), NUMBERED, ids=lambda value: getattr(value, "name", ""))
def test_changes(number, change):
    store = SchemaStore(SchemaSources(crds=(crd(number, change),)))
    assert store.looks_back() is ("oldSelf" in str(change.schema))
    old, new = instance(number, change.old), instance(number, change.new)
    assert store.validate(crd(number, change), "1.36").status is Status.VALID
    found = store.changed(old, new, "1.36")
    assert tuple(format_path(violation.path) for violation in found) == change.refused
    assert all(violation.message.endswith("no") for violation in found)


def test_an_object_that_breaks_its_schema_is_told_by_validating_it():
    store = SchemaStore(SchemaSources(crds=(crd(1, CHANGES[1]),)))
    assert store.changed(instance(1, {"n": 2}), instance(1, {"n": "x"}), "1.36") == ()


def test_kinds_without_a_schema_or_rules_say_nothing():
    store = SchemaStore()
    assert not store.looks_back()
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    assert store.changed(config, {**config, "data": {"a": "b"}}, "1.36") == ()
    assert store.changed(instance(1, {}), instance(1, {}), "1.36") == ()
