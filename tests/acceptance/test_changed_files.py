"""What changed files concern: every kind of file leads to exactly the environments that depend on it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from generator.finding import Halt
from generator.pipeline.changed import what_changed
from tests.support.changing import COMPONENT, FILES, MAPPED
from tests.support.workspace import inside, qatgen, write

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not there")


def git(folder, *arguments):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The project, rendered and committed; tests work on copies."""
    folder = tmp_path_factory.mktemp("made") / "project"
    write(folder, FILES)
    result = qatgen(folder, "render", "-q")
    assert result.code == 0, result.err
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "delivered")
    return folder


@pytest.fixture
def project(made, tmp_path, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    for name in ("PRE_COMMIT", "PRE_COMMIT_FROM_REF"):
        monkeypatch.delenv(name, raising=False)
    return shutil.copytree(made, tmp_path / "project", symlinks=True)


def concerned(folder, *files, base=""):
    """The environments that a change concerns, with the file that does."""
    with inside(folder):
        found = what_changed(Path("spec.yaml"), Path("rendered"), [Path(file) for file in files], base)
    assert found.affected is not None, found.why
    return found.affected


def stale(folder, monkeypatch):
    """The environments a whole check finds something in."""
    with monkeypatch.context() as patch:
        patch.setenv("CI", "1")
        result = qatgen(folder, "check", "--color", "never")
    return set(re.findall(r"--> rendered/(\w)/", result.err))


@pytest.mark.parametrize(("change", "expected"), [pytest.param(c[1], e, id=f"{c[0]}: {e}") for c, e in MAPPED])
def test_what_a_file_concerns(project, change, expected):
    change(project)
    assert "".join(concerned(project).environments) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [pytest.param(c[1], e, id=c[0]) for c, e in MAPPED if len(e) == 1 and ("edit" in c[0] or "teams" in c[0])],
)
def test_no_environment_that_is_stale_is_passed_over(project, change, expected, monkeypatch):
    change(project)
    assert stale(project, monkeypatch) <= {expected}


def test_what_git_tells(project):
    assert (dict(concerned(project).environments), concerned(project).shared) == ({}, "")
    write(project, {"overlays/b/spec.yaml": "spec:\n  kubevirt: {assignment: qats}\n# staged\n"})
    git(project, "add", "-A")
    assert list(concerned(project).environments) == ["b"]
    git(project, "commit", "-qm", "b")
    assert list(concerned(project).environments) == []
    assert list(concerned(project, base="HEAD~1").environments) == ["b"]
    with pytest.raises(Halt, match="no revision"):
        concerned(project, base="nowhere")


def test_a_list_of_files_and_what_is_gone(project):
    write(project, {"overlays/b/spec.yaml": "spec:\n  kubevirt: {assignment: qats}\n# b\n"})
    assert list(concerned(project, "cloud-init/gw.yaml").environments) == ["a"]
    assert list(concerned(project, project / "overlays/c/spec.yaml").environments) == ["c"]
    assert list(concerned(project, "overlays").environments) == ["a", "b", "c"]
    (project / "teams/radio.yaml").unlink()
    assert list(concerned(project, "cloud-init/gw.yaml").environments) == ["a", "c"]


def test_files_git_is_told_to_ignore_are_never_taken_for_unchanged(project):
    write(project, {".gitignore": "gw.yaml\n"})
    git(project, "rm", "-q", "--cached", "cloud-init/gw.yaml")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "ignored")
    assert dict(concerned(project).environments) == {"a": "cloud-init/gw.yaml"}
    write(project, {".gitignore": "rendered/c\n"})
    git(project, "rm", "-rq", "--cached", "rendered/c")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "ignored")
    assert dict(concerned(project).environments) == {"c": "rendered/c/.qatgen.json"}


def test_a_spec_below_the_top_and_a_file_above_it(tmp_path, monkeypatch):
    monkeypatch.delenv("PRE_COMMIT_FROM_REF", raising=False)
    files = {f"site/{name}": text for name, text in FILES.items()}
    files["site/overlays/a/kustomization.yaml"] = (
        COMPONENT + "components: [../../../shared/big]\nresources: [widget.yaml]\n"
    )
    files |= {name.replace("site/parts", "shared"): text for name, text in files.items() if "/parts/" in name}
    write(tmp_path, files)
    git(tmp_path, "init", "-q")  # the work tree is the root: without one nothing above the spec's folder is read
    assert qatgen(tmp_path / "site", "render", "-q").code == 0
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "x")
    write(tmp_path, {"shared/big/patch.yaml": files["shared/big/patch.yaml"].replace("big", "huge"), "other/x": ""})
    assert list(concerned(tmp_path / "site").environments) == ["a"]


