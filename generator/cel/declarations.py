"""What every function and operator is called, takes and gives, and the Kubernetes version it came with."""

import functools
from dataclasses import dataclass
from importlib.resources import files

from generator.cel import types as t
from generator.cel.types import Type

_NAMED = {
    "dyn": t.DYN,
    "null": t.NULL,
    "bool": t.BOOL,
    "int": t.INT,
    "uint": t.UINT,
    "double": t.DOUBLE,
    "string": t.STRING,
    "bytes": t.BYTES,
    "timestamp": t.TIMESTAMP,
    "duration": t.DURATION,
    "quantity": t.struct("kubernetes.Quantity"),
    "semver": t.struct("kubernetes.Semver"),
    "url": t.struct("kubernetes.URL"),
    "ip": t.opaque("net.IP"),
    "cidr": t.opaque("net.CIDR"),
    "format": t.struct("kubernetes.NamedFormat"),
    "authorizer": t.struct("kubernetes.authorization.Authorizer"),
    "path_check": t.struct("kubernetes.authorization.PathCheck"),
    "group_check": t.struct("kubernetes.authorization.GroupCheck"),
    "resource_check": t.struct("kubernetes.authorization.ResourceCheck"),
    "decision": t.struct("kubernetes.authorization.Decision"),
}


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature of a function; of a member the receiver is the first of `args`."""

    id: str
    args: tuple[Type, ...]
    result: Type
    member: bool


@dataclass(frozen=True, slots=True)
class Library:
    """What one version of Kubernetes lets an expression use."""

    functions: dict[str, tuple[Overload, ...]]
    idents: dict[str, Type]
    optionals: bool
    two_variables: bool
    validates_literals: bool
    sorts: bool

    def allows_macro(self, name: str, count: int) -> bool:
        """Whether `name` with that many arguments is a macro here (where it is one at all)."""
        if name in ("optMap", "optFlatMap"):
            return self.optionals
        if name == "sortBy":
            return self.sorts
        if name.startswith("transform"):
            return self.two_variables
        if count == 3 and name in ("all", "exists", "existsOne", "exists_one"):
            return self.two_variables
        return True


FORMATS = [
    "dns1123Label",
    "dns1123Subdomain",
    "dns1035Label",
    "qualifiedName",
    "dns1123LabelPrefix",
    "dns1123SubdomainPrefix",
    "dns1035LabelPrefix",
    "labelValue",
    "uri",
    "uuid",
    "byte",
    "date",
    "datetime",
]
_COMPARABLE = ("int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes")


def _parse_type(text: str) -> Type:
    if "(" in text:
        head, _, inner = text.partition("(")
        parts = [_parse_type(p) for p in _split(inner[:-1])]
        match head:
            case "list":
                return t.list_of(parts[0])
            case "map":
                return t.map_of(parts[0], parts[1])
            case "type":
                return t.type_of(parts[0])
            case _:
                return t.optional_of(parts[0])
    return _NAMED.get(text) or t.param(text)


def _split(text: str) -> list[str]:
    out, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if c == "," and not depth:
            out.append(text[start:i])
            start = i + 1
    return [*out, text[start:]] if text else out


def _balanced_arguments(signature: str) -> tuple[str, str, str]:
    member = ".(" in signature
    receiver, _, rest = signature.partition(".(") if member else ("", "", signature[1:])
    depth = 1
    for i, c in enumerate(rest):
        depth += (c == "(") - (c == ")")
        if not depth:
            return receiver, rest[:i], rest[i + 1 :]
    raise ValueError(signature)


def _table() -> str:
    """Every function by the version it came with; the first line says how a line is read."""
    return (files("generator") / "cel" / "overloads.txt").read_text(encoding="utf-8")


def overload(identifier: str, signature: str) -> Overload:
    """An overload from its written signature: `(string,int)bool`, `list(A).(A)int`."""
    receiver, args, result = _balanced_arguments(signature)
    parts = ([receiver] if receiver else []) + _split(args)
    return Overload(identifier, tuple(_parse_type(p) for p in parts), _parse_type(result), bool(receiver))


def _orderings(version: tuple[int, int]) -> list[tuple[str, Overload]]:
    out: list[tuple[str, Overload]] = []
    for name, operator in (("less", "_<_"), ("less_equals", "_<=_"), ("greater", "_>_"), ("greater_equals", "_>=_")):
        kinds: tuple[tuple[str, str], ...] = (
            ("bool", "bool"),
            ("int64", "int"),
            ("uint64", "uint"),
            ("double", "double"),
            ("string", "string"),
        )
        kinds += (("bytes", "bytes"), ("timestamp", "timestamp"), ("duration", "duration"))
        out += [(operator, overload(f"{name}_{label}", f"({kind},{kind})bool")) for label, kind in kinds]
        if version >= (1, 28):
            numbers = kinds[1:4]
            out += [
                (operator, overload(f"{name}_{a}_{b}", f"({x},{y})bool"))
                for a, x in numbers
                for b, y in numbers
                if a != b
            ]
    return out


def _templates(version: tuple[int, int]) -> list[tuple[str, Overload]]:
    out = _orderings(version)
    for kind in _COMPARABLE:
        out.append(("isSorted", overload(f"list_{kind}_is_sorted_bool", f"list({kind}).()bool")))
        out.append(("max", overload(f"list_{kind}_max_{kind}", f"list({kind}).(){kind}")))
        out.append(("min", overload(f"list_{kind}_min_{kind}", f"list({kind}).(){kind}")))
    out += [("sum", overload(f"list_{k}_sum_{k}", f"list({k}).(){k}")) for k in ("int", "uint", "double", "duration")]
    if version >= (1, 31):
        out += [(f"format.{name}", overload(f"format.{name}", "()format")) for name in FORMATS]
    if version >= (1, 34):
        kinds = ("int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes")
        out += [("sort", overload(f"list_{t.RUNTIME_NAMES.get(k, k)}_sort", f"list({k}).()list({k})")) for k in kinds]
        name = "@sortByAssociatedKeys"
        out += [
            (name, overload(f"list_{t.RUNTIME_NAMES.get(k, k)}_sortByAssociatedKeys", f"list(T).(list({k}))list(T)"))
            for k in kinds
        ]
    return out


@functools.cache
def library(version: tuple[int, int]) -> Library:
    """The functions, types and macros an expression may use, by compatibility version (1, 35)."""
    functions: dict[str, list[Overload]] = {}
    for line in _table().splitlines()[1:]:
        since, rest = line.split(" ", 1)
        name, overloads = rest.split(": ", 1)
        major, minor = since.split(".")
        if (int(major), int(minor)) > version:
            continue
        for entry in overloads.split("; "):
            identifier, signature = entry.split(" ", 1)
            functions.setdefault(name, []).append(overload(identifier, signature))
    for name, extra in _templates(version):
        functions.setdefault(name, []).append(extra)
    return Library(
        functions={name: tuple(found) for name, found in functions.items()},
        idents=_idents(version),
        optionals=version >= (1, 28),
        two_variables=version >= (1, 32),
        validates_literals=version >= (1, 29),
        sorts=version >= (1, 34),
    )


def _idents(version: tuple[int, int]) -> dict[str, Type]:
    """The names that stand for types."""
    known = {name: t.type_of(_NAMED[name]) for name in ("bool", "bytes", "double", "int", "string", "uint")}
    known["list"] = t.type_of(t.list_of(t.DYN))
    known["map"] = t.type_of(t.map_of(t.DYN, t.DYN))
    known["null_type"] = t.type_of(t.NULL)
    known["type"] = t.type_of(t.type_of(t.DYN))
    known["google.protobuf.Timestamp"] = t.type_of(t.TIMESTAMP)
    known["google.protobuf.Duration"] = t.type_of(t.DURATION)
    if version >= (1, 28):
        known["optional_type"] = t.type_of(t.optional_of(t.DYN))
    if version >= (1, 30):
        known["net.IP"] = t.type_of(_NAMED["ip"])
        known["net.CIDR"] = t.type_of(_NAMED["cidr"])
    return known
