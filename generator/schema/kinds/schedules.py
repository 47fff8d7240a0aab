"""Schedules of CronJobs, read as the API server reads them.

The server parses a schedule with github.com/robfig/cron/v3 (`ParseStandard`), whose words are kept here.
"""

import re
from collections.abc import Iterator, Mapping

from generator.digits import whole
from generator.finding import did_you_mean
from generator.location import FieldPath
from generator.schema.kinds.zones import wrong_location
from generator.schema.violation import INT64, Violation, invalid, show

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NO_NAMES: Mapping[str, int] = {}
_FIELDS: tuple[tuple[str, int, int, Mapping[str, int]], ...] = (
    ("minute", 0, 59, _NO_NAMES),
    ("hour", 0, 23, _NO_NAMES),
    ("day of the month", 1, 31, _NO_NAMES),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    ("day of the week", 0, 6, {name: number for number, name in enumerate(_DAYS)}),
)
_DESCRIPTORS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_EVERY = "@every "
_SPACE = re.compile("[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_NUMBER = re.compile(r"[+-]?[0-9]+")
_DURATION_PART = re.compile(r"([0-9]*)(\.[0-9]*)?([^0-9.]*)")
_MICRO, _SECOND = 1000, 1000**3
_UNITS: Mapping[str, int] = {
    "ns": 1,
    "us": _MICRO,
    "µs": _MICRO,
    "μs": _MICRO,
    "ms": _MICRO**2,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "h": 3600 * _SECOND,
}
"""Nanoseconds of each unit of a duration."""
_MOST_DIGITS = 18
"""Digits of a fraction that Go reads; it drops the rest."""
_FORM = "write five fields: minute, hour, day of the month, month, day of the week"


class _BadScheduleError(Exception):
    """A schedule the server does not read: its words, and what to write."""

    def __init__(self, words: str, hint: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.hint = hint


def check_schedule(schedule: str, path: FieldPath) -> Iterator[Violation]:
    """A schedule that is not empty."""
    try:
        _parse(schedule)
    except _BadScheduleError as error:
        yield invalid(path, schedule, error.words, hint=error.hint)
    if "TZ" in schedule:
        detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        zone = _prefix_zone(schedule)
        hint = f"remove it, and write timeZone: {zone}" if zone else "remove it"
        yield invalid(path, schedule, detail, hint=hint)


def _prefix_zone(schedule: str) -> str:
    found = re.match(r"(?:CRON_)?TZ=(\S+) ", schedule)
    return found[1] if found else ""


def _parse(schedule: str) -> None:
    if schedule.startswith(("TZ=", "CRON_TZ=")):
        end, start = schedule.find(" "), schedule.find("=") + 1
        if end < 0:
            raise _BadScheduleError("invalid schedule format: runtime error: slice bounds out of range [:-1]", _FORM)
        wrong = wrong_location(schedule[start:end])
        if wrong:
            raise _BadScheduleError(f"provided bad location {schedule[start:end]}: {wrong}")
        schedule = _trimmed(schedule[end:])
    if schedule.startswith("@"):
        _descriptor(schedule)
        return
    fields = [field for field in _SPACE.split(schedule) if field]
    if len(fields) != len(_FIELDS):
        hint = "remove the field for seconds" if len(fields) == len(_FIELDS) + 1 else _FORM
        raise _BadScheduleError(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]", hint)
    for field, bounds in zip(fields, _FIELDS, strict=True):
        for expression in field.split(","):
            if expression:
                _range(expression, *bounds)


def _trimmed(text: str) -> str:
    return _SPACE.sub("", text, count=1) if _SPACE.match(text) else text


def _descriptor(text: str) -> None:
    if text in _DESCRIPTORS:
        return
    if text.startswith(_EVERY):
        wrong = _wrong_duration(text[len(_EVERY) :])
        if wrong:
            raise _BadScheduleError(f"failed to parse duration {text}: time: {wrong}", "write a duration such as 1h30m")
        return
    raise _BadScheduleError(f"unrecognized descriptor: {text}", did_you_mean(text, (*_DESCRIPTORS, "@every 1h")))


def _wrong_duration(text: str) -> str:
    """What Go's time.ParseDuration has against a text; empty where it is a duration."""
    shown, rest = show(text), text.removeprefix("-") if text.startswith("-") else text.removeprefix("+")
    if rest == "0":
        return ""
    if not rest:
        return f"invalid duration {shown}"
    total = 0
    while rest:
        part = _DURATION_PART.match(rest)
        if part is None or not (part[1] or len(part[2] or "") > 1):
            return f"invalid duration {shown}"
        if not part[3]:
            return f"missing unit in duration {shown}"
        if part[3] not in _UNITS:
            return f"unknown unit {show(part[3])} in duration {shown}"
        fraction = (part[2] or ".")[1:][:_MOST_DIGITS]
        total += whole(part[1] or "0") * _UNITS[part[3]]
        total += whole(fraction or "0") * _UNITS[part[3]] // 10 ** len(fraction)
        if total > INT64[1] + text.startswith("-"):
            return f"invalid duration {shown}"
        rest = rest[part.end() :]
    return ""


def _range(expression: str, what: str, least: int, most: int, names: Mapping[str, int]) -> None:
    """One range of a field: `*`, a number, `a-b`, each with `/step` or without."""
    hint = f"the {what} goes from {least} to {most}"
    steps = expression.split("/")
    ends = steps[0].split("-")
    if ends[0] in ("*", "?"):
        start, end = least, most
    else:
        start = end = _number(ends[0], names, hint)
        if len(ends) == 2:
            end = _number(ends[1], names, hint)
        elif len(ends) > 2:
            raise _BadScheduleError(f"too many hyphens: {expression}", hint)
    step = 1
    if len(steps) == 2:
        step = _number(steps[1], _NO_NAMES, "write a number after the /")
        end = most if len(ends) == 1 else end
    elif len(steps) > 2:
        raise _BadScheduleError(f"too many slashes: {expression}", hint)
    if start < least:
        raise _BadScheduleError(f"beginning of range ({start}) below minimum ({least}): {expression}", hint)
    if end > most:
        hint = "Sunday is 0" if what == "day of the week" and end == most + 1 else hint
        raise _BadScheduleError(f"end of range ({end}) above maximum ({most}): {expression}", hint)
    if start > end:
        hint = f"write {start}-{most},{least}-{end}"
        raise _BadScheduleError(f"beginning of range ({start}) beyond end of range ({end}): {expression}", hint)
    if step == 0:
        raise _BadScheduleError(f"step of range should be a positive number: {expression}", "write a step of 1 or more")


def _number(text: str, names: Mapping[str, int], hint: str) -> int:
    if text.lower() in names:
        return names[text.lower()]
    head = f"failed to parse int from {text}: strconv.Atoi: parsing {show(text)}"
    if not _NUMBER.fullmatch(text):
        near = did_you_mean(text, names) if names and not text.isdigit() else ""
        raise _BadScheduleError(f"{head}: invalid syntax", near or hint)
    number = whole(text)
    if not INT64[0] <= number <= INT64[1]:
        raise _BadScheduleError(f"{head}: value out of range", hint)
    if number < 0:
        raise _BadScheduleError(f"negative number ({number}) not allowed: {text}", hint)
    return number
