"""The model: what templates see, item by item, as plain data, each with its place in the spec."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from generator.location import FieldPath, Span
from generator.spec.model import DeviceClass, Machine, NodePool, Plain, Spec
from generator.spec.stamp import Plan, Stamp, fill_plan, number_of_stamps, plan_of, stamp_at


@dataclass(frozen=True, slots=True)
class Item:
    """What one rendering of a template sees.

    `beside` is data merged into the rendered object at a place of it, from fields of the spec that are passed
    through as they are; ours stay unless `over`.
    """

    data: Plain
    path: FieldPath
    at: Span
    beside: tuple[FieldPath, Plain] | None = None
    over: bool = False


@dataclass(frozen=True, slots=True)
class MachineItem:
    """A machine of the spec, before stamping: `item.data` still holds its placeholders, which the plans name."""

    machine: Machine
    item: Item
    plan: Plan | None
    beside_plan: Plan | None

    @classmethod
    def of(cls, machine: Machine, item: Item) -> Self:
        """A machine's item, its placeholders found once for all stamps."""
        return cls(machine, item, plan_of(item.data), plan_of(item.beside[1]) if item.beside else None)

    def __len__(self) -> int:
        return number_of_stamps(self.machine)

    def stamped(self, position: int) -> Item:
        """The item of the machine at a position of its stamps."""
        stamp: Stamp = stamp_at(self.machine, position)
        data = {**fill_plan(self.item.data, self.plan, stamp.values), "name": stamp.name}
        beside = self.item.beside
        if beside and self.beside_plan is not None:
            beside = (beside[0], fill_plan(beside[1], self.beside_plan, stamp.values))
        return Item(data, self.item.path, self.item.at, beside, over=self.item.over)


@dataclass(frozen=True, slots=True)
class ResolvedClass:
    """A device class with the facts of its family.

    `resource` is the extended resource name machines and containers ask for; `selectors` are the PCI ids of its
    VFs as KubeVirt compares them; `for_machines` whether any machine or pool of machines is of the class.
    """

    spec: DeviceClass
    resource: str
    selectors: tuple[str, ...]
    for_machines: bool


@dataclass(frozen=True, slots=True)
class ResolvedPool:
    """A node pool with its class; `services_line` is what Intel's init script is told, "" for nothing.

    `resource` is the extended resource that the nodes advertise: by Intel's plugin where the pool serves containers,
    else by KubeVirt's.
    """

    spec: NodePool
    device_class: ResolvedClass
    services_line: str
    pf_ids: tuple[str, ...]
    resource: str


@dataclass(frozen=True, slots=True)
class Model:
    """One environment, decided: lists of items by the name templates/index.yaml calls them, and the machines.

    `read` are the files that the spec names and machines hold, and the places where one was looked for first.
    """

    environment: str
    spec: Spec
    classes: Mapping[str, ResolvedClass]
    pools: Sequence[ResolvedPool]
    lists: Mapping[str, Sequence[Item]] = field(default_factory=dict)
    machines: Sequence[MachineItem] = ()
    read: frozenset[Path] = frozenset()

    @property
    def machine_count(self) -> int:
        """How many machines are rendered."""
        return sum(len(machine) for machine in self.machines)

    def machine_items(self, start: int, stop: int) -> Iterator[Item]:
        """The items of the machines from `start` to before `stop`, counted over all stamps in order."""
        first = 0
        for machine in self.machines:
            after = first + len(machine)
            for position in range(max(start, first), min(stop, after)):
                yield machine.stamped(position - first)
            first = after
            if first >= stop:
                return
