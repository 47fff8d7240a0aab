"""Count the real work of expressions next to the cost that the server counts, and stop before it is too much.

The server charges a call after it has run, and counts a deep equality as one step. A build cannot wait for that, so
every call whose work grows with its arguments asks here first. A step is about 50 ns; a byte made counts half a step.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

from generator.cel.regex import program_size

BOUND = 100_000_000
"""Steps that one expression, with the variables it reads, may take: about five seconds, or 200 MB made."""
FREE = 64
"""Work of a call that is not counted: no more than the step itself, which the cost counts."""
_ENTRY = 4  # a list's entry is eight bytes
_COMPARE = 3  # one comparison of two values in Python
_DIGITS = 6


class WorkError(Exception):
    """An expression would work for longer than our bound; no operator absorbs it, and it is never a verdict.

    `steps` is what it would have taken at least, 0 where it nests too deeply instead; `place` is where the expression
    is in the file of its owner, as far as whoever evaluates it knows.
    """

    def __init__(self, steps: int, bound: int = BOUND) -> None:
        self.steps = steps
        self.place: tuple[str | int, ...] = ()
        shown = f"{steps:,}" if steps < 10**15 else "more than 10^15"
        text = f"the work would be at least {shown} steps, the bound is {bound:,}"
        super().__init__(text if steps else "it nests too deeply to be evaluated")


class Work:
    """What a few expressions that belong together have used of the bound.

    `covered` is the server's cost of calls whose steps are counted: of such a call the cost says nothing about work.
    """

    __slots__ = ("covered", "steps")

    def __init__(self) -> None:
        self.steps = 0
        self.covered = 0

    def spend(self, steps: int) -> None:
        """Use steps before they are taken; raises WorkError where the bound does not allow them."""
        if self.steps + steps > BOUND:
            raise WorkError(self.steps + steps)
        self.steps += steps


def weigh(value: Any) -> int:
    """The entries and every 16 characters of a value, all that is shared counted as often as it is there.

    Takes time by what is stored, not by what is counted.
    """
    known: dict[int, int] = {}
    stack: list[tuple[Any, bool]] = [(value, False)]
    while stack:
        node, opened = stack.pop()
        if id(node) in known:
            continue
        parts = _parts(node)
        if opened or not parts:
            total = 1 + sum(known[id(p)] if _holds(p) else _leaf(p) for p in parts) if _holds(node) else _leaf(node)
            known[id(node)] = total
        else:
            stack.append((node, True))
            stack += [(p, False) for p in parts if _holds(p)]
    return known[id(value)]


def _holds(value: Any) -> bool:
    return isinstance(value, list | dict) or hasattr(value, "value")


def _leaf(value: Any) -> int:
    return 1 + len(value) // 16 if isinstance(value, str | bytes) else 1


def _parts(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return [part for key in value for part in (key, value[key])]
    return [value.value] if hasattr(value, "value") else []


def _bytes(text: Any) -> int:
    if text.__class__ is str:
        return len(text) if text.isascii() else 4 * len(text)
    return len(text) if text.__class__ in (bytes, list) or isinstance(text, dict) else 0


def _made(a: Any, b: Any) -> int:
    """`a + b`: what it makes."""
    if a.__class__ is str or a.__class__ is bytes:
        return (_bytes(a) + _bytes(b)) // 2
    if isinstance(a, list) and isinstance(b, list):
        return _ENTRY * (len(a) + len(b))
    return 0


def _scan(text: Any, part: Any, *_: Any) -> int:
    """Looking for a text in another: in short texts and for short parts every place is tried."""
    if text.__class__ is not str or part.__class__ is not str:
        return 0
    size, tried = len(text), len(part)
    return size * min(tried, 2_500 if size <= 2_500 else 100) // 32 + size // 16


def _scan_back(text: Any, part: Any, *_: Any) -> int:
    if text.__class__ is not str or part.__class__ is not str:
        return 0
    return len(text) * len(part) // 32 + len(text) // 16


def _replace(text: Any, old: Any, new: Any, *_: Any) -> int:
    scan = _scan(text, old)
    if text.__class__ is not str or old.__class__ is not str or new.__class__ is not str:
        return 0
    most = (len(text) // max(1, len(old)) + 1) * _bytes(new)
    if most > 1_000_000:
        most = (text.count(old) if old else len(text) + 1) * _bytes(new)
    return scan + (_bytes(text) + most) // 2


def _split(text: Any, separator: Any, *_: Any) -> int:
    if text.__class__ is not str or separator.__class__ is not str:
        return 0
    return _scan(text, separator) + 8 * (len(text) // max(1, len(separator))) + _bytes(text) // 2


def _join(parts: Any, separator: Any = "") -> int:
    if not isinstance(parts, list):
        return 0
    total = sum(_bytes(part) for part in parts if part.__class__ is str)
    return len(parts) * _COMPARE + (total + len(parts) * _bytes(separator)) // 2


def _format(text: Any, args: Any) -> int:
    if text.__class__ is not str or not isinstance(args, list):
        return 0
    total = _bytes(text) + sum(16 * weigh(arg) if _holds(arg) else _bytes(arg) for arg in args)
    if "%." in text:
        widths = (piece[: len(piece) - len(piece.lstrip("0123456789"))] for piece in text.split("%.")[1:])
        total += sum(min(int(width[:_DIGITS] or "0"), 10**_DIGITS) for width in widths)
    return 2 * total


def _quote(text: Any) -> int:
    return 2 * _bytes(text)


def _match(text: Any, pattern: Any, *_: Any) -> int:
    """A match: every byte at every instruction of the program, at worst."""
    if text.__class__ is not str or pattern.__class__ is not str:
        return 0
    return (1 + _bytes(text)) * program_size(pattern) // 16


def _match_all(text: Any, pattern: Any, *_: Any) -> int:
    return _match(text, pattern) + 32 * len(text)


def _walk(values: Any, *_: Any) -> int:
    return _COMPARE * len(values) if isinstance(values, list) else 0


def _range(count: Any) -> int:
    return 24 * count if count.__class__ is int and count > 0 else 0


def _copy(values: Any, *_: Any) -> int:
    return len(values) * _ENTRY if isinstance(values, list) else 0


def _flatten(values: Any, depth: int = 1) -> int:
    """How many entries flattening looks at; lists that are there twice are looked into twice."""
    known: dict[tuple[int, int], int] = {}

    def count(node: list[Any], left: int) -> int:
        key = (id(node), left)
        if key not in known:
            inner = (item for item in node if isinstance(item, list)) if left > 0 else ()
            known[key] = len(node) + sum(count(item, left - 1) for item in inner)
        return known[key]

    return _ENTRY * count(values, min(depth, 200)) if isinstance(values, list) and depth.__class__ is int else 0


def _sort(values: Any, keys: Any = None) -> int:
    keys = values if keys is None else keys
    if not isinstance(keys, list):
        return 0
    size = len(keys)
    text = sum(len(key) for key in keys if key.__class__ in (str, bytes)) // 256 if size > 16 else 0
    return (size + text) * (_ENTRY + math.ceil(math.log2(size + 1)))


def _text(value: Any, *_: Any) -> int:
    return _bytes(value)


MEASURES: dict[str, Callable[..., int]] = {
    **dict.fromkeys(("add_string", "add_bytes", "add_list"), _made),
    **dict.fromkeys(("contains_string", "string_index_of_string", "string_index_of_string_int"), _scan),
    **dict.fromkeys(("string_last_index_of_string", "string_last_index_of_string_int"), _scan_back),
    **dict.fromkeys(("string_replace_string_string", "string_replace_string_string_int"), _replace),
    **dict.fromkeys(("string_split_string", "string_split_string_int"), _split),
    **dict.fromkeys(("list_join", "list_join_string"), _join),
    "string_format": _format,
    **dict.fromkeys(("strings_quote", "string_lower_ascii", "string_upper_ascii", "string_trim"), _quote),
    **dict.fromkeys(("matches", "matches_string", "string_find_string"), _match),
    **dict.fromkeys(("string_find_all_string", "string_find_all_string_int"), _match_all),
    "lists_range": _range,
    **dict.fromkeys(("list_slice", "list_reverse"), _copy),
    **dict.fromkeys(("list_flatten", "list_flatten_int"), _flatten),
    **dict.fromkeys(("string_to_url", "is_url_string", "string_to_quantity", "is_quantity_string"), _text),
    **dict.fromkeys(("string_to_bytes", "bytes_to_string", "string_to_duration", "string_to_double"), _text),
    **dict.fromkeys(("string_to_semver", "is_semver_string", "string_bool_to_semver", "is_semver_string_bool"), _text),
}
"""Steps of a call before it runs, by overload; the rest take no more than the server's cost counts."""

# Shared by the overloads of every type of entry.
_SUFFIXES = {
    "_is_sorted_bool": _walk,
    "_sort": _sort,
    "_sortByAssociatedKeys": _sort,
    **{f"_{name}_{kind}": _walk for name in ("sum", "max", "min") for kind in ("int", "uint", "double", "bool")},
    **{f"_{name}_{kind}": _walk for name in ("sum", "max", "min") for kind in ("duration", "timestamp")},
    **{f"_{name}_{kind}": _walk for name in ("max", "min") for kind in ("string", "bytes")},
}


def _measure(overload: str) -> Callable[..., int] | None:
    found = MEASURES.get(overload)
    if found is None and overload.startswith("list_"):
        return next((one for suffix, one in _SUFFIXES.items() if overload.endswith(suffix)), None)
    return found


def measure_of(overloads: Sequence[str]) -> Callable[..., int] | None:
    """The work of a call by its possible overloads; None where its cost counts all of it."""
    found = list(dict.fromkeys(one for one in map(_measure, overloads) if one is not None))
    if len(found) < 2:
        return found[0] if found else None
    return lambda *args: max(one(*args) for one in found)
