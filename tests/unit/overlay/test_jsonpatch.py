"""JSON patches: by the letter of RFC 6902, and as kustomize's library applies them."""

import pytest

from generator.overlay.jsonpatch import OperationError, apply_operations, check_operations, is_operation

OBJECT = {"a": {"b": [1, 2, 3]}, "c/d": "x", "e~f": None}


@pytest.mark.parametrize("compat", [False, True])
@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([{"op": "add", "path": "/a/b/-", "value": 4}], {**OBJECT, "a": {"b": [1, 2, 3, 4]}}),
        ([{"op": "add", "path": "/a/b/0", "value": 0}], {**OBJECT, "a": {"b": [0, 1, 2, 3]}}),
        ([{"op": "add", "path": "/a/b/-1", "value": 4}], {**OBJECT, "a": {"b": [1, 2, 3, 4]}}),
        ([{"op": "remove", "path": "/a/b/1"}], {**OBJECT, "a": {"b": [1, 3]}}),
        ([{"op": "remove", "path": "/a/b/-1"}], {**OBJECT, "a": {"b": [1, 2]}}),
        ([{"op": "replace", "path": "/a/b/-1", "value": 9}], {**OBJECT, "a": {"b": [1, 2, 9]}}),
        ([{"op": "replace", "path": "/c~1d", "value": "y"}], {**OBJECT, "c/d": "y"}),
        ([{"op": "move", "from": "/c~1d", "path": "/g"}], {"a": {"b": [1, 2, 3]}, "e~f": None, "g": "x"}),
        ([{"op": "copy", "from": "/a/b/0", "path": "/g"}], {**OBJECT, "g": 1}),
        (
            [{"op": "test", "path": "/c~1d", "value": "x"}, {"op": "remove", "path": "/e~0f"}],
            {"a": {"b": [1, 2, 3]}, "c/d": "x"},
        ),
        ([{"op": "replace", "path": "", "value": {}}], {}),
    ],
)
def test_operations(operations, expected, compat):
    before = repr(OBJECT)
    assert apply_operations(OBJECT, check_operations(operations), compat=compat) == expected
    assert repr(OBJECT) == before


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([{"op": "replace", "path": "/new", "value": 1}], {**OBJECT, "new": 1}),
        ([{"op": "add", "path": "/new"}], {**OBJECT, "new": None}),
        ([{"op": "copy", "from": "/gone", "path": "/new"}], {**OBJECT, "new": None}),
        ([{"op": "test", "path": "/gone", "value": None}], OBJECT),
        ([{"op": "add", "path": "ignored/new", "value": 1}], {**OBJECT, "new": 1}),
    ],
)
def test_what_the_library_takes_besides(operations, expected):
    assert apply_operations(OBJECT, operations, compat=True) == expected
    with pytest.raises(OperationError):
        apply_operations(OBJECT, check_operations(operations))


@pytest.mark.parametrize(
    ("operations", "number", "key", "words"),
    [
        (["x"], 0, "", "not a mapping"),
        ([{"kind": "X", "metadata": {}}], 0, "", "without the `- `"),
        ([{"op": "increase", "path": "/a"}], 0, "op", '"increase" is not an operation'),
        ([{"op": "ad", "path": "/a"}], 0, "op", 'did you mean "add"?'),
        ([{"op": "add", "path": "/a"}], 0, "", "has no `value`"),
        ([{"op": "move", "path": "/a"}], 0, "from", "has no `from`"),
        ([{"op": "remove"}], 0, "path", "has no `path`"),
        ([{"op": "remove", "path": "/x"}], 0, "path", 'the object has no "x"'),
        ([{"op": "remove", "path": "a.b"}], 0, "path", 'write "/a/b"'),
        ([{"op": "add", "path": "/x/y", "value": 1}], 0, "path", "add `/x` first"),
        ([{"op": "replace", "path": "/a/c", "value": 1}], 0, "path", "use `add`"),
        ([{"op": "replace", "path": "/a/b/3", "value": 1}], 0, "path", "write an index below 3"),
        ([{"op": "remove", "path": "/a"}, {"op": "add", "path": "/a/b/9", "value": 1}], 1, "path", 'has no "a"'),
        ([{"op": "add", "path": "/a/b/9", "value": 1}], 0, "path", '"9" is not a place in a list of 3'),
        ([{"op": "add", "path": "/c~1d/y", "value": 1}], 0, "path", "plain value"),
        ([{"op": "copy", "from": "/q", "path": "/g"}], 0, "from", 'has no "q"'),
        ([{"op": "test", "path": "/c~1d", "value": "y"}], 0, "value", 'the value is "x", and the test wants "y"'),
    ],
)
def test_operations_that_cannot_be_applied(operations, number, key, words):
    with pytest.raises(OperationError) as caught:
        apply_operations(OBJECT, check_operations(operations))
    error = caught.value
    assert words in f"{error.message} {error.hint}"
    assert (error.number, error.key) == (number, key)


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "/x/y", "value": 1},
        {"op": "add", "path": "/a/b/9", "value": 1},
        {"op": "add", "path": "new", "value": 1},
        {"op": "remove", "path": "/x"},
        {"op": "move", "from": "/gone", "path": "/new"},
        {"op": "replace", "path": "/a/b/-", "value": 1},
        {"op": "replace", "path": "", "value": []},
        {"op": "test", "path": "/c~1d"},
        {"op": "increase", "path": "/a"},
        {"path": "/a"},
    ],
)
def test_what_the_library_refuses(operation):
    with pytest.raises(OperationError):
        apply_operations(OBJECT, [operation], compat=True)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"op": "remove", "path": "/spec"}, True),
        ({"op": "remov", "path": "/spec"}, True),
        ({"op": "add", "kind": "X", "metadata": {"name": "x"}}, True),
        ({"kind": "X", "metadata": {"name": "x"}, "op": {"a": 1}}, False),
        ({"spec": {"op": "add"}}, False),
    ],
)
def test_one_operation_without_its_list(data, expected):
    assert is_operation(data) is expected
