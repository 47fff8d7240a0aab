"""Stamping: names, numbers, the matrix, placeholders."""

import pytest

from generator.spec.model import Machine
from generator.spec.stamp import fill_plan, number_of_stamps, plan_of, stamps


@pytest.mark.parametrize(
    ("machine", "names"),
    [
        (Machine(name="gw"), ["gw"]),
        (Machine(name="gw", count=1), ["gw-0"]),
        (Machine(name="gw", count=3), ["gw-0", "gw-1", "gw-2"]),
        (Machine(name="gw", count=0), []),
        (Machine(name="gw", matrix={"site": ("a", "b")}), ["gw-a", "gw-b"]),
        (
            Machine(name="gw", count=2, matrix={"site": ("a", "b"), "tier": ("x", "y")}),
            [f"gw-{s}-{t}-{n}" for s in "ab" for t in "xy" for n in (0, 1)],
        ),
    ],
)
def test_names(machine, names):
    assert [stamp.name for stamp in stamps(machine)] == names
    assert number_of_stamps(machine) == len(names)


def test_placeholders_are_filled_and_other_parts_shared():
    shared = {"a": ["plain"]}
    data = {"x": "d-{index}", "y": shared, "z": [{"k": "{site}/{index}"}], "w": "{other}"}
    filled = fill_plan(data, plan_of(data), {"index": "7", "site": "north"})
    assert filled == {"x": "d-7", "y": {"a": ["plain"]}, "z": [{"k": "north/7"}], "w": "{other}"}
    assert filled["y"] is shared
    assert plan_of(shared) is None
    assert fill_plan(shared, None, {"index": "1"}) is shared
