"""Lists that know which of their items have a value in one field: loops that ask for it need not look at the rest."""

from collections.abc import Iterable
from typing import Any

from generator.cel.attributes import Eval, Frame
from generator.cel.syntax import Call, ListLiteral, Literal, Name, Node, Select


class Indexed(list[Any]):
    """A list of maps, indexed by the values of one field of them."""

    def __init__(self, entries: Iterable[Any], field: str) -> None:
        super().__init__(entries)
        self.field = field
        self._by_value: dict[Any, list[int]] = {}
        self._chosen: dict[frozenset[str], list[Any]] = {}
        for index, item in enumerate(self):
            found = item.get(field) if isinstance(item, dict) else None
            # What has no such text stays in every choice: looking at it is an error, and stays one.
            self._by_value.setdefault(found if isinstance(found, str) else None, []).append(index)

    # Of `object` it can be set, too; nobody sets it here.
    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """Functions and operators choose by the class of a value: to them it is the list it is."""
        return list

    def having(self, values: frozenset[str]) -> list[Any]:
        """The items whose field has one of the values, in the list's order."""
        if values not in self._chosen:
            indexes = sorted(i for value in (None, *values) for i in self._by_value.get(value, ()))
            self._chosen[values] = [self[i] for i in indexes]
        return self._chosen[values]


def wanted(predicate: Node, name: str) -> tuple[str, frozenset[str]] | None:
    """The field and the values without which a predicate over `name` is false before anything else is looked at."""
    if not isinstance(predicate, Call):
        return None
    match predicate.function:
        case "_&&_":
            return wanted(predicate.args[0], name)
        case "_||_":
            sides = [wanted(part, name) for part in predicate.args]
            first = sides[0]
            if first is None or any(side is None or side[0] != first[0] for side in sides):
                return None
            return first[0], frozenset().union(*(side[1] for side in sides if side is not None))
        case "_==_" | "@in":
            left, right = predicate.args
            texts = _texts([right] if predicate.function == "_==_" else _elements(right))
            of_item = isinstance(left, Select) and not left.test and not left.optional
            if texts and of_item and isinstance(left, Select):
                operand = left.operand
                if isinstance(operand, Name) and operand.name == name:
                    return left.field_name, texts
        case _:
            pass
    return None


def _elements(node: Node) -> list[Node]:
    return node.elements if isinstance(node, ListLiteral) and not node.optional else []


def _texts(nodes: list[Node]) -> frozenset[str]:
    values = [node.value if isinstance(node, Literal) else None for node in nodes]
    texts = frozenset(value for value in values if isinstance(value, str))
    return texts if texts and len(texts) == len(set(map(repr, values))) else frozenset()


def narrowed(over: Eval, field: str, values: frozenset[str]) -> Eval:
    """What a loop goes over, less what its predicate would turn down at its first look."""

    def run(frame: Frame) -> Any:
        found = over(frame)
        return found.having(values) if type(found) is Indexed and found.field == field else found

    return run
