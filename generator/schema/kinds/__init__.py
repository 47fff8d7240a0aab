"""What the API server asks of built-in kinds beyond their schema, for the kinds that are rendered and their kin."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from generator.schema.kinds.claims import check_claim, check_claim_template, check_device_class
from generator.schema.kinds.hooks import check_webhooks
from generator.schema.kinds.metadata import check_finalizers, check_generation, check_namespace
from generator.schema.kinds.pods import check_pod_spec
from generator.schema.kinds.settings import check_config_map
from generator.schema.kinds.workloads import (
    check_daemon_set,
    check_deployment,
    check_job,
    check_replicated,
    check_stateful_set,
)
from generator.schema.violation import Violation

Check = Callable[[dict[str, Any]], Iterator[Violation]]


def _pod(data: dict[str, Any]) -> Iterator[Violation]:
    yield from check_pod_spec(data.get("spec") or {}, ("spec",), templated=False)


_CHECKS: Mapping[tuple[str, str], Check] = {
    ("", "Namespace"): check_namespace,
    ("", "ConfigMap"): check_config_map,
    ("", "Secret"): check_config_map,
    ("", "Pod"): _pod,
    ("apps", "DaemonSet"): check_daemon_set,
    ("apps", "Deployment"): check_deployment,
    ("apps", "ReplicaSet"): check_replicated,
    ("apps", "StatefulSet"): check_stateful_set,
    ("batch", "Job"): check_job,
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): check_webhooks,
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): check_webhooks,
    ("resource.k8s.io", "DeviceClass"): check_device_class,
    ("resource.k8s.io", "ResourceClaim"): check_claim,
    ("resource.k8s.io", "ResourceClaimTemplate"): check_claim_template,
}
_OTHER_METADATA = frozenset({"admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io"})
"""Groups whose finalizers may be any qualified name."""


def check_kind(group: str, kind: str) -> Check:
    """What is asked of objects of a built-in kind that keep its schema (K8s: pkg/apis/*/validation)."""
    own = _CHECKS.get((group, kind))

    def check(data: dict[str, Any]) -> Iterator[Violation]:
        metadata = data.get("metadata")
        if isinstance(metadata, dict):
            if group not in _OTHER_METADATA:
                yield from check_finalizers(metadata)
            yield from check_generation(metadata, kind)
        if own is not None:
            yield from own(data)

    return check
