"""Waivers: expired ones are errors at their line."""

from collections.abc import Callable, Iterator
from datetime import date

from generator.checks import rules
from generator.finding import Finding
from generator.location import FieldPath, Span
from generator.spec.model import Spec


def check_waivers(spec: Spec, today: date | None, span: Callable[[FieldPath], Span]) -> Iterator[Finding]:
    """Waivers whose last day is over at `today`; without a day nothing expires (output knows no clock)."""
    for waiver in spec.waivers:
        at = span((*waiver.path, "expires"))
        try:
            last = date.fromisoformat(waiver.expires)
        except ValueError:
            message = f'"{waiver.expires}" is no day of the calendar'
            yield Finding(rule=rules.NO_DAY, message=message, at=at, hint="write YYYY-MM-DD")
            continue
        if today is not None and last < today:
            message = f"the waiver of {waiver.rule} ended on {waiver.expires}, {(today - last).days} days ago"
            yield Finding(rule=rules.EXPIRED, message=message, at=at, hint="fix what it waives, or agree on a new day")
