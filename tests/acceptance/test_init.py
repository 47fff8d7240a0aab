"""`qatgen init`: a repository in which everything works at once, and hooks that name real commands."""

import errno
import itertools
import os

import pytest
from click import Context

from generator.cli.program import qatgen as commands
from generator.source import Dialect, read_documents
from tests.support.workspace import REPOSITORY, qatgen, tree


@pytest.fixture
def edge(tmp_path):
    result = qatgen(tmp_path, "init", "edge")
    assert (result.code, result.err) == (0, "")
    return tmp_path / "edge"


@pytest.mark.parametrize("command", [["check"], ["validate", "rendered"], ["test", "--coverage", "--mutate"]])
def test_everything_passes_at_once(edge, command, monkeypatch):
    monkeypatch.setenv("CI", "true")
    result = qatgen(edge, "render", "--fail-on", "warning")
    assert (result.code, result.err) == (0, "")
    result = qatgen(edge, *command, "--fail-on", "warning")
    assert (result.code, result.err) == (0, "")


def test_what_it_holds(edge):
    files = tree(edge)
    assert {".gitignore", ".pre-commit-config.yaml", ".github/workflows/rendered.yaml", "argocd/root.yaml"} <= set(
        files
    )
    assert not [name for name, text in files.items() if b"PLATFORM" in text or b"VERSION" in text or "_dot_" in name]
    assert qatgen(edge, "render", "-q").code == 0
    assert [name for name in tree(edge) if name.startswith("rendered/argocd/applicationset")]


def test_files_that_are_there_are_never_touched(tmp_path):
    (tmp_path / "spec.yaml").write_text("mine\n")
    result = qatgen(tmp_path, "init")
    assert (result.code, "spec.yaml exists already" in result.err) == (2, True)
    assert tree(tmp_path) == {"spec.yaml": b"mine\n"}
    assert qatgen(tmp_path, "init", "x", "--name", "No Name").code == 2


def test_nothing_is_left_where_it_could_not_be_finished(tmp_path, monkeypatch):
    real = os.write
    count = itertools.count()

    def full(*arguments):
        if next(count) == 5:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*arguments)

    (tmp_path / "edge").mkdir()
    (tmp_path / "edge/mine.txt").write_text("kept")
    monkeypatch.setattr("generator.emit.create.os.write", full)
    result = qatgen(tmp_path, "init", "edge")
    assert (result.code, "No space left on device; nothing was written" in result.err) == (2, True)
    assert [path.name for path in (tmp_path / "edge").iterdir()] == ["mine.txt"]


def test_hooks_run_commands_there_are():
    hooks = read_documents((REPOSITORY / ".pre-commit-hooks.yaml").read_bytes(), "hooks", Dialect.KUBERNETES)[0].data
    ids = [hook["id"] for hook in hooks]
    assert ids == [f"qatgen-{name}{end}" for end in ("", "-system") for name in ("render", "check", "validate", "test")]
    for hook in hooks:
        program, command, *_ = hook["entry"].split()
        assert program == "qatgen"
        assert commands.get_command(Context(commands), command) is not None
        assert hook["language"] == ("system" if hook["id"].endswith("-system") else "python")
