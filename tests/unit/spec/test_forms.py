"""The words for the patterns of the spec."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from generator.spec.forms import FORMS
from generator.spec.schema import spec_schema
from tests.support.workspace import SMALL, qatgen, write

IMAGES = {
    "quay.io/containerdisks/fedora:43": True,
    "localhost:5000/gateway": True,
    "registry.example.com/team/gw-{index}:{index}": True,
    "fedora@sha256:" + "0" * 64: True,
    "docker://quay.io/fedora": False,
    "quay.io/Fedora:43": False,
    "quay.io/fedora 43": False,
    "quay.io/fedora:": False,
}


def patterns(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        for child in node.values():
            yield from patterns(child)
    elif isinstance(node, list):
        for child in node:
            yield from patterns(child)


def test_every_pattern_of_the_schema_has_words_and_every_word_a_pattern():
    assert set(patterns(spec_schema())) == set(FORMS)


@pytest.mark.parametrize("image", IMAGES)
def test_images(image):
    found = [pattern for pattern, words in FORMS.items() if words.startswith("an image")]
    assert bool(re.search(found[0], image)) is IMAGES[image]


def test_a_malformed_value_is_told_with_what_is_allowed(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL.replace("guest: 2Gi", "guest: 2GB")})
    run = qatgen(tmp_path, "render")
    assert run.code == 1
    assert '"2GB", not a quantity: a number, and after it nothing, Ki Mi Gi' in run.err
