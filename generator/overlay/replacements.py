"""Replacements: a value of one object, or a text, written into fields of others."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.digits import whole
from generator.overlay import rules
from generator.overlay.refusal import RefusalError
from generator.overlay.resmap import ResMap
from generator.overlay.resource import DEFAULT_NAMESPACE, Gvk, Id, Resource, scalar_text
from generator.overlay.selector import Selector

_DEFAULT_PATH = "metadata.name"


def replace(objects: ResMap, entry: Mapping[str, Any]) -> None:
    """Carry out one replacement. Raises RefusalError."""
    source, given = entry.get("source"), entry.get("sourceValue")
    if (source is None) == (given is None):
        raise RefusalError(rules.REPLACEMENT, "a replacement has one source", "write either source or sourceValue")
    targets = entry.get("targets")
    if not targets:
        raise RefusalError(rules.REPLACEMENT, "a replacement has no targets", "write `targets:`")
    value = given if given is not None else _source_value(objects, source or {})
    for target in targets:
        _write(objects, value, target)


def _source_value(objects: ResMap, source: Mapping[str, Any]) -> Any:
    found = [resource for resource in objects if not resource.gone and _is_source(resource, source)]
    wanted = ", ".join(f"{key}: {value}" for key, value in source.items() if key not in ("fieldPath", "options"))
    if len(found) != 1:
        many = "several objects are" if found else "no object is"
        raise RefusalError(rules.REPLACEMENT, f"{many} the source ({wanted})", "name one object that is there")
    path = source.get("fieldPath") or _DEFAULT_PATH
    value = next((container[key] for container, key in _places(found[0].body, split_path(path), create=None)), None)
    if value is None:
        raise RefusalError(rules.REPLACEMENT, f'{found[0].id} has no field "{path}"', "correct the path")
    options = source.get("options") or {}
    if options.get("delimiter"):
        if isinstance(value, dict | list):
            raise RefusalError(rules.REPLACEMENT, f'"{path}" is no plain value to split', "leave the delimiter out")
        pieces = scalar_text(value).split(options["delimiter"])
        index = options.get("index") or 0
        if not 0 <= index < len(pieces):
            raise RefusalError(rules.REPLACEMENT, f'"{path}" has no part {index}', f"there are {len(pieces)}")
        return pieces[index]
    return copy.deepcopy(value)


def _gvk(data: Mapping[str, Any]) -> Gvk:
    group, version = scalar_text(data.get("group")), scalar_text(data.get("version"))
    api_version = scalar_text(data.get("apiVersion"))
    if api_version:
        before, slash, after = api_version.partition("/")
        group, version = (before, after) if slash else ("", before)
    return Gvk(group, version, scalar_text(data.get("kind")))


def _ids(resource: Resource) -> list[Id]:
    return [resource.id, *resource.previous_ids]


def _is_source(resource: Resource, source: Mapping[str, Any]) -> bool:
    kind, name, namespace = _gvk(source), scalar_text(source.get("name")), scalar_text(source.get("namespace"))
    return any(
        one.gvk.selected_by(kind)
        and name in ("", one.name)
        and (not namespace or namespace == one.namespace or (one.namespace == DEFAULT_NAMESPACE and not namespace))
        for one in _ids(resource)
    )


def selector_of(data: Mapping[str, Any]) -> Selector:
    """A selector from data."""
    gvk = _gvk(data)
    return Selector(
        gvk.group,
        gvk.version,
        gvk.kind,
        scalar_text(data.get("name")),
        scalar_text(data.get("namespace")),
        scalar_text(data.get("labelSelector")),
        scalar_text(data.get("annotationSelector")),
    )


def _write(objects: ResMap, value: Any, target: Mapping[str, Any]) -> None:
    if not target.get("select"):
        raise RefusalError(rules.REPLACEMENT, "a target selects nothing", "write `select:` with a kind or a name")
    select = selector_of(target["select"])
    rejects = [selector_of(data) for data in target.get("reject") or ()]
    for selector in (select, *rejects):
        selector.check()
    options = target.get("options") or {}
    for resource in objects:
        if resource.gone or not _chosen(resource, select) or any(_rejected(resource, one) for one in rejects):
            continue
        for path in target.get("fieldPaths") or (_DEFAULT_PATH,):
            _write_field(resource, path, value, options)


def _chosen(resource: Resource, selector: Selector) -> bool:
    if not selector.selects_strings(resource):
        return False
    return any(selector.selects_written(one.gvk, one.name, one.namespace) for one in _ids(resource))


def _rejected(resource: Resource, selector: Selector) -> bool:
    if not selector.selects_strings(resource):
        return False
    if selector.names_nothing:
        return bool(selector.labels or selector.annotations)
    return any(selector.selects_written(one.gvk, one.name, one.namespace) for one in _ids(resource))


def _write_field(resource: Resource, path: str, value: Any, options: Mapping[str, Any]) -> None:
    parts = split_path(path)
    create = options.get("create") is True
    places = list(_places(resource.body, parts, create=value if create else None))
    if not places:
        hint = "correct the path, or say `options: {create: true}`"
        raise RefusalError(rules.REPLACEMENT, f'{resource.id} has no field "{path}"', hint)
    if path in {"metadata.name", "metadata.namespace"}:
        resource.remember()
    for container, key in places:
        container[key] = _replaced(container[key], value, options)


def _replaced(old: Any, value: Any, options: Mapping[str, Any]) -> Any:
    delimiter = options.get("delimiter")
    if delimiter:
        if isinstance(old, dict | list) or isinstance(value, dict | list):
            raise RefusalError(rules.REPLACEMENT, "a delimiter splits plain values alone", "leave the delimiter out")
        pieces = scalar_text(old).split(delimiter)
        index, text = options.get("index") or 0, scalar_text(value)
        if index < 0:
            pieces.insert(0, text)
        elif index >= len(pieces):
            pieces.append(text)
        else:
            pieces[index] = text
        return delimiter.join(pieces)
    if isinstance(value, dict | list):
        return copy.deepcopy(value)
    return _as(old, value)


def _as(old: Any, value: Any) -> Any:
    """A value as the type the field has: a text stays a text, a number a number where the text is one."""
    text = scalar_text(value)
    if isinstance(old, str):
        return text
    if isinstance(old, bool) and text in ("true", "false"):
        return text == "true"
    if isinstance(old, int) and text.lstrip("-").isdecimal():
        return whole(text)
    return value


def split_path(path: str) -> list[str]:
    r"""A path's parts: `a.b`, `a[name=x]`, `a.[name=x]`, `a.b\.c`, `a.*`; list items in brackets are one part."""
    parts: list[str] = []
    current, depth, escaped = "", 0, False
    for sign in path:
        if escaped:
            current += sign if sign == "." else f"\\{sign}"
            escaped = False
        elif sign == "\\":
            escaped = True
        elif sign == "." and not depth:
            parts.append(current)
            current = ""
        else:
            if sign == "[":
                if not depth and current:
                    parts.append(current)
                    current = ""
                depth += 1
            elif sign == "]":
                depth -= 1
            current += sign
    parts.append(current)
    return [part for part in parts if part]


