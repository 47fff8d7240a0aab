"""`qatgen diff`: environments, revisions, folders."""

import json
import shutil
import subprocess

import pytest

from tests.support.workspace import SMALL, qatgen, write


@pytest.fixture
def project(tmp_path):
    files = {
        "overlays/dev/spec.yaml": "spec: {}\n",
        "overlays/prod/spec.yaml": "spec: {virtualMachines: [{name: gw, count: 2}]}\n",
    }
    write(tmp_path, {"spec.yaml": SMALL, **files})
    assert qatgen(tmp_path, "render", "-q").code == 0
    return tmp_path


def test_environments(project):
    result = qatgen(project, "diff", "dev", "prod")
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert "- VirtualMachine vpn/gw" in lines
    assert "+ VirtualMachine vpn/gw-1" in lines
    assert qatgen(project, "diff", "dev", "prod", "--exit-code").code == 1
    assert qatgen(project, "diff", "dev", "rendered/dev", "--exit-code").out == "no difference\n"
    assert json.loads(qatgen(project, "diff", "dev", "prod", "-o", "json").out)


def test_revisions(project):
    if shutil.which("git") is None:
        pytest.skip("git is not there")
    for arguments in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *arguments], cwd=project, check=True)
    assert qatgen(project, "diff", "HEAD").out == "no difference\n"
    write(project, {"spec.yaml": SMALL.replace("2Gi", "3Gi")})
    assert qatgen(project, "render", "-q").code == 0
    expected = '    spec.template.spec.domain.memory.guest: "2Gi" -> "3Gi"\n'
    assert expected in qatgen(project, "diff", "HEAD:dev", "dev").out
    assert expected in qatgen(project, "diff", "HEAD:rendered/dev", "rendered/dev").out
    assert qatgen(project, "diff", "HEAD:nowhere", "dev").code == 2
    assert qatgen(project, "diff", "--", "-x", "dev").code == 2
