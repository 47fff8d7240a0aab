"""What the documents tell people to do, done: every command block runs and prints what the page says."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.documents import blocks, try_page, workspace
from tests.support.workspace import REPOSITORY, qatgen

PAGES = ["README.md", *sorted(p.relative_to(REPOSITORY).as_posix() for p in (REPOSITORY / "docs").glob("*.md"))]
NOT_RUN = (
    "make",
    "pip",
    "pipx",
    "git",
    "kubectl",
    "flux",
    "argocd",
    "podman",
    "docker",
    "source",
    "cd",
    "pre-commit",
    ".venv/bin/python",
    "python",
)
"""Programs that blocks which are not run may name: what needs a network, a cluster or the reader's own shell."""


def prepared(kind: str, folder: Path) -> Path:
    """A folder as a page's workspace begins."""
    if kind == "repository":
        kept = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
        for name in kept.splitlines():
            if not name.startswith(("tests/", "benchmarks/")) and (REPOSITORY / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(REPOSITORY / name, folder / name)
        (folder / ".venv").symlink_to(sys.prefix)
    elif kind == "init":
        assert qatgen(folder, "init", "demo").code == 0
        folder /= "demo"
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "--allow-empty", "-m", "begin"]):
        who = ["-c", "user.name=someone", "-c", "user.email=someone@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *command], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize("page", PAGES)
def test_commands_run_and_print_what_the_page_says(page, tmp_path, monkeypatch):
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    kind = workspace(text)
    if not kind:
        assert not [block.line for block in blocks(text) if block.language == "sh"], "say `<!-- workspace: … -->`"
        return
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "someone")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "someone@example.com")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "work"
    folder.mkdir()
    assert list(try_page(text, prepared(kind, folder), Path(sys.executable).parent)) == []


@pytest.mark.parametrize("page", PAGES)
def test_what_is_not_run_could_not_be(page):
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    for block in blocks(text):
        assert block.language, f"line {block.line}: a block says what it is"
        if block.language == "console":
            for line in block.text.replace("\\\n", " ").splitlines():
                if line.strip() and not line.lstrip().startswith("#"):
                    assert line.split()[0] in NOT_RUN, f"line {block.line}: {line}"


def test_a_page_that_does_not_tell_the_truth_is_noticed(tmp_path):
    page = "```sh\necho one\nfalse\n```\n\n```text\ntwo\n```\n"
    assert [told.split(":")[0] for told in try_page(page, tmp_path, tmp_path)] == ["line 1", "line 6"]


def test_the_index_names_every_page_and_the_readme_names_the_index():
    index = (REPOSITORY / "docs" / "README.md").read_text(encoding="utf-8")
    for page in (REPOSITORY / "docs").glob("*.md"):
        assert page.name == "README.md" or f"]({page.name})" in index, page.name
    assert "](docs/README.md)" in (REPOSITORY / "README.md").read_text(encoding="utf-8")
