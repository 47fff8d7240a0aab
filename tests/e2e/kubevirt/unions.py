"""Members of unions, each in a machine that sets it alone: volume sources, interface bindings, probe handlers."""

from typing import Any

from tests.e2e.kubevirt.machines import Spec, least, merged, with_volume

BINDINGS = ("binding", "bridge", "macvtap", "masquerade", "passt", "passtBinding", "slirp", "sriov")
HANDLERS: dict[str, Any] = {
    "exec": {"command": ["true"]},
    "guestAgentPing": {},
    "httpGet": {"port": 80, "path": "/"},
    "tcpSocket": {"port": 22},
}
SOURCES: dict[str, Any] = {
    "cloudInitConfigDrive": {"userData": "#cloud-config\n"},
    "cloudInitNoCloud": {"userData": "#cloud-config\n"},
    "configMap": {"name": "cm"},
    "containerDisk": {"image": "registry/image:1"},
    "containerPath": {"path": "/data"},
    "dataVolume": {"name": "dv"},
    "downwardAPI": {"fields": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]},
    "downwardMetrics": {},
    "emptyDisk": {"capacity": "1Gi"},
    "ephemeral": {"persistentVolumeClaim": {"claimName": "data"}},
    "hostDisk": {"path": "/images/a.img", "type": "DiskOrCreate", "capacity": "1Gi"},
    "memoryDump": {"claimName": "dump"},
    "persistentVolumeClaim": {"claimName": "data"},
    "secret": {"secretName": "s"},
    "serviceAccount": {"serviceAccountName": "sa"},
    "sysprep": {"configMap": {"name": "cm"}},
}


def volume(source: str) -> Spec:
    """The least machine with a second volume of a source."""
    disk = {"cdrom": {"bus": "sata"}} if source == "sysprep" else None
    return with_volume(source, SOURCES.get(source, {}), disk)


def interface(binding: str) -> Spec:
    """The least machine with its interface bound in one way, on a network that way is for."""
    content: Any = {"name": "macvtap"} if binding == "binding" else {}
    pod = binding in {"masquerade", "passt", "passtBinding", "slirp", "binding"}
    network = {"pod": {}} if pod else {"multus": {"networkName": "net"}}
    return merged(
        least(),
        {
            "domain": {"devices": {"interfaces": [{"name": "default", binding: content}]}},
            "networks": [{"name": "default", **network}],
        },
    )
