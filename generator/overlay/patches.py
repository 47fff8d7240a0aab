"""Patches: strategic merge and JSON 6902, with and without a target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from generator.finding import did_you_mean
from generator.location import Span
from generator.overlay import rules
from generator.overlay.jsonpatch import OperationError, apply_operations, check_operations, is_operation
from generator.overlay.merge import Merger
from generator.overlay.metadata import build_annotations
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
    remembers: bool = True
    """Whether operations keep the object's earlier name in mind, as those of `patches` do."""


def read_patch(documents: Sequence[Document], entry: Mapping[str, Any], at: Span, *, compat: bool = False) -> Patch:
    """A patch from its documents and its entry; `at` is where people look for it. Raises RefusalError.

    `compat`: operations are checked when they are applied, and a merge patch has a kind and a name, as in kustomize.
    """
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
        for document in filled:
            _check_merge(document, blank.target, compat=compat)
        if len(given) > 1 and blank.target is not None:
            raise RefusalError(
                rules.PATCH, f"{len(given)} merge patches with one target", "write each as an entry of its own"
            )
        return replace(blank, merges=given)
    if len(given) == 1 and isinstance(given[0], list):
        if compat and all(isinstance(operation, dict) for operation in given[0]):
            return replace(blank, operations=given[0])
        try:
            return replace(blank, operations=check_operations(given[0]))
        except OperationError as error:
            raise _of_operation(error, filled[0]) from None
    if len(given) > 1:
        what = "the patch mixes JSON patches with other documents"
        raise RefusalError(rules.PATCH, what, "write each as an entry of its own")
    what = "the patch is neither a merge patch (a mapping) nor a JSON patch (a list of operations)"
    raise RefusalError(rules.PATCH, what, "write a mapping of the fields to merge, or `- op: …`")


def _check_merge(document: Document, target: Selector | None, *, compat: bool) -> None:
    """Raise RefusalError for a mapping that is not a merge patch."""
    data = document.data
    metadata = data.get("metadata")
    named = bool(data.get("kind")) and isinstance(metadata, dict) and bool(metadata.get("name"))
    if is_operation(data) and not (compat and named):
        what = f'"{data["op"]}" is one operation of a JSON patch, and a JSON patch is a list'
        raise RefusalError(rules.PATCH, what, "write `- ` before it, or `[…]` around it", place=document.span())
    if not named and (compat or target is None):
        what = "the patch names no object"
        raise RefusalError(rules.PATCH, what, "write its apiVersion, kind and metadata.name", place=document.span())


def _of_operation(error: OperationError, document: Document, resource: Resource | None = None) -> RefusalError:
    """The refusal of an operation, at its line."""
    whose = "" if resource is None else f" cannot be applied to {resource.id}"
    place = document.span((error.number, error.key) if error.key else (error.number,))
    return RefusalError(rules.PATCH, f"operation {error.number + 1}{whose}: {error.message}", error.hint, place=place)


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
            what = "the JSON patch has no target"
            raise RefusalError(rules.PATCH, what, "write `target:` with the kind and name of the object")
        for resource in _selected(objects, patch, settings):
            _operate(resource, patch, compat=settings.compat)
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


def _operate(resource: Resource, patch: Patch, *, compat: bool) -> None:
    """Apply operations to one object; `compat`: among the annotations kustomize keeps its own notes in."""
    if patch.remembers:
        resource.remember()
    resource.touches += patch.touches
    kept = build_annotations(resource) if compat else {}
    body = _with_annotations(resource.body, kept)
    try:
        changed = apply_operations(body, patch.operations, compat=compat)
    except OperationError as error:
        document = patch.touches[0].document
        assert document is not None
        raise _of_operation(error, document, resource) from None
    resource.data = changed if isinstance(changed, dict) and changed else None
    if compat:
        _tidy_annotations(resource, kept)
        if not resource.gone and not resource.name:
            what = f"the JSON patch takes the name of {resource.previous_ids[-1] if resource.previous else 'an object'}"
            raise RefusalError(rules.PATCH, what, "keep metadata.name")


def _with_annotations(body: dict[str, Any], more: Mapping[str, str]) -> dict[str, Any]:
    if not more:
        return body
    metadata = body.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    own = metadata.get("annotations")
    return {**body, "metadata": {**metadata, "annotations": {**(own if isinstance(own, dict) else {}), **more}}}


def _tidy_annotations(resource: Resource, kept: Mapping[str, str]) -> None:
    """Annotations as kustomize leaves them after a JSON patch: texts, without its own notes; no empty mapping."""
    found = resource.metadata.get("annotations")
    if "annotations" not in resource.metadata:
        return
    if isinstance(found, list) and len(found) % 2:  # kustomize takes the items of a list for keys and values
        what = f"the JSON patch makes metadata.annotations of {resource.id} a list"
        raise RefusalError(rules.PATCH, what, "write a mapping of texts")
    own = found.items() if isinstance(found, dict) else ()
    texts = {key: "null" if value is None else scalar_text(value) for key, value in own if key not in kept}
    resource.set_strings("annotations", texts)


def _selected(objects: ResMap, patch: Patch, settings: Settings) -> Sequence[Resource]:
    assert patch.target is not None
    found = objects.select(patch.target)
    if not found and not settings.compat and not patch.may_match_nothing:
        raise _unmatched(objects, patch.target)
    return found


def _unmatched(objects: ResMap, target: Selector) -> RefusalError:
    """No object matches a target: which part of it is wrong, where the others match."""
    parts = ("group", "version", "kind", "name", "namespace", "labels", "annotations")
    for part, known_as in zip(parts, ("group", "version", "kind", "name", "namespace", "", ""), strict=True):
        if not getattr(target, part):
            continue
        others = objects.select(replace(target, **{part: ""}))
        if not others:
            continue
        if not known_as:
            what = f"no object matches the target ({target}): none of the {len(others)} has these {part}"
            return RefusalError(rules.NO_MATCH, what, f"correct the selector of the {part}")
        there = sorted({_part_of(one, part) for one in others})
        wanted = getattr(target, part)
        near = did_you_mean(wanted, [one for one in there if one])
        if part == "kind" and target.name:
            is_a = " or ".join(there)
            what = f"no object matches the target ({target}): {target.name} is a {is_a}, not a {wanted}"
            return RefusalError(rules.NO_MATCH, what, f"write `kind: {there[0]}`" if len(there) == 1 else near)
        what = f'no object matches the target ({target}): no {part} is "{wanted}"'
        return RefusalError(rules.NO_MATCH, what, near or f"correct the {part}")
    near = did_you_mean(target.name, [one.name for one in objects if one.name]) if target.name else ""
    hint = near or "correct the target, or say `options: {allowNoMatch: true}`"
    return RefusalError(rules.NO_MATCH, f"no object matches the target ({target})", hint)


def _part_of(resource: Resource, part: str) -> str:
    of_kind = {"group": resource.gvk.group, "version": resource.gvk.version, "kind": resource.kind}
    return of_kind.get(part) or (resource.name if part == "name" else resource.effective_namespace)


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
