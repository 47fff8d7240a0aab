"""Turn the text of a CEL expression into a tree, macros expanded.

The grammar and its limits are cel-go's. `cel-expr-python` would do the same, but stops at 32 nested or chained
operators where the API server allows 250, and has no place for the library types of Kubernetes in its fields.
"""

from collections.abc import Callable

from generator.cel.failure import CompileError, ExcessError, Issue
from generator.cel.lexer import Token, tokens, unquote
from generator.cel.macros import MacroError, expand
from generator.cel.syntax import Call, ListLiteral, Literal, MapLiteral, Name, Node, Select, StructLiteral, repeated
from generator.cel.values import Uint

MAX_CODE_POINTS = 100_000
MAX_DEPTH = 250
MAX_REPEATED = 10_000
"""Parts that `optMap` and its kin may repeat: each doubles what it is called on, and the server checks all of it."""

RESERVED = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)
KEYWORDS = RESERVED | {"true", "false", "null", "in"}
"""Words that no identifier may be."""
_BINARY = {
    "||": 1,
    "&&": 2,
    "<": 3,
    "<=": 3,
    ">": 3,
    ">=": 3,
    "==": 3,
    "!=": 3,
    "in": 3,
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "%": 5,
}
_FUNCTION = {op: f"_{op}_" for op in _BINARY} | {"in": "@in"}
_INT_MIN, _INT_MAX, _UINT_MAX = -(2**63), 2**63 - 1, 2**64 - 1


def parse(source: str, allowed_macro: Callable[[str, int], bool]) -> Node:
    """The tree of an expression; `allowed_macro(name, argument_count)` says which macros the version has.

    Raises CompileError with the place of the first thing that is not CEL, ExcessError where macros repeat too much.
    """
    if len(source) > MAX_CODE_POINTS:
        size = f"expression code point size exceeds limit: size: {len(source)}, limit {MAX_CODE_POINTS}"
        raise CompileError(source[:80], [Issue(-1, size)])
    reader = _Parser(source, allowed_macro)
    tree = reader.expression()
    reader.expect("end", "<EOF>")
    again = repeated(tree)
    if again > MAX_REPEATED:
        text = f"macros make {again:,} more parts of the expression, the bound is {MAX_REPEATED:,}"
        raise ExcessError(source[:80], [Issue(-1, text)])
    return tree


