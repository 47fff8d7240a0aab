"""KubeVirt's own rules by topic: the code findings carry, and the way out beside KubeVirt's own message."""

from collections.abc import Mapping
from dataclasses import dataclass

from generator.finding import Rule, Severity


@dataclass(frozen=True, slots=True)
class Topic:
    """What findings of a topic are told as."""

    rule: Rule
    hint: str


def _topic(number: int, name: str, summary: str, hint: str) -> Topic:
    return Topic(Rule(f"QATK-{number:03d}", name, summary), hint)


NEAREST_RELEASE = Rule(
    "QATK-090",
    "kubevirt-nearest-release",
    "Machines are judged as the KubeVirt release that is nearest to the target's.",
    Severity.INFO,
)

TOPICS: Mapping[str, Topic] = {
    "gate": _topic(
        1,
        "kubevirt-gate-off",
        "What a machine uses is switched on in the cluster.",
        "add the gate to kubevirt.featureGates, or leave out what needs it",
    ),
    "schema": _topic(
        2,
        "kubevirt-schema",
        "A machine is of the form that KubeVirt's API has.",
        "write the field as the message says",
    ),
    "unknown-field": _topic(
        3,
        "kubevirt-unknown-field",
        "KubeVirt knows every field of a machine.",
        "correct the field's name, or leave it out",
    ),
    "host-device": _topic(
        10,
        "kubevirt-host-device",
        "A host device or GPU is asked for by name or by claim.",
        "write deviceName, or claimName and requestName",
    ),
    "claim": _topic(
        11,
        "kubevirt-resource-claim",
        "Claims are declared once, and every claimed device names one and its request.",
        "declare the claim under resourceClaims and name it with its request",
    ),
    "gpu": _topic(
        12, "kubevirt-gpu", "One GPU at most shows the machine's first display.", "switch ramFB off for all but one"
    ),
    "grace": _topic(
        13,
        "kubevirt-grace",
        "A machine with a Grace GPU is made as those GPUs need it.",
        "follow the message, or give the machine another GPU",
    ),
    "memory": _topic(
        20,
        "kubevirt-memory",
        "A machine says how much memory it has, and asks for no more than its limit.",
        "set memory.guest; requests and limits are rarely needed",
    ),
    "hugepages": _topic(
        21,
        "kubevirt-hugepages",
        "Memory is a multiple of the page size.",
        "make memory a multiple of hugepages, 2Mi or 1Gi",
    ),
    "cpu": _topic(22, "kubevirt-cpu", "CPU requests, models and topology fit together.", "follow the message"),
    "dedicated-cpu": _topic(
        23,
        "kubevirt-dedicated-cpu",
        "A machine with CPUs of its own asks for whole CPUs and a fixed amount of memory.",
        "set cores, sockets and threads, and leave CPU requests and limits out",
    ),
    "numa": _topic(
        24,
        "kubevirt-numa",
        "A guest that mirrors the host's NUMA nodes has CPUs of its own and hugepages.",
        "add cpu.dedicated and memory.hugepages, or leave out numa",
    ),
    "realtime": _topic(
        25,
        "kubevirt-realtime",
        "A real-time machine has CPUs of its own and mirrors the host's NUMA nodes.",
        "add what the message names, or leave out realtime",
    ),
    "live-update": _topic(
        26,
        "kubevirt-live-update",
        "Memory that is plugged in later fits the machine.",
        "correct maxGuest, or leave it out",
    ),
    "io-threads": _topic(
        27, "kubevirt-io-threads", "IO threads are of a known policy, for virtio disks.", "follow the message"
    ),
    "disk": _topic(
        30,
        "kubevirt-disk",
        "Every disk has one target, a bus it can be on, and a volume of its name.",
        "correct the disk, or add the volume it is for",
    ),
    "boot-order": _topic(
        31,
        "kubevirt-boot-order",
        "Boot orders begin at 1, and no two devices share one.",
        "number the devices a machine boots from differently, from 1",
    ),
    "volume": _topic(
        32,
        "kubevirt-volume",
        "Every volume has one source, a name of its own, and a disk or filesystem.",
        "give the volume one source and its own name",
    ),
    "cloud-init": _topic(
        33,
        "kubevirt-cloud-init",
        "Cloud-init data comes from one place and is short.",
        "keep one of userData, userDataBase64 and secretRef; put more than 2048 bytes into a Secret",
    ),
    "host-disk": _topic(
        34, "kubevirt-host-disk", "A host disk has a path and a type.", "set hostDisk.path and hostDisk.type"
    ),
    "filesystem": _topic(
        35,
        "kubevirt-filesystem",
        "A path of the launcher's container is shared as a filesystem.",
        "list the volume under devices.filesystems",
    ),
    "data-volume-template": _topic(
        36,
        "kubevirt-data-volume-template",
        "A DataVolume template has one storage, one source, and a volume that uses it.",
        "give the template one of pvc and storage, one source, and name it in a volume",
    ),
    "downward-metrics": _topic(
        37,
        "kubevirt-downward-metrics",
        "Metrics reach the guest on a virtio disk.",
        "give the volume a disk on the bus virtio",
    ),
    "credential": _topic(
        38,
        "kubevirt-access-credential",
        "An access credential is of one kind, with one source and one way into the guest.",
        "keep one kind, one source and one propagationMethod",
    ),
    "network": _topic(
        40,
        "kubevirt-network",
        "Every network has one source, a name of its own, and an interface.",
        "give the network one source and an interface of its name",
    ),
    "interface": _topic(
        41,
        "kubevirt-interface",
        "Every interface belongs to a network and is well formed.",
        "correct the interface, or add the network of its name",
    ),
    "binding": _topic(
        42,
        "kubevirt-binding",
        "An interface has one binding, and one that its network takes.",
        "use masquerade on the pod network, bridge or sriov on Multus networks",
    ),
    "port": _topic(
        43,
        "kubevirt-port",
        "Ports of an interface are numbers from 1 to 65535, named and listed once.",
        "correct the port",
    ),
    "firmware": _topic(
        50, "kubevirt-firmware", "A machine has one boot loader, and finds what it boots.", "follow the message"
    ),
    "secure-boot": _topic(
        51,
        "kubevirt-secure-boot",
        "Secure boot needs system management mode.",
        "set features.smm, or secureBoot: false",
    ),
    "machine-type": _topic(
        52,
        "kubevirt-machine-type",
        "The machine type is one the cluster supports.",
        "leave machine.type out, or use one of the allowed values",
    ),
    "launch-security": _topic(
        53,
        "kubevirt-launch-security",
        "Encrypted memory has the firmware and devices it works with.",
        "follow the message",
    ),
    "architecture": _topic(
        54,
        "kubevirt-architecture",
        "The architecture is one KubeVirt runs on.",
        "use amd64, arm64 or s390x",
    ),
    "input": _topic(
        55, "kubevirt-input", "An input device is a tablet on usb or virtio.", "write type: tablet and bus: usb"
    ),
    "sound": _topic(
        56, "kubevirt-sound", "A sound device has a name and a known model.", "set name, and model: ich9 or ac97"
    ),
    "video": _topic(
        57,
        "kubevirt-video",
        "A video device is of a kind the architecture has, and the machine shows graphics.",
        "use another video type, or leave video out",
    ),
    "watchdog": _topic(
        58,
        "kubevirt-watchdog",
        "A watchdog is of a kind the architecture has.",
        "use i6300esb on amd64, diag288 on s390x, none on arm64",
    ),
    "panic-device": _topic(
        59,
        "kubevirt-panic-device",
        "A panic device is of a known model.",
        "use the model hyperv, isa or pvpanic",
    ),
    "hyperv": _topic(
        60,
        "kubevirt-hyperv",
        "A Hyper-V feature has the features it needs.",
        "switch on what the message names, or leave the feature out",
    ),
    "affinity": _topic(
        70, "kubevirt-affinity", "Affinity terms are well formed.", "correct the term the message names"
    ),
    "spread": _topic(
        71,
        "kubevirt-topology-spread",
        "Topology spread constraints are well formed and differ.",
        "correct the constraint the message names",
    ),
    "eviction": _topic(
        72,
        "kubevirt-eviction",
        "The eviction strategy is one KubeVirt knows.",
        "use LiveMigrateIfPossible, None or External; machines with host devices cannot migrate",
    ),
    "run-strategy": _topic(
        80,
        "kubevirt-run-strategy",
        "A VirtualMachine has one run strategy.",
        "set runStrategy to Always, RerunOnFailure, Manual, Once or Halted, and leave running out",
    ),
    "start-strategy": _topic(
        81,
        "kubevirt-start-strategy",
        "A machine starts paused, or says nothing of how it starts.",
        "write Paused, or leave startStrategy out",
    ),
    "probe": _topic(
        82,
        "kubevirt-probe",
        "A probe asks one question, over the pod network where it needs one.",
        "keep one of httpGet, tcpSocket, exec and guestAgentPing",
    ),
    "dns": _topic(83, "kubevirt-dns", "The DNS policy and configuration are well formed.", "follow the message"),
    "name": _topic(
        84,
        "kubevirt-guest-name",
        "The guest's host name is a DNS label, its subdomain a DNS subdomain.",
        "use lower-case letters, digits and `-`",
    ),
    "label": _topic(
        85,
        "kubevirt-reserved-label",
        "Labels that KubeVirt keeps for itself are not set.",
        "remove labels that begin with kubevirt.io/",
    ),
    "service-account": _topic(
        86,
        "kubevirt-service-account",
        "A machine runs as one service account.",
        "name the same service account in both places",
    ),
    "instancetype": _topic(
        87,
        "kubevirt-instancetype",
        "An instancetype or preference is named, or inferred from a volume.",
        "write name, or inferFromVolume with the name of a volume",
    ),
    "pool": _topic(
        88,
        "kubevirt-pool",
        "A pool's limits and strategies are well formed.",
        "follow the message",
    ),
    "selector": _topic(
        89,
        "kubevirt-selector",
        "A set or pool selects the machines of its own template.",
        "make selector.matchLabels the labels of the template",
    ),
}
"""By the topics that causes carry."""

RULES = (*(topic.rule for topic in TOPICS.values()), NEAREST_RELEASE)
