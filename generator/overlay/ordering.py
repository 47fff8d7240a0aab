"""The order objects leave a build in."""

from collections.abc import Mapping, Sequence
from typing import Any

from generator.overlay import rules
from generator.overlay.configuration import ORDER_FIRST, ORDER_LAST
from generator.overlay.refusal import RefusalError
from generator.overlay.resource import Resource


def sort_objects(
    objects: Sequence[Resource], options: Mapping[str, Any] | None, *, compat: bool = False
) -> list[Resource]:
    """Objects as `sortOptions` says; without it as they come, `compat` in the order `kustomize build` gives them.

    Raises RefusalError.
    """
    if options is None:
        return _sorted(objects, ORDER_FIRST, ORDER_LAST) if compat else list(objects)
    order, legacy = options.get("order"), options.get("legacySortOptions")
    if order not in ("legacy", "fifo"):
        what = "sortOptions has no order" if order is None else f'"{order}" is not an order'
        raise RefusalError(rules.FIELD, what, "write `order: legacy` or `order: fifo`")
    if order == "fifo":
        if legacy is not None:
            what = "sortOptions has `order: fifo`, and legacySortOptions, which belong to `order: legacy`"
            raise RefusalError(rules.FIELD, what, "write `order: legacy`, or remove legacySortOptions")
        return list(objects)
    if legacy is None:
        return _sorted(objects, ORDER_FIRST, ORDER_LAST)
    return _sorted(objects, legacy.get("orderFirst") or (), legacy.get("orderLast") or ())


def _sorted(objects: Sequence[Resource], first: Sequence[str], last: Sequence[str]) -> list[Resource]:
    rank = {kind: place - len(first) for place, kind in enumerate(first)}
    rank |= {kind: place + 1 for place, kind in enumerate(last)}

    def key(resource: Resource) -> tuple[Any, ...]:
        group, version, kind = resource.gvk
        # Kustomize compares these texts (api/internal/builtins/SortOrderTransformer.go).
        named = f"{group or '~G'}_{version or '~V'}_{kind or '~K'}"
        return rank.get(kind, 0), named, resource.namespace or "~X", resource.name or "~N"

    return sorted(objects, key=key)
