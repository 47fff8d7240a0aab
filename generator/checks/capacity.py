"""Capacity: what each pool has, what all objects of a build ask of it, and whether they fit node by node."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from generator.checks.demand import HUGEPAGES, Demand, accepts, is_pinned, page_size
from generator.checks.packing import pack
from generator.kube.reading import read_json
from generator.location import FieldPath
from generator.manifest import Identity
from generator.resolve import Model
from generator.resolve.model import ResolvedPool
from generator.spec.check import device_names
from generator.spec.model import Machine

_COUNT = re.compile("[0-9]{1,15}")
_KERNEL_SIZE = re.compile("([0-9]{1,9})([KMGkmg])")
_VFS = ""
"""What VFs go by among hugepages, which go by their size."""
_INTEL = "qat.intel.com/"
"""Intel's plugin gives its resources names of this domain (intel-device-plugins-for-kubernetes, cmd/qat_plugin)."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What one machine or pod needs of one node: VFs, and bytes of hugepages by page size; `copies` need the same.

    `path` is the part of the spec it was rendered for; `identity` is that of an object which a template or an overlay
    adds, with the `field` that says how many there are. `each_node`: there is one on every node.
    """

    name: str
    vfs: int
    pages: tuple[tuple[str, int], ...]
    copies: int
    path: FieldPath
    identity: Identity | None = None
    field: FieldPath = ()
    each_node: bool = False


@dataclass(frozen=True, slots=True)
class NodeUse:
    """`nodes` of a pool that are used alike: VFs and bytes of hugepages taken."""

    nodes: int
    vfs: int
    pages: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PoolUse:
    """A pool: what is there, what is asked, how its nodes are used, and what found no place.

    VFs are counted, hugepages are in bytes by page size.
    """

    pool: ResolvedPool
    asks: tuple[Ask, ...]
    vfs_per_node: int
    pages_per_node: Mapping[str, int]
    pages_known: bool
    nodes: tuple[NodeUse, ...]
    unplaced: tuple[tuple[Ask, int], ...]

    @property
    def vfs_there(self) -> int:
        """VFs of all nodes."""
        return self.vfs_per_node * self.pool.spec.nodes

    @property
    def vfs_asked(self) -> int:
        """VFs of all machines and pods."""
        return sum(ask.vfs * ask.copies for ask in self.asks)

    def pages_there(self, size: str) -> int:
        """Bytes of hugepages of a size on all nodes."""
        return self.pages_per_node.get(size, 0) * self.pool.spec.nodes

    def pages_asked(self, size: str) -> int:
        """Bytes of hugepages of a size that all machines and pods ask for."""
        return sum(dict(ask.pages).get(size, 0) * ask.copies for ask in self.asks)

    @property
    def page_sizes(self) -> list[str]:
        """Page sizes that are there or asked for."""
        return sorted({*self.pages_per_node, *(size for ask in self.asks for size, _ in ask.pages)})


@dataclass(frozen=True, slots=True)
class Nowhere:
    """A demand for a resource that no pool has whose nodes the object accepts."""

    demand: Demand
    who: str
    resource: str
    amount: int
    copies: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """Every pool of an environment in the spec's order, and what belongs to none of them."""

    uses: tuple[PoolUse, ...]
    nowhere: tuple[Nowhere, ...]


def capacity_of(model: Model, demands: Mapping[Demand, int]) -> Capacity:
    """Where everything that an environment's objects ask for goes.

    An object goes to the pools that have the resource and whose labels it accepts; of several, to those whose labels
    it demands. Where more than one is left it is spread over them, those with the most left first. What has the least
    choice is placed first, so that nothing takes the room of what can be nowhere else.
    """
    placing = _Placing(model)
    for demand, number in sorted(demands.items(), key=lambda row: (placing.choice(row[0]), _order(row[0]))):
        placing.place(demand, number)
    uses = (
        _use(pool, tuple(sorted(placing.asks[position], key=_order_of_ask)))
        for position, pool in enumerate(model.pools)
    )
    return Capacity(tuple(uses), tuple(sorted(placing.nowhere, key=lambda one: _order(one.demand))))


def _order(demand: Demand) -> tuple[bool, tuple[str, ...], str, bool]:
    return demand.name is not None, _item_order(demand.item), str(demand.name or ""), demand.each_node


def _order_of_ask(ask: Ask) -> tuple[bool, tuple[str, ...], str, bool]:
    return ask.identity is not None, _item_order(ask.path), str(ask.identity or ""), ask.each_node


