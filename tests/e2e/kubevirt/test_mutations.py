"""What is asked reaches every field, and what is kept of the answers is every kind of them."""

import copy
from collections import Counter, defaultdict
from typing import Any

import pytest

from tests.e2e.kubevirt.combinations import KINDS, drawn, pairs
from tests.e2e.kubevirt.machines import instance, least
from tests.e2e.kubevirt.mutations import put, single_mutations
from tests.e2e.kubevirt.schemas import fields
from tests.e2e.kubevirt.selection import Known, kept
from tests.e2e.kubevirt.values import REMOVED


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_set_wrong_null_and_to_values(kind):
    asked: dict[str, Counter[str]] = defaultdict(Counter)
    for probe in single_mutations(kind, "plain"):
        words = probe.title.split(f"{probe.about} ", 1)[1]
        asked[probe.about]["null" if words.startswith("null") else words.partition(" ")[0]] += 1
    for field in fields(kind):
        found = asked[field.name]
        assert found["null"], field.name
        assert found["wrong"], field.name
        assert sum(found.values()) >= 5, (field.name, found)


def test_a_value_lands_where_its_path_says_and_the_base_stays():
    base = instance(least())
    before = copy.deepcopy(base)
    kind = "VirtualMachineInstance"
    deep = put(kind, base, ("spec", "domain", "devices", "interfaces", "[]", "macAddress"), "x")
    assert deep is not None
    assert deep["spec"]["domain"]["devices"]["interfaces"][-1]["macAddress"] == "x"
    new = put(kind, base, ("spec", "livenessProbe", "timeoutSeconds"), 5)
    assert new is not None
    assert new["spec"]["livenessProbe"] == {"tcpSocket": {"port": 22}, "timeoutSeconds": 5}
    assert put(kind, base, ("spec", "hostname"), REMOVED) is None
    assert base == before


def test_the_same_seed_draws_the_same():
    assert [p.machine for p in drawn(3, 50)] == [p.machine for p in drawn(3, 50)]
    assert [p.machine for p in drawn(3, 50)] != [p.machine for p in drawn(4, 50)]
    assert [p.title for p in pairs("plain", KINDS[0], 20)] == [p.title for p in pairs("plain", KINDS[0], 20)]


def case(version: str, name: str, message: str) -> dict[str, Any]:
    verdict = {"allowed": False, "kind": "VirtualMachine", "stage": "validate", "message": message, "causes": []}
    return {
        "version": version,
        "kubevirt": "plain",
        "object": {"kind": "VirtualMachine", "name": name},
        "verdict": verdict,
    }


def test_answers_that_say_nothing_new_are_dropped():
    told = [("a", case("v1.9.0", name, f'bad "{name}"')) for name in "abc"] + [("a", case("v1.9.0", "d", "worse"))]
    names = [one["object"]["name"] for one in kept(iter(told), same=2, pairs=False)]
    assert names == ["a", "b", "d"]  # what is quoted is a value: the third says the same
    known = Known()
    assert len(list(known.news(told))) == 4
    again = [("a", case("v1.8.0", "a", 'bad "a"')), ("a", case("v1.8.0", "d", "quite different"))]
    assert [one["object"]["name"] for _, one in known.news(again)] == ["d"]
