"""virt-api's checks of an instance's spec, in its order.

The order of the whole: K:pkg/virt-api/webhooks/validating-webhook/admitters/vmi-create-admitter.go
(ValidateVirtualMachineInstanceSpec, VMICreateAdmitter.Admit).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from generator.virtapi import claims, compute, disks, guest, hardware, network, scheduling, volumes
from generator.virtapi.cluster import VirtAPI
from generator.virtapi.parts import Spec, part
from generator.virtapi.verdict import Cause

Check = Callable[[Spec, str, VirtAPI], Iterator[Cause]]

_CHECKS: tuple[Check, ...] = (
    guest.host_names,
    compute.memory_requests,
    compute.memory_limits,
    compute.hugepages,
    compute.guest_limit,
    hardware.machine_type,
    hardware.acpi,
    compute.cpu_requests,
    compute.pinning,
    compute.numa,
    compute.cpu_model,
    guest.start_strategy,
    compute.realtime,
    scheduling.affinity,
    scheduling.spread,
    network.networks,
    claims.claims,
    disks.boot_orders,
    hardware.inputs,
    hardware.io_threads,
    guest.probes,
    disks.disks,
    hardware.firmware,
    volumes.volumes,
    volumes.container_disks,
    volumes.access_credentials,
    guest.dns,
    guest.eviction,
    hardware.host_devices,
    claims.grace,
    hardware.sound,
    hardware.launch_security,
    hardware.gated_devices,
    volumes.filesystems,
    hardware.video,
    hardware.panic_devices,
    hardware.reboot_policy,
    compute.reserved_overhead,
    guest.service_account,
)


def check_spec(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """What is checked of an instance's spec wherever it stands; `at` is its path."""
    for check in _CHECKS:
        yield from check(spec, at, api)


def check_instance(instance: Mapping[str, Any], api: VirtAPI) -> Iterator[Cause]:
    """Everything that is checked of a VirtualMachineInstance that is created."""
    spec, found = part(instance, "spec"), part(instance, "metadata")
    yield from network.discontinued_gates(spec, api)
    # Networks are checked twice, once by the network's own validator.
    yield from network.removed_bindings(spec, "spec")
    yield from network.networks(spec, "spec", api)
    yield from check_spec(spec, "spec", api)
    yield from volumes.mapped(spec, "spec")
    yield from compute.memory_given(spec, "spec")
    yield from guest.metadata(found, "metadata", api)
    yield from claims.grace_annotations(spec, found.get("annotations") or {}, "metadata", api)
    yield from hardware.hyperv(spec, "spec")
    yield from hardware.per_architecture(spec, "spec", api)
