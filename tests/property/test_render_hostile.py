"""No value changes the structure or a type of what a template renders."""

from itertools import islice

import pytest

from tests.property.hostile import failures


@pytest.mark.property
def test_hostile_values_arrive_exactly() -> None:
    assert not list(islice(failures(20_000), 3))
