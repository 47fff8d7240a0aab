"""The machines a field is varied in: those in which it means something."""

import re
from collections.abc import Iterator

from tests.e2e.kubevirt import unions
from tests.e2e.kubevirt.machines import IMAGE, Spec, least, merged, with_volume
from tests.e2e.kubevirt.schemas import Path

DEDICATED = {"domain": {"cpu": {"cores": 2, "dedicatedCpuPlacement": True}}}
HUGEPAGES = {"domain": {"memory": {"guest": "1Gi", "hugepages": {"pageSize": "2Mi"}}}}
NUMA = merged(merged(DEDICATED, HUGEPAGES), {"domain": {"cpu": {"numa": {"guestMappingPassthrough": {}}}}})
CLAIMED = {
    "domain": {"devices": {"hostDevices": [{"name": "qat0", "claimName": "c", "requestName": "vf"}]}},
    "resourceClaims": [{"name": "c", "resourceClaimTemplateName": "qat-vf"}],
}
CLAIMED_GPU = {
    "domain": {"devices": {"gpus": [{"name": "gpu0", "claimName": "c", "requestName": "vf"}]}},
    "resourceClaims": [{"name": "c", "resourceClaimTemplateName": "qat-vf"}],
}
SECONDARY = {
    "domain": {"devices": {"interfaces": [{"name": "default", "masquerade": {}}, {"name": "second", "bridge": {}}]}},
    "networks": [{"name": "default", "pod": {}}, {"name": "second", "multus": {"networkName": "net"}}],
}
SRIOV = {
    "domain": {"devices": {"interfaces": [{"name": "default", "masquerade": {}}, {"name": "second", "sriov": {}}]}},
    "networks": [{"name": "default", "pod": {}}, {"name": "second", "multus": {"networkName": "net"}}],
}
EFI = {"domain": {"firmware": {"bootloader": {"efi": {"secureBoot": False}}}}}
SMM = {"domain": {"features": {"smm": {"enabled": True}}, "firmware": {"bootloader": {"efi": {}}}}}
CLOUD_INIT = {
    "volumes": [
        {"name": "root", "containerDisk": {"image": IMAGE}},
        {"name": "data", "cloudInitNoCloud": {"userData": "#cloud-config\n"}},
    ],
    "domain": {"devices": {"disks": [{"name": "root", "disk": {}}, {"name": "data", "disk": {}}]}},
}

CONTEXTS: tuple[tuple[str, tuple[Spec, ...]], ...] = (
    (r"domain\.cpu", ({}, DEDICATED, NUMA)),
    (r"domain\.memory", ({}, HUGEPAGES, {"domain": {"resources": {"requests": {"memory": "1Gi"}}}})),
    (r"domain\.resources", ({}, DEDICATED, HUGEPAGES, {"domain": {"memory": None}})),
    (r"domain\.devices\.hostDevices", ({}, CLAIMED)),
    (r"domain\.devices\.gpus", ({}, CLAIMED_GPU)),
    (r"resourceClaims", ({}, CLAIMED)),
    (r"domain\.devices\.(interfaces|networkInterfaceMultiqueue)", ({}, SECONDARY, SRIOV)),
    (r"networks", ({}, SECONDARY)),
    (r"domain\.firmware", ({}, EFI)),
    (r"domain\.features", ({}, SMM)),
    (r"domain\.launchSecurity", (EFI,)),
    (r"domain\.ioThreads", ({}, {"domain": {"ioThreadsPolicy": "supplementalPool"}}, DEDICATED)),
    (r"accessCredentials", ({}, CLOUD_INIT)),
    (r"(livenessProbe|readinessProbe)", ({},)),
)
"""Beside the least machine: what else an instance's field is tried in, by the beginning of its path."""

_HANDLERS = ("exec", "guestAgentPing", "httpGet", "tcpSocket")


def contexts(path: Path) -> Iterator[Spec]:
    """The machines in which an instance's field is varied; `path` is from the spec."""
    name = ".".join(path)
    special = _union_member(path)
    if special is not None:
        yield special
        return
    for pattern, changes in CONTEXTS:
        if re.match(pattern, name):
            yield from (merged(least(), change) for change in changes)
            return
    yield least()


def _union_member(path: Path) -> Spec | None:
    """Where a field belongs to one member of a union, a machine in which that member is the one that is set."""
    match path:
        case ("volumes", "[]", source, *_) if source != "name":
            return unions.volume(source)
        case ("domain", "devices", "disks", "[]", ("cdrom" | "lun") as target, *_):
            return merged(least(), {"domain": {"devices": {"disks": [{"name": "root", target: {"bus": "sata"}}]}}})
        case ("domain", "devices", "interfaces", "[]", binding, *_) if binding in unions.BINDINGS:
            return unions.interface(binding)
        case (("livenessProbe" | "readinessProbe") as probe, handler, *_) if handler in _HANDLERS:
            return merged(least(), {probe: {handler: unions.HANDLERS[handler]}})
        case ("domain", "devices", "filesystems", *_):
            return merged(with_volume("configMap", {"name": "cm"}), {
                "domain": {"devices": {
                    "disks": [{"name": "root", "disk": {}}], "filesystems": [{"name": "data", "virtiofs": {}}],
                }},
            })  # fmt: skip
        case _:
            return None
