"""Which fields an expression reads, told from its tree alone."""

from collections.abc import Iterable

from generator.cel.syntax import Call, Fold, ListLiteral, Literal, MapLiteral, Name, Node, Select, children

EACH = "[]"
"""Stands for every item of a list or every value of a map."""
SHAPE = "#"
"""Stands for what a loop or a presence test sees of a value: its length, its keys, whether it is there."""

Path = tuple[str, ...]
_Aliases = frozenset[Path]
_NONE: _Aliases = frozenset()


MAX_PATHS, MAX_LENGTH = 1_000, 64


def bounded(found: frozenset[Path]) -> frozenset[Path]:
    """Few and short paths that read the same or more: all below a path counts as read.

    Paths double with every value that is used in two ways; nobody needs so many.
    """
    length = MAX_LENGTH
    while length >= 2 and (len(found) > MAX_PATHS or any(len(path) > length for path in found)):
        found = frozenset(path[:length] for path in found)
        length //= 2
    return found


def paths(tree: Node) -> frozenset[Path]:
    """The paths whose values decide the result, variable first: `("object", "spec", "replicas")`.

    All below a path counts as read; a path of one part means the whole variable. EACH and SHAPE stand for list
    items and for what is seen of a container from outside. Two inputs equal at these paths give the same result.
    """
    reader = _Reader()
    reader.consume(reader.visit(tree))
    return frozenset(p for p in reader.found if not any(p[:n] in reader.found for n in range(1, len(p))))


def handed_on(tree: Node) -> tuple[frozenset[Path], frozenset[Path]]:
    """Of an expression whose result is used elsewhere: what it reads itself, and the paths its result is part of."""
    reader = _Reader()
    result = reader.visit(tree)
    return frozenset(reader.found), result


class _Reader:
    """Follows values from where they are named to where they are used."""

    def __init__(self) -> None:
        self.found: set[Path] = set()
        self.scopes: list[dict[str, _Aliases]] = []

    def consume(self, aliases: Iterable[Path]) -> None:
        self.found.update(aliases)

    def name(self, node: Name) -> _Aliases:
        for scope in reversed(self.scopes):
            if node.name in scope:
                return scope[node.name]
        return _NONE if node.is_type else frozenset({(node.name,)})

    def visit(self, node: Node) -> _Aliases:
        """What a node's value may be part of; what it uses up on the way is consumed."""
        match node:
            case Name():
                return self.name(node)
            case Select():
                operand = self.visit(node.operand)
                below = frozenset((*p, node.field_name) for p in operand)
                if node.test:
                    self.consume((*p, SHAPE) for p in below)
                    return _NONE
                return bounded(below)
            case Call():
                return self.call(node)
            case Fold():
                return self.fold(node)
            case ListLiteral() | MapLiteral():
                return frozenset().union(*(self.visit(c) for c in children(node)))
            case _:
                return _NONE

    def call(self, node: Call) -> _Aliases:
        if node.function in ("_[_]", "_[?_]"):
            index = node.args[1]
            held = self.visit(node.args[0])
            if isinstance(index, Literal) and isinstance(index.value, str):
                return bounded(frozenset((*p, index.value) for p in held))
            self.consume(self.visit(index))
            if isinstance(index, Literal) and isinstance(index.value, int):
                self.consume((*p, SHAPE) for p in held)
                return bounded(frozenset((*p, EACH) for p in held))
            self.consume(held)
            return _NONE
        if node.function == "_?_:_":
            self.consume(self.visit(node.args[0]))
            return self.visit(node.args[1]) | self.visit(node.args[2])
        if node.function in ("or", "orValue", "value", "optional.of", "dyn", "_+_"):
            return frozenset().union(*(self.visit(c) for c in children(node)))
        if node.function in ("hasValue", "size"):
            self.consume((*p, SHAPE) for p in self.visit(children(node)[0]))
            return _NONE
        for part in children(node):
            self.consume(self.visit(part))
        return _NONE

    def fold(self, node: Fold) -> _Aliases:
        over = self.visit(node.iter_range)
        if node.macro == "bind":
            self.scopes.append({node.accu_var: self.visit(node.accu_init)})
            result = self.visit(node.result)
            self.scopes.pop()
            return result
        self.consume((*p, SHAPE) for p in over)
        items = bounded(frozenset((*p, EACH) for p in over))
        scope = {node.iter_var: items}
        if node.iter_var2:
            scope = {node.iter_var: _NONE, node.iter_var2: items}
        self.scopes.append(scope)
        results = [self.visit(part) for part in node.parts]
        self.scopes.pop()
        element = node.parts[0] if node.parts else None
        if node.macro in ("map", "filter") and isinstance(element, Name) and element.name == node.iter_var:
            for used in results[1:]:
                self.consume(used)
            return over  # the same items, fewer of them
        if node.macro in ("map", "transformMap", "transformMapEntry"):
            for used in results[1:]:
                self.consume(used)
            # The elements end up in a list of their own: what is done with that list is done with them.
            self.consume(results[0])
            return _NONE
        for used in results:
            self.consume(used)
        return _NONE
