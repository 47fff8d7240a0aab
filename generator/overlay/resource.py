"""Resources: one object on its way through a build, and every name it has had."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from generator.source import Document

DEFAULT_NAMESPACE = "default"
CLUSTER = "_non_namespaceable_"
"""Stands for the namespace of objects that have none, as in previous ids."""


class Gvk(NamedTuple):
    """Group, version and kind; as a selector, an empty part means any."""

    group: str
    version: str
    kind: str

    def selected_by(self, selector: "Gvk") -> bool:
        """Whether every part the selector names is the same here."""
        return (
            (not selector.group or selector.group == self.group)
            and (not selector.version or selector.version == self.version)
            and (not selector.kind or selector.kind == self.kind)
        )

    @property
    def api_version(self) -> str:
        """`group/version`, or the version of the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version


class Id(NamedTuple):
    """What an object is found by; `namespace` is the effective one: `default` where none is written."""

    gvk: Gvk
    name: str
    namespace: str

    def __str__(self) -> str:
        where = f" in namespace {self.namespace}" if self.namespace not in {CLUSTER, DEFAULT_NAMESPACE} else ""
        return f"{self.gvk.kind} {self.name}{where}"


Scope = Callable[[Gvk], bool]
"""Whether a kind is known to live outside namespaces."""


def scalar_text(value: object) -> str:
    """A value as it would be typed in YAML; collections become nothing, as they have no text."""
    if isinstance(value, str):
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value)


@dataclass(slots=True, eq=False)
class Resource:
    """One object; `data` is changed in place, and becomes None when a patch deletes the object.

    `previous` are the (name, effective namespace, kind) it had before each renaming step, oldest first; `first` is what
    its file says, marshalled.
    """

    data: dict[str, Any] | None
    scope: Scope
    previous: list[tuple[str, str, str]] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    suffixes: list[str] = field(default_factory=list)
    behavior: str = ""
    needs_hash: bool = False
    variables: list[str] = field(default_factory=list)
    source: Document | None = None
    first: bytes = b""
    touches: list[Any] = field(default_factory=list)
    _gvk: tuple[object, object, Gvk] | None = None

    @property
    def gone(self) -> bool:
        """Whether nothing is left of it."""
        return not self.data

    @property
    def body(self) -> dict[str, Any]:
        """The object; empty once it is gone."""
        return self.data if self.data is not None else {}

    @property
    def kind(self) -> str:
        """The object's kind."""
        return scalar_text(self.body.get("kind"))

    @property
    def gvk(self) -> Gvk:
        """Group, version and kind as they are now."""
        body = self.body
        api_version, kind = body.get("apiVersion"), body.get("kind")
        kept = self._gvk
        if kept is not None and kept[0] == api_version and kept[1] == kind:
            return kept[2]
        group, slash, version = scalar_text(api_version).partition("/")
        gvk = Gvk(group, version, scalar_text(kind)) if slash else Gvk("", group, scalar_text(kind))
        self._gvk = (api_version, kind, gvk)
        return gvk

    @property
    def metadata(self) -> dict[str, Any]:
        """The object's metadata; a throw-away mapping where there is none."""
        found = self.body.get("metadata")
        return found if isinstance(found, dict) else {}

    @property
    def name(self) -> str:
        """The name as it is now."""
        return scalar_text(self.metadata.get("name"))

    @property
    def namespace(self) -> str:
        """The namespace as it is written now."""
        return scalar_text(self.metadata.get("namespace"))

    @property
    def cluster_scoped(self) -> bool:
        """Whether the kind is known to live outside namespaces."""
        return self.scope(self.gvk)

    @property
    def effective_namespace(self) -> str:
        """The namespace it lands in."""
        return CLUSTER if self.cluster_scoped else self.namespace or DEFAULT_NAMESPACE

    @property
    def id(self) -> Id:
        """What it is found by now."""
        return Id(self.gvk, self.name, self.effective_namespace)

    @property
    def previous_ids(self) -> list[Id]:
        """What it was found by, oldest first; group and version are the present ones."""
        group, version, _ = self.gvk
        return [Id(Gvk(group, version, kind), name, namespace) for name, namespace, kind in self.previous]

    @property
    def original_id(self) -> Id:
        """What it was found by first."""
        if not self.previous:
            return self.id
        name, namespace, kind = self.previous[0]
        group, version, _ = self.gvk
        return Id(Gvk(group, version, kind), name, namespace)

    def remember(self) -> None:
        """Keep the present name as a previous one."""
        self.previous.append((self.name, self.effective_namespace, self.kind))

    def strings(self, key: str) -> dict[str, str]:
        """`labels` or `annotations`, values as text."""
        found = self.metadata.get(key)
        return {name: scalar_text(value) for name, value in found.items()} if isinstance(found, dict) else {}

    def own_metadata(self) -> dict[str, Any]:
        """The metadata, created where it is missing."""
        body = self.body
        found = body.get("metadata")
        if not isinstance(found, dict):
            found = body["metadata"] = {}
        return found

    def set_strings(self, key: str, values: dict[str, str]) -> None:
        """Write `labels` or `annotations`; none at all takes the key away."""
        metadata = self.own_metadata()
        metadata.pop(key, None)
        if values:
            metadata[key] = dict(values)

    def set_namespace(self, namespace: str) -> None:
        """Write the namespace; an empty one takes the key away."""
        if namespace:
            self.own_metadata()["namespace"] = namespace
        else:
            self.metadata.pop("namespace", None)


def same_ending(one: list[str], other: list[str]) -> bool:
    """Whether the shorter list ends the longer one; an empty list ends only an empty one."""
    count = min(len(one), len(other))
    return one == other if count == 0 else one[-count:] == other[-count:]
