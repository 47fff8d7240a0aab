"""What the API server fills in when built-in workloads are stored: facts of policy engine notes 1.9, by kind."""

from collections.abc import Iterator
from typing import Any

_TEMPLATED = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"})
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_PRIORITIES = {"": 0, "system-node-critical": 2000001000, "system-cluster-critical": 2000000000}
"""Priorities by class, of those every cluster has; without a class that of no default class in the cluster."""
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
    if kind == "Secret":
        data.setdefault("type", "Opaque")
    if kind in ("RoleBinding", "ClusterRoleBinding"):
        _binding(data)


def _templates(spec: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    if kind in _TEMPLATED:
        yield spec.setdefault("template", {})
    elif kind == "CronJob":
        job = spec.setdefault("jobTemplate", {}).setdefault("spec", {})
        _job(job)
        spec["jobTemplate"].setdefault("metadata", {})
        yield job.setdefault("template", {})
    elif kind == "PodTemplate":
        yield spec


def _pod_template(template: dict[str, Any]) -> None:
    template.setdefault("metadata", {})
    if isinstance(template.get("spec"), dict):
        pod(template["spec"], own=False)


def pod(spec: dict[str, Any], *, own: bool) -> None:
    """A pod's spec; `own` for a Pod itself, which gets more than a template does."""
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("securityContext", {})
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("schedulerName", "default-scheduler")
    if spec.get("serviceAccountName") and "serviceAccount" not in spec:
        spec["serviceAccount"] = spec["serviceAccountName"]
    elif spec.get("serviceAccount") and "serviceAccountName" not in spec:
        spec["serviceAccountName"] = spec["serviceAccount"]
    if own:
        spec.setdefault("enableServiceLinks", True)
        _admitted_pod(spec)
    for key in ("containers", "initContainers", "ephemeralContainers"):
        for container in _items(spec.get(key)):
            _container(container, own=own, host=own and spec.get("hostNetwork") is True)
    for volume in _items(spec.get("volumes")):
        _volume(volume)


def _admitted_pod(spec: dict[str, Any]) -> None:
    """What admission plugins that are on by default add to a pod: Priority and DefaultTolerationSeconds.

    What ServiceAccount adds depends on the cluster, and is left out.
    """
    priority = _PRIORITIES.get(str(spec.get("priorityClassName") or ""))
    if priority is not None:
        spec.setdefault("priority", priority)
        spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    tolerations = list(_items(spec.get("tolerations")))
    for taint in ("not-ready", "unreachable"):
        key = f"node.kubernetes.io/{taint}"
        if not any(_tolerates(toleration, key) for toleration in tolerations):
            added = {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
            spec.setdefault("tolerations", []).append(added)


def _tolerates(toleration: dict[str, Any], key: str) -> bool:
    return toleration.get("key", key) in (key, "") and toleration.get("effect", "NoExecute") in ("NoExecute", "")


def _container(container: dict[str, Any], *, own: bool, host: bool) -> None:
    tag = str(container.get("image") or "").rpartition("/")[2]
    fixed = "@" in tag or (":" in tag and not tag.endswith(":latest"))
    container.setdefault("imagePullPolicy", "IfNotPresent" if fixed else "Always")
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    resources = container.setdefault("resources", {})
    if own and isinstance(resources.get("limits"), dict):
        requests = resources.setdefault("requests", {})
        for name, amount in resources["limits"].items():
            requests.setdefault(name, amount)
    for port in _items(container.get("ports")):
        port.setdefault("protocol", "TCP")
        if host and port.get("containerPort"):
            port.setdefault("hostPort", port["containerPort"])
    for variable in _items(container.get("env")):
        reference = (variable.get("valueFrom") or {}).get("fieldRef")
        if isinstance(reference, dict):
            reference.setdefault("apiVersion", "v1")
    for key in _PROBES:
        if isinstance(container.get(key), dict):
            _probe(container[key])


def _probe(probe: dict[str, Any]) -> None:
    for key, value in (("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)):
        probe.setdefault(key, value)
    if isinstance(probe.get("httpGet"), dict):
        probe["httpGet"].setdefault("path", "/")
        probe["httpGet"].setdefault("scheme", "HTTP")
    if isinstance(probe.get("grpc"), dict):
        probe["grpc"].setdefault("service", "")


def _volume(volume: dict[str, Any]) -> None:
    if set(volume) <= {"name"}:
        volume["emptyDir"] = {}
    for key in ("secret", "configMap", "projected", "downwardAPI"):
        if isinstance(volume.get(key), dict):
            volume[key].setdefault("defaultMode", 420)
    for source in _items((volume.get("projected") or {}).get("sources")):
        if isinstance(source.get("serviceAccountToken"), dict):
            source["serviceAccountToken"].setdefault("expirationSeconds", 3600)
    if isinstance(volume.get("hostPath"), dict):
        volume["hostPath"].setdefault("type", "")


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
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        strategy["rollingUpdate"] = {"partition": 0, **(strategy.get("rollingUpdate") or {})}
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    retention.setdefault("whenDeleted", "Retain")
    retention.setdefault("whenScaled", "Retain")
    spec.setdefault("revisionHistoryLimit", 10)
    for claim in _items(spec.get("volumeClaimTemplates")):
        claim.setdefault("apiVersion", "v1")
        claim.setdefault("kind", "PersistentVolumeClaim")
        _claim(claim.setdefault("spec", {}))
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


def _service(spec: dict[str, Any]) -> None:
    kind = spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    if kind != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if kind in ("NodePort", "LoadBalancer"):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    for port in _items(spec.get("ports")):
        port.setdefault("protocol", "TCP")
        if "port" in port:
            port.setdefault("targetPort", port["port"])


def _autoscaler(spec: dict[str, Any]) -> None:
    spec.setdefault("minReplicas", 1)


def _network_policy(spec: dict[str, Any]) -> None:
    spec.setdefault("policyTypes", ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])
    for rule in (*_items(spec.get("ingress")), *_items(spec.get("egress"))):
        for port in _items(rule.get("ports")):
            port.setdefault("protocol", "TCP")


def _claim(spec: dict[str, Any]) -> None:
    spec.setdefault("volumeMode", "Filesystem")


def _volume_spec(spec: dict[str, Any]) -> None:
    spec.setdefault("volumeMode", "Filesystem")
    spec.setdefault("persistentVolumeReclaimPolicy", "Retain")


def _nothing(spec: dict[str, Any]) -> None:
    del spec


def _binding(data: dict[str, Any]) -> None:
    group = "rbac.authorization.k8s.io"
    if isinstance(data.get("roleRef"), dict):
        data["roleRef"].setdefault("apiGroup", group)
    for subject in _items(data.get("subjects")):
        if subject.get("kind") in ("User", "Group"):
            subject.setdefault("apiGroup", group)


def _items(value: Any) -> Iterator[dict[str, Any]]:
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item


_WHOLE = {"Job": _job_selector, "ReplicationController": _controller_labels, "DaemonSet": _template_generation}
_WORKLOADS = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "ReplicaSet": _replicas,
    "ReplicationController": _replicas,
    "Job": _job,
    "CronJob": _cron_job,
    "Service": _service,
    "HorizontalPodAutoscaler": _autoscaler,
    "NetworkPolicy": _network_policy,
    "PersistentVolumeClaim": _claim,
    "PersistentVolume": _volume_spec,
}
