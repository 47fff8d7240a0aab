"""What an overlay took from the objects it is laid over: items of lists, keys, and what others referred to."""

import marshal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.finding import Finding
from generator.location import FieldPath
from generator.manifest import identify
from generator.overlay import rules
from generator.overlay.merge import key_text
from generator.overlay.resource import Resource
from generator.overlay.shapes import NOWHERE, Place, Shapes
from generator.overlay.touched import Touch

_POD_LISTS = ("containers", "initContainers")


@dataclass(frozen=True, slots=True)
class Loss:
    """Something of the base that is not there any more; `dangling` where something else needs it."""

    path: FieldPath
    what: str
    dangling: bool = False


def loss_findings(rows: Iterable[tuple[Resource, Mapping[str, Any]]], shapes: Shapes) -> Iterator[Finding]:
    """What objects lost to an overlay, each loss once for all objects of a kind; a row has what was there before."""
    seen: dict[tuple[str, str], list[tuple[Resource, Loss]]] = {}
    for resource, before in rows:
        for loss in losses(before, resource.body, shapes):
            seen.setdefault((resource.kind, loss.what), []).append((resource, loss))
    for found in seen.values():
        resource, loss = found[0]
        rule = rules.DANGLING if loss.dangling else rules.LOST
        where = ".".join(map(str, loss.path))
        yield Finding(
            rule=rule,
            message=f"after the overlay {loss.what} in {where or 'the object'}",
            at=_blamed(resource.touches, loss.path).at,
            hint="correct the patch" if loss.dangling else "nothing to do, where that is what you want",
            subject=str(identify(resource.body)),
            objects=(len(found),),
        )


def _blamed(touches: Sequence[Touch], path: FieldPath) -> Touch:
    """The step that took something away: the last patch that says something there, the last patch, or the last step."""
    patches = [touch for touch in reversed(touches) if touch.document is not None]
    return next((touch for touch in patches if touch.reaches(path)), patches[0] if patches else touches[-1])


def patched(resources: Iterable[Resource]) -> Iterator[tuple[Resource, Mapping[str, Any]]]:
    """Objects of files that patches changed, each with what its file says of it."""
    for resource in resources:
        if resource.first and any(touch.document is not None for touch in resource.touches):
            yield resource, marshal.loads(resource.first)  # noqa: S302 - made when the file was read


def losses(before: Mapping[str, Any], after: Mapping[str, Any], shapes: Shapes) -> Iterator[Loss]:
    """What is gone of one object, and references inside it that lead nowhere now."""
    root = shapes.root(before.get("apiVersion"), before.get("kind"))
    yield from _lost(before, after, (root, None), (), shapes)
    left = list(dangling(after))
    known = set(dangling(before)) if left else set()
    yield from (Loss(path, what, dangling=True) for path, what in left if (path, what) not in known)


def _lost(before: Any, after: Any, place: Place, path: FieldPath, shapes: Shapes) -> Iterator[Loss]:
    kind, keys = place
    if isinstance(before, dict) and isinstance(after, dict):
        for name, value in before.items():
            if name in after and value == after[name]:
                continue
            below = shapes.below(kind, name) if kind is not None else NOWHERE
            if name in after:
                yield from _lost(value, after[name], below, (*path, name), shapes)
            elif value not in (None, {}, []):
                yield Loss(path, f'"{name}" is gone')
    elif isinstance(before, list) and isinstance(after, list) and keys is not None:
        for item in before:
            if not keys:
                if item not in after:
                    yield Loss(path, f'"{item}" is gone')
                continue
            name = "/".join(key_text(item, key) for key in keys) if isinstance(item, dict) else ""
            found = next((n for n, one in enumerate(after) if _same(one, item, keys)), None)
            if found is not None and item != after[found]:
                yield from _lost(item, after[found], (kind, None), (*path, found), shapes)
            elif found is None and name:
                yield Loss(path, f'item "{name}" is gone')


def _same(one: Any, other: Any, keys: tuple[str, ...]) -> bool:
    both = isinstance(one, dict) and isinstance(other, dict)
    return both and all(key_text(one, key) == key_text(other, key) for key in keys)


def dangling(data: Any, path: FieldPath = ()) -> Iterator[tuple[FieldPath, str]]:
    """References inside an object that lead nowhere: disks without a volume, mounts without one, and the like."""
    if isinstance(data, list):
        for index, item in enumerate(data):
            if isinstance(item, dict | list):
                yield from dangling(item, (*path, index))
    if not isinstance(data, dict):
        return
    if isinstance(data.get("domain"), dict):
        yield from _of_machine(data, path)
    if isinstance(data.get("containers"), list):
        yield from _of_pod(data, path)
    for key, value in data.items():
        if isinstance(value, dict | list):
            yield from dangling(value, (*path, key))


def _names(items: Any) -> list[str]:
    return [str(item.get("name")) for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _of_machine(spec: Mapping[str, Any], path: FieldPath) -> Iterator[tuple[FieldPath, str]]:
    devices = spec["domain"].get("devices")
    devices = devices if isinstance(devices, dict) else {}
    volumes, disks = _names(spec.get("volumes")), _names(devices.get("disks"))
    shown = {*disks, *_names(devices.get("filesystems"))}
    below = (*path, "domain", "devices")
    for name in disks:
        if name not in volumes:
            yield (*below, "disks"), f'disk "{name}" has no volume'
    for name in volumes:
        if name not in shown:
            yield (*path, "volumes"), f'volume "{name}" is no disk and no filesystem'
    networks = _names(spec.get("networks"))
    for name in _names(devices.get("interfaces")):
        if name not in networks:
            yield (*below, "interfaces"), f'interface "{name}" has no network'


def _of_pod(spec: Mapping[str, Any], path: FieldPath) -> Iterator[tuple[FieldPath, str]]:
    volumes = _names(spec.get("volumes"))
    for key in _POD_LISTS:
        items = spec.get(key)
        for container in items if isinstance(items, list) else ():
            for name in _names(container.get("volumeMounts")) if isinstance(container, dict) else ():
                if name not in volumes:
                    yield (
                        (*path, key),
                        f'container "{container.get("name")}" mounts volume "{name}", which is not there',
                    )
