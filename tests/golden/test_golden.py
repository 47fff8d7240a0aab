"""Golden trees are what their specs give, and together they use every template."""

import pytest

from generator.pipeline.index import built_in_templates, load_index, template_folders
from generator.source import Dialect, read_documents
from tests.golden.documents import documents
from tests.golden.render import render, specs
from tests.support.workspace import REPOSITORY, tree

pytestmark = pytest.mark.golden
SPECS = dict(specs())


@pytest.mark.parametrize("name", SPECS)
def test_golden(tmp_path, name):
    render(SPECS[name], tmp_path / "rendered")
    actual, expected = tree(tmp_path / "rendered"), tree(SPECS[name] / "rendered")
    assert sorted(actual) == sorted(expected)
    for file, text in expected.items():
        assert actual[file].decode() == text.decode(), file


def test_the_index_lists_every_template():
    folder = built_in_templates()
    listed = {entry.template for entry in load_index(template_folders(REPOSITORY, ""))}
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*.j2") if not p.name.startswith("_")}
    assert listed == there


def test_every_template_is_in_some_golden_tree():
    kinds = set()
    for folder in SPECS.values():
        for text in tree(folder / "rendered").values():
            kinds |= {d.data["kind"] for d in read_documents(text, "f", Dialect.KUBERNETES) if "kind" in d.data}
    assert kinds >= {
        "AppProject", "ApplicationSet", "ConfigMap", "DaemonSet", "DeviceClass", "GitRepository", "KubeVirt",
        "Kustomization", "Namespace", "NodeFeatureRule", "QatDevicePlugin", "ResourceClaimTemplate",
        "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
        "VirtualMachine", "VirtualMachineInstance", "VirtualMachineInstanceReplicaSet", "VirtualMachinePool",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "text"), list(documents()), ids=lambda value: value.name if hasattr(value, "name") else ""
)
def test_generated_pages_are_current(path, text):
    assert path.read_text(encoding="utf-8") == text
