"""Waves: the longest chain of objects that each must be there before the next.

An object that needs nothing of the build is in wave 0, where Argo CD puts what says nothing. A wave that an object
brings along stands, and moves what needs it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.manifest import Identity, Manifest
from generator.policy.resources import Resources
from generator.preview import instance_spec
from generator.sync.annotations import HOOK, WAVE, wave_of
from generator.sync.needs import MACHINES, Need, named, needs, standing
from generator.sync.surroundings import Surroundings, surroundings_of

Edges = Mapping[Identity, Sequence[Need]]


@dataclass(frozen=True, slots=True)
class Early:
    """An object whose own wave comes before that of something it needs."""

    identity: Identity
    wave: int
    target: Identity
    needed: int


@dataclass(slots=True)
class Waves:
    """The waves of the objects of a build that others may need, and how those of any other object follow."""

    around: Surroundings
    resources: Resources
    of: Mapping[Identity, int]
    _same: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def together(self, manifests: Sequence[Manifest]) -> dict[Identity, int]:
        """The waves of objects rendered for one machine: each needs what is in the build, and the others."""
        if len(manifests) == 1:
            return {manifests[0].identity: self._alone(manifests[0])}
        local = surroundings_of(manifests)
        edges: dict[Identity, list[Need]] = {}
        floor: dict[Identity, int] = {}
        for manifest in manifests:
            identity, data = manifest.identity, manifest.data
            edges[identity] = [need for need in needs(identity, data, local, self.resources) if need.target != identity]
            floor[identity] = self._floor(identity, data)
        return depths(edges, given_waves(manifests), floor)

    def _alone(self, manifest: Manifest) -> int:
        given = given_wave(manifest.data)
        return self._floor(manifest.identity, manifest.data) if given is None else given

    def _floor(self, identity: Identity, data: Mapping[str, Any]) -> int:
        """The least wave of an object; machines that differ in nothing they need share one answer."""
        if (identity.group, identity.kind) not in MACHINES:
            return self._after(self.needed(identity, data))
        chosen = instance_spec(data).get("nodeSelector")
        nodes = frozenset(chosen.items()) if isinstance(chosen, Mapping) else frozenset()
        key = (identity.group, identity.version, identity.kind, identity.namespace, nodes)
        if key not in self._same:
            self._same[key] = self._after(standing(identity, data, self.around, self.resources))
        return max(self._same[key], self._after(named(identity, data, self.around)))

    def _after(self, found: Iterable[Need]) -> int:
        """The first wave after everything that is needed."""
        return max((self.of.get(need.target, -1) + 1 for need in found), default=0)

    def needed(self, identity: Identity, data: Mapping[str, Any]) -> Iterator[Need]:
        """What an object needs of the build."""
        return needs(identity, data, self.around, self.resources)

    def early(self, manifest: Manifest, wave: int) -> Early | None:
        """What an object needs that comes after it; None where nothing does."""
        if given_wave(manifest.data) is None or HOOK in _annotations(manifest.data):
            return None
        later = [
            (self.of.get(need.target, wave), need.target)
            for need in self.needed(manifest.identity, manifest.data)
            if not need.guards and self.of.get(need.target, wave) > wave
        ]
        if not later:
            return None
        needed, target = max(later)
        return Early(manifest.identity, wave, target, needed)


def waves_of(manifests: Sequence[Manifest], resources: Resources) -> Waves:
    """The waves of the objects of a build; the same whatever order they come in."""
    around = surroundings_of(manifests)
    known = {manifest.identity for manifest in manifests}
    edges = {
        m.identity: [
            need
            for need in needs(m.identity, m.data, around, resources)
            if need.target != m.identity and need.target in known
        ]
        for m in manifests
        if HOOK not in _annotations(m.data)
    }
    return Waves(around, resources, depths(edges, given_waves(manifests), {}))


def given_waves(manifests: Iterable[Manifest]) -> dict[Identity, int]:
    """The waves that objects bring along."""
    return {m.identity: wave for m in manifests if (wave := given_wave(m.data)) is not None}


def given_wave(data: Mapping[str, Any]) -> int | None:
    """The wave an object brings along; one Argo CD cannot read is wave 0, as it is there."""
    text = _annotations(data).get(WAVE)
    return (wave_of(text) or 0) if isinstance(text, str) else None


def _annotations(data: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = data.get("metadata")
    found = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def depths(edges: Edges, given: Mapping[Identity, int], floor: Mapping[Identity, int]) -> dict[Identity, int]:
    """The wave of every object: one after the latest it needs, not before its floor; one that is given stands.

    Objects that need each other share a wave.
    """
    plain = {identity: {need.target for need in found} for identity, found in edges.items()}
    for group in _groups(plain):
        if len(group) > 1:  # what only judges gives way
            for identity in group:
                held = {need.target for need in edges[identity] if not need.guards}
                plain[identity] = {t for t in plain[identity] if t not in group or t in held}
    waves: dict[Identity, int] = {}
    for group in _groups(plain):
        least = max((floor.get(identity, 0) for identity in group), default=0)
        after = (waves.get(t, -1) + 1 for identity in group for t in plain[identity] if t not in group)
        wave = max(least, *after, 0)
        waves.update((identity, given.get(identity, wave)) for identity in group)
    return waves


def _groups(edges: Mapping[Identity, set[Identity]]) -> list[frozenset[Identity]]:
    """Strongly connected components, what is needed before what needs it (Tarjan, without recursion)."""
    number: dict[Identity, int] = {}
    low: dict[Identity, int] = {}
    stack: list[Identity] = []
    on_stack: set[Identity] = set()
    found: list[frozenset[Identity]] = []
    for root in sorted(edges):
        if root in number:
            continue
        work = [(root, iter(sorted(edges[root])))]
        while work:
            node, targets = work[-1]
            if node not in number:
                number[node] = low[node] = len(number)
                stack.append(node)
                on_stack.add(node)
            following = next((t for t in targets if t in edges and (t not in number or t in on_stack)), None)
            if following is None:
                work.pop()
                if work:
                    above = work[-1][0]
                    low[above] = min(low[above], low[node])
                if low[node] == number[node]:
                    at = stack.index(node)
                    group = frozenset(stack[at:])
                    del stack[at:]
                    on_stack -= group
                    found.append(group)
            elif following in number:
                low[node] = min(low[node], number[following])
            else:
                work.append((following, iter(sorted(edges[following]))))
    return found
