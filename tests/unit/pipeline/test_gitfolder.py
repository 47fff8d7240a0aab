"""The commit at HEAD, read from git's files: the same that git says."""

import shutil
import subprocess

import pytest

from generator.pipeline.git import git_says
from generator.pipeline.gitfolder import git_folder, head_of_work_tree

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not there")


def git(folder, *arguments):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "r"
    folder.mkdir()
    git(folder, "init", "-q")
    git(folder, "commit", "-q", "--allow-empty", "-m", "one")
    git(folder, "commit", "-q", "--allow-empty", "-m", "two")
    return folder


STATES = {
    "a branch": [],
    "packed": [["pack-refs", "--all"]],
    "packed, then moved": [["pack-refs", "--all"], ["commit", "-q", "--allow-empty", "-m", "three"]],
    "detached": [["checkout", "-q", "--detach", "HEAD~1"]],
    "a symbolic branch": [["symbolic-ref", "refs/heads/alias", "refs/heads/side"], ["branch", "side", "HEAD~1"],
                          ["symbolic-ref", "HEAD", "refs/heads/alias"]],
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_head(repository, state):
    for arguments in STATES[state]:
        git(repository, *arguments)
    said = git_says(repository, "rev-parse", "HEAD").decode().strip()
    assert head_of_work_tree(repository) == said != ""
    assert head_of_work_tree(repository / "not/there/yet") == said


def test_a_worktree_a_submodule_and_none(repository, tmp_path):
    git(repository, "worktree", "add", "-q", str(tmp_path / "w"), "HEAD~1")
    git(repository, "pack-refs", "--all")
    assert head_of_work_tree(tmp_path / "w") == git_says(tmp_path / "w", "rev-parse", "HEAD").decode().strip()
    assert head_of_work_tree(tmp_path / "w") != head_of_work_tree(repository)
    (tmp_path / "none").mkdir()
    assert (git_folder(tmp_path / "none"), head_of_work_tree(tmp_path / "none")) == (None, "")


def test_no_commit_yet_and_broken_ones(tmp_path):
    git(tmp_path, "init", "-q")
    assert head_of_work_tree(tmp_path).startswith("no commit at refs/heads/")
    (tmp_path / ".git/HEAD").write_text("ref: ../../etc/passwd\n")
    with pytest.raises(OSError, match="leads to"):
        head_of_work_tree(tmp_path)
    (tmp_path / ".git/HEAD").write_text("ref: refs/heads/a\n")
    (tmp_path / ".git/refs/heads/a").write_text("ref: refs/heads/a\n")
    with pytest.raises(OSError, match="circle"):
        head_of_work_tree(tmp_path)


def test_variables_and_settings_lead_git_nowhere(repository, tmp_path, monkeypatch):
    said = git_says(repository, "rev-parse", "HEAD")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    assert git_says(repository, "rev-parse", "HEAD") == said
    assert not (tmp_path / "trace").exists()
