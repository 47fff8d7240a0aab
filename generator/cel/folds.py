"""Evaluate the loops the macros stand for, with the costs and the error rules of their expansions."""

from collections.abc import Iterable
from typing import Any

from generator.cel.attributes import CHECK, LIMIT, SPENT, WORK, Eval, Frame
from generator.cel.failure import OVER_COST, CostError, EvalError, UnknownError
from generator.cel.values import show, type_name
from generator.cel.work import BOUND, WorkError

# How much may be spent before the limits are looked at again.
STRIDE = 20_000


def overrun(frame: Frame) -> None:
    """Stop an expression that spent or worked too much; else say when to look again."""
    if frame[SPENT] > frame[LIMIT]:
        raise CostError(OVER_COST)
    steps = frame[WORK].steps + frame[SPENT] - frame[WORK].covered
    if steps > BOUND:
        raise WorkError(steps)
    frame[CHECK] = min(frame[LIMIT], frame[SPENT] + STRIDE)


def items(value: Any) -> Iterable[Any]:
    """What a loop with one variable goes over; raises EvalError for a value that has no parts."""
    if isinstance(value, list | dict):
        return value
    raise EvalError(f"got '{_go_type(value)}', expected iterable type")


def pairs(value: Any) -> Iterable[tuple[Any, Any]]:
    """What a loop with two variables goes over."""
    if isinstance(value, list):
        return enumerate(value)
    if isinstance(value, dict):
        return ((key, value[key]) for key in value)
    raise EvalError(f"unsupported comprehension range type: {_go_type(value)}")


def _go_type(value: Any) -> str:
    names = {"int": "Int", "uint": "Uint", "double": "Double", "string": "String", "bytes": "Bytes", "bool": "Bool"}
    names |= {"null_type": "Null", "google.protobuf.Timestamp": "Timestamp", "google.protobuf.Duration": "Duration"}
    name = type_name(value)
    return (
        f"types.{names[name]}" if name in names else ("*types.Optional" if name == "optional_type" else "*types.Type")
    )


def quantifier(over: Eval, slots: tuple[int, int], predicate: Eval, *, stop: bool) -> Eval:
    """`all` (stop at the first false) and `exists` (stop at the first true); errors wait until the end."""
    per_item = 4 if stop else 3
    first, second = slots

    def run(frame: Frame) -> bool:
        frame[SPENT] += 1
        value = over(frame)
        pending: Exception | None = None
        ended = False
        for item in pairs(value) if second else items(value):
            if ended:
                frame[SPENT] += per_item - 1
                break
            frame[SPENT] += per_item
            if frame[SPENT] > frame[CHECK]:
                overrun(frame)
            if second:
                frame[first], frame[second] = item
            else:
                frame[first] = item
            try:
                found = predicate(frame)
            except (EvalError, UnknownError) as error:
                pending = worse(pending, error)
                continue
            if found is stop:
                ended = True
            elif found is not (not stop):
                pending = worse(pending, EvalError("no such overload"))
        if ended:
            return stop
        if pending is not None:
            raise pending
        return not stop

    return run


def worse(pending: Exception | None, error: Exception) -> Exception:
    """Of two things that went wrong the one to report: what is unknown first, then what came first."""
    if pending is None or (isinstance(error, UnknownError) and not isinstance(pending, UnknownError)):
        return error
    return pending


def _last(pending: Exception | None, error: Exception) -> Exception:
    """The last error, unless something unknown was met before it."""
    return pending if isinstance(pending, UnknownError) else error


def exactly_one(over: Eval, slots: tuple[int, int], predicate: Eval) -> Eval:
    """`exists_one`: every item is looked at, the last error wins."""
    first, second = slots

    def run(frame: Frame) -> bool:
        frame[SPENT] += 2
        value = over(frame)
        count = 0
        pending: Exception | None = None
        for item in pairs(value) if second else items(value):
            if frame[SPENT] > frame[CHECK]:
                overrun(frame)
            if second:
                frame[first], frame[second] = item
            else:
                frame[first] = item
            try:
                found = predicate(frame)
                if found is True:
                    frame[SPENT] += 2
                    count += 1
                elif found is not False:
                    pending = _last(pending, EvalError("no such overload"))
            except (EvalError, UnknownError) as error:
                pending = _last(pending, error)
        if pending is not None:
            raise pending
        return count == 1

    return run


def collect(over: Eval, slots: tuple[int, int], element: Eval, condition: Eval | None) -> Eval:
    """`map`, `filter` and `transformList`."""
    first, second = slots

    def run(frame: Frame) -> list[Any]:
        frame[SPENT] += 1
        value = over(frame)
        out: list[Any] = []
        pending: Exception | None = None
        for item in pairs(value) if second else items(value):
            if frame[SPENT] > frame[CHECK]:
                overrun(frame)
            if second:
                frame[first], frame[second] = item
            else:
                frame[first] = item
            if condition is not None:
                try:
                    found = condition(frame)
                except (EvalError, UnknownError) as error:
                    pending = error
                    continue
                if found is False:
                    continue
                if found is not True:
                    pending = EvalError("no such overload")
                    continue
            frame[SPENT] += 12
            if pending is None:
                try:
                    out.append(element(frame))
                except (EvalError, UnknownError) as error:
                    pending = error
                    if condition is None:
                        break  # nothing after it can change the outcome
        if pending is not None:
            raise pending
        return out

    return run


def insert(over: Eval, slots: tuple[int, int], element: Eval, condition: Eval | None, *, entries: bool) -> Eval:
    """`transformMap` and, for `entries`, `transformMapEntry`; a key met twice is an error."""
    first, second = slots

    def run(frame: Frame) -> dict[Any, Any]:
        frame[SPENT] += 1
        value = over(frame)
        out: dict[Any, Any] = {}
        for key, item in pairs(value):
            if frame[SPENT] > frame[CHECK]:
                overrun(frame)
            frame[first], frame[second] = key, item
            if condition is not None:
                found = condition(frame)
                if found is False:
                    continue
                if found is not True:
                    raise EvalError("no such overload")
            frame[SPENT] += 2 if entries else 3
            made = element(frame)
            if entries and not isinstance(made, dict):
                raise EvalError("no such overload: cel.@mapInsert(map, " + type_name(made) + ")")
            for new_key, new_item in made.items() if entries else ((key, made),):
                if new_key in out:
                    raise EvalError(f"insert failed: key {show(new_key)} already exists")
                out[new_key] = new_item
        return out

    return run


def bind(slot: int, init: Eval, result: Eval) -> Eval:
    """Give an expression a name inside another."""

    def run(frame: Frame) -> Any:
        frame[slot] = init(frame)
        return result(frame)

    return run
