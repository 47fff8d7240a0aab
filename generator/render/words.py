"""The words templates may use: filters, tests and methods of plain data, every one bounded in size."""

import json
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from functools import wraps
from itertools import islice
from typing import Any, cast

from jinja2.exceptions import FilterArgumentError, SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import Undefined
from jinja2.sandbox import SandboxedEnvironment
from jinja2.tests import TESTS

from generator.render.formats import braces, percent
from generator.render.limits import LimitReached, Meter
from generator.render.marks import Fragment, defined, text_of

LONGEST_CUT = 1024 * 1024
_CUTTERS = frozenset({str.split, str.rsplit, str.splitlines, FILTERS["list"], FILTERS["title"]})
_SCALARS = frozenset({str, int, bool, type(None)})
_KEYS = frozenset({str})

Word = Callable[..., Any]

PLAIN_FILTERS = (
    "abs", "capitalize", "dictsort", "first", "float", "groupby", "int", "items", "last", "length",
    "count", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "select",
    "selectattr", "sort", "title", "unique", "upper",
)  # fmt: skip
KIND_TESTS = (
    "boolean", "defined", "false", "float", "integer", "mapping", "none", "number", "true", "undefined",
)  # fmt: skip
PLAIN_TESTS = (
    "divisibleby", "eq", "equalto", "==", "even", "ge", "greaterthan", "gt", "in", "iterable", "le", "lessthan",
    "lower", "lt", "ne", "!=", ">", ">=", "<", "<=", "odd", "sameas", "sequence", "upper",
)  # fmt: skip
TEXT_METHODS = (
    "capitalize", "casefold", "count", "endswith", "find", "index", "isalnum", "isalpha", "isascii", "isdecimal",
    "isdigit", "islower", "isnumeric", "isspace", "istitle", "isupper", "lower", "lstrip", "partition",
    "removeprefix", "removesuffix", "rfind", "rindex", "rpartition", "rsplit", "rstrip", "split", "splitlines",
    "startswith", "strip", "swapcase", "title", "upper",
)  # fmt: skip


def plain(value: Any) -> Any:
    """A fragment as the text it reads as; anything else as it is."""
    return str(value) if type(value) is Fragment else value


def guard(word: Word, meter: Meter) -> Word:
    """Give a word of the engine plain arguments, make it pay for what it walks, and a list of what it yields."""

    @wraps(word)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        meter.charge(1)
        settled = [plain(arg) for arg in args]
        for arg in settled:
            if isinstance(arg, str):
                meter.charge_text(len(arg))
            elif isinstance(arg, list | tuple | dict | range):
                meter.charge(len(arg))
        if word in _CUTTERS and isinstance(settled[0], str) and len(settled[0]) > LONGEST_CUT:
            raise LimitReached(f"cutting a text of more than {LONGEST_CUT:,} characters into pieces")
        result = word(*settled, **{key: plain(value) for key, value in kwargs.items()})
        if isinstance(result, Iterator):
            result = list(islice(result, meter.left + 1))
            meter.charge(len(result))
        return result

    return guarded


