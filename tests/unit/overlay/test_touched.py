"""Which step of an overlay is told of something that is gone."""

import pytest

from generator.location import Span
from generator.overlay.touched import Field, Touch, path_before
from generator.source import Dialect, read_documents

VOLUMES = ("spec", "template", "spec", "volumes")


def touch(text):
    [document] = read_documents(text.encode(), "patch.yaml", Dialect.KUBERNETES)
    return Touch(document.span(), document)


@pytest.mark.parametrize(
    ("patch", "path", "reaches"),
    [
        ("- {op: remove, path: /spec/template/spec/volumes/0}", VOLUMES, True),
        ("- {op: remove, path: /spec/template/spec/volumes}", VOLUMES[:3], True),
        ("- {op: remove, path: /spec/template}", VOLUMES, True),
        ("- {op: move, from: /spec/template/spec/volumes/0, path: /spec/other}", VOLUMES, True),
        ("- {op: remove, path: /spec/running}", VOLUMES, False),
        ("spec: {template: {spec: {volumes: [{$patch: delete, name: root}]}}}", VOLUMES, True),
        ("spec: {template: {spec: {volumes: null}}}", VOLUMES[:3], True),
        ("spec: {running: true}", VOLUMES, False),
        ("spec: {template: {spec: {containers: [{name: a, env: [{name: b, $patch: delete}]}]}}}",
         ("spec", "template", "spec", "containers", 0, "env"), True),
    ],
)  # fmt: skip
def test_patches_that_say_something_of_a_place(patch, path, reaches):
    assert touch(patch).reaches(path) is reaches


def test_an_entry_that_is_no_patch_takes_nothing_away():
    assert not Touch(Span("kustomization.yaml", 4, 1), below="labels", value="a").reaches(("metadata", "labels"))


def at(patch, path, after, before=None):
    """Where a patch wrote a field: line and column, or nothing."""
    kept = len(path_before({} if before is None else before, after, path))
    found = touch(patch).place(Field(after, path, kept))
    return (found.line, found.column) if found else None


def items(*names):
    return [{"name": name} for name in names]


@pytest.mark.parametrize(
    ("patch", "path", "before", "after", "place"),
    [
        # a value is the patch's; a mapping that was there before is not
        ("a: {b: 1}", ("a", "b"), {"a": {"b": 0, "c": 2}}, {"a": {"b": 1, "c": 2}}, (1, 8)),
        ("a: {b: 1}", ("a",), {"a": {"b": 0, "c": 2}}, {"a": {"b": 1, "c": 2}}, None),
        ("a: {b: 1}", ("a", "c"), {"a": {"b": 0, "c": 2}}, {"a": {"b": 1, "c": 2}}, None),
        ("a: {b: 1}", ("a",), {}, {"a": {"b": 1}}, (1, 4)),
        ("a: {$patch: replace, b: 1}", ("a",), {"a": {"c": 2}}, {"a": {"b": 1}}, (1, 4)),
        # what is missing in a part that the patch brought is missing in the patch
        ("l: [{name: b}]", ("l", 1, "size"), {"l": items("a")}, {"l": items("a", "b")}, (1, 5)),
        ("l: [{name: a, x: 1}]", ("l", 0, "size"), {"l": items("a")}, {"l": [{"name": "a", "x": 1}]}, None),
        # operations: a whole part, an item that moved, one that was appended, what was removed
        ("- {op: add, path: /a, value: {b: 1}}", ("a", "b"), {}, {"a": {"b": 1}}, (1, 34)),
        ("- {op: replace, path: /a/b, value: 1}", ("a",), {"a": {"b": 0}}, {"a": {"b": 1}}, None),
        ("- {op: add, path: /l/0, value: {name: q}}", ("l", 0), {"l": items("a")}, {"l": items("q", "a")}, (1, 32)),
        ("- {op: add, path: /l/0, value: {name: q}}", ("l", 1), {"l": items("a")}, {"l": items("q", "a")}, None),
        ("- {op: add, path: /l/-, value: {name: q}}", ("l", 0, "name"), {"l": items("a")}, {"l": items("a", "q")}, None),
        ("- {op: add, path: /l/-, value: {name: q}}", ("l", 1, "name"), {"l": items("a")}, {"l": items("a", "q")}, (1, 39)),
        ("- {op: replace, path: /l/0/name, value: z}\n- {op: add, path: /l/0, value: {name: q}}", ("l", 1, "name"),
         {"l": items("a")}, {"l": items("q", "z")}, (1, 41)),
        ("- {op: replace, path: /l/1/name, value: z}\n- {op: remove, path: /l/0}", ("l", 0, "name"),
         {"l": items("a", "b")}, {"l": items("z")}, (1, 41)),
        ("- {op: remove, path: /a/b}", ("a", "b"), {"a": {"b": 1}}, {"a": {}}, (1, 22)),
    ],
)  # fmt: skip
def test_a_patch_is_blamed_for_what_it_wrote(patch, path, before, after, place):
    assert at(patch, path, after, before) == place


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("l", 0), ("l",)),
        (("l", 1), ("l", 0)),
        (("l", 1, "name"), ("l", 0, "name")),
        (("l", 2, "name"), ("l", 1, "name")),
        (("l", 2, "size"), ("l", 1)),
        (("t", 1), ("t", 0)),
        (("m", "x"), ("m",)),
    ],
)
def test_a_path_is_led_back_to_what_it_was(path, found):
    before = {"l": items("a", "b"), "t": ["x", "y"], "m": {}}
    after = {"l": items("q", "a", "b"), "t": ["w", "x"], "m": {"x": 1}}
    assert path_before(before, after, path) == found
