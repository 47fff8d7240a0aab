"""JSON Patch (RFC 6902) on plain data, as the API server's and kustomize's library applies it."""

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from generator.digits import whole
from generator.overlay import rules
from generator.overlay.refusal import RefusalError

OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")


def pointer(text: str) -> list[str]:
    """A JSON pointer's parts. Raises RefusalError."""
    if text == "":
        return []
    if not text.startswith("/"):
        raise RefusalError(rules.PATCH, f'"{text}" is no JSON pointer', 'begin it with "/"')
    return [part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/")]


def check_operations(patch: Any) -> list[dict[str, Any]]:
    """A list of operations with what each needs. Raises RefusalError."""
    if not isinstance(patch, list):
        raise RefusalError(rules.PATCH, "a JSON patch is a list of operations", "write `- op: replace …`")
    for number, operation in enumerate(patch, 1):
        if not isinstance(operation, dict):
            raise RefusalError(rules.PATCH, f"operation {number} is not a mapping", "write `op`, `path` and `value`")
        kind = operation.get("op")
        if kind not in OPERATIONS:
            raise RefusalError(
                rules.PATCH, f"operation {number}: `op: {kind}` is none", f"known: {', '.join(OPERATIONS)}"
            )
        needed = ("path", "from") if kind in ("move", "copy") else ("path",)
        for key in needed:
            if not isinstance(operation.get(key), str):
                raise RefusalError(rules.PATCH, f"operation {number} ({kind}) has no {key}", f"write `{key}: /…`")
        if kind in ("add", "test") and "value" not in operation:
            raise RefusalError(rules.PATCH, f"operation {number} ({kind}) has no value", "write `value:`")
    return patch


def apply_operations(data: Any, operations: Sequence[Mapping[str, Any]]) -> Any:
    """The data with all operations applied; what is given stays untouched. Raises RefusalError."""
    result = copy.deepcopy(data)
    for number, operation in enumerate(operations, 1):
        try:
            result = _apply(result, operation)
        except RefusalError as error:
            what = f"operation {number} ({operation['op']} {operation['path']}): {error.message}"
            raise RefusalError(rules.PATCH, what, error.hint) from None
    return result


def _apply(data: Any, operation: Mapping[str, Any]) -> Any:
    path = pointer(operation["path"])
    match operation["op"]:
        case "add":
            return _add(data, path, copy.deepcopy(operation["value"]))
        case "remove":
            return _remove(data, path)[0]
        case "replace":
            _get(data, path)
            return _put(data, path, copy.deepcopy(operation.get("value")))
        case "move":
            rest, value = _remove(data, pointer(operation["from"]))
            return _add(rest, path, value)
        case "copy":
            return _add(data, path, copy.deepcopy(_get(data, pointer(operation["from"]))))
        case _:
            found = _get(data, path, absent=None)
            if json.dumps(found, sort_keys=True) != json.dumps(operation["value"], sort_keys=True):
                raise RefusalError(rules.PATCH, f"the value is {json.dumps(found)}", "the test fails: nothing is done")
            return data


_RAISE = object()


def _get(data: Any, path: Sequence[str], absent: Any = _RAISE) -> Any:
    node = data
    for part in path:
        if isinstance(node, dict) and part in node:
            node = node[part]
        elif isinstance(node, list) and (index := _index(node, part)) is not None and index < len(node):
            node = node[index]
        elif absent is _RAISE:
            raise RefusalError(rules.PATCH, "there is nothing at the path", "correct the path, or use `add`")
        else:
            return absent
    return node


def _index(items: Sequence[Any], part: str) -> int | None:
    if part.removeprefix("-").isdecimal():
        index = whole(part)
        return index + len(items) if index < 0 else index
    return None


def _parent(data: Any, path: Sequence[str]) -> Any:
    parent = _get(data, path[:-1])
    if not isinstance(parent, dict | list):
        raise RefusalError(rules.PATCH, "the path leads into a plain value", "correct the path")
    return parent


def _add(data: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    parent, last = _parent(data, path), path[-1]
    if isinstance(parent, dict):
        parent[last] = value
        return data
    index = len(parent) if last == "-" else _index(parent, last)
    if index is None or not 0 <= index <= len(parent):
        raise RefusalError(rules.PATCH, f'"{last}" is no place in a list of {len(parent)}', 'use "-" to append')
    parent.insert(index, value)
    return data


def _put(data: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    parent, last = _parent(data, path), path[-1]
    if isinstance(parent, dict):
        parent[last] = value
    else:
        index = _index(parent, last)
        assert index is not None
        parent[index] = value
    return data


def _remove(data: Any, path: Sequence[str]) -> tuple[Any, Any]:
    value = _get(data, path)
    if not path:
        return None, value
    parent, last = _parent(data, path), path[-1]
    if isinstance(parent, dict):
        return data, parent.pop(last)
    index = _index(parent, last)
    assert index is not None
    return data, parent.pop(index)
