"""The functions over lists, sets and optionals."""

import functools
import itertools
import math
from collections.abc import Iterable
from typing import Any

from generator.cel.arithmetic import add
from generator.cel.failure import EvalError
from generator.cel.types import RUNTIME_NAMES
from generator.cel.values import NONE, Absent, Duration, Some, Timestamp, Uint, compare, digest, equal, type_name
from generator.cel.work import Work

_EACH = 4
"""Steps of comparing with one entry."""


def _contains(work: Work, values: list[Any], item: Any) -> bool:
    work.spend(_EACH * len(values))
    return any(equal(v, item, work) for v in values)


def _index_of(work: Work, values: list[Any], item: Any) -> int:
    work.spend(_EACH * len(values))
    return next((i for i, v in enumerate(values) if equal(v, item, work)), -1)


def _last_index_of(work: Work, values: list[Any], item: Any) -> int:
    work.spend(_EACH * len(values))
    return next((i for i in range(len(values) - 1, -1, -1) if equal(values[i], item, work)), -1)


def _order(a: Any, b: Any) -> int:
    return compare(a, b, "compare")


def _is_sorted(values: list[Any]) -> bool:
    return all(_order(a, b) <= 0 for a, b in itertools.pairwise(values))


def _extreme(values: list[Any], name: str, sign: int) -> Any:
    if not values:
        raise EvalError(f"{name} called on empty list")
    best = values[0]
    for value in values[1:]:
        if _order(best, value) == sign:
            best = value
    return best


def _sum(zero: Any) -> Any:
    return lambda values: functools.reduce(add, values, zero)


def _slice(values: list[Any], start: int, end: int) -> list[Any]:
    call = f"cannot slice({start}, {end})"
    if start < 0 or end < 0:
        raise EvalError(f"{call}, negative indexes not supported")
    if start > end:
        raise EvalError(f"{call}, start index must be less than or equal to end index")
    if len(values) < end:
        raise EvalError(f"{call}, list is length {len(values)}")
    return values[start:end]


def _flatten(values: list[Any], depth: int = 1) -> list[Any]:
    if depth < 0:
        raise EvalError("level must be non-negative")
    out: list[Any] = []
    for value in values:
        if isinstance(value, list) and depth:
            out.extend(_flatten(value, depth - 1))
        else:
            out.append(value)
    return out


def _range(count: int) -> list[int]:
    return list(range(count))


def _sort_by_keys(values: list[Any], keys: list[Any]) -> list[Any]:
    if len(values) != len(keys):
        text = "@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got"
        raise EvalError(f"{text} {len(values)} and {len(keys)} elements respectively")
    if not values:
        return values
    kind = keys[0].__class__
    if kind not in (int, Uint, float, str, bytes, bool) and type_name(keys[0]) not in (
        "google.protobuf.Timestamp",
        "google.protobuf.Duration",
    ):
        raise EvalError("list elements must be comparable")
    if any(k.__class__ is not kind for k in keys):
        raise EvalError("list elements must have the same type")
    if len(keys) > 1 and kind is float and any(map(math.isnan, keys)):
        raise EvalError("NaN values cannot be ordered")
    nanos = kind in (Timestamp, Duration)
    indices = sorted(range(len(values)), key=lambda i: keys[i].nanos if nanos else keys[i])
    return [values[i] for i in indices]


class _Known:
    """Values met so far, found again by their digest."""

    def __init__(self, work: Work, values: Iterable[Any] = ()) -> None:
        self.work = work
        self.by_digest: dict[int, list[Any]] = {}
        for value in values:
            self.add(value)

    def _same(self, value: Any) -> list[Any]:
        self.work.spend(_LOOK_UP + (_EACH * len(value) if isinstance(value, list | dict) else 0))
        return self.by_digest.setdefault(digest(value), [])

    def _has(self, held: list[Any], value: Any) -> bool:
        self.work.spend(_EACH * len(held))
        return any(equal(one, value, self.work) for one in held)

    def has(self, value: Any) -> bool:
        """Whether an equal value is known."""
        return self._has(self._same(value), value)

    def add(self, value: Any) -> bool:
        """Take a value in, unless an equal one is known; whether it was new."""
        if value.__class__ is float and math.isnan(value):
            return True  # equal to nothing
        held = self._same(value)
        if held and self._has(held, value):
            return False
        held.append(value)
        return True


