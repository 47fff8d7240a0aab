"""Compile a CEL expression once, evaluate it many times."""

import functools
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from generator.cel.attributes import CHECK, FIRST_SLOT, LIMIT, SPENT, Eval, Frame, Unbound
from generator.cel.checker import check
from generator.cel.costs import PER_CALL_LIMIT
from generator.cel.declarations import library
from generator.cel.evaluator import Builder
from generator.cel.failure import OVER_COST, CompileError, CostError, EvalError
from generator.cel.folds import STRIDE
from generator.cel.parser import parse
from generator.cel.reads import Path, paths
from generator.cel.syntax import Node
from generator.cel.types import Type
from generator.cel.validators import literal_issues
from generator.cel.work import Work, WorkError

_DEEP = 20_000
# Where variables nest, every level also takes room on the stack of the interpreter itself.
_DEEPER = 6_000


@dataclass(frozen=True, slots=True)
class Environment:
    """What an expression may name.

    `variables` are names with types, `structs` message types with their fields; `version` is the compatibility
    version of the libraries: a new policy on Kubernetes 1.N sees those of 1.(N-1).
    """

    variables: tuple[tuple[str, Type], ...] = ()
    structs: tuple[tuple[str, tuple[tuple[str, Type], ...]], ...] = ()
    version: tuple[int, int] = (1, 35)

    def with_variables(self, extra: Mapping[str, Type]) -> "Environment":
        """The same with more names; a later one replaces an earlier one of the same name."""
        merged = dict(self.variables) | dict(extra)
        return Environment(tuple(merged.items()), self.structs, self.version)

    def with_struct(self, name: str, fields: Mapping[str, Type]) -> "Environment":
        """The same with one more (or another) message type."""
        merged = dict(self.structs) | {name: tuple(fields.items())}
        return Environment(self.variables, tuple(merged.items()), self.version)


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression; pickles as its text and environment and compiles again where it lands.

    `slots` says where in a frame each variable goes; expressions of one environment share frames.
    """

    source: str
    environment: Environment
    tree: Node = field(repr=False, compare=False)
    run: Eval = field(repr=False, compare=False)
    width: int = field(compare=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return compile_expression, (self.source, self.environment)

    @property
    def type(self) -> Type:
        """What the checker says the expression gives."""
        return self.tree.type

    @property
    def reads(self) -> frozenset[Path]:
        """The field paths the expression can read (see generator.cel.reads)."""
        return paths(self.tree)

    def evaluate(self, values: Mapping[str, Any], limit: int = PER_CALL_LIMIT) -> Any:
        """The value; variables missing from `values` are unbound.

        Raises EvalError, CostError or UnknownError (generator.cel.failure), or WorkError (generator.cel.work).
        """
        return self.evaluate_in(new_frame(self.environment, values, self.width, limit), limit)

    def evaluate_in(self, frame: Frame, limit: int = PER_CALL_LIMIT) -> Any:
        """The same in a frame at least `width` wide; what it spent stays in `frame[SPENT]`."""
        start(frame, limit)
        try:
            value = self.run(frame)
        except RecursionError:
            value = self._with_room(frame, limit)
        if frame[SPENT] > limit:
            raise CostError(OVER_COST)
        return value

    def _with_room(self, frame: Frame, limit: int) -> Any:
        """The value of an expression that needs more of the stack than usual. Raises WorkError where it needs all."""
        if sys.getrecursionlimit() >= _DEEPER:
            raise WorkError(0)
        start(frame, limit)
        with _deep_stack(_DEEPER):
            try:
                return self.run(frame)
            except RecursionError:
                raise WorkError(0) from None


def start(frame: Frame, limit: int) -> None:
    """Make a frame ready for the next expression."""
    frame[SPENT] = 0
    frame[LIMIT] = limit
    frame[CHECK] = min(STRIDE, limit)


def new_frame(
    environment: Environment,
    values: Mapping[str, Any],
    width: int,
    limit: int = PER_CALL_LIMIT,
    work: Work | None = None,
) -> Frame:
    """A frame with the variables in their slots; `work` is shared by expressions that are bounded together."""
    frame: Frame = [0, min(limit, STRIDE), limit, work or Work()]
    frame += [values[name] if name in values else Unbound(name) for name, _ in environment.variables]
    frame += [None] * (width - len(frame))
    return frame


@contextmanager
def _deep_stack(calls: int = _DEEP) -> Iterator[None]:
    """Room for the 250 levels of nesting the server allows, each a few calls deep here."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, calls))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


@functools.lru_cache(maxsize=4096)
def compile_expression(source: str, environment: Environment) -> Expression:
    """Parse, type-check and plan an expression; raises CompileError with the server's text and the place."""
    known = library(environment.version)
    structs = {name: dict(fields) for name, fields in environment.structs}
    with _deep_stack():
        tree = parse(source, known.allows_macro)
        tree = check(source, tree, known, dict(environment.variables), structs)
        issues = literal_issues(tree, times=known.validates_literals)
        if issues:
            raise CompileError(source, issues)
        slots = {name: FIRST_SLOT + i for i, (name, _) in enumerate(environment.variables)}
        builder = Builder(known, slots)
        try:
            run = builder.build(tree)
        except EvalError as error:
            raise ProgramError(error.message) from None
    return Expression(source, environment, tree, run, builder.width)


def check_types(
    source: str, version: tuple[int, int], variables: Mapping[str, Type], structs: Mapping[str, Mapping[str, Type]]
) -> Type:
    """The type of an expression whose names have these types; raises CompileError with everything that is wrong.

    `structs` has the fields of message types by name; only those that the expression selects are looked up.
    """
    known = library(version)
    with _deep_stack():
        tree = check(source, parse(source, known.allows_macro), known, variables, structs)
        issues = literal_issues(tree, times=known.validates_literals)
        if issues:
            raise CompileError(source, issues)
    return tree.type


class ProgramError(CompileError):
    """An expression that checks but cannot be planned: a constant conversion that fails, a pattern that is none."""

    def __init__(self, message: str) -> None:
        super().__init__("", [])
        self.args = (f"program instantiation failed: {message}",)
