"""Every machine we render is taken by KubeVirt's own code, and `qatgen preview` shows what that makes of it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from generator.emit import dump
from tests.conformance.kubevirt import shape
from tests.e2e.apiserver.projects import PROJECTS, project_folder, render, uses_qats
from tests.e2e.kubevirt.program import Program, Question, running
from tests.e2e.kubevirt.record import hostdevs_of, pod_of
from tests.support.parity import Row, record
from tests.support.workspace import Result, qatgen

VERSIONS = {"v1.9": "v1.9.0", "v1.8": "v1.8.0"}
"""The program that answers for a minor release."""
MACHINES = ("VirtualMachine", "VirtualMachineInstance", "VirtualMachineInstanceReplicaSet", "VirtualMachinePool")
ADDRESSES = [f"0000:3d:{1 + n // 8:02x}.{n % 8}" for n in range(32)]


@pytest.fixture(scope="module")
def programs() -> Iterator[dict[str, Program]]:
    """Both programs, running."""
    with (
        running("v1.9.0") as newest,
        running("v1.8.0") as before,
    ):
        yield {"v1.9.0": newest, "v1.8.0": before}


@pytest.fixture(scope="module")
def counted() -> Iterator[dict[str, tuple[int, list[str]]]]:
    """Machines and misses by program, kept as rows at the end."""
    found: dict[str, tuple[int, list[str]]] = {version: (0, []) for version in VERSIONS.values()}
    yield found
    what = "machines we render: taken, and previewed alike"
    record(
        "kubevirt-rendered",
        [
            Row("KubeVirt", what, f"kubevirt {version.removeprefix('v')}", count, misses)
            for version, (count, misses) in found.items()
        ],
    )


def as_created(machine: Mapping[str, Any]) -> dict[str, Any]:
    """The VirtualMachine or instance a machine is or makes, as its controller would create it."""
    spec, metadata = machine["spec"], machine["metadata"]
    whole = {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance"}
    match machine["kind"]:
        case "VirtualMachineInstanceReplicaSet":
            template = spec["template"]
        case "VirtualMachinePool":
            whole["kind"], template = "VirtualMachine", spec["virtualMachineTemplate"]
        case _:
            return dict(machine)
    named = {**template.get("metadata", {}), "name": f"{metadata['name']}-0", "namespace": metadata["namespace"]}
    return {**whole, "metadata": named, "spec": template["spec"]}


def instance_of(created: Mapping[str, Any]) -> Mapping[str, Any]:
    """The instance's spec in what is created."""
    spec: Mapping[str, Any] = created["spec"]
    found: Mapping[str, Any] = spec["template"]["spec"] if created["kind"] == "VirtualMachine" else spec
    return found


def existing(created: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The claims and networks a machine counts on."""
    spec, namespace = instance_of(created), created["metadata"]["namespace"]
    claims = [
        name
        for volume in spec.get("volumes", ())
        for name in (
            volume.get("persistentVolumeClaim", {}).get("claimName"),
            volume.get("dataVolume", {}).get("name"),
        )
        if name
    ]
    networks = [n["multus"]["networkName"] for n in spec.get("networks", ()) if "multus" in n]
    return [f"{namespace}/{name}" for name in claims], [n if "/" in n else f"{namespace}/{n}" for n in networks]


def handed_out(created: Mapping[str, Any]) -> list[tuple[str, str]]:
    """An address for each of the machine's devices in order, beside its resource."""
    devices = instance_of(created)["domain"].get("devices", {}).get("hostDevices", ())
    named = [device["deviceName"] for device in devices if "deviceName" in device]
    return list(zip(named, ADDRESSES, strict=False))


def previewed(spec: Path, folder: Path, environment: str, machine: Mapping[str, Any], addresses: list[str]) -> Result:
    """What the command says of a manifest, laid into a folder of its own."""
    file = folder / "machine.yaml"
    file.write_text(dump(machine), encoding="utf-8")
    options = [part for address in addresses for part in ("--pci-address", address)]
    return qatgen(folder, "preview", file.name, "--spec", str(spec), "-e", environment, "-o", "json", *options)


def apart(shown: Mapping[str, Any], answer: Mapping[str, Any], *, devices: bool) -> Iterator[str]:
    """What the preview and the code's answer disagree in."""
    if not answer["admit"][-1]["allowed"]:
        yield f"refused: {answer['admit'][-1]['message']}"
        return
    pod = pod_of(answer)
    ours = {
        "resources": shown.get("resources"),
        "runAsUser": shown.get("securityContext", {}).get("runAsUser"),
        "privileged": shown.get("securityContext", {}).get("privileged"),
        "capabilities": shown.get("securityContext", {}).get("capabilities"),
        "resourceClaims": shown.get("resourceClaims"),
        "overheadBytes": shown.get("memoryOverheadBytes"),
        "error": shown.get("error"),
    }
    for key, value in ours.items():
        if value != pod.get(key):
            yield f"{key}: {value} is previewed, the pod has {pod.get(key)}"
    if devices and "domainError" not in answer:  # a claimed device's address is told where the claim is allocated
        elements = ET.fromstring(f"<all>{shown.get('hostdev', '')}</all>")
        theirs = [shape(ET.fromstring(text)) for text in hostdevs_of(answer) or ()]
        if [shape(element) for element in elements] != theirs:
            yield f"hostdev: {shown.get('hostdev')} is previewed, the domain has {theirs}"


@pytest.mark.parametrize("project", [name for name in PROJECTS if not uses_qats(name)])
def test_every_machine_is_taken_and_previewed_alike(
    project: str, programs: dict[str, Program], counted: dict[str, tuple[int, list[str]]], tmp_path: Path
) -> None:
    trees = render(project, tmp_path / "work")
    spec = project_folder(project, tmp_path / "work") / "spec.yaml"
    problems: list[str] = []
    seen = 0
    for environment, tree in trees.items():
        kubevirt = next((data for data in tree if data["kind"] == "KubeVirt"), None)
        for machine in (data for data in tree if data["kind"] in MACHINES):
            assert kubevirt is not None, f"{environment} has machines and no KubeVirt"
            created = as_created(machine)
            if "instancetype" in created["spec"]:  # what an instance type brings, only its cluster knows
                continue
            addresses = handed_out(created)
            said = previewed(spec, tmp_path, environment, machine, [one for _, one in addresses])
            assert said.code == 0 or '"error":' in said.out, said.err
            shown = json.loads(said.out)
            version = VERSIONS[shown["kubevirt"].rpartition(".")[0]]
            claims, networks = existing(created)
            by_resource = {name: [one for of, one in addresses if of == name] for name, _ in addresses}
            answer = programs[version].ask(Question(kubevirt, created, by_resource, claims, networks))
            assert "error" not in answer, answer
            found = list(apart(shown, answer, devices=bool(addresses)))
            seen += 1
            name = f"{project}, {environment}: {machine['metadata']['name']}"
            count, misses = counted[version]
            counted[version] = (count + 1, [*misses, *([name] if found else [])])
            problems += [f"{name}: {problem}" for problem in found]
    assert not problems, "\n".join(problems)
    assert seen > 2
