"""Namespaces that objects are in, and objects that machines name: what a build needs beside itself.

Every block of a render keeps the names alone. What nothing of the build makes is reported, unless the spec says under
`clusterHas` that the cluster has it.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from generator.finding import Finding
from generator.location import FieldPath, Span
from generator.manifest import Identity, Manifest
from generator.pipeline import rules
from generator.references import Held, held, made
from generator.resolve.machines import instance_path
from generator.spec.model import ClusterHas, Spec
from generator.sync.needs import MACHINES

STANDARD = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})
"""Namespaces that every cluster has (k8s.io/kubernetes pkg/controlplane, systemnamespaces)."""
_OF_EVERY_CLUSTER = frozenset(
    {
        ("ServiceAccount", "default"),
        ("ConfigMap", "kube-root-ca.crt"),
        ("PriorityClass", "system-node-critical"),
        ("PriorityClass", "system-cluster-critical"),
        ("PriorityClass", "kubevirt-cluster-critical"),
    }
)
_VOLUMES = ("DataVolume", "PersistentVolumeClaim")
"""A DataVolume makes a claim of its name, and a machine may name either by either."""
_OF_THE_CLUSTER = frozenset({"StorageClass", "VolumeAttributesClass", "ControllerRevision"})
"""Kinds that a cluster's own parts bring, and hardly any build."""
_WITHOUT_NAMESPACE = frozenset({"Namespace", "PersistentVolume", "VolumeSnapshotContent"})
_POOL = "VirtualMachinePool"
_NUMBERED = {
    "configMap": "appendIndexToConfigMapRefs",
    "secret": "appendIndexToSecretRefs",
    "cloudInitNoCloud": "appendIndexToSecretRefs",
    "cloudInitConfigDrive": "appendIndexToSecretRefs",
}
"""Volumes of a pool's machines that may name an object for each machine, and the field of the pool that says so.

Source: kubevirt pkg/virt-controller/watch/pool (pool.go, indexVMSpec).
"""
_MOST_NUMBERED = 100
"""Machines of a pool whose own objects are looked for."""
_ENDLESS = 1 << 31

_DIGITS = re.compile("[0-9]+")
_NUMBER = re.compile("0|[1-9][0-9]{0,9}")

Key = tuple[str, str]
"""Kind and namespace; none where the kind has none."""
Named = tuple[FieldPath, str, str, str]
"""The item of the spec, the kind and the namespace of machines that name others, and what sets them apart.

That is nothing for machines as they were rendered, `*` for those that an overlay changed, and its name for a machine
that has no part of the spec.
"""


