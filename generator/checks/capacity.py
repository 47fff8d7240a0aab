"""Capacity: what each pool has, what machines ask of it, and whether they fit node by node."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.checks import rules
from generator.finding import Finding
from generator.kube.reading import read_json
from generator.location import FieldPath, Span
from generator.resolve import MachineItem, Model
from generator.resolve.model import ResolvedPool
from generator.spec.check import device_names
from generator.spec.model import Machine

RULES = (rules.TOO_FEW_VFS, rules.TOO_FEW_HUGEPAGES, rules.DOES_NOT_PACK)

_COUNT = re.compile("[0-9]{1,15}")
_KERNEL_SIZE = {"K": "Ki", "M": "Mi", "G": "Gi"}


@dataclass(frozen=True, slots=True)
class Ask:
    """What one machine needs of one node: VFs, and bytes of hugepages by page size; `copies` ask for the same."""

    name: str
    vfs: int
    pages: tuple[tuple[str, int], ...]
    copies: int
    path: FieldPath


@dataclass(frozen=True, slots=True)
class NodeUse:
    """`nodes` of a pool that are used alike: VFs and bytes of hugepages taken."""

    nodes: int
    vfs: int
    pages: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PoolUse:
    """A pool: what is there, what is asked, how its nodes are used, and what found no place.

    VFs are counted, hugepages are in bytes by page size. `asks` is empty for a pool of containers: who asks there
    is not in the spec.
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
        """VFs of all machines."""
        return sum(ask.vfs * ask.copies for ask in self.asks)

    def pages_there(self, size: str) -> int:
        """Bytes of hugepages of a size on all nodes."""
        return self.pages_per_node.get(size, 0) * self.pool.spec.nodes

    def pages_asked(self, size: str) -> int:
        """Bytes of hugepages of a size that all machines ask for."""
        return sum(dict(ask.pages).get(size, 0) * ask.copies for ask in self.asks)

    @property
    def page_sizes(self) -> list[str]:
        """Page sizes that are there or asked for."""
        return sorted({*self.pages_per_node, *(size for ask in self.asks for size, _ in ask.pages)})


def pool_uses(model: Model) -> list[PoolUse]:
    """Every pool of an environment, with the machines that run there.

    A machine without a pool goes to the pool of its class with the most VFs left: the scheduler may choose
    another, but no better one.
    """
    asks: dict[str, list[Ask]] = {pool.spec.name: [] for pool in model.pools}
    left = {pool.spec.name: _vfs_there(pool) for pool in model.pools}
    for machine in model.machines:
        name = machine.machine.node_pool or _pool_of(model, machine.machine, left)
        ask = ask_of(machine)
        if name in asks and ask.copies:
            asks[name].append(ask)
            left[name] -= ask.vfs * ask.copies
    return [_use(pool, tuple(asks[pool.spec.name])) for pool in model.pools]


def _vfs_there(pool: ResolvedPool) -> int:
    return pool.spec.nodes * pool.spec.physical_functions * pool.spec.virtual_functions


def _pool_of(model: Model, machine: Machine, left: Mapping[str, int]) -> str:
    wanted = {device.device_class for device in machine.qat}
    fitting = [
        pool.spec.name
        for pool in model.pools
        if pool.spec.serves == "virtualMachines" and pool.device_class.spec.name in wanted
    ]
    return max(fitting, key=lambda name: left[name], default="")


def ask_of(item: MachineItem) -> Ask:
    """What machines of one item of the spec ask for."""
    machine = item.machine
    vfs = sum(len(device_names(device)) for device in machine.qat)
    pages: tuple[tuple[str, int], ...] = ()
    if machine.memory.hugepages and machine.memory.guest is not None:
        pages = ((machine.memory.hugepages, _bytes(str(machine.memory.guest))),)
    replicated = machine.kind in {"VirtualMachineInstanceReplicaSet", "VirtualMachinePool"}
    each = (1 if machine.replicas is None else machine.replicas) if replicated else 1
    return Ask(machine.name, vfs, pages, len(item) * each, machine.path)


def reserved_hugepages(arguments: Sequence[str]) -> dict[str, int]:
    """Bytes of hugepages a node reserves, by page size, from its kernel arguments.

    `hugepagesz=1G hugepages=64`: each count is of the size before it (Linux kernel-parameters.txt); without a size
    it is of the default, `default_hugepagesz` or 2M.
    """
    out: Counter[str] = Counter()
    size = default = "2Mi"
    for argument in arguments:
        key, _, value = argument.partition("=")
        if key in {"hugepagesz", "default_hugepagesz"} and value[-1:].upper() in _KERNEL_SIZE:
            given = value[:-1] + _KERNEL_SIZE[value[-1].upper()]
            default = given if key == "default_hugepagesz" else default
            size = given
        elif key == "hugepages" and _COUNT.fullmatch(value):
            out[size] += int(value) * _bytes(size)
            size = default
    return dict(out)


