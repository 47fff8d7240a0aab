"""A part of the bombs, each in a process of its own; `python -m tests.property.bombs --full` tries all."""

import pytest

from tests.property.bomb import SECONDS, attempt
from tests.property.bombs import bombs

CHOSEN = [bomb for index, bomb in enumerate(bombs()) if not bomb.slow and index % 12 == 0 and bomb.seconds == SECONDS]


def test_there_are_many():
    names = [bomb.name for bomb in bombs()]
    assert len(names) == len(set(names)) > 100


@pytest.mark.parametrize("bomb", CHOSEN, ids=lambda bomb: bomb.name)
def test_a_bomb_ends(tmp_path, bomb):
    assert attempt(bomb, tmp_path).wrong == ""