class _Parser:
    """Recursive descent with precedence climbing."""

    def __init__(self, source: str, allowed_macro: Callable[[str, int], bool]) -> None:
        self.source = source
        self.tokens = tokens(source)
        self.index = 0
        self.depth = 0
        self.allowed_macro = allowed_macro

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def fail(self, at: int, message: str) -> CompileError:
        return CompileError(self.source, [Issue(at, message)])

    def unexpected(self) -> CompileError:
        token = self.token
        return self.fail(token.at, f"Syntax error: mismatched input '{token.text}'")

    def deeper(self, amount: int = 1) -> None:
        self.depth += amount
        if self.depth > MAX_DEPTH:
            raise self.fail(-1, f"expression recursion limit exceeded: {MAX_DEPTH}")

    def at_op(self, text: str) -> bool:
        token = self.token
        return token.kind == "op" and token.text == text

    def take(self, text: str) -> Token | None:
        if self.at_op(text):
            self.index += 1
            return self.tokens[self.index - 1]
        return None

    def expect(self, kind: str, text: str = "") -> Token:
        token = self.token
        if token.kind != kind or (text and token.text != text):
            raise self.unexpected()
        self.index += 1
        return token

    def expression(self) -> Node:
        self.deeper()
        left = self.binary(1)
        question = self.take("?")
        if question is not None:
            then = self.binary(1)
            self.expect("op", ":")
            left = Call(question.at, "_?_:_", None, [left, then, self.expression()])
        self.depth -= 1
        return left

    def binary(self, lowest: int) -> Node:
        left = self.unary()
        chained = 0
        while True:
            token = self.token
            is_operator = token.kind == "op" or (token.kind == "name" and token.text == "in")
            power = _BINARY.get(token.text, 0) if is_operator else 0
            if power < lowest:
                self.depth -= chained
                return left
            self.index += 1
            right = self.binary(power + 1)
            function = _FUNCTION[token.text]
            if power > 2:
                self.deeper()
            chained += 1 if power > 2 else 0
            call = Call(token.at, function, None, [left, right])
            while power <= 2 and self.at_op(token.text):  # a chain of && or || is one node: the order is the same
                self.index += 1
                call.args.append(self.binary(power + 1))
            left = call

    def unary(self) -> Node:
        for operator, function in (("!", "!_"), ("-", "-_")):
            if not self.at_op(operator):
                continue
            first = self.token
            count = 0
            while self.at_op(operator):
                number = self.tokens[self.index + 1].kind in ("int", "float")
                if operator == "-" and number and count % 2 == 0:
                    break  # a sign, part of the number
                count += 1
                self.index += 1
            operand = self.member()
            return Call(first.at, function, None, [operand]) if count % 2 else operand
        return self.member()

    def member(self) -> Node:
        node = self.primary()
        steps = 0
        while True:
            dot = self.take(".")
            if dot is not None:
                node = self.selection(node, dot)
            elif self.at_op("["):
                bracket = self.expect("op", "[")
                optional = self.take("?") is not None
                index = self.expression()
                self.expect("op", "]")
                node = Call(bracket.at, "_[?_]" if optional else "_[_]", None, [node, index])
            else:
                self.depth -= steps
                return node
            self.deeper()
            steps += 1

    def selection(self, node: Node, dot: Token) -> Node:
        optional = self.take("?") is not None
        if self.token.kind == "escaped":
            raise self.fail(self.token.at, "unsupported syntax: '`'")
        name = self.identifier()
        paren = None if optional else self.take("(")
        if paren is not None:
            return self.call(paren.at, name.text, node, self.arguments(")"))
        if self.at_op("{") and not optional:
            qualified = qualified_name(node)
            if qualified:
                return self.message(f"{qualified}.{name.text}")
        return Select(dot.at, node, name.text, optional=optional)

    def identifier(self) -> Token:
        token = self.token
        if token.kind != "name" or token.text in ("true", "false", "null", "in"):
            raise self.unexpected()
        self.index += 1
        return token

    def arguments(self, closing: str) -> list[Node]:
        out: list[Node] = []
        if not self.at_op(closing):
            out.append(self.expression())
            while self.take(","):
                out.append(self.expression())
        self.expect("op", closing)
        return out

    def call(self, at: int, name: str, target: Node | None, args: list[Node]) -> Node:
        if self.allowed_macro(name, len(args)):
            try:
                expanded = expand(at, name, target, args)
            except MacroError as error:
                raise self.fail(error.at, error.message) from None
            if expanded is not None:
                return expanded
        return Call(at, name, target, args)

    def primary(self) -> Node:
        token = self.token
        if token.kind == "op":
            return self.bracketed(token)
        if token.kind in ("int", "uint", "float", "string", "bytes"):
            return self.literal("")
        if token.kind != "name":
            raise self.unexpected()
        constants: dict[str, object] = {"true": True, "false": False, "null": None}
        if token.text in constants:
            self.index += 1
            return Literal(token.at, constants[token.text])
        return self.named("")

    def bracketed(self, token: Token) -> Node:
        if self.take("("):
            inner = self.expression()
            self.expect("op", ")")
            return inner
        if self.take("["):
            return self.list_literal(token.at)
        if self.take("{"):
            return self.map_literal(token.at)
        if self.take("-") and self.token.kind in ("int", "float"):
            return self.literal("-")
        if token.text == "." and self.take("."):
            return self.named(".")
        raise self.unexpected()

    def named(self, dot: str) -> Node:
        token = self.identifier()
        if token.text in RESERVED:
            raise self.fail(token.at, f"reserved identifier: {token.text}")
        paren = self.take("(")
        if paren is not None:
            return self.call(paren.at, dot + token.text, None, self.arguments(")"))
        if self.at_op("{"):
            return self.message(dot + token.text)
        return Name(token.at, dot + token.text)

    def literal(self, sign: str) -> Node:
        token = self.token
        self.index += 1
        at = token.at - (1 if sign else 0)
        if token.kind in ("string", "bytes"):
            return Literal(at, unquote(self.source, token))
        if token.kind == "float":
            value = float(sign + token.text)
            if value in (float("inf"), float("-inf")):
                raise self.fail(at, "invalid double literal")
            return Literal(at, value)
        text = token.text.rstrip("uU") if token.kind == "uint" else token.text
        number = int(sign + text, 16 if text.startswith("0x") else 10) if len(text) <= 32 else 2**99
        if token.kind == "uint":
            if number > _UINT_MAX:
                raise self.fail(at, "invalid uint literal")
            return Literal(at, Uint(number))
        if not _INT_MIN <= number <= _INT_MAX:
            raise self.fail(at, "invalid int literal")
        return Literal(at, number)

    def list_literal(self, at: int) -> Node:
        elements: list[Node] = []
        optional: set[int] = set()
        while not self.at_op("]"):
            if self.take("?"):
                optional.add(len(elements))
            elements.append(self.expression())
            if not self.take(","):
                break
        self.expect("op", "]")
        return ListLiteral(at, elements, frozenset(optional))

    def map_literal(self, at: int) -> Node:
        keys: list[Node] = []
        values: list[Node] = []
        optional: set[int] = set()
        while not self.at_op("}"):
            if self.take("?"):
                optional.add(len(keys))
            keys.append(self.expression())
            self.expect("op", ":")
            values.append(self.expression())
            if not self.take(","):
                break
        self.expect("op", "}")
        return MapLiteral(at, keys, values, frozenset(optional))

    def message(self, name: str) -> Node:
        brace = self.expect("op", "{")
        fields: list[tuple[str, Node, int]] = []
        while not self.at_op("}"):
            self.take("?")
            field_name = self.identifier().text
            colon = self.expect("op", ":")
            fields.append((field_name, self.expression(), colon.at))
            if not self.take(","):
                break
        self.expect("op", "}")
        return StructLiteral(brace.at, name, fields)


def qualified_name(node: Node) -> str:
    """`a.b.c` of a chain of plain selections, else nothing."""
    parts: list[str] = []
    while isinstance(node, Select) and not node.test and not node.optional:
        parts.append(node.field_name)
        node = node.operand
    if not isinstance(node, Name):
        return ""
    return ".".join([node.name, *reversed(parts)])