def _item_order(item: FieldPath) -> tuple[str, ...]:
    return tuple(f"{part:09}" if isinstance(part, int) else part for part in item)


class _Placing:
    """Demands on their way to pools."""

    def __init__(self, model: Model) -> None:
        self.pools = model.pools
        self.machines: dict[FieldPath, Machine] = {item.machine.path: item.machine for item in model.machines}
        self.resources = {one.spec.name: one.resource for one in model.classes.values()}
        self.asks: list[list[Ask]] = [[] for _ in model.pools]
        self.nowhere: list[Nowhere] = []
        self.whole = [_of_node(pool) for pool in model.pools]
        self.left = [
            {name: have * pool.spec.nodes for name, have in whole.items()}
            for pool, whole in zip(model.pools, self.whole, strict=True)
        ]

    def choice(self, demand: Demand) -> tuple[bool, int]:
        """What demands are placed by: those that are on every node, then those with the fewest pools to choose from."""
        machine = self._machine(demand)
        devices = self._devices(demand, machine)
        pools = [self._chosen(self._fitting(resource, demand), demand, machine) for resource in devices]
        return not demand.each_node, min(map(len, pools or [self._pinned(demand)]))

    def place(self, demand: Demand, number: int) -> None:
        """Give `number` objects of a demand to the pools."""
        machine = self._machine(demand)
        pages = tuple((name.removeprefix(HUGEPAGES), size) for name, size in demand.amounts if _is_page(name))
        copies = demand.copies * number
        devices = self._devices(demand, machine)
        for resource, amount in sorted(devices.items()):
            chosen = self._chosen(self._fitting(resource, demand), demand, machine)
            if chosen:
                self._share(chosen, _ask(demand, machine, amount, pages, copies))
                pages = ()  # they are taken from one pool alone
            elif copies and (self._having(resource) or (resource.startswith(_INTEL) and machine is None)):
                who = machine.name if machine is not None else str(demand.name)
                self.nowhere.append(Nowhere(demand, who, resource, amount, copies))
        if pages and not devices:
            pinned = self._chosen(self._pinned(demand), demand, machine)
            if pinned:
                self._share(pinned, _ask(demand, machine, 0, pages, copies))

    def _machine(self, demand: Demand) -> Machine | None:
        return self.machines.get(demand.item) if demand.name is None else None

    def _having(self, resource: str) -> list[int]:
        return [at for at, pool in enumerate(self.pools) if pool.resource == resource]

    def _fitting(self, resource: str, demand: Demand) -> list[int]:
        return [at for at in self._having(resource) if accepts(demand, self.pools[at].spec.node_selector)]

    def _pinned(self, demand: Demand) -> list[int]:
        return [at for at, pool in enumerate(self.pools) if is_pinned(demand, pool.spec.node_selector)]

    def _devices(self, demand: Demand, machine: Machine | None) -> Counter[str]:
        """Devices by resource; a claimed one is of the class that the machine's entry in the spec names."""
        classes = {
            f"claim:{name}": self.resources.get(device.device_class or "", "")
            for device in (machine.qat if machine else ())
            for name in device_names(device)
        }
        found: Counter[str] = Counter()
        for name, amount in demand.amounts:
            resource = classes.get(name, "") if name.startswith("claim:") else name
            if resource and not _is_page(resource):
                found[resource] += amount
        return found

    def _chosen(self, fitting: list[int], demand: Demand, machine: Machine | None) -> list[int]:
        """Of pools that a demand fits: the one the spec names, else those whose labels it demands, else all."""
        named = [at for at in fitting if machine is not None and self.pools[at].spec.name == machine.node_pool]
        pinned = [at for at in fitting if is_pinned(demand, self.pools[at].spec.node_selector)]
        return named or pinned or fitting

    def _share(self, chosen: list[int], ask: Ask) -> None:
        if ask.each_node:
            given = {at: self.pools[at].spec.nodes for at in chosen}
        else:
            given, rest = {}, ask.copies
            by_room = sorted(chosen, key=lambda at: (-min(self._room(at, ask), 1), -self.left[at][_VFS]))
            for at in by_room:
                given[at] = min(rest, self._room(at, ask))
                rest -= given[at]
            given[by_room[0]] += rest
        for at, copies in given.items():
            if copies:
                self.asks[at].append(replace(ask, copies=copies))
                for name, want in _wanted(ask).items():
                    if name in self.left[at]:
                        self.left[at][name] -= want * copies

    def _room(self, at: int, ask: Ask) -> int:
        """How many of an ask a pool can take: no node more than it has, and no more than is left of all."""
        room = ask.copies
        for name, want in _wanted(ask).items():
            whole = self.whole[at].get(name, 0 if self.pools[at].spec.kernel_arguments else None)
            if want and whole is not None:
                on_nodes = whole // want * self.pools[at].spec.nodes
                room = max(0, min(room, on_nodes, self.left[at].get(name, 0) // want))
        return room


def _wanted(ask: Ask) -> dict[str, int]:
    return {_VFS: ask.vfs, **dict(ask.pages)}


def _of_node(pool: ResolvedPool) -> dict[str, int]:
    """VFs and hugepages of each node of a pool; pages by their size, as far as they are known."""
    return {_VFS: _per_node(pool), **reserved_hugepages(pool.spec.kernel_arguments)}


def _ask(demand: Demand, machine: Machine | None, vfs: int, pages: tuple[tuple[str, int], ...], copies: int) -> Ask:
    name = machine.name if machine is not None else str(demand.name or "")
    return Ask(name, vfs, pages, copies, demand.item, demand.name, demand.field, demand.each_node)


def _is_page(name: str) -> bool:
    return name.startswith(HUGEPAGES)


def _per_node(pool: ResolvedPool) -> int:
    return pool.spec.physical_functions * pool.spec.virtual_functions


def reserved_hugepages(arguments: Sequence[str]) -> dict[str, int]:
    """Bytes of hugepages a node reserves, by page size, from its kernel arguments.

    `hugepagesz=1G hugepages=64`: each count is of the size before it (Linux kernel-parameters.txt); without a size
    it is of the default, `default_hugepagesz` or 2M. The kernel ignores the count after a size that it does not know.
    """
    out: Counter[str] = Counter()
    size = default = "2Mi"
    for argument in arguments:
        key, _, value = argument.partition("=")
        if key in {"hugepagesz", "default_hugepagesz"}:
            found = _KERNEL_SIZE.fullmatch(value)
            size = page_size(f"{found[1]}{found[2].upper()}i") if found else ""
            default = size if found and key == "default_hugepagesz" else default
        elif key == "hugepages" and _COUNT.fullmatch(value):
            if size:
                out[size] += int(value) * read_json(size).value
            size = default
    return dict(out)


def _use(pool: ResolvedPool, asks: tuple[Ask, ...]) -> PoolUse:
    spec = pool.spec
    per_node = _per_node(pool)
    pages = reserved_hugepages(spec.kernel_arguments)
    known = bool(spec.kernel_arguments)
    sizes = sorted({*pages, *(size for ask in asks for size, _ in ask.pages)}) if known else []
    whole = (per_node, *(pages.get(size, 0) for size in sizes))
    free, unplaced = _on_every_node(asks, spec.nodes, whole, sizes)
    single = [ask for ask in asks if not ask.each_node]
    nodes, more = pack([(_need(ask, sizes), ask.copies) for ask in single], spec.nodes, free)
    unplaced.extend((single[at], rest) for at, rest in more)
    uses = tuple(
        NodeUse(
            count,
            per_node - free[0],
            tuple((size, pages.get(size, 0) - rest) for size, rest in zip(sizes, free[1:], strict=True)),
        )
        for free, count in sorted(nodes.items())
    )
    return PoolUse(pool, asks, per_node, pages, known, uses, tuple(unplaced))


def _on_every_node(
    asks: Sequence[Ask], nodes: int, whole: tuple[int, ...], sizes: Sequence[str]
) -> tuple[tuple[int, ...], list[tuple[Ask, int]]]:
    """What is left of a node once everything has its place that runs on each; and what has none."""
    unplaced: list[tuple[Ask, int]] = []
    for ask in asks:
        if ask.each_node:
            left = tuple(have - want for have, want in zip(whole, _need(ask, sizes), strict=True))
            if min(left) < 0:
                unplaced.append((ask, nodes))
            else:
                whole = left
    return whole, unplaced


def _need(ask: Ask, sizes: Sequence[str]) -> tuple[int, ...]:
    return (ask.vfs, *(dict(ask.pages).get(size, 0) for size in sizes))


def amount(size: int) -> str:
    """Bytes as people say them: the largest binary unit that divides them."""
    for unit, factor in (("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10)):
        if size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)
