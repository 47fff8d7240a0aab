"""virt-api's checks of what holds an instance's template: VirtualMachine, replica set, pool.

Sources: K:pkg/virt-api/webhooks/validating-webhook/admitters (vms-admitter.go, vmirs-admitter.go, vmpool-admitter.go),
K:pkg/instancetype (webhooks/vm/mutator.go, infer).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.cel.text import go_quote
from generator.digits import whole
from generator.virtapi import claims, compute, guest, names, network, volumes
from generator.virtapi.cluster import VirtAPI, get
from generator.virtapi.instance import check_spec
from generator.virtapi.parts import listed, part
from generator.virtapi.verdict import INVALID, NOT_FOUND, NOT_SUPPORTED, REQUIRED, Cause

STRATEGIES = frozenset({"Halted", "Manual", "Always", "RerunOnFailure", "Once"})
_FAILURE_POLICIES = frozenset({"Ignore", "Reject"})
_OPERATORS = frozenset({"In", "NotIn", "Exists", "DoesNotExist"})

Object = Mapping[str, Any]


def check_machine_spec(spec: Object, at: str, api: VirtAPI) -> Iterator[Cause]:
    """What is checked of a VirtualMachine's spec wherever it stands; `at` is its path."""
    template = spec.get("template")
    if template is None:
        yield Cause(REQUIRED, f"{at}.template", "missing virtual machine template.", "schema")
        return
    found, inner = part(template, "metadata"), part(template, "spec")
    where = f"{at}.template"
    yield from guest.metadata(found, f"{where}.metadata", api)
    yield from claims.grace_annotations(inner, found.get("annotations") or {}, f"{where}.metadata", api)
    yield from check_spec(inner, f"{where}.spec", api)
    yield from volumes.data_volume_templates(spec, at)
    yield from _run_strategy(spec, at, api)
    yield from compute.live_update(inner, at, api)


def _run_strategy(spec: Object, at: str, api: VirtAPI) -> Iterator[Cause]:
    strategy, running = spec.get("runStrategy"), spec.get("running")
    if running is not None and strategy is not None:
        message = (
            "Running and RunStrategy are mutually exclusive. "
            "Note that Running is deprecated, please use RunStrategy instead"
        )
        yield Cause(INVALID, f"{at}.running", message, "run-strategy")
    if running is None and strategy is None:
        yield Cause(INVALID, f"{at}.running", "RunStrategy must be specified", "run-strategy")
    where = f"{at}.runStrategy"
    if strategy == "WaitAsReceiver":
        if not api.gate("DecentralizedLiveMigration"):
            message = (
                "Invalid RunStrategy (WaitAsReceiver), DecentralizedLiveMigration feature gate "
                "is not enabled in kubevirt resource"
            )
            yield Cause(INVALID, where, message, "gate")
    elif strategy is not None and strategy not in STRATEGIES:
        yield Cause(INVALID, where, f"Invalid RunStrategy ({strategy})", "run-strategy")


def matchers(machine: Object) -> Iterator[Cause]:
    """The references to an instancetype and a preference; the first that is wrong is told alone."""
    for key, words in (("instancetype", "InstancetypeMatcher"), ("preference", "PreferenceMatcher")):
        found = list(_matcher(get(machine, "spec", key), f"spec.{key}", words))
        if found:
            yield from found
            return


def _matcher(matcher: Object | None, where: str, words: str) -> Iterator[Cause]:
    if matcher is None:
        return
    topic = "instancetype"
    if not matcher.get("name") and not matcher.get("inferFromVolume"):
        message = f"Either Name or InferFromVolume should be provided within the {words}"
        yield Cause(NOT_FOUND, where, message, topic)
    for key, name in (("name", "Name"), ("kind", "Kind")) if matcher.get("inferFromVolume") else ():
        if matcher.get(key):
            message = f"{name} already set, should be cleared before setting inferFromVolume"
            yield Cause(NOT_SUPPORTED, f"{where}.{key}", message, topic)
    policy = matcher.get("inferFromVolumeFailurePolicy")
    if policy is not None and policy not in _FAILURE_POLICIES:
        message = f"Invalid value '{policy}' for InferFromVolumeFailurePolicy"
        yield Cause(INVALID, f"{where}.inferFromVolumeFailurePolicy", message, topic)


def inferred(machine: dict[str, Any]) -> str:
    """Why an instancetype or preference cannot be inferred from a volume, as far as the machine tells; else empty.

    A reference that may fail is taken out of the machine where it does.
    """
    for key in ("instancetype", "preference"):
        matcher = get(machine, "spec", key)
        volume = matcher.get("inferFromVolume") if matcher else ""
        if not volume:
            continue
        problem, ignorable = _inference(machine, volume)
        if problem and not (ignorable and matcher.get("inferFromVolumeFailurePolicy") == "Ignore"):
            return problem
        if problem:
            del machine["spec"][key]
    return ""


def _inference(machine: Object, name: str) -> tuple[str, bool]:
    for volume in listed(machine, "spec", "template", "spec", "volumes"):
        if volume.get("name", "") != name:
            continue
        if "persistentVolumeClaim" in volume:
            return "", False  # the cluster knows
        if "dataVolume" in volume:
            return _of_data_volume(machine, volume["dataVolume"].get("name", ""))
        return f"unable to infer defaults from volume {name} as type is not supported", True
    return f"unable to find volume {name} to infer defaults", False


