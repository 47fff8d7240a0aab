"""A part of the campaign of links and odd files; `python -m tests.property.doors --full` tries everything."""

import pytest

from tests.property.doors import PLACES, cases, part, prepared, problem

PART = part(31)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("doors"))


@pytest.mark.parametrize("case", PART, ids=lambda case: case.name)
def test_a_part_of_the_campaign(case, source):
    assert problem(case, source) == ""


def test_the_campaign_is_about_everything():
    every = list(cases())
    assert len(every) > 1000
    assert {case.place for case in every} == set(PLACES)
    assert len({case.command[0] for case in every}) == 7
