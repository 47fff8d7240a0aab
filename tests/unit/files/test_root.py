"""Which folder is the root."""

import os
from pathlib import Path

import pytest

from generator.files import (
    BadRootError,
    Chosen,
    Reason,
    RefusedError,
    check_holds,
    choose,
    door_of,
    quoted,
    read_named,
    work_tree,
)


@pytest.fixture
def top(tmp_path, monkeypatch):
    (tmp_path / "repo/site/deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path.resolve()


@pytest.mark.parametrize("git", ["folder", "file", "nothing", "a FIFO"])
def test_the_work_tree_is_the_root(top, git):
    place = top / "repo/.git"
    if git == "folder":
        place.mkdir()
    elif git == "file":
        place.write_text("gitdir: elsewhere\n")
    elif git == "a FIFO":
        os.mkfifo(place)
    expected = top / "repo" if git in ("folder", "file") else top / "repo/site"
    assert door_of(Path("repo/site")).root == expected


def test_the_nearest_work_tree_counts_and_variables_of_git_do_not(top, monkeypatch):
    (top / ".git").mkdir()
    (top / "repo/.git").mkdir()
    monkeypatch.setenv("GIT_DIR", str(top / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(top))
    assert work_tree(top / "repo/site/deep") == top / "repo"


def test_a_work_tree_of_somebody_else_is_not_believed(top, monkeypatch):
    (top / "repo/.git").mkdir()
    monkeypatch.setattr("generator.files.root.os.geteuid", lambda: os.getuid() + 1)
    assert work_tree(top / "repo/site") is None
    assert door_of(Path("repo/site")).root == top / "repo/site"


def test_the_current_folder_holds_what_has_no_work_tree(top):
    assert door_of(Path("repo/site"), within=Path.cwd()).root == top
    assert door_of(Path("repo/site"), within=top / "repo/site/deep").root == top / "repo/site"


def test_roots_that_are_chosen(top):
    (top / "repo/.git").mkdir()
    site = top / "repo/site"
    assert door_of(site, choose("repo/site", "")).root == site
    assert door_of(site, choose("", "repo/site")).root == site
    assert door_of(site, choose("", str(top))).root == top / "repo", "a wider limit leaves the work tree"
    assert door_of(site / "deep", choose("repo/site/deep", "repo/site")).root == site / "deep"
    assert door_of(top / "repo", choose("repo/site", "")).root == top / "repo", "a folder that a person names elsewhere"
    (top / "repo/.git").rmdir()
    assert door_of(site, choose("", "repo")).root == top / "repo"


def test_roots_that_are_none(top):
    (top / "file").write_text("")
    for flag, variable in (("none", ""), ("file", ""), ("", "none"), (".", "repo"), ("repo", "repo/site")):
        with pytest.raises(BadRootError):
            choose(flag, variable)
    with pytest.raises(BadRootError, match="does not hold"):
        check_holds(choose("repo/site", ""), Path("repo"))
    check_holds(choose("repo", "."), Path("repo/site"))
    check_holds(Chosen(), Path("/"))


@pytest.mark.parametrize("typed", ["repo/site", "link/site", "repo/../repo/site", "link/../repo/site"])
def test_the_way_to_the_root_may_be_a_link(top, typed):
    (top / "link").symlink_to("repo")
    (top / "repo/site/file").write_text("x")
    assert door_of(Path(typed)).read(Path(typed, "file")) == b"x"
    assert door_of(top / typed).read(top / typed / "file") == b"x"


def test_folders_that_are_none(top):
    (top / "file").write_text("")
    for name, reason in (("none", Reason.MISSING), ("file", Reason.NO_FOLDER)):
        with pytest.raises(RefusedError) as refused:
            door_of(Path(name))
        assert refused.value.reason is reason


def test_files_that_a_person_names(top):
    (top / "file").write_text("x")
    (top / "repo/link").symlink_to("../file")
    (top / "dangling").symlink_to("none")
    os.mkfifo(top / "fifo")
    assert read_named(Path("repo/link")) == b"x", "the person's own link"
    for name, reason in (
        ("fifo", Reason.SPECIAL), ("/dev/zero", Reason.SPECIAL), ("repo", Reason.FOLDER), ("none", Reason.MISSING),
        ("dangling", Reason.DANGLING), ("a\0b", Reason.MISSING),
    ):  # fmt: skip
        with pytest.raises(RefusedError) as refused:
            read_named(Path(name))
        assert refused.value.reason is reason, name
    with pytest.raises(RefusedError, match="1 bytes, the limit is 0"):
        read_named(Path("file"), 0)


def test_pipes_of_the_caller():
    reader, writer = os.pipe()
    os.write(writer, b"abc")
    os.close(writer)
    assert read_named(Path(f"/dev/fd/{reader}")) == b"abc"
    os.close(reader)
    reader, writer = os.pipe()
    os.write(writer, b"abcd")
    with pytest.raises(RefusedError) as refused:
        read_named(Path(f"/dev/fd/{reader}"), 3)
    assert refused.value.reason is Reason.LARGE
    os.close(reader)
    os.close(writer)


def test_what_reports_quote(top, monkeypatch):
    (top / "outside").write_text("outside")
    (top / "repo/in").write_text("in")
    (top / "repo/out").symlink_to("../outside")
    (top / "repo/there").symlink_to("in")
    monkeypatch.chdir("repo")
    assert [quoted(name) for name in ("in", "there", "out", "none", "../outside")] == [
        "in",
        "in",
        None,
        None,
        "outside",
    ]
    assert quoted(str(top / "repo/in")) == "in"
    assert quoted(str(top / "repo/out")) is None
    monkeypatch.chdir("site")
    assert quoted("../in") == "in"
    assert quoted("../out") is None
    assert [quoted(name) for name in ("..", ".", "", "/", "a\0b", "../..")] == [None] * 6