def _use(pool: ResolvedPool, asks: tuple[Ask, ...]) -> PoolUse:
    spec = pool.spec
    per_node = spec.physical_functions * spec.virtual_functions
    pages = reserved_hugepages(spec.kernel_arguments)
    known = bool(spec.kernel_arguments)
    sizes = sorted({*pages, *(size for ask in asks for size, _ in ask.pages)}) if known else []
    nodes, unplaced = _pack(asks, spec.nodes, (per_node, *(pages.get(size, 0) for size in sizes)), sizes)
    uses = tuple(
        NodeUse(
            count,
            per_node - free[0],
            tuple((size, pages.get(size, 0) - rest) for size, rest in zip(sizes, free[1:], strict=True)),
        )
        for free, count in sorted(nodes.items())
    )
    return PoolUse(pool, asks, per_node, pages, known, uses, tuple(unplaced))


def _pack(
    asks: Sequence[Ask], nodes: int, whole: tuple[int, ...], sizes: Sequence[str]
) -> tuple[dict[tuple[int, ...], int], list[tuple[Ask, int]]]:
    """Place the largest first, each on the fullest nodes that can take it; equal nodes are handled as one group.

    So 100,000 machines of ten shapes are packed in a few hundred steps. Gives nodes by what is left on them, and
    what found no place.
    """
    groups: Counter[tuple[int, ...]] = Counter({whole: nodes} if nodes else {})
    unplaced: list[tuple[Ask, int]] = []
    shapes = [((ask.vfs, *(dict(ask.pages).get(size, 0) for size in sizes)), ask) for ask in asks]
    for need, ask in sorted(shapes, key=lambda row: row[0], reverse=True):
        rest = ask.copies if any(need) else 0
        for free in sorted(groups):
            fit = min(have // want for have, want in zip(free, need, strict=True) if want) if any(need) else 0
            if not rest or not fit:
                continue
            full, over = divmod(rest, fit)
            taken = min(full, groups[free])
            _move(groups, free, need, fit, taken)
            rest -= taken * fit
            if rest and groups[free] and over and taken == full:
                _move(groups, free, need, over, 1)
                rest -= over
        if rest:
            unplaced.append((ask, rest))
    return dict(groups), unplaced


def _move(
    groups: Counter[tuple[int, ...]], free: tuple[int, ...], need: tuple[int, ...], each: int, nodes: int
) -> None:
    """Put `each` machines on each of `nodes` nodes of a group."""
    if not nodes:
        return
    groups[free] -= nodes
    if not groups[free]:
        del groups[free]
    groups[tuple(have - want * each for have, want in zip(free, need, strict=True))] += nodes


def check_capacity(model: Model, span: Callable[[FieldPath], Span]) -> Iterator[Finding]:
    """Pools that are asked for more than they have, with the arithmetic."""
    for use in pool_uses(model):
        spec = use.pool.spec
        found = False
        where = f'environment "{model.environment}", pool "{spec.name}"'
        if use.vfs_asked > use.vfs_there:
            found = True
            message = f"{where}: {_sum(use.asks)} = {use.vfs_asked} VFs asked for, {_there(use)} there"
            hint = f"{use.vfs_asked - use.vfs_there} too many: add nodes, or ask for less"
            yield Finding(rule=rules.TOO_FEW_VFS, message=message, at=span((*spec.path, "nodes")), hint=hint)
        for size in use.page_sizes if use.pages_known else ():
            asked, there = use.pages_asked(size), use.pages_there(size)
            if asked > there:
                found = True
                message = (
                    f"{where}: {amount(asked)} of {size} hugepages asked for, {spec.nodes} nodes × "
                    f"{amount(use.pages_per_node.get(size, 0))} = {amount(there)} reserved"
                )
                at = span((*spec.path, "kernelArguments"))
                hint = "reserve more on the nodes (hugepagesz=, hugepages=), add nodes, or ask for less"
                yield Finding(rule=rules.TOO_FEW_HUGEPAGES, message=message, at=at, hint=hint)
        for ask, rest in () if found else use.unplaced:
            message = (
                f'{where}: {rest} of {ask.copies} "{ask.name}" find no node: one needs {_needs(ask)}, '
                f"and what is left is spread over {spec.nodes} nodes of {_node(use)}"
            )
            yield Finding(
                rule=rules.DOES_NOT_PACK, message=message, at=span(ask.path), hint="add nodes, or ask for less"
            )


def _sum(asks: Sequence[Ask]) -> str:
    return " + ".join(f"{ask.copies} {ask.name} × {ask.vfs}" for ask in asks if ask.vfs)


def _there(use: PoolUse) -> str:
    spec = use.pool.spec
    return f"{spec.nodes} nodes × {spec.physical_functions} PFs × {spec.virtual_functions} VFs = {use.vfs_there}"


def _needs(ask: Ask) -> str:
    return " and ".join((f"{ask.vfs} VFs", *(f"{amount(b)} of {size} hugepages" for size, b in ask.pages)))


def _node(use: PoolUse) -> str:
    pages = (f"{amount(b)} of {size} hugepages" for size, b in sorted(use.pages_per_node.items()))
    return " and ".join((f"{use.vfs_per_node} VFs", *pages))


def _bytes(quantity: str) -> int:
    return read_json(quantity).value


def amount(size: int) -> str:
    """Bytes as people say them: the largest binary unit that divides them."""
    for unit, factor in (("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10)):
        if size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)
