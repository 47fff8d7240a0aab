"""Metadata that the quick look calls sound has no violation, and what has one is never called sound."""

import random
from typing import Any

import pytest

from generator.schema import naming
from generator.schema.objectmeta import MAX_ANNOTATIONS, check_metadata, sound_metadata

NAMES: tuple[Any, ...] = (
    "a", "gw-0", "a.b", "A", "a_b", "-a", "a-", "", "a" * 63, "a" * 64, "a" * 253, "a" * 254, "a\n", "é", None, 1, True, [], {}
)  # fmt: skip
KEYS = ("app", "example.com/app", "Example.com/App", "a/b/c", "", "-a", "a" * 63, "a" * 64, "kubernetes.io/x y", "a\n")
VALUES: tuple[Any, ...] = ("", "x", "X_1.y", "-x", "a b", "a" * 63, "a" * 64, "a\n", None, 1, [], "é", "x" * 70_000)
FIELDS = ("name", "namespace", "labels", "annotations", "generateName", "uid", "finalizers", "nam")
CHECKS = (naming.subdomain, naming.label)
DRAWS = 4000


def drawn(draw):
    def text_map():
        return {draw.choice(KEYS): draw.choice(VALUES) for _ in range(draw.randint(0, 4))}

    makers = {
        "name": lambda: draw.choice(NAMES), "namespace": lambda: draw.choice(NAMES), "generateName": lambda: draw.choice(NAMES),
        "labels": lambda: draw.choice((text_map(), None, [], "x")), "annotations": lambda: draw.choice((text_map(), None, 1)),
        "uid": lambda: "u", "finalizers": lambda: ["a/b"], "nam": lambda: "x",
    }  # fmt: skip
    chosen = draw.sample(FIELDS[:4] if draw.random() < 0.8 else FIELDS, draw.randint(0, 4))
    return {key: makers[key]() for key in chosen}


@pytest.mark.parametrize("check", CHECKS)
def test_the_quick_look_never_overlooks(check):
    draw = random.Random(7)
    sound = 0
    for _ in range(DRAWS):
        meta = drawn(draw)
        named = draw.random() < 0.5
        if sound_metadata(meta, check, named=named):
            sound += 1
            assert list(check_metadata(meta, ("metadata",), check, embedded=not named)) == [], meta
    assert sound > DRAWS / 100


@pytest.mark.parametrize(
    "meta",
    [
        {"name": "gw-0"}, {"name": "gw-0", "namespace": "vpn", "labels": {"app": "x"}, "annotations": {"a.b/c": "d"}},
        {"name": "gw-0", "labels": {}, "annotations": {}}, {"name": "gw-0", "labels": None},
    ],
)  # fmt: skip
def test_ordinary_metadata_needs_no_closer_look(meta):
    assert sound_metadata(meta, naming.subdomain)


def test_annotations_near_the_limit_are_counted_in_bytes():
    at_limit = {"name": "a", "annotations": {"k": "é" * ((MAX_ANNOTATIONS - 1) // 2)}}
    over = {"name": "a", "annotations": {"k": "é" * (MAX_ANNOTATIONS // 2)}}
    assert list(check_metadata(at_limit, (), naming.subdomain)) == []
    assert [violation.path for violation in check_metadata(over, (), naming.subdomain)] == [("annotations",)]
    assert not sound_metadata(over, naming.subdomain)