def test_a_tree_of_all_environments_edited_by_hand(project):
    file = project / "rendered/schema/swagger.json"
    file.write_text(file.read_text() + "\n")
    assert (dict(concerned(project).environments), concerned(project).shared) == ({}, "rendered/schema/swagger.json")
    result = qatgen(project, "check", "--changed-only", "--color", "never")
    assert (result.code, "CHK003" in result.err, "rendered/schema/swagger.json" in result.err) == (1, True, True)


def run(folder, *arguments):
    return qatgen(folder, "check", "--changed-only", "--color", "never", *arguments)


def test_the_command(project, monkeypatch):
    result = run(project)
    assert (result.code, result.out) == (0, "rendered depends on nothing that changed (not concerned: a, b, c)\n")
    write(project, {"cloud-init/gw.yaml": "#cloud-config\nhostname: gw\n"})
    result = run(project, "cloud-init/gw.yaml")
    assert (result.code, set(re.findall(r"rendered/(\w)/", result.err))) == (1, {"a"})
    assert "run `qatgen render`" in result.err
    assert qatgen(project, "render", "-q").code == 0
    result = run(project, "cloud-init/gw.yaml")
    assert result.out == "rendered is current: a was checked (cloud-init/gw.yaml); not concerned: b, c\n"
    monkeypatch.setenv("CI", "1")
    assert run(project).out == "rendered is current: every environment was checked: CI is set\n"
    assert qatgen(project, "check", "spec.yaml").code == 2
    assert qatgen(project, "check", "--changed-only", "--env", "a").code == 2


def test_without_git_everything_is_checked(project, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    result = run(project, "overlays/b/spec.yaml")
    assert result.out.startswith("rendered is current: b was checked (overlays/b/spec.yaml)")
    result = run(project)
    expected = "rendered is current: every environment was checked: git does not tell what changed\n"
    assert (result.code, result.out) == (0, expected)


def test_a_commit_that_leaves_out_rendered_files(project, monkeypatch):
    git(project, "rm", "-rq", "--cached", "rendered/b")
    assert run(project).code == 0
    monkeypatch.setenv("PRE_COMMIT", "1")
    result = run(project)
    assert (result.code, "CHK006" in result.err, "git add rendered" in result.err) == (1, True, True)


def test_another_version_of_the_tool(project, monkeypatch):
    assert qatgen(project, "check", "-q").code == 0
    monkeypatch.setattr("generator.pipeline.trusted.__version__", "99")
    assert "qatgen has another version" in run(project).out


def test_hooks_of_a_push_compare_with_what_is_there_already(project, monkeypatch):
    write(project, {"cloud-init/gw.yaml": "#cloud-config\nhostname: gw\n"})
    git(project, "commit", "-qam", "a")
    assert "depends on nothing that changed" in run(project).out
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "HEAD~1")
    assert "rendered/a/" in run(project).err
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "0" * 40)
    assert "rendered/a/" in run(project).err


def test_what_links_lead_to_is_depended_on(tmp_path, monkeypatch):
    monkeypatch.delenv("PRE_COMMIT_FROM_REF", raising=False)
    write(tmp_path, FILES)
    moved = {"overlays/c": "sites/c", "teams/radio.yaml": "people/radio.yaml", "policies/own": "rules/own"}
    for place, elsewhere in moved.items():
        (tmp_path / elsewhere).parent.mkdir(exist_ok=True)
        (tmp_path / place).rename(tmp_path / elsewhere)
        (tmp_path / place).symlink_to(f"../{elsewhere}")
    result = qatgen(tmp_path, "render", "-q")
    assert result.code == 0, result.err
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "x")
    assert list(concerned(tmp_path).environments) == []
    for file, expected in (("sites/c/spec.yaml", "c"), ("people/radio.yaml", "c"), ("rules/own/policy.yaml", "b")):
        text = (tmp_path / file).read_text()
        (tmp_path / file).write_text(f"{text}# more\n")
        assert "".join(concerned(tmp_path).environments) == expected, file
        (tmp_path / file).write_text(text)
