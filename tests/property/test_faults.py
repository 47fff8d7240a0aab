"""Faults met in the field, those that end fast; `make faults` tries all."""

import sys
from pathlib import Path

import pytest

from tests.property.faults import cases, tried

LONG = ("template", "SIGTERM", "saved while")
CHOSEN = [case for case in cases() if not case["name"].startswith(LONG)]


@pytest.fixture(scope="module")
def program():
    """The command, as it is installed beside the Python that runs the tests."""
    found = Path(sys.executable).with_name("qatgen")
    if not found.exists():
        pytest.skip("qatgen is not installed beside this Python")
    return str(found)


@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: case["name"])
def test_a_fault_stays_away(case, program):
    assert tried(case, program) == []
