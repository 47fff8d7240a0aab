"""`check` tells the truth: about what changes while it reads, what HEAD is, and whose memory it believes."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from generator.cli import check as command
from tests.support.workspace import SMALL, qatgen, write

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not there")
COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
TEAM = """\
apiVersion: qatgen.dev/v1alpha1
kind: QATVirtualMachines
metadata: {name: team}
spec: {virtualMachines: [{name: %s, namespace: vpn, memory: {guest: 1Gi}}]}
"""
GW = "rendered/dev/vpn/virtualmachine-gw.yaml"
POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: grows, annotations: {qatgen.dev/rule: OWN-001, qatgen.dev/summary: Machines keep their memory.}}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - {apiGroups: [kubevirt.io], apiVersions: ["*"], operations: [UPDATE], resources: [virtualmachines]}
  validations:
    - {expression: "oldObject.spec.template.spec.domain.memory.guest == object.spec.template.spec.domain.memory.guest"}
"""
BINDING = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: grows}
spec: {policyName: grows, validationActions: [Deny]}
"""
FILES = {
    "spec.yaml": SMALL.replace("spec:\n", 'spec:\n  include: ["teams/*.yaml"]\n', 1),
    "teams/one.yaml": TEAM % "one",
    "people/two.yaml": TEAM % "two",
    "people/three.yaml": TEAM % "three",
    "overlays/dev/spec.yaml": "spec: {}\n",
    "overlays/prod/spec.yaml": "spec: {virtualMachines: [{name: gw, cloudInit: {userDataFile: parts/user.yaml}}]}\n",
    "parts/user.yaml": "#cloud-config\n",
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name in ("CI", "PRE_COMMIT", "PRE_COMMIT_FROM_REF"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "project"
    write(folder, FILES)
    (folder / "teams/two.yaml").symlink_to("../people/two.yaml")
    assert qatgen(folder, "render", "-q").code == 0
    return folder


def git(folder, *arguments):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def edit(name, old, new):
    def make(folder):
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))

    return make


def over(name, old, new):
    """As many editors save: written beside the file, given its times, renamed over it."""

    def make(folder):
        path = folder / name
        about = path.stat()
        beside = path.with_name(".saved")
        beside.write_text(path.read_text().replace(old, new))
        os.utime(beside, ns=(about.st_atime_ns, about.st_mtime_ns))
        beside.rename(path)

    return make


def relink(folder):
    (folder / "teams/two.yaml").unlink()
    (folder / "teams/two.yaml").symlink_to("../people/three.yaml")


MEANWHILE = {
    "spec saved": edit("spec.yaml", "guest: 2Gi", "guest: 3Gi"),
    "spec saved over, times kept": over("spec.yaml", "guest: 2Gi", "guest: 3Gi"),
    "team added": lambda f: write(f, {"teams/new.yaml": TEAM % "new"}),
    "team removed": lambda f: (f / "teams/one.yaml").unlink(),
    "team renamed away": lambda f: (f / "teams/one.yaml").rename(f / "teams/one.bak"),
    "overlay added": lambda f: write(f, {"overlays/new/spec.yaml": "spec: {}\n"}),
    "kustomization added": lambda f: write(
        f, {"overlays/dev/kustomization.yml": COMPONENT + "commonAnnotations: {a: b}\n"}
    ),
    "template shadowed": lambda f: write(f, {"templates/machine/machine.yaml.j2": "{# nothing #}\n"}),
    "policy added": lambda f: write(f, {"policies/grows/policy.yaml": POLICY, "policies/grows/binding.yaml": BINDING}),
    "link retargeted": relink,
    "link's target saved": edit("people/two.yaml", "1Gi", "2Gi"),
    "named file saved": edit("parts/user.yaml", "#cloud-config", "#cloud-config\nhostname: x"),
    "rendered file edited": edit(GW, "guest: 2Gi", "guest: 4Gi"),
    "rendered file removed": lambda f: (f / GW).unlink(),
    "rendered file added": lambda f: write(f, {"rendered/dev/vpn/more.yaml": "a: b\n"}),
    "record edited": edit("rendered/dev/.qatgen.json", "virtualmachine-gw.yaml", "virtualmachine-wg.yaml"),
}


def changing(monkeypatch, when, *edits):
    """Make each edit in one render of a check: before it (after the first look) or after it."""
    real, todo = command._findings, list(edits)

    def findings(order, others):
        make = todo.pop(0) if todo else None
        if make and when == "before":
            make(Path.cwd())
        found = real(order, others)
        if make and when == "after":
            make(Path.cwd())
        return found

    monkeypatch.setattr(command, "_findings", findings)


@pytest.mark.parametrize("name", MEANWHILE)
def test_what_changes_after_it_was_read_is_never_remembered(project, name, monkeypatch):
    with monkeypatch.context() as patch:
        changing(patch, "after", MEANWHILE[name])
        assert qatgen(project, "check").code == 1
    assert qatgen(project, "check").code == 1


def test_what_changes_and_changes_back_is_read_again(project, monkeypatch):
    back = edit("spec.yaml", "guest: 3Gi", "guest: 2Gi")
    with monkeypatch.context() as patch:
        changing(patch, "before", MEANWHILE["spec saved"], back)
        result = qatgen(project, "check", "--color", "never")
    assert (result.code, "error[CHK007 changed-meanwhile]" in result.err, "spec.yaml" in result.err) == (1, True, True)
    assert qatgen(project, "check").out == "rendered is current\n"


def test_a_file_that_changes_once_is_judged_as_it_is_then(project, monkeypatch):
    edit("spec.yaml", "guest: 2Gi", "guest: 3Gi")(project)
    with monkeypatch.context() as patch:
        changing(patch, "after", edit("spec.yaml", "guest: 3Gi", "guest: 2Gi"))
        assert qatgen(project, "check").out == "rendered is current\n"


def took_the_short_way(folder, monkeypatch, *arguments):
    with monkeypatch.context() as patch:
        patch.setattr("generator.cli.check._check", lambda *_: 7)
        return qatgen(folder, "check", *arguments).code == 0


@pytest.fixture
def remembered(project, monkeypatch):
    git(project, "init", "-q")
    assert qatgen(project, "check").code == 0
    assert took_the_short_way(project, monkeypatch)
    return project


@needs_git
def test_files_that_were_just_saved_are_known_by_content(remembered, monkeypatch):
    about = (remembered / "spec.yaml").stat()
    edit("spec.yaml", "guest: 2Gi", "guest: 3Gi")(remembered)
    os.utime(remembered / "spec.yaml", ns=(about.st_atime_ns, about.st_mtime_ns))
    assert not took_the_short_way(remembered, monkeypatch)
    edit("spec.yaml", "guest: 3Gi", "guest: 2Gi")(remembered)
    assert took_the_short_way(remembered, monkeypatch)  # the same bytes in the same file


@needs_git
@pytest.mark.parametrize("setting", ["--env=dev", "--fail-on=warning", "--today=2026-01-01", "--output-dir=other"])
def test_options_that_change_a_verdict_are_part_of_it(remembered, monkeypatch, setting):
    assert not took_the_short_way(remembered, monkeypatch, setting)


@needs_git
def test_settings_and_versions_are_part_of_it(remembered, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv("QATGEN_ANYTHING", "1")
        assert not took_the_short_way(remembered, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr("sys.version", "3.99")
        assert not took_the_short_way(remembered, monkeypatch)
    assert took_the_short_way(remembered, monkeypatch)


def _edited(memory):
    line, _, text = memory.read_text().partition("\n")
    data = json.loads(text)
    data["key"][-1] += "x"
    memory.write_text(f"{line}\n{json.dumps(data)}")


def _as_pipe(memory):
    memory.unlink()
    os.mkfifo(memory)


UNBELIEVED = {
    "file others write": lambda m: m.chmod(0o606),
    "file the group writes": lambda m: m.chmod(0o660),
    "folder others write": lambda m: m.parent.chmod(0o777),
    "git folder others write": lambda m: m.parent.parent.chmod(0o777),
    "file is a link": lambda m: (m.rename(m.parent / "real"), m.symlink_to("real")),
    "folder is a link": lambda m: (m.parent.rename(m.parents[1] / "real"), m.parent.symlink_to("real")),
    "edited": _edited,
    "cut off": lambda m: m.write_bytes(m.read_bytes()[:-9]),
    "empty": lambda m: m.write_bytes(b""),
    "not text": lambda m: m.write_bytes(bytes(range(256))),
    "nested": lambda m: m.write_text("[" * 100_000),
    "large": lambda m: os.truncate(m, 1 << 30),
    "a pipe": _as_pipe,
    "a folder": lambda m: (m.unlink(), m.mkdir()),
}


@needs_git
@pytest.mark.parametrize("way", UNBELIEVED)
def test_a_memory_that_is_not_ours_alone_is_not_believed(remembered, monkeypatch, way):
    UNBELIEVED[way](remembered / ".git/qatgen/check.json")
    assert not took_the_short_way(remembered, monkeypatch)
    assert qatgen(remembered, "check").out == "rendered is current\n"


@needs_git
def test_a_memory_of_another_owner_or_of_the_future_is_not_believed(remembered, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("os.geteuid", lambda: 4711)
        assert not took_the_short_way(remembered, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr("time.time_ns", lambda: 10**18)
        assert not took_the_short_way(remembered, monkeypatch)
    assert took_the_short_way(remembered, monkeypatch)


@needs_git
def test_memory_is_private_and_ci_writes_none(remembered, monkeypatch):
    memory = remembered / ".git/qatgen/check.json"
    assert (memory.stat().st_mode & 0o777, memory.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [path.name for path in memory.parent.iterdir()] == ["check.json"]
    memory.unlink()
    monkeypatch.setenv("CI", "1")
    assert qatgen(remembered, "check").code == 0
    assert not memory.exists()


@needs_git
def test_a_clock_that_goes_backwards_leaves_nothing_to_remember(project, monkeypatch):
    git(project, "init", "-q")
    times = iter(range(10**18, 0, -(10**12)))
    with monkeypatch.context() as patch:
        patch.setattr("time.time_ns", lambda: next(times))
        assert qatgen(project, "check").code == 0
    assert not (project / ".git/qatgen/check.json").exists()


@needs_git
def test_a_worktree_has_a_memory_of_its_own(project, monkeypatch, tmp_path):
    git(project, "init", "-q")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "x")
    git(project, "worktree", "add", "-q", str(tmp_path / "second"))
    assert qatgen(tmp_path / "second", "check").code == 0
    assert (project / ".git/worktrees/second/qatgen/check.json").is_file()
    assert took_the_short_way(tmp_path / "second", monkeypatch)
    assert not took_the_short_way(project, monkeypatch)
    git(tmp_path / "second", "commit", "-q", "--allow-empty", "-m", "more")
    assert not took_the_short_way(tmp_path / "second", monkeypatch)


@pytest.fixture
def judged(project):
    """A policy refuses a change of memory from HEAD; HEAD has what is rendered."""
    write(project, {"policies/grows/policy.yaml": POLICY, "policies/grows/binding.yaml": BINDING})
    assert qatgen(project, "render", "-q").code == 0
    git(project, "init", "-q")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "2Gi")
    edit("spec.yaml", "guest: 2Gi", "guest: 3Gi")(project)
    shutil.rmtree(project / "rendered")
    (project / "policies").rename(project.parent / "aside")
    assert qatgen(project, "render", "-q").code == 0
    (project.parent / "aside").rename(project / "policies")
    git(project, "rm", "-rq", "--cached", "rendered")
    git(project, "commit", "-qam", "nothing is delivered")
    assert qatgen(project, "render", "-q").code == 0
    git(project, "add", "-A")
    git(project, "commit", "-qm", "3Gi")
    assert qatgen(project, "check").out == "rendered is current\n"
    return project


MOVES = {
    "reset": ["reset", "-q", "--soft", "HEAD~2"],
    "reset, packed": ["reset", "-q", "--soft", "HEAD~2"],
    "detached": ["update-ref", "--no-deref", "HEAD", "HEAD~2"],
    "another branch": ["symbolic-ref", "HEAD", "refs/heads/old"],
}


@needs_git
@pytest.mark.parametrize("move", MOVES)
def test_where_head_is_counts(judged, move, monkeypatch):
    git(judged, "branch", "old", "HEAD~2")
    if move == "detached":
        git(judged, "checkout", "-q", "--detach")
    assert qatgen(judged, "check").code == 0
    git(judged, *MOVES[move])
    if "packed" in move:
        git(judged, "pack-refs", "--all")
    result = qatgen(judged, "check", "--color", "never")
    assert (result.code, "OWN-001" in result.err) == (1, True)
    # Variables that lead git elsewhere change nothing.
    monkeypatch.setenv("GIT_DIR", str(judged.parent))
    assert qatgen(judged, "check").code == 1


def test_nothing_in_a_tree_makes_it_hang(project):
    os.mkfifo(project / "rendered/dev/vpn/pipe.yaml")
    (project / GW).unlink()
    os.mkfifo(project / GW)
    (project / "rendered/prod/device.yaml").symlink_to("/dev/zero")
    os.truncate(project / "rendered/prod/vpn/virtualmachine-gw.yaml", 1 << 33)
    result = qatgen(project, "check", "--color", "never")
    found = set(re.findall(r"error\[(CHK\d+) .*\n\s+--> (\S+)", result.err))
    assert result.code == 1
    assert found >= {
        ("CHK004", "rendered/dev/vpn/pipe.yaml"),
        ("CHK003", GW),
        ("CHK004", "rendered/prod/device.yaml"),
        ("CHK002", "rendered/prod/vpn/virtualmachine-gw.yaml"),
    }
