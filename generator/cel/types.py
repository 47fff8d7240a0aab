"""CEL's types: what they are called, and when one can stand for another."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Kind(Enum):
    """The families of types the checker tells apart."""

    DYN = "dyn"
    ERROR = "!error!"
    NULL = "null"
    PRIMITIVE = "primitive"
    LIST = "list"
    MAP = "map"
    OPAQUE = "opaque"
    STRUCT = "struct"
    TYPE = "type"
    PARAM = "param"


MAX_PARTS = 200
"""Parts of the largest type that is checked; types double with every map of maps, and nobody writes such on purpose."""


@dataclass(frozen=True, slots=True)
class Type:
    """One type; `parts` counts what it is made of, itself included."""

    kind: Kind
    name: str
    params: tuple["Type", ...] = ()
    parts: int = field(init=False, compare=False, repr=False)
    _hash: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", 1 + sum(p.parts for p in self.params))
        object.__setattr__(self, "_hash", hash((self.kind, self.name, self.params)))

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        return Type, (self.kind, self.name, self.params)  # hashes differ from process to process

    def __str__(self) -> str:
        return describe(self)


DYN = Type(Kind.DYN, "dyn")
ERROR = Type(Kind.ERROR, "!error!")
NULL = Type(Kind.NULL, "null")
BOOL = Type(Kind.PRIMITIVE, "bool")
INT = Type(Kind.PRIMITIVE, "int")
UINT = Type(Kind.PRIMITIVE, "uint")
DOUBLE = Type(Kind.PRIMITIVE, "double")
STRING = Type(Kind.PRIMITIVE, "string")
BYTES = Type(Kind.PRIMITIVE, "bytes")
TIMESTAMP = Type(Kind.PRIMITIVE, "timestamp")
DURATION = Type(Kind.PRIMITIVE, "duration")

RUNTIME_NAMES = {"timestamp": "google.protobuf.Timestamp", "duration": "google.protobuf.Duration", "null": "null_type"}


def made_of(kind: Kind, name: str, params: tuple[Type, ...]) -> Type:
    """A type with parameters; dyn where it would have more parts than are checked."""
    return Type(kind, name, params) if sum(p.parts for p in params) < MAX_PARTS else DYN


def list_of(element: Type) -> Type:
    """`list(element)`."""
    return made_of(Kind.LIST, "list", (element,))


def map_of(key: Type, value: Type) -> Type:
    """`map(key, value)`."""
    return made_of(Kind.MAP, "map", (key, value))


def optional_of(value: Type) -> Type:
    """`optional_type(value)`."""
    return made_of(Kind.OPAQUE, "optional_type", (value,))


def type_of(value: Type) -> Type:
    """The type of a type."""
    return Type(Kind.TYPE, "type", (value,))


def struct(name: str) -> Type:
    """A message type, whose fields the environment declares under that name."""
    return Type(Kind.STRUCT, name)


def opaque(name: str) -> Type:
    """A type of a library, without fields."""
    return Type(Kind.OPAQUE, name)


def param(name: str) -> Type:
    """A type parameter of an overload."""
    return Type(Kind.PARAM, name)


def is_dyn_or_error(t: Type) -> bool:
    """Whether a type says nothing."""
    return t.kind is Kind.DYN or t.kind is Kind.ERROR


def is_optional(t: Type) -> bool:
    """Whether a type is `optional_type(…)`."""
    return t.kind is Kind.OPAQUE and t.name == "optional_type"


def runtime_name(t: Type) -> str:
    """The name a value of this type carries (`google.protobuf.Timestamp`, `null_type`, …)."""
    return RUNTIME_NAMES.get(t.name, t.name)


def describe(t: Type) -> str:
    """A type as the checker's messages write it."""
    if t.kind is Kind.PARAM:
        return t.name
    if t.kind is Kind.TYPE:
        return f"type({describe(t.params[0])})" if t.params else "type"
    if t.params:
        return f"{t.name}({', '.join(describe(p) for p in t.params)})"
    return t.name


