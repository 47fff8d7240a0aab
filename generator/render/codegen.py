"""How templates compile: values go through holes, loops and macros are metered, inheritance is refused."""

from collections.abc import Callable
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame

from generator.render.limits import STEP_CHARACTERS

CALL_STEPS = 10  # a call takes about as long as so many turns of a loop


def _weight(body: list[nodes.Node]) -> int:
    text = sum(len(data.data) for node in body for data in _data(node))
    return 1 + text // STEP_CHARACTERS


def _data(node: nodes.Node) -> list[nodes.TemplateData]:
    own = [node] if isinstance(node, nodes.TemplateData) else []
    return own + list(node.find_all(nodes.TemplateData))


def meter(template: nodes.Template) -> None:
    """Put the meter into a parsed template: before each loop, at the head of each macro and of the template.

    The nodes used carry no meaning of their own here: `MarkSafe` and `ExprStmt` are made by extensions only, and
    none is loaded.
    """
    for loop in template.find_all(nodes.For):
        wrapped = nodes.MarkSafe(loop.iter, lineno=loop.lineno)
        wrapped.weight = _weight([*loop.body, *loop.else_])  # type: ignore[attr-defined]
        loop.iter = wrapped
    for macro in template.find_all((nodes.Macro, nodes.CallBlock)):
        assert isinstance(macro, nodes.Macro | nodes.CallBlock)
        macro.body.insert(0, _tick(macro.body, macro.lineno))
    template.body.insert(0, _tick(template.body, 1))


def _tick(body: list[nodes.Node], lineno: int) -> nodes.ExprStmt:
    return nodes.ExprStmt(nodes.Const(CALL_STEPS + _weight(body)), lineno=lineno)


