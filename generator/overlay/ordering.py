"""The order objects leave a build in."""

from collections.abc import Mapping, Sequence
from typing import Any

from generator.overlay import rules
from generator.overlay.configuration import ORDER_FIRST, ORDER_LAST
from generator.overlay.refusal import RefusalError
from generator.overlay.resource import Resource


def sort_objects(objects: Sequence[Resource], options: Mapping[str, Any] | None) -> list[Resource]:
    """Objects as `sortOptions` says; without any as they come. Raises RefusalError."""
    if not options:
        return list(objects)
    order, legacy = options.get("order"), options.get("legacySortOptions")
    if legacy and order != "legacy":
        raise RefusalError(rules.FIELD, "legacySortOptions without `order: legacy`", "write `order: legacy`")
    if order not in ("legacy", "fifo"):
        raise RefusalError(rules.FIELD, f'sortOptions.order is "{order}"', "known: legacy, fifo")
    if order == "fifo":
        return list(objects)
    first = (legacy or {}).get("orderFirst") or ([] if legacy else ORDER_FIRST)
    last = (legacy or {}).get("orderLast") or ([] if legacy else ORDER_LAST)
    rank = {kind: place - len(first) for place, kind in enumerate(first)}
    rank |= {kind: place + 1 for place, kind in enumerate(last)}

    def key(resource: Resource) -> tuple[Any, ...]:
        group, version, kind = resource.gvk
        namespace = resource.namespace or ("" if resource.cluster_scoped else "~X")
        return rank.get(kind, 0), group, version, kind, namespace, resource.name

    return sorted(objects, key=key)