_NULLABLE = (Kind.OPAQUE, Kind.STRUCT)


@dataclass(slots=True)
class Unifier:
    """The type parameters bound so far; a failed attempt leaves them untouched."""

    bound: dict[Type, Type] = field(default_factory=dict)
    fresh: int = 0

    def new_variable(self) -> Type:
        """A type variable nothing else uses."""
        self.fresh += 1
        return Type(Kind.PARAM, f"_var{self.fresh - 1}")

    def assignable(self, left: Type, right: Type) -> bool:
        """Whether `right` can be used where `left` is wanted, binding parameters if so."""
        return self.assignable_all((left,), (right,))

    def assignable_all(self, lefts: tuple[Type, ...], rights: tuple[Type, ...]) -> bool:
        """The same for whole argument lists."""
        saved = dict(self.bound)
        if self._all(lefts, rights):
            return True
        self.bound = saved
        return False

    def _all(self, lefts: tuple[Type, ...], rights: tuple[Type, ...]) -> bool:
        return len(lefts) == len(rights) and all(self._one(a, b) for a, b in zip(lefts, rights, strict=True))

    def _one(self, a: Type, b: Type) -> bool:
        if b.kind is Kind.PARAM:
            valid, has_binding = self._substitutes(a, b)
            if valid:
                return True
            if has_binding:
                return False
        if a.kind is Kind.PARAM:
            return self._substitutes(b, a)[0]
        if is_dyn_or_error(a) or is_dyn_or_error(b):
            return True
        if a.kind is Kind.NULL or b.kind is Kind.NULL:
            other = b if a.kind is Kind.NULL else a
            return other.kind in _NULLABLE or other.kind is Kind.NULL or other in (TIMESTAMP, DURATION)
        if a.kind is Kind.TYPE:
            return b.kind is Kind.TYPE
        if a.kind in (Kind.OPAQUE, Kind.LIST, Kind.MAP):
            return a.kind is b.kind and a.name == b.name and self._all(a.params, b.params)
        return a == b

    def _substitutes(self, t: Type, variable: Type) -> tuple[bool, bool]:
        if t == variable:
            return True, True
        bound = self.bound.get(variable)
        if bound is not None:
            if t == bound:
                return True, True
            if self._one(t, bound):
                general = t if less_specific(t, bound) else bound
                if self._absent(variable, general):
                    self.bound[variable] = general
                return True, True
            return False, True
        if self._absent(variable, t):
            self.bound[variable] = t
            return True, False
        return False, False

    def _absent(self, variable: Type, within: Type) -> bool:
        if variable == within:
            return False
        if within.kind is Kind.PARAM:
            bound = self.bound.get(within)
            return bound is None or self._absent(variable, bound)
        return all(self._absent(variable, p) for p in within.params)

    def resolve(self, t: Type, *, free_to_dyn: bool = False) -> Type:
        """A type with its bound parameters replaced; free ones become dyn on request."""
        bound = self.bound.get(t) if t.kind is Kind.PARAM else None
        if bound is not None:
            return self.resolve(bound, free_to_dyn=free_to_dyn)
        if t.kind is Kind.PARAM:
            return DYN if free_to_dyn else t
        if not t.params:
            return t
        return made_of(t.kind, t.name, tuple(self.resolve(p, free_to_dyn=free_to_dyn) for p in t.params))


def less_specific(a: Type, b: Type) -> bool:
    """Whether `a` is equal to `b` or says less."""
    if a.kind in (Kind.DYN, Kind.PARAM):
        return True
    if b.kind in (Kind.DYN, Kind.PARAM) or a.kind is not b.kind:
        return False
    if a.kind is Kind.TYPE:
        return True
    if a.kind in (Kind.OPAQUE, Kind.LIST, Kind.MAP):
        same = a.name == b.name and len(a.params) == len(b.params)
        return same and all(less_specific(x, y) for x, y in zip(a.params, b.params, strict=True))
    return a == b
