"""JSON Patch (RFC 6902) on plain data: by the letter, and as kustomize's library applies it.

The library is gopkg.in/evanphx/json-patch.v4 (patch.go of v4.13.0). It replaces keys that are missing, copies what is
missing as null, and ignores what comes before the first `/` of a path.
"""

import copy
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from generator.digits import whole
from generator.finding import did_you_mean

OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")
_INDEX = re.compile(r"[-+]?[0-9]+\Z")


class OperationError(ValueError):
    """What is wrong with an operation: its number from 0, the field of it to look at, a sentence, and the way out."""

    def __init__(self, message: str, hint: str, key: str = "path", number: int = 0) -> None:
        self.message = message
        self.hint = hint
        self.key = key
        self.number = number
        super().__init__(message)


def pointer(text: str) -> list[str]:
    """A JSON pointer's parts. Raises OperationError."""
    if text == "":
        return []
    if not text.startswith("/"):
        raise OperationError(f'"{text}" is not a JSON pointer', f'write "/{text.replace(".", "/")}"')
    return parts_of(text)


def parts_of(text: str) -> list[str]:
    """The parts of a path, without what comes before its first `/`."""
    return [_decoded(part) for part in text.split("/")[1:]]


def _decoded(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def is_operation(data: Any) -> bool:
    """Whether a mapping is one operation of a JSON patch, written without the list it belongs in."""
    if not isinstance(data, Mapping) or not isinstance(data.get("op"), str):
        return False
    return data["op"] in OPERATIONS or not ("kind" in data and "metadata" in data)


def check_operations(patch: Sequence[Any]) -> list[dict[str, Any]]:
    """Operations, each with what it needs. Raises OperationError."""
    for number, operation in enumerate(patch):
        if not isinstance(operation, dict):
            raise OperationError("the operation is not a mapping", "write `op`, `path` and `value`", "", number)
        kind = operation.get("op")
        if "op" not in operation:
            hint = "write `op:` and `path:`"
            if "kind" in operation or "metadata" in operation:
                hint = "write a merge patch without the `- ` before it"
            raise OperationError("a list is a JSON patch, and this item of it has no `op`", hint, "", number)
        if kind not in OPERATIONS:
            hint = did_you_mean(str(kind), OPERATIONS)
            raise OperationError(f'"{kind}" is not an operation', hint, "op", number)
        needed = ("path", "from") if kind in ("move", "copy") else ("path",)
        for key in needed:
            if not isinstance(operation.get(key), str):
                raise OperationError(f"the operation ({kind}) has no `{key}`", f"write `{key}: /…`", key, number)
        if kind in ("add", "test", "replace") and "value" not in operation:
            raise OperationError(f"the operation ({kind}) has no `value`", "write `value:`", "", number)
    return list(patch)


def apply_operations(data: Any, operations: Sequence[Mapping[str, Any]], *, compat: bool = False) -> Any:
    """The data with all operations applied, `compat` as the library does; what is given stays untouched.

    Raises OperationError.
    """
    result = copy.deepcopy(data)
    for number, operation in enumerate(operations):
        try:
            result = _Library(result).apply(operation) if compat else _apply(result, operation)
        except OperationError as error:
            shown = f"{operation.get('op')} {operation.get('path')}"
            raise OperationError(f"{shown}: {error.message}", error.hint, error.key, number) from None
    return result


def _apply(data: Any, operation: Mapping[str, Any]) -> Any:
    path = pointer(operation["path"])
    match operation["op"]:
        case "add":
            return _add(data, path, copy.deepcopy(operation["value"]))
        case "remove":
            return _remove(data, path)[0]
        case "replace":
            _get(data, path, "use `add`")
            return _put(data, path, copy.deepcopy(operation["value"]))
        case "move":
            rest, value = _remove(data, _source(operation))
            return _add(rest, path, value)
        case "copy":
            return _add(data, path, copy.deepcopy(_get(data, _source(operation), key="from")))
        case _:
            found = _get(data, path)
            if not _equal(found, operation["value"]):
                what = f"the value is {json.dumps(found)}, and the test wants {json.dumps(operation['value'])}"
                raise OperationError(what, "correct the value, or remove the test", "value")
            return data


def _source(operation: Mapping[str, Any]) -> list[str]:
    try:
        return pointer(operation["from"])
    except OperationError as error:
        raise OperationError(error.message, error.hint, "from") from None


def _equal(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _get(data: Any, path: Sequence[str], otherwise: str = "", key: str = "path") -> Any:
    node = data
    for depth, part in enumerate(path):
        where = f'"/{"/".join(path[:depth])}"' if depth else "the object"
        if isinstance(node, dict):
            if part not in node:
                near = did_you_mean(part, list(node))
                last = depth == len(path) - 1
                hint = f"{otherwise}; {near}" if otherwise and near and last else (otherwise if last else "") or near
                raise OperationError(f'{where} has no "{part}"', hint or "correct the path", key)
            node = node[part]
        elif isinstance(node, list):
            index = _index(part)
            place = None if index is None else index + len(node) if index < 0 else index
            if place is None or not 0 <= place < len(node):
                hint = f"write an index below {len(node)}" if node else "the list is empty: use `add` with `-`"
                raise OperationError(f'{where} is a list of {len(node)} and has no item "{part}"', hint, key)
            node = node[place]
        else:
            raise OperationError(f'{where} is not a mapping or list and has no "{part}"', "correct the path", key)
    return node


def _index(part: str) -> int | None:
    return whole(part) if _INDEX.match(part) else None


def _parent(data: Any, path: Sequence[str]) -> Any:
    above = "/".join(path[:-1])
    parent = _get(data, path[:-1], f"add `/{above}` first, with `value: {{}}`")
    if not isinstance(parent, dict | list):
        raise OperationError(f'"/{above}" is a plain value and has no "{path[-1]}"', "correct the path")
    return parent


def _add(data: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    _insert(_parent(data, path), path[-1], value)
    return data


def _put(data: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    parent, last = _parent(data, path), path[-1]
    parent[last if isinstance(parent, dict) else whole(last)] = value
    return data


def _remove(data: Any, path: Sequence[str]) -> tuple[Any, Any]:
    value = _get(data, path)
    if not path:
        return None, value
    parent, last = _parent(data, path), path[-1]
    return data, parent.pop(last if isinstance(parent, dict) else whole(last))


class _Library:
    """One document, and operations as the library applies them."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def apply(self, operation: Mapping[str, Any]) -> Any:
        """The document after one operation. Raises OperationError."""
        kind, value = operation.get("op"), copy.deepcopy(operation.get("value"))
        if kind == "replace" and operation.get("path") == "":
            if not isinstance(value, dict):
                raise OperationError("an object can be replaced by a mapping only", "write a mapping", "value")
            return value
        if kind == "test" and operation.get("path") == "":
            self._test(self.data, value)
            return self.data
        if kind in ("move", "copy"):
            value = self._taken(operation, kind)
        elif kind not in OPERATIONS:
            raise OperationError(f'"{kind}" is not an operation', did_you_mean(str(kind), OPERATIONS), "op")
        container, key = self._place(operation, "path")
        if kind in ("add", "move", "copy"):
            _insert(container, key, value)
        elif kind == "remove":
            _delete(container, key)
        elif kind == "replace":
            container[key if isinstance(container, dict) else _item(container, key)] = value
        else:
            self._test(_value(container, key), value)
        return self.data

    def _taken(self, operation: Mapping[str, Any], kind: str) -> Any:
        container, key = self._place(operation, "from")
        value = copy.deepcopy(_value(container, key, "from"))
        if kind == "move":
            _delete(container, key)
        return value

    def _place(self, operation: Mapping[str, Any], field: str) -> tuple[Any, str]:
        """The container a path leads to, and the key in it."""
        path = operation.get(field)
        if not isinstance(path, str):
            raise OperationError(f"the operation has no `{field}`", f"write `{field}: /…`", field)
        parts = parts_of(path)
        if not parts:
            raise OperationError("the path leads to no field", 'begin it with "/"', field)
        node = self.data
        for depth, part in enumerate(parts[:-1], 1):
            below = _value(node, part, field)
            if not isinstance(below, dict | list):
                hint = did_you_mean(part, list(node)) if isinstance(node, dict) else "correct the path"
                raise OperationError(f'"/{"/".join(parts[:depth])}" is missing', hint, field)
            node = below
        return node, parts[-1]

    @staticmethod
    def _test(found: Any, wanted: Any) -> None:
        if not _equal(found, wanted):
            what = f"the value is {json.dumps(found)}, and the test wants {json.dumps(wanted)}"
            raise OperationError(what, "correct the value, or remove the test", "value")


def _item(items: Sequence[Any], key: str, field: str = "path") -> int:
    index = _index(key)
    place = None if index is None else index + len(items) if index < 0 else index
    if place is None or not 0 <= place < len(items):
        raise OperationError(f'a list of {len(items)} has no item "{key}"', f"write an index below {len(items)}", field)
    return place


def _value(container: Any, key: str, field: str = "path") -> Any:
    """What is there; of a mapping null where nothing is."""
    return container.get(key) if isinstance(container, dict) else container[_item(container, key, field)]


def _insert(container: Any, key: str, value: Any) -> None:
    if isinstance(container, dict):
        container[key] = value
        return
    index = len(container) if key == "-" else _index(key)
    place = None if index is None else index + len(container) + 1 if index < 0 else index
    if place is None or not 0 <= place <= len(container):
        raise OperationError(f'"{key}" is not a place in a list of {len(container)}', 'write "-" to append')
    container.insert(place, value)


def _delete(container: Any, key: str) -> None:
    if isinstance(container, list):
        del container[_item(container, key)]
    elif key not in container:
        raise OperationError(f'"{key}" is missing', did_you_mean(key, list(container)))
    else:
        del container[key]
