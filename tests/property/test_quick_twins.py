"""Quick ways and the slow ones they stand in for: lists with an index, projections, rules over a build remembered by item."""

from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.cel import DYN, CostError, Environment, EvalError, compile_expression
from generator.cel.indexed import Indexed
from generator.cel.reads import EACH, SHAPE
from generator.policy import BundlePolicy, compile_bundle, judge_items
from generator.policy.projection import Reads, reads_of

SETTINGS = settings(max_examples=600, deadline=None, derandomize=True)
LIMIT = 10**40
ENVIRONMENT = Environment((("objects", DYN), ("spec", DYN), ("catalog", DYN), ("target", DYN)))

KINDS = st.one_of(st.sampled_from(["A", "B", "C"]), st.just(1), st.none())
ITEMS = st.one_of(
    st.builds(lambda kind, n: {"kind": kind, "n": n}, KINDS, st.integers(0, 2)),
    st.builds(lambda kind, name: {"kind": kind, "name": name, "n": 1}, KINDS, st.sampled_from(["x", "y"])),
    st.builds(lambda kind: {"kind": kind}, KINDS),
    st.builds(lambda n: {"n": n}, st.integers(0, 2)),
    st.sampled_from(["text", 3, None]),
)
_FIRST: tuple[str, ...] = (
    "o.kind == 'A'",
    "o.kind in ['A', 'B']",
    "'A' == o.kind",
    "o.kind in ['A', 'A']",
    "o.kind != 'A'",
    "o.n == 1",
)
_FIRST += ("o.name == 'x'", "o.name in ['x', 'z']")
_FIRST += ("o.?kind.orValue('') == 'A'", "has(o.kind)", "o.kind in []", "true", "o.kind == 1", "o.kind == spec.kind")
PREDICATES = st.one_of(
    st.sampled_from(_FIRST),
    st.builds(
        lambda left, sign, right: f"{left} {sign} {right}",
        st.sampled_from(_FIRST),
        st.sampled_from(["&&", "||"]),
        st.sampled_from([*_FIRST, "o.n > 0", "o.n / 0 == 1"]),
    ),
)
LOOPS = st.builds(
    lambda loop, predicate: loop.format(predicate),
    st.sampled_from(
        [
            "objects.all(o, {})",
            "objects.exists(o, {})",
            "objects.exists_one(o, {})",
            "objects.filter(o, {})",
            "objects.map(o, {}, o.n)",
            "objects.map(o, {})",
            "objects.all(o, !({}))",
            "objects.filter(o, {}).size() > 1",
            "objects.exists(i, o, {})",
            "objects.transformList(i, o, {}, i)",
        ]
    ),
    PREDICATES,
)


def outcome(source: str, objects: list[Any]) -> Any:
    values = {"objects": objects, "spec": {"kind": "B"}, "catalog": {}, "target": {}}
    try:
        return compile_expression(source, ENVIRONMENT).evaluate(values, LIMIT)
    except (EvalError, CostError) as error:
        return type(error), str(error)


@pytest.mark.property
@given(LOOPS, st.lists(ITEMS, max_size=5), st.sampled_from(["kind", "name"]))
@SETTINGS
def test_a_loop_over_an_indexed_list_gives_what_it_gives_over_the_list(
    source: str, objects: list[Any], field: str
) -> None:
    assert outcome(source, Indexed(objects, field)) == outcome(source, objects)


PATHS = st.lists(
    st.lists(st.sampled_from(["a", "b", EACH, SHAPE]), min_size=1, max_size=3)
    .map(tuple)
    .filter(lambda path: SHAPE not in path[:-1]),
    max_size=4,
)
DATA: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.integers(0, 3), st.none(), st.text("xy", max_size=1)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    ),
    max_leaves=12,
)


def kept(reads: Reads, data: Any) -> Any:
    """What is read of a value, found anew for every value."""
    if reads.whole or not isinstance(data, list | dict):
        return data
    every = reads.below.get(EACH)
    if isinstance(data, list):
        return [None if every is None else kept(every, item) for item in data]
    out = {}
    for key, value in data.items():
        ways = [way for way in (reads.below.get(key), every) if way is not None]
        if any(way.whole for way in ways):
            out[key] = value
        elif ways:
            out[key] = kept(ways[0] if len(ways) == 1 else both(*ways), value)
        elif SHAPE in reads.below:
            out[key] = None
    return out


def both(one: Reads, other: Reads) -> Reads:
    return reads_of([*_paths(one), *_paths(other)])


def _paths(reads: Reads) -> list[tuple[str, ...]]:
    if reads.whole:
        return [()]
    return [(key, *rest) for key, child in reads.below.items() for rest in _paths(child)]


@pytest.mark.property
@given(PATHS, DATA)
@SETTINGS
def test_what_a_compiled_projection_keeps_is_what_the_tree_of_reads_says(paths: list[Any], data: Any) -> None:
    reads = reads_of(paths)
    assert reads.project(data) == kept(reads, data)


_RULES: tuple[str, ...] = (
    "object.n > 0",
    "object.m.k == 'x'",
    "has(object.m)",
    "variables.of == 1",
    "variables.all > 2",
    "spec.n == 1",
)
_RULES += (
    "object.l.all(i, i > 0)",
    "object.l.size() < 2",
    "object.m.all(k, k != 'z')",
    "object == object",
    "!('k' in object.m)",
)
MEMBERS = st.fixed_dictionaries(
    {"kind": st.just("A")},
    optional={
        "n": st.integers(0, 2),
        "m": st.dictionaries(st.sampled_from(["k", "z"]), st.sampled_from(["x", "y"]), max_size=2),
        "l": st.lists(st.integers(0, 1), max_size=2),
        "other": st.integers(0, 2),
    },
)


@st.composite
def bundles(draw: st.DrawFn) -> BundlePolicy:
    """A rule over the items of the spec."""
    spec = {
        "forEach": "spec.items",
        "variables": [
            {
                "name": "of",
                "expression": draw(st.sampled_from(["object.n", "object.?m.?k.orValue('') == 'x' ? 1 : 2"])),
            },
            {"name": "all", "expression": "size(spec.items)"},
        ],
        "validations": [
            {
                "expression": one,
                "messageExpression": draw(st.sampled_from(["string(object.n)", "string(object.m.k)", "'said'"])),
            }
            for one in draw(st.lists(st.sampled_from(_RULES), min_size=1, max_size=2))
        ],
    }
    made = compile_bundle({"metadata": {"name": "b"}, "spec": spec}, (1, 35))
    assert isinstance(made, BundlePolicy), made
    return made


@pytest.mark.property
@given(bundles(), st.lists(MEMBERS, max_size=6))
@SETTINGS
def test_items_that_agree_in_what_is_read_are_judged_as_each_alone(policy: BundlePolicy, items: list[Any]) -> None:
    scope = {"objects": [], "spec": {"items": items, "n": 1}, "catalog": {}, "target": {}}
    quick = list(judge_items(policy, scope))
    with mock.patch.object(BundlePolicy, "item_reads", return_value=Reads(whole=True)):
        slow = list(judge_items(policy, scope))
    assert quick == slow