class HoleGenerator(CodeGenerator):
    """Jinja's compiler with typed holes in place of text output."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        """Meter the template, then compile it."""
        meter(node)
        super().visit_Template(node, frame)

    def write_commons(self) -> None:
        """Bind what the generated code calls most."""
        super().write_commons()
        for name in (
            "hole",
            "charge",
            "sized",
            "weigh",
            "attribute",
            "method",
            "call",
            "join_text",
            "items_of",
            "keys_of",
            "values_of",
        ):
            self.writeline(f"{name} = environment.{name}")

    def enter_frame(self, frame: Frame) -> None:
        """A template writes into a list as its macros do: that is faster than to yield each piece."""
        super().enter_frame(frame)
        if frame.rootlevel:
            self.buffer(frame)

    def leave_frame(self, frame: Frame, with_python_scope: bool = False) -> None:
        """Hand over what the template wrote."""
        if frame.rootlevel:
            self.writeline(f"yield ''.join({frame.buffer})")
        super().leave_frame(frame, with_python_scope)

    def visit_MarkSafe(self, node: nodes.MarkSafe, frame: Frame) -> None:  # noqa: N802
        """The items of a loop, paid for."""
        self.write("sized(")
        self.visit(node.expr, frame)
        self.write(f", {getattr(node, 'weight', 1)})")

    def visit_ExprStmt(self, node: nodes.ExprStmt, frame: Frame) -> None:  # noqa: N802, ARG002
        """The head of a macro or template, paid for."""
        assert isinstance(node.node, nodes.Const)
        self.writeline(f"charge({node.node.value})", node)

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:  # noqa: N802
        """Text as it is, values through holes, one statement for both."""
        parts: list[str] = []
        for number, child in enumerate(node.nodes):
            if isinstance(child, nodes.TemplateData):
                parts.append(repr(self.mapped(child)).replace("{", "{{").replace("}", "}}"))
            else:
                self.writeline(f"h_{number} = hole(", child)
                self.visit(child, frame)
                self.write(")")
                parts.append(f"f'{{h_{number}}}'")
        # Literals side by side are one string: the fastest way there is to put text together.
        literals = " ".join(part if part.startswith("f") else f"f{part}" for part in parts)
        super().start_write(frame)
        self.write(literals)
        super().end_write(frame)

    def mapped(self, node: nodes.TemplateData) -> str:
        """The text of a template, with its lines noted where the environment wants that."""
        note = getattr(self.environment, "note_line", None)
        return node.data if note is None else note(self.filename or "", node.lineno, node.data)

    def start_write(self, frame: Frame, node: nodes.Node | None = None) -> None:
        """Begin what a call or filter block puts out: a value or a fragment, so a hole too."""
        super().start_write(frame, node)
        self.write("hole(")

    def simple_write(self, s: str, frame: Frame, node: nodes.Node | None = None) -> None:
        """What an include puts out: text with marks already."""
        super().start_write(frame, node)
        self.write(s)
        super().end_write(frame)

    def end_write(self, frame: Frame) -> None:
        """End what `start_write` began."""
        self.write(")")
        super().end_write(frame)

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        """`a.b`: a key of data, or one of the few attributes there are."""
        # The common case, a key of a mapping, is written out: calling a function costs three times as much.
        if isinstance(node.node, nodes.Name):
            name = frame.symbols.ref(node.node.name)
            self.write(f"({name}[{node.attr!r}] if type({name}) is dict and {node.attr!r} in {name} else attribute(")
            self.visit(node.node, frame)
            self.write(f", {node.attr!r}))")
            return
        self.write(f"(t_o[{node.attr!r}] if type(t_o := ")
        self.visit(node.node, frame)
        self.write(f") is dict and {node.attr!r} in t_o else attribute(t_o, {node.attr!r}))")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        """`a.b(…)` looks for a method first, so that a key named `items` hides nothing."""
        if isinstance(node.node, nodes.Getattr) and node.node.attr in _VIEWS and not _has_arguments(node):
            self.write(f"{node.node.attr}_of(")
            self.visit(node.node.node, frame)
            self.write(")")
            return
        self.write("call(")
        if isinstance(node.node, nodes.Getattr):
            self.write("method(")
            self.visit(node.node.node, frame)
            self.write(f", {node.node.attr!r})")
        else:
            self.visit(node.node, frame)
        self.signature(node, frame, {"caller": "caller"} if forward_caller else None)
        self.write(")")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        """`a ~ b`: text, exactly."""
        self.write("join_text((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    def visit_List(self, node: nodes.List, frame: Frame) -> None:  # noqa: N802
        """A list, paid for with all that it holds."""
        self.weighed(node, super().visit_List, frame)

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:  # noqa: N802
        """A tuple; the names on the left of an assignment are one too."""
        if node.ctx == "load":
            self.weighed(node, super().visit_Tuple, frame)
        else:
            super().visit_Tuple(node, frame)

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802
        """A mapping, paid for with all that it holds."""
        self.weighed(node, super().visit_Dict, frame)

    def weighed(self, node: nodes.Expr, visit: Callable[[Any, Frame], None], frame: Frame) -> None:
        """A collection; only what is made of parts that are not constant can grow."""
        constant = all(isinstance(child, nodes.Const | nodes.Pair) for child in node.iter_child_nodes())
        constant = constant and all(
            isinstance(p.value, nodes.Const) for p in node.iter_child_nodes() if isinstance(p, nodes.Pair)
        )
        self.write("(" if constant else "weigh(")
        visit(node, frame)
        self.write(")")

    def refuse(self, node: nodes.Node, frame: Frame) -> None:  # noqa: ARG002
        """Constructs that could not keep the promise of typed holes."""
        what = type(node).__name__.lower()
        self.fail(_REFUSED.get(what, f"{what} is not supported"), node.lineno)

    visit_Block: Any = refuse  # noqa: N815 - the name the compiler looks for
    visit_Extends: Any = refuse  # noqa: N815 - the name the compiler looks for
    visit_EvalContextModifier: Any = refuse  # noqa: N815 - the name the compiler looks for
    visit_ScopedEvalContextModifier: Any = refuse  # noqa: N815 - the name the compiler looks for


_VIEWS = ("items", "keys", "values")
_BOUND = (
    "hole",
    "charge",
    "sized",
    "weigh",
    "attribute",
    "method",
    "call",
    "join_text",
    *(f"{view}_of" for view in _VIEWS),
)


def _has_arguments(node: nodes.Call) -> bool:
    return bool(node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)


_REFUSED = {
    "block": "blocks are not supported, use include or import",
    "extends": "extends is not supported, use include or import",
    "evalcontextmodifier": "autoescape is not supported: nothing is ever escaped",
    "scopedevalcontextmodifier": "autoescape is not supported: nothing is ever escaped",
}
