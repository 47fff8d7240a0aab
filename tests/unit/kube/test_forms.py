"""The forms of amounts that the spec's language accepts are amounts to Kubernetes too."""

import random
import re

import pytest

from generator.kube.reading import is_quantity, parse
from generator.spec.forms import FORMS
from tests.support.quantities.record import EDGES, ODD, questions

PATTERNS = [pattern for pattern, words in FORMS.items() if "quantity" in words or "page size" in words]
TEXTS = [*EDGES.split(), *ODD, *questions(23)[0], *(f"{n}{unit}" for n in (1, 2, 64) for unit in ("Ki", "Mi", "Gi"))]


def test_there_are_two_such_forms():
    assert len(PATTERNS) == 2


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_the_form_accepts_is_a_quantity(pattern):
    accepted = [text for text in TEXTS if re.search(pattern, text) and "\n" not in text]
    assert len(accepted) > 5
    for text in random.Random(1).sample(accepted, len(accepted)):
        assert is_quantity(text) or re.search(r"[eE][+-]?[0-9]{19,}$", text), text
        assert not is_quantity(text) or parse(text).exact >= 0
