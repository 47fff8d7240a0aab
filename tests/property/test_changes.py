"""A part of the campaign of changes: every way to hide one, with a change in turn."""

import shutil

import pytest

from tests.property.changes import CHANGES, WAYS, Campaign

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not there"),
    pytest.mark.slow,
]
TRIED = ("edit cloud-init/gw.yaml", "same size", "add teams/core.yaml", "target of a link")


@pytest.fixture(scope="module")
def campaign(tmp_path_factory):
    return Campaign(tmp_path_factory.mktemp("changes"))


@pytest.mark.parametrize("number", range(len(WAYS)), ids=[way.name for way in WAYS])
def test_no_change_is_hidden(campaign, number):
    change = next(one for one in CHANGES if one.name == TRIED[number % len(TRIED)])
    assert campaign.is_stale(change)
    assert campaign.wrong(change, WAYS[number]) == ""
