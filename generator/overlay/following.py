"""References of machines, volumes, pods and the like follow objects that are renamed or moved.

kustomize knows fields of built-in kinds alone; here the table of `generator.references` says which fields hold names.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from generator.overlay import rules
from generator.overlay.references import same_context
from generator.overlay.refusal import RefusalError
from generator.overlay.resmap import ResMap
from generator.overlay.resource import CLUSTER, Resource
from generator.references import Held, Kind, held, is_known, made

Places = set[tuple[int, str | int]]
"""Values that are decided: by the container they are in, and their key."""
_Known = dict[tuple[str, str], list[tuple[Resource, str]]]
"""Objects by kind and every name they have had; with the namespace of what they make, empty for their own."""


def follow(objects: ResMap) -> Places:
    """Write the present names and namespaces where earlier ones are referred to.

    Gives the places that name an object by the table, whether they changed or not. Raises RefusalError for a name that
    may mean several objects.
    """
    places: Places = set()
    if not any(resource.previous for resource in objects):
        return places
    known = _known(objects)
    for resource in objects:
        for one in list(held(resource.body)) if is_known(resource.body) else ():
            if one.field.kind:
                places.add((id(one.container), one.key))
            found = _meant(resource, one, known)
            if found is None:
                continue
            target, space = found
            places.add((id(one.container), one.key))
            one.write(target.name, space or target.namespace or one.namespace)
    return places


def _known(objects: ResMap) -> _Known:
    """Objects by what they are and by what they make under their own name."""
    known: _Known = {}
    for resource in objects:
        kinds = dict.fromkeys((resource.kind, *(kind for _, _, kind in resource.previous)), "")
        kinds |= dict(made_alike(resource))
        for name in {resource.name, *(name for name, _, _ in resource.previous)}:
            for kind, space in kinds.items():
                known.setdefault((kind, name), []).append((resource, space))
    return known


def made_alike(resource: Resource) -> Iterator[tuple[str, str]]:
    """Kinds of the objects that an object makes under its own name, with the namespace it makes them in."""
    for one in made(resource.body):
        if one.name == resource.name:
            yield one.kind, one.namespace


def _meant(referrer: Resource, one: Held, known: _Known) -> tuple[Resource, str] | None:
    """The object that a name means, and the namespace of what it makes; None where it means none of the build's."""
    candidates = [
        (target, space)
        for kind in one.kinds
        for target, space in known.get((kind.name, one.name), ())
        if of_group(target, kind) and _within_reach(referrer, target, space, one)
    ]
    if not any(target.previous for target, _ in candidates):
        return None
    for allow_empty in (True, False):
        if _one(candidates):
            break
        same = [row for row in candidates if same_context(row[0], referrer, allow_empty=allow_empty)]
        candidates = same or candidates
    if not _one(candidates):
        told = ", ".join(sorted({str(target.id) for target, _ in candidates}))
        where = ".".join(map(str, one.path))
        what = f'"{one.name}" in {referrer.id} ({where}) may mean any of: {told}'
        raise RefusalError(rules.REFERENCE, what, "give the objects different names")
    return candidates[0]


def of_group(target: Resource, kind: Kind) -> bool:
    """Whether an object that is of a kind, or makes one, is of its group as well; objects that make others are."""
    return target.kind != kind.name or kind.group is None or target.gvk.group == kind.group


def _one(candidates: Sequence[tuple[Resource, str]]) -> bool:
    """Whether all mean the same name and namespace: a claim and the DataVolume that fills it may both be there."""
    rows = ((target.name, space or target.effective_namespace) for target, space in candidates)
    return sum(1 for _ in groupby(sorted(rows))) == 1


def _within_reach(referrer: Resource, target: Resource, space: str, one: Held) -> bool:
    """Whether a referrer can mean an object by a name: in the namespace it writes, or in its own."""
    if one.namespace:
        ids = [*target.previous_ids, target.id]
        return any(i.name == one.name and (space or i.namespace) in (CLUSTER, one.namespace) for i in ids)
    own = referrer.effective_namespace
    there = space or target.effective_namespace
    return one.field.anywhere or own == CLUSTER or there in (CLUSTER, own)
