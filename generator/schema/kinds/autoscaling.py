"""Autoscalers of pods (K8s: autoscaling/validation)."""

from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.names import check_segment
from generator.schema.kinds.resources import amount, check_container_resource
from generator.schema.kinds.words import complaints, forbidden, listed, mapping, objects, unsupported
from generator.schema.violation import Violation, invalid, required

_SPEC: FieldPath = ("spec",)
_TYPES = ("ContainerResource", "External", "Object", "Pods", "Resource")
_FIELDS = {name: name[0].lower() + name[1:] for name in _TYPES}
_ORDER = ("object", "external", "pods", "resource", "containerResource")
_SELECT = ("Disabled", "Max", "Min")
_POLICIES = ("Percent", "Pods")
_LONGEST_PERIOD, _LONGEST_WINDOW = 1800, 3600
_TOLERANCE_SINCE = 35
_METRICS = "autoscaling.alpha.kubernetes.io/metrics"


def check_autoscaler(data: dict[str, Any], minor: int) -> Iterator[Violation]:
    """A HorizontalPodAutoscaler of any version."""
    spec = mapping(data.get("spec"))
    fewest, most = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    fewest = 1 if fewest is None else fewest
    if fewest < 1:
        yield invalid((*_SPEC, "minReplicas"), fewest, "must be greater than or equal to 1")
    if most == 0:
        yield required((*_SPEC, "maxReplicas"), "must be set and greater than 0")
    elif most < 0:
        yield invalid((*_SPEC, "maxReplicas"), most, "must be greater than or equal to 1")
    if most < fewest:
        hint = f"raise it to at least {fewest}, or lower minReplicas"
        yield invalid((*_SPEC, "maxReplicas"), most, "must be greater than or equal to `minReplicas`", hint=hint)
    target = mapping(spec.get("scaleTargetRef"))
    core = target.get("kind") == "ReplicationController"
    yield from _reference(target, (*_SPEC, "scaleTargetRef"), core=core)
    if data.get("apiVersion") == "autoscaling/v1":
        yield from _first_version(data, spec, fewest)
        return
    for path, metric in objects(spec.get("metrics"), (*_SPEC, "metrics")):
        yield from _metric(metric, path)
    kinds = {metric.get("type") for _, metric in objects(spec.get("metrics"), ())}
    if fewest == 0 and not kinds & {"Object", "External"}:
        yield forbidden((*_SPEC, "metrics"), _NO_ZERO)
    for key in ("scaleUp", "scaleDown"):
        rules = mapping(mapping(spec.get("behavior")).get(key))
        yield from _scaling(rules, (*_SPEC, "behavior", key), minor)


_NO_ZERO = "must specify at least one Object or External metric to support scaling to zero replicas"


def _first_version(data: dict[str, Any], spec: dict[str, Any], fewest: int) -> Iterator[Violation]:
    share = spec.get("targetCPUUtilizationPercentage")
    if isinstance(share, int) and share < 1:
        yield invalid((*_SPEC, "targetCPUUtilizationPercentage"), share, "must be greater than 0")
    annotated = _METRICS in mapping(mapping(data.get("metadata")).get("annotations"))
    if fewest == 0 and not annotated:
        hint = "use autoscaling/v2 with such a metric, or raise minReplicas to 1"
        yield forbidden((*_SPEC, "minReplicas"), _NO_ZERO, hint)


def _reference(reference: dict[str, Any], path: FieldPath, *, core: bool) -> Iterator[Violation]:
    for key in ("kind", "name"):
        yield from check_segment(reference.get(key) or "", (*path, key))
    version, at = reference.get("apiVersion") or "", (*path, "apiVersion")
    if version.count("/") > 1:
        yield invalid(at, version, f"unexpected GroupVersion string: {version}")
    elif (not core and not version.partition("/")[0].strip()) or (not core and "/" not in version):
        hint = "write apiVersion: apps/v1 for a Deployment or a StatefulSet"
        yield invalid(at, version, "apiVersion must specify API group", hint=hint)


