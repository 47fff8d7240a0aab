"""Everything rendered is taken by the upstream CRDs; the founding note's form by the extended ones alone."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from generator.location import Span
from generator.schema import Validator, extend_crd, versions
from generator.source import Dialect, read_documents, read_file
from tests.golden.render import specs
from tests.support.shared import shared_path
from tests.support.workspace import tree

GROUPS = ("kubevirt.io", "pool.kubevirt.io", "deviceplugin.intel.com", "nfd.k8s-sigs.io", "argoproj.io")


@cache
def crds(folder: Path) -> tuple[dict[str, Any], ...]:
    found = []
    for path in sorted(folder.rglob("*.yaml")):
        found += [d.data for d in read_file(path, path.name, Dialect.KUBERNETES)]
    return tuple(d for d in found if d.get("kind") == "CustomResourceDefinition")


@cache
def validators(folder: Path, *, extended: bool) -> dict[tuple[str, str], Validator]:
    out = {}
    for crd in crds(folder):
        chosen = extend_crd(crd, Span("crd")).crd if extended else crd
        spec = chosen["spec"]
        for version, validator in versions(chosen).items():
            out[f"{spec['group']}/{version}", spec["names"]["kind"]] = validator
    return out


def rendered() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, folder in specs():
        for file, text in tree(folder / "rendered").items():
            if file.endswith(".yaml") and not file.endswith("/kustomization.yaml"):
                for document in read_documents(text, file, Dialect.KUBERNETES):
                    yield f"{name}/{file}", document.data


def uses_qats(data: Any) -> bool:
    if isinstance(data, dict):
        return "qats" in data or any(uses_qats(value) for value in data.values())
    return isinstance(data, list) and any(uses_qats(item) for item in data)


def test_every_custom_resource_validates():
    folder = shared_path("crds")
    seen = set()
    for file, data in rendered():
        group = data["apiVersion"].rpartition("/")[0]
        if group not in GROUPS or data["kind"] == "Kustomization":
            continue
        key = (data["apiVersion"], data["kind"])
        seen.add(data["kind"])
        assert not validators(folder, extended=True)[key].validate(data), file
        refused = bool(validators(folder, extended=False)[key].validate(data))
        assert refused is uses_qats(data), file
    assert seen == {
        "KubeVirt", "VirtualMachine", "VirtualMachineInstance", "VirtualMachineInstanceReplicaSet", "VirtualMachinePool",
        "QatDevicePlugin", "NodeFeatureRule", "AppProject", "ApplicationSet",
    }  # fmt: skip


def machine(qats: list[dict[str, str]]) -> dict[str, Any]:
    devices = {"qats": qats}
    spec = {"domain": {"devices": devices}}
    return {"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance", "metadata": {"name": "a"}, "spec": spec}


@pytest.mark.parametrize(
    ("qats", "accepted"),
    [
        ([{"name": "qat1", "deviceName": "qat.intel.com/generic"}], True),
        ([], True),
        ([{"deviceName": "qat.intel.com/generic"}], False),
        ([{"name": "qat1"}], False),
        ([{"name": 1, "deviceName": "x"}], False),
        ([{"name": "qat1", "deviceName": "x", "more": "y"}], False),
    ],
)
def test_the_extended_schema_takes_a_whole_device_alone(qats, accepted):
    validator = validators(shared_path("crds"), extended=True)["kubevirt.io/v1", "VirtualMachineInstance"]
    assert (not validator.validate(machine(qats))) is accepted


def test_six_crds_are_extended_and_nothing_else_of_them_changes():
    extended = 0
    for crd in crds(shared_path("crds")):
        result = extend_crd(crd, Span("crd"))
        extended += bool(result.added)
        stripped = result.crd
        for path in result.added:
            stripped = without(stripped, path)
        assert stripped == crd
        assert extend_crd(result.crd, Span("crd")).crd == result.crd
    assert extended == 6


def without(data: Any, path: tuple[str | int, ...]) -> Any:
    head, *rest = path
    if not rest:
        return {key: value for key, value in data.items() if key != head}
    if isinstance(data, list):
        return [without(item, tuple(rest)) if index == head else item for index, item in enumerate(data)]
    return {key: without(value, tuple(rest)) if key == head else value for key, value in data.items()}
