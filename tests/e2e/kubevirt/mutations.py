"""Every field of a machine, one at a time: missing, wrong, out of range, doubled."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from tests.e2e.kubevirt.contexts import contexts
from tests.e2e.kubevirt.machines import instance, least, machine
from tests.e2e.kubevirt.record import Probe
from tests.e2e.kubevirt.schemas import INDEX, KEY, Field, Path, fields, root_schema, sample
from tests.e2e.kubevirt.values import REMOVED, values

TEMPLATE: Path = ("spec", "template", "spec")


def single_mutations(kind: str, kubevirt: str) -> Iterator[Probe]:
    """Every value of every field of a kind, in every context of the field."""
    prefix = TEMPLATE if kind == "VirtualMachine" else ("spec",)
    for field in fields(kind):
        inside = field.path[: len(prefix)] == prefix
        for number, base in enumerate(contexts(field.path[len(prefix) :]) if inside else (least(),)):
            whole = machine(base) if kind == "VirtualMachine" else instance(base)
            for word, value in values(field):
                changed = put(kind, whole, field.path, value)
                if changed is not None:
                    shown = "" if value is REMOVED else f" {shortened(value)}"
                    context = f" (context {number})" if number else ""
                    yield Probe(f"{kind}: {field.name} {word}{shown}{context}", field.name, kubevirt, changed)
        if field.type == "object" and field.schema.get("properties"):
            yield from _unknown_key(kind, field, kubevirt, prefix, inside=inside)


def _unknown_key(kind: str, field: Field, kubevirt: str, prefix: Path, *, inside: bool) -> Iterator[Probe]:
    """A key nobody knows beside the known ones."""
    base = next(iter(contexts(field.path[len(prefix) :]))) if inside else least()
    whole = machine(base) if kind == "VirtualMachine" else instance(base)
    changed = put(kind, whole, (*field.path, "bogus"), 1)
    if changed is not None:
        yield Probe(f"{kind}: {field.name} with a key that is unknown", field.name, kubevirt, changed)


def shortened(value: Any) -> str:
    """A value as the title of a probe shows it."""
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:50]}… ({len(text)} characters)"


def put(kind: str, whole: dict[str, Any], path: Path, value: Any) -> dict[str, Any] | None:
    """An object with a value at a path; parents that are missing are made. None where nothing would change."""
    changed = copy.deepcopy(whole)
    schema: Any = root_schema(kind)
    owner: Any = changed
    for depth, step in enumerate(path[:-1]):
        schema = _part(schema, step)
        owner = _enter(owner, step, path[: depth + 1], schema)
        if not isinstance(owner, dict | list):
            return None
    last = path[-1]
    if last == INDEX:
        return _put_item(changed, owner, value)
    if not isinstance(owner, dict):
        return None
    key = next(iter(owner), "k") if last == KEY else last
    if value is REMOVED:
        if key not in owner:
            return None
        del owner[key]
    else:
        owner[key] = copy.deepcopy(value)
    return changed


def _put_item(changed: dict[str, Any], owner: Any, value: Any) -> dict[str, Any] | None:
    if not isinstance(owner, list) or value is REMOVED:
        return None
    owner[:1] = [copy.deepcopy(value)]
    return changed


def _part(schema: Any, step: str) -> Any:
    if not isinstance(schema, dict):
        return {}
    if step == INDEX:
        return schema.get("items") or {}
    if step == KEY:
        return schema.get("additionalProperties") or {}
    return (schema.get("properties") or {}).get(step) or {}


def _enter(owner: Any, step: str, path: Path, schema: Any) -> Any:
    """The value at a step, made where it is missing; items: the last, since contexts add theirs there."""
    if step == INDEX:
        if not isinstance(owner, list):
            return None
        if not owner:
            owner.append(copy.deepcopy(sample(path, schema)))
        return owner[-1]
    if not isinstance(owner, dict):
        return None
    key = next(iter(owner), "k") if step == KEY else step
    if key not in owner:
        owner[key] = copy.deepcopy(sample(path, schema))
    return owner[key]
