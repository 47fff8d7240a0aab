"""What dead runs left is removed by the next; what may be the user's, or a living run's, is not."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.emit import StagedTree, scratch
from generator.emit.remove import remove_folder
from generator.emit.swap import lock, unlock


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def as_nobody(work: Callable[[Path], None]) -> None:
    """Work in a folder as a user whom permissions bind."""
    with tempfile.TemporaryDirectory() as name:
        if os.geteuid() == 0:
            os.chown(name, 65534, 65534)
        process = os.fork()
        if process == 0:
            try:
                if os.geteuid() == 0:
                    os.setgid(65534)
                    os.setuid(65534)
                work(Path(name))
                os._exit(0)
            finally:
                os._exit(1)
        assert os.waitpid(process, 0)[1] == 0


@pytest.mark.parametrize("mode", [0o555, 0o500, 0o000, 0o444, 0o300])
def test_a_staging_folder_that_may_not_be_written_to(mode: int) -> None:
    def work(top: Path) -> None:
        deep = top / ".dev.qatgen.new/vpn/deep"
        deep.mkdir(parents=True)
        (deep / "file").touch()
        for folder in (deep, deep.parent, deep.parent.parent):
            folder.chmod(mode)
        with StagedTree(top / "prod"):
            pass
        assert names(top) == []

    as_nobody(work)


@pytest.mark.parametrize("beside", [(), ("0", "1", "3")], ids=["alone", "beside folders of such names"])
def test_folders_of_any_depth_are_removed(tmp_path: Path, beside: tuple[str, ...]) -> None:
    folder = inner = os.open(tmp_path, os.O_RDONLY)
    for depth in range(3000):
        name = "d" if depth else ".dev.qatgen.new"
        os.mkdir(name, dir_fd=inner)
        above, inner = inner, os.open(name, os.O_RDONLY, dir_fd=inner)
        if above != folder:
            os.close(above)
        if depth % 500 == 0:
            os.close(os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=inner))
            for other in beside:
                os.mkdir(other, dir_fd=inner)
    os.close(inner)
    remove_folder(folder, ".dev.qatgen.new")
    os.close(folder)
    assert names(tmp_path) == []


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").touch()
    (tmp_path / "x").mkdir()
    (tmp_path / "x/link").symlink_to("../kept")
    folder = os.open(tmp_path, os.O_RDONLY)
    remove_folder(folder, "x")
    (tmp_path / "x").symlink_to("kept")
    with pytest.raises(NotADirectoryError):
        remove_folder(folder, "x")
    os.close(folder)
    assert (names(tmp_path), names(tmp_path / "kept")) == (["kept", "x"], ["file"])


def test_what_is_left_of_any_tree_is_removed_but_for_living_runs(tmp_path: Path) -> None:
    for name in ("gone", "alive"):
        (tmp_path / f".{name}.qatgen.new/x").mkdir(parents=True)
        (tmp_path / f".{name}.qatgen.lock").touch()
    (tmp_path / ".aside.qatgen.old.new").mkdir()
    (tmp_path / ".mine.qatgen.new").write_text("a file is not ours")
    (tmp_path / ".full.qatgen.lock").write_text("nor is this")
    folder = os.open(tmp_path, os.O_RDONLY)
    held = lock(folder, ".alive.qatgen.lock")
    assert held is not None
    with StagedTree(tmp_path / "dev"):
        pass
    kept = [".full.qatgen.lock", ".mine.qatgen.new"]
    assert names(tmp_path) == [".alive.qatgen.lock", ".alive.qatgen.new", *kept, "aside"]
    unlock(folder, ".alive.qatgen.lock", held)
    os.close(folder)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_scratch_is_gone_afterwards(temporary: Path) -> None:
    with scratch("check") as folder:
        assert folder.name.startswith("qatgen-check-")
        (folder / "deep/er").mkdir(parents=True)
        with scratch() as other:
            assert names(temporary) == sorted((folder.name, other.name))
    assert names(temporary) == []


def test_scratch_of_dead_runs_is_removed(temporary: Path) -> None:
    process = os.fork()
    if process == 0:
        with scratch("check") as folder:
            (folder / "file").touch()
            os.kill(os.getpid(), 9)
    os.waitpid(process, 0)
    assert len(names(temporary)) == 1
    (temporary / "qatgen-empty").mkdir()
    (temporary / "qatgen-mine").mkdir()
    (temporary / "qatgen-mine/file").touch()
    (temporary / "qatgen-file").touch()
    (temporary / "other").mkdir()
    (temporary / "qatgen-link").symlink_to("other")
    with scratch():
        pass
    assert names(temporary) == ["other", "qatgen-file", "qatgen-link", "qatgen-mine"]


def test_scratch_of_others_stays(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (temporary / "qatgen-theirs").mkdir()
    (temporary / "qatgen-theirs/.lock").touch()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with scratch():
        pass
    assert names(temporary) == ["qatgen-theirs"]