def as_string(value: Any) -> str:
    """`string`: text as it is, numbers and booleans as JSON writes them; raises NotTextError for the rest."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return text_of(value)


def trim(value: Any, chars: str | None = None) -> Any:
    """`trim`: white space off both ends; a fragment stays a fragment."""
    if type(value) is Fragment and chars is None:
        return value.layout(str.strip)
    return text_of(value).strip(chars)


def default(value: Any, default_value: Any = "", boolean: bool = False) -> Any:
    """`default`: another value for an undefined one, and with `boolean` for an empty one."""
    return default_value if isinstance(value, Undefined) or (boolean and not value) else value


def items(value: Any) -> list[tuple[Any, Any]]:
    """`items`: the pairs of a mapping, in order."""
    if not isinstance(defined(value), Mapping):
        raise TypeError("items wants a mapping")
    return list(value.items())


class Bounded:
    """Words whose result could be larger than their arguments."""

    def __init__(self, environment: SandboxedEnvironment, meter: Meter) -> None:
        self.environment = environment
        self.meter = meter

    def _check(self, length: int) -> None:
        self.meter.charge(1)
        self.meter.charge_text(length)

    def join_text(self, parts: Iterable[Any]) -> str:
        """`a ~ b`: texts one after the other."""
        texts = [part if type(part) is str else text_of(defined(part)) for part in parts]
        self._check(sum(map(len, texts)))
        return "".join(texts)

    def join(self, value: Iterable[Any], d: Any = "", attribute: Any = None) -> str:
        """`join`: texts with a separator between them."""
        found = list(self.meter.sized(defined(value)))
        if attribute is not None:
            found = [self.environment.getitem(item, attribute) for item in found]
        texts = [text_of(defined(item)) for item in found]
        separator = text_of(d)
        self._check(sum(map(len, texts)) + len(separator) * len(texts))
        return separator.join(texts)

    def join_method(self, separator: str, value: Iterable[Any]) -> str:
        """A string's own `join`: texts with it between them."""
        return self.join(value, separator)

    def replace(self, s: Any, old: Any, new: Any, count: int | None = -1) -> str:
        """`replace`: every occurrence, or the first `count`."""
        text, old, new = text_of(defined(s)), text_of(old), text_of(new)
        times = text.count(old) if count is None or count < 0 else min(text.count(old), count)
        self._check(len(text) + times * max(0, len(new) - len(old)))
        return text.replace(old, new, -1 if count is None else count)

    def indent(self, s: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> Any:
        """`indent`: every line but the first moved to the right; a fragment stays a fragment."""
        prefix = " " * self._width(width) if not isinstance(width, str | Fragment) else str(width)
        if prefix.strip(" "):
            raise FilterArgumentError("indent wants a number of spaces")

        def change(text: str) -> str:
            lines = text.split("\n")
            self._check(len(text) + len(prefix) * len(lines))
            moved = [prefix + line if line or blank else line for line in lines]
            return "\n".join(moved if first else [lines[0], *moved[1:]])

        return s.layout(change) if type(s) is Fragment else change(text_of(defined(s)))

    def _width(self, width: Any) -> int:
        if not isinstance(width, int):
            raise FilterArgumentError("a width is a whole number")
        self._check(max(0, width))
        return width

    def pad(self, method: Callable[..., str]) -> Word:
        """`ljust`, `rjust`, `center`, `zfill`, `expandtabs`: padded to a width."""

        def padded(s: Any, width: Any = 8, *fill: Any) -> str:
            text = text_of(defined(s))
            width = self._width(width)
            self._check(width * (text.count("\t") + 1))
            return method(text, width, *fill)

        return padded

    def format(self, value: Any, *args: Any, **kwargs: Any) -> str:
        """The filter `format`: a template of `%s` and the like, filled."""
        return percent(self.meter, text_of(defined(value)), kwargs or args)

    def format_method(self, form: str, *args: Any, **kwargs: Any) -> str:
        """`"{}".format(x)`."""
        return braces(self.environment, self.meter, form, args, kwargs)

    def round(self, value: Any, precision: int = 0, method: str = "common") -> Any:
        """`round`: to so many places, at most 15, as a number has no more."""
        if abs(precision) > 15:
            raise LimitReached(f"round to {precision} places, at most 15 are allowed")
        return FILTERS["round"](value, precision, method)

    def total(self, value: Iterable[Any], attribute: Any = None, start: float = 0) -> Any:
        """`sum`: of numbers."""
        found = list(self.meter.sized(defined(value)))
        if attribute is not None:
            found = [self.environment.getitem(item, attribute) for item in found]
        if not all(isinstance(item, int | float) for item in (start, *found)):
            raise TypeError("sum adds numbers")
        return sum(found, start)

    def to_json(self, value: Any) -> str:
        """`tojson`: one line of JSON, keys in their order, nothing escaped that JSON lets stand."""
        text = json.dumps(self.data(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        self._check(len(text))
        return text

    def data(self, value: Any) -> Any:
        """Plain data, deeply; what needs no change is the same object. Raises TypeError for all else."""
        kind = type(value)
        if kind is str or kind is int or kind is bool or value is None:
            return value
        self.meter.charge(1)
        if kind is dict:
            if _SCALARS.issuperset(map(type, value.values())) and _KEYS.issuperset(map(type, value)):
                self.meter.charge(len(value))
                return value
            pairs = [(self._key(key), self.data(item)) for key, item in value.items()]
            same = all(new is old for (_, new), old in zip(pairs, value.values(), strict=True))
            return value if same and all(type(key) is not Fragment for key in value) else dict(pairs)
        if kind is list or kind is tuple:
            new = [self.data(item) for item in value]
            same = kind is list and all(a is b for a, b in zip(new, value, strict=True))
            return value if same else new
        if kind is Fragment:
            return str(value)
        if isinstance(value, float):
            text_of(value)
            return value
        if isinstance(value, str | int):
            return value
        if isinstance(value, range | KeysView | ValuesView | ItemsView):
            self.meter.charge(len(value))
            return self.data(list(value))
        defined(value)
        raise TypeError(f"a {kind.__name__} is not plain data")

    def _key(self, key: Any) -> Any:
        if isinstance(key, str):
            return key
        if type(key) is Fragment:
            return str(key)
        raise TypeError(f"a mapping's key is {key!r}, which is not a string")

    def filters(self) -> dict[str, Word]:
        """Every filter, by name."""
        found = {name: guard(FILTERS[name], self.meter) for name in PLAIN_FILTERS}
        own: dict[str, Word] = {
            "center": self.pad(str.center),
            "d": default,
            "default": default,
            "format": self.format,
            "indent": self.indent,
            "items": items,
            "join": self.join,
            "replace": self.replace,
            "round": self.round,
            "string": as_string,
            "sum": self.total,
            "tojson": self.to_json,
            "trim": trim,
        }
        return found | own

    def tests(self) -> dict[str, Word]:
        """Every test, by name."""
        found = {name: guard(cast("Word", TESTS[name]), self.meter) for name in PLAIN_TESTS}
        found |= {name: cast("Word", TESTS[name]) for name in KIND_TESTS}
        return found | {"string": lambda value: isinstance(value, str | Fragment)}

    def methods(self) -> dict[type, dict[str, Word]]:
        """Methods of plain data that templates may call, by the type of data."""
        text = {name: guard(getattr(str, name), self.meter) for name in TEXT_METHODS}
        for name in ("ljust", "rjust", "center", "zfill", "expandtabs"):
            text[name] = self.pad(getattr(str, name))
        text |= {"join": self.join_method, "replace": self.replace, "format": self.format_method}
        return {
            str: text,
            dict: {name: getattr(dict, name) for name in ("get", "items", "keys", "values")},
            list: {"index": list.index, "count": list.count},
            tuple: {"index": tuple.index, "count": tuple.count},
        }


def multiply(meter: Meter, left: Any, right: Any) -> Any:
    """`a * b`, unless the product would be too large."""
    left, right = plain(left), plain(right)
    if isinstance(left, int) and isinstance(right, int):
        if left.bit_length() + right.bit_length() > meter.limits.bits:
            raise LimitReached(f"a number of more than {meter.limits.bits} bits")
    elif isinstance(left, str) and isinstance(right, int):
        meter.charge_text(len(left) * max(0, right))
    elif isinstance(right, str) and isinstance(left, int):
        meter.charge_text(len(right) * max(0, left))
    else:
        times = next((n for n in (left, right) if isinstance(n, int)), 1)
        meter.charge(max(0, times) * sum(len(c) for c in (left, right) if isinstance(c, list | tuple)))
        return meter.weigh(left * right)
    return left * right


def power(meter: Meter, left: Any, right: Any) -> Any:
    """`a ** b`, unless the power would be too large."""
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > meter.limits.bits:
        raise LimitReached(f"a number of more than {meter.limits.bits} bits")
    return left**right


def add(meter: Meter, left: Any, right: Any) -> Any:
    """`a + b`, unless the sum would be too large."""
    left, right = plain(left), plain(right)
    if isinstance(left, str) and isinstance(right, str):
        meter.charge_text(len(left) + len(right))
        return left + right
    if isinstance(left, list | tuple):
        meter.weigh(left)
        meter.weigh(right)
    return left + right


def refuse(name: str, value: object) -> SecurityError:
    """The error for an attribute templates may not touch."""
    return SecurityError(f'"{name}" of a {type(value).__name__} is out of bounds')
