"""Values in one line are YAML that reads back as the same value, in quotes only where they must be."""

import pytest

from generator.source import read_documents
from generator.spec.flow import flow

VALUES = {
    "1.36": '"1.36"',
    "v1.9.0": "v1.9.0",
    "4xxx": "4xxx",
    "8Gi": "8Gi",
    "0x1F": '"0x1F"',
    "1e3": '"1e3"',
    "12e03": '"12e03"',
    "yes": '"yes"',
    "null": '"null"',
    "": '""',
    "a b": '"a b"',
    "8086:4941": '"8086:4941"',
    "2027-03-31": '"2027-03-31"',
    "intel_iommu=on": "intel_iommu=on",
    "https://git.example.com/a.git": "https://git.example.com/a.git",
    "{index}": '"{index}"',
    "a: b": '"a: b"',
    "a #b": '"a #b"',
    "*x": '"*x"',
    "-": '"-"',
    ".inf": '".inf"',
    "é": '"é"',
}


@pytest.mark.parametrize("value", VALUES)
def test_text_has_quotes_where_it_needs_them(value):
    assert flow(value) == VALUES[value]


@pytest.mark.parametrize(
    "value",
    [
        *VALUES,
        1,
        0,
        -2,
        True,
        False,
        None,
        [],
        {},
        ["a", 1],
        {"a.b/c": {"x": ["1", 1, "on"]}},
        [{"name": "sym", "n": 2}],
    ],
)
def test_it_reads_back(value):
    [document] = read_documents(f"it: {flow(value)}\n", "f.yaml")
    assert document.data == {"it": value}