@dataclass(slots=True)
class Neighbours:
    """Names, as worker processes give them back: what is made, what is named by which machine, where objects are.

    `numbered`: what is made with a number behind its name, by key and name, as the first number and the one after all.
    `named`: by referrer and by key what it names, each with the first machine that does and the field there.
    """

    namespaces: dict[str, tuple[FieldPath, Identity]] = field(default_factory=dict)
    made: dict[Key, set[str]] = field(default_factory=dict)
    numbered: dict[tuple[Key, str], set[tuple[int, int]]] = field(default_factory=dict)
    named: dict[tuple[Named, Key], dict[str, tuple[Identity, FieldPath]]] = field(default_factory=dict)
    _paths: dict[FieldPath, FieldPath] = field(default_factory=dict)

    def take(self, manifest: Manifest) -> None:
        """Keep the names of an object."""
        identity, data = manifest.identity, manifest.data
        if identity.namespace:
            self._stand(identity.namespace, (manifest.item, identity))
        self._make(identity.kind, identity.namespace, identity.name)
        self._makes(identity, data)
        if (identity.group, identity.kind) in MACHINES:
            self._names(manifest)

    def add(self, other: "Neighbours") -> None:
        """Take in the names of another block."""
        for namespace, first in other.namespaces.items():
            self._stand(namespace, first)
        for key, names in other.made.items():
            self.made.setdefault(key, set()).update(names)
        for numbered, ranges in other.numbered.items():
            self.numbered.setdefault(numbered, set()).update(ranges)
        for where, found in other.named.items():
            mine = self.named.setdefault(where, {})
            for name, user in found.items():
                mine[name] = min(mine.get(name, user), user, key=_by_name)

    def _stand(self, namespace: str, first: tuple[FieldPath, Identity]) -> None:
        known = self.namespaces.get(namespace)
        if known is None or _in_order(first) < _in_order(known):
            self.namespaces[namespace] = first

    def has(self, key: Key, name: str) -> bool:
        """Whether something of the build makes an object of a name, or one that has no namespace there yet."""
        for within in dict.fromkeys((key, (key[0], ""))):
            if name in self.made.get(within, ()):
                return True
            stem, _, number = name.rpartition("-")
            ranges = self.numbered.get((within, stem), ()) if _NUMBER.fullmatch(number) else ()
            if any(first <= int(number) < end for first, end in ranges):
                return True
        return False

    def _make(self, kind: str, namespace: str, name: str) -> None:
        self.made.setdefault(_key(kind, namespace), set()).add(name)

    def _make_numbered(self, kind: str, namespace: str, name: str, numbers: tuple[int, int]) -> None:
        self.numbered.setdefault((_key(kind, namespace), name), set()).add(numbers)

    def _makes(self, identity: Identity, data: Mapping[str, Any]) -> None:
        """What others make of an object: claims of its templates, Secrets of an operator."""
        for one in made(data):
            namespace = one.namespace or identity.namespace
            if identity.kind == _POOL:  # each machine of the pool has its own
                self._make_numbered(one.kind, namespace, one.name, (0, _ENDLESS))
            else:
                self._make(one.kind, namespace, one.name)
        if identity.kind == "StatefulSet":
            numbers = _numbers_of(data)
            for claim in _names_of(_at(data, ("spec", "volumeClaimTemplates"))):
                self._make_numbered("PersistentVolumeClaim", identity.namespace, f"{claim}-{identity.name}", numbers)

    def _names(self, manifest: Manifest) -> None:
        identity = manifest.identity
        of_spec = manifest.item[:2] == ("spec", "virtualMachines")
        apart = identity.name if not of_spec else "*" if manifest.overlays else ""
        referrer = (manifest.item, identity.kind, identity.namespace, apart)
        for one in held(manifest.data):
            if one.kinds and one.kinds[0].name not in _OF_THE_CLUSTER and not one.optional:
                names = self.named.setdefault((referrer, (one.kinds[0].name, one.namespace)), {})
                user = (identity, self._paths.setdefault(one.path, one.path))
                for name in _names_in_pool(manifest, one) if identity.kind == _POOL else (one.name,):
                    names[name] = min(names.get(name, user), user, key=_by_name)

    def __getstate__(self) -> tuple[Any, ...]:
        return self.namespaces, self.made, self.numbered, self.named

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.namespaces, self.made, self.numbered, self.named = state
        self._paths = {}


def _in_order(first: tuple[FieldPath, Identity]) -> tuple[tuple[str, ...], Identity]:
    return item_order(first[0]), first[1]


def item_order(item: FieldPath) -> tuple[str, ...]:
    """What parts of the spec are sorted by: as they are written."""
    return tuple(f"{part:09}" if isinstance(part, int) else part for part in item)


def _by_name(user: tuple[Identity, FieldPath]) -> tuple[int, Identity, str]:
    return len(user[0].name), user[0], str(user[1])


def absent(neighbours: Neighbours, spec: Spec) -> Iterator[tuple[FieldPath, Identity, Finding]]:
    """What the build needs and neither makes nor finds in the cluster: item and object it is for, and the finding."""
    yield from _namespaces(neighbours, spec)
    yield from _references(neighbours, spec)


def _namespaces(neighbours: Neighbours, spec: Spec) -> Iterator[tuple[FieldPath, Identity, Finding]]:
    made = neighbours.made.get(("Namespace", ""), set()) | STANDARD | {spec.kubevirt.namespace}
    for namespace, (item, identity) in sorted(neighbours.namespaces.items()):
        if namespace in made or _is_there(spec, "Namespace", "", namespace):
            continue
        make = f"add `{namespace}` to spec.namespaces" if spec.namespaces is not None else "add the Namespace"
        yield (
            item,
            identity,
            Finding(
                rule=rules.NO_NAMESPACE,
                message=f'{identity} is in namespace "{namespace}", which nothing in this build makes',
                at=Span(""),
                hint=f"{make}, or say that the cluster has it: {_entry('Namespace', '', namespace)}",
                subject=str(identity),
                path=("metadata", "namespace"),
            ),
        )


