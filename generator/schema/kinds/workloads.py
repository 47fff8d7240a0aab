"""Workloads: that they select the pods they make, and how they roll out (K8s: apps/validation)."""

from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.budgets import check_share, check_whole, share
from generator.schema.kinds.pods import check_template
from generator.schema.kinds.volumeclaims import check_volume_claim_spec
from generator.schema.kinds.words import (
    check_selector,
    complaints,
    forbidden,
    is_selector,
    mapping,
    not_negative,
    objects,
    selects,
    unsupported,
)
from generator.schema.violation import Violation, invalid, required

_SPEC: FieldPath = ("spec",)
_TEMPLATE: FieldPath = ("spec", "template")
_RETENTIONS = ("Retain", "Delete")


def check_daemon_set(data: dict[str, Any], minor: int) -> Iterator[Violation]:
    """A DaemonSet."""
    spec = mapping(data.get("spec"))
    yield from _selecting(spec, "daemonset")
    yield from _template(spec, "DaemonSet", minor)
    yield from not_negative(spec, "minReadySeconds", _SPEC)
    yield from not_negative(spec, "revisionHistoryLimit", _SPEC)
    path: FieldPath = ("spec", "updateStrategy")
    strategy = mapping(spec.get("updateStrategy"))
    kind = strategy.get("type") or "RollingUpdate"
    if kind not in ("RollingUpdate", "OnDelete"):
        yield unsupported((*path, "type"), kind, ("RollingUpdate", "OnDelete"))
    if kind != "RollingUpdate":
        return
    rolling, path = mapping(strategy.get("rollingUpdate")), (*path, "rollingUpdate")
    unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
    unavailable = 1 if unavailable is None else unavailable
    surge = 0 if surge is None else surge
    for key, value in (("maxUnavailable", unavailable), ("maxSurge", surge)):
        yield from check_share(value, (*path, key))
        yield from check_whole(value, (*path, key))
    if share(unavailable) and share(surge):
        hint = "write maxUnavailable: 0 to add pods first"
        yield invalid((*path, "maxSurge"), surge, "may not be set when maxUnavailable is non-zero", hint=hint)
    elif not share(unavailable) and not share(surge):
        yield required((*path, "maxUnavailable"), "cannot be 0 when maxSurge is 0")


def check_deployment(data: dict[str, Any], minor: int) -> Iterator[Violation]:
    """A Deployment."""
    yield from _replicated(data, "ReplicaSet", minor)
    spec = mapping(data.get("spec"))
    yield from not_negative(spec, "revisionHistoryLimit", _SPEC)
    yield from _deployment_strategy(mapping(spec.get("strategy")), ("spec", "strategy"))
    limit, ready = spec.get("progressDeadlineSeconds"), spec.get("minReadySeconds") or 0
    limit = 600 if limit is None else limit
    if limit < 0:
        yield invalid(("spec", "progressDeadlineSeconds"), limit, "must be greater than or equal to 0")
    if limit <= ready:
        detail = "must be greater than minReadySeconds"
        yield invalid(("spec", "progressDeadlineSeconds"), limit, detail)