_LOOK_UP = 40
_FEW = 8


def _distinct(work: Work, values: list[Any]) -> list[Any]:
    known = _Known(work)
    return [value for value in values if known.add(value)]


def _includes_all(work: Work, values: list[Any], wanted: list[Any]) -> bool:
    if len(values) <= _FEW or len(wanted) <= _FEW:
        return all(_contains(work, values, w) for w in wanted)
    known = _Known(work, values)
    return all(known.has(w) for w in wanted)


def _intersects(work: Work, a: list[Any], b: list[Any]) -> bool:
    if len(a) <= _FEW or len(b) <= _FEW:
        return any(_contains(work, b, x) for x in a)
    known = _Known(work, b)
    return any(known.has(x) for x in a)


def is_zero(value: Any) -> bool:
    """Whether a value is its type's zero: what `optional.ofNonZeroValue` leaves out."""
    kind = value.__class__
    if value is None or kind is Absent:
        return True
    if kind is Duration:
        return bool(value.nanos == 0)
    if kind in (bool, int, Uint, float, str, bytes, list) or isinstance(value, dict):
        return not value
    return False


def _dereference(value: Any) -> Any:
    if value.__class__ is Some:
        return value.value
    raise EvalError("optional.none() dereference")


def _unwrap(values: list[Any]) -> list[Any]:
    return [v.value for v in values if v.__class__ is Some]


COUNTED: dict[str, Any] = {
    "list_a_index_of_int": _index_of,
    "list_a_last_index_of_int": _last_index_of,
    "list_a_includes": _contains,
    "list_distinct": _distinct,
    "list_sets_contains_list": _includes_all,
    "list_sets_equivalent_list": lambda work, a, b: _includes_all(work, a, b) and _includes_all(work, b, a),
    "list_sets_intersects_list": _intersects,
}
"""What walks values deep: these spend their steps from a Work, which they take first."""

FUNCTIONS: dict[str, Any] = {
    "list_int_sum_int": _sum(0),
    "list_uint_sum_uint": _sum(Uint(0)),
    "list_double_sum_double": _sum(0.0),
    "list_duration_sum_duration": _sum(Duration(0)),
    "list_slice": _slice,
    "list_flatten": _flatten,
    "list_flatten_int": _flatten,
    "lists_range": _range,
    "list_reverse": lambda values: values[::-1],
    "optional_of": Some,
    "optional_ofNonZeroValue": lambda value: NONE if is_zero(value) else Some(value),
    "optional_none": lambda: NONE,
    "optional_value": _dereference,
    "optional_hasValue": lambda value: value.__class__ is Some,
    "list_last": lambda values: Some(values[-1]) if values else NONE,
    "list_first": lambda values: Some(values[0]) if values else NONE,
    "optional_unwrap": _unwrap,
    "optional_unwrapOpt": _unwrap,
    "bytes_size": len,
    "size_bytes": len,
    "list_size": len,
    "size_list": len,
    "map_size": len,
    "size_map": len,
    "string_size": len,
    "size_string": len,
}
for _kind in ("int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes"):
    FUNCTIONS[f"list_{_kind}_is_sorted_bool"] = _is_sorted
    FUNCTIONS[f"list_{_kind}_max_{_kind}"] = lambda values: _extreme(values, "max", -1)
    FUNCTIONS[f"list_{_kind}_min_{_kind}"] = lambda values: _extreme(values, "min", 1)
    _sorted = RUNTIME_NAMES.get(_kind, _kind)
    FUNCTIONS[f"list_{_sorted}_sort"] = lambda values: _sort_by_keys(values, values)
    FUNCTIONS[f"list_{_sorted}_sortByAssociatedKeys"] = _sort_by_keys
