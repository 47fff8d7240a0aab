"""What the API server fills in when a pod, or the template of one, is stored."""

import re
from collections.abc import Iterator
from typing import Any

_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?/)?{_PART}(?:/{_PART})*(?::\w[\w.-]{{0,127}})?(?:@.+)?",
    re.ASCII,
)
"""An image as the server can read it; of one it cannot it knows no tag, and does not pull it again."""
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = ("postStart", "preStop")
_PRIORITIES = {"": 0, "system-node-critical": 2000001000, "system-cluster-critical": 2000000000}
"""Priorities by class, of those every cluster has; without a class that of no default class in the cluster."""


def pod(spec: dict[str, Any], *, own: bool) -> None:
    """A pod's spec; `own` for a Pod itself, which gets more than a template does."""
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("securityContext", {})
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("schedulerName", "default-scheduler")
    if spec.get("serviceAccountName"):
        spec["serviceAccount"] = spec["serviceAccountName"]
    elif spec.get("serviceAccount") and "serviceAccountName" not in spec:
        spec["serviceAccountName"] = spec["serviceAccount"]
    if own:
        spec.setdefault("enableServiceLinks", True)
        _admitted_pod(spec)
    for key in ("containers", "initContainers", "ephemeralContainers"):
        for container in items(spec.get(key)):
            _container(container, own=own, host=own and spec.get("hostNetwork") is True)
    for volume in items(spec.get("volumes")):
        _volume(volume)


def _admitted_pod(spec: dict[str, Any]) -> None:
    """What admission plugins that are on by default add to a pod: Priority and DefaultTolerationSeconds.

    What ServiceAccount adds depends on the cluster, and is left out.
    """
    priority = _PRIORITIES.get(str(spec.get("priorityClassName") or ""))
    if priority is not None:
        spec.setdefault("priority", priority)
        spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    tolerations = list(items(spec.get("tolerations")))
    for taint in ("not-ready", "unreachable"):
        key = f"node.kubernetes.io/{taint}"
        if not any(_tolerates(toleration, key) for toleration in tolerations):
            added = {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
            spec.setdefault("tolerations", []).append(added)


def _tolerates(toleration: dict[str, Any], key: str) -> bool:
    return toleration.get("key", key) in (key, "") and toleration.get("effect", "NoExecute") in ("NoExecute", "")


def _container(container: dict[str, Any], *, own: bool, host: bool) -> None:
    image = str(container.get("image") or "")
    tag = image.rpartition("/")[2]
    fixed = "@" in tag or (":" in tag and not tag.endswith(":latest")) or not _REFERENCE.fullmatch(image)
    container.setdefault("imagePullPolicy", "IfNotPresent" if fixed else "Always")
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    resources = container.setdefault("resources", {})
    if own and isinstance(resources.get("limits"), dict):
        requests = resources.setdefault("requests", {})
        for name, amount in resources["limits"].items():
            requests.setdefault(name, amount)
    for port in items(container.get("ports")):
        port.setdefault("protocol", "TCP")
        if host and port.get("containerPort"):
            port.setdefault("hostPort", port["containerPort"])
    for variable in items(container.get("env")):
        reference = (variable.get("valueFrom") or {}).get("fieldRef")
        if isinstance(reference, dict):
            reference.setdefault("apiVersion", "v1")
    for key in _PROBES:
        if isinstance(container.get(key), dict):
            _probe(container[key])
    lifecycle = container.get("lifecycle")
    if isinstance(lifecycle, dict):
        for key in _HANDLERS:
            _http(lifecycle.get(key))


def _probe(probe: dict[str, Any]) -> None:
    for key, value in (("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)):
        probe.setdefault(key, value)
    _http(probe)
    if isinstance(probe.get("grpc"), dict):
        probe["grpc"].setdefault("service", "")


def _http(handler: Any) -> None:
    if isinstance(handler, dict) and isinstance(handler.get("httpGet"), dict):
        handler["httpGet"].setdefault("path", "/")
        handler["httpGet"].setdefault("scheme", "HTTP")


def _volume(volume: dict[str, Any]) -> None:
    if set(volume) <= {"name"}:
        volume["emptyDir"] = {}
    for key in ("secret", "configMap", "projected", "downwardAPI"):
        if isinstance(volume.get(key), dict):
            volume[key].setdefault("defaultMode", 420)
    _field_references(volume.get("downwardAPI"))
    if isinstance(volume.get("iscsi"), dict):
        volume["iscsi"].setdefault("iscsiInterface", "default")
    if isinstance(volume.get("ephemeral"), dict) and isinstance(volume["ephemeral"].get("volumeClaimTemplate"), dict):
        template = volume["ephemeral"]["volumeClaimTemplate"]
        template.setdefault("metadata", {})
        template.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
    for source in items((volume.get("projected") or {}).get("sources")):
        _field_references(source.get("downwardAPI"))
        if isinstance(source.get("serviceAccountToken"), dict):
            source["serviceAccountToken"].setdefault("expirationSeconds", 3600)
    if isinstance(volume.get("hostPath"), dict):
        volume["hostPath"].setdefault("type", "")


def _field_references(source: Any) -> None:
    for item in items(source.get("items")) if isinstance(source, dict) else ():
        if isinstance(item.get("fieldRef"), dict):
            item["fieldRef"].setdefault("apiVersion", "v1")


def qos_class(spec: dict[str, Any]) -> str:
    """The quality of service a pod gets for what its containers ask."""
    containers = [*items(spec.get("containers")), *items(spec.get("initContainers"))]
    asked = [_amounts(container.get("resources")) for container in containers]
    if not any(requests or limits for requests, limits in asked):
        return "BestEffort"
    if all(len(limits) == 2 and requests == limits for requests, limits in asked):
        return "Guaranteed"
    return "Burstable"


def _amounts(resources: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    found = resources if isinstance(resources, dict) else {}
    requests, limits = (
        {name: amount for name, amount in (found.get(key) or {}).items() if name in ("cpu", "memory") and amount != "0"}
        for key in ("requests", "limits")
    )
    return requests, limits


def items(value: Any) -> Iterator[dict[str, Any]]:
    """The mappings of a list; nothing of anything else."""
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item
