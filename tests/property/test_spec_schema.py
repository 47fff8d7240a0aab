"""The fast validator of the spec against the slow one: the same verdict, and words for every refusal."""

import copy
import random
from typing import Any

import pytest

from generator.location import Span
from generator.source import read_documents
from generator.spec.example import example_spec
from generator.spec.schema import check, explaining, is_valid
from tests.support.workspace import REPOSITORY

TEXTS = (
    example_spec(),
    (REPOSITORY / "spec.yaml").read_text(),
    (REPOSITORY / "tests/golden/cases/everything/spec.yaml").read_text(),
    (REPOSITORY / "overlays/prod/spec.yaml").read_text(),
)
SOURCES = [read_documents(text, "spec.yaml")[0].data for text in TEXTS]
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.0, 2.5, 10**20, 10**30, 1e300, "", " ", "a", "gw\n", "\n", "gw\u2028", "gw ", "é",
    "٣Gi", "1Gi", "1Gi\n", "/x", "https://", "https://a b", "1.36\n", "v1.9.0", "2030-01-01\n", "{index}", "a" * 300,
    [], [[]], [None], ["a"], ["a", "a"], {}, {"": ""}, {"name": "x"}, {"x-y": 1}, {"$patch": "delete"},
)  # fmt: skip
DRAWS = 400


class Here:
    def span(self, path=(), *, key=False):  # noqa: ARG002 - the protocol's
        return Span("spec.yaml", 1, 1)

    def written(self, path):  # noqa: ARG002 - the protocol's
        return None


def places(node, path=()):
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def put(data, path, value, how):
    """`data` with one place replaced, removed, or given a further key or item; None where that cannot be."""
    made = copy.deepcopy(data)
    holder = made
    for step in path[:-1]:
        holder = holder[step]
    if how == "replace" and path:
        holder[path[-1]] = value
    elif how == "remove" and path:
        del holder[path[-1]]
    elif how == "add":
        node = holder[path[-1]] if path else made
        if isinstance(node, dict):
            node["more"] = value
        elif isinstance(node, list):
            node.append(value)
        else:
            return None
    else:
        return None
    return made


def drawn(seed):
    draw = random.Random(seed)
    data = draw.choice(SOURCES)
    for _ in range(draw.randint(1, 3)):
        path = draw.choice(list(places(data)))
        data = put(data, path, draw.choice(ODD), draw.choice(("replace", "remove", "add"))) or data
    return data


@pytest.mark.parametrize("overlay", [False, True])
@pytest.mark.parametrize("source", SOURCES, ids=range(len(SOURCES)))
def test_every_place_with_every_odd_value_of_a_few(source, overlay):
    data = source
    slow = explaining(overlay=overlay)
    for path in list(places(data))[::7]:
        for value in ODD[len(path) % 3 :: 3]:
            made = put(data, path, value, "replace")
            if made is not None:
                assert is_valid(made, overlay=overlay) is (next(slow.iter_errors(made), None) is None), (path, value)


@pytest.mark.parametrize("overlay", [False, True])
def test_drawn_specs(overlay):
    slow = explaining(overlay=overlay)
    refused = 0
    for seed in range(DRAWS):
        data = drawn(seed)
        fast = is_valid(data, overlay=overlay)
        assert fast is (next(slow.iter_errors(data), None) is None), (seed, data)
        if not overlay:
            assert bool(check(data, Here())) is not fast, (seed, data)
        refused += not fast
    assert DRAWS / 4 < refused < DRAWS  # both verdicts are drawn


@pytest.mark.parametrize(("place", "value"), [("name", "gw\n"), ("name", "gw\u2028"), ("hostname", "gw\n")])
def test_a_line_end_at_the_end_of_a_name_is_refused_with_its_value(place, value):
    data = copy.deepcopy(SOURCES[0])
    data["spec"]["virtualMachines"][0][place] = value
    [finding] = check(data, Here())
    assert f"spec.virtualMachines[0].{place} is " in finding.message