def _places(node: Any, parts: Sequence[str], *, create: Any) -> Iterator[tuple[Any, Any]]:
    """The places a path leads to; what is missing is made where `create` is what will be written there."""
    part, rest = parts[0], parts[1:]
    for container, key in list(_step(node, part, rest, create=create)):
        if not rest:
            yield container, key
        else:
            yield from _places(container[key], rest, create=create)


def _step(node: Any, part: str, rest: Sequence[str], *, create: Any) -> Iterator[tuple[Any, Any]]:
    if part.startswith("[") and part.endswith("]") and "=" not in part:
        part = part[1:-1]  # a key with dots in it
    elif part.startswith("[") and part.endswith("]"):
        name, sign, wanted = part[1:-1].partition("=")
        if sign and isinstance(node, list):
            found = [
                index
                for index, item in enumerate(node)
                if (isinstance(item, dict) and scalar_text(item.get(name)) == wanted) or (not name and item == wanted)
            ]
            if not found and create is not None:
                node.append({name: wanted})
                found = [len(node) - 1]
            yield from ((node, index) for index in found)
        return
    if isinstance(node, list):
        if part == "*":
            yield from ((node, index) for index in range(len(node)))
        elif part == "-" and create is not None:
            node.append(_blank(rest, create))
            yield node, len(node) - 1
        elif part.isdecimal() and whole(part) < len(node):
            yield node, whole(part)
        elif not part.isdecimal():
            return
        return
    if not isinstance(node, dict):
        return
    if part == "*" and part not in node:
        yield from ((node, key) for key in node)
        return
    if node.get(part) is None:
        if create is None:
            if part in node and not rest:
                yield node, part
            return
        node[part] = _blank(rest, create)
    yield node, part


def _blank(rest: Sequence[str], create: Any) -> Any:
    if not rest:
        return {} if isinstance(create, dict) else [] if isinstance(create, list) else ""
    return [] if rest[0].startswith("[") or rest[0] == "-" else {}
