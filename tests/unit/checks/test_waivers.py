"""Waivers and their last day."""

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from generator.checks.waivers import check_waivers
from generator.location import Span
from generator.spec.model import Spec, Waiver


def found(expires: str, today: date | None) -> list[tuple[str, str]]:
    waiver = Waiver(rule="QATP-044", match={}, reason="soon", expires=expires, path=("spec", "waivers", 0))
    spec = cast(Spec, cast(Any, SimpleNamespace(waivers=(waiver,))))
    at = ("spec", "waivers", 0, "expires")
    findings = list(check_waivers(spec, today, lambda path: Span("here" if path == at else "elsewhere")))
    assert all(one.at.file == "here" for one in findings)
    return [(one.rule.code, one.message) for one in findings]


@pytest.mark.parametrize(
    ("expires", "today", "messages"),
    [
        ("2026-03-31", date(2026, 3, 30), []),
        ("2026-03-31", date(2026, 3, 31), []),
        ("2026-03-31", date(2026, 4, 1), [("WVR001", "the waiver of QATP-044 ended on 2026-03-31, 1 days ago")]),
        ("2026-03-31", None, []),
        ("2026-02-30", None, [("WVR002", '"2026-02-30" is not a day of the calendar')]),
    ],
)
def test_the_last_day_counts(expires, today, messages):
    assert found(expires, today) == messages
