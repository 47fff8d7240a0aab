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


def test_all_environments_at_once(project):
    shutil.copytree(project / "rendered", project / "before")
    write(project, {"spec.yaml": SMALL.replace("2Gi", "3Gi")})
    assert qatgen(project, "render", "-q", "--env", "prod").code == 0
    lines = qatgen(project, "diff", "before").out.splitlines()
    assert [line for line in lines if line.startswith("~")] == [
        "~ VirtualMachine vpn/gw-0 in prod",
        "~ VirtualMachine vpn/gw-1 in prod",
    ]
    markdown = qatgen(project, "diff", "before", "rendered", "-o", "markdown").out
    assert "**2 changed**" in markdown
    assert "VirtualMachine vpn/gw-0 in prod (1)" in markdown


def test_lists_and_objects_of_one_name_in_one_folder(tmp_path):
    secret = "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {password: %s}}"
    for name, word in (("one", "hunter2"), ("two", "hunter3")):
        write(tmp_path, {f"{name}/list.yaml": f"apiVersion: v1\nkind: List\nitems: [{secret % word}]\n"})
        write(tmp_path, {f"{name}/{part}/a.yaml": secret.replace("name: s", "name: t") % part for part in ("a", "b")})
    result = qatgen(tmp_path, "diff", "one", "two")
    assert result.out.splitlines() == ["~ Secret s", '    stringData.password: "***" -> "***"', "1 changed"]
    write(tmp_path, {"two/a/a.yaml": secret.replace("name: s", "name: t") % "c"})
    assert "~ Secret t in a" in qatgen(tmp_path, "diff", "one", "two").out.splitlines()


def test_without_git_and_in_a_shallow_clone(project, monkeypatch):
    if shutil.which("git") is None:
        pytest.skip("git is not there")
    commit = ["git", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qam", "y", "--allow-empty"]
    for command in (["git", "init", "-q"], ["git", "add", "-A"], commit, commit):
        subprocess.run(command, cwd=project, check=True)
    url = f"file://{project}"
    subprocess.run(["git", "clone", "-q", "--depth", "1", url, "clone"], cwd=project.parent, check=True)
    clone = project.parent / "clone"
    assert qatgen(clone, "diff", "HEAD").out == "no difference\n"
    assert "the clone is shallow" in qatgen(clone, "diff", "HEAD~1").err
    monkeypatch.setenv("CI", "1")
    assert qatgen(clone, "check").code == 0
    monkeypatch.delenv("CI")
    assert qatgen(clone, "check", "--changed-only").code == 0
    monkeypatch.setenv("PATH", "/nowhere")
    assert "git is not there" in qatgen(clone, "diff", "HEAD").err
