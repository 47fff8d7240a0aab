"""The machine CRDs' schemas, and what is a plausible value of a field by them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from tests.support.shared import shared_path

PLURALS = {"VirtualMachineInstance": "virtualmachineinstances", "VirtualMachine": "virtualmachines"}
INDEX = "[]"
KEY = "{}"
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind: its path from the object's root (`[]` an item, `{}` a value of a map), and its schema."""

    path: Path
    schema: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The path as people write it."""
        return ".".join(self.path).replace(".[]", "[]").replace(".{}", "{}")

    @property
    def type(self) -> str:
        """The JSON type; quantities and ports, which have none, are `quantity` and `port`."""
        if self.schema.get("x-kubernetes-int-or-string"):
            return "quantity" if "pattern" in self.schema else "port"
        return str(self.schema.get("type", "any"))


@cache
def root_schema(kind: str) -> Mapping[str, Any]:
    """The v1 schema of a kind. Skips the calling test where the CRDs are absent."""
    path = shared_path(f"crds/kubevirt/{PLURALS[kind]}.kubevirt.io.yaml")
    definition = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    versions = definition["spec"]["versions"]
    found: Mapping[str, Any] = next(v for v in versions if v["name"] == "v1")["schema"]["openAPIV3Schema"]
    return found


def fields(kind: str) -> Iterator[Field]:
    """Every field of a kind's spec, parents first."""
    yield from _below(("spec",), root_schema(kind)["properties"]["spec"])


def _below(path: Path, schema: Mapping[str, Any]) -> Iterator[Field]:
    yield Field(path, schema)
    for name, part in (schema.get("properties") or {}).items():
        yield from _below((*path, name), part)
    for step, key in ((INDEX, "items"), (KEY, "additionalProperties")):
        if isinstance(schema.get(key), Mapping):
            yield from _below((*path, step), schema[key])


SAMPLES: dict[str, Any] = {
    "livenessProbe": {"tcpSocket": {"port": 22}},
    "readinessProbe": {"tcpSocket": {"port": 22}},
    "httpGet": {"port": 80, "path": "/"},
    "hugepages": {"pageSize": "2Mi"},
    "macAddress": "02:00:00:00:00:01",
    "pciAddress": "0000:81:01.0",
    "reservedOverhead": {"addedOverhead": "64Mi"},
    "accessCredentials[]": {
        "sshPublicKey": {
            "source": {"secret": {"secretName": "keys"}},
            "propagationMethod": {"configDrive": {}},
        }
    },
    "sshPublicKey.source": {"secret": {"secretName": "keys"}},
    "userPassword.source": {"secret": {"secretName": "keys"}},
    "sshPublicKey.propagationMethod": {"configDrive": {}},
    "userPassword.propagationMethod": {"qemuGuestAgent": {}},
    "spec.source": {"blank": {}},
    "spec.preference": {"name": "small"},
    "fieldRef": {"fieldPath": "metadata.labels"},
    "storage.resources": {"requests": {"storage": "1Gi"}},
    "pvc": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    "storage": {"resources": {"requests": {"storage": "1Gi"}}},
    "volumes[]": {"name": "data", "emptyDisk": {"capacity": "1Gi"}},
    "disks[]": {"name": "data", "disk": {"bus": "virtio"}},
    "interfaces[]": {"name": "second", "bridge": {}},
    "networks[]": {"name": "second", "multus": {"networkName": "net"}},
    "hostDevices[]": {"name": "qat1", "deviceName": "intel.com/qat"},
    "gpus[]": {"name": "gpu0", "deviceName": "intel.com/qat-dc"},
    "filesystems[]": {"name": "data", "virtiofs": {}},
    "inputs[]": {"name": "tablet", "type": "tablet", "bus": "usb"},
    "watchdog": {"name": "dog", "i6300esb": {"action": "poweroff"}},
    "resourceClaims[]": {"name": "c", "resourceClaimTemplateName": "qat-vf"},
    "tolerations[]": {"key": "k", "operator": "Exists", "effect": "NoSchedule"},
    "topologySpreadConstraints[]": {
        "maxSkew": 1,
        "topologyKey": "zone",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app": "vm0"}},
    },
    "nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution": {
        "nodeSelectorTerms": [{"matchExpressions": [{"key": "k", "operator": "Exists"}]}]
    },
    "matchExpressions[]": {"key": "k", "operator": "Exists"},
    "matchFields[]": {"key": "metadata.name", "operator": "In", "values": ["n"]},
    "nodeSelectorTerms[]": {"matchExpressions": [{"key": "k", "operator": "Exists"}]},
    "preference": {"matchExpressions": [{"key": "k", "operator": "Exists"}]},
    "topologyKey": "kubernetes.io/hostname",
    "weight": 1,
    "capacity": "1Gi",
    "path": "/a",
    "type": "tablet",
    "firmware": {"bootloader": {"efi": {"secureBoot": False}}},
    "bootloader": {"efi": {"secureBoot": False}},
    "kernelBoot": {"container": {"image": "registry/kernel:1", "kernelPath": "/vmlinuz", "initrdPath": "/initrd"}},
    "uuid": "5d307ca9-b3ef-428c-8861-06e72d69f223",
    "image": "registry/image:1",
    "clock": {"utc": {}, "timer": {"hpet": {"present": False}}},
    "cpu": {"cores": 2},
    "numa": {"guestMappingPassthrough": {}},
    "machine": {"type": "q35"},
    "dataVolumeTemplates[]": {
        "metadata": {"name": "dv"},
        "spec": {"source": {"blank": {}}, "storage": {"resources": {"requests": {"storage": "1Gi"}}}},
    },
    "networkName": "net",
    "userData": "#cloud-config\n",
    "instancetype": {"name": "small"},
    "bus": "virtio",
    "labelSelector": {"matchLabels": {"app": "vm0"}},
    "namespaceSelector": {"matchLabels": {"team": "a"}},
    "podAffinityTerm": {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "vm0"}}},
    "ports[]": {"port": 80},
    "utilityVolumes[]": {"name": "extra", "claimName": "extra"},
    "ioThreads": {"supplementalPoolThreadCount": 2},
    "panicDevices[]": {"model": "hyperv"},
    "sev": {},
    "persistentVolumeClaim": {"claimName": "data"},
    "dataVolume": {"name": "dv"},
    "hostDisk": {"path": "/images/a.img", "type": "DiskOrCreate", "capacity": "1Gi"},
}
"""Valid values by the end of a field's path, the longest that fits: where the schema alone makes nothing of use."""


def sample(path: Path, schema: Mapping[str, Any]) -> Any:
    """A plausible value of a field: the curated one, else the least its schema asks for."""
    name = ".".join(path).replace(".[]", "[]")
    for length in (2, 1):
        curated = SAMPLES.get(".".join(name.split(".")[-length:]))
        if curated is not None:
            return curated
    if schema.get("x-kubernetes-int-or-string"):
        return "1Gi" if "pattern" in schema else 80
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            if isinstance(schema.get("additionalProperties"), Mapping):
                return {"k": sample((*path, KEY), schema["additionalProperties"])}
            properties = schema.get("properties") or {}
            return {
                key: sample((*path, key), properties[key]) for key in schema.get("required", ()) if key in properties
            }
        case "array":
            return [sample((*path, INDEX), schema.get("items") or {})]
        case "integer":
            return 1
        case "boolean":
            return True
        case _:
            return "a"
