"""What the API server does to an object before it validates it: defaults, pruning, dropping of nulls."""

from collections.abc import Iterator
from typing import Any

from generator.finding import did_you_mean
from generator.location import FieldPath, format_path
from generator.nearest import Budget
from generator.schema import rules
from generator.schema.objectmeta import FIELDS
from generator.schema.violation import INT64, Violation

Schema = dict[str, Any]

META_FIELDS = frozenset({"apiVersion", "kind", "metadata"})
_NO_FIELDS: Schema = {}


def copy_json(value: Any) -> Any:
    """A deep copy of plain data, whole numbers beyond 64 bits as floats, as the server reads them."""
    if isinstance(value, dict):
        return {key: copy_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_json(item) for item in value]
    if type(value) is int and not INT64[0] <= value <= INT64[1]:
        return float(value)
    return value


def child_schema(schema: Schema | None, key: str) -> Schema | None:
    """The schema of a field: its property's, else that of additional properties; None where nothing is said."""
    if schema is None:
        return None
    found = schema.get("properties", _NO_FIELDS).get(key)
    if found is None:
        found = schema.get("additionalProperties")
    return found if isinstance(found, dict) else None


def apply_defaults(value: Any, schema: Schema | None) -> None:
    """Fill in the defaults of a schema, in place; a null that may not be null takes its default."""
    if schema is None:
        return
    if isinstance(value, dict):
        properties = schema.get("properties", _NO_FIELDS)
        for key, child in properties.items():
            if child.get("default") is None:
                continue
            if key not in value or (value[key] is None and not child.get("nullable")):
                value[key] = copy_json(child["default"])
        additional = schema.get("additionalProperties")
        for key in value:
            if key in properties:
                apply_defaults(value[key], properties[key])
            elif isinstance(additional, dict):
                _default_item(value, key, additional)
    elif isinstance(value, list):
        items = schema.get("items")
        if isinstance(items, dict):
            for index in range(len(value)):
                _default_item(value, index, items)


def _default_item(holder: Any, key: Any, schema: Schema) -> None:
    if holder[key] is None and not schema.get("nullable"):
        holder[key] = copy_json(schema.get("default"))
    apply_defaults(holder[key], schema)


def drop_nulls(value: Any, schema: Schema | None) -> None:
    """Take out, in place, nulls that are neither allowed nor defaulted; a null in a list stays."""
    if isinstance(value, dict):
        for key in list(value):
            child = child_schema(schema, key)
            if value[key] is None and child is not None and not child.get("nullable") and child.get("default") is None:
                del value[key]
            else:
                drop_nulls(value[key], child)
    elif isinstance(value, list):
        items = schema.get("items") if schema else None
        for item in value:
            drop_nulls(item, items)


def prune(
    value: Any, schema: Schema | None, path: FieldPath = (), *, root: bool = True, budget: Budget | None = None
) -> Iterator[Violation]:
    """Take out, in place, fields the schema does not name, and say which; `budget` bounds the hints of all of them."""
    budget = Budget() if budget is None else budget
    if schema is not None and schema.get("x-kubernetes-preserve-unknown-fields"):
        yield from _prune_known(value, schema, path, root=root, budget=budget)
        return
    if isinstance(value, dict):
        properties = (schema or _NO_FIELDS).get("properties", _NO_FIELDS)
        additional = (schema or _NO_FIELDS).get("additionalProperties")
        embedded = root or bool(schema and schema.get("x-kubernetes-embedded-resource"))
        for key in list(value):
            if embedded and key in META_FIELDS:
                continue
            at = (*path, key)
            if key in properties:
                yield from prune(value[key], properties[key], at, root=False, budget=budget)
            elif additional:
                yield from prune(
                    value[key], additional if isinstance(additional, dict) else None, at, root=False, budget=budget
                )
            else:
                del value[key]
                yield unknown_field(at, schema, embedded=embedded, budget=budget)
    elif isinstance(value, list):
        items = schema.get("items") if schema else None
        for index, item in enumerate(value):
            yield from prune(item, items, (*path, index), root=False, budget=budget)


def _prune_known(value: Any, schema: Schema, path: FieldPath, *, root: bool, budget: Budget) -> Iterator[Violation]:
    if isinstance(value, dict):
        embedded = root or bool(schema.get("x-kubernetes-embedded-resource"))
        properties = schema.get("properties", _NO_FIELDS)
        additional = schema.get("additionalProperties")
        for key in list(value):
            if embedded and key in META_FIELDS:
                continue
            if key in properties:
                yield from prune(value[key], properties[key], (*path, key), root=False, budget=budget)
            elif additional:
                below = additional if isinstance(additional, dict) else None
                yield from prune(value[key], below, (*path, key), root=False, budget=budget)
    elif isinstance(value, list):
        items = schema.get("items")
        if isinstance(items, dict):
            for index, item in enumerate(value):
                yield from _prune_known(item, items, (*path, index), root=False, budget=budget)


def unknown_field(
    path: FieldPath, schema: Schema | None, *, embedded: bool = False, budget: Budget | None = None
) -> Violation:
    """`unknown field "PATH"`, with the nearest fields there are."""
    known = list((schema or _NO_FIELDS).get("properties", _NO_FIELDS))
    if embedded:
        known.extend(META_FIELDS.difference(known))
    hint = did_you_mean(str(path[-1]), known, budget)
    if not hint and str(path[-1]) in FIELDS and "metadata" in known:
        hint = f'did you mean "metadata.{path[-1]}"?'
    return Violation(path, f'unknown field "{format_path(path)}"', hint or "remove it", rules.UNKNOWN_FIELD)
