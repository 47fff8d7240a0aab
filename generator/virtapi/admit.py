"""Would KubeVirt take this machine? The answer to a CREATE, stage by stage as the API server and virt-api give it.

1. decode: the API server refuses fields the CRD does not have.
2. mutate: virt-api checks its OpenAPI schema, reads the object into its types, fills in defaults.
3. crd: the API server applies the CRD's schema to what came out.
4. validate: virt-api's own rules. A VirtualMachine that passes is made into its instance, which is admitted too.

Presets, instancetypes, preferences, DataSources and claims are the cluster's; nothing is known of them here.
"""

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from generator.virtapi import network
from generator.virtapi.cluster import VirtAPI
from generator.virtapi.decode import read
from generator.virtapi.defaults import default_disks, default_instance, default_machine, default_spec
from generator.virtapi.failure import GoError
from generator.virtapi.instance import check_instance
from generator.virtapi.machine import check_machine_spec, check_pool, check_replica_set, inferred, matchers
from generator.virtapi.schema import crd_causes, openapi_errors, unknown_fields
from generator.virtapi.shapes import Shapes, shapes
from generator.virtapi.verdict import ALLOWED, Cause, Verdict, refused, unreadable
from generator.virtapi.volumes import template_namespaces

VMI, VM = "VirtualMachineInstance", "VirtualMachine"
REPLICA_SET, POOL = "VirtualMachineInstanceReplicaSet", "VirtualMachinePool"
_STRUCTS = {VMI: VMI, VM: VM, REPLICA_SET: REPLICA_SET, POOL: "pool.VirtualMachinePool"}
KINDS = frozenset(_STRUCTS)
_NO_CRD_SAYS = (" in body should be one of [", " in body is a forbidden property")

Object = dict[str, Any]


def admit(machine: Mapping[str, Any], api: VirtAPI) -> Verdict:
    """The verdict on the creation of a machine; of a kind in KINDS, else KeyError."""
    kind = str(machine["kind"])
    known = shapes(api.release)
    raw: Object = {**machine}
    for part in ("metadata", "spec", "status"):
        raw.setdefault(part, {})
    unknown = unknown_fields(raw, _STRUCTS[kind], known)
    if unknown:
        return _undecoded(kind, unknown)
    refusal = _schema(raw, kind, known, "mutate" if kind in {VMI, VM} else "validate")
    if refusal is not None:
        return refusal
    try:
        held = read(raw, _STRUCTS[kind], known)
        if kind == VMI:
            return _instance(held, api, known)
        if kind == VM:
            return _machine(held, api, known)
    except GoError as error:
        told = unreadable(kind, str(error))
        return told if kind in {VMI, VM} else replace(told, stage="validate")
    except ZeroDivisionError:
        return _crashed(VMI if kind == VMI else kind)
    check = check_pool if kind == POOL else check_replica_set
    # No webhook mutates these: what is empty stays, as it was given.
    found = list(check(_as_given(raw["spec"], held["spec"]), api))
    return refused(kind, "validate", found) if found else ALLOWED


def _undecoded(kind: str, unknown: list[str]) -> Verdict:
    causes = tuple(Cause("", name, f'unknown field "{name}"', "unknown-field") for name in unknown)
    message = f"strict decoding error: {causes[0].message}"
    return Verdict(False, kind, "decode", 400, "BadRequest", message, causes, causes)


def _crashed(kind: str) -> Verdict:
    """A page size of zero: virt-api divides by it, and its crash refuses the request."""
    message = "panic: runtime error: integer divide by zero"
    cause = Cause("", "", message, "hugepages")
    return Verdict(False, kind, "validate", 500, "InternalError", message, (), (cause,))


def _schema(held: Object, kind: str, known: Shapes, stage: Any) -> Verdict | None:
    struct = _STRUCTS[kind]
    messages = openapi_errors(held, struct, known)
    if kind == POOL:  # virt-api has no OpenAPI of pools; their CRD refuses the rest, and knows neither of these
        messages = [message for message in messages if not any(words in message for words in _NO_CRD_SAYS)]
    if not messages:
        return None
    return refused(kind, stage, [Cause("", "", message, "schema") for message in messages])


def _after_mutation(held: Object, kind: str, known: Shapes) -> Verdict | None:
    found = crd_causes(held, _STRUCTS[kind], known)
    if found:
        causes = tuple(cause for _, cause in found)
        return Verdict(False, kind, "crd", 422, "Invalid", found[-1][0], causes, causes)
    return _schema(held, kind, known, "validate")


def _instance(held: Object, api: VirtAPI, known: Shapes) -> Verdict:
    default_instance(held["spec"], api)
    refusal = _after_mutation(held, VMI, known)
    if refusal is not None:
        return refusal
    found = list(check_instance(held, api))
    return refused(VMI, "validate", found) if found else ALLOWED


def _machine(held: Object, api: VirtAPI, known: Shapes) -> Verdict:
    found = list(matchers(held))
    if found:
        return refused(VM, "mutate", found)
    problem = inferred(held)
    if problem:
        return unreadable(VM, problem, "instancetype")
    template = held["spec"]["template"]
    default_machine(template["spec"], api)
    refusal = _after_mutation(held, VM, known)
    if refusal is not None:
        return refusal
    checked = copy.deepcopy(held["spec"])
    inner = checked["template"]["spec"]
    try:
        default_spec(inner, api)
    except GoError as error:
        refusal = unreadable(VM, str(error))
        return Verdict(False, VM, "validate", 400, "", refusal.message, (), refusal.all_causes)
    found = _first(
        network.discontinued_gates(template["spec"], api),
        network.removed_bindings(inner, "spec"),
        check_machine_spec(checked, "spec", api),
        template_namespaces(held, str(held["metadata"].get("namespace") or "default")),
    )
    if found:
        return refused(VM, "validate", found)
    default_disks(template["spec"])
    instance = {"metadata": template.get("metadata") or {}, "spec": template["spec"], "status": {}}
    try:
        return _instance(instance, api, known)
    except GoError as error:
        return unreadable(VMI, str(error))
    except ZeroDivisionError:
        return _crashed(VMI)


def _first(*checks: Any) -> list[Cause]:
    """The causes of the first check that has any: virt-api stops there."""
    for check in checks:
        found = list(check)
        if found:
            return found
    return []


def _as_given(given: Any, held: Any) -> Any:
    """What was read, with the empty lists, mappings and texts that writing it again would leave out."""
    if isinstance(given, dict) and isinstance(held, dict):
        made = {key: _as_given(given.get(key), value) for key, value in held.items()}
        empty = {key: value for key, value in given.items() if key not in made and value in ([], {}, "")}
        return {**made, **empty}
    if isinstance(given, list) and isinstance(held, list) and len(given) == len(held):
        return [_as_given(one, other) for one, other in zip(given, held, strict=True)]
    return held
