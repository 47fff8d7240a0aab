"""From fields of rendered objects to the lines people edit."""

from pathlib import Path

import pytest

from generator.finding import Finding, Rule
from generator.location import Span
from generator.manifest import Identity
from generator.pipeline.origins import Origins
from generator.pipeline.project import open_project
from tests.support.workspace import SMALL, inside, write

NOWHERE = Span("")
RULE = Rule("TST001", "test", "A test.")
OVERLAY = """\
spec:
  deviceClasses:
    - {name: sym, resourceName: example.com/sym}
  virtualMachines:
    - name: gw
      count: 2
      memory: {guest: 3Gi}
      cpu: {cores: 2, dedicated: true}
      hostname: gw-{index}
      vmiSpec:
        domain: {devices: {watchdgo: {name: w}}}
"""
INSTANCE = ("spec", "template", "spec")
DOMAIN = (*INSTANCE, "domain")


def explained(folder, identity, path, *, key=False, at=NOWHERE):
    with inside(folder):
        origins = Origins(open_project(Path("spec.yaml")))
        finding = Finding(rule=RULE, message="m", at=at, path=path)
        return origins.explain(finding, "dev", identity, key=key)


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL, "overlays/dev/spec.yaml": OVERLAY})
    return tmp_path


MACHINE = Identity("kubevirt.io", "VirtualMachine", "vpn", "gw-1")


@pytest.mark.parametrize(
    ("path", "key", "at"),
    [
        (("metadata", "name"), False, "overlays/dev/spec.yaml:5:13"),
        (("metadata", "namespace"), False, "spec.yaml:19:18"),
        ((*DOMAIN, "memory", "guest"), False, "overlays/dev/spec.yaml:7:23"),
        ((*DOMAIN, "cpu", "cores"), False, "overlays/dev/spec.yaml:8:20"),
        ((*DOMAIN, "cpu", "dedicatedCpuPlacement"), False, "overlays/dev/spec.yaml:8:34"),
        ((*INSTANCE, "hostname"), False, "overlays/dev/spec.yaml:9:17"),
        ((*DOMAIN, "devices", "watchdgo"), True, "overlays/dev/spec.yaml:11:28"),
        ((*DOMAIN, "devices", "hostDevices", 0, "name"), False, "spec.yaml:22:20"),
        ((*DOMAIN, "devices", "hostDevices", 0, "deviceName"), False, "overlays/dev/spec.yaml:3:33"),
        ((*INSTANCE, "nodeSelector", "example.com/pool"), False, "spec.yaml:15:40"),
        ((*INSTANCE, "volumes", 0, "containerDisk", "image"), False, "spec.yaml:23:51"),
    ],
)
def test_a_value_of_the_spec_has_its_own_line(folder, path, key, at):
    assert str(explained(folder, MACHINE, path, key=key).at) == at


def test_a_value_the_program_made_stands_for_its_part_of_the_spec(folder):
    finding = explained(folder, MACHINE, ("spec", "runStrategy"))
    assert str(finding.at) == "spec.yaml:18:7"
    assert [(n.message, n.at.file) for n in finding.notes] == [("template", "templates/machine/machine.yaml.j2")]


def test_text_of_a_template_of_ones_own_is_edited_there(folder):
    template = "apiVersion: v1\nkind: Namespace\nmetadata:\n  nam: x\n  name: {{ namespace.name }}\n"
    write(folder, {"templates/namespace/namespace.yaml.j2": template})
    finding = explained(folder, Identity("", "Namespace", "", "vpn"), ("metadata", "nam"), key=True)
    assert str(finding.at) == "templates/namespace/namespace.yaml.j2:4:1"
    assert [note.message for note in finding.notes] == ["rendered for this part of the spec"]


def test_where_it_was_found_becomes_a_note(folder):
    finding = explained(folder, MACHINE, ("metadata", "namespace"), at=Span("rendered/dev/a.yaml", 3, 1))
    assert finding.notes[-1].message == "rendered here"
    assert str(finding.notes[-1].at) == "rendered/dev/a.yaml:3:1"


def test_an_object_nobody_renders_stays_where_it_is(folder):
    at = Span("rendered/dev/a.yaml", 3, 1)
    assert explained(folder, Identity("", "Secret", "a", "b"), ("data",), at=at).at == at
