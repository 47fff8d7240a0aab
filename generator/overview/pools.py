"""Node pools with their VFs and hugepages, there, asked for and left."""

from collections.abc import Callable, Mapping, Sequence

from generator.checks.capacity import Ask, PoolUse
from generator.location import FieldPath, Span
from generator.overview.bounded import USERS, bounded, place
from generator.overview.model import Demand, Fill, Hugepages, Pool, Vfs

SpanOf = Callable[[FieldPath], Span]
WhereOf = Callable[[Ask], Span]
"""Where that is written which asks for something."""
CAPACITY = "qatgen capacity -o json"


def pools_of(uses: Sequence[PoolUse], added: Mapping[str, int], span: SpanOf, where: WhereOf) -> tuple[Pool, ...]:
    """Every pool of an environment, in the spec's order; `added`: what an overlay adds of each resource."""
    return tuple(_pool(use, added, span, where) for use in uses)


def machine_vfs(uses: Sequence[PoolUse]) -> Vfs:
    """VFs of all pools that serve machines."""
    chosen = [use for use in uses if use.pool.spec.serves == "virtualMachines"]
    there, asked = sum(use.vfs_there for use in chosen), sum(use.vfs_asked for use in chosen)
    return Vfs(there, asked, there - asked)


def container_vfs(uses: Sequence[PoolUse]) -> int:
    """VFs of all pools that serve containers."""
    return sum(use.vfs_there for use in uses if use.pool.spec.serves == "containers")


def _pool(use: PoolUse, added: Mapping[str, int], span: SpanOf, where: WhereOf) -> Pool:
    spec = use.pool.spec
    there, asked = use.vfs_there, use.vfs_asked
    # What found no place comes first: it is what people look for.
    unplaced = dict(use.unplaced)
    asks = sorted(use.asks, key=lambda ask: -unplaced.get(ask, 0))
    demands, more = bounded(
        [
            Demand(
                machine=ask.name,
                copies=ask.copies,
                vfs=ask.vfs,
                unplaced=unplaced.get(ask, 0),
                at=place(where(ask)),
            )
            for ask in asks
        ],
        USERS,
        CAPACITY,
    )
    return Pool(
        name=spec.name,
        serves=spec.serves,
        device_class=use.pool.device_class.spec.name,
        resource=use.pool.resource,
        nodes=spec.nodes,
        physical_functions=spec.physical_functions,
        virtual_functions=spec.virtual_functions,
        vfs=Vfs(there, asked, there - asked),
        hugepages=tuple(_hugepages(use, size) for size in use.page_sizes),
        fills=tuple(Fill(node.nodes, node.vfs) for node in sorted(use.nodes, key=lambda node: -node.vfs)),
        overlay_vfs=added.get(use.pool.resource, 0),
        demands=demands,
        more_demands=more,
        at=place(span(spec.path)),
    )


def _hugepages(use: PoolUse, size: str) -> Hugepages:
    there, asked = use.pages_there(size), use.pages_asked(size)
    if not use.pages_known:
        return Hugepages(size=size, there=None, asked=asked, left=None)
    return Hugepages(size=size, there=there, asked=asked, left=there - asked)
