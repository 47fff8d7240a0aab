"""Compile a schema into functions that say fast whether a value is surely valid.

An answer of False means "look closer", never "invalid": explaining decides. So the rare (a null, a whole number
written as 3.0, a schema with anyOf) is left to it, and the common costs one call a value. Functions of fields are
compiled when an object first has the field: a virtual machine's schema has thousands, a machine uses fifty.
"""

from collections.abc import Callable
from typing import Any

from generator.kube.reading import is_quantity
from generator.schema import naming
from generator.schema.explain import compile_pattern, effective_format, explain, is_int_or_string, wanted_types
from generator.schema.formats import builtin_form, format_check
from generator.schema.objectmeta import sound_metadata
from generator.schema.prepare import META_FIELDS, Schema

Accept = Callable[[Any], bool]

_COMBINATIONS = ("allOf", "oneOf", "not", "anyOf")


def _never(_: Any) -> bool:
    return False


def _always(_: Any) -> bool:
    return True


def _is_string(value: Any) -> bool:
    return type(value) is str


def _is_boolean(value: Any) -> bool:
    return type(value) is bool


def _is_integer(value: Any) -> bool:
    return type(value) is int and -9223372036854775808 <= value <= 9223372036854775807


def _is_number(value: Any) -> bool:
    return type(value) is int or type(value) is float


def _is_template_metadata(value: Any) -> bool:
    return sound_metadata(value, naming.path_segment, named=False)


def _is_quantity(value: Any) -> bool:
    return is_quantity(value)


class _Fields(dict[str, Accept]):
    """Functions by field name, compiled when first asked for; an unknown field gets one that never accepts."""

    __slots__ = ("_minor", "_other", "_properties")

    def __init__(self, properties: dict[str, Schema], other: Accept, minor: int) -> None:
        super().__init__()
        self._properties = properties
        self._other = other
        self._minor = minor

    def __missing__(self, key: str) -> Accept:
        schema = self._properties.get(key)
        if schema is None:
            return self._other  # not kept: keys of maps are the user's, and without number
        accept = self[key] = compile_accept(schema, self._minor)
        return accept


def compile_accept(schema: Schema | None, minor: int, *, embedded: bool = False) -> Accept:
    """The function of a schema for a server of Kubernetes 1.`minor`; `embedded` leaves out the root's own fields."""
    if schema is None:
        return _scalar_only
    plain = _plain(schema, minor, embedded=embedded)
    extra = [key for key in _COMBINATIONS if schema.get(key)]
    if extra == ["anyOf"] and is_int_or_string(schema) and schema.get("x-kubernetes-int-or-string"):
        extra = []
    if not extra and "not" not in schema:
        return plain
    if _has_defaults(schema, set()):
        return _never  # a combination sees the defaults; explaining applies them
    only = {key: schema[key] for key in _COMBINATIONS if key in schema}

    def accept(value: Any) -> bool:
        return plain(value) and not any(True for _ in explain(value, only, (), minor))

    return accept


def _scalar_only(value: Any) -> bool:
    return type(value) is not dict and type(value) is not list


def _has_defaults(schema: Schema, seen: set[int]) -> bool:
    if id(schema) in seen:
        return False
    seen.add(id(schema))
    below = [*schema.get("properties", {}).values(), schema.get("additionalProperties"), schema.get("items")]
    return any(
        isinstance(child, dict) and (child.get("default") is not None or _has_defaults(child, seen)) for child in below
    )


def _plain(schema: Schema, minor: int, *, embedded: bool) -> Accept:
    if schema.get("x-quantity"):
        return _is_quantity
    types = wanted_types(schema)
    options = schema.get("enum")
    if len(types) == 2:
        return _int_or_string(schema, minor)
    match types[0] if types else "":
        case "object":
            accept = _object(schema, minor, embedded=embedded)
        case "array":
            accept = _array(schema, minor)
        case "string":
            return _string(schema, minor)
        case "boolean":
            accept = _is_boolean
        case "integer" | "number" as kind:
            accept = _numeric(schema, kind, minor)
        case _:
            return _untyped(schema, minor)
    return _never if options else accept


def _int_or_string(schema: Schema, minor: int) -> Accept:
    text = _string({**schema, "type": "string"}, minor)
    number = _numeric(schema, "integer", minor)
    if schema.get("enum"):
        return _never

    def accept(value: Any) -> bool:
        return text(value) if type(value) is str else number(value)

    return accept


def _untyped(schema: Schema, minor: int) -> Accept:
    """A schema without a type: with preserve-unknown-fields it takes anything, bar what it says of fields it names."""
    if not schema.get("x-kubernetes-preserve-unknown-fields") or len(schema) > 1 + ("description" in schema):
        return _never if not schema.get("x-any") else _always
    _ = minor
    return _always


