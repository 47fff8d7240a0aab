"""Admission: the gate's policy, and the webhook for whoever answers it."""

from generator.location import FieldPath, Span
from generator.resolve.model import Item
from generator.spec.model import Plain, Spec

SEED_MESSAGE = "QAT feature gate is not enabled in kubevirt-config"
"""The founding note's message, word for word."""


def gate_policies(spec: Spec, span: Span) -> tuple[Item, ...]:
    """The policy of the founding note's gate, its ConfigMap as parameter.

    KubeVirt's own gate is asked for by the rule QATP-002 of the pack, which goes to the cluster too.
    """
    if spec.kubevirt.assignment != "qats":
        return ()
    data: Plain = {
        "policy": "qat-feature-gate",
        "parameter": {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": "kubevirt-config",
            "namespace": spec.kubevirt.namespace,
        },
        "devices": devices_expression("qats"),
        "gates": "params.?data[?'feature-gates'].orValue('').split(',').map(gate, gate.trim())",
        "validation": "variables.devices.size() == 0 || 'QAT' in variables.gates",
        "message": SEED_MESSAGE,
    }
    path: FieldPath = ("spec", "kubevirt", "assignment")
    return (Item(data, path, span),)


def devices_expression(key: str) -> str:
    """CEL for the devices of a machine of any kind: pools, machines and instances hold them at different depths."""
    below = f"?domain.?devices.?{key}.orValue([])"
    return (
        f"object.kind == 'VirtualMachinePool' ? "
        f"object.?spec.?virtualMachineTemplate.?spec.?template.?spec.{below} : "
        f"object.kind in ['VirtualMachine', 'VirtualMachineInstanceReplicaSet'] ? "
        f"object.?spec.?template.?spec.{below} : "
        f"object.?spec.{below}"
    )


def webhooks(spec: Spec, span: Span) -> tuple[Item, ...]:
    """The webhook configuration, where the spec says who answers it."""
    webhook = spec.admission.webhook
    if webhook is None:
        return ()
    service = webhook.service
    key = "qats" if spec.kubevirt.assignment == "qats" else "hostDevices"
    exempt = {spec.kubevirt.namespace, spec.device_plugin.namespace, *((service.namespace,) if service else ())}
    reference: Plain | None = None
    if service is not None:
        options = {"path": service.path, "port": service.port}
        reference = {"namespace": service.namespace, "name": service.name}
        reference |= {name: value for name, value in options.items() if value is not None}
    data: Plain = {
        "name": "qat-devices-validator",
        "webhook": "qat-devices.qatgen.dev",
        "failurePolicy": webhook.failure_policy,
        "timeoutSeconds": webhook.timeout_seconds or 10,
        "service": reference,
        "url": webhook.url,
        "caBundle": webhook.ca_bundle,
        "exemptNamespaces": sorted(exempt),
        "condition": f"size({devices_expression(key)}) > 0",
    }
    return (Item(data, ("spec", "admission", "webhook"), span),)
