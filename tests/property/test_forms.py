"""A share of tests.property.forms: no wrong form of any field ends in exit code 3."""

import pytest

from generator.cli.exits import Exit
from tests.property.forms import Case, cases, drawn, outcome

_SHARES = {"spec": 60, "fields": 60, "overlay": 40, "manifests": 60, "build": 80, "migrate": 40, "preview": 20,
           "schemas": 20, "diff": 15, "index": 10, "yaml": 60, "bytes": 40}  # fmt: skip


@pytest.fixture(scope="module")
def by_part():
    found: dict[str, list[Case]] = {part: [] for part in _SHARES}
    for case in cases():
        found[case[0]].append(case)
    return found


@pytest.mark.parametrize("part", _SHARES)
def test_no_input_is_a_bug(part, by_part):
    told = [(case[1], case[3], outcome(case)) for case in drawn(by_part[part], _SHARES[part])]
    assert [one for one in told if one[2][0] == Exit.BUG] == []
