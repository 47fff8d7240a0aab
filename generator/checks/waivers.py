"""Waivers: expired ones are errors at their line."""

import calendar
from collections.abc import Callable, Iterator
from datetime import date

from generator.checks import rules
from generator.finding import Finding
from generator.location import FieldPath, Span
from generator.spec.model import Spec


def _day(written: str) -> str:
    """How to write a day that the calendar does not have: YYYY-MM-DD, the form the schema asks for."""
    year, month = int(written[:4]), int(written[5:7])
    if not 1 <= month <= 12:
        return f"a year has the months 01 to 12, not {written[5:7]}: write YYYY-MM-DD"
    if not year:
        return "years begin at 0001: write YYYY-MM-DD"
    last = calendar.monthrange(year, month)[1]
    return f"{calendar.month_name[month]} {year} has the days 01 to {last}: write {written[:8]}{last}, or another day"


def check_waivers(spec: Spec, today: date | None, span: Callable[[FieldPath], Span]) -> Iterator[Finding]:
    """Waivers whose last day is over at `today`; without a day nothing expires (output knows no clock)."""
    for waiver in spec.waivers:
        at = span((*waiver.path, "expires"))
        try:
            last = date.fromisoformat(waiver.expires)
        except ValueError:
            yield Finding(
                rule=rules.NO_DAY,
                message=f'"{waiver.expires}" is not a day of the calendar',
                at=at,
                hint=_day(waiver.expires),
            )
            continue
        if today is not None and last < today:
            message = f"the waiver of {waiver.rule} ended on {waiver.expires}, {(today - last).days} days ago"
            yield Finding(rule=rules.EXPIRED, message=message, at=at, hint="fix what it waives, or agree on a new day")
