"""What is quick agrees with what is slow: accepting with explaining, the search for a definition with reading all of them."""

import copy
import json
from random import Random

import pytest

from generator.schema.accept import compile_accept
from generator.schema.builtin import _definitions, builtin_validator
from generator.schema.explain import explain
from generator.schema.structural import Validator
from tests.unit.schema.test_verdicts import GROUPS, validators

_OTHERS = [None, True, 0, -1, 1, 2**31, 1.5, 3.0, "", "a", "A b", [], ["a", "a"], {}, {"a": "b"}]
BOUNDS = [
    ({"type": "integer", "minimum": 3}, [(2, False), (3, True), (4, True)]),
    ({"type": "integer", "minimum": 3, "exclusiveMinimum": True}, [(2, False), (3, False), (4, True)]),
    ({"type": "integer", "maximum": 3}, [(4, False), (3, True)]),
    ({"type": "integer", "maximum": 3, "exclusiveMaximum": True}, [(3, False), (2, True)]),
    ({"type": "number", "minimum": 0.5}, [(0.4, False), (0.5, True), (0.6, True)]),
    ({"type": "number", "minimum": 0.5, "exclusiveMinimum": True}, [(0.5, False), (0.6, True)]),
    ({"type": "string", "minLength": 2, "maxLength": 3}, [("a", False), ("ab", True), ("abc", True), ("abcd", False)]),
    (
        {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 1},
        [([], False), (["a"], True), (["a", "b"], False)],
    ),
]
DEFAULTED = {"a": {"type": "string"}, "b": {"type": "string", "default": "x"}}


@pytest.mark.parametrize(("schema", "values"), BOUNDS)
def test_bounds_hold_at_their_edge(schema, values):
    accept = compile_accept(schema, 36)
    for value, valid in values:
        assert (list(explain(value, schema, (), 36)) == []) is valid, value
        assert valid or not accept(value), value


@pytest.mark.parametrize(
    ("bounds", "spec", "valid"),
    [
        ({"maxProperties": 1}, {"a": "1"}, False),
        ({"minProperties": 2}, {"a": "1"}, True),
        ({"maxProperties": 2}, {"a": "1"}, True),
    ],
)
def test_defaults_count_among_the_properties(bounds, spec, valid):
    validator = Validator(
        {"type": "object", "properties": {"spec": {"type": "object", "properties": DEFAULTED, **bounds}}}
    )
    data = {"apiVersion": "a/v1", "kind": "B", "metadata": {"name": "c"}, "spec": spec}
    assert (validator.explain(data) == []) is valid
    assert (validator.validate(data) == []) is valid
    assert valid or not validator.accepts(data)


def _drawn(rng, data):
    """An object with one value somewhere inside replaced, taken out or doubled."""
    made = copy.deepcopy(data)
    places = [(made, key) for key in made if key not in ("apiVersion", "kind", "metadata")]
    holders = []
    while places:
        holder, key = places.pop()
        holders.append((holder, key))
        value = holder[key]
        if isinstance(value, dict | list):
            places += [(value, step) for step in (value if isinstance(value, dict) else range(len(value)))]
    if not holders:
        return made
    holder, key = rng.choice(holders)
    if rng.random() < 0.2:
        del holder[key]
    elif isinstance(holder, list) and rng.random() < 0.3:
        holder.append(copy.deepcopy(holder[key]))
    else:
        holder[key] = copy.deepcopy(rng.choice(_OTHERS))
    return made


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.get("name", "every feature"))
def test_what_is_accepted_has_nothing_wrong(group):
    rng, by_version, accepted, asked = Random(5), validators(group), 0, 0
    for case in group["cases"]:
        validator = by_version[case["object"]["apiVersion"].rpartition("/")[2]]
        for data in (case["object"], *(_drawn(rng, case["object"]) for _ in range(3))):
            asked += 1
            if validator.accepts(data):
                accepted += 1
                assert validator.explain(data) == [], data
    assert accepted > asked // 20


@pytest.mark.parametrize("minor", [25, 36])
def test_a_definition_is_found_as_reading_the_whole_file_finds_it(minor):
    definitions = _definitions(minor)
    whole = json.loads((definitions.folder / "_definitions.json").read_bytes())["$defs"]
    assert len(whole) > 500
    for name, definition in whole.items():
        assert definitions._definition(name) == definition, name
    assert definitions._definition("io.k8s.api.core.v1.NoSuchThing") == {}


def test_a_built_in_kind_accepts_nothing_that_is_wrong():
    validator = builtin_validator(36, "apps", "v1", "Deployment")
    assert validator is not None
    rng, accepted = Random(6), 0
    container = {"name": "a", "image": "b", "ports": [{"containerPort": 80}], "env": [{"name": "A", "value": "b"}]}
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [container], "nodeSelector": {"c": "d"}}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    data = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": spec}
    for made in [data, *(_drawn(rng, data) for _ in range(1000))]:
        if validator.accepts(made):
            accepted += 1
            assert validator.explain(made) == [], made
    assert accepted > 100
