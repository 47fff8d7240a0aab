"""A step that is done whole or not at all."""

import pytest

from generator.bounds.undo import undone_by


@pytest.mark.parametrize("end", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_whatever_ends_the_block_it_is_undone_once_and_goes_on(end):
    undone = []
    with pytest.raises(end, match="first"), undone_by(lambda: undone.append("back")):
        raise end("first")
    assert undone == ["back"]


def test_what_is_whole_is_not_undone():
    undone = []

    def step():
        with undone_by(lambda: undone.append("back")):
            return "whole"

    with undone_by(lambda: undone.append("back")):
        assert step() == "whole"
    assert undone == []


def test_what_undoing_raises_has_the_first_as_its_context():
    def back():
        raise OSError("second")

    with pytest.raises(OSError, match="second") as caught, undone_by(back):
        raise ValueError("first")
    assert isinstance(caught.value.__context__, ValueError)
