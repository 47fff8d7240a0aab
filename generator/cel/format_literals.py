"""The check the server makes of `'…'.format([…])` at compile time: as many arguments as clauses, of types they take.

K8s: cel-go ext/formatting.go, stringFormatValidator.
"""

from collections.abc import Iterator

from generator.cel.failure import EvalError, Issue
from generator.cel.formatting import clauses
from generator.cel.syntax import Call, ListLiteral, Literal, MapLiteral, Node
from generator.cel.types import Kind, runtime_name

_TEXT = "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and"
_TAKEN: dict[str, tuple[frozenset[str], str]] = {
    "d": (frozenset({"int", "uint"}), "decimal clause can only be used on integers"),
    "f": (frozenset({"double", "string"}), "fixed-point clause can only be used on doubles"),
    "e": (frozenset({"double", "string"}), "scientific clause can only be used on doubles"),
    "b": (frozenset({"int", "uint", "bool"}), "only integers and bools can be formatted as binary"),
    "x": (
        frozenset({"int", "uint", "string", "bytes"}),
        "only integers, byte buffers, and strings can be formatted as hex",
    ),
    "o": (frozenset({"int", "uint"}), "octal clause can only be used on integers"),
}
_SHOWN = (Kind.PRIMITIVE, Kind.LIST, Kind.MAP, Kind.TYPE, Kind.NULL, Kind.DYN)


def format_issues(node: Call) -> Iterator[Issue]:
    """What is wrong with a call of `format` on a literal with a list of arguments, as the server words it."""
    if node.function != "format" or not isinstance(node.target, Literal) or not isinstance(node.target.value, str):
        return
    given = node.args[0] if len(node.args) == 1 else None
    if not isinstance(given, ListLiteral):
        return
    used = 0
    try:
        for verb in clauses(node.target.value, len(given.elements)):
            wrong = _refused(verb, given.elements[used])
            if wrong is not None:
                yield wrong
                return
            used += 1
    except EvalError as error:
        yield Issue(node.at, error.message)
        return
    if len(given.elements) > used:
        counts = f"(expected {used}, got {len(given.elements)})"
        yield Issue(node.at, f"too many arguments supplied to string.format {counts}")


def _refused(verb: str, argument: Node) -> Issue | None:
    if verb == "s":
        bad = _unshown(argument)
        text = f"{_TEXT} timestamps"
    else:
        taken, text = _TAKEN[verb.lower()]
        fits = argument.type.kind is Kind.DYN or (argument.type.kind is Kind.PRIMITIVE and argument.type.name in taken)
        bad = None if fits else argument
    if bad is None:
        return None
    return Issue(bad.at, f"error during formatting: {text}, was given {runtime_name(bad.type)}")


def _unshown(node: Node) -> Node | None:
    """The part of an argument that `%s` cannot write."""
    if node.type.kind not in _SHOWN:
        return node
    parts: list[Node] = []
    if isinstance(node, ListLiteral):
        parts = node.elements
    elif isinstance(node, MapLiteral):
        parts = [part for pair in zip(node.keys, node.values, strict=True) for part in pair]
    return next((bad for bad in map(_unshown, parts) if bad is not None), None)
