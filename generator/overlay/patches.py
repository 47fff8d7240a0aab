"""Patches: strategic merge and JSON 6902, with and without a target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from generator.finding import did_you_mean
from generator.location import Span
from generator.overlay import rules
from generator.overlay.jsonpatch import apply_operations, check_operations
from generator.overlay.merge import Merger
from generator.overlay.refusal import RefusalError
from generator.overlay.resmap import ResMap
from generator.overlay.resource import DEFAULT_NAMESPACE, Gvk, Id, Resource, scalar_text
from generator.overlay.selector import Selector
from generator.overlay.settings import Settings
from generator.overlay.touched import Touch
from generator.source import Document


@dataclass(frozen=True, slots=True)
class Patch:
    """One entry: merges or operations, what they are for, and where they are written."""

    merges: Sequence[dict[str, Any]] = ()
    operations: Sequence[dict[str, Any]] = ()
    target: Selector | None = None
    name_changes: bool = False
    kind_changes: bool = False
    may_match_nothing: bool = False
    at: Span | None = None
    touches: Sequence[Touch] = ()


def read_patch(documents: Sequence[Document], entry: Mapping[str, Any], at: Span) -> Patch:
    """A patch from its documents and its entry; `at` is where people look for it. Raises RefusalError."""
    filled = [document for document in documents if document.data not in (None, {}, [])]
    given = [document.data for document in filled]
    options = entry.get("options") or {}
    blank = Patch(
        target=_target(entry.get("target")),
        name_changes=options.get("allowNameChange") is True,
        kind_changes=options.get("allowKindChange") is True,
        may_match_nothing=options.get("allowNoMatch") is True,
        at=at,
        touches=[Touch(at, document) for document in filled],
    )
    if all(isinstance(document, dict) for document in given):
        for document in given:
            named = document.get("kind") and (document.get("metadata") or {}).get("name")
            if not named and blank.target is None:
                raise RefusalError(
                    rules.PATCH, "the patch names no object", "write its apiVersion, kind and metadata.name"
                )
        if len(given) > 1 and blank.target is not None:
            raise RefusalError(
                rules.PATCH, f"{len(given)} merge patches with one target", "write each as an entry of its own"
            )
        return replace(blank, merges=given)
    if len(given) == 1 and isinstance(given[0], list):
        return replace(blank, operations=check_operations(given[0]))
    raise RefusalError(rules.PATCH, "neither a merge patch nor JSON 6902 operations", "write one of the two")


def _target(data: Any) -> Selector | None:
    if not isinstance(data, dict) or not any(data.values()):
        return None
    group, version = scalar_text(data.get("group")), scalar_text(data.get("version"))
    if data.get("apiVersion"):
        before, slash, after = scalar_text(data["apiVersion"]).partition("/")
        group, version = (before, after) if slash else ("", before)
    return Selector(
        group,
        version,
        *(scalar_text(data.get(k)) for k in ("kind", "name", "namespace", "labelSelector", "annotationSelector")),
    )


def apply_patch(objects: ResMap, patch: Patch, settings: Settings) -> None:
    """Apply one patch to what it is for. Raises RefusalError where there is nothing it is for."""
    merger = Merger(settings.shapes, settings.compat)
    if patch.operations:
        if patch.target is None:
            raise RefusalError(rules.PATCH, "operations without a target", "write `target:` with kind and name")
        for resource in _selected(objects, patch, settings):
            resource.remember()
            resource.touches += patch.touches
            changed = apply_operations(resource.body, patch.operations)
            resource.data = changed if isinstance(changed, dict) and changed else None
    elif patch.target is not None:
        for merge in patch.merges:
            for resource in _selected(objects, patch, settings):
                _merge(resource, _aimed(merge, resource, compat=settings.compat), patch, merger)
    else:
        for merge in patch.merges:
            resource = _named(objects, merge)
            _merge(resource, merge, patch, merger)
    objects.changed()
    objects.drop_gone()


def _selected(objects: ResMap, patch: Patch, settings: Settings) -> Sequence[Resource]:
    assert patch.target is not None
    found = objects.select(patch.target)
    if not found and not settings.compat and not patch.may_match_nothing:
        near = did_you_mean(patch.target.name, [one.name for one in objects if one.name]) if patch.target.name else ""
        hint = near or "correct the target, or say `options: {allowNoMatch: true}`"
        raise RefusalError(rules.NO_MATCH, f"no object matches the target ({patch.target})", hint)
    return found


def _aimed(merge: dict[str, Any], resource: Resource, *, compat: bool) -> dict[str, Any]:
    """A patch for another object than it names: with the object's version, its own kind.

    `compat`: labels and annotations that are null in such a patch stay as they are.
    """
    made = dict(merge)
    if compat and isinstance(made.get("metadata"), dict):
        kept = made["metadata"].items()
        made["metadata"] = {k: v for k, v in kept if v is not None or k not in ("labels", "annotations")}
    made["apiVersion"] = resource.body.get("apiVersion")
    made.setdefault("kind", resource.body.get("kind"))
    return made


def _named(objects: ResMap, merge: Mapping[str, Any]) -> Resource:
    metadata = merge.get("metadata") or {}
    group, slash, version = scalar_text(merge.get("apiVersion")).partition("/")
    gvk = (
        Gvk(group, version, scalar_text(merge.get("kind"))) if slash else Gvk("", group, scalar_text(merge.get("kind")))
    )
    name = scalar_text(metadata.get("name"))
    namespace = scalar_text(metadata.get("namespace")) or DEFAULT_NAMESPACE
    found = objects.by_any(Id(gvk, name, namespace)) or [
        one for one in objects.by_any(Id(gvk, name, "_non_namespaceable_")) if one.cluster_scoped
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise RefusalError(rules.NO_MATCH, f"{gvk.kind} {name} is there {len(found)} times", "use a target")
    raise RefusalError(rules.NO_MATCH, f"no object is the patch's {gvk.kind} {name}", _nearest(objects, gvk, name))


def _nearest(objects: ResMap, gvk: Gvk, name: str) -> str:
    same_kind = [one for one in objects if one.kind == gvk.kind]
    for one in same_kind:
        if one.name == name and one.gvk != gvk:
            return f"it is {one.gvk.api_version} there"
        if one.name == name:
            return f'it is in namespace "{one.namespace}": write the namespace, or use a target'
    near = did_you_mean(name, [one.name for one in same_kind])
    return near or f"known: {', '.join(sorted({str(one.id) for one in objects})[:10])}"


def _merge(resource: Resource, merge: Mapping[str, Any], patch: Patch, merger: Merger) -> None:
    name, namespace, kind = resource.name, resource.namespace, resource.body.get("kind")
    resource.touches += patch.touches
    if patch.name_changes or patch.kind_changes:
        resource.remember()
    resource.data = merger.merge(resource.body, dict(merge))
    if resource.gone:
        return
    if not patch.kind_changes:
        resource.body["kind"] = kind
    if not patch.name_changes:
        resource.own_metadata()["name"] = name
    resource.set_namespace(namespace)
