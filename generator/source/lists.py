"""Lists of objects taken apart: `List`, and typed ones such as `ConfigMapList`, are their items everywhere.

As kubectl has it (k8s.io/apimachinery pkg/apis/meta/v1/unstructured/helpers.go, decodeToList, and k8s.io/cli-runtime
pkg/resource/visitor.go, FlattenListVisitor): an item that says neither kind nor apiVersion has those of its typed list,
lists in lists are taken apart as well, and what else a list holds is not applied.
"""

from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.source.document import Document

_SUFFIX = "List"


def is_list(data: Any) -> bool:
    """Whether an object is a list of objects, which is judged as its items; `items: null` is a list without any."""
    return _is_named_list(data) and "items" in data and isinstance(data["items"], list | None)


def is_broken_list(data: Any) -> bool:
    """Whether an object says that it is a list, and has no items that can be taken out of it."""
    return _is_named_list(data) and not is_list(data) and ("items" in data or data["kind"] == _SUFFIX)


def members(data: Any) -> Iterator[tuple[FieldPath, Any]]:
    """The objects of a document, each with its path in it: the document itself, or the items of the list it is."""
    return _members(data, (), {}) if is_list(data) else iter([((), data)])


def parts(document: Document) -> Iterator[Document]:
    """The same as documents, whose places are those in the file they are written in."""
    if not is_list(document.data):
        yield document
        return
    for path, data in members(document.data):
        yield document.item(path, data)


def _is_named_list(data: Any) -> bool:
    kind = data.get("kind") if isinstance(data, dict) else None
    return isinstance(kind, str) and kind.endswith(_SUFFIX)


def _members(data: Any, path: FieldPath, given: dict[str, str]) -> Iterator[tuple[FieldPath, Any]]:
    """`given` is what an item without kind and apiVersion has of the list around it."""
    if not is_list(data):
        bare = isinstance(data, dict) and not data.get("kind") and not data.get("apiVersion")
        yield path, {**data, **given} if bare and given else data
        return
    inferred = _inferred(data) if not path else {}
    for index, item in enumerate(data["items"] or ()):
        yield from _members(item, (*path, "items", index), inferred)


def _inferred(data: dict[str, Any]) -> dict[str, str]:
    """What items of a typed list need not say; those of a list inside another have to say it."""
    kind, api_version = data["kind"].removesuffix(_SUFFIX), data.get("apiVersion")
    return {"apiVersion": api_version, "kind": kind} if kind and isinstance(api_version, str) else {}
