"""Random expressions, judged by Google's own CEL library beside ours: compiled or not, and what they give."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from generator.cel import (
    BOOL,
    INT,
    STRING,
    CompileError,
    CostError,
    Environment,
    EvalError,
    compile_expression,
    list_of,
    map_of,
)

cel = pytest.importorskip("cel_expr_python.cel", reason="cel-expr-python has no wheel for this platform")

OURS = Environment(
    (("b", BOOL), ("i", INT), ("s", STRING), ("l", list_of(INT)), ("m", map_of(STRING, INT))), (), (1, 35)
)
T = cel.Type
THEIRS = cel.NewEnv(variables={"b": T.BOOL, "i": T.INT, "s": T.STRING, "l": T.List(T.INT), "m": T.Map(T.STRING, T.INT)})
VALUES = {"b": True, "i": 7, "s": "a/b", "l": [1, 2, 3], "m": {"a": 1, "z": 26}}

# Left out is where Kubernetes differs from plain CEL on purpose (numbers of several types compared, nulls indexed,
# constants converted when the program is planned, loops over what is of no type): the recorded cases have those.
LEAVES = st.one_of(
    st.sampled_from(["b", "i", "s", "l", "m", "true", "false", "0", "1", "-3", "'a'", '"é"', "x", "[1, i]"]),
    st.sampled_from(["{'a': i}", "m.a", "m['z']", "l[0]", "l[9]", "size(s)", "9223372036854775807", "r'\\d'"]),
)


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions made of smaller ones."""
    two = st.tuples(inner, inner)
    operators = ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "in"]
    return st.one_of(
        st.builds(lambda p, o: f"({p[0]} {o} {p[1]})", two, st.sampled_from(operators)),
        st.builds(lambda p, o: f"{p[0]} {o} {p[1]}", two, st.sampled_from(operators)),
        st.builds(lambda p, c: f"({c} ? {p[0]} : {p[1]})", two, inner),
        st.builds(lambda e, o: f"{o}({e})", inner, st.sampled_from(["!", "-", "size", "string", "type"])),
        st.builds(
            lambda e, p, m: f"{e}.{m}(v, {p})", inner, inner, st.sampled_from(["all", "exists", "map", "filter"])
        ),
        st.builds(lambda p, m: f"{p[0]}.{m}({p[1]})", two, st.sampled_from(["startsWith", "contains", "matches"])),
        st.builds(lambda p: f"[{p[0]}, {p[1]}]", two),
        st.builds(lambda p: f"{p[0]}[{p[1]}]", two),
        st.builds(lambda e: f"has(m.{'a' if len(e) % 2 else 'q'}) && {e}", inner),
    )


EXPRESSIONS = st.recursive(LEAVES, larger, max_leaves=8)


def ours(source: str):
    try:
        compiled = compile_expression(source, OURS)
    except CompileError as error:
        # Kubernetes asks that all items of a literal are of one type; plain CEL does not.
        assume("expected type '" not in str(error))
        return "refused", None
    try:
        return "value", plain(compiled.evaluate(VALUES))
    except (EvalError, CostError):
        return "error", None


def theirs(source: str):
    try:
        compiled = THEIRS.compile(source)
    except Exception:  # noqa: BLE001 - the library raises a type of its own
        return "refused", None
    found = compiled.eval(data=VALUES)
    if found.type() == T.ERROR:
        return "error", None
    return "value", plain(found.plain_value()) if found.type() != T.NULL else None


def plain(value):
    """A value both sides agree on how to write; types by name alone."""
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, bool | bytes | str | None.__class__):
        return value
    if isinstance(value, int | float):
        return float(value)
    return "other"


@pytest.mark.property
@given(EXPRESSIONS)
@settings(max_examples=1500, deadline=None, derandomize=True)
def test_the_same_is_said_of_any_expression(source):
    assert ours(source) == theirs(source), source
