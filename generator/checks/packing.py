"""Packing: how many nodes take how many copies of what needs several things of one node at once."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

Need = tuple[int, ...]
"""What is needed of a node or left on it: VFs, and bytes of hugepages of each size."""
Packed = tuple[dict[Need, int], list[tuple[int, int]]]


def pack(shapes: Sequence[tuple[Need, int]], nodes: int, whole: Need) -> Packed:
    """Place copies of shapes on nodes, the largest first, each on the fullest nodes that can take it.

    `whole` is what a node has. Gives nodes by what is left on them, and the shapes by their place in the list of which
    copies found no place, with how many. What is largest is a matter of VFs or of hugepages: of all orders the first is
    taken that leaves the least over.
    """
    numbered = [(need, at, copies) for at, (need, copies) in enumerate(shapes)]
    best: Packed | None = None
    for order in _orders(whole):
        found = _packed(sorted(numbered, key=lambda row: order(row[0]), reverse=True), nodes, whole)
        if best is None or _copies_of(found[1]) < _copies_of(best[1]):
            best = found
        if not best[1]:
            break
    return best or ({}, [])


def _orders(whole: Need) -> Iterator[Callable[[Need], Any]]:
    """By what shapes are sorted: by VFs, by the largest part of a node that they take, by pages of each size."""

    def part(need: Need) -> tuple[Fraction, Need]:
        return max(Fraction(want, have or 1) for want, have in zip(need, whole, strict=True)), need

    def by(at: int) -> Callable[[Need], Any]:
        return lambda need: (need[at], need)

    yield lambda need: need
    yield part
    yield from map(by, range(1, len(whole)))


def _copies_of(unplaced: Sequence[tuple[int, int]]) -> int:
    return sum(rest for _, rest in unplaced)


def _packed(shapes: Sequence[tuple[Need, int, int]], nodes: int, whole: Need) -> Packed:
    """Place one shape after the other; equal nodes are handled as one group, so 100,000 machines take few steps."""
    groups: Counter[Need] = Counter({whole: nodes} if nodes else {})
    unplaced: list[tuple[int, int]] = []
    for need, at, copies in shapes:
        rest = copies if any(need) else 0
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
            unplaced.append((at, rest))
    return dict(groups), unplaced


def _move(groups: Counter[Need], free: Need, need: Need, each: int, nodes: int) -> None:
    """Put `each` machines on each of `nodes` nodes of a group."""
    if not nodes:
        return
    groups[free] -= nodes
    if not groups[free]:
        del groups[free]
    groups[tuple(have - want * each for have, want in zip(free, need, strict=True))] += nodes
