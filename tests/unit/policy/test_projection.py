"""What is kept of an object: everything an expression reads, by whatever way it gets there."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.policy import built, judge_of
from generator.manifest import identify
from generator.policy.projection import reads_of

DATA = {"a": {"x": 1, "y": {"z": 2, "w": 3}}, "b": [{"x": 1, "y": 2}, {"x": 3}], "c": "text"}


@pytest.mark.parametrize(
    ("paths", "kept"),
    [
        ([("c",)], {"c": "text"}),
        ([("a", "y", "z")], {"a": {"y": {"z": 2}}}),
        ([("a", "#")], {"a": {"x": None, "y": None}}),
        ([("b", "[]", "x")], {"b": [{"x": 1}, {"x": 3}]}),
        ([("b", "#")], {"b": [None, None]}),
        ([("a", "[]", "z")], {"a": {"x": 1, "y": {"z": 2}}}),
        ([("a", "[]", "z"), ("a", "y", "w")], {"a": {"x": 1, "y": {"z": 2, "w": 3}}}),
        ([("a", "[]", "z"), ("a", "y")], {"a": {"x": 1, "y": {"z": 2, "w": 3}}}),
        ([("a", "[]"), ("a", "y", "w")], {"a": {"x": 1, "y": {"z": 2, "w": 3}}}),
        ([("missing", "x")], {}),
        ([("c", "x")], {"c": "text"}),
    ],
)
def test_what_is_kept(paths, kept):
    assert reads_of(paths).project(DATA) == kept


REPLACEMENTS: tuple[Any, ...] = (None, ..., "Odd Value!", "LiveMigrate", [], {}, {"qats": []})


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        yield from leaves(child, (*path, key))


def changed(data: dict[str, Any], path: tuple[Any, ...], new: Any) -> dict[str, Any]:
    """A copy with one value replaced, taken out (None) or, of a list's item, doubled (...)."""
    made = copy.deepcopy(data)
    node: Any = made
    for key in path[:-1]:
        node = node[key]
    if new is None:
        del node[path[-1]]
    elif new is ...:
        node.append(copy.deepcopy(node[path[-1]])) if isinstance(node, list) else node.update(again=node[path[-1]])
    else:
        node[path[-1]] = new
    return made


def test_a_judge_that_remembers_says_what_one_that_does_not_says():
    made, admission = built()
    data = json.loads(json.dumps(next(m.data for m in made.manifests if m.data["kind"] == "VirtualMachine")))
    remembering = judge_of(admission)
    assert not remembering.create(identify(data), data).failures
    told = 0
    for path in [path for path in leaves(data["spec"]) if path]:
        for new in REPLACEMENTS:
            one = changed(data, ("spec", *path), new)
            fresh = judge_of(admission).create(identify(one), one)
            again = remembering.create(identify(one), one)
            assert again.failures == fresh.failures, (path, new)
            told += bool(fresh.failures)
    assert told > 10
