"""What one call costs, counted as cel-go and Kubernetes' libraries count it."""

import math
from collections.abc import Callable
from typing import Any

from generator.cel.formats import NamedFormat
from generator.cel.values import Opaque, size_of

Cost = Callable[[tuple[Any, ...], Any], int]
LIST_BASE, MAP_BASE = 10, 30
PER_CALL_LIMIT = 1_000_000
_CHECK = 350_000

_ONE = frozenset(
    [
        "serviceAccount",
        "path",
        "group",
        "resource",
        "subresource",
        "namespace",
        "name",
        "allowed",
        "reason",
        "error",
        "errored",
        "masked",
        "prefixLength",
        "family",
        "isUnspecified",
        "isLoopback",
        "isLinkLocalMulticast",
        "isLinkLocalUnicast",
        "isGlobalUnicast",
        "format.named",
        "sign",
        "asInteger",
        "isInteger",
        "asApproximateFloat",
        "isGreaterThan",
        "isLessThan",
        "compareTo",
        "add",
        "sub",
        "major",
        "minor",
        "patch",
        "getScheme",
        "getHostname",
        "getHost",
        "getPort",
        "getEscapedPath",
        "getQuery",
    ]
)
_TRAVERSAL = frozenset(
    [
        "url",
        "lowerAscii",
        "upperAscii",
        "substring",
        "trim",
        "cidr",
        "isIP",
        "isCIDR",
        "quantity",
        "isQuantity",
        "semver",
        "isSemver",
    ]
)
_TRAVERSAL_IDS = frozenset(
    [
        "starts_with_string",
        "ends_with_string",
        "string_to_bytes",
        "bytes_to_string",
        "strings_quote",
        "string_format",
    ]
)
_LIST_SCANS = frozenset(
    [
        "isSorted",
        "sum",
        "max",
        "min",
        "indexOf",
        "lastIndexOf",
    ]
)
_ORDERED_TEXT = frozenset(
    f"{name}_{kind}" for name in ("less", "less_equals", "greater", "greater_equals") for kind in ("string", "bytes")
)


def _tenth(size: float) -> int:
    return math.ceil(size * 0.1)


def _traversal(args: tuple[Any, ...], _: Any) -> int:
    return _tenth(size_of(args[0]))


def _twice(args: tuple[Any, ...], _: Any) -> int:
    return _tenth(size_of(args[0]) * 2)


def _traverse(value: Any) -> int:
    """What reading a value to its leaves costs."""
    if value.__class__ is str:
        return int(len(value.encode()) * 0.1)
    if value.__class__ is bytes:
        return int(len(value) * 0.1)
    if isinstance(value, list | dict):
        return _traverse_parts(value, {})
    return 1


def _traverse_parts(value: Any, known: dict[int, int]) -> int:
    """The sum over the parts; a part that is shared is gone through once and counted each time."""
    total = 0
    for part in value if isinstance(value, list) else (part for key in value for part in (key, value[key])):
        if isinstance(part, list | dict):
            if id(part) not in known:
                known[id(part)] = _traverse_parts(part, known)
            total += known[id(part)]
        else:
            total += _traverse(part)
    return total


def _scan(args: tuple[Any, ...], _: Any) -> int:
    return _traverse(args[0])


def _regex(args: tuple[Any, ...], _: Any) -> int:
    return _tenth(1 + size_of(args[0])) * math.ceil(size_of(args[1]) * 0.25)


def _contains(args: tuple[Any, ...], _: Any) -> int:
    return _tenth(size_of(args[0])) * _tenth(size_of(args[1]))


def _validate(args: tuple[Any, ...], _: Any) -> int:
    named = args[0]
    pattern = named.regex_size if isinstance(named, NamedFormat) else 1
    return _tenth(1 + size_of(args[1])) * math.ceil(pattern * 0.25)


def _selector(args: tuple[Any, ...], _: Any) -> int:
    size = size_of(args[1])
    return LIST_BASE + _tenth(size) + math.ceil(math.ceil(size * 0.5) * (LIST_BASE + 40))


def _contains_ip(args: tuple[Any, ...], _: Any) -> int:
    cost = _tenth(size_of(args[0]) * 2)
    return cost + (_tenth(size_of(args[1])) if args[1].__class__ is str else 0)


def _contains_cidr(args: tuple[Any, ...], _: Any) -> int:
    size = size_of(args[0])
    cost = _tenth(size * 2) + _tenth(size) + 1
    return cost + (_tenth(size_of(args[1])) if args[1].__class__ is str else 0)


def _self_compare(values: list[Any]) -> int:
    factor = 2.1 if values and values[0].__class__ in (str, bytes) else 2.0
    return int(len(values) ** 2 * factor) + 1 + LIST_BASE


def equality(a: Any, b: Any) -> int:
    """The cost of `==` and `!=`."""
    if isinstance(a, Opaque):
        return 1
    return _tenth(min(size_of(a), size_of(b)))


def _set_product(args: tuple[Any, ...], _: Any) -> int:
    return 1 + size_of(args[0]) * size_of(args[1])


def _set_both(args: tuple[Any, ...], _: Any) -> int:
    return 1 + size_of(args[0]) * size_of(args[1]) * 2


_BY_ID: dict[str, Cost] = {
    "in_list": lambda args, _: size_of(args[1]),
    "matches_string": _regex,
    "contains_string": _contains,
    "add_string": lambda args, _: _tenth(size_of(args[0]) + size_of(args[1])),
    "add_bytes": lambda args, _: _tenth(size_of(args[0]) + size_of(args[1])),
    "list_slice": lambda _, result: size_of(result) + 1 + LIST_BASE,
    "lists_range": lambda _, result: size_of(result) + 1 + LIST_BASE,
    "list_reverse": lambda _, result: size_of(result) + 1 + LIST_BASE,
    "list_flatten": lambda args, _: size_of(args[0]) + 1 + LIST_BASE,
    "list_flatten_int": lambda args, _: size_of(args[0]) * args[1] + 1 + LIST_BASE,
    "list_distinct": lambda args, _: _self_compare(args[0]),
    "list_sets_contains_list": _set_product,
    "list_sets_intersects_list": _set_product,
    "list_sets_equivalent_list": _set_both,
}

_BY_FUNCTION: dict[str, Cost | int] = {
    "check": _CHECK,
    "fieldSelector": _selector,
    "labelSelector": _selector,
    "replace": _twice,
    "split": _twice,
    "join": lambda _, result: _tenth(size_of(result) * 2),
    "find": _regex,
    "findAll": _regex,
    "ip.isCanonical": _twice,
    "containsIP": _contains_ip,
    "containsCIDR": _contains_cidr,
    "validate": _validate,
}


def call_cost(function: str, overload: str) -> Cost | int:
    """The cost of a call by function and overload; an int where it is always the same."""
    if overload.endswith("_sort"):
        return lambda args, _: _self_compare(args[0])
    if overload.endswith("_sortByAssociatedKeys"):
        return lambda args, _: _self_compare(args[1])
    if function in _BY_FUNCTION:
        return _BY_FUNCTION[function]
    if function in _ONE or overload == "cidr_ip":
        return 1
    if function in _LIST_SCANS:
        return _scan
    if function in _TRAVERSAL or overload in _TRAVERSAL_IDS or function == "ip":
        return _traversal
    if overload in _ORDERED_TEXT:
        return lambda args, _: _tenth(min(size_of(args[0]), size_of(args[1])))
    return _BY_ID.get(overload, 1)
