"""The checks the server makes of a tree beyond its types: literals that can be proven wrong."""

from collections.abc import Iterator

from generator.cel.conversions import FUNCTIONS
from generator.cel.failure import EvalError, Issue
from generator.cel.format_literals import format_issues
from generator.cel.regex import compile_pattern
from generator.cel.syntax import Call, ListLiteral, Literal, MapLiteral, Node, children
from generator.cel.types import Type, describe, is_optional

_EXEMPT = frozenset(("format",))
_ARGUMENTS = {"duration": "string_to_duration", "timestamp": "string_to_timestamp"}


def literal_issues(tree: Node, *, times: bool = True) -> list[Issue]:
    """Literals the server refuses: mixed lists and maps, and, for `times`, times and patterns that are none."""
    out: list[Issue] = []
    for node, exempt in _walk(tree, exempt=False):
        if isinstance(node, Call) and times:
            out += _argument(node)
            out += format_issues(node)
        elif isinstance(node, ListLiteral) and not exempt:
            out += _list(node)
        elif isinstance(node, MapLiteral) and not exempt:
            out += _map(node)
    return out


def _walk(node: Node, *, exempt: bool) -> Iterator[tuple[Node, bool]]:
    yield node, exempt
    inside = exempt or (isinstance(node, Call) and node.function in _EXEMPT)
    for child in children(node):
        yield from _walk(child, exempt=inside)


def _argument(node: Call) -> list[Issue]:
    if node.function not in ("duration", "timestamp", "matches") or not node.args:
        return []
    argument = node.args[0]
    if not isinstance(argument, Literal):
        return []
    try:
        if node.function == "matches":
            if isinstance(argument.value, str):
                compile_pattern(argument.value)
        elif isinstance(argument.value, str):
            FUNCTIONS[_ARGUMENTS[node.function]](argument.value)
        elif node.function == "duration" and argument.value.__class__ is int:
            FUNCTIONS["int64_to_duration"](argument.value)
    except EvalError:
        return [Issue(argument.at, f"invalid {node.function} argument")]
    return []


def _unwrapped(node: Node, *, optional: bool) -> Type:
    return node.type.params[0] if optional and is_optional(node.type) else node.type


def _mismatch(node: Node, expected: Type, found: Type) -> Issue:
    return Issue(node.at, f"expected type '{describe(expected)}' but found '{describe(found)}'")


def _list(node: ListLiteral) -> list[Issue]:
    first: Type | None = None
    for index, element in enumerate(node.elements):
        found = _unwrapped(element, optional=index in node.optional)
        if first is None:
            first = found
        elif found != first:
            return [_mismatch(element, first, found)]
    return []


def _map(node: MapLiteral) -> list[Issue]:
    out: list[Issue] = []
    first: tuple[Type, Type] | None = None
    for index, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
        kinds = (key.type, _unwrapped(value, optional=index in node.optional))
        if first is None:
            first = kinds
            continue
        if kinds[0] != first[0]:
            out.append(_mismatch(key, first[0], kinds[0]))
        if kinds[1] != first[1]:
            out.append(_mismatch(value, first[1], kinds[1]))
    return out
