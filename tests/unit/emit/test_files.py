"""Single files: all or none, only over what was looked at, and as the file was."""

import errno
import os
from pathlib import Path

import pytest

from generator.emit import NewFile, current, put_file, put_files, rules
from generator.emit.create import create_files, in_the_way
from generator.finding import Halt


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_file_keeps_its_mode_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "a").chmod(0o640)
    assert put_file(tmp_path / "a", b"2")
    assert not put_file(tmp_path / "a", b"2")
    assert ((tmp_path / "a").read_bytes(), (tmp_path / "a").stat().st_mode & 0o777) == (b"2", 0o640)
    assert put_file(tmp_path / "x/y/b", b"1")
    assert names(tmp_path) == ["a", "x", "x/y", "x/y/b"]


def test_all_names_of_a_file_go_on_naming_it(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"long text")
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    put_file(tmp_path / "a", b"short")
    assert ((tmp_path / "b").read_bytes(), (tmp_path / "a").stat().st_nlink) == (b"short", 2)


@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "pipe"])
def test_what_is_not_a_file_is_refused(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "a"
    (tmp_path / "real").write_bytes(b"1")
    if kind in ("link", "dangling"):
        place.symlink_to("real" if kind == "link" else "nowhere")
    elif kind == "folder":
        place.mkdir()
    else:
        os.mkfifo(place)
    with pytest.raises(Halt):
        put_file(place, b"2")
    assert ((tmp_path / "real").read_bytes(), names(tmp_path)) == (b"1", ["a", "real"])


def test_a_file_that_changed_since_it_was_read_is_refused_and_all_stay(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(b"1")
    new = [NewFile(tmp_path / name, b"2", current(tmp_path / name)) for name in "ab"]
    (tmp_path / "b").write_bytes(b"saved")
    with pytest.raises(Halt) as halt:
        put_files(new)
    assert halt.value.findings[0].rule == rules.CHANGED
    assert [(tmp_path / name).read_bytes() for name in "ab"] == [b"1", b"saved"]
    assert names(tmp_path) == ["a", "b"]


def test_a_file_that_came_since_is_not_replaced(tmp_path: Path) -> None:
    new = NewFile(tmp_path / "a", b"2", None)
    (tmp_path / "a").write_bytes(b"mine")
    with pytest.raises(Halt):
        put_files([new])
    assert (tmp_path / "a").read_bytes() == b"mine"


def test_what_stands_where_we_write_for_a_moment_is_not_clobbered(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / ".a.qatgen.new").write_bytes(b"mine")
    with pytest.raises(Halt) as halt:
        put_file(tmp_path / "a", b"2")
    assert halt.value.findings[0].rule == rules.UNKNOWN
    assert (tmp_path / ".a.qatgen.new").read_bytes() == b"mine"
    (tmp_path / ".a.qatgen.lock").touch()  # with the lock beside it a run of ours that died left it
    assert put_file(tmp_path / "a", b"2")
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES])
@pytest.mark.parametrize("call", ["open", "write", "fsync", "rename", "link", "fchmod"])
def test_a_failure_at_any_call_leaves_every_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    halted = 0
    for number in range(60):
        for name in "ab":
            (tmp_path / name).write_bytes(b"1")
        (tmp_path / "c").unlink(missing_ok=True)
        left, real = number, getattr(os, call)

        def failing(*arguments: object, **named: object) -> object:
            nonlocal left
            left -= 1
            if left == -1:
                raise OSError(code, os.strerror(code))
            return real(*arguments, **named)  # noqa: B023

        with monkeypatch.context() as patch:
            patch.setattr(os, call, failing)
            try:
                put_files([NewFile(tmp_path / name, b"2", b"1" if name != "c" else None) for name in "abc"])
                expected = [b"2", b"2", b"2"]
            except Halt:
                halted += 1
                expected = [b"1", b"1"]
        assert [(tmp_path / name).read_bytes() for name in names(tmp_path)] == expected
        assert names(tmp_path) == ["a", "b", "c"][: len(expected)]
        if left >= 0:
            break
    assert halted


WAYS = {
    "file": lambda top: (top / "spec.yaml").write_text("mine"),
    "empty file": lambda top: (top / "spec.yaml").touch(),
    "dangling link": lambda top: (top / "spec.yaml").symlink_to("../elsewhere/new"),
    "folder": lambda top: (top / "spec.yaml").mkdir(),
    "pipe": lambda top: os.mkfifo(top / "spec.yaml"),
    "a link as a folder": lambda top: (top / "overlays").symlink_to("../elsewhere"),
    "a file as a folder": lambda top: (top / "overlays").write_text("mine"),
    "a link deep": lambda top: ((top / "overlays").mkdir(), (top / "overlays/dev").symlink_to("../../elsewhere")),
}


@pytest.mark.parametrize("kind", WAYS)
def test_nothing_is_created_over_or_through_what_is_there(tmp_path: Path, kind: str) -> None:
    top = tmp_path / "top"
    top.mkdir()
    (tmp_path / "elsewhere").mkdir()
    files = {"README": b"1", "overlays/dev/spec.yaml": b"2", "spec.yaml": b"3"}
    WAYS[kind](top)
    before = names(tmp_path)
    assert in_the_way(top, files)
    with pytest.raises(OSError) as error:  # noqa: PT011 - whatever the system says
        create_files(top, files)
    assert error.value.filename
    assert names(tmp_path) == before


def test_folders_that_are_there_are_used(tmp_path: Path) -> None:
    (tmp_path / "real/overlays").mkdir(parents=True)
    (tmp_path / "top").symlink_to("real")
    create_files(tmp_path / "top", {"overlays/dev/x": b"1"})
    assert (tmp_path / "real/overlays/dev/x").read_bytes() == b"1"
