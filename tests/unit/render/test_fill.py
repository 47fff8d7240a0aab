"""Filling: by plan and by code the same, values untouched, errors at the value."""

from typing import Any

import pytest

from generator.render.fill import MAX_CODE_DEPTH, UnfitError, compile_fill, fill_plan
from generator.render.marks import CLOSE, OPEN
from generator.render.skeleton import Skeleton, parse


class Traced(str):
    """A text that knows where it is from."""

    __slots__ = ("origin",)


class TracedInt(int):
    """A number that knows where it is from."""


def mark(text: str) -> str:
    """`<3>` for the mark of value 3."""
    return text.replace("<", OPEN).replace(">", CLOSE)


def both(skeleton: Skeleton, values: list[Any]) -> list[Any]:
    by_plan = [fill_plan(plan, values) for plan in skeleton.plans]
    by_code = compile_fill(skeleton)(values)
    assert repr(by_code) == repr(by_plan)
    return by_code


FILLS = [
    ("a: <0>", [1], [{"a": 1}]),
    ("a: <1>\nb: <0>", [1, 2, 3], [{"a": 2, "b": 1}]),
    ("a: x<0>y<0>", [1], [{"a": "x1y1"}]),
    ("'a<0>': 1\n<1>: {b: [<2>]}", ["k", "l", None], [{"ak": 1, "l": {"b": [None]}}]),
    ("- <0>\n---\n<1>", [True, {"a": 1}], [[True], {"a": 1}]),
    ("a: 'it''s \\ {x} <0>'", ["{y}"], [{"a": "it's \\ {x} {y}"}]),
    ("a: {}\nb: []\nc:\nd: 0.5\ne: true", [], [{"a": {}, "b": [], "c": None, "d": 0.5, "e": True}]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "values", "expected"), FILLS)
def test_fill(text: str, values: list[Any], expected: list[Any]) -> None:
    assert both(parse(mark(text), "t"), values) == expected


@pytest.mark.parametrize("style", ["<0>", "'<0>'", '"<0>"', "|-\n  <0>"])
def test_a_value_alone_is_the_same_object(style: str) -> None:
    value = Traced("on")
    skeleton = parse(mark(f"a: {style}\n<1>: 1"), "t")
    for filled in (both(skeleton, [value, value]), [fill_plan(plan, [value, value]) for plan in skeleton.plans]):
        assert filled[0]["a"] is value
        assert list(filled[0])[1] is value


def test_a_number_alone_is_the_same_object_and_its_text_is_decimal() -> None:
    value = TracedInt(5)
    (filled,) = both(parse(mark("a: <0>\nb: '<0>'\nc: x<0>"), "t"), [value])
    assert filled["a"] is value
    assert (filled["b"], filled["c"]) == ("5", "x5")


@pytest.mark.parametrize(
    ("text", "values", "number", "rule"),
    [
        ("a: x<0>", [True], 0, "value-not-text"),
        ("a: x<0><1>", ["a", None], 1, "value-not-text"),
        ("a: '<0>'", [[]], 0, "value-not-text"),
        ("a: x<0>", [float("inf")], 0, "value-not-text"),
        ("<0>: 1", [5], 0, "key-unfit"),
        ("<0>: 1\n<1>: 2", ["a", "a"], 1, "key-unfit"),
        ("a: 1\n<0>: 2", ["a"], 0, "key-unfit"),
        ("<0>: 2\na: 1", ["a"], 0, "key-unfit"),
        ("x<0>: 2", [None], 0, "value-not-text"),
    ],
)
def test_unfit_values_are_named(text: str, values: list[Any], number: int, rule: str) -> None:
    skeleton = parse(mark(text), "t")
    for fill in (compile_fill(skeleton), lambda values: [fill_plan(plan, values) for plan in skeleton.plans]):
        with pytest.raises(UnfitError) as caught:
            fill(values)
        assert (caught.value.number, caught.value.rule.name) == (number, rule)


def test_what_is_too_deep_for_code_is_filled_all_the_same() -> None:
    depth = MAX_CODE_DEPTH + 20
    value: Any = both(parse(mark("[" * depth + "<0>" + "]" * depth), "t"), ["x"])
    for _ in range(depth + 1):
        (value,) = value
    assert value == "x"


def test_results_share_nothing_with_each_other() -> None:
    fill = compile_fill(parse(mark("a: {b: [1]}\nc: <0>"), "t"))
    first, second = fill(["x"])[0], fill(["x"])[0]
    first["a"]["b"].append(2)
    assert second == {"a": {"b": [1]}, "c": "x"}
