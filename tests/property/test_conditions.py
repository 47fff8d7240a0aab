"""A part of what the system refuses; `python -m tests.property.conditions --full` tries all."""

import pytest

from tests.property.conditions import COMMANDS, conditions, laid_out, wrong

CHOSEN = [condition for condition in conditions() if condition.part]
SOME = ("render", "check", "validate", "report", "generate")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A small project, rendered."""
    folder = tmp_path_factory.mktemp("conditions") / "base"
    folder.mkdir()
    laid_out(folder)
    return folder


@pytest.mark.parametrize("condition", CHOSEN, ids=lambda condition: condition.name)
def test_refusals_are_no_bugs_and_lose_nothing(base, tmp_path, condition):
    for name in SOME:
        assert wrong(base, tmp_path / "project", condition, COMMANDS[name]) == "", name
