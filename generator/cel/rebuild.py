"""Compiled expressions built again: watched, to see which way their branches went, or changed in one place."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from generator.cel.attributes import FIRST_SLOT, Eval, Frame
from generator.cel.declarations import library
from generator.cel.evaluator import Builder
from generator.cel.expression import Expression
from generator.cel.syntax import Call, Fold, ListLiteral, Literal, Node, children
from generator.cel.types import BOOL

Seen = Callable[[Node, bool], None]
_BRANCHING = frozenset(("_&&_", "_||_"))
_FLIPPED = {
    "_&&_": "_||_",
    "_||_": "_&&_",
    "_==_": "_!=_",
    "_!=_": "_==_",
    "_<_": "_<=_",
    "_<=_": "_<_",
    "_>_": "_>=_",
    "_>=_": "_>_",
}
_SHOWN = {name: name.strip("_") for name in _FLIPPED}
_OTHER_MACRO = {"all": "exists", "exists": "all", "exists_one": "exists"}


def branches(tree: Node) -> Iterator[Node]:
    """The parts of a tree on which the way through it depends: operands of && and ||, conditions of ?:."""
    if isinstance(tree, Call) and tree.function in _BRANCHING:
        yield from tree.args
    elif isinstance(tree, Call) and tree.function == "_?_:_":
        yield tree.args[0]
    for part in parts(tree):
        yield from branches(part)


def parts(node: Node) -> list[Node]:
    """The parts of a node as people write them: a macro's range, and what it evaluates for every item."""
    if isinstance(node, Fold):
        return (
            [node.iter_range, node.accu_init, node.result] if node.macro == "bind" else [node.iter_range, *node.parts]
        )
    return children(node)


class _Watching(Builder):
    """Builds closures that tell what the parts `branches` names gave."""

    def __init__(
        self, version: tuple[int, int], slots: Mapping[str, int], watched: Mapping[int, Node], seen: Seen
    ) -> None:
        super().__init__(library(version), slots)
        self.watched = watched
        self.seen = seen

    def build(self, node: Node) -> Eval:
        run = super().build(node)
        if id(node) not in self.watched:
            return run
        seen = self.seen

        def watch(frame: Frame) -> Any:
            found = run(frame)
            if found is True or found is False:
                seen(node, found)
            return found

        return watch


def watched(expression: Expression, seen: Seen) -> Expression:
    """The same expression, telling `seen` which way each of its branches went."""
    nodes = {id(node): node for node in branches(expression.tree)}
    builder = _Watching(expression.environment.version, _slots(expression), nodes, seen)
    return replace(expression, run=builder.build(expression.tree), width=builder.width)


def constant(expression: Expression, value: object) -> Expression:
    """An expression that always gives the value, whatever it reads."""
    return replace(expression, run=lambda _: value)


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of a tree: fields of a node set to other values. `at` is the place, `what` says it to people."""

    at: int
    what: str
    node: Node
    fields: Mapping[str, Any]

    def of(self, expression: Expression) -> Expression:
        """The expression with the change made; its tree stays as it was."""
        with self._applied():
            builder = Builder(library(expression.environment.version), _slots(expression))
            return replace(expression, run=builder.build(expression.tree), width=builder.width)

    @contextmanager
    def _applied(self) -> Iterator[None]:
        before = {name: getattr(self.node, name) for name in self.fields}
        try:
            for name, value in self.fields.items():
                setattr(self.node, name, value)
            yield
        finally:
            for name, value in before.items():
                setattr(self.node, name, value)


def mutations(tree: Node) -> Iterator[Mutation]:
    """Every small mistake one could have made in one place.

    Operators are flipped, quantifiers and branches exchanged, conditions negated, numbers one too high (not those that
    stand for what is absent: few rules hang on them), items of lists left out.
    """
    nodes = list(_nodes(tree))
    calls = [node for node in nodes if isinstance(node, Call)]
    below_not = {id(call.args[0]) for call in calls if call.function == "!_"}
    defaults = {id(argument) for call in calls if call.function == "orValue" for argument in call.args}
    for node in nodes:
        match node:
            case Call(function=function) if function in _FLIPPED:
                other = _FLIPPED[function]
                yield Mutation(node.at, f"{_SHOWN[function]} made {_SHOWN[other]}", node, {"function": other})
            case Call(function="_?_:_"):
                condition, then, other_way = node.args
                yield Mutation(node.at, "branches of ?: exchanged", node, {"args": [condition, other_way, then]})
            case Call(function="!_"):
                changes = {"function": "_!=_", "args": [node.args[0], Literal(node.at, value=False)]}
                yield Mutation(node.at, "! left out", node, changes)
            case Call(function=function) if node.type == BOOL and id(node) not in below_not:
                negation = {"function": "!_", "target": None, "args": [copy(node)]}
                yield Mutation(node.at, f"{function.strip('@_')} negated", node, negation)
            case Fold() if node.macro in _OTHER_MACRO and not _one_item(node.iter_range):
                other = _OTHER_MACRO[node.macro]
                yield Mutation(node.at, f"{node.macro} made {other}", node, {"macro": other})
            case Literal(value=bool() as value):
                yield Mutation(node.at, f"{str(value).lower()} negated", node, {"value": not value})
            case Literal(value=int() as value) if type(value) is int and id(node) not in defaults:
                yield Mutation(node.at, f"{value} made {value + 1}", node, {"value": value + 1})
            case ListLiteral() if len(node.elements) > 1:
                yield from _shortened(node)
            case _:
                pass


def _shortened(node: ListLiteral) -> Iterator[Mutation]:
    for index, item in enumerate(node.elements):
        what = f"item {json.dumps(item.value) if isinstance(item, Literal) else index + 1} of a list left out"
        optional = frozenset(i - (i > index) for i in node.optional if i != index)
        rest = [*node.elements[:index], *node.elements[index + 1 :]]
        yield Mutation(item.at, what, node, {"elements": rest, "optional": optional})


def _one_item(node: Node) -> bool:
    """Whether a list has one item whatever happens: of it all quantifiers say the same (`[long.path].exists(p, …)`)."""
    return isinstance(node, ListLiteral) and len(node.elements) == 1 and not node.optional


def _nodes(tree: Node) -> Iterator[Node]:
    yield tree
    for part in parts(tree):
        yield from _nodes(part)


def _slots(expression: Expression) -> dict[str, int]:
    return {name: FIRST_SLOT + index for index, (name, _) in enumerate(expression.environment.variables)}
