"""Expand the macros of CEL and of Kubernetes' libraries into loops."""

from generator.cel.syntax import Call, Fold, ListLiteral, Literal, MapLiteral, Name, Node, Select

ACCUMULATOR = "@result"
SORT_INPUT = "@__sortBy_input__"
UNUSED = "#unused"


class MacroError(Exception):
    """A macro used with arguments it cannot take."""

    def __init__(self, at: int, message: str) -> None:
        self.at = at
        self.message = message
        super().__init__(message)


def expand(at: int, name: str, target: Node | None, args: list[Node]) -> Node | None:
    """What a call stands for, or nothing when it is an ordinary call.

    Raises MacroError when it is a macro but its arguments are not names where names are due.
    """
    if target is None:
        if name == "has" and len(args) == 1:
            operand = args[0]
            if not isinstance(operand, Select) or operand.test or operand.optional:
                raise MacroError(operand.at, "invalid argument to has() macro")
            return Select(at, operand.operand, operand.field_name, test=True)
        return None
    count = len(args)
    if name in ("optMap", "optFlatMap") and count == 2:
        return _optional(at, name, target, args)
    if name == "sortBy" and count == 2:
        return _sort_by(at, target, args)
    if count == 2 and name in ("all", "exists", "exists_one", "existsOne", "filter", "map"):
        return _one_variable(at, name, target, args)
    if count == 3 and name == "map":
        return _one_variable(at, name, target, args)
    if (count == 3 and name in ("all", "exists", "exists_one", "existsOne")) or (
        count in (3, 4) and name in ("transformList", "transformMap", "transformMapEntry")
    ):
        return _two_variables(at, name, target, args)
    return None


def _accu(at: int) -> Name:
    return Name(at, ACCUMULATOR)


def _call(at: int, function: str, *args: Node) -> Call:
    return Call(at, function, None, list(args))


_Loop = tuple[Node, Node, Node, Node, str, tuple[Node, ...]]


def _fold(at: int, target: Node, variables: tuple[str, str], loop: _Loop) -> Fold:
    init, condition, step, result, macro, parts = loop
    return Fold(at, target, variables[0], variables[1], ACCUMULATOR, init, condition, step, result, macro, parts)


def _variable(node: Node, complaint: str) -> str:
    if not isinstance(node, Name) or node.name.startswith("."):
        raise MacroError(node.at, complaint)
    if node.name in (ACCUMULATOR, "__result__"):
        raise MacroError(node.at, "iteration variable overwrites accumulator variable")
    return node.name


def _one_variable(at: int, name: str, target: Node, args: list[Node]) -> Node:
    mapping = name in ("map", "filter")
    variable = _variable(args[0], "argument is not an identifier" if mapping else "argument must be a simple name")
    if not mapping:
        return _fold(at, target, (variable, ""), _quantifier(at, name, args[1]))
    element = args[0] if name == "filter" else args[-1]
    condition = args[1] if name == "filter" or len(args) == 3 else None
    return _fold(at, target, (variable, ""), _collect(at, element, condition))


def _quantifier(at: int, name: str, predicate: Node) -> _Loop:
    if name == "all":
        condition = _call(at, "@not_strictly_false", _accu(at))
        return Literal(at, True), condition, _call(at, "_&&_", _accu(at), predicate), _accu(at), name, (predicate,)
    if name == "exists":
        condition = _call(at, "@not_strictly_false", _call(at, "!_", _accu(at)))
        return Literal(at, False), condition, _call(at, "_||_", _accu(at), predicate), _accu(at), name, (predicate,)
    step = _call(at, "_?_:_", predicate, _call(at, "_+_", _accu(at), Literal(at, 1)), _accu(at))
    result = _call(at, "_==_", _accu(at), Literal(at, 1))
    return Literal(at, 0), Literal(at, True), step, result, "exists_one", (predicate,)


def _collect(at: int, element: Node, condition: Node | None) -> _Loop:
    step: Node = _call(at, "_+_", _accu(at), ListLiteral(at, [element]))
    parts: tuple[Node, ...] = (element,)
    if condition is not None:
        step = _call(at, "_?_:_", condition, step, _accu(at))
        parts = (element, condition)
    return ListLiteral(at, []), Literal(at, True), step, _accu(at), "map", parts


def _two_variables(at: int, name: str, target: Node, args: list[Node]) -> Node:
    first = _simple(args[0])
    second = _simple(args[1])
    if first == second:
        raise MacroError(args[1].at, f"duplicate variable name: {first}")
    _variable(args[0], "argument must be a simple name")
    _variable(args[1], "argument must be a simple name")
    variables = (first, second)
    if not name.startswith("transform"):
        kind = "exists_one" if name == "existsOne" else name
        return _fold(at, target, variables, _quantifier(at, kind, args[2]))
    condition = args[2] if len(args) == 4 else None
    if name == "transformList":
        return _fold(at, target, variables, _collect(at, args[-1], condition))
    if name == "transformMap":
        step = _call(at, "cel.@mapInsert", _accu(at), Name(at, first), args[-1])
    else:
        step = _call(at, "cel.@mapInsert", _accu(at), args[-1])
    parts: tuple[Node, ...] = (args[-1],)
    if condition is not None:
        step = _call(at, "_?_:_", condition, step, _accu(at))
        parts = (args[-1], condition)
    return _fold(at, target, variables, (MapLiteral(at, [], []), Literal(at, True), step, _accu(at), name, parts))


def _simple(node: Node) -> str:
    if not isinstance(node, Name) or node.name.startswith("."):
        raise MacroError(node.at, "argument must be a simple name")
    return node.name


def _optional(at: int, name: str, target: Node, args: list[Node]) -> Node:
    if not isinstance(args[0], Name):
        raise MacroError(args[0].at, f"{name}() variable name must be a simple identifier")
    variable = args[0].name
    bound: Node = Fold(
        at,
        ListLiteral(at, []),
        UNUSED,
        "",
        variable,
        Call(at, "value", target, []),
        Literal(at, False),
        Name(at, variable),
        args[1],
        "bind",
        (),
    )
    if name == "optMap":
        bound = _call(at, "optional.of", bound)
    return _call(at, "_?_:_", Call(at, "hasValue", target, []), bound, _call(at, "optional.none"))


def _sort_by(at: int, target: Node, args: list[Node]) -> Node:
    if not isinstance(target, ListLiteral | Select | Name | Fold | Call):
        text = "sortBy can only be applied to a list, identifier, comprehension, call or select expression"
        raise MacroError(target.at, text)
    keys = _one_variable(at, "map", Name(at, SORT_INPUT), args)
    call = Call(at, "@sortByAssociatedKeys", Name(at, SORT_INPUT), [keys])
    never = Literal(at, False)
    return Fold(at, ListLiteral(at, []), UNUSED, "", SORT_INPUT, target, never, Name(at, SORT_INPUT), call, "bind", ())
