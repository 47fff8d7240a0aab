"""What the API server fills in when objects other than workloads are stored, and the status they begin with."""

from collections.abc import Callable, Mapping
from typing import Any

from generator.policy.pod_defaults import items, qos_class

Data = dict[str, Any]
TIME = "1970-01-01T00:00:00Z"
"""Stands for the server's clock."""


def _spec(data: Data) -> Data:
    found = data.get("spec")
    return found if isinstance(found, dict) else {}


def _service(data: Data) -> None:
    spec = _spec(data)
    kind = spec.setdefault("type", "ClusterIP")
    if spec.setdefault("sessionAffinity", "None") == "ClientIP":
        spec.setdefault("sessionAffinityConfig", {"clientIP": {"timeoutSeconds": 10800}})
    if kind != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if kind in ("NodePort", "LoadBalancer"):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    if spec.get("clusterIP") == "None":
        spec.setdefault("clusterIPs", ["None"])
    for port in items(spec.get("ports")):
        port.setdefault("protocol", "TCP")
        if "port" in port:
            port.setdefault("targetPort", port["port"])


def _autoscaler(data: Data) -> None:
    spec = _spec(data)
    spec.setdefault("minReplicas", 1)
    if data.get("apiVersion") != "autoscaling/v2":
        return
    if not spec.get("metrics"):
        target = {"type": "Utilization", "averageUtilization": 80}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    behavior = spec.get("behavior")
    if isinstance(behavior, dict):
        percent = {"type": "Percent", "value": 100, "periodSeconds": 15}
        up = behavior["scaleUp"] = behavior.get("scaleUp") or {}
        up.setdefault("stabilizationWindowSeconds", 0)
        up.setdefault("policies", [{"type": "Pods", "value": 4, "periodSeconds": 15}, percent])
        down = behavior["scaleDown"] = behavior.get("scaleDown") or {}
        down.setdefault("policies", [percent])
        for rules in (up, down):
            rules.setdefault("selectPolicy", "Max")


def _network_policy(data: Data) -> None:
    spec = _spec(data)
    spec.setdefault("policyTypes", ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])
    for rule in (*items(spec.get("ingress")), *items(spec.get("egress"))):
        for port in items(rule.get("ports")):
            port.setdefault("protocol", "TCP")


def _claim(data: Data) -> None:
    _spec(data).setdefault("volumeMode", "Filesystem")
    _finalizer(data, "kubernetes.io/pvc-protection")


def _volume(data: Data) -> None:
    spec = _spec(data)
    spec.setdefault("volumeMode", "Filesystem")
    spec.setdefault("persistentVolumeReclaimPolicy", "Retain")
    if isinstance(spec.get("iscsi"), dict):
        spec["iscsi"].setdefault("iscsiInterface", "default")
    if isinstance(spec.get("hostPath"), dict):
        spec["hostPath"].setdefault("type", "")
    _finalizer(data, "kubernetes.io/pv-protection")


def _finalizer(data: Data, name: str) -> None:
    """What StorageObjectInUseProtection adds, a plugin that is on by default."""
    metadata = data.get("metadata")
    if isinstance(metadata, dict) and name not in (metadata.get("finalizers") or ()):
        metadata.setdefault("finalizers", []).append(name)


def _binding(data: Data) -> None:
    group = "rbac.authorization.k8s.io"
    if isinstance(data.get("roleRef"), dict):
        data["roleRef"].setdefault("apiGroup", group)
    for subject in items(data.get("subjects")):
        if subject.get("kind") in ("User", "Group"):
            subject.setdefault("apiGroup", group)


def _limit_range(data: Data) -> None:
    for limit in items(_spec(data).get("limits")):
        if limit.get("type") != "Container":
            continue
        usual = {**(limit.get("max") or {}), **(limit.get("default") or {})}
        asked = {**(limit.get("min") or {}), **usual, **(limit.get("defaultRequest") or {})}
        limit |= {key: made for key, made in (("default", usual), ("defaultRequest", asked)) if made}


def _storage_class(data: Data) -> None:
    data.setdefault("reclaimPolicy", "Delete")
    data.setdefault("volumeBindingMode", "Immediate")


def _priority_class(data: Data) -> None:
    data.setdefault("preemptionPolicy", "PreemptLowerPriority")


def _ingress_class(data: Data) -> None:
    if isinstance(_spec(data).get("parameters"), dict):
        data["spec"]["parameters"].setdefault("scope", "Cluster")


def _slice(data: Data) -> None:
    for endpoint in items(data.get("endpoints")):
        endpoint.setdefault("conditions", {})
    for port in items(data.get("ports")):
        port.setdefault("name", "")
        port.setdefault("protocol", "TCP")