def _deployment_strategy(strategy: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    kind, rolling = strategy.get("type") or "RollingUpdate", strategy.get("rollingUpdate")
    if kind not in ("Recreate", "RollingUpdate"):
        yield unsupported((*path, "type"), kind, ("Recreate", "RollingUpdate"))
    elif kind == "Recreate" and rolling is not None:
        detail = "may not be specified when strategy `type` is 'Recreate'"
        yield forbidden((*path, "rollingUpdate"), detail, "remove it")
    elif kind == "RollingUpdate":
        found, at = mapping(rolling), (*path, "rollingUpdate")
        unavailable, surge = ("25%" if found.get(key) is None else found[key] for key in ("maxUnavailable", "maxSurge"))
        yield from check_share(unavailable, (*at, "maxUnavailable"))
        yield from check_share(surge, (*at, "maxSurge"))
        if not share(unavailable) and not share(surge):
            yield invalid((*at, "maxUnavailable"), unavailable, "may not be 0 when `maxSurge` is 0")
        yield from check_whole(unavailable, (*at, "maxUnavailable"))


def check_replica_set(data: dict[str, Any], minor: int) -> Iterator[Violation]:
    """A ReplicaSet."""
    yield from _replicated(data, "ReplicaSet", minor)


def check_controller(data: dict[str, Any], minor: int) -> Iterator[Violation]:
    """A ReplicationController."""
    spec = mapping(data.get("spec"))
    yield from not_negative(spec, "replicas", _SPEC)
    yield from not_negative(spec, "minReadySeconds", _SPEC)
    if spec.get("template") is None:
        yield required(_TEMPLATE)
        return
    labels = mapping(mapping(mapping(spec["template"]).get("metadata")).get("labels"))
    selector = mapping(spec.get("selector")) or labels
    if not selector:
        yield required(("spec", "selector"))
    elif any(labels.get(key) != value for key, value in selector.items()):
        detail = "`selector` does not match template `labels`"
        yield invalid((*_TEMPLATE, "metadata", "labels"), labels or None, detail)
    yield from _template(spec, "ReplicationController", minor)


def _replicated(data: dict[str, Any], kind: str, minor: int) -> Iterator[Violation]:
    """What Deployments, ReplicaSets and StatefulSets have in common."""
    spec = mapping(data.get("spec"))
    yield from _selecting(spec, str(data.get("kind") or "").lower())
    yield from _template(spec, kind, minor)
    yield from not_negative(spec, "replicas", _SPEC)
    yield from not_negative(spec, "minReadySeconds", _SPEC)


def check_stateful_set(data: dict[str, Any], minor: int) -> Iterator[Violation]:
    """A StatefulSet: its claims are volumes of its pods, and their names on the network are its own affair."""
    spec = mapping(data.get("spec"))
    yield from _replicated({**data, "spec": {**spec, "template": _with_claims(spec)}}, "StatefulSet", minor)
    management = spec.get("podManagementPolicy")
    if management not in (None, "", "OrderedReady", "Parallel"):
        yield invalid(("spec", "podManagementPolicy"), management, "must be 'OrderedReady' or 'Parallel'")
    yield from _stateful_strategy(mapping(spec.get("updateStrategy")), ("spec", "updateStrategy"))
    for key in ("whenDeleted", "whenScaled"):
        value = mapping(spec.get("persistentVolumeClaimRetentionPolicy")).get(key) or "Retain"
        if value not in _RETENTIONS:
            yield unsupported(("spec", "persistentVolumeClaimRetentionPolicy", key), value, _RETENTIONS)
    yield from not_negative(mapping(spec.get("ordinals")), "start", ("spec", "ordinals"))
    name = spec.get("serviceName") or ""
    if name:
        yield from complaints(("spec", "serviceName"), name, naming.label(name))
    for at, claim in objects(spec.get("volumeClaimTemplates"), ("spec", "volumeClaimTemplates")):
        yield from check_volume_claim_spec(mapping(claim.get("spec")), (*at, "spec"), minor)


def _with_claims(spec: dict[str, Any]) -> dict[str, Any]:
    """The template with the volumes that the controller adds; one of the same name in the template is replaced."""
    template = mapping(spec.get("template"))
    pod = {key: value for key, value in mapping(template.get("spec")).items() if key not in ("hostname", "subdomain")}
    claims = [
        mapping(claim.get("metadata")).get("name") or "" for _, claim in objects(spec.get("volumeClaimTemplates"), ())
    ]
    own = [
        {"name": one["name"], "emptyDir": {}} if one.get("name") in claims else one
        for _, one in objects(pod.get("volumes"), ())
    ]
    known = {one.get("name") for one in own}
    new = [name for name in dict.fromkeys(claims) if name not in known]
    added = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in new]
    return {**template, "spec": {**pod, "volumes": [*own, *added]}}


def _stateful_strategy(strategy: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    kind, rolling = strategy.get("type") or "RollingUpdate", strategy.get("rollingUpdate")
    at = (*path, "rollingUpdate")
    if kind not in ("RollingUpdate", "OnDelete"):
        yield invalid((*path, "type"), kind, "must be 'RollingUpdate' or 'OnDelete'")
    elif kind == "OnDelete" and rolling is not None:
        yield invalid(at, rolling, "only allowed for updateStrategy 'RollingUpdate'", hint="remove it")
    elif kind == "RollingUpdate":
        yield from not_negative(mapping(rolling), "partition", at)


def _selecting(spec: dict[str, Any], kind: str) -> Iterator[Violation]:
    selector, path = mapping(spec.get("selector")), ("spec", "selector")
    yield from check_selector(selector, path)
    labels = mapping(mapping(mapping(spec.get("template")).get("metadata")).get("labels"))
    if is_selector(selector) and not selects(selector, labels):
        at = (*_TEMPLATE, "metadata", "labels")
        detail, hint = "`selector` does not match template `labels`", "give the template the labels of the selector"
        yield invalid(at, labels or None, detail, hint=hint)
    if not mapping(selector.get("matchLabels")) and not selector.get("matchExpressions"):
        yield invalid(path, selector, f"empty selector is invalid for {kind}")


def _template(spec: dict[str, Any], kind: str, minor: int) -> Iterator[Violation]:
    """The template of pods that run until they are replaced."""
    path, template = (*_TEMPLATE, "spec"), mapping(spec.get("template"))
    yield from check_template(template, _TEMPLATE, minor)
    pod = mapping(template.get("spec"))
    restart = pod.get("restartPolicy") or "Always"
    if restart != "Always":
        hint = "remove it, or use a Job for what ends"
        yield Violation((*path, "restartPolicy"), _unsupported_restart(restart), hint, unsupported((), "", ()).rule)
    if pod.get("activeDeadlineSeconds") is not None:
        detail = f"activeDeadlineSeconds in {kind} is not Supported"
        yield forbidden((*path, "activeDeadlineSeconds"), detail, "remove it")


def _unsupported_restart(restart: str) -> str:
    return unsupported((), restart, ("Always",)).message
