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


def fill_all(data: Any, values: dict[str, str]) -> Any:
    """Fill every string of plain data; parts without placeholders are shared, not copied."""
    if isinstance(data, str):
        return fill(data, values)
    if isinstance(data, dict):
        filled = {key: fill_all(value, values) for key, value in data.items()}
        return filled if any(filled[key] is not data[key] for key in data) else data
    if isinstance(data, list | tuple):
        parts = [fill_all(value, values) for value in data]
        return parts if any(new is not old for new, old in zip(parts, data, strict=True)) else data
    return data
