"""Days as options give them."""

from datetime import date

import click


def parse_day(value: str | None) -> date | None:
    """A day: YYYY-MM-DD, or `now`. Raises click.BadParameter."""
    if value is None:
        return None
    if value == "now":
        return date.today()  # noqa: DTZ011 - asked for by name: the day where the person is
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f'"{value}" is no day: write YYYY-MM-DD, or now') from None
