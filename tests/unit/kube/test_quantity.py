"""Quantities against apimachinery's recorded answers: what is read, what it amounts to, how it is written."""

import json
import time
from pathlib import Path

import pytest

from generator.kube.quantity import Form, Quantity, QuantityError
from generator.kube.reading import exact_amount, in_range, is_quantity, parse, read_json, stored_text

ROWS = json.loads((Path(__file__).parents[2] / "data" / "quantities.json").read_text())
TEXTS = [row[1:] for row in ROWS if row[0] == "text"]
PAIRS = [row[1:] for row in ROWS if row[0] == "pair"]
FORMS = {"DecimalSI": Form.DECIMAL, "BinarySI": Form.BINARY, "DecimalExponent": Form.EXPONENT}


def read(text: str) -> str | None:
    try:
        return read_json(text).text
    except QuantityError:
        return None


def test_there_are_answers_of_every_kind():
    assert sum(len(row) == 3 for row in TEXTS) > 200
    assert sum(len(row) > 3 for row in TEXTS) > 800
    assert len(PAIRS) > 500


@pytest.mark.parametrize("row", [row for row in TEXTS if len(row) == 3], ids=lambda row: repr(row[0])[:30])
def test_what_is_refused(row):
    text, error, out_of_json = row
    with pytest.raises(QuantityError) as caught:
        parse(text)
    assert (str(caught.value), read(text)) == (error, out_of_json)
    assert is_quantity(text) is (out_of_json is not None)


@pytest.mark.parametrize("row", [row for row in TEXTS if len(row) > 3], ids=lambda row: repr(row[0])[:30])
def test_what_is_read(row):
    text, shown, form, value, milli, kilo, whole, double, rounded, out_of_json = row
    found = parse(text)
    assert (found.text, found.form, read(text)) == (shown, FORMS[form], out_of_json)
    assert (found.value, found.milli, found.scaled(3)) == (int(value), int(milli), int(kilo))
    assert found.integer() == (None if whole is None else int(whole))
    assert repr(found.approximate()) == repr(float(double.replace("Inf", "inf")))
    assert found.rounded_up(-3).text == rounded


@pytest.mark.parametrize("row", PAIRS, ids=lambda row: f"{row[0]} {row[1]}"[:40])
def test_sums_differences_and_order(row):
    first, second = parse(row[0]), parse(row[1])
    assert [(first + second).text, (first - second).text] == row[2:4]
    assert (first > second) - (first < second) == row[4]
    assert (first == second) is (row[4] == 0)
    assert first != second or hash(first) == hash(second)


def test_text_is_kept_until_something_is_added():
    assert str(parse("007Ki")) == "007Ki"
    assert str(parse("007Ki") + parse("0")) == "7Ki"


@pytest.mark.parametrize(
    ("value", "amount"),
    [(2, "2"), (1073741824, "1073741824"), (1.5, "1500m"), (1e22, "10e21"), (0.1, "100m"), (True, None), (None, None),
     ([], None), ({}, None), ("", None), (" ", None), (1e-7, "100e-9")],
)  # fmt: skip
def test_values_of_json(value, amount):
    assert is_quantity(value) is (amount is not None)
    assert exact_amount(value) == (None if amount is None else parse(amount).exact)
    if amount is not None:
        assert read_json(value).text == amount


@pytest.mark.parametrize(
    ("text", "kept"), [("1Gi", "1Gi"), ("1024Mi", "1Gi"), ("0.1m", "1m"), ("1.5", "1500m"), ("1n", "1m"), (2, "2")]
)
def test_amounts_of_a_resource_list_are_stored_in_thousandths(text, kept):
    assert stored_text(text) == kept


@pytest.mark.parametrize(
    ("text", "holds"),
    [("8Ei", False), ("7Ei", True), ("4Gi", True), ("1e18", True), ("1e19", False), ("1e1001", False), ("-8Ei", False),
     ("1e99999", False), ("1" * 5000, False), ("1e" + "9" * 5000, False), ("", False), ("x", False), (2**63, False),
     ("9223372036854775806", True), ("9223372036854775807", False), ("1e2147483646", False), ("1e-2147483646", True)],
)  # fmt: skip
def test_the_range_of_amounts(text, holds):
    assert in_range(text) is holds


def test_exponents_that_a_server_would_reckon_with_for_hours():
    tiny, huge = parse("1e-2147483646"), parse("1234567890123456789e2147483646")
    assert (tiny.text, tiny.value, huge.value) == ("1e-9", 1, 0)
    assert huge.text == "1234567890123456789e2147483646"
    assert tiny < parse("1") < huge
    for sum_of in (lambda: huge + tiny, lambda: tiny - huge):
        with pytest.raises(QuantityError, match="too far apart"):
            sum_of()


@pytest.mark.parametrize("text", ["1" * 10**6, "0" * 10**6 + "x", "1" * 10**6 + "x", "0." + "0" * 10**6, "e" * 10**6])
def test_long_texts_take_time_that_grows_with_their_length(text):
    began = time.process_time()
    try:
        found = parse(text)
    except QuantityError:
        found = Quantity.of(0)
    assert found.text
    assert time.process_time() - began < 5


def test_what_is_remembered_is_what_is_read_anew():
    from generator.kube.reading import _parse

    for text in (row[0] for row in TEXTS if len(row) > 3):
        parse(text)
        fresh, again = _parse(text), parse(text)
        assert [getattr(fresh, name) for name in Quantity.__slots__] == [
            getattr(again, name) for name in Quantity.__slots__
        ]
