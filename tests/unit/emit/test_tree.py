"""Trees: exchanged whole, left alone when equal, refused by findings."""

import errno
from pathlib import Path

import pytest

from generator.emit import StagedTree, TreeChange, commit, commit_trees, rules, swap, write_file
from generator.emit.ownership import RECORD
from generator.finding import Halt, Rule
from generator.pipeline.recording import plain_record


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def build(target: Path, files: dict[str, bytes]) -> TreeChange:
    """A whole run: files with their record, as every tree has one."""
    with StagedTree(target) as staged:
        for name, data in files.items():
            staged.write(name, data)
        if files:
            staged.write(RECORD, plain_record(files))
        return commit_trees([staged])[0]


def read(target: Path) -> dict[str, bytes]:
    files = {p.relative_to(target).as_posix(): p.read_bytes() for p in sorted(target.rglob("*")) if p.is_file()}
    return {name: raw for name, raw in files.items() if name != RECORD}


def code(halt: pytest.ExceptionInfo[Halt]) -> str:
    return halt.value.findings[0].rule.code


@pytest.fixture(params=["exchange", "rename"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(commit, "sync", lambda _: None)
    if request.param == "rename":
        monkeypatch.setattr(swap, "exchange", lambda *_: False)
    return str(request.param)


def test_stale_files_go_and_nothing_is_left_beside(tmp_path: Path) -> None:
    target = tmp_path / "out" / "dev"
    assert build(target, {"a/x.yaml": b"1", "b.yaml": b"2"}) == TreeChange(target, True, 3)
    assert build(target, {"a/x.yaml": b"3"}).changed
    assert read(target) == {"a/x.yaml": b"3"}
    assert names(target.parent) == ["dev"]


def test_an_equal_tree_is_not_exchanged(tmp_path: Path) -> None:
    target = tmp_path / "dev"
    build(target, {"a/x": b"1"})
    before = target.stat().st_ino
    assert not build(target, {"a/x": b"1"}).changed
    assert target.stat().st_ino == before
    assert names(tmp_path) == ["dev"]


@pytest.mark.parametrize("other", [{"a/x": b"2"}, {"a/y": b"1"}, {"a/x": b"1", "b": b""}, {"a/x": b"12"}, {}])
def test_any_difference_is_a_change(tmp_path: Path, other: dict[str, bytes]) -> None:
    build(tmp_path / "dev", {"a/x": b"1"})
    assert build(tmp_path / "dev", other).changed
    assert read(tmp_path / "dev") == other


@pytest.mark.parametrize(
    "name",
    ["", "/", "/a", "a/", "a//b", "..", ".", "../a", "a/../b", "a/./b", "a\0", "a\n", "C:", "a\\b", "é", "con", "NUL.yaml", "a/aux/b", "lpt1", "a.", "a./b", ".a/b", ".git", "..a", "-a", " a", "a ", "x" * 300, "a/" * 600 + "a", "~"],
)  # fmt: skip
def test_unsafe_names_are_refused(tmp_path: Path, name: str) -> None:
    with StagedTree(tmp_path / "dev") as staged:
        with pytest.raises(Halt) as halt:
            staged.write(name, b"")
        assert names(staged.path) == []
    assert code(halt) == rules.UNSAFE_NAME.code
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["a", "A-b_c.yaml", ".qatgen.jsn", "a/b/c.d", "console", "con-1", "0", "_x"])
def test_safe_names_are_written(tmp_path: Path, name: str) -> None:
    build(tmp_path / "dev", {name: b"1"})
    assert read(tmp_path / "dev") == {name: b"1"}


@pytest.mark.parametrize("files", [("a", "A"), ("x/a", "X/b"), ("x/a.yaml", "x/A.yaml")])
def test_names_that_differ_in_case_alone_are_refused(tmp_path: Path, files: tuple[str, ...]) -> None:
    with pytest.raises(Halt) as halt:
        build(tmp_path / "dev", dict.fromkeys(files, b""))
    assert code(halt) == rules.CASE_COLLISION.code
    assert names(tmp_path) == []


def test_a_second_run_is_refused(tmp_path: Path) -> None:
    with StagedTree(tmp_path / "dev") as first:
        first.write("a", b"1")
        with pytest.raises(Halt) as halt, StagedTree(tmp_path / "dev"):
            pass
        assert commit_trees([first])[0].changed
    assert code(halt) == rules.LOCKED.code
    assert read(tmp_path / "dev") == {"a": b"1"}


@pytest.mark.parametrize(
    ("kind", "rule"),
    [("link", rules.SYMLINK), ("dangling", rules.SYMLINK), ("file", rules.NOT_A_FOLDER), ("git", rules.REPOSITORY)],
)
def test_odd_targets_are_refused(tmp_path: Path, kind: str, rule: Rule) -> None:
    target, elsewhere = tmp_path / "dev", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_bytes(b"1")
    if kind == "git":
        (target / ".git").mkdir(parents=True)
    elif kind == "file":
        target.write_bytes(b"")
    else:
        target.symlink_to(elsewhere if kind == "link" else "nowhere")
    with pytest.raises(Halt) as halt:
        build(target, {"a": b""})
    assert code(halt) == rule.code
    assert names(tmp_path) == ["dev", "elsewhere"]
    assert read(elsewhere) == {"kept": b"1"}


def test_links_in_a_target_are_refused_or_removed_but_not_followed(tmp_path: Path) -> None:
    target, elsewhere = tmp_path / "dev", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a").write_bytes(b"1")
    target.mkdir()
    (target / "x").symlink_to(elsewhere)
    (target / "f").symlink_to(elsewhere / "a")
    with StagedTree(target) as staged:
        staged.write("x/a", b"1")
        staged.write("f", b"1")
        with pytest.raises(Halt) as halt:
            commit_trees([staged])
        assert [finding.at.file for finding in halt.value.findings] == [f"{target}/f", f"{target}/x"]
        assert (target / "x").is_symlink()
        assert commit_trees([staged], remove_unknown=True)[0].changed
    assert read(elsewhere) == {"a": b"1"}
    assert not (target / "x").is_symlink()


def test_a_link_in_the_staging_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"1")
    with StagedTree(tmp_path / "dev") as staged:
        (staged.path / "a").symlink_to(victim)
        with pytest.raises(Halt):
            staged.write("a", b"2")
        with pytest.raises(Halt) as halt:
            commit_trees([staged])
    assert code(halt) == rules.FOREIGN.code
    assert victim.read_bytes() == b"1"


