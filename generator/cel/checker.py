"""Type-check a CEL tree as cel-go does: the types of its nodes, the overloads of its calls, or what is wrong."""

from collections.abc import Mapping

from generator.cel import types as t
from generator.cel.declarations import Library, Overload
from generator.cel.failure import CompileError, Issue
from generator.cel.parser import qualified_name
from generator.cel.syntax import Call, Fold, ListLiteral, Literal, MapLiteral, Name, Node, Select, StructLiteral
from generator.cel.types import Kind, Type, Unifier, describe
from generator.cel.values import Uint

Structs = Mapping[str, Mapping[str, Type]]
_LITERALS: dict[type, Type] = {
    bool: t.BOOL,
    int: t.INT,
    Uint: t.UINT,
    float: t.DOUBLE,
    str: t.STRING,
    bytes: t.BYTES,
    type(None): t.NULL,
}


def check(source: str, tree: Node, library: Library, variables: Mapping[str, Type], structs: Structs) -> Node:
    """Write the type of every node and the overloads of every call into the tree; returns its root.

    `structs` holds the fields of the message types among the variables. Raises CompileError with every complaint.
    The root may be another node: `a.b` where a variable is called `a.b`.
    """
    checker = _Checker(library, variables, structs)
    root = checker.visit(tree)
    if checker.issues:
        raise CompileError(source, checker.issues)
    checker.finish(root)
    return root


