"""What a commit replaces: files of the record and nothing else; what is lost is named first."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.bundle import KUSTOMIZATION, kustomization_file
from generator.emit import Form, Prepared, StagedTree, commit_trees, prepare, rules
from generator.emit.ownership import RECORD, SHARED_RECORD, recorded_in
from generator.finding import Halt, Severity
from generator.pipeline.recording import plain_record

OLD = {"vpn/a.yaml": b"a: 1\n", "vpn/b.yaml": b"b: 1\n"}
NEW = {"vpn/a.yaml": b"a: 2\n"}
FORM = Form(derived=kustomization_file)


def stage(staged: StagedTree, files: dict[str, bytes], record: str = RECORD) -> None:
    for name, data in {**files, record: plain_record(files)}.items():
        staged.write(name, data)
    if record == RECORD:
        staged.write(KUSTOMIZATION, kustomization_file(files)[KUSTOMIZATION])


def render(target: Path, files: dict[str, bytes], **options: bool) -> Prepared:
    with StagedTree(target, FORM) as staged:
        stage(staged, files)
        prepared = prepare([staged], **options)
        prepared.put()
        return prepared


def everything(target: Path) -> dict[str, object]:
    """Every entry: bytes of files, what links lead to, the kind of the rest."""
    found: dict[str, object] = {}
    for path in sorted(target.rglob("*")):
        name = path.relative_to(target).as_posix()
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_file():
            found[name] = path.read_bytes()
        elif not path.is_dir():
            found[name] = "special"
    return found


def folder_in_place(target: Path) -> None:
    (target / "vpn/a.yaml").unlink()
    (target / "vpn/a.yaml").mkdir()
    (target / "vpn/a.yaml/note").write_text("mine")


def link_in_place(target: Path) -> None:
    (target / "vpn/a.yaml").unlink()
    (target / "vpn/a.yaml").symlink_to("b.yaml")


def folder_link(target: Path) -> None:
    (target / "vpn").rename(target.parent / "elsewhere")
    (target / "vpn").symlink_to("../elsewhere")


def deep(target: Path) -> None:
    (target / "x/y").mkdir(parents=True)
    (target / "x/y/z").touch()


def no_utf8(target: Path) -> None:
    Path(os.fsdecode(bytes(target) + b"/\xff.md")).write_text("mine")


UNKNOWN: dict[str, tuple[Callable[[Path], object], str]] = {
    "file": (lambda t: (t / "NOTES.md").write_text("mine"), "NOTES.md"),
    "empty file": (lambda t: (t / "vpn/.gitkeep").touch(), "vpn/.gitkeep"),
    "manifest": (lambda t: (t / "vpn/c.yaml").write_text("c: 1\n"), "vpn/c.yaml"),
    "file in a new folder": (deep, "x/y/z"),
    "link": (lambda t: (t / "l").symlink_to("vpn/a.yaml"), "l"),
    "dangling link": (lambda t: (t / "l").symlink_to("nowhere"), "l"),
    "link to a folder": (lambda t: (t / "l").symlink_to("/"), "l"),
    "pipe": (lambda t: os.mkfifo(t / "p"), "p"),
    "a folder in place of a file": (folder_in_place, "vpn/a.yaml/note"),
    "a link in place of a file": (link_in_place, "vpn/a.yaml"),
    "a link in place of a folder": (folder_link, "vpn"),
    "a name that is no text": (no_utf8, "\\xff.md"),
    "the other record": (lambda t: (t / SHARED_RECORD).write_text("mine"), SHARED_RECORD),
}


@pytest.mark.parametrize("kind", UNKNOWN)
def test_what_no_record_names_stops_the_write_and_is_named(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "dev"
    render(target, OLD)
    put, name = UNKNOWN[kind]
    put(target)
    before = everything(target)
    with pytest.raises(Halt) as halt:
        render(target, NEW)
    assert [(f.rule, f.at.file) for f in halt.value.findings] == [(rules.UNKNOWN, f"{target}/{name}")]
    assert "--remove-unknown" in halt.value.findings[0].hint
    assert everything(target) == before
    told = render(target, NEW, remove_unknown=True).findings
    assert {(f.rule, f.level) for f in told} == {(rules.UNKNOWN, Severity.INFO)}
    assert set(everything(target)) == {*NEW, RECORD, KUSTOMIZATION}


@pytest.mark.parametrize(
    "text", ["", "{", "{}", "[]", "not json", '{"files": []}', '{"files": {"a": 1}}', "[" * 100_000]
)
@pytest.mark.parametrize("record", [RECORD, SHARED_RECORD])
def test_a_tree_without_a_record_that_can_be_read_is_unknown(tmp_path: Path, record: str, text: str) -> None:
    target = tmp_path / "dev"
    (target / "vpn").mkdir(parents=True)
    (target / "vpn/a.yaml").write_text("mine")
    (target / record).write_text(text)
    with pytest.raises(Halt) as halt:
        render(target, NEW)
    assert {f.at.file for f in halt.value.findings} == {f"{target}/vpn/a.yaml", f"{target}/{record}"}
    assert all("no record that can be read" in f.message for f in halt.value.findings)


@pytest.mark.parametrize("kind", ["absent", "empty", "empty folders"])
def test_what_holds_nothing_is_replaced(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "dev"
    if kind != "absent":
        (target / ("a/b" if kind == "empty folders" else "")).mkdir(parents=True)
    assert render(target, NEW).findings == ()


def test_empty_folders_in_a_tree_are_no_obstacle(tmp_path: Path) -> None:
    render(tmp_path / "dev", OLD)
    (tmp_path / "dev/x/y").mkdir(parents=True)
    assert render(tmp_path / "dev", NEW).findings == ()


def test_many_are_counted(tmp_path: Path) -> None:
    for name in ("dev", "prod"):
        render(tmp_path / name, OLD)
        for number in range(8):
            (tmp_path / name / f"note-{number}").touch()
    with StagedTree(tmp_path / "dev", FORM) as one, StagedTree(tmp_path / "prod", FORM) as two:
        stage(one, NEW)
        stage(two, NEW)
        with pytest.raises(Halt) as halt:
            commit_trees([one, two])
    assert len(halt.value.findings) == 10
    assert halt.value.findings[-1].message.endswith("(and 6 more files)")
    assert [everything(tmp_path / name)["vpn/a.yaml"] for name in ("dev", "prod")] == [b"a: 1\n"] * 2


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("vpn/a.yaml", b"a: 3\n", "overwrites it"),
        ("vpn/b.yaml", b"b: 3\n", "removes it"),
        (KUSTOMIZATION, b"resources: []\n", "overwrites it"),
        ("vpn/a.yaml", b"a: 2\n", ""),
        ("vpn/a.yaml", b"a: 1\r\n", ""),
    ],
)
def test_hand_edits_are_named(tmp_path: Path, name: str, text: bytes, said: str) -> None:
    target = tmp_path / "dev"
    render(target, OLD)
    (target / name).write_bytes(text)
    told = render(target, NEW).findings
    assert [(f.rule, f.at.file, f.level) for f in told] == [
        (rules.EDITED, f"{target}/{name}", Severity.WARNING)
    ] * bool(said)
    assert all(f"writing the tree {said}" in f.message for f in told)
    assert set(everything(target)) == {*NEW, RECORD, KUSTOMIZATION}


def test_a_conflict_in_the_record_is_resolved_by_rendering(tmp_path: Path) -> None:
    target = tmp_path / "dev"
    render(target, OLD)
    record = (target / RECORD).read_text()
    other = plain_record({"vpn/a.yaml": b"a: 9\n", "vpn/c.yaml": b"c: 1\n"}).decode()
    (target / RECORD).write_text(f"<<<<<<< HEAD\n{record}=======\n{other}>>>>>>> theirs\n")
    (target / "vpn/a.yaml").write_bytes(b"a: 9\n")
    (target / "vpn/c.yaml").write_bytes(b"c: 1\n")
    assert [f.at.file for f in render(target, NEW).findings] == [f"{target}/{KUSTOMIZATION}"]
    assert set(everything(target)) == {*NEW, RECORD, KUSTOMIZATION}


def test_ownership_is_read_of_reformatted_records() -> None:
    import json

    raw = plain_record(OLD)
    assert recorded_in(json.dumps(json.loads(raw), indent=4).encode()) == recorded_in(raw)
    assert recorded_in(raw.replace(b"\n", b"\r\n")) == recorded_in(raw)
    assert set(recorded_in(raw)) == set(OLD)


def test_a_file_saved_after_it_was_looked_at_stops_the_exchange(tmp_path: Path) -> None:
    target = tmp_path / "dev"
    render(target, OLD)
    with StagedTree(target, FORM) as staged:
        stage(staged, NEW)
        prepared = prepare([staged])
        (target / "NOTES.md").write_text("mine")
        with pytest.raises(Halt) as halt:
            prepared.put()
    assert halt.value.findings[0].rule == rules.CHANGED
    assert (target / "NOTES.md").read_text() == "mine"


@pytest.mark.parametrize("record", [RECORD, SHARED_RECORD])
def test_a_tree_inside_a_tree_is_refused(tmp_path: Path, record: str) -> None:
    with StagedTree(tmp_path / "dev", FORM) as staged:
        stage(staged, OLD, record)
        commit_trees([staged])
    with pytest.raises(Halt) as halt:
        render(tmp_path / "dev/vpn/x", NEW)
    assert halt.value.findings[0].rule == rules.PLACE
    assert not (tmp_path / "dev/vpn/x").exists()
