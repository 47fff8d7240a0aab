"""Moments and stretches of time: parsed, written and taken apart as Go does."""

import datetime as dt
import re
import zoneinfo
from collections.abc import Callable
from typing import Any

from generator.cel.arithmetic import INT_MAX, INT_MIN, checked_time
from generator.cel.failure import EvalError
from generator.cel.text import go_quote
from generator.cel.values import Duration, Timestamp

_SECOND = 10**9
_DIGITS = 30
"""More digits than any duration has."""
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_RFC3339 = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)T(?P<time>\d{1,2}:\d\d:\d\d)(?:[.,](?P<fraction>\d+))?(?P<zone>Z|[+-]\d\d:\d\d)",
    re.ASCII,
)
_UNITS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "h": 3600 * _SECOND,
}
_PART = re.compile(r"(?P<whole>[0-9]*)(?:\.(?P<fraction>[0-9]*))?(?P<unit>ns|us|µs|μs|ms|s|m|h)")


def parse_timestamp(text: str) -> Timestamp:
    """A moment from RFC 3339; raises EvalError."""
    failed = EvalError("type conversion error from 'string' to 'google.protobuf.Timestamp'")
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise failed
    hours, minutes, seconds = found["time"].split(":")
    try:
        day = dt.date.fromisoformat(found["date"])
        moment = dt.time(int(hours), int(minutes), int(seconds))
    except ValueError:
        if found["date"].startswith("0000-"):
            raise EvalError("timestamp overflow") from None
        raise failed from None
    zone = found["zone"]
    offset = 0
    if zone != "Z":
        if int(zone[1:3]) > 24 or int(zone[4:6]) > 60:
            raise failed
        offset = (int(zone[1:3]) * 60 + int(zone[4:6])) * 60 * (-1 if zone[0] == "-" else 1)
    days = day.toordinal() - dt.date(1970, 1, 1).toordinal()
    whole = days * 86400 + moment.hour * 3600 + moment.minute * 60 + moment.second - offset
    fraction = int(((found["fraction"] or "") + "0" * 9)[:9])
    return checked_time(whole * _SECOND + fraction, offset)


def format_timestamp(moment: Timestamp) -> str:
    """RFC 3339 with as many digits of the fraction as there are."""
    seconds, nanos = divmod(moment.nanos, _SECOND)
    local = _EPOCH.replace(tzinfo=None) + dt.timedelta(seconds=seconds + moment.offset)
    fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
    zone = "Z"
    if moment.offset:
        minutes = abs(moment.offset) // 60
        zone = f"{'-' if moment.offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{local.year:04d}-{local:%m-%dT%H:%M:%S}{fraction}{zone}"


def parse_duration(text: str) -> Duration:
    """A stretch of time from Go's form (`1h30m`, `-1.5s`); raises EvalError."""
    failed = EvalError("type conversion error from 'string' to 'google.protobuf.Duration'")
    body = text[1:] if text[:1] in ("+", "-") else text
    if body == "0":
        return Duration(0)
    if not body:
        raise failed
    total, position = 0, 0
    while position < len(body):
        found = _PART.match(body, position)
        if found is None or not (found["whole"] or found["fraction"]):
            raise failed
        unit = _UNITS[found["unit"]]
        fraction = found["fraction"] or ""
        if len(found["whole"].lstrip("0")) > _DIGITS:
            raise failed
        fraction = fraction[:_DIGITS]
        total += int(found["whole"].lstrip("0") or "0") * unit
        total += int(fraction) * unit // 10 ** len(fraction) if fraction else 0
        position = found.end()
    total = -total if text.startswith("-") else total
    if not INT_MIN <= total <= INT_MAX:
        raise failed
    return Duration(total)


def format_duration(duration: Duration) -> str:
    """Seconds with a fraction and an `s`."""
    whole, rest = divmod(abs(duration.nanos), _SECOND)
    seconds = whole + rest / 1e9
    sign = "-" if duration.nanos < 0 else ""
    text = f"{seconds:.9f}".rstrip("0").rstrip(".") if rest else str(whole)
    return f"{sign}{text}s"


def _zone(name: str) -> Callable[[int], int]:
    """The seconds east of UTC at a moment given in seconds."""
    head, colon, tail = name.partition(":")
    if not colon:
        if name in ("", "UTC"):
            return lambda _: 0
        try:
            zone = zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            raise EvalError(f"unknown time zone {name}") from None

        def east(seconds: int) -> int:
            moment = (_EPOCH + dt.timedelta(seconds=seconds)).astimezone(zone)
            found = moment.utcoffset()
            return int(found.total_seconds()) if found else 0

        return east
    numbers = []
    for part in (head, tail):
        if not re.fullmatch(r"[+-]?[0-9]{1,9}", part):
            raise EvalError(f"strconv.Atoi: parsing {go_quote(part)}: invalid syntax")
        numbers.append(int(part))
    minutes = numbers[0] * 60 - numbers[1] if name[0] == "-" else numbers[0] * 60 + numbers[1]
    return lambda _: minutes * 60


def _local(moment: Timestamp, zone: str) -> dt.datetime:
    seconds = moment.nanos // _SECOND
    return _EPOCH + dt.timedelta(seconds=seconds + _zone(zone)(seconds))


_PARTS: dict[str, Callable[[dt.datetime], int]] = {
    "year": lambda d: d.year,
    "month": lambda d: d.month - 1,
    "day_of_year": lambda d: d.timetuple().tm_yday - 1,
    "day_of_month": lambda d: d.day - 1,
    "day_of_month_1_based": lambda d: d.day,
    "day_of_week": lambda d: d.isoweekday() % 7,
    "hours": lambda d: d.hour,
    "minutes": lambda d: d.minute,
    "seconds": lambda d: d.second,
}


def _reader(part: Callable[[dt.datetime], int]) -> Callable[..., int]:
    return lambda moment, zone="": part(_local(moment, zone))


def _milliseconds(moment: Timestamp, zone: str = "") -> int:
    _zone(zone)
    return moment.nanos % _SECOND // 10**6


def _toward_zero(nanos: int, unit: int) -> int:
    return nanos // unit if nanos >= 0 else -(-nanos // unit)


FUNCTIONS: dict[str, Any] = {
    "duration_to_hours": lambda d: _toward_zero(d.nanos, 3600 * _SECOND),
    "duration_to_minutes": lambda d: _toward_zero(d.nanos, 60 * _SECOND),
    "duration_to_seconds": lambda d: _toward_zero(d.nanos, _SECOND),
    "duration_to_milliseconds": lambda d: _toward_zero(d.nanos, 10**6),
    "timestamp_to_milliseconds": _milliseconds,
    "timestamp_to_milliseconds_with_tz": _milliseconds,
    "timestamp_to_seconds_tz": _reader(_PARTS["seconds"]),
}
for _name, _part in _PARTS.items():
    FUNCTIONS[f"timestamp_to_{_name}"] = _reader(_part)
    FUNCTIONS[f"timestamp_to_{_name}_with_tz"] = _reader(_part)
