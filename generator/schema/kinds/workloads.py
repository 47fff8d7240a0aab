"""Workloads: that they select the pods they make, and how they roll out."""

import re
from collections.abc import Iterator
from typing import Any

from generator.digits import whole
from generator.kube.reading import exact_amount
from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.pods import check_pod_spec
from generator.schema.kinds.words import (
    check_selector,
    complaints,
    forbidden,
    listed,
    mapping,
    not_negative,
    objects,
    one_of,
    selects,
    unsupported,
)
from generator.schema.violation import Violation, invalid, required

_SPEC: FieldPath = ("spec",)
_TEMPLATE: FieldPath = ("spec", "template")
_ACCESS = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_PERCENT = re.compile(r"[0-9]+%")
_PERCENT_WORDS = (
    "a valid percent string must be a numeric string followed by an ending '%' "
    "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
)


def check_daemon_set(data: dict[str, Any]) -> Iterator[Violation]:
    """A DaemonSet."""
    spec = mapping(data.get("spec"))
    yield from _selecting(spec, "daemonset")
    yield from _template(spec, ("Always",))
    yield from not_negative(spec, "minReadySeconds", _SPEC)
    yield from not_negative(spec, "revisionHistoryLimit", _SPEC)
    path: FieldPath = ("spec", "updateStrategy")
    strategy = mapping(spec.get("updateStrategy"))
    kind = strategy.get("type") or "RollingUpdate"
    if kind not in ("RollingUpdate", "OnDelete"):
        yield unsupported(path, strategy, ("RollingUpdate", "OnDelete"))
    if kind != "RollingUpdate":
        return
    rolling, path = mapping(strategy.get("rollingUpdate")), (*path, "rollingUpdate")
    unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
    unavailable = 1 if unavailable is None else unavailable
    surge = 0 if surge is None else surge
    for key, value in (("maxUnavailable", unavailable), ("maxSurge", surge)):
        yield from _amount(value, (*path, key))
    if _number(unavailable) and _number(surge):
        yield invalid((*path, "maxSurge"), surge, "may not be set when maxUnavailable is non-zero")
    elif not _number(unavailable) and not _number(surge):
        yield required((*path, "maxUnavailable"), "cannot be 0 when maxSurge is 0")


def check_deployment(data: dict[str, Any]) -> Iterator[Violation]:
    """A Deployment."""
    yield from check_replicated(data)
    spec = mapping(data.get("spec"))
    yield from not_negative(spec, "revisionHistoryLimit", _SPEC)
    strategy, path = mapping(spec.get("strategy")), ("spec", "strategy")
    yield from one_of(strategy, "type", ("Recreate", "RollingUpdate", ""), path)
    rolling = strategy.get("rollingUpdate")
    if strategy.get("type") == "Recreate" and rolling is not None:
        detail = "may not be specified when strategy `type` is 'Recreate'"
        yield forbidden((*path, "rollingUpdate"), detail)
    elif isinstance(rolling, dict):
        found = {key: rolling[key] for key in ("maxUnavailable", "maxSurge") if rolling.get(key) is not None}
        for key, value in found.items():
            yield from _amount(value, (*path, "rollingUpdate", key))
        if len(found) == 2 and not any(map(_number, found.values())):
            at = (*path, "rollingUpdate", "maxUnavailable")
            yield invalid(at, found["maxUnavailable"], "may not be 0 when `maxSurge` is 0")
    limit, ready = spec.get("progressDeadlineSeconds"), spec.get("minReadySeconds") or 0
    if isinstance(limit, int) and limit <= ready:
        detail = "must be greater than minReadySeconds"
        yield invalid(("spec", "progressDeadlineSeconds"), limit, detail)


def check_replicated(data: dict[str, Any]) -> Iterator[Violation]:
    """What Deployments, ReplicaSets and StatefulSets have in common."""
    spec = mapping(data.get("spec"))
    yield from _selecting(spec, str(data.get("kind") or "").lower())
    yield from _template(spec, ("Always",))
    yield from not_negative(spec, "replicas", _SPEC)
    yield from not_negative(spec, "minReadySeconds", _SPEC)


