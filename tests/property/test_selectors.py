"""A selector that is plain text is compared as text: as its regular expression would, on every text."""

import random

import pytest
import re2

from generator.overlay.resource import Gvk
from generator.overlay.selector import Selector, label_test

PATTERNS = (
    "",
    "gw",
    "gw-0",
    "gw 0",
    "apps/v1",
    "GW",
    "gw.*",
    "gw-[0-9]",
    "gw-0|gw-1",
    "g.",
    "^gw$",
    "(?i)gw",
    "gw$",
    "a|",
    "gw\\-0",
)
TEXTS = ("", "gw", "gw-0", "gw-1", "gw-00", "xgw", "gwx", "GW", "gw 0", "gw\n", "\ngw", "apps/v1", "a", "g.")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_part_of_a_selector_matches_whole_texts(pattern):
    whole = re2.compile(f"^(?:{pattern})$")
    for text in TEXTS:
        expected = not pattern or whole.search(text) is not None
        assert Selector(kind=pattern).selects_kind(Gvk("", "v1", text)) is expected, text
        assert Selector(name=pattern).selects_written(Gvk("", "v1", "Pod"), text, "") is expected, text


def holds(requirements, labels):
    """What the requirements mean, one by one (k8s.io/apimachinery/pkg/labels, Requirement.Matches)."""
    for key, operator, values in requirements:
        there, value = key in labels, labels.get(key)
        answer = {
            "in": there and value in values,
            "notin": not there or value not in values,
            "exists": there,
            "!": not there,
            "=": there and value == values[0],
            "!=": not there or value != values[0],
        }[operator]
        if not answer:
            return False
    return True


def written(requirement):
    key, operator, values = requirement
    return {
        "in": f"{key} in ({', '.join(values)})", "notin": f"{key} notin ({','.join(values)})", "exists": key, "!": f"!{key}",
        "=": f"{key}={values[0]}", "!=": f"{key} != {values[0]}",
    }[operator]  # fmt: skip


def test_label_selectors_mean_what_their_requirements_mean():
    draw = random.Random(11)
    answers = set()
    for _ in range(3000):
        requirements = [
            (
                draw.choice("abc"),
                draw.choice(("in", "notin", "exists", "!", "=", "!=")),
                draw.sample("xyz", draw.randint(1, 2)),
            )
            for _ in range(draw.randint(1, 3))
        ]
        labels = {key: draw.choice("xyz") for key in "abc" if draw.random() < 0.6}
        text = ", ".join(map(written, requirements))
        assert label_test(text)(labels) is holds(requirements, labels), (text, labels)
        answers.add(holds(requirements, labels))
    assert answers == {True, False}
