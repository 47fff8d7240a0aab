"""The Go types of KubeVirt's machines, as far as JSON, OpenAPI and the CRDs tell them apart.

The table is `data/types.json`, made by tests/support/kubevirt_types from kubevirt.io/api and kubevirt.io/kubevirt: a
field is its Go type and words. `omit`: left out when it is zero. `via`: the structs it is embedded by. `required` (and
as the how many-th), `enum`, `items` (an enum of items), `as` (another JSON type), `nullable`: KubeVirt's OpenAPI
schema. `crd`, `max`, `long`, `least`, `null`, `open` (unknown fields are kept): the CRD. `older` holds what releases
up to a version say otherwise.
"""

import json
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from packaging.version import Version

_NUMBERS = {
    "int": ("integer", "int32"),
    "int32": ("integer", "int32"),
    "int64": ("integer", "int64"),
    "uint": ("integer", "int32"),
    "uint32": ("integer", "int64"),
    "uint64": ("integer", "int64"),
}
_OPENAPI = {
    **_NUMBERS,
    "string": ("string", ""),
    "bool": ("boolean", ""),
    "Time": ("string", "date-time"),
    "IntOrString": ("string", "int-or-string"),
    "Quantity": ("string,integer,number", ""),
}
NUMBERS = frozenset(_NUMBERS)


@dataclass(frozen=True, slots=True)
class Shape:
    """A Go type: `kind` is list, map, struct, any, or a scalar's name; `of` what a list or map holds."""

    kind: str
    pointer: bool = False
    of: "Shape | None" = None
    struct: str = ""
    types: tuple[str, ...] = ()
    format: str = ""

    @property
    def nilable(self) -> bool:
        """Whether it may be nil."""
        return self.pointer or self.kind in {"list", "map", "any"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a struct; see the module's text for what its parts mean."""

    name: str
    shape: Shape
    omit: bool = False
    required: int | None = None
    nullable: bool = False
    via: tuple[str, ...] = ()
    enum: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    crd_enum: tuple[str, ...] = ()
    most: int | None = None
    longest: int | None = None
    least: int | None = None
    crd_nullable: bool = False
    open: bool = False

    @property
    def embedded(self) -> str:
        """The pointer it is embedded by, which is nil when none of its fields is given."""
        return next((name for name in self.via if name.startswith("*")), "")


Struct = dict[str, Field]


@dataclass(frozen=True, slots=True)
class Shapes:
    """Every struct by its name."""

    structs: dict[str, Struct] = field(repr=False)

    def fields(self, shape: Shape) -> Struct:
        """The fields of a struct, by their JSON names, in their order."""
        return self.structs[shape.struct]


def _shape(text: str, instead: str = "") -> Shape:
    if text.startswith("*"):
        found = _shape(text[1:], instead)
        return Shape(found.kind, True, found.of, found.struct, found.types, found.format)
    if text.startswith("[]"):
        return Shape("list", of=_shape(text[2:]), types=("array",))
    if text.startswith("{}"):
        return Shape("map", of=_shape(text[2:]), types=("object",))
    if text in _OPENAPI:
        types, form = _OPENAPI[text] if not instead else (instead, "")
        return Shape(text, types=tuple(types.split(",")), format=form)
    if text in {"any", "bytes"}:
        return Shape("any")
    return Shape("struct", struct=text, types=("object",))


def _field(name: str, text: str) -> Field:
    go, *words = text.split(" ")
    said = {name: value for name, _, value in (word.partition("=") for word in words)}

    def several(word: str, sign: str = "|") -> tuple[str, ...]:
        return tuple(said[word].split(sign)) if word in said else ()

    def number(word: str) -> int | None:
        return int(said[word]) if word in said else None

    return Field(
        name,
        _shape(go, said.get("as", "")),
        omit="omit" in said,
        required=number("required"),
        nullable="nullable" in said,
        via=several("via", "."),
        enum=several("enum"),
        items=several("items"),
        crd_enum=several("crd"),
        most=number("max"),
        longest=number("long"),
        least=number("least"),
        crd_nullable="null" in said,
        open="open" in said,
    )


@cache
def _data() -> dict[str, Any]:
    text = files("generator.virtapi").joinpath("data/types.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def shapes(release: Version) -> Shapes:
    """The types of a release: those of the newest table it is not older than, else of the oldest."""
    data = _data()
    texts = {name: dict(fields) for name, fields in data["types"].items()}
    for version, changes in data["older"].items():
        if release.release[:2] > Version(version).release[:2]:
            continue
        for name, fields in changes.items():
            known = texts.setdefault(name, {})
            known.update(fields)
            for key in [key for key, text in known.items() if text is None]:
                del known[key]
    return Shapes({n: {k: _field(k, t) for k, t in sorted(fields.items())} for n, fields in texts.items()})