def check_stateful_set(data: dict[str, Any]) -> Iterator[Violation]:
    """A StatefulSet."""
    yield from check_replicated(data)
    spec = mapping(data.get("spec"))
    management = spec.get("podManagementPolicy")
    if management not in (None, "", "OrderedReady", "Parallel"):
        yield invalid(("spec", "podManagementPolicy"), management, "must be 'OrderedReady' or 'Parallel'")
    strategy = mapping(spec.get("updateStrategy"))
    if strategy.get("type") not in (None, "", "RollingUpdate", "OnDelete"):
        yield invalid(("spec", "updateStrategy"), strategy, "must be 'RollingUpdate' or 'OnDelete'")
    name = spec.get("serviceName") or ""
    if name:
        yield from complaints(("spec", "serviceName"), name, naming.label(name))
    for at, claim in objects(spec.get("volumeClaimTemplates"), ("spec", "volumeClaimTemplates")):
        asked = mapping(claim.get("spec"))
        modes, path = listed(asked.get("accessModes")), (*at, "spec", "accessModes")
        if not modes:
            yield required(path, "at least 1 access mode is required")
        for mode in modes:
            if mode not in _ACCESS:
                yield unsupported(path, mode or "", _ACCESS)
        storage = mapping(mapping(asked.get("resources")).get("requests")).get("storage")
        amount = exact_amount(storage)
        where = (*at, "spec", "resources", "storage")
        if storage is None:
            yield required(where)
        elif amount is not None and amount <= 0:
            yield invalid(where, str(storage), "must be greater than zero")


def check_job(data: dict[str, Any]) -> Iterator[Violation]:
    """A Job: its pods end, so they may not always start again."""
    spec = mapping(data.get("spec"))
    yield from _template(spec, ("Never", "OnFailure"))
    yield from one_of(spec, "completionMode", ("NonIndexed", "Indexed"), _SPEC)
    for key in ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"):
        yield from not_negative(spec, key, _SPEC)


def _selecting(spec: dict[str, Any], kind: str) -> Iterator[Violation]:
    selector, path = mapping(spec.get("selector")), ("spec", "selector")
    yield from check_selector(selector, path)
    labels = mapping(mapping(mapping(spec.get("template")).get("metadata")).get("labels"))
    if not selects(selector, labels):
        at = (*_TEMPLATE, "metadata", "labels")
        detail, hint = "`selector` does not match template `labels`", "give the template the labels of the selector"
        yield invalid(at, labels or None, detail, hint=hint)
    if not mapping(selector.get("matchLabels")) and not selector.get("matchExpressions"):
        yield invalid(path, selector, f"empty selector is invalid for {kind}")


def _template(spec: dict[str, Any], restarts: tuple[str, ...]) -> Iterator[Violation]:
    path = (*_TEMPLATE, "spec")
    pod = mapping(mapping(spec.get("template")).get("spec"))
    yield from check_pod_spec(pod, path, templated=True)
    restart = pod.get("restartPolicy") or "Always"
    if restart not in restarts:
        yield unsupported((*path, "restartPolicy"), restart, restarts)
    if "Always" in restarts and pod.get("activeDeadlineSeconds") is not None:
        yield forbidden((*path, "activeDeadlineSeconds"), "activeDeadlineSeconds in a workload is not Supported")


def _amount(value: Any, path: FieldPath) -> Iterator[Violation]:
    """A number of pods, or a share of them."""
    if isinstance(value, str):
        if not _PERCENT.fullmatch(value):
            yield invalid(path, value, _PERCENT_WORDS)
        elif whole(value[:-1]) > 100:
            yield invalid(path, value, "must not be greater than 100%")
    elif isinstance(value, int) and value < 0:
        yield invalid(path, value, "must be greater than or equal to 0")


def _number(value: Any) -> int:
    """A count or a share, 0 where it is neither."""
    if isinstance(value, str):
        return whole(value[:-1]) if _PERCENT.fullmatch(value) else 0
    return value if isinstance(value, int) else 0
