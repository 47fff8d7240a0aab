"""`qatgen explain`."""

import pytest

from generator.pipeline.record import digest
from tests.support.workspace import SMALL, qatgen, write


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
