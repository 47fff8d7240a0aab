"""Devices that resource claims give (DRA), and NVIDIA's Grace GPUs.

Source of every condition and message: K:pkg/dra/admitter/dra_admitter.go (1.8 and 1.9),
K:pkg/virt-api/webhooks/validating-webhook/admitters/grace_io_virtualization.go, K:pkg/util/hardware/grace.go.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.cel.text import go_quote
from generator.virtapi import names
from generator.virtapi.cluster import VirtAPI
from generator.virtapi.network import claim_pairs
from generator.virtapi.parts import Spec, architecture, devices, indexed, listed, part
from generator.virtapi.verdict import DUPLICATE, INVALID, REQUIRED, Cause

_LISTS = (("gpus", "GPU", "GPUsWithDRA"), ("hostDevices", "HostDevice", "HostDevicesWithDRA"))
_ID = re.compile(r"[0-9A-F]{4}")
_NVIDIA = "10DE"
_GRACE = frozenset({"2342", "2348", "2941"})

Device = Mapping[str, Any]
Pairs = dict[str, int]


def claims(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """Claims, and the devices that use them."""
    if api.latest:
        yield from _resource_claims(spec, at)
    else:
        yield from _unique_claims(spec, at)
    used: set[str] = set()
    owners: dict[str, tuple[str, int]] = {}
    shared: list[Cause] = []
    for key, kind, gate in _LISTS:
        causes, pairs = _devices(spec, at, key, kind, on=api.gate(gate), api=api)
        yield from causes
        used |= {pair.split("/", 1)[0] for pair in pairs}
        shared += _shared(owners, f"{kind}s", pairs, f"{at}.domain.devices.{key}")
    if api.latest and api.gate("NetworkDevicesWithDRA"):
        shared += _shared(owners, "Networks", claim_pairs(spec), f"{at}.networks")
    yield from shared if api.latest else ()
    if not used <= {claim.get("name", "") for claim in listed(spec, "resourceClaims")}:
        message = (
            "vmi.spec.resourceClaims must specify all claims used in vmi.spec.domain.devices.gpus "
            "and vmi.spec.domain.devices.hostDevices"
        )
        yield Cause(INVALID, f"{at}.resourceClaims", message, "claim")


def _unique_claims(spec: Spec, at: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, claim in enumerate(listed(spec, "resourceClaims")):
        name = claim.get("name", "")
        if name in seen:
            message = f"duplicate resourceClaims name {go_quote(name)}"
            yield Cause(DUPLICATE, f"{at}.resourceClaims[{index}].name", message, "claim")
        seen.add(name)


def _resource_claims(spec: Spec, at: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, claim in enumerate(listed(spec, "resourceClaims")):
        where, name = f"{at}.resourceClaims[{index}]", claim.get("name", "")
        field = f"{where}.name"
        if not name:
            yield Cause(REQUIRED, field, f"{field} is a required field", "claim")
        elif name in seen:
            yield Cause(DUPLICATE, field, f"duplicate resourceClaims name {go_quote(name)}", "claim")
        else:
            complaints = names.label(name)
            if complaints:
                words = ", ".join(complaints)
                message = f"{field} does not conform to the kubernetes DNS_LABEL rules: {words}"
                yield Cause(INVALID, field, message, "claim")
            seen.add(name)
        sources = [key for key in ("resourceClaimName", "resourceClaimTemplateName") if key in claim]
        if len(sources) == 2:
            message = "at most one of resourceClaimName or resourceClaimTemplateName may be specified"
            yield Cause(INVALID, where, message, "claim")
        if not sources:
            message = "must specify one of: resourceClaimName, resourceClaimTemplateName"
            yield Cause(INVALID, where, message, "claim")
        for source in sources:
            for complaint in names.subdomain(claim[source]):
                yield Cause(INVALID, f"{where}.{source}", complaint, "claim")


def _claimed(device: Device) -> bool:
    return "claimName" in device or "requestName" in device


def _devices(spec: Spec, at: str, key: str, kind: str, *, on: bool, api: VirtAPI) -> tuple[list[Cause], Pairs]:
    """What is wrong with a list of devices, and the claim and request of those that are well claimed."""
    field, path = f"{at}.domain.devices.{key}", f"vmi.spec.domain.devices.{key}"
    given = list(enumerate(devices(spec, key)))
    by_claim = [(i, device) for i, device in given if not device.get("deviceName") and _claimed(device)]
    by_name = [device for _, device in given if device.get("deviceName") or not _claimed(device)]
    if api.latest and key == "gpus" and by_claim and by_name:
        message = f"{path} contains both DRA and non-DRA {kind}s; each {kind} must be either DRA or non-DRA"
        return [Cause(INVALID, field, message, "claim")], {}
    causes = list(_named(by_name, field, path, kind))
    if by_claim and not on:
        message = f"{path} contains DRA enabled {kind}s but feature gate is not enabled"
        return [*causes, Cause(INVALID, field, message, "gate")], {}
    if not api.latest:  # 1.8 counts claimed devices among themselves, and looks at pairs last
        by_claim = list(enumerate(device for _, device in by_claim))
    found, pairs = _pairs(by_claim, field, kind, late=not api.latest)
    return causes + found, pairs


def _named(given: Sequence[Device], field: str, path: str, kind: str) -> Iterator[Cause]:
    for device in given:
        if not device.get("deviceName"):
            message = (
                f"{path} contains {kind}s without deviceName or claimRequest; "
                f"each {kind} must specify either a deviceName or a claimRequest"
            )
            yield Cause(REQUIRED, field, message, "host-device")
        elif _claimed(device):
            message = f"{path} contains {kind}s with both deviceName and claimRequest"
            yield Cause(INVALID, field, message, "host-device")


def _pairs(given: Sequence[tuple[int, Device]], field: str, kind: str, *, late: bool) -> tuple[list[Cause], Pairs]:
    causes: list[Cause] = []
    repeated: list[Cause] = []
    pairs: Pairs = {}
    position = 0
    for index, device in given:
        missing = [key for key in ("claimName", "requestName") if not device.get(key)]
        for key in missing:
            message = f"{key} is required for DRA {kind}"
            causes.append(Cause(REQUIRED, f"{field}[{index}].{key}", message, "claim"))
        if missing:
            continue
        pair, told = f"{device['claimName']}/{device['requestName']}", position if late else index
        position += 1
        if pair in pairs:
            message = f"duplicate claimName/requestName pair {go_quote(pair)}"
            (repeated if late else causes).append(Cause(DUPLICATE, f"{field}[{told}]", message, "claim"))
        pairs.setdefault(pair, index)
    return causes + repeated, pairs


def _shared(owners: dict[str, tuple[str, int]], kind: str, pairs: Pairs, field: str) -> Iterator[Cause]:
    """Claim and request that another list uses too."""
    for pair, index in pairs.items():
        if pair in owners:
            other, first = owners[pair]
            message = (
                f"duplicate claimName/requestName pair {go_quote(pair)} between {other}[{first}] and {kind}[{index}]"
            )
            yield Cause(DUPLICATE, f"{field}[{index}]", message, "claim")
        else:
            owners[pair] = (kind, index)


def _selector(text: str) -> tuple[str, str] | None:
    """Vendor and device of a `pciVendorSelector`; None where it is neither four hex digits nor `*`."""
    parts = [item.strip().upper().removeprefix("0X") for item in text.split(":")]
    if len(parts) != 2 or not _ID.fullmatch(parts[0]) or not (parts[1] == "*" or _ID.fullmatch(parts[1])):
        return None
    return parts[0], parts[1]


def _grace_devices(spec: Spec, at: str, api: VirtAPI) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Path and resource of devices that are Grace GPUs, and of those that may be."""
    sure: list[tuple[str, str]] = []
    perhaps: list[tuple[str, str]] = []
    selectors = {
        entry["resourceName"]: str(entry["pciVendorSelector"])
        for entry in listed(api.permitted_devices, "pciHostDevices")
        if entry.get("resourceName") and entry.get("pciVendorSelector")
    }
    if not selectors:
        return sure, perhaps
    for key in ("gpus", "hostDevices"):
        for where, device in indexed(spec, key, at):
            found = _selector(selectors.get(device.get("deviceName", ""), ""))
            if found is not None and found[0] == _NVIDIA:
                chosen = sure if found[1] in _GRACE else perhaps if found[1] == "*" else None
                if chosen is not None:
                    chosen.append((f"{where}.deviceName", device["deviceName"]))
    return sure, perhaps


