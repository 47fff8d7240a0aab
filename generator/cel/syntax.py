"""The tree of a CEL expression, as the parser makes it and the evaluator walks it."""

from dataclasses import dataclass, field

from generator.cel.types import DYN, Type


@dataclass(slots=True, eq=False)
class Node:
    """Any expression; `at` is the code point its errors point at, `type` what the checker found."""

    at: int
    type: Type = field(default=DYN, init=False)


@dataclass(slots=True, eq=False)
class Literal(Node):
    """A constant of the text: null, bool, int, uint, double, string or bytes."""

    value: object


@dataclass(slots=True, eq=False)
class Name(Node):
    """A variable, a type, or the head of a qualified name; a leading dot is part of the name."""

    name: str
    is_type: bool = False


@dataclass(slots=True, eq=False)
class Select(Node):
    """`operand.field`, `operand.?field` or, for `test`, `has(operand.field)`."""

    operand: Node
    field_name: str
    test: bool = False
    optional: bool = False


@dataclass(slots=True, eq=False)
class Call(Node):
    """A function or operator; `target` is the receiver of a member call; `overloads` is the checker's."""

    function: str
    target: Node | None
    args: list[Node]
    overloads: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class ListLiteral(Node):
    """`[a, ?b]`; `optional` holds the indexes marked with `?`."""

    elements: list[Node]
    optional: frozenset[int] = frozenset()


@dataclass(slots=True, eq=False)
class MapLiteral(Node):
    """`{k: v, ?k: v}`."""

    keys: list[Node]
    values: list[Node]
    optional: frozenset[int] = frozenset()


@dataclass(slots=True, eq=False)
class StructLiteral(Node):
    """`Type{field: value}`; nothing in Kubernetes' environments can be built so, the checker says why."""

    name: str
    fields: list[tuple[str, Node, int]]


@dataclass(slots=True, eq=False)
class Fold(Node):
    """A loop: what every list and map macro stands for; `macro` says which, `parts` what it loops over.

    The parts of a quantifier are its predicate; of `map` and the transforms the element and, where there is one,
    the condition; of `bind` nothing.
    """

    iter_range: Node
    iter_var: str
    iter_var2: str
    accu_var: str
    accu_init: Node
    condition: Node
    step: Node
    result: Node
    macro: str
    parts: tuple[Node, ...]


def repeated(tree: Node) -> int:
    """How many parts of a tree are there again: a macro that names its target twice has it twice."""
    sizes: dict[int, int] = {}
    stack = [(tree, False)]
    while stack:
        node, opened = stack.pop()
        if id(node) in sizes:
            continue
        parts = children(node)
        if opened:
            sizes[id(node)] = 1 + sum(sizes[id(part)] for part in parts)
        else:
            stack.append((node, True))
            stack += [(part, False) for part in parts]
    return sizes[id(tree)] - len(sizes)


def children(node: Node) -> list[Node]:
    """The direct parts of a node, in the order they are evaluated."""
    match node:
        case Select():
            return [node.operand]
        case Call():
            return ([node.target] if node.target is not None else []) + node.args
        case ListLiteral():
            return list(node.elements)
        case MapLiteral():
            return [part for pair in zip(node.keys, node.values, strict=True) for part in pair]
        case StructLiteral():
            return [value for _, value, _ in node.fields]
        case Fold():
            return [node.iter_range, node.accu_init, node.condition, node.step, node.result]
        case _:
            return []