def _definition(data: Data) -> None:
    spec = _spec(data)
    spec.setdefault("conversion", {"strategy": "None"})
    names = spec.get("names")
    if isinstance(names, dict) and isinstance(names.get("kind"), str):
        names.setdefault("singular", names["kind"].lower())
        names.setdefault("listKind", f"{names['kind']}List")


def _webhooks(data: Data) -> None:
    mutating = data.get("kind") == "MutatingWebhookConfiguration"
    for webhook in items(data.get("webhooks")):
        webhook.setdefault("failurePolicy", "Fail")
        webhook.setdefault("timeoutSeconds", 10)
        _match(webhook, ("rules",))
        if mutating:
            webhook.setdefault("reinvocationPolicy", "Never")
        service = (webhook.get("clientConfig") or {}).get("service")
        if isinstance(service, dict):
            service.setdefault("port", 443)


def _match(data: Data, rules: tuple[str, ...]) -> None:
    """What is asked of a request: how equal, which namespaces, which objects, which scope."""
    data.setdefault("matchPolicy", "Equivalent")
    data.setdefault("namespaceSelector", {})
    data.setdefault("objectSelector", {})
    for key in rules:
        for rule in items(data.get(key)):
            rule.setdefault("scope", "*")


def _admission_policy(data: Data) -> None:
    spec = _spec(data)
    spec.setdefault("failurePolicy", "Fail")
    if isinstance(spec.get("matchConstraints"), dict):
        _match(spec["matchConstraints"], ("resourceRules", "excludeResourceRules"))


def _admission_binding(data: Data) -> None:
    match = _spec(data).get("matchResources")
    if isinstance(match, dict):
        _match(match, ("resourceRules", "excludeResourceRules"))


def _flow_schema(data: Data) -> None:
    _spec(data).setdefault("matchingPrecedence", 1000)


def _claim_template(data: Data) -> None:
    spec = _spec(data)
    spec.setdefault("metadata", {})
    _requests(spec.get("spec"))


def _resource_claim(data: Data) -> None:
    _requests(_spec(data))


def _requests(spec: Any) -> None:
    """Device requests of a claim: one device unless they say more."""
    devices = spec.get("devices") if isinstance(spec, dict) else None
    for request in items(devices.get("requests")) if isinstance(devices, dict) else ():
        chosen = [request.get("exactly"), *items(request.get("firstAvailable"))]
        for one in chosen:
            if isinstance(one, dict) and one.setdefault("allocationMode", "ExactCount") == "ExactCount":
                one.setdefault("count", 1)
            for toleration in items(one.get("tolerations")) if isinstance(one, dict) else ():
                toleration.setdefault("operator", "Equal")


def _secret(data: Data) -> None:
    data.setdefault("type", "Opaque")


OF_KINDS: Mapping[str, Callable[[Data], None]] = {
    "Service": _service,
    "HorizontalPodAutoscaler": _autoscaler,
    "NetworkPolicy": _network_policy,
    "PersistentVolumeClaim": _claim,
    "PersistentVolume": _volume,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
    "LimitRange": _limit_range,
    "StorageClass": _storage_class,
    "PriorityClass": _priority_class,
    "IngressClass": _ingress_class,
    "EndpointSlice": _slice,
    "CustomResourceDefinition": _definition,
    "ValidatingWebhookConfiguration": _webhooks,
    "MutatingWebhookConfiguration": _webhooks,
    "ValidatingAdmissionPolicy": _admission_policy,
    "ValidatingAdmissionPolicyBinding": _admission_binding,
    "FlowSchema": _flow_schema,
    "ResourceClaimTemplate": _claim_template,
    "ResourceClaim": _resource_claim,
    "Secret": _secret,
}
_ZERO: Mapping[str, tuple[str, ...]] = {
    "PodDisruptionBudget": ("currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"),
    "StatefulSet": ("availableReplicas", "replicas"),
    "ReplicaSet": ("replicas",),
    "ReplicationController": ("replicas",),
    "DaemonSet": ("currentNumberScheduled", "desiredNumberScheduled", "numberMisscheduled", "numberReady"),
}
_STATUS: Mapping[str, Mapping[str, Any]] = {
    "Service": {"loadBalancer": {}},
    "Ingress": {"loadBalancer": {}},
    "PersistentVolumeClaim": {"phase": "Pending"},
    "PersistentVolume": {"phase": "Pending", "lastPhaseTransitionTime": TIME},
}


def first_status(data: Data, kind: str) -> Data:
    """The status a new object has."""
    if kind == "Pod":
        return {"phase": "Pending", "qosClass": qos_class(_spec(data))}
    if kind == "HorizontalPodAutoscaler":
        second = data.get("apiVersion") == "autoscaling/v2"
        return (
            {"currentMetrics": None, "desiredReplicas": 0} if second else {"currentReplicas": 0, "desiredReplicas": 0}
        )
    return {**dict.fromkeys(_ZERO.get(kind, ()), 0), **_STATUS.get(kind, {})}