def _metric(metric: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    kind = metric.get("type") or ""
    if not kind:
        yield required((*path, "type"), "must specify a metric source type")
    if kind not in _TYPES:
        yield unsupported((*path, "type"), kind, _TYPES)
    given = [key for key in _ORDER if metric.get(key) is not None]
    if given:
        yield from _source(given[0], mapping(metric[given[0]]), (*path, given[0]))
    wanted = _FIELDS.get(kind, "")
    if wanted and wanted not in given:
        yield required((*path, wanted), "must populate information for the given metric source")
    if len(given) != 1:
        for key in given:
            if key != wanted:
                yield forbidden((*path, key), "must populate the given metric source only")


def _source(key: str, source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    target, at = mapping(source.get("target")), (*path, "target")
    match key:
        case "object":
            yield from _reference(mapping(source.get("describedObject")), (*path, "describedObject"), core=True)
        case "resource" if not source.get("name"):
            yield required((*path, "name"), "must specify a resource name")
        case "containerResource":
            yield from _container(source, path)
        case _:
            pass
    if key in ("object", "external", "pods"):
        name = mapping(source.get("metric")).get("name") or ""
        yield from check_segment(name, (*path, "metric", "name"), "must specify a metric name")
    yield from _target(target, at)
    value, average, share = (target.get(name) for name in ("value", "averageValue", "averageUtilization"))
    match key:
        case "object" if value is None and average is None:
            yield required((*at, "averageValue"), "must set either a target value or averageValue")
        case "external" if value is None and average is None:
            yield required((*at, "averageValue"), "must set either a target value for metric or a per-pod target")
        case "external" if value is not None and average is not None:
            yield forbidden((*at, "value"), "may not set both a target value for metric and a per-pod target")
        case "pods" if average is None:
            yield required((*at, "averageValue"), "must specify a positive target averageValue")
        case "resource" | "containerResource" if share is None and average is None:
            yield required((*at, "averageUtilization"), "must set either a target raw value or a target utilization")
        case "resource" | "containerResource" if share is not None and average is not None:
            yield forbidden((*at, "averageValue"), "may not set both a target raw value and a target utilization")
        case _:
            pass


def _container(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    name, container = source.get("name") or "", source.get("container") or ""
    if not name:
        yield required((*path, "name"), "must specify a resource name")
    else:
        yield from check_container_resource(name, (*path, "name"))
    if not container:
        yield required((*path, "container"), "must specify a container")
    else:
        yield from complaints((*path, "container"), container, naming.label(container))


def _target(target: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    kind = target.get("type") or ""
    if not kind:
        yield required((*path, "type"), "must specify a metric target type")
    if kind not in ("Utilization", "Value", "AverageValue"):
        yield invalid((*path, "type"), kind, "must be either Utilization, Value, or AverageValue")
    for key in ("value", "averageValue"):
        value = amount(target.get(key))
        if value is not None and value <= 0:
            yield invalid((*path, key), str(target[key]), "must be positive")
    share = target.get("averageUtilization")
    if share is not None and share < 1:
        yield invalid((*path, "averageUtilization"), share, "must be greater than 0")


def _scaling(rules: dict[str, Any], path: FieldPath, minor: int) -> Iterator[Violation]:
    window, at = rules.get("stabilizationWindowSeconds"), (*path, "stabilizationWindowSeconds")
    if window is not None and window < 0:
        yield invalid(at, window, "must be greater than or equal to zero")
    if window is not None and window > _LONGEST_WINDOW:
        yield invalid(at, window, f"must be less than or equal to {_LONGEST_WINDOW}")
    select = rules.get("selectPolicy")
    if select is not None and select not in _SELECT:
        yield unsupported((*path, "selectPolicy"), select, _SELECT)
    if rules.get("policies") is not None and not listed(rules["policies"]):
        yield required((*path, "policies"), "must specify at least one Policy")
    for where, policy in objects(rules.get("policies"), (*path, "policies")):
        kind, value, period = policy.get("type") or "", policy.get("value") or 0, policy.get("periodSeconds") or 0
        if kind not in _POLICIES:
            yield unsupported((*where, "type"), kind, _POLICIES)
        if value <= 0:
            yield invalid((*where, "value"), value, "must be greater than zero")
        if period <= 0:
            yield invalid((*where, "periodSeconds"), period, "must be greater than zero")
        if period > _LONGEST_PERIOD:
            yield invalid((*where, "periodSeconds"), period, f"must be less than or equal to {_LONGEST_PERIOD}")
    tolerance = amount(rules.get("tolerance")) if minor >= _TOLERANCE_SINCE else None
    if tolerance is not None and tolerance < 0:
        yield invalid((*path, "tolerance"), str(rules["tolerance"]), "must be greater than or equal to 0")