def _references(neighbours: Neighbours, spec: Spec) -> Iterator[tuple[FieldPath, Identity, Finding]]:
    told: set[tuple[Key, str]] = set()
    for ((item, _, namespace, apart), (kind, given)), names in sorted(
        neighbours.named.items(), key=lambda row: (item_order(row[0][0][0]), row[0][0][1:], row[0][1])
    ):
        key = _key(kind, given or namespace)
        missing: dict[tuple[FieldPath, str], dict[str, tuple[Identity, FieldPath]]] = {}
        for name, user in names.items():
            if (key, name) not in told and not _is_made(neighbours, spec, key, name):
                told.add((key, name))
                alike = _DIGITS.sub("#", name) if apart == "*" else ""  # an overlay may give one machine another name
                missing.setdefault((user[1], alike), {})[name] = user
        for _, found in sorted(missing.items(), key=lambda row: (item_order(row[0][0]), row[0][1])):
            yield (item, *_not_made(key, found))


def _not_made(key: Key, names: Mapping[str, tuple[Identity, FieldPath]]) -> tuple[Identity, Finding]:
    """One finding about all names that one field of one part of the spec makes, at the first machine's."""
    kind, namespace = key
    name, (identity, path) = min(names.items(), key=lambda row: (*_by_name(row[1]), row[0]))
    within = f' in namespace "{namespace}"' if namespace else ""
    entry = _entry(kind, namespace, _glob(names))
    finding = Finding(
        rule=rules.NOT_MADE,
        message=f'{identity} names {kind} "{name}"{within}, which nothing in this build makes',
        at=Span(""),
        hint=f"make it, or say that the cluster has it: {entry}",
        subject=str(identity),
        path=path,
    )
    return identity, finding


def _is_made(neighbours: Neighbours, spec: Spec, key: Key, name: str) -> bool:
    kind, namespace = key
    if (kind, name) in _OF_EVERY_CLUSTER:
        return True
    kinds = _VOLUMES if kind in _VOLUMES else (kind,)
    return any(neighbours.has((one, namespace), name) or _is_there(spec, one, namespace, name) for one in kinds)


def _is_there(spec: Spec, kind: str, namespace: str, name: str) -> bool:
    return any(_matches(entry, kind, namespace, name) for entry in spec.cluster_has)


def _matches(entry: ClusterHas, kind: str, namespace: str, name: str) -> bool:
    if entry.kind.lower() != kind.lower() or not any(fnmatchcase(name, glob) for glob in entry.names):
        return False
    return entry.namespace is None or _is_of_cluster(kind) or fnmatchcase(namespace, entry.namespace)


def _is_of_cluster(kind: str) -> bool:
    return kind in _WITHOUT_NAMESPACE or "Cluster" in kind or kind.endswith("Class")


def _key(kind: str, namespace: str) -> Key:
    return kind, "" if _is_of_cluster(kind) else namespace


def _numbers_of(stateful_set: Mapping[str, Any]) -> tuple[int, int]:
    """The numbers of a StatefulSet's pods: the first, and the one after the last."""
    replicas, start = _at(stateful_set, ("spec", "replicas")), _at(stateful_set, ("spec", "ordinals", "start"))
    first = start if isinstance(start, int) else 0
    return first, first + (replicas if isinstance(replicas, int) else 1)


def _names_in_pool(pool: Manifest, one: Held) -> Iterable[str]:
    """The name that a pool's machines all give an object, or that of each one."""
    within = one.path[len(instance_path(_POOL) or ()) :]
    switch = _NUMBERED.get(str(within[2])) if within[:1] == ("volumes",) and len(within) > 3 else None
    if switch is None or _at(pool.data, ("spec", "nameGeneration", switch)) is not True:
        return (one.name,)
    replicas = _at(pool.data, ("spec", "replicas"))
    number = replicas if isinstance(replicas, int) else 1
    return (f"{one.name}-{index}" for index in range(min(number, _MOST_NUMBERED)))


def _glob(names: Iterable[str]) -> str:
    """One name, or the pattern of several: what they begin and end with."""
    first, *others = names
    if not others:
        return first
    start = _common(names)
    end = _common(name[len(start) :][::-1] for name in names)[::-1]
    return f'"{start}*{end}"'


def _common(names: Iterable[str]) -> str:
    """The characters that all names begin with."""
    alike = itertools.takewhile(lambda column: len(set(column)) == 1, zip(*names, strict=False))
    return "".join(column[0] for column in alike)


def _entry(kind: str, namespace: str, name: str) -> str:
    within = f"namespace: {namespace}, " if namespace else ""
    return f"`clusterHas: [{{kind: {kind}, {within}names: [{name}]}}]` below spec"


def _names_of(templates: Any) -> list[str]:
    found = [_at(one, ("metadata", "name")) for one in templates] if isinstance(templates, list) else []
    return [name for name in found if isinstance(name, str)]


def _at(data: Any, path: FieldPath) -> Any:
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return data
