"""What a probe puts into a field: right, wrong of type, out of range, empty, null, huge, doubled."""

from collections.abc import Iterator
from typing import Any

from tests.e2e.kubevirt.schemas import Field, sample

REMOVED = object()
"""Not a value: the field is taken out."""

LONG = "a" * 64
LONGER = "a" * 254
STRINGS = ("", "a", "Upper", "no_label", "-dash", "two words", LONG, LONGER, "a/b", "a.b", "ü")
INTEGERS = (0, 1, 2, 3, 7, -1, 1024, 2**31, 2**32, 2**63 - 1)
QUANTITIES: tuple[Any, ...] = (
    "0", "1", "64Mi", "1Gi", "1G", "1.5Gi", "1e3", "1500m", "-1Gi", "2Ti", "Gi", "1gi", "", "1 Gi", 5, 0, 1.5, "12E", "99E",
)  # fmt: skip
PORTS: tuple[Any, ...] = (0, 1, 80, -1, 65535, 65536, "http", "", "80", "No_Name", 1.5)
WRONG: dict[str, tuple[Any, ...]] = {
    "string": (7, True, {}, []),
    "integer": ("1", 1.5, True, {}),
    "boolean": ("true", 1, {}),
    "number": ("1", True),
    "object": ([], "a", 1),
    "array": ({}, "a", 1),
    "quantity": (True, {}, []),
    "port": (True, {}),
}
BY_TYPE: dict[str, tuple[Any, ...]] = {
    "string": STRINGS,
    "integer": INTEGERS,
    "number": (0, 1, 1.5, -1),
    "boolean": (True, False),
    "quantity": QUANTITIES,
    "port": PORTS,
}
KNOWN: dict[str, tuple[Any, ...]] = {
    "bus": ("virtio", "sata", "scsi", "usb", "ide", "fdc", "VIRTIO", "ps2"),
    "type": ("tablet", "keyboard", "mouse", "ps2", "virtio", "q35", "pc", "pc-q35-rhel9.4.0", "pc-q35-8.2", "s390-ccw-virtio",
             "virt", "Disk", "DiskOrCreate", "File", "block"),
    "cache": ("none", "writethrough", "writeback", "unsafe"),
    "io": ("native", "threads", "default", "none"),
    "errorPolicy": ("stop", "ignore", "report", "enospace", "retry"),
    "discard": ("unmap", "ignore"),
    "model": ("virtio", "e1000", "e1000e", "ne2k_pci", "pcnet", "rtl8139", "virtio-non-transitional", "igb", "host-model",
              "host-passthrough", "Haswell", "ich9", "ac97", "hyperv", "isa", "pvpanic", "virtio-transitional", "Host-Model"),
    "macAddress": ("02:00:00:00:00:01", "02-00-00-00-00-01", "02:00:00:00:00", "zz:00:00:00:00:01", "0200.0000.0001",
                   "02:00:00:00:00:01:02:03", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "01:00:5e:00:00:01"),
    "pciAddress": ("0000:81:01.0", "81:01.0", "0000:81:01", "0000:81:11.a", "0000:ff:1f.7", "0000:81:01.8"),
    "protocol": ("TCP", "UDP", "SCTP", "tcp", "ICMP"),
    "evictionStrategy": ("None", "LiveMigrate", "LiveMigrateIfPossible", "External", "livemigrate"),
    "runStrategy": ("Always", "Halted", "Manual", "RerunOnFailure", "Once", "WaitAsReceiver", "always"),
    "startStrategy": ("Paused", "paused", "Running"),
    "rebootPolicy": ("Reboot", "Terminate", "reboot"),
    "dnsPolicy": ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None", "clusterfirst"),
    "architecture": ("amd64", "arm64", "s390x", "ppc64le", "AMD64"),
    "operator": ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", "Equal", "exists"),
    "effect": ("NoSchedule", "PreferNoSchedule", "NoExecute", "noschedule"),
    "whenUnsatisfiable": ("DoNotSchedule", "ScheduleAnyway", "doNot"),
    "policy": ("require", "force", "optional", "disable", "forbid", "Require"),
    "ioThreadsPolicy": ("shared", "auto", "supplementalPool", "Shared"),
    "tickPolicy": ("delay", "catchup", "merge", "discard", "drop"),
    "track": ("guest", "wall", "host"),
    "timezone": ("Europe/Berlin", "UTC", "Mars/Base", ""),
    "offsetSeconds": (0, 3600, -3600),
    "pageSize": ("2Mi", "1Gi", "4Ki", "3Mi", "1G", "0", "-2Mi", "64Ki", "2048Ki", "big"),
    "capacity": ("1Gi", "0", "-1Gi", "512", "1G", "big"),
    "vendorid": ("KVMKVMKVM", "a" * 12, "a" * 13),
    "spinlocks": (4095, 4096, 8191),
    "uuid": ("5d307ca9-b3ef-428c-8861-06e72d69f223", "5d307ca9", "not-a-uuid"),
    "serial": ("abc-123", "a" * 256, "a" * 257, "a b", "a+b", "a\nb"),
    "url": ("http://a/b", "docker://image", "not a url", "https://"),
    "path": ("/a", "a", "/", "/a/../b", "/a:b"),
    "networkName": ("net", "ns/net", "a/b/c", "Net_1", "/net", "net/"),
    "kind": ("VirtualMachineInstancetype", "VirtualMachineClusterInstancetype", "VirtualMachinePreference",
             "VirtualMachineClusterPreference", "Instancetype", "virtualmachineinstancetype", "DataSource"),
    "imagePullPolicy": ("Always", "IfNotPresent", "Never", "Sometimes"),
    "terminationGracePeriodSeconds": (0, 1, 30, -1, 2**40),
    "subdomain": ("a", "A", "a.b", "-a", LONG),
    "hostname": ("a", "A", "a.b", "-a", "a_b", "a" * 63, LONG),
    "schedulerName": ("default-scheduler", "Bad_Name"),
    "action": ("poweroff", "reset", "shutdown", "none", "Reset"),
    "bootOrder": (1, 2, 0, -1, 65536),
    "bootFileName": ("a", "a/b", "a b", LONG),
    "deviceName": ("intel.com/qat", "intel.com/qat-dc", "intel.com/other", "qat", "Intel.com/QAT", "a/b/c"),
    "claimName": ("c", "other", "C_1", LONG),
    "requestName": ("vf", "VF_1", LONG),
    "resourceClaimName": ("claim", "Claim_1", "a.b", LONGER),
    "resourceClaimTemplateName": ("qat-vf", "Qat_1", "a.b", LONGER),
    "blockSize": ({"matchVolume": {"enabled": True}}, {"custom": {"logical": 512, "physical": 4096}},
                  {"custom": {"logical": 4096, "physical": 512}}, {"custom": {"logical": 500, "physical": 512}},
                  {"custom": {"logical": 0, "physical": 0}}, {"custom": {"logical": 512, "physical": 512}, "matchVolume": {}}),
    "logical": (512, 1024, 4096, 511, 256, 2097152, 4194304),
    "physical": (512, 1024, 4096, 511, 256, 2097152, 4194304),
    "sockets": (1, 2, 4, 0, 512, 2**31),
    "maxSockets": (1, 2, 4, 0, 512),
    "maxGuest": ("512Mi", "1Gi", "2Gi", "4Gi", "1.5Gi", "1025Mi"),
    "guest": ("1Mi", "128Mi", "256Mi", "1Gi", "2Gi", "4Gi", "3Mi", "1000M", "1G", "1536Mi"),
    "cores": (1, 2, 3, 4, 0, 64, 2**31),
    "threads": (1, 2, 3, 4, 0),
    "dataVolumeTemplates": ([],),
    "updateVolumesStrategy": ("Replacement", "Migration", "replacement"),
    "inferFromVolumeFailurePolicy": ("Reject", "Ignore", "reject"),
    "mask": ("0-1,^1", "0-3", "a", "1,,2", "-1", "1-", "^3", "3-1"),
    "ssh": ("a",),
    "searches": (["a.example"], ["Bad_Domain"], [f"{n}.example" for n in range(40)], [LONGER], [""]),
    "nameservers": (["10.0.0.1"], ["::1"], ["nope"], ["10.0.0.1"] * 4, [""]),
    "secretName": ("s", "S_1", ""),
    "accessModes": (["ReadWriteOnce"], ["ReadWriteMany"], ["Sometimes"]),
    "volumeMode": ("Block", "Filesystem", "Other"),
    "supplementalPoolThreadCount": (0, 1, 4, 256, -1),
    "userData": ("#cloud-config\n", "a" * 2048, "a" * 2049, "not cloud"),
    "userDataBase64": ("I2Nsb3VkLWNvbmZpZwo=", "%%%", "a" * 4000),
    "networkData": ("version: 2\n", "a" * 2048, "a" * 2049),
    "networkDataBase64": ("dmVyc2lvbjogMgo=", "%%%"),
    "tag": ("a", "", LONG),
    "port": (0, 1, 80, 65535, 65536, -1),
    "initialDelaySeconds": (0, 5, -1),
    "timeoutSeconds": (0, 5, -1),
    "periodSeconds": (0, 5, -1),
    "failureThreshold": (0, 5, -1),
    "successThreshold": (0, 1, 5, -1),
    "priorityClassName": ("high", "High_1"),
    "state": ("up", "down", "absent", "Up"),
    "attestation": ({},),
    "nodeSelector": ({"k": "v"}, {"Bad Key": "v"}, {"k": "bad value!"}, {"kubernetes.io/arch": "arm64"}),
    "manufacturer": ("a", "a\nb", LONGER),
    "version": ("1", LONGER, "a\nb"),
    "asset": ("a", LONGER, "a\nb"),
    "sku": ("a", LONGER),
}  # fmt: skip
"""Values worth trying by field name: those its documentation knows, and near misses."""


def values(field: Field) -> Iterator[tuple[str, Any]]:
    """Values to put into a field, each with a word for the title of the probe."""
    name = field.path[-1]
    yield "missing", REMOVED
    yield "null", None
    for wrong in WRONG.get(field.type, ()):
        yield "wrong type", wrong
    for value in KNOWN.get(name, ()):
        yield "set", value
    for value in field.schema.get("enum", ()):
        yield "set", value
    yield from (("set", value) for value in BY_TYPE.get(field.type, ()))
    match field.type:
        case "integer":
            yield from (("beyond 64 bits", value) for value in (2**63, -(2**63) - 1))
        case "array":
            one = sample((*field.path, "[]"), field.schema.get("items") or {})
            yield "empty", []
            yield "one", [one]
            yield "twice the same", [one, one]
            yield "null item", [None]
        case "object":
            yield "empty", {}
            yield "sample", sample(field.path, field.schema)
            yield "unknown key", {"bogus": 1}
            if isinstance(field.schema.get("additionalProperties"), dict):
                yield "odd keys", {"Bad Key!": sample((*field.path, "{}"), field.schema["additionalProperties"])}
        case _:
            return
