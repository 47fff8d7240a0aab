"""Admission: the gate's policy, and the webhook for whoever answers it."""

from generator.location import FieldPath, Span
from generator.resolve.model import Item
from generator.spec.model import Plain, Spec

SEED_MESSAGE = "QAT feature gate is not enabled in kubevirt-config"
"""The founding note's message, word for word."""

KUBEVIRT_MESSAGE = "Host Devices feature gate is not enabled in kubevirt-config"
"""What virt-api says (K:pkg/virt-api/webhooks/validating-webhook/admitters/vmi-create-admitter.go)."""

_DEVELOPER = "params.?spec.?configuration.?developerConfiguration"


def gate_policies(spec: Spec, *, on_by_default: bool, span: Span) -> tuple[Item, ...]:
    """The policy that asks for the gate, and its parameter: the ConfigMap under `qats`, else the KubeVirt object.

    `on_by_default`: the gate of this KubeVirt is on unless it is switched off.
    """
    seed = spec.kubevirt.assignment == "qats"
    gate = "QAT" if seed else "HostDevices"
    name = "kubevirt-config" if seed else spec.kubevirt.name
    parameter = {
        "apiVersion": "v1" if seed else "kubevirt.io/v1",
        "kind": "ConfigMap" if seed else "KubeVirt",
        "name": name,
        "namespace": spec.kubevirt.namespace,
    }
    listed = f"'{gate}' in variables.gates"
    if on_by_default:
        listed = f"{listed} || !('{gate}' in variables.disabledGates)"
    data: Plain = {
        "policy": "qat-feature-gate" if seed else "host-devices-feature-gate",
        "parameter": parameter,
        "devices": devices_expression("qats" if seed else "hostDevices"),
        "gates": (
            "params.?data[?'feature-gates'].orValue('').split(',').map(gate, gate.trim())"
            if seed
            else f"{_DEVELOPER}.?featureGates.orValue([])"
        ),
        "disabledGates": f"{_DEVELOPER}.?disabledFeatureGates.orValue([])" if on_by_default else None,
        "validation": f"variables.devices.size() == 0 || {listed}",
        "message": SEED_MESSAGE if seed else KUBEVIRT_MESSAGE,
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
