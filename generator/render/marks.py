"""Marks that stand for values in rendered text, and the text that carries them."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from jinja2.runtime import Undefined

from generator.render.limits import Meter

OPEN = "\xad"
CLOSE = "\xad"
LINE_OPEN = "\ue000"
LINE_CLOSE = "\ue001"
RESERVED = re.compile(f"[{OPEN}{CLOSE}{LINE_OPEN}{LINE_CLOSE}]")
MARK = re.compile(f"{OPEN}([0-9]+){CLOSE}")
LINE = re.compile(f"{LINE_OPEN}([0-9]+){LINE_CLOSE}")


class NotTextError(TypeError):
    """A value that is no text was used as text; `value` is the value."""

    def __init__(self, value: object) -> None:
        self.value = value
        super().__init__(f"{describe(value)} stands inside a text")


def describe(value: object) -> str:
    """Name a value for a message: its kind and, shortened, itself."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds = {dict: "a mapping", list: "a list", tuple: "a list", float: "the number", int: "the number"}
    kind = kinds.get(type(value))
    if kind is None:
        kind = "the text" if isinstance(value, str) else f"a {type(value).__name__}"
    if not isinstance(value, str | int | float):
        return kind
    shown = repr(str(value)) if isinstance(value, str) else str(value)
    return f"{kind} {shown if len(shown) <= 60 else shown[:57] + '...'}"


def text_of(value: Any) -> str:
    """The text a value stands for inside a longer text; raises NotTextError for what has no one such text.

    Whole numbers in decimal; other numbers in their shortest exact form, whole ones without a fraction, as the
    API server writes them.
    """
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind is int:
        return str(value)
    if isinstance(value, str | Fragment):
        return str(value)
    if isinstance(value, bool):
        raise NotTextError(value)
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - the test for NaN
            raise NotTextError(value)
        whole = value.is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else float.__repr__(value)
    raise NotTextError(value)


def defined(value: Any) -> Any:
    """The value; raises UndefinedError for an undefined one."""
    if isinstance(value, Undefined):
        value._fail_with_undefined_error()  # noqa: SLF001 - the engine's own way to raise
    return value


class Fragment:
    """The output of a macro, a call block or a block set: text with marks in it.

    Printed, it goes into the document as it is, marks and all. Used in any other way (joined, compared, filtered)
    it is the plain text that it would read as.
    """

    __slots__ = ("raw", "values")

    def __init__(self, raw: str, values: list[Any]) -> None:
        self.raw = raw
        self.values = values

    def __str__(self) -> str:
        values = self.values
        plain = LINE.sub("", self.raw) if LINE_OPEN in self.raw else self.raw
        return MARK.sub(lambda mark: text_of(values[int(mark[1])]), plain) if OPEN in plain else plain

    def __eq__(self, other: object) -> bool:
        return str(self) == (str(other) if isinstance(other, Fragment) else other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __bool__(self) -> bool:
        return bool(LINE.sub("", self.raw))

    def __len__(self) -> int:
        return len(str(self))

    def __iter__(self) -> Iterator[str]:
        return iter(str(self))

    def __contains__(self, item: object) -> bool:
        return str(item) in str(self)

    def __getitem__(self, index: Any) -> str:
        return str(self)[index]

    def __lt__(self, other: object) -> bool:
        return str(self) < str(other)

    def __gt__(self, other: object) -> bool:
        return str(self) > str(other)

    def __le__(self, other: object) -> bool:
        return str(self) <= str(other)

    def __ge__(self, other: object) -> bool:
        return str(self) >= str(other)

    def __int__(self) -> int:
        return int(str(self))

    def __float__(self) -> float:
        return float(str(self))

    def layout(self, change: Callable[[str], str]) -> "Fragment":
        """The same fragment, laid out anew; `change` moves white space and touches nothing else."""
        return Fragment(change(self.raw), self.values)


_MARKS = tuple(f"{OPEN}{n}{CLOSE}" for n in range(4096))


def mark(number: int) -> str:
    """The mark of a value's number."""
    return _MARKS[number] if number < len(_MARKS) else f"{OPEN}{number}{CLOSE}"


def make_hole(values: list[Any], meter: Meter) -> Callable[[Any], str]:
    """What `{{ … }}` calls: keeps the value in `values` and answers with its mark; fragments pass untouched."""
    marks, known, append = _MARKS, len(_MARKS), values.append

    def hole(value: Any) -> str:
        if type(value) is Fragment:
            meter.charge_text(len(value.raw))
            return value.raw
        number = len(values)
        append(value)
        if number < known:
            return marks[number]
        meter.charge(8)  # a mark that has to be made, and kept
        return f"{OPEN}{number}{CLOSE}"

    return hole
