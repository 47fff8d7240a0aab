"""Fields of the spec by their paths."""

import pytest

from generator.explain import UnknownFieldError, field_at, paths_named
from generator.explain.fields import all_fields


@pytest.mark.parametrize(
    ("path", "found", "type_words"),
    [
        ("spec.nodePools.nodes", "spec.nodePools[].nodes", "whole number"),
        ("nodePools[].nodes", "spec.nodePools[].nodes", "whole number"),
        ("spec.nodePools[3].nodes", "spec.nodePools[].nodes", "whole number"),
        ("spec.virtualMachines", "spec.virtualMachines[]", "list of mapping"),
        ("metadata.name", "metadata.name", "text"),
    ],
)
def test_a_path_finds_its_field(path, found, type_words):
    field = field_at(path)
    assert (field.path, field.type) == (found, type_words)
    assert field.meaning


def test_what_is_allowed_and_the_default():
    field = field_at("spec.kubevirt.assignment")
    assert (field.allowed, field.default) == (["one of hostDevices, qats, dra"], "hostDevices")


def test_an_unknown_field_names_its_neighbours():
    with pytest.raises(UnknownFieldError) as caught:
        field_at("spec.nodePools.node")
    assert (caught.value.name, caught.value.place) == ("node", "spec.nodePools[]")
    assert "nodes" in caught.value.known


@pytest.mark.parametrize("kind", ["platform", "virtualMachines"])
def test_every_field_has_a_meaning_and_can_be_asked_for(kind):
    fields = list(all_fields(kind))
    assert len(fields) > 50
    assert [field.path for field in fields if not field.meaning] == []
    assert [field.path for field in fields if field_at(field.path, kind).path != field.path] == []


def test_fields_of_a_name_wherever_they_are_those_nearest_the_top_first():
    assert paths_named("memory") == ["spec.virtualMachines[].memory"]
    assert paths_named("namespace")[0].count(".") == 2
    assert paths_named("qat") == ["spec.virtualMachines[].qat[]"]
    assert paths_named("no-such-field") == []
