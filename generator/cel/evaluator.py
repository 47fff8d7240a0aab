"""Turn a checked tree into Python closures that compute its value and count its cost."""

from collections.abc import Callable, Mapping
from typing import Any

from generator.cel import arithmetic, attributes, calls, folds
from generator.cel.attributes import FIRST_SLOT, SPENT, Eval, Frame, Step
from generator.cel.costs import LIST_BASE, MAP_BASE, call_cost
from generator.cel.declarations import Library
from generator.cel.failure import EvalError
from generator.cel.functions import COUNTED, counted, implementation
from generator.cel.indexed import narrowed, wanted
from generator.cel.operators import comparison, equality, logical, membership, size, unary_not
from generator.cel.regex import compile_pattern
from generator.cel.syntax import Call, Fold, ListLiteral, Literal, MapLiteral, Name, Node, Select
from generator.cel.values import Absent, Duration, Some, Timestamp, TypeValue, show
from generator.cel.work import FREE, measure_of

_CONVERSIONS = frozenset(["bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint"])
_NOTHING = object()
_LITERALS: dict[type, str] = {
    list: "*types.baseList",
    dict: "*types.baseMap",
    bytes: "types.Bytes",
    type(None): "types.Null",
    Timestamp: "types.Timestamp",
    Duration: "types.Duration",
    TypeValue: "*types.Type",
}
"""Constants that can index nothing, by the name the server has for them."""


