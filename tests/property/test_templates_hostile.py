"""No value changes the structure or a type of what the shipped templates render."""

from itertools import islice

import pytest

from tests.property.hostile_templates import cases, failures


@pytest.mark.property
def test_hostile_values_in_every_shipped_template() -> None:
    assert not list(islice(failures(20_000), 3))


@pytest.mark.property
def test_nearly_all_texts_are_tried() -> None:
    tried = {case.entry.template: len(case.free) for case in cases()}
    assert len(tried) >= 15
    assert sum(tried.values()) > 100
