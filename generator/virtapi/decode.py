"""A machine as virt-api holds it: read by encoding/json into KubeVirt's Go types, and as those are written again.

What comes out has every field that the type writes even when it is zero, and no other: virt-api's own checks see
nothing else. Sources: encoding/json, kubevirt.io/api core/v1 (types.go, schema.go, sanitizers.go).
"""

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Any

from generator.virtapi.failure import GoError, GoTypeError
from generator.virtapi.numbers import AmountError, amount, number_text
from generator.virtapi.shapes import NUMBERS, Field, Shape, Shapes

_RANGES = {
    "int": (-(2**63), 2**63 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint": (0, 2**64 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
_GO = {"bool": "bool", "string": "string", "map": "map[string]string"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_OWN_READER = frozenset({"VirtualMachineInstanceSpec", "DHCPOptions", "PodNetwork"})
"""Types that read themselves: what goes wrong inside ends the whole reading, and is told of the struct outside."""
_LEADING = re.compile(r"(^|\.)0+(?=\d)")


def kind_of(value: Any) -> str:
    """What encoding/json calls a value that does not fit."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object" if isinstance(value, dict) else "null"


@dataclass(slots=True)
class _Reading:
    """One call of json.Unmarshal: the first error that did not stop it."""

    shapes: Shapes
    first: GoTypeError | None = None
    path: list[str] = field(default_factory=list)
    struct: str = ""

    def save(self, value: str, go: str) -> None:
        if self.first is None:
            self.first = GoTypeError(value, go, self.struct, tuple(self.path))

    def value(self, data: Any, shape: Shape) -> Any:
        """A value as its type holds it; None for nil."""
        if data is None:
            return None if shape.nilable else self.zero(shape)
        match shape.kind:
            case "struct":
                return self.structure(data, shape)
            case "list":
                assert shape.of is not None
                if not isinstance(data, list):
                    self.save(kind_of(data), "[]string")
                    return None
                return [self.value(item, shape.of) for item in data]
            case "map":
                assert shape.of is not None
                if not isinstance(data, dict):
                    self.save(kind_of(data), _GO["map"])
                    return None
                return {key: self.value(item, shape.of) for key, item in data.items()}
            case "any":
                return data
            case _:
                return self.scalar(data, shape)

    def scalar(self, data: Any, shape: Shape) -> Any:
        kind = shape.kind
        if kind in NUMBERS:
            return self.number(data, kind)
        if kind == "Quantity":
            return self.quantity(data)
        if kind == "IntOrString":
            return data if isinstance(data, str) else self.int_or_string(data)
        if kind == "Time":
            return self.time(data)
        if (kind == "bool") is isinstance(data, bool) and isinstance(data, str | bool):
            return data
        self.save(kind_of(data), _GO[kind])
        return self.zero(shape)

    def number(self, data: Any, kind: str) -> int:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.save(kind_of(data), kind)
            return 0
        text = number_text(data)
        low, high = _RANGES[kind]
        if not re.fullmatch(r"-?\d+", text) or not low <= int(text) <= high or (low == 0 and text[0] == "-"):
            self.save(f"number {text}", kind)
            return 0
        return int(text)

    def int_or_string(self, data: Any) -> Any:
        try:
            inner = _Reading(self.shapes)
            found = inner.number(data, "int32")
            if inner.first is None:
                return found
            raise inner.first
        except GoTypeError as error:
            raise self.outside(error) from None

    def outside(self, error: GoTypeError) -> GoTypeError:
        return GoTypeError(error.value, error.go, self.struct, (*self.path, *error.path))

    @staticmethod
    def quantity(data: Any) -> str:
        if isinstance(data, bool):
            text = "true" if data else "false"
        else:
            text = number_text(data) if isinstance(data, int | float) else str(data)
        try:
            return amount(text).text
        except AmountError as error:
            raise GoError(str(error)) from None

    def time(self, data: Any) -> str:
        if not isinstance(data, str):
            raise self.outside(GoTypeError(kind_of(data), "string"))
        if not _TIME.fullmatch(data):
            raise GoError(_time_complaint(data))
        return data

    def structure(self, data: Any, shape: Shape) -> Any:
        if not isinstance(data, dict):
            self.save(kind_of(data), shape.struct)
            return None if shape.pointer else {}
        if shape.struct in _OWN_READER:
            return self.own(data, shape)
        return self.members(data, shape)

    def own(self, data: dict[str, Any], shape: Shape) -> Any:
        inner = _Reading(self.shapes)
        inner.struct = shape.struct
        try:
            made = inner.members(data, shape)
        except GoTypeError as error:
            raise self.outside(error) from None
        if inner.first is not None:
            raise self.outside(inner.first)
        return _sanitized(made, shape.struct)

    def members(self, data: dict[str, Any], shape: Shape) -> dict[str, Any]:
        outer, depth = self.struct, len(self.path)
        made: dict[str, Any] = {}
        fields = self.shapes.fields(shape)
        embedded = {fields[key].embedded for key in data if key in fields} - {""}
        for key in sorted(data):
            known = fields.get(key)
            if known is None:
                continue
            self.struct = shape.struct.rpartition(".")[2]
            self.path += [name.lstrip("*") for name in known.via]
            self.path.append(key)
            made[key] = self.value(data[key], known.shape)
            del self.path[depth:]
            self.struct = outer
        return written(made, fields, self, embedded)

    def zero(self, shape: Shape) -> Any:
        """The value of a type nothing was given for."""
        if shape.nilable:
            return None
        if shape.kind == "struct":
            return written({}, self.shapes.fields(shape), self, set())
        return {"string": "", "bool": False, "Quantity": "0", "Time": None}.get(shape.kind, 0)


def written(made: dict[str, Any], fields: dict[str, Field], reading: _Reading, embedded: set[str]) -> dict[str, Any]:
    """A struct as json.Marshal writes it: zero values left out where the field says so, else filled in."""
    shown: dict[str, Any] = {}
    for name, known in fields.items():
        if name in made:
            value = made[name]
        elif (known.omit and known.shape.kind != "struct") or (known.embedded and known.embedded not in embedded):
            continue
        else:
            value = reading.zero(known.shape)
        if known.omit and is_empty(value, known.shape):
            continue
        shown[name] = value
    return shown


def is_empty(value: Any, shape: Shape) -> bool:
    """Whether `omitempty` leaves a value out: nil, zero, and what is empty; a struct or quantity never is."""
    if value is None:
        return True
    if shape.kind in {"list", "map"}:
        return not value
    return not shape.pointer and shape.kind not in {"struct", "Quantity", "any"} and not value


def read(data: dict[str, Any], struct: str, shapes: Shapes) -> dict[str, Any]:
    """An object as virt-api holds it. Raises GoError with Go's words where it cannot be read."""
    reading = _Reading(shapes)
    made: dict[str, Any] = reading.members(data, Shape("struct", struct=struct))
    if reading.first is not None:
        raise reading.first
    return made


def _sanitized(made: dict[str, Any], struct: str) -> dict[str, Any]:
    """Addresses in the form that Go's net package writes; what is no address stays as it is."""
    if struct == "DHCPOptions" and made.get("ntpServers"):
        made["ntpServers"] = [ip_text(server) or server for server in made["ntpServers"]]
    elif struct == "VirtualMachineInstanceSpec" and (made.get("dnsConfig") or {}).get("nameservers"):
        servers = made["dnsConfig"]["nameservers"]
        made["dnsConfig"]["nameservers"] = [ip_text(server) or server for server in servers]
    return made


def ip_text(text: str) -> str:
    """An address as Go writes it, leading zeros of IPv4 allowed; empty where it is none."""
    candidate = _LEADING.sub(r"\1", text) if ":" not in text else text
    try:
        address = ipaddress.ip_address(candidate)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            return ""
        return str(address.ipv4_mapped or address)
    return str(address)


def _time_complaint(text: str) -> str:
    shown = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    form = '"2006-01-02T15:04:05Z07:00"'
    rest = text
    for size, sign, layout in ((4, "-", "2006"), (2, "-", "01"), (2, "T", "02"), (2, ":", "15"), (2, ":", "04")):
        if not re.match(rf"\d{{{size}}}", rest):
            return f'parsing time {shown} as {form}: cannot parse "{rest}" as "{layout}"'
        rest = rest[size:]
        if not rest.startswith(sign):
            return f'parsing time {shown} as {form}: cannot parse "{rest}" as "{sign}"'
        rest = rest[1:]
    if not re.match(r"\d\d", rest):
        return f'parsing time {shown} as {form}: cannot parse "{rest}" as "05"'
    return f'parsing time {shown} as {form}: cannot parse "{rest[2:]}" as "Z07:00"'