def _of_data_volume(machine: Object, name: str) -> tuple[str, bool]:
    for template in listed(machine, "spec", "dataVolumeTemplates"):
        if get(template, "metadata", "name") != name:
            continue
        spec = part(template, "spec")
        source, reference = part(spec, "source"), spec.get("sourceRef")
        if "pvc" in source or "snapshot" in source:
            return "", False
        if reference is not None:
            kind = reference.get("kind", "")
            words = f"unable to infer defaults from DataVolumeSourceRef as Kind {kind} is not supported"
            return ("", False) if kind == "DataSource" else (words, True)
        return "unable to infer defaults from DataVolumeSpec as DataVolumeSource is not supported", True
    return "", False


def check_replica_set(spec: Object, api: VirtAPI) -> Iterator[Cause]:
    """A VirtualMachineInstanceReplicaSet's spec."""
    template = spec.get("template")
    if template is None:
        yield Cause(REQUIRED, "spec.template", "missing virtual machine template.", "schema")
        return
    found, inner = part(template, "metadata"), part(template, "spec")
    annotations = found.get("annotations") or {}
    yield from claims.grace_annotations(inner, annotations, "spec.template.metadata", api)
    yield from check_spec(inner, "spec.template.spec", api)
    yield from _selected(spec.get("selector"), found.get("labels") or {})
    yield from network.discontinued_gates(inner, api)


def check_pool(spec: Object, api: VirtAPI) -> Iterator[Cause]:
    """A VirtualMachinePool's spec."""
    template = spec.get("virtualMachineTemplate")
    if template is None:
        yield Cause(REQUIRED, "spec.template", "missing virtual machine template.", "schema")
        return
    inner = part(template, "spec")
    yield from check_machine_spec(inner, "spec.virtualMachineTemplate.spec", api)
    yield from _selected(spec.get("selector"), get(template, "metadata", "labels") or {})
    yield from _unavailable(spec.get("maxUnavailable"))
    for key in ("updateStrategy", "scaleInStrategy"):
        chosen = sorted({"unmanaged", "opportunistic", "proactive"} & set(spec.get(key) or ()))
        if len(chosen) > 1:
            message = f"only one strategy can be configured at a time: but found {', '.join(chosen)} strategies"
            yield Cause(INVALID, f"spec.{key}", message, "pool")
    yield from network.discontinued_gates(part(inner, "template", "spec"), api)


def _unavailable(limit: Any) -> Iterator[Cause]:
    where, problem = "spec.maxUnavailable", ""
    if isinstance(limit, str):
        text = limit.removesuffix("%")
        if not limit.endswith("%"):
            problem = "maxUnavailable percentage must end with %"
        elif not re.fullmatch(r"[+-]?\d+", text):
            quoted = go_quote(text)
            reason = f"strconv.Atoi: parsing {quoted}: invalid syntax"
            problem = f"maxUnavailable percentage value {quoted} is invalid: {reason}"
        elif not 0 < whole(text) <= 100:
            problem = f"maxUnavailable percentage value {whole(text)} must be between 1 and 100"
    elif limit is not None and limit <= 0:
        problem = "maxUnavailable must be greater than 0"
    if problem:
        yield Cause(INVALID, where, problem, "pool")


def _selected(selector: Object | None, labels: Mapping[str, str]) -> Iterator[Cause]:
    problem = _selector_problem(selector or {})
    if not problem and (selector is None or not _matches(selector, labels)):
        problem = "selector does not match labels."
    if problem:
        yield Cause(INVALID, "spec.selector", problem, "selector")


def _selector_problem(selector: Object) -> str:
    """What LabelSelectorAsSelector says of a selector; empty where it is one."""
    for key, value in sorted((selector.get("matchLabels") or {}).items()):
        problem = _requirement(key, [value])
        if problem:
            return problem
    for requirement in selector.get("matchExpressions") or ():
        operator, values = requirement.get("operator", ""), requirement.get("values") or []
        if operator not in _OPERATORS:
            return f"{go_quote(operator)} is not a valid label selector operator"
        detail = ""
        if operator in {"In", "NotIn"} and not values:
            detail = "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty"
        elif operator in {"Exists", "DoesNotExist"} and values:
            shown = "[" + ",".join(go_quote(value) for value in values) + "]"
            detail = f"values: Invalid value: {shown}: values set must be empty for exists and does not exist"
        problem = _requirement(requirement.get("key", ""), values, detail)
        if problem:
            return problem
    return ""


def _requirement(key: str, values: list[str], detail: str = "") -> str:
    problems = []
    if names.qualified(key):
        problems.append(f"key: Invalid value: {go_quote(key)}: {'; '.join(names.qualified(key))}")
    problems += [detail] if detail else []
    for index, value in enumerate(values):
        if names.label_value(value):
            words = "; ".join(names.label_value(value))
            problems.append(f"values[{index}][{key}]: Invalid value: {go_quote(value)}: {words}")
    return problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]" if problems else ""


def _matches(selector: Object, labels: Mapping[str, str]) -> bool:
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    for requirement in selector.get("matchExpressions") or ():
        key, operator = requirement.get("key", ""), requirement["operator"]
        inside = labels.get(key) in (requirement.get("values") or ())
        found = {"In": key in labels and inside, "NotIn": key not in labels or not inside}
        if not found.get(operator, (key in labels) is (operator == "Exists")):
            return False
    return True
