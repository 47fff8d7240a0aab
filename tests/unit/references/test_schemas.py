"""The table holds the fields of KubeVirt's own schemas that name objects, and no others."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml

from generator.references.table import ANY_KEY, Node, table
from tests.support.shared import shared_path

_TELLING = re.compile(r"(name|ref|secrets?|configmap|account|claim|network|class|image.?pull.?secret)$", re.IGNORECASE)
_OTHERS = re.compile(
    r"""^metadata/|^status/|/affinity/|topologySpreadConstraints
    |/(disks|filesystems|gpus|hostDevices|inputs|sound|watchdog|interfaces|features|rng|ports)/name$|binding/name$
    |(volumes|networks|utilityVolumes|resourceClaims|downwardAPI.*|options|httpHeaders|hypervisors)/name$
    |(deviceName|requestName|schedulerName|hostname|bootFileName|tftpServerName|containerName|resourceName|productName)$
    |(gpus|hostDevices|resourceClaim)/claimName$|(msdm|slic)NameRef$|/pod$|/multus$|[a-z]CIDR$
    |customizeComponents|/mediatedDevices|permittedHostDevices|/permanentNetwork$|defaultNetworkInterface
    |volumeBackups/(volumeName|persistentVolumeClaim/)|source/virtualMachine/|cpuModel
    |dataVolumeTemplates/(metadata|status)/|virtualMachineTemplate/metadata|template/metadata
    """,
    re.VERBOSE,
)
"""Names inside the object itself, of devices and resources, of files: none of another object."""


def paths(schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in (schema.get("properties") or {}).items():
        yield from paths(value, (*path, key))
    if isinstance(schema.get("items"), dict):
        yield from paths(schema["items"], path)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from paths(schema["additionalProperties"], (*path, ANY_KEY))
    if schema.get("type") == "string":
        yield path


def in_table(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if node.names is not None:
        yield path
    for key, below in node.below.items():
        yield from in_table(below, (*path, key))


@cache
def kinds() -> list[tuple[tuple[str, str], set[tuple[str, ...]]]]:
    out = []
    for file in sorted(shared_path("crds/kubevirt").glob("*.yaml")):
        spec = yaml.load(file.read_text(), yaml.CSafeLoader)["spec"]
        for version in spec["versions"]:
            found = set(paths(version["schema"]["openAPIV3Schema"]))
            out.append(((spec["group"], spec["names"]["kind"]), found))
    return out


def test_every_field_that_looks_like_a_name_is_in_the_table():
    missing = []
    for kind, found in kinds():
        known = set(in_table(table().kinds[kind]))
        asked = {path for path in found if _TELLING.search(path[-1] if path else "")}
        missing += [(kind[1], "/".join(path)) for path in asked - known if not _OTHERS.search("/".join(path))]
    assert sorted(missing) == []


def test_every_field_of_the_table_is_in_the_schema():
    odd = []
    for kind, found in kinds():
        odd += [(kind[1], "/".join(path)) for path in set(in_table(table().kinds[kind])) - found]
    # A field next to `certConfigMap` of other sources that HyperConverged 1.20 has, and KubeVirt 1.9 not yet.
    assert sorted({path for _, path in odd if not path.endswith("vddk/certConfigMap")}) == []


@pytest.mark.parametrize("kind", [("kubevirt.io", "VirtualMachine"), ("pool.kubevirt.io", "VirtualMachinePool")])
def test_machines_and_pools_name_as_much(kind):
    names = list(in_table(table().kinds[kind]))
    assert len(names) == len(list(in_table(table().kinds["kubevirt.io", "VirtualMachine"])))
    assert len(names) > 50
