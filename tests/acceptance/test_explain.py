"""`qatgen explain`."""

import json
import re

import pytest

from generator.pipeline.record import digest
from tests.support.workspace import REPOSITORY, SMALL, qatgen, write


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("RES016", "# RES016 partial-vfs"),
        ("res016", "# RES016 partial-vfs"),
        ("partial-vfs", "# RES016 partial-vfs"),
        ("spec.nodePools.virtualFunctions", "VFs per endpoint"),
        ("defaults.memory", "# spec.defaults.memory"),
    ],
)
def test_what_is_known(tmp_path, subject, words):
    result = qatgen(tmp_path, "explain", subject)
    assert (result.code, words in result.out) == (0, True), result


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("RES999", "RES019"),
        ("spec.nodePol", "nodePools"),
        ("qatt", "known"),
        ("guest", "it is a field elsewhere: spec.virtualMachines[].memory.guest"),
        ("policies/qatp-009", "policies/qatp-009-permitted-list/policy.yaml"),
        ("templates/machine", "templates/machine/machine.yaml.j2"),
        ("templates/machine/vmi.yaml.j2", "did you mean"),
        ("rendered/nope.yaml", "no file"),
        ("OWN-002", "OWN-001"),
    ],
)
def test_what_is_not(tmp_path, subject, words):
    qatgen(tmp_path, "init", "--name", "demo")
    result = qatgen(tmp_path, "explain", subject)
    assert (result.code, result.out) == (2, "")
    assert words in result.err


def test_a_rule_of_ones_own(tmp_path):
    qatgen(tmp_path, "init", "--name", "demo")
    result = qatgen(tmp_path, "explain", "own-001")
    assert result.code == 0
    assert result.out.startswith("# OWN-001 team-label\n\nA machine says whose it is. (error)\n")
    assert "policies/team-label/policy.yaml" in result.out


def test_a_rendered_file(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL})
    assert qatgen(tmp_path, "render", "-q").code == 0
    path = tmp_path / "rendered/default/vpn/virtualmachine-gw.yaml"
    lines = qatgen(tmp_path, "explain", path.as_posix()).out.splitlines()
    assert lines[4].startswith("policies:  admitted: QATP-001, ")
    assert lines == [
        "file:      vpn/virtualmachine-gw.yaml of environment default",
        "template:  machine/machine.yaml.j2",
        "made for:  spec.virtualMachines[0]",
        "overlays:  none changed it",
        lines[4],
        f"digest:    sha256:{digest(path.read_bytes())}",
        "content:   as it was rendered",
    ]
    said = qatgen(tmp_path, "explain", "rendered/default/kustomization.yaml")
    assert (said.code, "lists the files of the tree" in said.out) == (0, True)
    path.write_text("a: b\n")
    assert "changed by hand since" in qatgen(tmp_path, "explain", path.as_posix()).out
    write(tmp_path, {"rendered/default/vpn/own.yaml": "a: b\n"})
    assert qatgen(tmp_path, "explain", "rendered/default/vpn/own.yaml").code == 2
    assert qatgen(tmp_path, "explain", "spec.yaml").code == 2


def test_files_that_ship_are_printed_by_the_names_findings_give_them(tmp_path):
    policy = "policies/qatp-024-pci-slots/policy.yaml"
    result = qatgen(tmp_path, "explain", policy)
    assert (result.code, result.out) == (0, (REPOSITORY / policy).read_text("utf-8"))
    template = "templates/machine/machine.yaml.j2"
    second = (REPOSITORY / template).read_text("utf-8").splitlines()[1]
    for place in (f"{template}:2", f"{template}:2:1"):
        lines = qatgen(tmp_path, "explain", place).out.splitlines()
        assert (lines[1], len(lines)) == (f">    2 | {second}", 7)
    assert qatgen(tmp_path, "explain", f"{template}:999999").out.splitlines()[-1].startswith(">")


def test_a_project_s_file_of_the_same_name_is_not_the_shipped_one(tmp_path):
    write(tmp_path, {"templates/machine/machine.yaml.j2": "own: true\n"})
    result = qatgen(tmp_path, "explain", "templates/machine/machine.yaml.j2")
    assert (result.code, result.out) == (2, "")


@pytest.mark.parametrize("name", ["templates/../pages/SPC.yaml", "templates/nope.yaml.j2", "policies", "templates/"])
def test_nothing_else_is_printed(tmp_path, name):
    assert qatgen(tmp_path, "explain", name).code == 2


def test_findings_name_what_explain_opens(tmp_path):
    spec = SMALL.replace("memory: {guest: 2Gi}", "memory: {guest: 3G, hugepages: 1Gi}")
    write(tmp_path, {"spec.yaml": spec})
    [place] = re.findall(r"::: qatgen explain (\S+)   template", qatgen(tmp_path, "render").err)
    assert "memory: {{ machine.memory }}" in qatgen(tmp_path, "explain", place).out
    markdown = qatgen(tmp_path, "render", "-o", "markdown").out
    assert f"`qatgen explain {place}` `template`" in markdown
    sarif = json.loads(qatgen(tmp_path, "render", "-o", "sarif").out)
    related = [one for result in sarif["runs"][0]["results"] for one in result.get("relatedLocations", ())]
    assert {"id": 0, "message": {"text": f"template: qatgen explain {place}"}} in related
