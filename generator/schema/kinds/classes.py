"""Classes of storage and of priority (K8s: storage/validation, scheduling/validation)."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.words import complaints, duplicate, forbidden, listed, mapping, objects, unsupported
from generator.schema.violation import Violation, invalid, required

_HIGHEST = 1_000_000_000
_SYSTEM = "system-"
_KNOWN: Mapping[str, int] = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}
_PREEMPTION = ("PreemptLowerPriority", "Never")
_MOST_PARAMETERS, _LONGEST_PARAMETERS = 512, 256 * 1024


def check_priority_class(data: dict[str, Any]) -> Iterator[Violation]:
    """A PriorityClass."""
    name, value = mapping(data.get("metadata")).get("name") or "", data.get("value") or 0
    if name.startswith(_SYSTEM):
        if name not in _KNOWN or value != _KNOWN[name] or data.get("globalDefault"):
            words = f"priority class names with '{_SYSTEM}' prefix are reserved for system use only"
            yield forbidden(("metadata", "name"), words, "choose another name")
    elif value > _HIGHEST:
        words = f"maximum allowed value of a user defined priority is {_HIGHEST}"
        yield forbidden(("value",), words, "lower it")
    policy = data.get("preemptionPolicy")
    if policy == "":
        yield required(("preemptionPolicy",))
    elif policy is not None and policy not in _PREEMPTION:
        yield unsupported(("preemptionPolicy",), policy, _PREEMPTION)


def check_storage_class(data: dict[str, Any]) -> Iterator[Violation]:
    """A StorageClass."""
    provisioner = data.get("provisioner") or ""
    if not provisioner:
        yield required(("provisioner",))
    else:
        yield from complaints(("provisioner",), provisioner, naming.label_key(provisioner.lower()))
    yield from _parameters(mapping(data.get("parameters")), ("parameters",))
    policy = data.get("reclaimPolicy") or "Delete"
    if policy not in ("Delete", "Retain"):
        yield unsupported(("reclaimPolicy",), policy, ("Delete", "Retain"))
    mode = data.get("volumeBindingMode")
    if mode is not None and mode not in ("Immediate", "WaitForFirstConsumer"):
        yield unsupported(("volumeBindingMode",), mode, ("Immediate", "WaitForFirstConsumer"))
    terms: list[dict[str, set[str]]] = []
    for path, term in objects(data.get("allowedTopologies"), ("allowedTopologies",)):
        found: dict[str, set[str]] = {}
        yield from _topology(term, path, found)
        if not found or found in terms:
            yield duplicate((*path, "matchLabelExpressions"), "")
        terms.append(found)


def _parameters(parameters: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    if len(parameters) > _MOST_PARAMETERS:
        yield Violation(path, f"Too long: may not be more than {_MOST_PARAMETERS} bytes", "remove some")
        return
    size = 0
    for key, value in parameters.items():
        if not key:
            yield invalid(path, key, "field can not be empty.")
        size += len(key.encode()) + len((value or "").encode())
    if size > _LONGEST_PARAMETERS:
        yield Violation(path, f"Too long: may not be more than {_LONGEST_PARAMETERS} bytes", "shorten them")


def _topology(term: dict[str, Any], path: FieldPath, found: dict[str, set[str]]) -> Iterator[Violation]:
    for at, one in objects(term.get("matchLabelExpressions"), (*path, "matchLabelExpressions")):
        key, values = one.get("key") or "", [value or "" for value in listed(one.get("values"))]
        if not values:
            yield required((*at, "values"))
        for index, value in enumerate(values):
            if value in values[:index]:
                yield duplicate((*at, "values", index), value)
        yield from complaints((*at, "key"), key, naming.label_key(key))
        if key in found:
            yield duplicate((*at, "key"), key)
        found[key] = set(values)
