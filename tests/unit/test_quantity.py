"""Quantities: values, canonical text, sums."""

import pytest

from generator.quantity import BadQuantityError, in_range, parse


@pytest.mark.parametrize(
    ("text", "value", "canonical"),
    [
        ("1Gi", 2**30, "1Gi"),
        ("1024Mi", 2**30, "1Gi"),
        ("0.5Gi", 2**29, "512Mi"),
        ("1.5Gi", 3 * 2**29, "1536Mi"),
        ("100Ki", 102400, "100Ki"),
        ("512Ki", 524288, "512Ki"),
        ("0.5Ki", 512, "512"),
        ("2G", 2 * 10**9, "2G"),
        ("1000m", 1, "1"),
        ("100m", 1, "100m"),
        ("1500m", 2, "1500m"),
        ("0.1", 1, "100m"),
        ("1e3", 1000, "1e3"),
        ("12e6", 12_000_000, "12e6"),
        ("1000", 1000, "1k"),
        (2, 2, "2"),
        (1073741824, 2**30, "1073741824"),
        ("0", 0, "0"),
        ("0Gi", 0, "0"),
        ("-1", -1, "-1"),
        ("0.0000000001", 1, "1n"),
        ("+5M", 5_000_000, "+5M"),
        (".5", 1, "500m"),
        ("5.", 5, "5."),
        ("007", 7, "007"),
        ("2E3", 2000, "2E3"),
        ("3.717e3", 3717, "3.717e3"),
        ("2.1M", 2_100_000, "2100k"),
        ("1.5e3", 1500, "1500"),
        ("7.Mi", 7 * 2**20, "7.Mi"),
        ("16Gi", 2**34, "16Gi"),
        ("2048Ki", 2**21, "2Mi"),
        ("12E", 0, "12E"),
        ("12Ei", 2**63 - 1, "9223372036854775807"),
        ("9223372036854775808", -(2**63), "9223372036854775808"),
        ("0.0001Ki", 1, "102400u"),
        ("100u", 1, "100u"),
    ],
)
def test_values_and_text(text, value, canonical):
    assert parse(text).value() == value
    assert str(parse(text)) == canonical


@pytest.mark.parametrize("text", ["", "x", "1gi", "1 Gi", "Gi", "1.2.3", "1e99999", "--1", "0x10", "1Kib"])
def test_what_is_no_quantity(text):
    with pytest.raises(BadQuantityError):
        parse(text)


def test_text_is_kept_until_something_is_added():
    assert str(parse("007Ki")) == "007Ki"
    assert str(parse("007Ki") + parse("0")) == "7Ki"


@pytest.mark.parametrize(
    ("first", "second", "total"),
    [("1Gi", "1Mi", "1025Mi"), ("2G", "1Gi", "3073741824"), ("0", "1Gi", "1Gi"), ("1Gi", "1", "1073741825")],
)
def test_a_sum_keeps_the_first_form(first, second, total):
    assert str(parse(first) + parse(second)) == total


@pytest.mark.parametrize(
    ("text", "holds"),
    [("8Ei", False), ("7Ei", True), ("4Gi", True), ("1e18", True), ("1e19", False), ("1e1001", False),
     ("1e99999", False), ("1" * 5000, False), ("1e" + "9" * 5000, False), ("", False), ("x", False), (2**63, False)],
)  # fmt: skip
def test_the_range_of_amounts(text, holds):
    assert in_range(text) is holds