def grace(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """Grace GPUs need their gate, and a machine made for them (1.9)."""
    if not api.latest or not (devices(spec, "gpus") or devices(spec, "hostDevices")):
        return
    sure, perhaps = _grace_devices(spec, at, api)
    on = api.gate("GraceIOVirtualization")
    for where, resource in perhaps if on else ():
        message = (
            "GraceIOVirtualization requires an exact pciVendorSelector for NVIDIA PCI host device resource "
            f"{go_quote(resource)}"
        )
        yield Cause(INVALID, where, message, "grace")
    if not on:
        for where, resource in sure:
            message = (
                "GraceIOVirtualization feature gate must be enabled for NVIDIA Grace GPU passthrough resource "
                f"{go_quote(resource)}"
            )
            yield Cause(INVALID, where, message, "grace")
    elif sure:
        yield from _grace_machine(spec, at, api)


def _grace_machine(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    kind = architecture(spec, api.architecture)
    if kind != "arm64":
        message = "GraceIOVirtualization requires arm64 architecture"
        yield Cause(INVALID, f"{at}.architecture", message, "grace")
    machine = part(spec, "domain", "machine").get("type") or api.machine_type(kind)
    if not str(machine).startswith("virt"):
        message = 'GraceIOVirtualization requires "virt" machine type'
        yield Cause(INVALID, f"{at}.domain.machine.type", message, "grace")
    if not part(spec, "domain", "cpu").get("dedicatedCpuPlacement"):
        message = "GraceIOVirtualization requires dedicated CPU placement"
        yield Cause(REQUIRED, f"{at}.domain.cpu.dedicatedCpuPlacement", message, "grace")
    for gate in ("PCINUMAAwareTopology", "IOMMUFD"):
        if not api.gate(gate):
            message = f"{gate} feature gate must be enabled when GraceIOVirtualization is used"
            yield Cause(INVALID, f"{at}.domain.devices", message, "gate")


def grace_annotations(spec: Spec, annotations: Mapping[str, str], at: str, api: VirtAPI) -> Iterator[Cause]:
    """Annotations that Grace GPUs do not go with; `at` is the path of the metadata."""
    if not api.latest or not annotations or not _grace_devices(spec, "spec", api)[0]:
        return
    for key, message in (
        (
            "kubevirt.io/placePCIDevicesOnRootComplex",
            "GraceIOVirtualization is not compatible with placing PCI devices on the root complex",
        ),
        ("kubevirt.io/disablePCIHole64", "GraceIOVirtualization requires the 64-bit PCI hole"),
    ):
        if annotations.get(key) == "true":
            yield Cause(INVALID, f"{at}.annotations[{key}]", message, "grace")
