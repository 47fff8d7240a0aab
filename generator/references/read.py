"""Names of other objects inside an object, each with its place; and the objects that an object makes."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from generator.location import FieldPath
from generator.references.table import ANY_KEY, Field, Kind, Making, Node, table


class Made(NamedTuple):
    """An object that is there because another is. No namespace: that of the other."""

    kind: str
    name: str
    namespace: str = ""


class Held(NamedTuple):
    """A name of another object: `container[key]` holds it, at `path` of the object.

    `kinds` are those it may be of. No namespace: the referrer's own, or the kind has none.
    """

    kinds: tuple[Kind, ...]
    name: str
    namespace: str
    path: FieldPath
    field: Field
    container: Any
    key: str | int

    @property
    def optional(self) -> bool:
        """Whether the object works where nothing of that name is there."""
        says = self.field.optional
        if isinstance(says, bool):
            return says
        return isinstance(self.container, dict) and self.container.get(says) is True

    def write(self, name: str, namespace: str = "") -> None:
        """Put another name there, and a namespace where one is written already."""
        if self.field.spaced:
            self.container[self.key] = f"{namespace}/{name}" if self.namespace and namespace else name
            return
        self.container[self.key] = name
        if self.namespace and namespace:
            self.container[self.field.namespace] = namespace


def held(data: Mapping[str, Any]) -> Iterator[Held]:
    """Every name of another object in an object; what it makes itself is not another object's."""
    whole = table()
    group, own_kind = _kind_of(data)
    node = whole.kinds.get((group, own_kind))
    found = _walk(data, node, ()) if node is not None else _elsewhere(data, whole.elsewhere, ())
    own = [one for one in _makings(own_kind) if one.name]
    made_names = {(making.kind, name) for making in own for name in _texts(data, making.name)}
    if not made_names:
        yield from found
        return
    for one in found:
        # A field that says which object is made holds its name too, and that object may be in the build.
        if not one.field.waits or not any((kind.name, one.name) in made_names for kind in one.kinds):
            yield one


def is_known(data: Mapping[str, Any]) -> bool:
    """Whether the fields of an object's kind are known; of other kinds names are found by their keys alone."""
    return _kind_of(data) in table().kinds


def made(data: Mapping[str, Any]) -> Iterator[Made]:
    """The objects that an object makes."""
    metadata = data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    for making in _makings(_kind_of(data)[1]):
        namespace = next(_texts(data, making.namespace), "") if making.namespace else ""
        names = list(_texts(data, making.name)) if making.name else []
        if not names and making.or_own and isinstance(name, str):
            names = [name]
        yield from (Made(making.kind, one, namespace) for one in names)


def _kind_of(data: Mapping[str, Any]) -> tuple[str, str]:
    api_version, kind = data.get("apiVersion"), data.get("kind")
    group = api_version.rpartition("/")[0] if isinstance(api_version, str) else ""
    return group, kind if isinstance(kind, str) else ""


def _makings(kind: str) -> tuple[Making, ...]:
    found = _MAKINGS.get(kind)
    if found is None:
        found = _MAKINGS[kind] = tuple(making for making in table().makes if making.by == kind)
    return found


_MAKINGS: dict[str, tuple[Making, ...]] = {}


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _texts(item, path)
    elif not path:
        if isinstance(value, str) and value:
            yield value
    elif isinstance(value, dict):
        yield from _texts(value.get(path[0]), path[1:])


def _walk(value: Any, node: Node, path: FieldPath) -> Iterator[Held]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, node, (*path, index))
        return
    if not isinstance(value, dict):
        return
    for key, below in node.below.items():
        if key == ANY_KEY:
            for name, inner in value.items():
                yield from _walk(inner, below, (*path, name))
            continue
        inner = value.get(key)
        if inner is None:
            continue
        if below.names is not None:
            yield from _named(value, key, below.names, (*path, key))
        if below.below:
            yield from _walk(inner, below, (*path, key))


def _elsewhere(value: Any, keys: Node, path: FieldPath) -> Iterator[Held]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _elsewhere(item, keys, (*path, index))
    elif isinstance(value, dict):
        yield from _walk(value, keys, path)
        for key, inner in value.items():
            if isinstance(inner, list | Mapping):
                yield from _elsewhere(inner, keys, (*path, key))


def _named(container: Any, key: str, field: Field, path: FieldPath) -> Iterator[Held]:
    value = container[key]
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, str) and item:
                yield Held(field.kinds, item, "", (*path, index), field, value, index)
        return
    if not isinstance(value, str) or not value:
        return
    kinds = _kinds(container, field)
    if kinds is None:
        return
    space = container.get(field.namespace) if field.namespace else None
    namespace = space if isinstance(space, str) else ""
    name = value
    if field.spaced:
        namespace, _, name = value.rpartition("/")
    if name:
        yield Held(kinds, name, namespace, path, field, container, key)


def _kinds(container: Mapping[str, Any], field: Field) -> tuple[Kind, ...] | None:
    """The kinds a name may be of, as the fields next to it say; None where it names no object we know."""
    if not field.kind:
        return field.kinds
    said = container.get(field.kind)
    if not isinstance(said, str) or not said:
        return field.kinds[:1] or None
    if field.kinds:
        # KubeVirt takes the kinds of instance types in any case, singular or plural (pkg/instancetype/find/spec.go).
        lower = said.lower()
        return tuple(kind for kind in field.kinds if lower in (kind.name.lower(), f"{kind.name.lower()}s")) or None
    group = container.get(field.group) if field.group else None
    if not isinstance(group, str):
        return (Kind(None, said),)
    if field.group == "apiVersion":
        group = group.rpartition("/")[0]
    return (Kind(group, said),)
