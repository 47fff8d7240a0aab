"""Formatting by `%` and by braces: exact text of values, and no result larger than allowed."""

import re
from typing import Any

from jinja2.exceptions import FilterArgumentError
from jinja2.sandbox import SandboxedEnvironment, SandboxedFormatter

from generator.render.limits import LimitReached, Meter
from generator.render.marks import Fragment, defined, text_of

_NUMBER = re.compile(r"[0-9]+")
_WIDTH_FROM_VALUE = re.compile(r"%[^a-zA-Z%]*\*")
_NESTED_FIELD = re.compile(r"\{[^{}]*\{")
_PYTHON_REPR = re.compile(r"%[-+ #0-9.]*[ra]|![ra]")


def percent(meter: Meter, form: str, args: Any) -> str:
    """`form % args`. Raises LimitReached for widths no name or number needs, NotTextError for what is no text."""
    if _WIDTH_FROM_VALUE.search(form):
        raise LimitReached(f"a width taken from a value in the format {form[:60]!r}")
    if isinstance(args, dict):
        values: Any = {key: _printable(value) for key, value in args.items()}
        longest = max((len(str(value)) for value in values.values()), default=0)
    else:
        parts = args if isinstance(args, tuple | list) else [args]
        values = tuple(_printable(value) for value in parts)
        longest = max((len(str(value)) for value in values), default=0)
    _check(meter, form, longest * form.count("%"))
    return str(form % values)


def braces(environment: SandboxedEnvironment, meter: Meter, form: str, args: Any, named: dict[str, Any]) -> str:
    """`form.format(*args, **named)`. Raises as `percent` does."""
    if _NESTED_FIELD.search(form):
        raise LimitReached(f"a width taken from a value in the format {form[:60]!r}")
    values = [_argument(value) for value in args]
    names = {key: _argument(value) for key, value in named.items()}
    longest = max((_length(value) for value in (*values, *names.values())), default=0)
    _check(meter, form, longest * form.count("{"))
    return str(_Formatter(environment).vformat(form, values, names))


class _Formatter(SandboxedFormatter):
    """Fields are text or numbers, and a number without a format is written as everywhere else."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        if isinstance(value, Fragment | float) and not format_spec:
            return text_of(value)
        return super().format_field(_printable(value), format_spec)


def _check(meter: Meter, form: str, length: int) -> None:
    if _PYTHON_REPR.search(form):
        raise FilterArgumentError(f"the format {form[:60]!r} writes Python, use %s or tojson")
    digits = sum(int(number[:9]) for number in _NUMBER.findall(form))
    meter.charge(1)
    meter.charge_text(len(form) + digits + length)


def _printable(value: Any) -> Any:
    """A number, for which the format may say how it is written, or text."""
    defined(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        text_of(value)
        return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value
    return text_of(value)


def _argument(value: Any) -> Any:
    """Collections may be reached into by a field; what is printed is checked when it is."""
    return value if isinstance(value, dict | list) else _printable(value)


def _length(value: Any) -> int:
    if isinstance(value, dict):
        return max(map(_length, value.values()), default=0)
    return max(map(_length, value), default=0) if isinstance(value, list) else len(str(value))
