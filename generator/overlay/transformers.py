"""What a kustomization does to every object: namespace, prefix and suffix, labels, annotations, replicas, images."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from generator.overlay import rules
from generator.overlay.configuration import Specs
from generator.overlay.fieldspec import FieldSpec, apply, leaves, matches
from generator.overlay.refusal import RefusalError
from generator.overlay.resmap import ResMap, conflict
from generator.overlay.resource import Resource, scalar_text
from generator.overlay.touched import Touch

_UNPREFIXED = frozenset({("", "CustomResourceDefinition"), ("apiregistration.k8s.io", "APIService"), ("", "Namespace")})
_ROLE_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
PINNED = frozenset({"KubeVirt", "CDI"})
"""Operators' own objects: their operator looks for them where they are."""


def set_everywhere(resource: Resource, specs: Iterable[FieldSpec], value: Any) -> None:
    """Write a value at every field the specs name. Raises RefusalError."""
    gvk = resource.gvk
    for spec in specs:
        if matches(spec, gvk):
            apply(resource.body, spec.parts, _setter(value), create=spec.create, blank=str)


def _setter(value: Any) -> Any:
    def put(container: Any, key: Any) -> None:
        container[key] = value

    return put


def set_namespace(
    objects: ResMap, namespace: str, specs: Specs, *, subjects: str = "", unset_only: bool = False, pin: bool = False
) -> list[Resource]:
    """Move every namespaced object; gives those that stayed because they are pinned. Raises RefusalError."""
    stayed: list[Resource] = []
    rest = tuple(spec for spec in specs if spec.path != "metadata/namespace" and spec.gvk.kind not in _ROLE_BINDINGS)
    for resource in objects:
        if resource.gone:
            continue
        if pin and resource.kind in PINNED:
            stayed.append(resource)
            continue
        resource.remember()
        if not resource.cluster_scoped and not (unset_only and resource.namespace):
            resource.set_namespace(namespace)
        if resource.kind in _ROLE_BINDINGS:
            _subjects(resource, namespace, subjects)
        for spec in rest:
            if matches(spec, resource.gvk):
                set_everywhere(resource, [spec], namespace)
    objects.changed()
    for resource in objects:
        if len(objects.by_current(resource.id)) != 1:
            raise conflict(resource)
    return stayed


def _subjects(resource: Resource, namespace: str, which: str) -> None:
    found = resource.body.get("subjects")
    if which == "none" or not isinstance(found, list):
        return
    for subject in found:
        if not isinstance(subject, dict):
            continue
        everyone = which == "allServiceAccounts" and subject.get("kind") == "ServiceAccount"
        if everyone or subject.get("name") == "default":
            subject["namespace"] = namespace


def rename(objects: ResMap, *, prefix: str, suffix: str, specs: Specs) -> None:
    """Put a prefix before and a suffix after names. Raises RefusalError."""
    for resource in objects:
        if resource.gone or _keeps_name(resource):
            continue
        original = resource.original_id.gvk
        for spec in specs:
            if not original.selected_by(spec.gvk):
                continue
            if spec.path == "metadata/name":
                if prefix:
                    resource.prefixes.append(prefix)
                if suffix:
                    resource.suffixes.append(suffix)
                if prefix or suffix:
                    resource.remember()
            apply(resource.body, spec.parts, _around(prefix, suffix), create=spec.create, blank=str)
    objects.changed()


def _keeps_name(resource: Resource) -> bool:
    group, _, kind = resource.original_id.gvk
    return ("", kind) in _UNPREFIXED or (group, kind) in _UNPREFIXED


def _around(prefix: str, suffix: str) -> Any:
    def put(container: Any, key: Any) -> None:
        container[key] = f"{prefix}{scalar_text(container[key])}{suffix}"

    return put


