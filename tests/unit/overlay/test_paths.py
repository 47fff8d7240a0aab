"""Dotted paths into plain data: their parts, one value, every place."""

import pytest

from generator.overlay.paths import Matcher, PathError, Untyped, lookup, split_path

DATA = {
    "items": ["a", "b"],
    "named": [{"name": "x", "v": 1}, {"name": "xy", "v": 2}, {"name": "5", "n": 5}],
    "map": {"a.b": "dotted", "nothing": None},
}


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("spec.containers.[name=a.b].image", ["spec", "containers", "[name=a.b]", "image"]),
        ("metadata.annotations.[example.com/a.b]", ["metadata", "annotations", "example.com/a.b"]),
        (r"metadata.annotations.example\.com/a\.b", ["metadata", "annotations", "example.com/a.b"]),
        ("data.[config.json].db.host", ["data", "config.json", "db", "host"]),
        ("spec.[plain].x", ["spec", "[plain]", "x"]),
        (".spec.0.*", ["spec", "0", "*"]),
        ("spec.containers[name=x]", ["spec", "containers[name=x]"]),
    ],
)
def test_parts(path, parts):
    assert split_path(path) == parts


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("items.1", "b"),
        ("items.-", "b"),
        ("items.7", None),
        ("named.[name=x].v", 1),
        ("named.[name=y].v", None),
        ("items.[=b]", "b"),
        ("map.[a.b]", "dotted"),
        ("map.nothing.more", None),
    ],
)
def test_one_value(path, value):
    assert lookup(DATA, split_path(path)) == value


@pytest.mark.parametrize("path", ["items.*", "items.a", "map.0", "items.-1", "items.0.x", "named.[name]"])
def test_a_path_that_does_not_fit(path):
    with pytest.raises(PathError):
        lookup(DATA, split_path(path))


@pytest.mark.parametrize(
    ("path", "places"),
    [
        ("items.*", 2),
        ("named.[name=x].v", 2),  # a regular expression, not anchored
        ("named.[name=^x$].v", 1),
        ("named.*.v", 2),
        ("named.*.q", 0),
        ("map.q", 0),
    ],
)
def test_every_place(path, places):
    assert len(Matcher().slots(DATA, split_path(path))) == places


@pytest.mark.parametrize(
    ("data", "path", "made"),
    [
        ({}, "a.0.x", {"a": [{"x": Untyped()}]}),
        ({}, "a.[n=5].x", {"a": [{"n": 5, "x": Untyped()}]}),
        ({}, "a.[b.c]", {"a": {"b.c": Untyped()}}),
        ({"a": [1]}, "a.1", {"a": [1, Untyped()]}),
        ({"a": [1]}, "a.[=q]", {"a": [1, Untyped("q")]}),
    ],
)
def test_what_is_missing_is_made(data, path, made):
    Matcher(Untyped()).slots(data, split_path(path))
    assert data == made


@pytest.mark.parametrize(
    ("data", "path", "words"),
    [
        ({"a": [1]}, "a.3", "there is no item 3: the list has 1 item"),
        ({"a": [1]}, "a.-", '"-" is not an index of a list'),
        ({}, "a.-", '"-" is not an index'),
        ({}, "a.*", '"*" needs a list, and there is a mapping'),
        ({"a": None}, "a.b", '"b" needs a mapping, and "a" is null'),
        ({"a": []}, "a.[n=a+b].x", "does not match itself"),
        ({"a": {}}, "a.-1", 'the key "-1" would be no text'),
        ({"a": {}}, "a..b", "empty part"),
    ],
)
def test_what_cannot_be_made(data, path, words):
    with pytest.raises(PathError) as error:
        Matcher(Untyped()).slots(data, split_path(path))
    assert words in error.value.message
