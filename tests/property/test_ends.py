"""A part of the ends of a render with workers; `python -m tests.property.ends --kills 200` tries more."""

import pytest

from tests.property.ends import run


@pytest.mark.slow
def test_a_render_that_is_ended_leaves_nothing():
    passed, failures = run(4)
    assert list(failures) == []
    assert passed == 4