def add_strings(objects: ResMap, values: Mapping[str, Any], specs: Specs) -> None:
    """Add labels or annotations at every field the specs name. Raises RefusalError."""
    texts = {str(key): scalar_text(value) for key, value in sorted(values.items())}
    if not texts:
        return

    def put(container: Any, key: Any) -> None:
        for holder, place, value in leaves(container, key):
            if value is None:
                holder[place] = dict(texts)
            elif isinstance(value, dict):
                value.update(texts)
            else:
                raise RefusalError(
                    rules.PATH,
                    f"{key} is {json.dumps(value)}, not a mapping of texts",
                    "correct the object, or the field spec",
                )

    for resource in objects:
        gvk = resource.gvk
        for spec in specs:
            if not resource.gone and matches(spec, gvk):
                apply(resource.body, spec.parts, put, create=spec.create, blank=dict)


def set_replicas(objects: ResMap, name: str, count: int, specs: Specs) -> None:
    """Set how many there are of the workloads of a name. Raises RefusalError where there is none."""
    found = False
    for spec in specs:
        for resource in objects:
            names = {resource.name, *(one.name for one in resource.previous_ids)}
            if name in names and resource.gvk.selected_by(spec.gvk):
                found = True
                apply(resource.body, spec.parts, _setter(count), create=spec.create, blank=int)
    if not found:
        near = sorted({r.name for r in objects if any(r.gvk.selected_by(spec.gvk) for spec in specs)})
        known = f"there are: {', '.join(near[:10])}" if near else "no object is of a kind that has replicas"
        raise RefusalError(rules.NO_MATCH, f'no workload "{name}" to give {count} replicas', known)


def set_image(objects: ResMap, entry: Mapping[str, Any], specs: Specs, touch: Touch | None = None) -> int:
    """Give an image another name, tag or digest wherever it is used; how many places there were.

    `touch` is kept with the objects that changed, with the image each got.
    """
    pattern = _image_pattern(scalar_text(entry.get("name")))
    places = 0

    def put(container: Any, key: Any) -> None:
        nonlocal places
        for holder, place, value in leaves(container, key):
            if isinstance(value, str) and pattern is not None and pattern.match(value):
                holder[place] = new_image(value, entry)
                places += 1
                if touch is not None:
                    resource.touches.append(replace(touch, value=holder[place]))

    for resource in objects:
        if resource.gone:
            continue
        gvk = resource.gvk
        if gvk.kind != "CustomResourceDefinition":
            _containers(resource.body, put)
        for spec in specs:
            if matches(spec, gvk):
                apply(resource.body, spec.parts, put, create=False, blank=None)
    return places


def _containers(body: Any, put: Any) -> None:
    """Images of everything called containers or initContainers, wherever it stands."""
    todo = [body]
    while todo:
        node = todo.pop()
        if node.__class__ is list:
            todo += [item for item in node if item.__class__ in _NESTED]
            continue
        for key, value in node.items():
            if value.__class__ not in _NESTED:
                continue
            if key in _CONTAINERS and value.__class__ is list:
                for item in value:
                    if isinstance(item, dict) and "image" in item:
                        put(item, "image")
            else:
                todo.append(value)


_NESTED = (dict, list)
_CONTAINERS = ("containers", "initContainers")
_IMAGE_END = r"(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$"


def _image_pattern(name: str) -> re.Pattern[str] | None:
    try:
        return re.compile(f"^{name}{_IMAGE_END}")
    except re.error:
        return re.compile(f"^{re.escape(name)}{_IMAGE_END}")


def new_image(image: str, entry: Mapping[str, Any]) -> str:
    """An image with what the entry says changed; a new tag or digest replaces both."""
    rest, _, digest = image.partition("@")
    slash, colon = rest.rfind("/"), rest.rfind(":")
    name, tag = (rest[:colon], rest[colon + 1 :]) if colon > slash else (rest, "")
    name = entry.get("newName") or name
    new_tag, new_digest, ending = (scalar_text(entry.get(key)) for key in ("newTag", "digest", "tagSuffix"))
    if new_tag or new_digest:
        tag, digest = new_tag, new_digest
    elif ending:
        tag, digest = tag + ending, ""
    return f"{name}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}"
