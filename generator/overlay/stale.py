"""References to names that a build renamed, moved or took out, where nothing has such a name any more."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from generator.finding import Finding
from generator.location import Span
from generator.manifest import identify
from generator.overlay import rules
from generator.overlay.resmap import ResMap
from generator.overlay.resource import CLUSTER, DEFAULT_NAMESPACE, Id, Resource
from generator.references import Held, Kind, held, is_known, made, makers


@dataclass(slots=True)
class _Names:
    """Objects by kind and name: the namespace and the group of each, and the object where it is still there."""

    by_name: dict[tuple[str, str], list[tuple[str, str | None, Resource | None]]] = field(default_factory=dict)

    def add(self, identity: Id, resource: Resource | None = None) -> None:
        row = (identity.namespace, identity.gvk.group, resource)
        self.by_name.setdefault((identity.gvk.kind, identity.name), []).append(row)

    def names_without(self, other: "_Names") -> set[str]:
        """Names of objects that are not among others, or not in the same namespace."""
        rows = {(*key, namespace) for key, found in other.by_name.items() for namespace, _, _ in found}
        return {key[1] for key, found in self.by_name.items() if any((*key, row[0]) not in rows for row in found)}

    def find(self, kind: Kind, name: str, spaces: Collection[str] | None) -> Iterator[Resource | None]:
        """Objects of a kind and name in one of some namespaces, or in any."""
        for namespace, group, resource in self.by_name.get((kind.name, name), ()):
            alike = None in (group, kind.group) or group == kind.group
            if alike and (spaces is None or namespace in spaces or namespace == CLUSTER):
                yield resource


def stale_references(objects: ResMap, at: Span, *, compat: bool) -> Iterator[Finding]:
    """What refers to an object of the build by a name it has no more; `at` is the place where nothing better is known.

    One finding for all objects of a kind that refer to the same. `compat`: kustomize knows built-in kinds alone.
    """
    present, past = _present(objects), _past(objects)
    left = past.names_without(present)
    if not left:
        return
    seen: dict[tuple[str, ...], list[tuple[Resource, Held, Kind, Resource | None]]] = {}
    for resource in objects:
        for one in held(resource.body):
            found = _stale(resource, one, present, past) if one.name in left else None
            if found is not None and not one.optional:
                key = (resource.kind, found[0].name, one.name, one.namespace)
                seen.setdefault(key, []).append((resource, one, *found))
    for rows in seen.values():
        others = len({id(resource) for resource, *_ in rows}) - 1
        yield _finding(rows[0], others, at, compat=compat)


def _present(objects: ResMap) -> _Names:
    names = _Names()
    for resource in objects:
        names.add(resource.id, resource)
        for one in made(resource.body):
            names.by_name.setdefault((one.kind, one.name), []).append(
                (one.namespace or resource.effective_namespace, None, resource)
            )
    return names


def _past(objects: ResMap) -> _Names:
    names = _Names()
    for resource in objects:
        for identity in dict.fromkeys(resource.previous_ids):
            names.add(identity, resource)
    for identity in sorted(objects.seen):
        names.add(identity)
    return names


def _stale(referrer: Resource, one: Held, present: _Names, past: _Names) -> tuple[Kind, Resource | None] | None:
    """The kind that a name was of, and the object that had it where that is still there; None where all is well."""
    own = {referrer.effective_namespace}
    now = {one.namespace} if one.namespace else None if one.field.anywhere or CLUSTER in own else own
    then = None if now is None else now if one.namespace else own | {i.namespace for i in referrer.previous_ids}
    if any(True for kind in one.kinds for _ in present.find(kind, one.name, now)):
        return None
    for kind in one.kinds:
        for named in (kind, *makers(kind.name)):
            found = list(past.find(named, one.name, then))
            if found:
                return named, next((resource for resource in found if resource is not None), None)
    return None


def _finding(row: tuple[Resource, Held, Kind, Resource | None], others: int, at: Span, *, compat: bool) -> Finding:
    referrer, one, kind, target = row
    where = ".".join(map(str, one.path))
    more = f" (as do {others:,} more)" if others else ""
    what = f'{kind.name} "{one.name}"'
    says = f"{referrer.id} refers to {what} in {where}{more}, but"
    if target is None:
        message, hint = f"{says} the kustomization takes that out", f"take the reference out as well, or keep {what}"
    else:
        space = "" if target.effective_namespace in (CLUSTER, DEFAULT_NAMESPACE) else target.effective_namespace
        now = f'"{target.name}"' + (f' in namespace "{space}"' if space else "")
        message = f"{says} that is {now} now"
        hint = f"name the field under `nameReference` in a file of `configurations`, or write {now}"
        if compat and is_known(referrer.body):
            hint = f"build without --kustomize-compat, where the field follows; or {hint}"
    return Finding(
        rule=rules.DANGLING,
        message=message,
        at=_place(referrer, one, at),
        hint=hint,
        subject=str(identify(referrer.body)),
    )


def _place(referrer: Resource, one: Held, at: Span) -> Span:
    """Where the reference is written: in the last patch that says something there, else in its own file."""
    for touch in reversed(referrer.touches):
        if touch.reaches(one.path):
            written: Span = touch.at
            return written
    source = referrer.source
    return at if source is None else source.span(one.path)
