"""The JSON form, and the schema that says what is in it."""

import json

import jsonschema
import pytest

from generator.overview import render_json
from tests.support.overview_schema import overview_schema
from tests.support.workspace import REPOSITORY
from tests.unit.overview.conftest import overview_of

FILE = REPOSITORY / "generator" / "schemas" / "overview.v1.json"


def test_the_schema_is_that_of_the_dataclasses():
    assert json.loads(FILE.read_text(encoding="utf-8")) == overview_schema(), "run `make golden`"


@pytest.mark.parametrize("text", ["plain", "</script>\u202e\x00\ud800"])
def test_values_are_exact_and_the_text_is_ascii(text):
    written = render_json(overview_of(text))
    assert written.isascii()
    data = json.loads(written)
    assert data["platform"] == data["environments"][0]["pools"][0]["name"] == text
    jsonschema.validate(data, overview_schema())
