"""Closures of calls: what they cost on the server, and what they work here, counted before they run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from generator.cel.attributes import LIMIT, SPENT, WORK, Eval, Frame
from generator.cel.costs import Cost
from generator.cel.failure import OVER_COST, CostError
from generator.cel.syntax import Call, Fold, Literal, Node, children
from generator.cel.work import BOUND, FREE

_FREE_CALLS = frozenset(("_&&_", "_||_", "_?_:_", "@in", "or", "orValue"))


def free_nodes(node: Node) -> int:
    """How many parts of a loop's body cost the server nothing, those of loops inside it left out."""
    stack, count = [node], 0
    while stack:
        part = stack.pop()
        if isinstance(part, Fold):
            stack.append(part.iter_range)
            continue
        count += isinstance(part, Literal) or (isinstance(part, Call) and part.function in _FREE_CALLS)
        stack += children(part)
    return count


def heavy_body(over: Eval, free: int) -> Eval:
    """What a loop goes over; the parts of its body that cost nothing are counted for every item before it begins."""

    def run(frame: Frame) -> Any:
        found = over(frame)
        if isinstance(found, list | dict):
            frame[WORK].spend(len(found) * free)
        return found

    return run


def measured(closures: list[Eval], operate: Callable[..., Any], cost: Cost | int, measure: Callable[..., int]) -> Eval:
    """A call whose work grows with its arguments: counted before it runs."""
    fixed = cost if isinstance(cost, int) else 0
    charged = None if isinstance(cost, int) else cost
    if len(closures) == 2:
        left, right = closures

        def both(frame: Frame) -> Any:
            a, b = left(frame), right(frame)
            steps = measure(a, b)
            if steps > FREE:
                _spend(frame, steps, cost, (a, b))
            result = operate(a, b)
            if charged is None:
                frame[SPENT] += fixed
            else:
                _charge(frame, charged((a, b), result))
            return result

        return both

    def run(frame: Frame) -> Any:
        args = tuple([c(frame) for c in closures])
        steps = measure(*args)
        if steps > FREE:
            _spend(frame, steps, cost, args)
        result = operate(*args)
        _charge(frame, fixed if charged is None else charged(args, result))
        return result

    return run


def counted(closures: list[Eval], choose: Callable[..., Callable[..., Any]], cost: Cost | int) -> Eval:
    """A call that counts its own steps while it runs; its cost depends on its arguments alone."""

    def run(frame: Frame) -> Any:
        args = tuple([c(frame) for c in closures])
        chosen = choose(*args)
        spent = cost if isinstance(cost, int) else cost(args, None)
        if frame[SPENT] + spent > frame[LIMIT]:
            # The server works first and stops then: its answer is known without the work.
            frame[SPENT] += spent
            raise CostError(OVER_COST)
        result = chosen(frame[WORK], *args)
        _charge(frame, spent)
        return result

    return run


def _charge(frame: Frame, spent: int) -> None:
    """Charge the server's cost of a call whose work is counted."""
    frame[SPENT] += spent
    if spent > FREE:
        frame[WORK].covered += spent


def _spend(frame: Frame, steps: int, cost: Cost | int, args: tuple[Any, ...]) -> None:
    """Use steps for a call; where the server's cost is too much as well, its verdict is known."""
    work = frame[WORK]
    if work.steps + steps > BOUND:
        foreseen = cost if isinstance(cost, int) else cost(args, _Sized(steps // 8))
        if frame[SPENT] + foreseen > frame[LIMIT]:
            frame[SPENT] += foreseen
            raise CostError(OVER_COST)
    work.spend(steps)


@dataclass(frozen=True, slots=True)
class _Sized:
    """Stands in for a result too large to be made, for a cost that counts its entries."""

    entries: int

    def size(self) -> int:
        """At least so many."""
        return self.entries


def unary(operand: Eval, operate: Callable[..., Any], cost: Cost | int) -> Eval:
    """A call with one argument whose work its cost counts."""
    if isinstance(cost, int):

        def cheap(frame: Frame) -> Any:
            value = operand(frame)
            frame[SPENT] += cost
            return operate(value)

        return cheap
    counted: Cost = cost

    def run(frame: Frame) -> Any:
        value = operand(frame)
        result = operate(value)
        frame[SPENT] += counted((value,), result)
        return result

    return run


def binary(left: Eval, right: Eval, operate: Callable[..., Any], cost: Cost | int) -> Eval:
    """The same with two."""
    if isinstance(cost, int):

        def cheap(frame: Frame) -> Any:
            a, b = left(frame), right(frame)
            frame[SPENT] += cost
            return operate(a, b)

        return cheap
    counted: Cost = cost

    def run(frame: Frame) -> Any:
        a, b = left(frame), right(frame)
        result = operate(a, b)
        frame[SPENT] += counted((a, b), result)
        return result

    return run
