"""Find what a checked call runs: one implementation, or the one that fits the values it meets."""

from collections.abc import Callable
from typing import Any

from generator.cel import (
    authorizer,
    conversions,
    formats,
    formatting,
    lists,
    net,
    quantity,
    regex,
    semver,
    text,
    times,
    url,
)
from generator.cel.declarations import Library, Overload
from generator.cel.types import Kind, Type, runtime_name
from generator.cel.values import Duration, Timestamp, Uint, no_overload, type_name
from generator.cel.work import Work, measure_of

_ALL: dict[str, Callable[..., Any]] = {}
for _module in (authorizer, conversions, formats, formatting, lists, net, quantity, regex, semver, text, times, url):
    _ALL |= _module.FUNCTIONS

_CLASSES: dict[str, type] = {
    "bool": bool,
    "int": int,
    "uint": Uint,
    "double": float,
    "string": str,
    "bytes": bytes,
    "timestamp": Timestamp,
    "duration": Duration,
}


def fits(kind: Type, value: Any) -> bool:
    """Whether a value can be an argument of a type; of lists and maps the first entry decides, as on the server."""
    match kind.kind:
        case Kind.PRIMITIVE:
            return value.__class__ is _CLASSES[kind.name]
        case Kind.LIST:
            return isinstance(value, list) and (not value or fits(kind.params[0], value[0]))
        case Kind.MAP:
            if not isinstance(value, dict):
                return False
            first = next(iter(value), None)
            return not value or (fits(kind.params[0], first) and fits(kind.params[1], value[first]))
        case Kind.OPAQUE | Kind.STRUCT:
            return type_name(value) == runtime_name(kind)
        case Kind.NULL:
            return value is None
        case _:
            return True


def implementation(function: str, overloads: tuple[str, ...], library: Library) -> Callable[..., Any]:
    """What runs for a call the checker resolved to these overloads; mismatched values raise EvalError."""
    declared = {o.id: o for o in library.functions[function]}
    if len(overloads) == 1:
        chosen = declared[overloads[0]]
        return _guarded(function, chosen, _ALL[chosen.id])
    candidates = [(o, _ALL[o.id]) for o in library.functions[function]]

    def dispatch(*args: Any) -> Any:
        for overload, run in candidates:
            if len(overload.args) == len(args) and all(map(fits, overload.args, args)):
                return run(*args)
        raise no_overload(function, *args)

    return dispatch


COUNTED = frozenset(lists.COUNTED)
"""Overloads whose implementations take a Work first and spend their steps from it."""


def counted(function: str, overloads: tuple[str, ...], library: Library) -> Callable[..., Callable[..., Any]]:
    """Chooses, by the arguments, what runs for a call that counts its own steps; it is then called with a Work first.

    Mismatched values raise EvalError.
    """
    possible = [o for o in library.functions[function] if len(overloads) != 1 or o.id == overloads[0]]
    candidates = [(o, lists.COUNTED[o.id] if o.id in COUNTED else _with_work(o.id, _ALL[o.id])) for o in possible]

    def choose(*args: Any) -> Callable[..., Any]:
        for overload, run in candidates:
            if len(overload.args) == len(args) and all(map(fits, overload.args, args)):
                return run
        raise no_overload(function, *args)

    return choose


def _with_work(overload: str, run: Callable[..., Any]) -> Callable[..., Any]:
    measure = measure_of([overload])

    def measured(work: Work, *args: Any) -> Any:
        if measure is not None:
            work.spend(measure(*args))
        return run(*args)

    return measured


def _guarded(function: str, overload: Overload, run: Callable[..., Any]) -> Callable[..., Any]:
    if (
        overload.id in text.UNGUARDED
        or not overload.args
        or all(a.kind in (Kind.PARAM, Kind.DYN) for a in overload.args)
    ):
        return run
    wanted = overload.args
    if len(wanted) == 1 and wanted[0].kind is Kind.PRIMITIVE:
        only = _CLASSES[wanted[0].name]

        def unary(value: Any) -> Any:
            if value.__class__ is only:
                return run(value)
            raise no_overload(function, value)

        return unary

    def guarded(*args: Any) -> Any:
        if all(map(fits, wanted, args)):
            return run(*args)
        raise no_overload(function, *args)

    return guarded
