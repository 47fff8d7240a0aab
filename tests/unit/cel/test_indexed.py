"""Lists with an index: every loop over one gives what it gives over the plain list, whatever the predicate asks first."""

import itertools
from typing import Any

import pytest

from generator.cel import DYN, Environment, EvalError, compile_expression
from generator.cel.indexed import Indexed

ENVIRONMENT = Environment((("objects", DYN),))
FIRST = (
    *("o.kind == 'A'", "o.kind in ['A', 'B']", "o.name == 'x'", "o.n == 1", "'A' == o.kind", "o.kind != 'A'"),
    "o.kind in []",
)
PREDICATES = [*FIRST, *(f"{one} {sign} {other}" for one, sign, other in itertools.product(FIRST, ["&&", "||"], FIRST))]
LOOPS = (
    *("objects.all(o, {})", "objects.exists(o, {})", "objects.exists_one(o, {})", "objects.filter(o, {})"),
    *("objects.map(o, {}, o.n)", "objects.map(o, {})", "objects.exists(i, o, {})"),
)
OBJECTS: tuple[list[Any], ...] = (
    [{"kind": "B", "name": "x", "n": 1}, {"kind": "A", "name": "y", "n": 2}, {"kind": "C", "name": "x", "n": 1}],
    [{"kind": "A", "n": 1}, {"name": "x", "n": 2}, {"kind": 3, "name": "x", "n": 1}, "text"],
    [{"kind": "C", "name": "z", "n": 0}],
    [],
)


def outcome(expression, objects):
    try:
        return expression.evaluate({"objects": objects}, 10**40)
    except EvalError as error:
        return str(error)


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("field", ["kind", "name"])
def test_an_index_changes_no_answer(loop, field):
    compiled = {predicate: compile_expression(loop.format(predicate), ENVIRONMENT) for predicate in PREDICATES}
    apart = [
        (predicate, objects)
        for (predicate, expression), objects in itertools.product(compiled.items(), OBJECTS)
        if outcome(expression, Indexed(objects, field)) != outcome(expression, list(objects))
    ]
    assert apart == []


def test_an_index_leaves_out_what_is_turned_down_at_the_first_look():
    objects = Indexed([{"kind": "A"}, {"kind": "B"}, {"name": "x"}, {"kind": "A"}], "kind")
    assert objects.having(frozenset({"A"})) == [{"kind": "A"}, {"name": "x"}, {"kind": "A"}]
