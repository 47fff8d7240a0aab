"""Jobs and CronJobs (K8s: batch/validation)."""

from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.indexes import index_count
from generator.schema.kinds.names import check_prefixed_path
from generator.schema.kinds.pods import check_template
from generator.schema.kinds.schedules import check_schedule
from generator.schema.kinds.words import (
    check_selector,
    complaints,
    duplicate,
    listed,
    mapping,
    not_negative,
    objects,
    selects,
    too_long,
    too_many,
    unsupported,
)
from generator.schema.kinds.zones import check_time_zone
from generator.schema.violation import Violation, invalid, required

_SPEC: FieldPath = ("spec",)
_CONCURRENCY = ("Allow", "Forbid", "Replace")
_MODES = ("NonIndexed", "Indexed")
_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_REPLACEMENTS = ("Failed", "TerminatingOrFailed")
_STATUSES = ("False", "True", "Unknown")
_LONGEST_CRON_NAME = 52
_LONGEST_MANAGER = 63
_MOST_INDEXES, _MANY_COMPLETIONS, _MOST_OF_MANY = 100_000, 100_000, 10_000
_MOST_RULES, _MOST_CODES, _MOST_PATTERNS = 20, 255, 20
_LONGEST_INDEXES = 64 * 1024
_COUNTS = (
    *("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"),
    *("backoffLimitPerIndex", "maxFailedIndexes"),
)
_NAME_LABELS = ("job-name", "batch.kubernetes.io/job-name")
_UID_LABELS = ("controller-uid", "batch.kubernetes.io/controller-uid")
_RESTART_HINT = "write restartPolicy: OnFailure to run it again in its pod, or Never for a new pod"


def check_cron_job(data: dict[str, Any], minor: int) -> Iterator[Violation]:
    """A CronJob."""
    spec, metadata = mapping(data.get("spec")), mapping(data.get("metadata"))
    schedule, path = spec.get("schedule") or "", (*_SPEC, "schedule")
    if not schedule:
        yield required(path)
    else:
        yield from check_schedule(schedule, path)
    if spec.get("timeZone") is not None:
        yield from check_time_zone(spec["timeZone"], (*_SPEC, "timeZone"))
    for key in ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        yield from not_negative(spec, key, _SPEC)
    policy = spec.get("concurrencyPolicy") or "Allow"
    if policy not in _CONCURRENCY:
        yield unsupported((*_SPEC, "concurrencyPolicy"), policy, _CONCURRENCY)
    job, at = mapping(mapping(spec.get("jobTemplate")).get("spec")), (*_SPEC, "jobTemplate", "spec")
    yield from _job_spec(job, at, minor)
    if job.get("selector") is not None:
        yield invalid((*at, "selector"), job["selector"], "`selector` will be auto-generated", hint="remove it")
    if job.get("manualSelector"):
        yield unsupported((*at, "manualSelector"), True, ("nil", "false"))
    name = metadata.get("name") or ""
    if len(name) > _LONGEST_CRON_NAME:
        detail = f"must be no more than {_LONGEST_CRON_NAME} characters"
        hint = "shorten it: each Job gets the name and 11 characters more"
        yield invalid(("metadata", "name"), name, detail, hint=hint)


def check_job(data: dict[str, Any], minor: int) -> Iterator[Violation]:
    """A Job."""
    spec, name = mapping(data.get("spec")), mapping(data.get("metadata")).get("name") or ""
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec = {**spec, "completions": 1, "parallelism": 1}
    yield from _selection(spec, name)
    yield from _job_spec(spec, _SPEC, minor)
    completions = spec.get("completions") or 0
    if spec.get("completionMode") == "Indexed" and completions > 0 and name:
        pod = f"{name}-{completions - 1}"
        if naming.label(pod):
            detail = f"will not able to create pod with invalid DNS label: {pod}"
            yield invalid(("metadata", "name"), name, detail)