def _string(schema: Schema, minor: int) -> Accept:
    longest, shortest, pattern = (schema.get(key) for key in ("maxLength", "minLength", "pattern"))
    options = schema.get("enum")
    form = effective_format(schema, minor)
    check = format_check(form, minor) if form else None
    if schema.get("x-form"):
        check = builtin_form(schema)
    if options and all(isinstance(option, str) for option in options) and not (longest or shortest or pattern or check):
        allowed = frozenset(options)
        return lambda value: type(value) is str and value in allowed
    if options:
        return _never
    if longest is None and shortest is None and not pattern and not check:
        return _is_string
    if pattern and (compiled := compile_pattern(pattern)) is None:
        return _never
    search = compiled.search if pattern else None
    low, high = shortest or 0, longest if longest is not None else 1 << 62

    if search and not check and not low and longest is None:
        known: set[str] = set()

        def matches(value: Any) -> bool:
            if type(value) is not str:
                return False
            if value in known:
                return True
            if not search(value):
                return False
            if len(known) < 4096 and len(value) < 256:
                known.add(value)
            return True

        return matches

    def accept(value: Any) -> bool:
        return (
            type(value) is str
            and low <= len(value) <= high
            and (search is None or bool(search(value)))
            and (check is None or check(value))
        )

    return accept


def _numeric(schema: Schema, kind: str, minor: int) -> Accept:
    low, high = schema.get("minimum"), schema.get("maximum")
    form = effective_format(schema, minor)
    odd = any(schema.get(key) for key in ("multipleOf", "exclusiveMinimum", "exclusiveMaximum"))
    if odd or form == "float":
        return _never
    if kind == "number":
        if low is None and high is None:
            return _is_number
        return lambda value: _is_number(value) and (low is None or value >= low) and (high is None or value <= high)
    least, most = (-(2**31), 2**31 - 1) if form == "int32" else (-(2**63), 2**63 - 1)
    least = least if low is None else max(least, low)
    most = most if high is None else min(most, high)
    return lambda value: type(value) is int and least <= value <= most


def _array(schema: Schema, minor: int) -> Accept:
    items = schema.get("items")
    each = compile_accept(items, minor) if isinstance(items, dict) else _scalar_only
    fewest, most = schema.get("minItems") or 0, schema.get("maxItems")
    kind = schema.get("x-kubernetes-list-type")
    unique = _unique(schema, items if isinstance(items, dict) else {}, kind) if kind in {"set", "map"} else None
    if schema.get("uniqueItems"):
        return _never

    def accept(value: Any) -> bool:
        if type(value) is not list or len(value) < fewest or (most is not None and len(value) > most):
            return False
        for item in value:
            if not each(item):
                return False
        return unique is None or len(value) < 2 or unique(value)

    return accept


def _unique(schema: Schema, items: Schema, kind: str) -> Accept:
    if kind == "set":
        return lambda value: all(type(item) is str for item in value) and len(set(value)) == len(value)
    properties = items.get("properties", {})
    keys = schema.get("x-kubernetes-list-map-keys") or []
    pairs = [(key, properties.get(key, {}).get("default")) for key in keys]

    def accept(value: Any) -> bool:
        seen = set()
        for item in value:
            parts = tuple([item.get(key, default) for key, default in pairs])
            for part in parts:
                if type(part) is not str and type(part) is not int:
                    return False
            seen.add(parts)
        return len(seen) == len(value)

    return accept


def _object(schema: Schema, minor: int, *, embedded: bool) -> Accept:
    properties: dict[str, Schema] = schema.get("properties") or {}
    additional = schema.get("additionalProperties")
    preserve = schema.get("x-kubernetes-preserve-unknown-fields")
    if schema.get("x-kubernetes-embedded-resource") and not embedded:
        return _never
    if schema.get("x-object-meta"):
        return _is_template_metadata
    # The server looks for required fields after it has filled in defaults.
    needed = tuple(
        key
        for key in schema.get("required") or ()
        if (properties.get(key) or {}).get("default") is None
        and not (embedded and key in META_FIELDS)
        and key not in (schema.get("x-optional") or ())
    )
    bounded = schema.get("minProperties") is not None or schema.get("maxProperties") is not None
    if bounded and any(child.get("default") is not None for child in properties.values()):
        return _never
    least, most = schema.get("minProperties") or 0, schema.get("maxProperties")
    other: Accept = _never
    if additional:
        other = compile_accept(additional, minor) if isinstance(additional, dict) else _scalar_only
    elif preserve:
        other = _always
    if embedded:
        properties = {key: child for key, child in properties.items() if key not in META_FIELDS}
    fields = _Fields(properties, other, minor)

    def accept(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for key, item in value.items():
            if not fields[key](item):
                return False
        for key in needed:
            if key not in value:
                return False
        return not bounded or (len(value) >= least and (most is None or len(value) <= most))

    return accept
