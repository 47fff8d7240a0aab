"""Names of other objects inside an object, as what must be there first."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from generator.references import NAMED, SPACED, held, makers


class Reference(NamedTuple):
    """What one object names: a kind, a name, and a namespace (none: the referrer's own, or the kind has none)."""

    kind: str
    name: str
    namespace: str = ""


KINDS = NAMED
"""Kinds that other objects name, or that make what is named."""

FROM_ANYWHERE = SPACED
"""Of these, kinds whose names may be given with a namespace: any object may name them."""


def references(value: Mapping[str, Any]) -> Iterator[Reference]:
    """Every name of another object that comes before this one; one for each kind it may be of or be made by."""
    for one in held(value):
        if one.field.waits:
            for kind in one.kinds:
                yield Reference(kind.name, one.name, one.namespace)
                yield from (Reference(maker.name, one.name, one.namespace) for maker in makers(kind.name))