def _selection(spec: dict[str, Any], name: str) -> Iterator[Violation]:
    """The server makes a Job's selector, unless manualSelector says that the Job brings one."""
    labels = mapping(mapping(mapping(spec.get("template")).get("metadata")).get("labels"))
    selector, path = spec.get("selector"), (*_SPEC, "selector")
    at = (*_SPEC, "template", "metadata", "labels")
    if spec.get("manualSelector"):
        if selector is None:
            yield required(path)
        yield from check_selector(selector, path)
        if not selects(selector, labels):
            yield invalid(at, labels or None, "`selector` does not match template `labels`")
        return
    if name and not labels.keys() & set(_NAME_LABELS):  # the server labels the pods with it
        yield from complaints(("metadata", "name"), name, naming.label_value(name))
    for key in (*_NAME_LABELS, *_UID_LABELS):
        if key in labels and (key in _UID_LABELS or (name and labels[key] != name)):
            made = name if key in _NAME_LABELS else "the uid that the server makes"
            yield invalid((*at, key), labels, f"must be '{made}'", hint="remove it: the server adds it")
    yield from check_selector(selector, path)
    if selector is None:
        return
    made_labels = {**dict.fromkeys(_NAME_LABELS, name), **dict.fromkeys(_UID_LABELS, "")}
    hint = "remove the selector: the server makes one"
    if not selects(selector, made_labels):
        yield invalid(path, selector, "`selector` not auto-generated", hint=hint)
    if not selects(selector, {**made_labels, **labels}):
        yield invalid(at, labels or None, "`selector` does not match template `labels`", hint=hint)


def _job_spec(spec: dict[str, Any], path: FieldPath, minor: int) -> Iterator[Violation]:
    for key in _COUNTS:
        yield from not_negative(spec, key, path)
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        yield required((*path, "backoffLimitPerIndex"), "when maxFailedIndexes is specified")
    manager = spec.get("managedBy")
    if manager is not None:
        yield from check_prefixed_path(manager, (*path, "managedBy"))
        if len(manager.encode()) > _LONGEST_MANAGER:
            yield too_long((*path, "managedBy"), _LONGEST_MANAGER)
    mode = spec.get("completionMode")
    if mode is not None and mode not in _MODES:
        yield unsupported((*path, "completionMode"), mode, _MODES)
    if mode == "Indexed":
        yield from _indexed(spec, path)
    elif mode in (None, "NonIndexed"):
        for key in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(key) is not None:
                hint = "add completionMode: Indexed"
                yield invalid((*path, key), spec[key], "requires indexed completion mode", hint=hint)
    if spec.get("podFailurePolicy") is not None:
        yield from _failure_policy(spec, (*path, "podFailurePolicy"))
    if spec.get("successPolicy") is not None:
        yield from _success_policy(spec, (*path, "successPolicy"))
    yield from _replacement(spec, path)
    yield from check_template(mapping(spec.get("template")), (*path, "template"), minor)
    yield from _restart(spec, (*path, "template", "spec", "restartPolicy"))


