"""Pools that are asked for more than they have, and objects that fit no pool: the findings, with the arithmetic.

Requires that the machines and pods of a build find the devices and hugepages they ask for.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from generator.checks import rules
from generator.checks.capacity import Ask, Capacity, Nowhere, PoolUse, amount
from generator.finding import Finding, Note
from generator.kube.reading import read_json
from generator.location import FieldPath, Span
from generator.manifest import Identity

_MOST_NAMED = 8
"""Objects whose part of a sum is written out."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """A finding at a line of the spec; `blamed` is the object that an overlay or a template adds and a person edits."""

    finding: Finding
    blamed: Identity | None = None


def shortages(capacity: Capacity, span: Callable[[FieldPath], Span]) -> Iterator[Shortage]:
    """What does not fit."""
    for use in capacity.uses:
        found = [*_too_few_vfs(use, span), *_too_few_pages(use, span)]
        yield from found or _scattered(use, span)
    for nowhere in capacity.nowhere:
        yield _nowhere(nowhere, capacity, span)


def _too_few_vfs(use: PoolUse, span: Callable[[FieldPath], Span]) -> Iterator[Shortage]:
    spec, over = use.pool.spec, use.vfs_asked - use.vfs_there
    if over > 0:
        asks = [ask for ask in use.asks if ask.vfs]
        message = f'pool "{spec.name}": {_sum(asks)} = {_count(use.vfs_asked, "VF")} asked for, {_there(use)} there'
        at, blamed, notes = _place(use, asks, "nodes", span)
        each = spec.physical_functions * spec.virtual_functions
        enough = f"`nodes: {-(-use.vfs_asked // each)}` would do" if each else "add nodes"
        hint = f"{over} too many: {enough}, or ask for at most {use.vfs_there}"
        path = blamed.field if blamed else ()
        finding = Finding(
            rule=rules.TOO_FEW_VFS, message=message, at=at, hint=hint, notes=notes, path=path, subject=_subject(blamed)
        )
        yield Shortage(finding, blamed.identity if blamed else None)


def _too_few_pages(use: PoolUse, span: Callable[[FieldPath], Span]) -> Iterator[Shortage]:
    spec = use.pool.spec
    for size in use.page_sizes if use.pages_known else ():
        asked, there = use.pages_asked(size), use.pages_there(size)
        if asked <= there:
            continue
        message = (
            f'pool "{spec.name}": {amount(asked)} of {size} hugepages asked for, {spec.nodes} nodes × '
            f"{amount(use.pages_per_node.get(size, 0))} = {amount(there)} reserved"
        )
        asks = [ask for ask in use.asks if dict(ask.pages).get(size)]
        at, blamed, notes = _place(use, asks, "kernelArguments", span)
        hint = f"{_reserve(size, asked, spec.nodes)}, add nodes, or ask for less"
        path = blamed.field if blamed else ()
        finding = Finding(
            rule=rules.TOO_FEW_HUGEPAGES,
            message=message,
            at=at,
            hint=hint,
            notes=notes,
            path=path,
            subject=_subject(blamed),
        )
        yield Shortage(finding, blamed.identity if blamed else None)


def _reserve(size: str, asked: int, nodes: int) -> str:
    """How to reserve enough pages of a size on each of a pool's nodes, for `asked` bytes in all."""
    one = read_json(size).value
    if not (one and nodes):
        return "reserve more on the nodes (hugepagesz=, hugepages=)"
    words = f"hugepagesz={size.removesuffix('i')}, hugepages={-(-asked // (one * nodes))}"
    return f"write {words} in the pool's kernelArguments"