def test_what_a_dead_run_left_is_removed(tmp_path: Path) -> None:
    build(tmp_path / "dev", {"a": b"1"})
    (tmp_path / ".dev.qatgen.new" / "deep").mkdir(parents=True)
    (tmp_path / ".dev.qatgen.lock").touch()
    build(tmp_path / "dev", {"a": b"2"})
    assert names(tmp_path) == ["dev"]


def test_a_tree_set_aside_comes_back(tmp_path: Path) -> None:
    build(tmp_path / "dev", {"a": b"1"})
    (tmp_path / "dev").rename(tmp_path / ".dev.qatgen.old.new")
    with StagedTree(tmp_path / "dev"):
        assert read(tmp_path / "dev") == {"a": b"1"}
    assert names(tmp_path) == ["dev"]


def test_an_interrupt_leaves_the_old_tree(tmp_path: Path) -> None:
    build(tmp_path / "dev", {"a": b"1"})
    with pytest.raises(KeyboardInterrupt), StagedTree(tmp_path / "dev") as staged:  # noqa: PT012
        staged.write("a", b"2")
        raise KeyboardInterrupt
    assert read(tmp_path / "dev") == {"a": b"1"}
    assert names(tmp_path) == ["dev"]


def test_several_trees_are_exchanged_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "three"):
        build(tmp_path / name, {"a": b"1"})
    targets = [tmp_path / name for name in ("one", "two", "three")]
    place = StagedTree.place

    def failing(self: StagedTree) -> object:
        if self.target.name == "three":
            raise OSError(errno.EIO, "I/O error")
        return place(self)

    for fail in (True, False):
        monkeypatch.setattr(StagedTree, "place", failing if fail else place)
        staged = [StagedTree(target).__enter__() for target in targets]
        for one in staged:
            write_file(one.path, "a", b"2")
            write_file(one.path, RECORD, plain_record({"a": b"2"}))
        if fail:
            with pytest.raises(Halt):
                commit_trees(staged)
        else:
            assert [change.changed for change in commit_trees(staged)] == [True] * 3
        for one in staged:
            one.__exit__(None, None, None)
        assert [read(t) for t in targets if t.exists()] == ([{"a": b"1"}] * 2 if fail else [{"a": b"2"}] * 3)
        assert names(tmp_path) == (["one", "three"] if fail else ["one", "three", "two"])
