"""What a value of the wrong form was meant to be."""

import re

import pytest

from generator.spec.forms import DAY, DURATION, FLUX_URL, GIT_URL, NAME, PAGE_SIZE, PCI_ID, QUANTITY
from generator.spec.meant import meant


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        (QUANTITY, "8GB", "8Gi or 8G"),
        (QUANTITY, "8gi", "8Gi"),
        (QUANTITY, "8 GiB", "8Gi"),
        (QUANTITY, "512kb", "512Ki or 512k"),
        (QUANTITY, "1.5 gb", "1.5Gi or 1.5G"),
        (QUANTITY, "much", ""),
        (QUANTITY, "8" * 500 + "x", ""),
        (PAGE_SIZE, "1G", "1Gi"),
        (PAGE_SIZE, "2M", "2Mi"),
        (PAGE_SIZE, "1.5G", ""),
        (NAME, "GW_1", "gw-1"),
        (NAME, "-gw-", "gw"),
        (NAME, "a.b", "a-b"),
        (NAME, "8GB", "8gb"),
        (NAME, "_", ""),
        (NAME, "ä", ""),
        (PCI_ID, "0x8086:0x4941", "8086:4941"),
        (PCI_ID, "8086.4941", "8086:4941"),
        (PCI_ID, "8086:494", ""),
        ("^/", "a", ""),
        (GIT_URL, "git.acme.example/edge", "https://git.acme.example/edge"),
        (GIT_URL, "edge", ""),
        (FLUX_URL, "git.acme.example:8443/edge.git", "https://git.acme.example:8443/edge.git"),
        (DURATION, "10 minutes", "10m"),
        (DURATION, "10min", "10m"),
        (DURATION, "500 milliseconds", "500ms"),
        (DURATION, "1 Hour", "1h"),
        (DURATION, "10", ""),
        (DURATION, "1 month", ""),
        (DAY, "01.03.2027", "2027-03-01"),
        (DAY, "2027/3/1", "2027-03-01"),
        (DAY, "20270301", "2027-03-01"),
        (DAY, "03/01/2027", ""),
        (DAY, "next week", ""),
    ],
)
def test_what_was_meant(form: str, value: str, expected: str) -> None:
    assert meant(form, value) == expected
    assert all(re.search(form, one) for one in expected.split(" or ") if expected)
