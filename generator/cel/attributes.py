"""Evaluate selections and indexes: `object.spec.containers[0].?name`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from generator.cel.failure import EvalError
from generator.cel.values import NONE, Absent, Opaque, Some, Uint, show, type_name

# A frame is a list: what was spent, when to look at the limits, the cost limit, the real work, then the variables.
SPENT, CHECK, LIMIT, WORK, FIRST_SLOT = range(5)
Frame = list[Any]
Eval = Callable[[Frame], Any]
MISSING = object()
_NO_QUALIFIERS: dict[type, str] = {list: "[]interface {}", dict: "map[string]interface {}", bytes: "types.Bytes"}
_NO_QUALIFIERS |= dict.fromkeys((Some, Absent), "*types.Optional")


def check_qualifier(key: Any) -> None:
    """Raise EvalError, with the server's name of its type, for a value that can index nothing."""
    name = _NO_QUALIFIERS.get(key.__class__)
    if name is None and isinstance(key, Opaque):
        name = f"cel.{key.type_name.rpartition('.')[2].removeprefix('Named')}"
    if name is not None:
        raise EvalError(f"invalid qualifier type: {name}")


@dataclass(frozen=True, slots=True)
class Step:
    """One qualifier: a constant `key`, or `compute` for one known at run time."""

    key: Any = None
    compute: Eval | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Unbound:
    """Stands in the slot of a variable that has no value here; reading it is an error."""

    name: str

    def error(self) -> EvalError:
        """The server's text."""
        return EvalError(f"no such attribute(s): {self.name}")


def find(value: Any, key: Any) -> Any:
    """The entry of a map or list, MISSING where there is none; raises EvalError for an index a list cannot take."""
    if isinstance(value, dict):
        return _find_key(value, key)
    if isinstance(value, list):
        kind = key.__class__
        if kind is float:
            if not key.is_integer():
                raise EvalError(f"unsupported index value {show(key)} in list")
            key = int(key)
        elif kind is not int and kind is not Uint:
            raise EvalError(f"unsupported index type '{type_name(key)}' in list")
        return value[key] if 0 <= key < len(value) else MISSING
    if value.__class__ is Unbound:
        raise value.error()
    return MISSING


def _find_key(value: dict[Any, Any], key: Any) -> Any:
    kind = key.__class__
    if kind is bool or kind is int:
        probe = _Probe(key)
        found = value.get(probe, MISSING)
        return found if (probe.met is bool) is (kind is bool) else MISSING
    if kind is list or kind is dict:
        return MISSING
    return value.get(key, MISSING)


class _Probe:
    """Finds the entry of a number and learns of which class the key is: to Python, 1 and True are one key."""

    __slots__ = ("key", "met")

    def __init__(self, key: int) -> None:
        self.key = key
        self.met: type | None = None

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        if self.key != other:
            return False
        self.met = other.__class__
        return True


def has_key(value: dict[Any, Any], key: Any) -> bool:
    """Whether a map has a number or a truth value as a key: numbers by value, true and 1 apart."""
    probe = _Probe(key)
    return probe in value and (probe.met is bool) is (key.__class__ is bool)


def get(value: Any, key: Any) -> Any:
    """The entry of a map or list; raises EvalError with the server's text where there is none."""
    found = find(value, key)
    if found is MISSING:
        if isinstance(value, list):
            raise EvalError(f"index out of bounds: {show(key)}")
        raise EvalError(f"no such key: {show(key)}")
    return found


def walk(value: Any, steps: Sequence[Step], frame: Frame) -> Any:
    """Apply qualifiers one after another; from the first optional one on, absence is an empty optional."""
    optional = value.__class__ is Some
    if optional:
        value = value.value
    elif value.__class__ is Absent:
        return NONE
    for done, step in enumerate(steps):
        key = step.key if step.compute is None else step.compute(frame)
        if key.__class__ is not str:
            check_qualifier(key)
        optional = optional or step.optional
        if optional:
            value = find(value, key)
            if value is MISSING:
                frame[SPENT] -= len(steps) - done  # qualifiers not reached cost nothing
                return NONE
            continue
        try:
            value = get(value, key)
        except EvalError:
            frame[SPENT] -= len(steps) - done - 1
            raise
    return Some(value) if optional else value


def has(value: Any, key: str) -> bool:
    """Whether `has(value.key)`: scalars and null have nothing."""
    if value.__class__ is dict:
        return key in value
    if value.__class__ is Some:
        return has(value.value, key)
    if value.__class__ is Unbound:
        raise value.error()
    if isinstance(value, list):
        raise EvalError("unsupported index type 'string' in list")
    return isinstance(value, dict) and key in value


def variable(slot: int, cost: int) -> Eval:
    """Read a variable."""

    def read(frame: Frame) -> Any:
        frame[SPENT] += cost
        value = frame[slot]
        if value.__class__ is Unbound:
            raise value.error()
        return value

    return read


def chain(slot: int, steps: Sequence[Step], cost: int) -> Eval:
    """Read a variable and qualify it; plain field names take the short way."""
    if any(s.compute is not None or s.optional or s.key.__class__ is not str for s in steps):
        return _slow_chain(slot, steps, cost)
    keys = tuple(s.key for s in steps)
    if len(keys) == 1:
        return _one_field(slot, keys[0], steps, cost)
    if len(keys) == 2:
        return _two_fields(slot, keys, steps, cost)
    if len(keys) == 3:
        return _three_fields(slot, keys, steps, cost)

    def read(frame: Frame) -> Any:
        frame[SPENT] += cost
        value = frame[slot]
        try:
            for key in keys:
                value = value[key]
        except (KeyError, TypeError, IndexError):
            return walk(frame[slot], steps, frame)
        return value

    return read


def _one_field(slot: int, key: str, steps: Sequence[Step], cost: int) -> Eval:
    def read(frame: Frame) -> Any:
        frame[SPENT] += cost
        try:
            return frame[slot][key]
        except (KeyError, TypeError, IndexError):
            return walk(frame[slot], steps, frame)

    return read


def _two_fields(slot: int, keys: tuple[str, ...], steps: Sequence[Step], cost: int) -> Eval:
    first, second = keys

    def read(frame: Frame) -> Any:
        frame[SPENT] += cost
        try:
            return frame[slot][first][second]
        except (KeyError, TypeError, IndexError):
            return walk(frame[slot], steps, frame)

    return read


def _three_fields(slot: int, keys: tuple[str, ...], steps: Sequence[Step], cost: int) -> Eval:
    first, second, third = keys

    def read(frame: Frame) -> Any:
        frame[SPENT] += cost
        try:
            return frame[slot][first][second][third]
        except (KeyError, TypeError, IndexError):
            return walk(frame[slot], steps, frame)

    return read


def _slow_chain(slot: int, steps: Sequence[Step], cost: int) -> Eval:
    def read(frame: Frame) -> Any:
        frame[SPENT] += cost
        return walk(frame[slot], steps, frame)

    return read


def relative(base: Eval, steps: Sequence[Step], cost: int) -> Eval:
    """Qualify the value of any expression."""

    def read(frame: Frame) -> Any:
        value = base(frame)
        frame[SPENT] += cost
        return walk(value, steps, frame)

    return read


def presence(base: Eval, key: str) -> Eval:
    """`has(base.key)`."""

    def test(frame: Frame) -> bool:
        frame[SPENT] += 1
        value = base(frame)
        return key in value if value.__class__ is dict else has(value, key)

    return test
