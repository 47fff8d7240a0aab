"""What the API server asks of built-in kinds beyond their schema (K8s: pkg/apis/*/validation).

A check gets an object that keeps its schema and says what the server refuses when it is created, in the server's words.
Fields that are absent, null or empty have the values that the server gives them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from generator.schema.kinds.autoscaling import check_autoscaler
from generator.schema.kinds.budgets import check_budget
from generator.schema.kinds.claims import check_claim, check_claim_template, check_device_class
from generator.schema.kinds.classes import check_priority_class, check_storage_class
from generator.schema.kinds.hooks import check_webhooks
from generator.schema.kinds.jobs import check_cron_job, check_job
from generator.schema.kinds.metadata import check_finalizers, check_generation, check_namespace
from generator.schema.kinds.networking import check_ingress, check_ingress_class, check_network_policy
from generator.schema.kinds.persistentvolumes import check_volume
from generator.schema.kinds.pods import check_pod, check_template
from generator.schema.kinds.quotas import check_limit_range, check_quota
from generator.schema.kinds.rbac import (
    check_cluster_role,
    check_cluster_role_binding,
    check_role,
    check_role_binding,
)
from generator.schema.kinds.services import check_service
from generator.schema.kinds.settings import check_config_map, check_secret
from generator.schema.kinds.volumeclaims import check_volume_claim
from generator.schema.kinds.workloads import (
    check_controller,
    check_daemon_set,
    check_deployment,
    check_replica_set,
    check_stateful_set,
)
from generator.schema.violation import Violation

Check = Callable[[dict[str, Any]], Iterator[Violation]]
ReleaseCheck = Callable[[dict[str, Any], int], Iterator[Violation]]
_RBAC = "rbac.authorization.k8s.io"


def _pod_template(data: dict[str, Any], minor: int) -> Iterator[Violation]:
    template = data.get("template")
    yield from check_template(template if isinstance(template, dict) else {}, ("template",), minor)


_CHECKS: Mapping[tuple[str, str], Check] = {
    ("", "Namespace"): check_namespace,
    ("", "ConfigMap"): check_config_map,
    ("", "Secret"): check_secret,
    ("", "ResourceQuota"): check_quota,
    ("", "LimitRange"): check_limit_range,
    ("networking.k8s.io", "IngressClass"): check_ingress_class,
    ("policy", "PodDisruptionBudget"): check_budget,
    (_RBAC, "Role"): check_role,
    (_RBAC, "ClusterRole"): check_cluster_role,
    (_RBAC, "RoleBinding"): check_role_binding,
    (_RBAC, "ClusterRoleBinding"): check_cluster_role_binding,
    ("scheduling.k8s.io", "PriorityClass"): check_priority_class,
    ("storage.k8s.io", "StorageClass"): check_storage_class,
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): check_webhooks,
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): check_webhooks,
    ("resource.k8s.io", "DeviceClass"): check_device_class,
    ("resource.k8s.io", "ResourceClaim"): check_claim,
    ("resource.k8s.io", "ResourceClaimTemplate"): check_claim_template,
}
_OF_RELEASES: Mapping[tuple[str, str], ReleaseCheck] = {
    ("", "Pod"): check_pod,
    ("", "PodTemplate"): _pod_template,
    ("", "ReplicationController"): check_controller,
    ("", "Service"): check_service,
    ("", "PersistentVolume"): check_volume,
    ("", "PersistentVolumeClaim"): check_volume_claim,
    ("apps", "DaemonSet"): check_daemon_set,
    ("apps", "Deployment"): check_deployment,
    ("apps", "ReplicaSet"): check_replica_set,
    ("apps", "StatefulSet"): check_stateful_set,
    ("autoscaling", "HorizontalPodAutoscaler"): check_autoscaler,
    ("batch", "CronJob"): check_cron_job,
    ("batch", "Job"): check_job,
    ("networking.k8s.io", "Ingress"): check_ingress,
    ("networking.k8s.io", "NetworkPolicy"): check_network_policy,
}
"""Checks that differ between releases: they get the minor version of Kubernetes, too."""
_OTHER_METADATA = frozenset({"admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io"})
"""Groups whose finalizers may be any qualified name."""


def check_kind(group: str, kind: str, minor: int) -> Check:
    """What Kubernetes 1.`minor` asks of objects of a built-in kind that keep its schema."""
    own, of_release = _CHECKS.get((group, kind)), _OF_RELEASES.get((group, kind))

    def check(data: dict[str, Any]) -> Iterator[Violation]:
        metadata = data.get("metadata")
        if isinstance(metadata, dict):
            if group not in _OTHER_METADATA:
                yield from check_finalizers(metadata)
            yield from check_generation(metadata, kind)
        if own is not None:
            yield from own(data)
        if of_release is not None:
            yield from of_release(data, minor)

    return check
