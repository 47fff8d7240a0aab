"""Which kinds of objects a rule over the build looks for among all objects, judged by its expressions alone."""

from collections.abc import Iterator

from generator.cel import Expression
from generator.cel.syntax import Call, Fold, ListLiteral, Literal, Name, Node, Select, children
from generator.policy.bundle import BundlePolicy

_OBJECTS = "objects"


def looked_for(policy: BundlePolicy, index: int) -> frozenset[frozenset[str]]:
    """The kinds that a validation and the variables it reads compare kinds of `objects` with.

    Each set is of one comparison: `o.kind == 'A'`, or `o.kind in ['A', 'B']`, of which any would do.
    """
    variables = dict(policy.variables)
    todo, seen = [policy.rules[index].expression], set[str]()
    found: set[frozenset[str]] = set()
    while todo:
        expression = todo.pop()
        found.update(_compared(expression))
        named = {path[1] for path in expression.reads if path[0] == "variables" and len(path) > 1}
        todo += [variables[name] for name in named - seen if name in variables]
        seen |= named
    return frozenset(found)


def _compared(expression: Expression) -> Iterator[frozenset[str]]:
    nodes = list(_nodes(expression.tree))
    loops = {node.iter_var for node in nodes if isinstance(node, Fold) and _is_name(node.iter_range, {_OBJECTS})}
    for node in nodes:
        if isinstance(node, Call) and node.function in ("_==_", "_!=_", "@in") and len(node.args) == 2:
            left, right = node.args
            if isinstance(left, Select) and left.field_name == "kind" and _is_name(left.operand, loops):
                kinds = frozenset(_texts(right))
                if kinds:
                    yield kinds


def _is_name(node: Node, names: set[str]) -> bool:
    return isinstance(node, Name) and node.name in names


def _texts(node: Node) -> Iterator[str]:
    for one in node.elements if isinstance(node, ListLiteral) else [node]:
        if isinstance(one, Literal) and isinstance(one.value, str):
            yield one.value


def _nodes(tree: Node) -> Iterator[Node]:
    """Every node of a tree, once: macros use some in several places."""
    todo, seen = [tree], set[int]()
    while todo:
        node = todo.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            todo += children(node)