class Builder:
    """Builds closures; `width` is the size a frame needs in the end.

    Raises EvalError where the server would refuse the program: a constant conversion or a pattern that cannot work.
    """

    def __init__(self, library: Library, slots: Mapping[str, int]) -> None:
        self.library = library
        self.scopes: list[dict[str, int]] = [dict(slots)]
        self.next_slot = FIRST_SLOT + len(slots)
        self.width = self.next_slot

    def build(self, node: Node) -> Eval:
        """The closure of any node."""
        constant = self.constant(node)
        if constant is not _NOTHING:
            return lambda _: constant
        match node:
            case Name() | Select():
                return self.attribute(node, 1)
            case Call():
                return self.call(node)
            case ListLiteral():
                return self.list_literal(node)
            case MapLiteral():
                return self.map_literal(node)
            case Fold():
                return self.fold(node)
            case _:
                raise EvalError("unsupported expression")

    def constant(self, node: Node) -> Any:
        """The value of a node the server folds when it plans the program, else a mark."""
        match node:
            case Literal():
                return node.value
            case Name(is_type=True):
                return TypeValue(node.name)
            case ListLiteral() if not node.optional:
                values = [self.constant(e) for e in node.elements]
                return _NOTHING if any(v is _NOTHING for v in values) else values
            case MapLiteral() if not node.optional:
                keys = [self.constant(k) for k in node.keys]
                values = [self.constant(v) for v in node.values]
                if any(v is _NOTHING for v in keys + values):
                    return _NOTHING
                return dict(zip(keys, values, strict=True))
            case Call() if node.function in _CONVERSIONS and node.target is None and len(node.args) == 1:
                value = self.constant(node.args[0])
                return (
                    value if value is _NOTHING else implementation(node.function, node.overloads, self.library)(value)
                )
        return _NOTHING

    def slot(self, name: str) -> int:
        """Where a variable lives in the frame."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        raise EvalError(f"no such attribute(s): {name}")

    def attribute(self, node: Node, cost: int) -> Eval:
        """Selections and indexes, gathered down to what they start from; `cost` is that of the whole."""
        steps: list[Step] = []
        while True:
            if isinstance(node, Select) and not node.test:
                steps.append(Step(key=node.field_name, optional=node.optional))
                node = node.operand
            elif isinstance(node, Call) and node.function in ("_[_]", "_[?_]"):
                steps.append(self.index_step(node.args[1], optional=node.function == "_[?_]"))
                node = node.args[0]
            else:
                break
        steps.reverse()
        cost += len(steps)
        if isinstance(node, Name) and not node.is_type:
            slot = self.slot(node.name)
            return attributes.chain(slot, steps, cost) if steps else attributes.variable(slot, cost)
        if isinstance(node, Select) and not steps:
            return attributes.presence(self.attribute_base(node.operand), node.field_name)
        return attributes.relative(self.build(node), steps, cost)

    def attribute_base(self, node: Node) -> Eval:
        """The operand of `has`: part of one attribute, so without a cost of its own."""
        if self.is_attribute(node):
            return self.attribute(node, 0)
        return self.build(node)

    def is_attribute(self, node: Node) -> bool:
        """Whether a node is a variable, or a selection or index of anything."""
        if isinstance(node, Select):
            return not node.test
        if isinstance(node, Call):
            return node.function in ("_[_]", "_[?_]")
        return isinstance(node, Name) and not node.is_type

    def index_step(self, index: Node, *, optional: bool) -> Step:
        """A step of an attribute into a list or map, by a constant or by what an expression gives."""
        value = self.constant(index)
        if value.__class__ in _LITERALS:
            raise EvalError(f"invalid qualifier type: {_LITERALS[value.__class__]}")
        if value is not _NOTHING:
            return Step(key=value, optional=optional)
        return Step(compute=self.attribute_base(index), optional=optional)

    def call(self, node: Call) -> Eval:
        """Operators by their rules, all else by name and overload."""
        special: dict[str, Callable[[Call], Eval]] = {
            "_&&_": lambda n: logical([self.build(a) for a in n.args], stop=False),
            "_||_": lambda n: logical([self.build(a) for a in n.args], stop=True),
            "_?_:_": self.ternary,
            "!_": lambda n: unary_not(self.build(n.args[0])),
            "_==_": lambda n: self.equality(n, wanted=True),
            "_!=_": lambda n: self.equality(n, wanted=False),
            "_[_]": lambda n: self.attribute(n, 1),
            "_[?_]": lambda n: self.attribute(n, 1),
            "@in": self.membership,
            "or": self.either,
            "orValue": self.either,
            "matches": self.matches,
            "find": self.matches,
            "findAll": self.matches,
            "-_": self.negate,
            "size": lambda n: size(self.build(n.args[0] if n.target is None else n.target)),
        }
        if node.function in special:
            return special[node.function](node)
        if node.function in arithmetic.BINARY:
            return self.binary(node, arithmetic.BINARY[node.function])
        if node.function in ("_<_", "_<=_", "_>_", "_>=_"):
            cost = call_cost(node.function, self.overload(node))
            return comparison(node.function, self.build(node.args[0]), self.build(node.args[1]), cost)
        return self.function(node)

    def overload(self, node: Call) -> str:
        """The overload the cost is counted by: none where several are possible."""
        return node.overloads[0] if len(node.overloads) == 1 else ""

    def ternary(self, node: Call) -> Eval:
        """`a ? b : c`: only the chosen branch is evaluated."""
        condition = self.build(node.args[0])
        then, other = (self.attribute(a, 0) if self.is_attribute(a) else self.build(a) for a in node.args[1:])

        def run(frame: Frame) -> Any:
            found = condition(frame)
            if found is True:
                return then(frame)
            if found is False:
                return other(frame)
            raise EvalError("no such overload")

        return run

    def equality(self, node: Call, *, wanted: bool) -> Eval:
        """`==` or, with `wanted` false, `!=`."""
        left, right = node.args
        constant = self.constant(right)
        if constant is _NOTHING or constant.__class__ not in (str, bool, type(None)):
            return equality(self.build(left), self.build(right), wanted=wanted)
        from_constant = self.build(left)
        return equality(from_constant, None, wanted=wanted, constant=constant)

    def membership(self, node: Call) -> Eval:
        """`in`; a set is made once of a list of constants."""
        values = self.constant(node.args[1])
        fixed = self.overload(node) == "in_list" and values is not _NOTHING
        cost = call_cost("@in", self.overload(node))
        return membership(self.build(node.args[0]), self.build(node.args[1]), values if fixed else None, cost)

    def either(self, node: Call) -> Eval:
        """`or` and `orValue` look at their argument only when they need it."""
        assert node.target is not None
        target, other = self.build(node.target), self.build(node.args[0])
        inner = node.function == "orValue"

        def run(frame: Frame) -> Any:
            found = target(frame)
            if found.__class__ is Absent:
                return other(frame)
            if found.__class__ is Some:
                return found.value if inner else found
            return found  # not an optional at all: the server hands it on

        return run

    def matches(self, node: Call) -> Eval:
        """A constant pattern is compiled now, and refused now."""
        parts = ([node.target] if node.target is not None else []) + node.args
        pattern = self.constant(parts[1])
        if isinstance(pattern, str):
            compile_pattern(pattern)
        return self.function(node)

    def negate(self, node: Call) -> Eval:
        """`!`, an error for all but truths."""
        operand = self.build(node.args[0])

        def run(frame: Frame) -> Any:
            value = operand(frame)
            frame[SPENT] += 1
            return arithmetic.negate(value)

        return run

    def binary(self, node: Call, operate: Callable[[Any, Any], Any]) -> Eval:
        """An operator of two values, its cost counted."""
        cost = call_cost(node.function, self.overload(node))
        measure = measure_of(node.overloads) if node.function == "_+_" else None
        if measure is not None:
            return calls.measured([self.build(a) for a in node.args], operate, cost, measure)
        return calls.binary(self.build(node.args[0]), self.build(node.args[1]), operate, cost)

    def function(self, node: Call) -> Eval:
        """A library function: arguments first, then the one overload or the one that fits."""
        parts = ([node.target] if node.target is not None else []) + node.args
        cost = call_cost(node.function, self.overload(node))
        closures = [self.build(p) for p in parts]
        if COUNTED.intersection(node.overloads):
            return calls.counted(closures, counted(node.function, node.overloads, self.library), cost)
        operate = implementation(node.function, node.overloads, self.library)
        measure = measure_of(node.overloads)
        if measure is not None:
            return calls.measured(closures, operate, cost, measure)
        if len(closures) == 1:
            return calls.unary(closures[0], operate, cost)
        if len(closures) == 2:
            return calls.binary(closures[0], closures[1], operate, cost)

        def run(frame: Frame) -> Any:
            args = tuple([c(frame) for c in closures])
            result = operate(*args)
            frame[SPENT] += cost if isinstance(cost, int) else cost(args, result)
            return result

        return run

    def list_literal(self, node: ListLiteral) -> Eval:
        """`[a, ?b]`."""
        closures = [self.build(e) for e in node.elements]
        optional = node.optional

        def run(frame: Frame) -> list[Any]:
            values = [c(frame) for c in closures]
            frame[SPENT] += LIST_BASE
            if not optional:
                return values
            out: list[Any] = []
            for index, value in enumerate(values):
                if index not in optional:
                    out.append(value)
                elif value.__class__ is Some:
                    out.append(value.value)
                elif value.__class__ is not Absent:
                    text = "cannot initialize optional list element from non-optional value"
                    raise EvalError(f"{text} {show(value)}")
            return out

        return run

    def map_literal(self, node: MapLiteral) -> Eval:
        """`{k: v, ?k: v}`."""
        closures = [(self.build(k), self.build(v)) for k, v in zip(node.keys, node.values, strict=True)]
        optional = node.optional

        def run(frame: Frame) -> dict[Any, Any]:
            out: dict[Any, Any] = {}
            for index, (key_of, value_of) in enumerate(closures):
                key, value = key_of(frame), value_of(frame)
                if index in optional:
                    if value.__class__ is Absent:
                        out.pop(key, None)
                        continue
                    if value.__class__ is not Some:
                        text = f"cannot initialize optional entry '{show(key)}' from non-optional value"
                        raise EvalError(f"{text} {show(value)}")
                    value = value.value
                if isinstance(key, list | dict):
                    raise EvalError("unsupported key type")
                out[key] = value
            frame[SPENT] += MAP_BASE
            return out

        return run

    def fold(self, node: Fold) -> Eval:
        """A macro's loop; its variables live in slots of their own."""
        over = self.build(node.iter_range)
        init = self.build(node.accu_init) if node.macro == "bind" else None
        saved = self.next_slot
        names = [node.accu_var] if node.macro == "bind" else [n for n in (node.iter_var, node.iter_var2) if n]
        self.scopes.append({name: saved + i for i, name in enumerate(names)})
        self.next_slot += len(names)
        self.width = max(self.width, self.next_slot)
        slots = (saved, saved + 1 if node.iter_var2 else 0)
        try:
            if init is not None:
                return folds.bind(saved, init, self.build(node.result))
            parts = [self.build(p) for p in node.parts]
        finally:
            self.scopes.pop()
            self.next_slot = saved
        free = sum(map(calls.free_nodes, node.parts))
        if free > FREE:
            over = calls.heavy_body(over, free)
        condition = parts[1] if len(parts) > 1 else None
        decides = node.parts[1:] if condition is not None else node.parts if node.macro == "exists" else ()
        asked = wanted(decides[0], node.iter_var) if decides and not node.iter_var2 else None
        if asked is not None:
            over = narrowed(over, *asked)
        match node.macro:
            case "all" | "exists":
                return folds.quantifier(over, slots, parts[0], stop=node.macro == "exists")
            case "exists_one":
                return folds.exactly_one(over, slots, parts[0])
            case "map":
                return folds.collect(over, slots, parts[0], condition)
            case _:
                entries = node.macro == "transformMapEntry"
                return folds.insert(over, slots, parts[0], condition, entries=entries)
