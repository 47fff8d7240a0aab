"""Lists of objects taken apart as kubectl does it."""

import pytest

from generator.source import Dialect, is_broken_list, is_list, members, parts, read_documents

CASES = {
    "an object": ("{apiVersion: v1, kind: Pod}", [((), "v1", "Pod")]),
    "a List": ("{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod}]}", [(("items", 0), "v1", "Pod")]),
    "a typed list": ("{apiVersion: a/v1, kind: ThingList, items: [{spec: 1}]}", [(("items", 0), "a/v1", "Thing")]),
    "an item with a kind of its own": (
        "{apiVersion: a/v1, kind: ThingList, items: [{apiVersion: v1, kind: Pod}, {kind: Pod}]}",
        [(("items", 0), "v1", "Pod"), (("items", 1), None, "Pod")],
    ),
    "lists in lists": (
        "{apiVersion: v1, kind: List, items: [{kind: List, items: [{kind: A}]}, {kind: B}]}",
        [(("items", 0, "items", 0), None, "A"), (("items", 1), None, "B")],
    ),
    "a typed list in a list": (
        "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: PodList, items: [{spec: 1}]}]}",
        [(("items", 0, "items", 0), None, None)],
    ),
    "no items": ("{apiVersion: v1, kind: List, items: []}", []),
    "null": ("{apiVersion: v1, kind: List, items: null}", []),
    "a kind that ends in List": ("{apiVersion: a/v1, kind: AllowList, spec: 1}", [((), "a/v1", "AllowList")]),
    "items of another kind": ("{apiVersion: a/v1, kind: Set, items: [{kind: A}]}", [((), "a/v1", "Set")]),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_what_a_document_holds(text, expected):
    [document] = read_documents(text, "a.yaml", Dialect.KUBERNETES)
    found = [(path, data.get("apiVersion"), data.get("kind")) for path, data in members(document.data)]
    assert found == expected
    assert [part.data for part in parts(document)] == [data for _, data in members(document.data)]


@pytest.mark.parametrize(
    ("data", "listed", "broken"),
    [
        ({"kind": "List"}, False, True),
        ({"kind": "List", "items": "text"}, False, True),
        ({"kind": "PodList", "items": {}}, False, True),
        ({"kind": "PodList"}, False, False),
        ({"kind": "PodList", "items": [1]}, True, False),
        ({"kind": ["List"], "items": []}, False, False),
        ("List", False, False),
    ],
)
def test_what_is_a_list(data, listed, broken):
    assert (is_list(data), is_broken_list(data)) == (listed, broken)


def test_an_item_knows_its_lines():
    text = "apiVersion: v1\nkind: ConfigMapList\nitems:\n  - metadata: {name: a}\n  - metadata:\n      name: b\n"
    [document] = read_documents(text, "a.yaml", Dialect.KUBERNETES)
    first, second = parts(document)
    assert str(first.span(("metadata", "name"))) == "a.yaml:4:22"
    assert str(second.span(("metadata", "name"))) == "a.yaml:6:13"
    assert str(second.span(("kind",))) == "a.yaml:5:5"  # it says none: the place is the item's own
    assert (second.within, second.text) == (("items", 1), text)


def test_an_item_that_a_merge_key_brings_has_the_place_of_its_list():
    text = "a: &a {items: [{kind: Pod, metadata: {name: x}}]}\n<<: *a\nkind: List\nmetadata: {name: outer}\n"
    [document] = read_documents(text, "a.yaml", Dialect.KUBERNETES)
    [item] = parts(document)
    assert str(item.span(("metadata", "name"))) == "a.yaml:1:1"
