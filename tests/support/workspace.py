"""Projects in a temporary folder, and the command line run on them."""

import os
import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from generator.cli.program import run

_MEMORY = 8 << 30
REPOSITORY = Path(__file__).resolve().parents[2]

SMALL = """\
apiVersion: qatgen.dev/v1alpha1
kind: QATPlatform
metadata: {name: small}
spec:
  target: {kubernetes: "1.36", kubevirt: v1.9.0, devicePlugin: v0.36.0}
  deviceClasses:
    - {name: sym, family: 4xxx, services: [sym]}
  nodePools:
    - name: vm
      serves: virtualMachines
      deviceClass: sym
      nodes: 2
      physicalFunctions: 1
      virtualFunctions: 16
      nodeSelector: {example.com/pool: vm}
      kernelArguments: [intel_iommu=on, hugepagesz=1G, hugepages=16]
  virtualMachines:
    - name: gw
      namespace: vpn
      nodePool: vm
      memory: {guest: 2Gi}
      qat: [{name: qat0, deviceClass: sym}]
      disks: [{name: root, containerDisk: {image: "quay.io/containerdisks/fedora:43"}}]
"""
"""A spec with one of everything a device needs."""


NAMED_WELL = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: named-well
  annotations: {qatgen.dev/rule: OWN-001, qatgen.dev/summary: Machines have long names.}
spec:
  failurePolicy: Fail
  matchConstraints:
    namespaceSelector: {matchExpressions: [{key: own, operator: DoesNotExist}]}
    resourceRules:
      - {apiGroups: [kubevirt.io], apiVersions: ["*"], operations: [CREATE], resources: [virtualmachines]}
  validations:
    - {expression: "object.metadata.name.size() > 4", message: short name}
"""
"""A policy of one's own that the machine of SMALL does not meet."""


THINGS = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  names: {kind: Thing, plural: things, singular: thing, listKind: ThingList}
  scope: Namespaced
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, PROPERTIES}}}
"""
"""A CRD; PROPERTIES stands for what its objects hold."""


def things(properties: str) -> str:
    """The CRD of objects that hold properties, a YAML mapping in one line."""
    return THINGS.replace("PROPERTIES", f"properties: {properties}")


@dataclass(frozen=True)
class Result:
    """What one run of the command line said and returned."""

    code: int
    out: str
    err: str


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Work in a folder, as a person would."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Lay out files, making folders."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder and its bytes."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@contextmanager
def _room() -> Iterator[None]:
    """More memory for what is forked off the tests: it has theirs besides its own."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    if before[0] == resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY if before[1] < 0 else min(_MEMORY, before[1]), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def qatgen(folder: Path, *arguments: str) -> Result:
    """Run the command line in a folder, in this process."""
    runner = CliRunner()
    with inside(folder), _room(), runner.isolation() as streams:
        code = run(list(arguments))
        return Result(int(code), streams[0].getvalue().decode(), streams[1].getvalue().decode())
