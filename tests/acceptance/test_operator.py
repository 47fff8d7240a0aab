"""Intel's operator compares the name of a pool's ConfigMap alone: the name follows the services."""

import pytest

from tests.support.workspace import SMALL, qatgen, tree, write

PODS = """    - {name: pods, serves: containers, deviceClass: more, nodes: 1, physicalFunctions: 1, virtualFunctions: 16,
       nodeSelector: {example.com/pool: pods}}
  virtualMachines:
"""


def rendered(folder, services, release, install="operator"):
    text = SMALL.replace("  virtualMachines:\n", PODS).replace("v0.36.0", release)
    text = text.replace(
        "  deviceClasses:\n", f"  deviceClasses:\n    - {{name: more, family: 420xx, services: {services}}}\n"
    )
    write(folder, {"spec.yaml": f"{text}  devicePlugin: {{install: {install}}}\n"})
    result = qatgen(folder, "render", "--color", "never")
    assert result.code == 0, result
    return result, {name: text for name, text in tree(folder / "rendered").items() if name.endswith(".yaml")}


def named(files, kind):
    return {name.rpartition("/")[2] for name in files if f"/{kind}-" in name and "pods" in name}


def test_a_change_of_services_changes_both_objects(tmp_path):
    _, before = rendered(tmp_path, "[sym]", "v0.36.0")
    _, after = rendered(tmp_path, "[dc]", "v0.36.0")
    [old], [new] = named(before, "configmap"), named(after, "configmap")
    assert old != new
    for config, files in ((old, before), (new, after)):
        [plugin] = [text for name, text in files.items() if "/qatdeviceplugin-" in name]
        assert f"provisioningConfig: {config.removeprefix('configmap-').removesuffix('.yaml')}\n".encode() in plugin
    _, again = rendered(tmp_path, "[sym]", "v0.36.0")
    assert again == before


def test_a_daemon_set_keeps_the_name_because_its_pods_carry_a_checksum(tmp_path):
    _, before = rendered(tmp_path, "[sym]", "v0.36.0", "daemonSet")
    _, after = rendered(tmp_path, "[dc]", "v0.36.0", "daemonSet")
    assert named(before, "configmap") == named(after, "configmap") == {"configmap-qat-config-pods.yaml"}


@pytest.mark.parametrize(("release", "install", "warned"), [
    ("v0.36.0", "operator", False), ("v0.35.0", "operator", True), ("v0.35.0", "daemonSet", False),
])  # fmt: skip
def test_an_operator_that_compares_nothing_is_reported(tmp_path, release, install, warned):
    result, _ = rendered(tmp_path, "[sym]", release, install)
    assert ("warning[RES030" in result.err) is warned
    assert ("nodes of pool pods" in result.err) is warned
