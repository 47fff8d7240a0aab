"""The set of objects a build holds: in order, found by any name they have had."""

from collections.abc import Iterable, Iterator

from generator.overlay import rules
from generator.overlay.refusal import RefusalError
from generator.overlay.resource import Gvk, Id, Resource
from generator.overlay.selector import Selector


class ResMap:
    """Objects in order, indexed by present and previous ids; the indexes are made when asked for.

    `seen` are the ids of all objects that were ever added, as they were then.
    """

    def __init__(self, resources: Iterable[Resource] = ()) -> None:
        self.resources: list[Resource] = list(resources)
        self.seen: set[Id] = {resource.id for resource in self.resources}
        self._by_current: dict[Id, list[Resource]] | None = None
        self._by_any: dict[Id, list[Resource]] | None = None
        self._by_name: dict[str, list[Resource]] | None = None

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources)

    def __len__(self) -> int:
        return len(self.resources)

    def changed(self) -> None:
        """Forget the indexes: names or members changed."""
        self._by_current = None
        self._by_any = None
        self._by_name = None

    def by_current(self, wanted: Id) -> list[Resource]:
        """Objects whose present id is the one wanted."""
        if self._by_current is None:
            self._by_current = {}
            for resource in self.resources:
                self._by_current.setdefault(resource.id, []).append(resource)
        return self._by_current.get(wanted, [])

    def by_any(self, wanted: Id) -> list[Resource]:
        """Objects whose present or any previous id is the one wanted."""
        if self._by_any is None:
            self._by_any = {}
            for resource in self.resources:
                if resource.gone:
                    continue
                for one in dict.fromkeys((*resource.previous_ids, resource.id)):
                    self._by_any.setdefault(one, []).append(resource)
        return [found for found in self._by_any.get(wanted, []) if not found.gone]

    def named(self, name: str | None) -> list[Resource]:
        """Objects that have a name or had it, in order; None means any name."""
        if name is None:
            return self.resources
        if self._by_name is None:
            self._by_name = {}
            for resource in self.resources:
                for one in dict.fromkeys((resource.name, *(name for name, _, _ in resource.previous))):
                    self._by_name.setdefault(one, []).append(resource)
        return self._by_name.get(name, [])

    def append(self, resource: Resource) -> None:
        """Add an object. Raises RefusalError where one of its id is there."""
        identity = resource.id
        if self.by_current(identity):
            raise conflict(resource)
        self.resources.append(resource)
        self.seen.add(identity)
        assert self._by_current is not None
        self._by_current.setdefault(identity, []).append(resource)
        self._by_any = None
        self._by_name = None

    def extend(self, resources: Iterable[Resource]) -> None:
        """Add objects one by one. Raises RefusalError at the first that is there."""
        for resource in resources:
            self.append(resource)

    def drop_gone(self) -> None:
        """Leave out objects that patches deleted."""
        kept = [resource for resource in self.resources if not resource.gone]
        if len(kept) != len(self.resources):
            self.resources = kept
            self.changed()

    def select(self, selector: Selector) -> list[Resource]:
        """The objects a selector means."""
        selector.check()
        return [resource for resource in self.resources if selector.selects(resource)]

    def kinds(self) -> set[Gvk]:
        """The kinds present."""
        return {resource.gvk for resource in self.resources}


def conflict(resource: Resource) -> RefusalError:
    """Two objects of one id."""
    return RefusalError(rules.CONFLICT, f"{resource.id} is in this build twice", "rename or remove one of them")