def _scattered(use: PoolUse, span: Callable[[FieldPath], Span]) -> Iterator[Shortage]:
    spec = use.pool.spec
    for ask, rest in use.unplaced:
        message = (
            f'pool "{spec.name}": {rest} of {ask.copies} "{ask.name}" find no node: one needs {_needs(ask)}, '
            f"and what is left is spread over {_count(spec.nodes, 'node')} of {_node(use)}"
        )
        at = span(ask.path) if ask.identity is None else span((*spec.path, "nodes"))
        finding = Finding(
            rule=rules.DOES_NOT_PACK,
            message=message,
            at=at,
            hint="add nodes, or ask for less",
            path=ask.field if ask.identity else (),
            subject=_subject(ask),
        )
        yield Shortage(finding, ask.identity)


def _nowhere(nowhere: Nowhere, capacity: Capacity, span: Callable[[FieldPath], Span]) -> Shortage:
    demand = nowhere.demand
    having = [use.pool.spec for use in capacity.uses if use.pool.resource == nowhere.resource]
    chosen = ", ".join(f"{key}: {value}" for key, value in demand.selector)
    asked = f"{nowhere.who} asks for {nowhere.amount} {nowhere.resource}"
    if having:
        names = ", ".join(f'"{spec.name}"' for spec in having)
        where = f"its node selector ({chosen})" if chosen and not demand.affinity else "what it requires of nodes"
        message = f"{asked}, and {where} leaves out every pool that has it: {names}"
        hint = f"choose the labels of a pool: {_labels(having[0].node_selector)}"
    else:
        known = sorted({use.pool.resource for use in capacity.uses})
        message = f"{asked}, and no pool has this resource"
        hint = f"ask for one of {', '.join(known)}, or add a pool that has it" if known else "add a pool that has it"
    at = span(demand.item or ("spec", "nodePools"))
    field = "nodeSelector" if demand.selector else "affinity" if demand.affinity else "containers"
    path = () if demand.name is None else (*demand.pod, field if having else "containers")
    subject = str(demand.name) if demand.name is not None else ""
    finding = Finding(rule=rules.NO_POOL, message=message, at=at, hint=hint, path=path, subject=subject)
    return Shortage(finding, demand.name)


def _labels(labels: dict[str, str]) -> str:
    return ", ".join(f"`{key}: {value}`" for key, value in sorted(labels.items())) or "it has none"


def _place(
    use: PoolUse, asks: Sequence[Ask], field: str, span: Callable[[FieldPath], Span]
) -> tuple[Span, Ask | None, tuple[Note, ...]]:
    """Where a shortage is resolved: at the pool, or at the object beside the spec that asks for the most."""
    at = span((*use.pool.spec.path, field))
    added = [ask for ask in asks if ask.identity is not None]
    if not added:
        most = max(asks, key=_weight)
        return at, None, (Note("the most is asked for here", span((*most.path, "name"))),)
    blamed = max(added, key=_weight)
    return at, blamed, (Note("the pool", at),)


def _weight(ask: Ask) -> tuple[int, str]:
    return ask.copies * max(ask.vfs, sum(size for _, size in ask.pages)), ask.name


def _subject(ask: Ask | None) -> str:
    return str(ask.identity) if ask is not None and ask.identity is not None else ""


def _sum(asks: Sequence[Ask]) -> str:
    parts = [f"{ask.copies} {ask.name} × {ask.vfs}" for ask in asks[:_MOST_NAMED]]
    rest = asks[_MOST_NAMED:]
    if rest:
        parts.append(f"{sum(ask.copies * ask.vfs for ask in rest)} of {len(rest)} more")
    return " + ".join(parts)


def _there(use: PoolUse) -> str:
    spec = use.pool.spec
    return f"{spec.nodes} nodes × {spec.physical_functions} PFs × {spec.virtual_functions} VFs = {use.vfs_there}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _needs(ask: Ask) -> str:
    return " and ".join((_count(ask.vfs, "VF"), *(f"{amount(b)} of {size} hugepages" for size, b in ask.pages)))


def _node(use: PoolUse) -> str:
    pages = (f"{amount(b)} of {size} hugepages" for size, b in sorted(use.pages_per_node.items()))
    return " and ".join((_count(use.vfs_per_node, "VF"), *pages))
