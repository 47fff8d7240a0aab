"""`qats` to `hostDevices`: text kept, and what is not decided told."""

import pytest

from generator.pipeline.migrate import migrate_text
from tests.support.workspace import qatgen, write

VM = """\
# the gateway
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: gw   # its name
spec:
  template:
    spec:
      domain:
        devices:
          # crypto
          qats:  # two of them
            - name: qat1  # first
              deviceName: "qat.intel.com/generic"
            - {name: qat2, deviceName: intel.com/own}
          rng: {}
"""


def test_comments_order_and_quotes_stay():
    made = migrate_text(VM, {"qat.intel.com/generic": "intel.com/qat"})
    expected = VM.replace("qats:", "hostDevices:").replace('"qat.intel.com/generic"', "intel.com/qat")
    assert made.text == expected
    assert (made.done, made.undecided) == (("VirtualMachine gw: 2 of qats moved to hostDevices",), ())


def test_what_is_not_decided():
    made = migrate_text(VM, {})
    assert len(made.undecided) == 1
    assert "--resource qat.intel.com/generic=NAME" in made.undecided[0]
    clash = VM.replace("          rng: {}\n", "          hostDevices:\n            - {name: qat1, deviceName: a/b}\n")
    made = migrate_text(clash, {})
    assert (made.text, "is called" in made.undecided[0]) == (clash, True)
    gate = "kind: ConfigMap\nmetadata: {name: kubevirt-config}\ndata: {feature-gates: 'LiveMigration,QAT'}\n"
    assert "HostDevices" in migrate_text(gate, {}).undecided[0]


def test_host_devices_that_are_there_come_first():
    both = VM.replace(
        "          rng: {}\n", "          hostDevices:\n            - name: gpu\n              deviceName: a/b\n"
    )
    text = migrate_text(both, {"qat.intel.com/generic": "intel.com/qat"}).text
    assert text.index("name: gpu") < text.index("name: qat1") < text.index("name: qat2")
    assert "qats" not in text.replace("of them", "")


@pytest.mark.parametrize("text", ["a: b\n", "- x\n", "", VM.replace("qats", "gpus")])
def test_other_text_stays_byte_for_byte(text):
    assert migrate_text(text, {}).text == text


def test_the_command(tmp_path):
    write(tmp_path, {"vm.yaml": VM, "other.yaml": "a:   b\n"})
    arguments = ["--resource", "qat.intel.com/generic=intel.com/qat"]
    result = qatgen(tmp_path, "migrate", "vm.yaml", "other.yaml", "--dry-run", *arguments)
    assert (result.code, "+          hostDevices:  # two of them" in result.out) == (0, True)
    assert (tmp_path / "vm.yaml").read_text() == VM
    assert qatgen(tmp_path, "migrate", "vm.yaml", "other.yaml", *arguments).code == 0
    assert "qats:" not in (tmp_path / "vm.yaml").read_text()
    assert (tmp_path / "other.yaml").read_text() == "a:   b\n"
    write(tmp_path, {"bad.yaml": "a: [\n", "vm.yaml": VM})
    result = qatgen(tmp_path, "migrate", "vm.yaml", "bad.yaml", *arguments)
    assert (result.code, "bad.yaml" in result.err, (tmp_path / "vm.yaml").read_text()) == (2, True, VM)
    assert qatgen(tmp_path, "migrate", "vm.yaml", "--resource", "x").code == 2


INSTANCE = "{kind: VirtualMachineInstance, metadata: {name: a}, spec: {domain: {devices: {qats: [{name: q, deviceName: a/b}]}}}}"


def test_lists_are_migrated_item_by_item():
    made = migrate_text(f"kind: List\nitems:\n- {INSTANCE}  # one\n- {{kind: ConfigMap}}\n", {})
    assert (
        made.text == f"kind: List\nitems:\n- {INSTANCE.replace('qats', 'hostDevices')}  # one\n- {{kind: ConfigMap}}\n"
    )
    assert (len(made.done), made.undecided) == (1, ())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"kind: VirtualMachineSnapshotContent\nspec: {{source: {{virtualMachine: {INSTANCE}}}}}\n", "line 2: qats stays at spec.source"),
        ("kind: Kustomization\npatches:\n- patch: |\n    spec: {domain: {devices: {qats: []}}}\n", "patches[0].patch speaks of qats"),
        ("kind: Kustomization\npatches:\n- patch: |\n    [{op: remove, path: /spec/domain/devices/qats/0}]\n", "speaks of qats"),
        ("kind: QATPlatform\nspec: {kubevirt: {assignment: qats}}\n", "spec.kubevirt.assignment speaks of qats"),
        ("kind: Other\nspec: {qats: 1}\n", "spec.qats"),
    ],
)  # fmt: skip
def test_what_is_left_is_told(text, told):
    made = migrate_text(text, {})
    assert (made.text, len(made.undecided)) == (text, 1), made
    assert told in made.undecided[0]


def test_a_machine_that_is_migrated_has_nothing_left():
    assert migrate_text(VM.replace("qat.intel.com", "intel.com"), {}).undecided == ()