def _restart(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    policy = mapping(mapping(spec.get("template")).get("spec")).get("restartPolicy") or "Always"
    if policy == "Always":
        words = 'Required value: valid values: "OnFailure", "Never"'
        yield Violation(path, words, _RESTART_HINT, required(path).rule)
    elif policy not in ("OnFailure", "Never"):
        yield unsupported(path, policy, ("OnFailure", "Never"))
    elif policy != "Never" and spec.get("podFailurePolicy") is not None:
        yield invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')


def _replacement(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    policy = spec.get("podReplacementPolicy")
    allowed = _REPLACEMENTS if spec.get("podFailurePolicy") is None else _REPLACEMENTS[:1]
    if policy is not None and policy not in allowed:
        yield unsupported((*path, "podReplacementPolicy"), policy, allowed)


def _indexed(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    completions, parallelism, failed = (spec.get(key) for key in ("completions", "parallelism", "maxFailedIndexes"))
    if completions is None:
        yield required((*path, "completions"), "when completion mode is Indexed")
    if parallelism is not None and parallelism > _MOST_INDEXES:
        detail = f"must be less than or equal to {_MOST_INDEXES} when completion mode is Indexed"
        yield invalid((*path, "parallelism"), parallelism, detail)
    if completions is not None and failed is not None and failed > completions:
        yield invalid((*path, "maxFailedIndexes"), failed, "must be less than or equal to completions")
    if failed is not None and failed > _MOST_INDEXES:
        yield invalid((*path, "maxFailedIndexes"), failed, f"must be less than or equal to {_MOST_INDEXES}")
    if completions is None or completions <= _MANY_COMPLETIONS or spec.get("backoffLimitPerIndex") is None:
        return
    if failed is None:
        yield required((*path, "maxFailedIndexes"), f"must be specified when completions is above {_MANY_COMPLETIONS}")
    for key, value in (("parallelism", parallelism), ("maxFailedIndexes", failed)):
        if value is not None and value > _MOST_OF_MANY:
            limit = f"must be less than or equal to {_MOST_OF_MANY} when completions are above {_MANY_COMPLETIONS}"
            yield invalid((*path, key), value, f"{limit} and used with backoff limit per index")


def _failure_policy(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    rules, at = listed(mapping(spec["podFailurePolicy"]).get("rules")), (*path, "rules")
    if len(rules) > _MOST_RULES:
        yield too_many(at, len(rules), _MOST_RULES)
    pod = mapping(mapping(spec.get("template")).get("spec"))
    names = {one.get("name") or "" for key in ("containers", "initContainers") for _, one in objects(pod.get(key), ())}
    for where, rule in objects(rules, at):
        action = rule.get("action") or ""
        if not action:
            yield required((*where, "action"), 'valid values: ["Count" "FailIndex" "FailJob" "Ignore"]')
        elif action == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
            yield invalid((*where, "action"), action, "requires the backoffLimitPerIndex to be set")
        elif action not in _ACTIONS:
            yield unsupported((*where, "action"), action, _ACTIONS)
        codes, conditions = rule.get("onExitCodes"), listed(rule.get("onPodConditions"))
        if codes is not None:
            yield from _exit_codes(mapping(codes), (*where, "onExitCodes"), names)
        if len(conditions) > _MOST_PATTERNS:
            yield too_many((*where, "onPodConditions"), len(conditions), _MOST_PATTERNS)
        for place, pattern in objects(conditions, (*where, "onPodConditions")):
            kind, status = pattern.get("type") or "", pattern.get("status") or "True"
            yield from complaints((*place, "type"), kind, naming.label_key(kind))
            if status not in _STATUSES:
                yield unsupported((*place, "status"), status, _STATUSES)
        if (codes is not None) == bool(conditions):
            both = "specifying both OnExitCodes and OnPodConditions is not supported"
            neither = "specifying one of OnExitCodes and OnPodConditions is required"
            yield Violation(where, f"Invalid value: {both if conditions else neither}")


def _exit_codes(codes: dict[str, Any], path: FieldPath, names: set[str]) -> Iterator[Violation]:
    operator, container = codes.get("operator") or "", codes.get("containerName")
    if not operator:
        yield required((*path, "operator"), 'valid values: ["In" "NotIn"]')
    elif operator not in ("In", "NotIn"):
        yield unsupported((*path, "operator"), operator, ("In", "NotIn"))
    if container is not None and container not in names:
        detail = "must be one of the container or initContainer names in the pod template"
        yield invalid((*path, "containerName"), container, detail)
    values, at = [value or 0 for value in listed(codes.get("values"))], (*path, "values")
    if not values:
        yield invalid(at, values, "at least one value is required")
    elif len(values) > _MOST_CODES:
        yield too_many(at, len(values), _MOST_CODES)
    for index, value in enumerate(values):
        if operator == "In" and value == 0:
            yield invalid((*at, index), value, "must not be 0 for the In operator")
        if value in values[:index]:
            yield duplicate((*at, index), value)
    if values != sorted(values):
        yield invalid(at, values, "must be ordered")


def _success_policy(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    if spec.get("completionMode") != "Indexed":
        detail = "requires indexed completion mode"
        yield invalid(path, mapping(spec["successPolicy"]), detail, hint="add completionMode: Indexed")
        return
    rules, at = listed(mapping(spec["successPolicy"]).get("rules")), (*path, "rules")
    completions = spec.get("completions") or 0
    if not rules:
        yield required(at, "at least one rules must be specified when the successPolicy is specified")
    if len(rules) > _MOST_RULES:
        yield too_many(at, len(rules), _MOST_RULES)
    for where, rule in objects(rules, at):
        count, indexes = rule.get("succeededCount"), rule.get("succeededIndexes")
        if count is None and indexes is None:
            yield required(where, "at least one of succeededCount or succeededIndexes must be specified")
        total, wrong = (0, "") if indexes is None else index_count(indexes, completions)
        if indexes is not None and len(indexes) > _LONGEST_INDEXES:
            yield too_long((*where, "succeededIndexes"), _LONGEST_INDEXES)
        if wrong:
            yield invalid((*where, "succeededIndexes"), indexes, f"error parsing succeededIndexes: {wrong}")
        if count is None:
            continue
        yield from not_negative(rule, "succeededCount", where)
        limits = [(completions, "specified completions")]
        limits += [] if indexes is None else [(total, "indexes in the specified succeededIndexes field")]
        for limit, what in limits:
            if count > limit:
                detail = f"must be less than or equal to {limit} (the number of {what})"
                yield invalid((*where, "succeededCount"), count, detail)
