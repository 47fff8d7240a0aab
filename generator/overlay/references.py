"""Names that refer to objects follow when the objects are renamed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from generator.overlay import rules
from generator.overlay.configuration import Referrers
from generator.overlay.fieldspec import FieldSpec, apply
from generator.overlay.refusal import RefusalError
from generator.overlay.resmap import ResMap
from generator.overlay.resource import CLUSTER, Gvk, Resource, same_ending, scalar_text

Renamed = dict[str, list[Resource]]
"""Objects by every name they had before."""
Homes = dict[str, set[str]]
"""Present namespaces of objects, by the one they had first."""


def fix_references(
    objects: ResMap,
    table: Iterable[Referrers],
    *,
    compat: bool,
    decided: Collection[tuple[int, str | int]] = frozenset(),
) -> None:
    """Write the present names wherever earlier ones are referred to. Raises RefusalError for ambiguous ones.

    `compat`: a reference with a namespace that any object had first means objects that had it first, and no others.
    `decided` are values that are what they should be: the id of what holds one, and its key.
    """
    renamed: Renamed = {}
    homes: Homes = {}
    for resource in objects:
        if compat:
            homes.setdefault(resource.original_id.namespace, set()).add(resource.id.namespace)
        for name in dict.fromkeys(one.name for one in resource.previous_ids):
            renamed.setdefault(name, []).append(resource)
    for resource in objects:
        _subject_namespaces(resource)
    if not renamed:
        return
    by_kind: dict[tuple[Gvk, bool], list[tuple[Gvk, FieldSpec]]] = {}
    rows = [(referrers.target, spec) for referrers in table for spec in referrers.specs]
    for resource in objects:
        kind = resource.original_id.gvk
        key = (kind, True)
        if key not in by_kind:
            by_kind[key] = [(target, spec) for target, spec in rows if kind.selected_by(spec.gvk)]
        for target, spec in by_kind[key]:
            _Referral(resource, target, spec, renamed, homes, decided).fix()


@dataclass(frozen=True, slots=True)
class _Referral:
    """One field of one object that may hold names of objects of a kind."""

    referrer: Resource
    target: Gvk
    spec: FieldSpec
    renamed: Renamed
    homes: Homes
    decided: Collection[tuple[int, str | int]]

    def fix(self) -> None:
        """Write the present name where the field holds an earlier one. Raises RefusalError."""
        apply(self.referrer.body, self.spec.parts, self._set, create=self.spec.create, blank=str)

    def _set(self, container: Any, key: Any) -> None:
        value = container[key]
        if isinstance(value, dict):
            self._mapping(value)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    self._mapping(item)
                else:
                    self._scalar(value, index)
        elif value is not None:
            self._scalar(container, key)

    def _scalar(self, container: Any, key: Any) -> None:
        if (id(container), key) in self.decided:
            return
        name = scalar_text(container[key])
        found = self._select(name, self._near(name))
        if found is not None and found.name != name:
            container[key] = found.name

    def _mapping(self, node: dict[str, Any]) -> None:
        if node.get("name") is None or (id(node), "name") in self.decided:
            return
        name = scalar_text(node["name"])
        found = self._select(name, self._by_namespace(self._near(name), node), mapping=True)
        if found is None or (found.name == name and not found.namespace):
            return
        node["name"] = found.name
        if found.namespace:
            node["namespace"] = found.namespace

    def _by_namespace(self, candidates: Sequence[Resource], node: dict[str, Any]) -> Sequence[Resource]:
        if node.get("namespace") is None:
            return candidates
        namespace = scalar_text(node["namespace"])
        first = [one for one in candidates if one.original_id.namespace == namespace]
        if first or self._is_home(namespace):
            return first
        return [one for one in candidates if one.id.namespace == namespace]

    def _is_home(self, namespace: str) -> bool:
        """Whether an object that could be referred to had a namespace first."""
        own = self.referrer.id.namespace
        reachable = {CLUSTER, own, *_subject_namespaces(self.referrer)}
        now = self.homes.get(namespace, set())
        return bool(now if own == CLUSTER else now & reachable)

    def _near(self, name: str) -> Sequence[Resource]:
        """Objects that had the name and that the referrer can refer to at all."""
        candidates = self.renamed.get(name, ())
        own = self.referrer.id
        if not candidates or own.namespace == CLUSTER:
            return candidates
        spaces = _subject_namespaces(self.referrer)
        return [one for one in candidates if one.id.namespace in (CLUSTER, own.namespace) or one.namespace in spaces]

    def _select(self, name: str, candidates: Sequence[Resource], *, mapping: bool = False) -> Resource | None:
        if not candidates:
            return None
        found = [one for one in candidates if _had_name_as(one, name, self.target)]
        role = self._role()
        if role is not None:
            found = [one for one in found if any(before.gvk.selected_by(role) for before in one.previous_ids)]
        found = [one for one in found if self._same_namespace(one)]
        for allow_empty in (True, False):
            if len(found) == 1:
                return found[0]
            found = [one for one in found if same_context(one, self.referrer, allow_empty=allow_empty)]
        if not found:
            return None
        if len({(one.name, one.namespace if mapping else "") for one in found}) == 1:
            return found[0]
        told = ", ".join(sorted(str(one.id) for one in found))
        what = f'"{name}" in {self.referrer.id} ({self.spec.path}) may mean any of: {told}'
        raise RefusalError(rules.REFERENCE, what, "give the objects names of their own")

    def _role(self) -> Gvk | None:
        if not self.spec.path.endswith("roleRef/name"):
            return None
        role = self.referrer.body.get("roleRef")
        if not isinstance(role, dict):
            return None
        return Gvk(scalar_text(role.get("apiGroup")), "", scalar_text(role.get("kind")))

    def _same_namespace(self, one: Resource) -> bool:
        own = self.referrer.id.namespace
        return own == CLUSTER or one.id.namespace in (CLUSTER, own) or one.kind == "ServiceAccount"


def _had_name_as(one: Resource, name: str, target: Gvk) -> bool:
    ids = one.previous_ids
    return any(i.name == name for i in ids) and any(i.gvk.selected_by(target) for i in ids)


def same_context(one: Resource, other: Resource, *, allow_empty: bool) -> bool:
    """Whether two objects got the same prefixes and suffixes last."""
    prefixes, suffixes = same_ending(one.prefixes, other.prefixes), same_ending(one.suffixes, other.suffixes)
    if allow_empty:
        prefixes = prefixes or not one.prefixes or not other.prefixes
        suffixes = suffixes or not one.suffixes or not other.suffixes
    return prefixes and suffixes


def _subject_namespaces(referrer: Resource) -> frozenset[str]:
    subjects = referrer.body.get("subjects")
    if referrer.kind != "RoleBinding" or not isinstance(subjects, list):
        return frozenset()
    if any(isinstance(one, dict) and "namespace" in one and not one["namespace"] for one in subjects):
        raise RefusalError(
            rules.REFERENCE, f"a subject of {referrer.id} has an empty namespace", "write it, or remove it"
        )
    return frozenset(
        scalar_text(subject.get("namespace"))
        for subject in subjects
        if isinstance(subject, dict) and subject.get("kind") == "ServiceAccount" and subject.get("namespace")
    )
