"""What the API server fills in when built-in workloads are stored: facts of policy engine notes 1.9, by kind."""

from collections.abc import Iterator
from typing import Any

from generator.policy.cluster_defaults import OF_KINDS
from generator.policy.pod_defaults import items, pod

_TEMPLATED = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"})
UID = "00000000-0000-0000-0000-000000000000"
"""Stands for what the server draws by chance."""
_ROLLING = {"maxUnavailable": "25%", "maxSurge": "25%"}


def apply_defaults(data: dict[str, Any], kind: str) -> None:
    """Fill in an object's defaults in place; kinds without any of their own stay as they are."""
    spec = data.get("spec")
    if isinstance(spec, dict):
        _WORKLOADS.get(kind, _nothing)(spec)
        for template in _templates(spec, kind):
            _pod_template(template)
        if kind == "Pod":
            pod(spec, own=True)
    if isinstance(spec, dict) and kind in _WHOLE:
        _WHOLE[kind](data, spec)
    if kind == "PodTemplate" and isinstance(data.get("template"), dict):
        _pod_template(data["template"])
    if kind in OF_KINDS:
        OF_KINDS[kind](data)


def _templates(spec: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    if kind in _TEMPLATED:
        yield spec.setdefault("template", {})
    elif kind == "CronJob":
        job = spec.setdefault("jobTemplate", {}).setdefault("spec", {})
        spec["jobTemplate"].setdefault("metadata", {})
        yield job.setdefault("template", {})


def _pod_template(template: dict[str, Any]) -> None:
    template.setdefault("metadata", {})
    if isinstance(template.get("spec"), dict):
        pod(template["spec"], own=False)


def _deployment(spec: dict[str, Any]) -> None:
    spec.setdefault("replicas", 1)
    strategy = spec.setdefault("strategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        strategy["rollingUpdate"] = {**_ROLLING, **(strategy.get("rollingUpdate") or {})}
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)


def _stateful_set(spec: dict[str, Any]) -> None:
    spec.setdefault("replicas", 1)
    spec.setdefault("podManagementPolicy", "OrderedReady")
    strategy = spec.setdefault("updateStrategy", {})
    if "type" not in strategy:
        strategy["type"] = "RollingUpdate"
        strategy.setdefault("rollingUpdate", {})
    if strategy["type"] == "RollingUpdate" and isinstance(strategy.get("rollingUpdate"), dict):
        strategy["rollingUpdate"].setdefault("partition", 0)
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    retention.setdefault("whenDeleted", "Retain")
    retention.setdefault("whenScaled", "Retain")
    spec.setdefault("revisionHistoryLimit", 10)
    for claim in items(spec.get("volumeClaimTemplates")):
        claim.setdefault("apiVersion", "v1")
        claim.setdefault("kind", "PersistentVolumeClaim")
        claim.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
        claim.setdefault("status", {}).setdefault("phase", "Pending")


def _daemon_set(spec: dict[str, Any]) -> None:
    strategy = spec.setdefault("updateStrategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = {"maxUnavailable": 1, "maxSurge": 0}
        strategy["rollingUpdate"] = {**rolling, **(strategy.get("rollingUpdate") or {})}
    spec.setdefault("revisionHistoryLimit", 10)


def _job(spec: dict[str, Any]) -> None:
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    spec.setdefault("parallelism", 1)
    spec.setdefault("backoffLimit", 6)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    spec.setdefault("manualSelector", False)
    for rule in items((spec.get("podFailurePolicy") or {}).get("rules")):
        for condition in items(rule.get("onPodConditions")):
            condition.setdefault("status", "True")
    spec.setdefault("podReplacementPolicy", "Failed" if spec.get("podFailurePolicy") else "TerminatingOrFailed")


def _job_selector(data: dict[str, Any], spec: dict[str, Any]) -> None:
    """The selector and labels a job gets from its uid and name, unless it says it brings its own.

    A job without labels takes over those of its template, these among them.
    """
    metadata = data.get("metadata")
    if not isinstance(metadata, dict):
        return
    name = str(metadata.get("name") or "")
    labels = spec["template"].setdefault("metadata", {}).setdefault("labels", {})
    if labels and not metadata.get("labels"):
        metadata["labels"] = labels
    if spec.get("manualSelector") is True:
        return
    for prefix in ("", "batch.kubernetes.io/"):
        labels[f"{prefix}controller-uid"] = UID
        labels[f"{prefix}job-name"] = name
    selector = spec.setdefault("selector", {}).setdefault("matchLabels", {})
    selector["batch.kubernetes.io/controller-uid"] = UID


def _controller_labels(data: dict[str, Any], spec: dict[str, Any]) -> None:
    """A replication controller takes over the labels of its template where it has none, and selects by them."""
    labels = (spec["template"].get("metadata") or {}).get("labels")
    if labels:
        spec.setdefault("selector", dict(labels))
        metadata = data.get("metadata")
        if isinstance(metadata, dict) and not metadata.get("labels"):
            metadata["labels"] = dict(labels)


def _template_generation(data: dict[str, Any], spec: dict[str, Any]) -> None:
    """A field of old versions of a daemon set, which the current one shows as an annotation."""
    del spec
    metadata = data.get("metadata")
    if isinstance(metadata, dict):
        annotations = metadata.setdefault("annotations", {})
        annotations.setdefault("deprecated.daemonset.template.generation", "1")


def _cron_job(spec: dict[str, Any]) -> None:
    spec.setdefault("concurrencyPolicy", "Allow")
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)


def _replicas(spec: dict[str, Any]) -> None:
    spec.setdefault("replicas", 1)


def _nothing(spec: dict[str, Any]) -> None:
    del spec


_WHOLE = {"Job": _job_selector, "ReplicationController": _controller_labels, "DaemonSet": _template_generation}
_WORKLOADS = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "ReplicaSet": _replicas,
    "ReplicationController": _replicas,
    "Job": _job,
    "CronJob": _cron_job,
}