class _Checker:
    """One check; `scopes` are the loop variables, innermost last."""

    def __init__(self, library: Library, variables: Mapping[str, Type], structs: Structs) -> None:
        self.library = library
        self.variables = variables
        self.structs = structs
        self.unifier = Unifier()
        self.scopes: list[dict[str, Type]] = []
        self.issues: list[Issue] = []
        self.nodes: list[Node] = []

    def finish(self, root: Node) -> None:
        """Replace what is still a type variable."""
        for node in self.nodes:
            node.type = self.unifier.resolve(node.type, free_to_dyn=True)
        root.type = self.unifier.resolve(root.type, free_to_dyn=True)

    def complain(self, node: Node, message: str) -> Type:
        self.issues.append(Issue(node.at, message))
        return t.ERROR

    def of_struct(self, node: Select, name: str) -> Type:
        """The type of a message's field; the libraries' messages have none."""
        fields = self.structs.get(name)
        if fields is None:
            return self.complain(node, f"unexpected failed resolution of '{name}'")
        found = fields.get(node.field_name)
        if found is None:
            self.issues.append(Issue(node.at, f"undefined field '{node.field_name}'", node.field_name, tuple(fields)))
        return found or t.ERROR

    def lookup(self, name: str) -> tuple[Type, bool] | None:
        """The type of a name and whether the name is itself a type."""
        if name.startswith("."):
            name = name[1:]
        else:
            for scope in reversed(self.scopes):
                if name in scope:
                    return scope[name], False
        if name in self.variables:
            return self.variables[name], False
        found = self.library.idents.get(name)
        return None if found is None else (found, True)

    def visit(self, node: Node) -> Node:
        self.nodes.append(node)
        match node:
            case Literal():
                node.type = _LITERALS[node.value.__class__]
            case Name():
                self.visit_name(node)
            case Select():
                return self.visit_select(node)
            case Call():
                self.visit_call(node)
            case ListLiteral():
                self.visit_list(node)
            case MapLiteral():
                self.visit_map(node)
            case Fold():
                self.visit_fold(node)
            case StructLiteral():
                self.visit_struct(node)
            case _:
                raise AssertionError(f"the parser makes no {type(node).__name__}")
        return node

    def visit_name(self, node: Name) -> None:
        found = self.lookup(node.name)
        if found is None:
            node.type = self.complain(node, f"undeclared reference to '{node.name}' (in container '')")
        else:
            node.type, node.is_type = found
            node.name = node.name.removeprefix(".")

    def visit_select(self, node: Select) -> Node:
        qualified = "" if node.test or node.optional else qualified_name(node)
        found = self.lookup(qualified) if qualified else None
        if found is not None:
            name = Name(node.at, qualified.removeprefix("."), is_type=found[1])
            name.type = found[0]
            self.nodes.append(name)
            return name
        node.operand = self.visit(node.operand)
        result = self.field_type(node)
        node.type = t.BOOL if node.test else self.unifier.resolve(result)
        return node

    def field_type(self, node: Select) -> Type:
        operand = self.unifier.resolve(node.operand.type)
        optional = t.is_optional(operand)
        target = operand.params[0] if optional else operand
        result = t.ERROR
        if target.kind is Kind.MAP:
            result = target.params[1]
        elif target.kind is Kind.STRUCT:
            result = self.of_struct(node, target.name)
        elif target.kind is Kind.PARAM:
            self.unifier.assignable(t.DYN, target)
            result = t.DYN
        else:
            if not t.is_dyn_or_error(target):
                self.complain(node, f"type '{describe(target)}' does not support field selection")
            result = t.DYN
        return t.optional_of(result) if optional or node.optional else result

    def visit_call(self, node: Call) -> None:
        node.args = [self.visit(arg) for arg in node.args]
        functions = self.library.functions
        if node.target is not None:
            qualified = qualified_name(node.target)
            namespaced = f"{qualified}.{node.function}".removeprefix(".") if qualified else ""
            if namespaced in functions:
                node.function, node.target = namespaced, None
            else:
                node.target = self.visit(node.target)
        name = node.function.removeprefix(".")
        if name not in functions:
            node.type = self.complain(node, f"undeclared reference to '{node.function}' (in container '')")
            return
        node.function = name
        if name in ("_&&_", "_||_"):
            node.type = self.logical(node)
        else:
            node.type = self.resolve(node, functions[name])

    def logical(self, node: Call) -> Type:
        node.overloads = ("logical_and" if node.function == "_&&_" else "logical_or",)
        result = t.BOOL
        for arg in node.args:
            if not self.unifier.assignable(arg.type, t.BOOL):
                result = self.complain(arg, f"expected type 'bool' but found '{describe(arg.type)}'")
        return result

    def resolve(self, node: Call, overloads: tuple[Overload, ...]) -> Type:
        parts = ([node.target] if node.target is not None else []) + node.args
        types = tuple(part.type for part in parts)
        result: Type | None = None
        chosen: list[str] = []
        for candidate in overloads:
            if candidate.member is not (node.target is not None) or len(candidate.args) != len(types):
                continue
            fresh = self.instantiate(candidate)
            if not self.unifier.assignable_all(types, fresh.args):
                continue
            chosen.append(candidate.id)
            found = self.unifier.resolve(fresh.result)
            if result is None:
                result = found
            elif result.kind is not Kind.DYN and found != result:
                result = t.DYN
        node.overloads = tuple(chosen)
        if result is None:
            shown = [describe(self.unifier.resolve(x, free_to_dyn=True)) for x in types]
            text = f"{shown[0]}.({', '.join(shown[1:])})" if node.target is not None else f"({', '.join(shown)})"
            return self.complain(node, f"found no matching overload for '{node.function}' applied to '{text}'")
        return result

    def instantiate(self, candidate: Overload) -> Overload:
        """The overload with type variables of its own."""
        names: dict[Type, Type] = {}
        for part in (*candidate.args, candidate.result):
            for found in _parameters(part):
                if found not in names:
                    names[found] = self.unifier.new_variable()
        if not names:
            return candidate
        args = tuple(_rename(a, names) for a in candidate.args)
        return Overload(candidate.id, args, _rename(candidate.result, names), candidate.member)

    def visit_list(self, node: ListLiteral) -> None:
        joined: Type | None = None
        node.elements = [self.visit(e) for e in node.elements]
        for index, element in enumerate(node.elements):
            kind = self.unwrap(element) if index in node.optional else element.type
            joined = self.join(joined, kind)
        node.type = t.list_of(joined or self.unifier.new_variable())

    def unwrap(self, element: Node) -> Type:
        kind = element.type
        if t.is_optional(kind):
            return kind.params[0]
        if kind.kind is not Kind.DYN:
            expected = describe(t.optional_of(kind))
            self.complain(element, f"expected type '{expected}' but found '{describe(kind)}'")
        return kind

    def join(self, previous: Type | None, current: Type) -> Type:
        """The type of a literal's elements; whether mixed ones are allowed is for the validators to say."""
        if previous is None:
            return current
        if self.unifier.assignable(previous, current):
            return previous if t.less_specific(previous, current) else current
        return t.DYN

    def visit_map(self, node: MapLiteral) -> None:
        keys: Type | None = None
        values: Type | None = None
        for index, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
            node.keys[index] = self.visit(key)
            keys = self.join(keys, node.keys[index].type)
            node.values[index] = self.visit(value)
            found = node.values[index]
            values = self.join(values, self.unwrap(found) if index in node.optional else found.type)
        node.type = t.map_of(keys or self.unifier.new_variable(), values or self.unifier.new_variable())

    def visit_fold(self, node: Fold) -> None:
        node.iter_range = self.visit(node.iter_range)
        node.accu_init = self.visit(node.accu_init)
        first, second = self.loop_types(node)
        self.scopes.append({node.accu_var: node.accu_init.type})
        inner = {node.iter_var: first}
        if node.iter_var2:
            inner[node.iter_var2] = second
        self.scopes.append(inner)
        node.condition = self.visit(node.condition)
        self.expect(node.condition, t.BOOL)
        node.step = self.visit(node.step)
        self.expect(node.step, node.accu_init.type)
        self.scopes.pop()
        node.result = self.visit(node.result)
        self.scopes.pop()
        node.type = self.unifier.resolve(node.result.type)

    def expect(self, node: Node, wanted: Type) -> None:
        if not self.unifier.assignable(wanted, node.type):
            self.complain(node, f"expected type '{describe(wanted)}' but found '{describe(node.type)}'")

    def loop_types(self, node: Fold) -> tuple[Type, Type]:
        """What the loop's variables hold."""
        over = self.unifier.resolve(node.iter_range.type)
        if over.kind is Kind.LIST:
            return (t.INT, over.params[0]) if node.iter_var2 else (over.params[0], t.ERROR)
        if over.kind is Kind.MAP:
            return over.params[0], over.params[1]
        if t.is_dyn_or_error(over) or over.kind is Kind.PARAM:
            self.unifier.assignable(t.DYN, over)
            return t.DYN, t.DYN
        text = f"expression of type '{describe(over)}' cannot be range of a comprehension"
        self.complain(node.iter_range, f"{text} (must be list, map, or dynamic)")
        return t.ERROR, t.ERROR

    def visit_struct(self, node: StructLiteral) -> None:
        found = self.lookup(node.name)
        if found is None:
            node.type = self.complain(node, f"undeclared reference to '{node.name}' (in container '')")
        elif not found[1]:
            node.type = self.complain(node, f"'{describe(found[0])}' is not a type")
        else:
            node.type = self.complain(node, f"'{describe(found[0].params[0])}' is not a message type")
        for _, value, _ in node.fields:
            self.visit(value)


def _parameters(kind: Type) -> list[Type]:
    if kind.kind is Kind.PARAM:
        return [kind]
    return [found for inner in kind.params for found in _parameters(inner)]


def _rename(kind: Type, names: Mapping[Type, Type]) -> Type:
    if kind.kind is Kind.PARAM:
        return names[kind]
    if not kind.params:
        return kind
    return Type(kind.kind, kind.name, tuple(_rename(p, names) for p in kind.params))
