"""Closures of the operators that have rules of their own: logic, comparison, membership, size."""

import math
from collections.abc import Callable
from typing import Any

from generator.cel.attributes import SPENT, WORK, Eval, Frame, has_key
from generator.cel.costs import Cost
from generator.cel.costs import equality as equality_cost
from generator.cel.failure import EvalError, UnknownError
from generator.cel.folds import worse
from generator.cel.values import Duration, Opaque, Timestamp, compare, equal, same
from generator.cel.work import Work

_TENTH = tuple(math.ceil(n * 0.1) for n in range(1024))


def logical(parts: list[Eval], *, stop: bool) -> Eval:
    """`||` (stop at true) and `&&` (stop at false); what goes wrong counts only when nothing stops."""
    go_on = not stop

    def settle(frame: Frame, start: int, pending: Exception | None) -> bool:
        for part in parts[start:]:
            try:
                found: object = part(frame)
            except (EvalError, UnknownError) as error:
                pending = worse(pending, error)
                continue
            if found is stop:
                return stop
            if found is not go_on:
                pending = worse(pending, EvalError("no such overload"))
        if pending is not None:
            raise pending
        return not stop

    if len(parts) != 2:
        return lambda frame: settle(frame, 0, None)
    left, right = parts

    def run(frame: Frame) -> bool:
        try:
            found: object = left(frame)
        except (EvalError, UnknownError) as error:
            return settle(frame, 1, error)
        if found is stop:
            return stop
        if found is go_on:
            found = right(frame)
            if found is True or found is False:
                return bool(found)
            raise EvalError("no such overload")
        return settle(frame, 1, EvalError("no such overload"))

    return run


def unary_not(operand: Eval) -> Eval:
    """`!`."""

    def run(frame: Frame) -> bool:
        frame[SPENT] += 1
        found = operand(frame)
        if found is True:
            return False
        if found is False:
            return True
        raise EvalError("no such overload")

    return run


_NOTHING = object()


def equality(left: Eval, right: Eval | None, *, wanted: bool, constant: Any = _NOTHING) -> Eval:
    """`==` and `!=`; against a constant text, bool or null the short way."""
    if right is not None:
        other = right

        def general(frame: Frame) -> bool:
            a, b = left(frame), other(frame)
            frame[SPENT] += equality_cost(a, b)
            return same(a, b, frame[WORK], wanted=wanted)

        return general
    if constant.__class__ is not str:

        def identity(frame: Frame) -> bool:
            value = left(frame)
            frame[SPENT] += equality_cost(value, constant)
            if value is constant or not isinstance(value, Opaque):
                return (value is constant) is wanted
            return same(value, constant, wanted=wanted)

        return identity
    size_limit = len(constant)

    def text(frame: Frame) -> bool:
        value = left(frame)
        if value.__class__ is str and size_limit < 1024:
            frame[SPENT] += _TENTH[min(len(value), size_limit)]
            return (value == constant) is wanted
        frame[SPENT] += equality_cost(value, constant)
        return same(value, constant, wanted=wanted)

    return text


def comparison(operator: str, left: Eval, right: Eval, cost: Cost | int) -> Eval:
    """`<`, `<=`, `>` and `>=`."""
    tests: dict[str, Callable[[int], bool]] = {
        "_<_": lambda order: order < 0,
        "_<=_": lambda order: order <= 0,
        "_>_": lambda order: order > 0,
        "_>=_": lambda order: order >= 0,
    }
    test = tests[operator]
    constant_cost = cost if isinstance(cost, int) else 0

    def run(frame: Frame) -> bool:
        a, b = left(frame), right(frame)
        frame[SPENT] += constant_cost if isinstance(cost, int) else cost((a, b), None)
        return test(compare(a, b, operator))

    return run


_FEW = 64


def contains(container: Any, value: Any, work: Work) -> bool:
    """Whether a list has an item or a map a key; raises EvalError for anything else, WorkError."""
    if isinstance(container, list):
        if len(container) > _FEW or (value.__class__ is str and len(value) > _FEW):
            work.spend(len(container) * (4 + (len(value) // 256 if value.__class__ is str else 0)))
        if value.__class__ is str:
            return value in container
        return any(equal(value, item, work) for item in container)
    if isinstance(container, dict):
        if isinstance(value, list | dict):
            return False
        if value.__class__ in (bool, int):
            return has_key(container, value)
        return value in container
    raise EvalError("no such overload")


def membership(item: Eval, container: Eval, fixed: list[Any] | None, cost: Cost | int) -> Eval:
    """`in`; a list of constant texts is looked up, not gone through, and costs nothing."""
    if fixed is not None and all(v.__class__ in (str, bool, int, float) or isinstance(v, int) for v in fixed):
        texts = frozenset(v for v in fixed if v.__class__ is str)
        if len(texts) == len(set(map(str, fixed))) and all(v.__class__ is str for v in fixed):

            def among(frame: Frame) -> bool:
                value = item(frame)
                return value.__class__ is str and value in texts

            return among
        known = fixed

        def listed(frame: Frame) -> bool:
            return contains(known, item(frame), frame[WORK])

        return listed

    def run(frame: Frame) -> bool:
        value, held = item(frame), container(frame)
        found = contains(held, value, frame[WORK])
        frame[SPENT] += cost if isinstance(cost, int) else cost((value, held), found)
        return found

    return run


def size(operand: Eval) -> Eval:
    """`size(x)` and `x.size()`."""

    def run(frame: Frame) -> int:
        value = operand(frame)
        frame[SPENT] += 1
        if value.__class__ in (str, list, dict, bytes) or isinstance(value, dict):
            return len(value)
        if value.__class__ in (Timestamp, Duration):
            raise EvalError("no such overload")
        raise EvalError("no such overload: size")

    return run
