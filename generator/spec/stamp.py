"""Stamp machines: what `count` and `matrix` make of one item, and what its placeholders stand for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator.spec.model import Machine

PLACEHOLDER = re.compile(r"\{([a-zA-Z][a-zA-Z0-9]*)\}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """One machine of an item: its name, and the text each placeholder stands for."""

    name: str
    values: dict[str, str]


def stamps(machine: Machine) -> Iterator[Stamp]:
    """The machines an item stands for, in order: the matrix' cells, and in each the numbers 0 … count-1."""
    return (stamp_at(machine, position) for position in range(number_of_stamps(machine)))


def stamp_at(machine: Machine, position: int) -> Stamp:
    """The machine at one position of that order."""
    cell, index = divmod(position, 1 if machine.count is None else machine.count)
    values: dict[str, str] = {}
    for key in reversed(machine.matrix):  # the last key turns fastest
        cell, choice = divmod(cell, len(machine.matrix[key]))
        values[key] = machine.matrix[key][choice]
    name = "-".join((machine.name, *(values[key] for key in machine.matrix)))
    if machine.count is None:
        return Stamp(name, values)
    return Stamp(f"{name}-{index}", {**values, "index": str(index)})


def number_of_stamps(machine: Machine) -> int:
    """How many machines an item stands for, without making them."""
    cells = 1
    for values in machine.matrix.values():
        cells *= len(values)
    return cells * (1 if machine.count is None else machine.count)


def is_stamped(machine: Machine) -> bool:
    """Whether the item stands for machines with a number or a matrix value in their names."""
    return machine.count is not None or bool(machine.matrix)


def fill(text: str, values: dict[str, str]) -> str:
    """Put the values in for their placeholders; other braces stay."""
    if "{" not in text or not values:
        return text
    return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)


Plan = dict[Any, Any] | str
"""Where placeholders stand in plain data: a text with some, or the parts of a mapping or list that hold some."""


def plan_of(data: Any) -> Plan | None:
    """The plan of plain data, or None where nothing is to be filled; made once for all stamps of an item."""
    if isinstance(data, str):
        return data if PLACEHOLDER.search(data) else None
    parts: Any = ()
    if isinstance(data, dict):
        parts = data.items()
    elif isinstance(data, list | tuple):
        parts = enumerate(data)
    plan = {key: below for key, value in parts if (below := plan_of(value)) is not None}
    return plan or None


def fill_plan(data: Any, plan: Plan | None, values: dict[str, str]) -> Any:
    """Fill what the plan names; parts without placeholders are shared, not copied."""
    if plan is None:
        return data
    if isinstance(plan, str):
        return fill(plan, values)
    filled: Any = dict(data) if isinstance(data, dict) else list(data)
    for key, below in plan.items():
        filled[key] = fill_plan(data[key], below, values)
    return filled
