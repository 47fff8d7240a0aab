"""What is read below a root, and what is refused: layouts of links and odd files, by name."""

import os
import socket
import threading
import time
from pathlib import Path

import pytest

from generator.files import Door, Kind, Reason, RefusedError, door_of, enclosed
from generator.files import walk as walking

CANARY = b"outside"
LAYOUTS = {
    # what `x` is: (links to make, path: target), and the outcome: text, or the reason it is refused for
    "a file": ({}, "file", b"inside"),
    "in a folder": ({}, "sub/file", b"below"),
    "dots on the way": ({}, "./sub/./../file", b"inside"),
    "a relative link": ({"x": "file"}, "x", b"inside"),
    "a link up": ({"sub/x": "../file"}, "sub/x", b"inside"),
    "a link to a folder": ({"x": "sub"}, "x/file", b"below"),
    "up from where a link to a folder leads": ({"x": "deep/er"}, "x/../file", b"deep"),
    "an absolute link": ({"x": "{root}/sub/file"}, "x", b"below"),
    "an absolute link to the root": ({"x": "{root}"}, "x/file", b"inside"),
    "an absolute link from below": ({"sub/x": "{root}/file"}, "sub/x", b"inside"),
    "a chain": ({"x": "y", "y": "sub/z", "sub/z": "../deep/er/../file"}, "x", b"deep"),
    "forty links": ({f"l{i}": f"l{i + 1}" if i < 39 else "file" for i in range(40)}, "l0", b"inside"),
    "forty-one links": ({f"l{i}": f"l{i + 1}" if i < 40 else "file" for i in range(41)}, "l0", Reason.LOOP),
    "a loop of one": ({"x": "x"}, "x", Reason.LOOP),
    "a loop of two": ({"x": "y", "y": "x"}, "x", Reason.LOOP),
    "a loop of folders": ({"sub/x": "../sub/x"}, "sub/x/file", Reason.LOOP),
    "nothing": ({}, "none", Reason.MISSING),
    "nothing in a folder": ({}, "sub/none", Reason.MISSING),
    "nothing in no folder": ({}, "none/file", Reason.MISSING),
    "nothing in a linked folder": ({"x": "sub"}, "x/none", Reason.MISSING),
    "a file as a folder": ({}, "file/x", Reason.NO_FOLDER),
    "a link to nothing": ({"x": "none"}, "x", Reason.DANGLING),
    "a link to a folder that is not there": ({"x": "none"}, "x/file", Reason.DANGLING),
    "a chain to nothing": ({"x": "y", "y": "none"}, "x", Reason.DANGLING),
    "a link into a file": ({"x": "file/y"}, "x", Reason.DANGLING),
    "up": ({}, "../outside/file", Reason.OUTSIDE),
    "up and back": ({}, "../root/file", Reason.OUTSIDE),
    "far up": ({}, "../../../../../../../../etc/passwd", Reason.OUTSIDE),
    "a link out": ({"x": "../outside/file"}, "x", Reason.OUTSIDE),
    "a link out from below": ({"sub/x": "../../outside/file"}, "sub/x", Reason.OUTSIDE),
    "a link out to nothing": ({"x": "../outside/none"}, "x", Reason.OUTSIDE),
    "a link to a folder outside": ({"x": "../outside"}, "x/file", Reason.OUTSIDE),
    "a chain out": ({"x": "y", "y": "../outside/file"}, "x", Reason.OUTSIDE),
    "an absolute link out": ({"x": "{top}/outside/file"}, "x", Reason.OUTSIDE),
    "an absolute link that begins as the root": ({"x": "{root}more/file"}, "x", Reason.OUTSIDE),
    "out by dots in an absolute link": ({"x": "{root}/../outside/file"}, "x", Reason.OUTSIDE),
    "a link out and back": ({"x": "../root/file"}, "x", Reason.OUTSIDE),
    "an absolute link out and back": ({"x": "{top}/outside/../root/file"}, "x", Reason.OUTSIDE),
    "a link to the folder above": ({"x": ".."}, "x/root/file", Reason.OUTSIDE),
    "the system's files": ({"x": "/etc/passwd"}, "x", Reason.OUTSIDE),
    "a device": ({"x": "/dev/zero"}, "x", Reason.OUTSIDE),
    "a process's files": ({"x": "/proc/self/environ"}, "x", Reason.OUTSIDE),
    "what belongs to Git": ({}, ".git/config", Reason.OUTSIDE),
    "Git's own in a folder": ({}, "sub/.git/config", Reason.OUTSIDE),
    "Git's own where case does not count": ({}, "./.GIT/config", Reason.OUTSIDE),
    "a link to Git's own": ({"x": ".git/config"}, "x", Reason.OUTSIDE),
    "an absolute link to Git's own": ({"x": "{root}/.git"}, "x/config", Reason.OUTSIDE),
    "a name that begins as Git's": ({}, ".github", Reason.MISSING),
    "a folder": ({}, "sub", Reason.FOLDER),
    "a link to a folder, read": ({"x": "sub"}, "x", Reason.FOLDER),
    "a FIFO": ({}, "fifo", Reason.SPECIAL),
    "a link to a FIFO": ({"x": "fifo"}, "x", Reason.SPECIAL),
    "a socket": ({}, "socket", Reason.SPECIAL),
    "a large file": ({}, "large", Reason.LARGE),
    "no name": ({}, "a\0b", Reason.MISSING),
    "a long name": ({}, "n" * 300, Reason.FAILED),
}


@pytest.fixture
def root(tmp_path, monkeypatch):
    top = tmp_path.resolve()
    for folder in ("root/sub", "root/deep/er", "root/.git", "outside", "rootmore"):
        (top / folder).mkdir(parents=True)
    for file, text in (
        ("root/file", b"inside"),
        ("root/sub/file", b"below"),
        ("root/deep/file", b"deep"),
        ("root/.git/config", CANARY),
        ("outside/file", CANARY),
        ("rootmore/file", CANARY),
    ):
        (top / file).write_bytes(text)
    os.mkfifo(top / "root/fifo")
    monkeypatch.chdir(top / "root")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
    with (top / "root/large").open("wb") as stream:
        stream.truncate(1001)
    return top / "root"


def _open() -> int:
    """How many descriptors are open, where the system says so."""
    place = Path("/proc/self/fd")
    return len(list(place.iterdir())) if place.is_dir() else 0


def outcome(door: Door, path: Path) -> bytes | Reason:
    try:
        return door.read(path, 1000)
    except RefusedError as refused:
        return refused.reason if refused.what else b"a refusal without words"


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("way", ["absolute", "relative", "through a link", "without O_PATH"])
def test_layouts(root, name, way, monkeypatch):
    links, path, expected = LAYOUTS[name]
    for link, target in links.items():
        (root / link).symlink_to(target.format(root=root, top=root.parent))
    if way == "without O_PATH":
        monkeypatch.setattr(walking, "_FOLDER", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    base = Path() if way == "relative" else root
    if way == "through a link":
        base = root.parent / "typed"
        base.symlink_to(root)
    before = _open()
    assert outcome(door_of(base), base / path) == expected
    assert _open() == before, "a descriptor stays open"


def test_what_a_path_is(root):
    door = enclosed(root)
    (root / "link").symlink_to("sub")
    (root / "dangling").symlink_to("none")
    assert [door.kind(root / name) for name in ("file", "sub", "link", "none", "file/x")] == [
        Kind.FILE, Kind.FOLDER, Kind.FOLDER, None, None,
    ]  # fmt: skip
    assert door.real(root / "link/file") == root / "sub/file"
    for name, reason in (("dangling", Reason.DANGLING), ("fifo", Reason.SPECIAL), ("socket", Reason.SPECIAL)):
        with pytest.raises(RefusedError) as refused:
            door.kind(root / name)
        assert refused.value.reason is reason
        assert not door.has_file(root / name)
    with pytest.raises(RefusedError, match="is a file, not a folder"):
        door.is_folder(root / "file")
    assert door.is_folder(root / "sub")
    assert not door.is_folder(root / "none")


def test_what_a_folder_holds(root):
    door = enclosed(root)
    (root / "sub/link").symlink_to("../deep")
    (root / "sub/gone").symlink_to("none")
    (root / "sub/out").symlink_to("../../outside/file")
    assert door.names(root / "sub") == ["file", "gone", "link", "out"]
    assert list(door.walk(root / "sub")) == [root / "sub" / name for name in ("file", "gone", "link", "out")]
    assert door.links(root / "sub") == [root / "sub" / name for name in ("gone", "link", "out")]
    odd = {path.name: refused.reason for path, refused in door.odd(root)}
    assert odd == {
        "gone": Reason.DANGLING, "out": Reason.OUTSIDE, "fifo": Reason.SPECIAL, "socket": Reason.SPECIAL,
    }  # fmt: skip
    with pytest.raises(RefusedError) as refused:
        door.names(root / "file")
    assert refused.value.reason is Reason.NO_FOLDER


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("file", ["file"]),
        ("f*", ["fifo", "file"]),
        ("*/file", ["deep/file", "link/file", "sub/file"]),
        ("**/file", ["deep/file", "file", "sub/file"]),
        ("sub/**/fil?", ["sub/file"]),
        ("[ds]*/[!x]ile", ["deep/file", "sub/file"]),
        ("none/*", []),
        ("*.yaml", [".hidden.yaml", "a.yaml"]),
        ("[", []),
    ],
)
def test_patterns(root, pattern, expected):
    (root / "link").symlink_to("sub")
    for name in (".hidden.yaml", "a.yaml"):
        (root / name).write_text("")
    found = enclosed(root).glob(root, pattern)
    assert [path.relative_to(root).as_posix() for path in found] == expected


@pytest.mark.parametrize("pattern", ["", "/etc/*", "../*", "a/../b", "a**", "x\0"])
def test_what_is_not_a_pattern(root, pattern):
    with pytest.raises(ValueError, match=r"."):
        enclosed(root).glob(root, pattern)


@pytest.mark.parametrize("pattern", ["*/file", "out/*"])
def test_a_pattern_does_not_lead_out(root, pattern):
    (root / "out").symlink_to("../outside")
    with pytest.raises(RefusedError) as refused:
        enclosed(root).glob(root, pattern)
    assert refused.value.reason is Reason.OUTSIDE


def test_a_file_that_grows_while_it_is_read(root, monkeypatch):
    real = os.fstat

    class Small:
        def __init__(self, found):
            self.st_mode, self.st_size = found.st_mode, 1

    monkeypatch.setattr("generator.files.door.os.fstat", lambda handle: Small(real(handle)))
    assert outcome(enclosed(root), root / "large") is Reason.LARGE


@pytest.mark.slow
@pytest.mark.parametrize("what", ["file", "folder"])
def test_names_that_change_while_they_are_read(root, what):
    """A thread puts links out in place of a file and of a folder, and takes them away; nothing outside is ever read."""
    door, stop = enclosed(root), threading.Event()
    path = root / "sub/file"
    place, target = (path, "../../outside/file") if what == "file" else (root / "sub", "../outside")

    def swap():
        link, kept = root / "new", root / "kept"
        while not stop.is_set():
            link.symlink_to(target if what == "folder" else "../../outside/file")
            place.rename(kept)
            link.rename(place)
            place.unlink()
            kept.rename(place)

    thread = threading.Thread(target=swap)
    thread.start()
    seen = set()
    try:
        end = time.monotonic() + 2
        while time.monotonic() < end:
            for _ in range(200):
                seen.add(outcome(door, path))
    finally:
        stop.set()
        thread.join()
    assert CANARY not in seen
    assert b"below" in seen
    assert len(seen) > 1, "nothing changed meanwhile: the test says nothing"


@pytest.mark.parametrize("pattern", ["**/" * 12 + "*.yaml", "**/a/" * 10 + "**/*.yaml"])
def test_a_pattern_looks_into_a_folder_once_a_step(tmp_path, pattern, monkeypatch):
    deep = tmp_path.joinpath(*"a" * 30)
    deep.mkdir(parents=True)
    (deep / "x.yaml").touch()
    looked = []
    plain = Door.entries

    def entries(door, folder):
        looked.append(folder)
        return plain(door, folder)

    monkeypatch.setattr(Door, "entries", entries)
    assert enclosed(tmp_path).glob(tmp_path, pattern) == [deep / "x.yaml"]
    assert len(looked) <= 31 * len(pattern.split("/"))


def test_a_pattern_looks_at_every_folder_once(tmp_path):
    deepest = tmp_path.joinpath(*"abcdefghij" * 2)
    deepest.mkdir(parents=True)
    (deepest / "x.yaml").touch()
    found = enclosed(tmp_path).glob(tmp_path, "/".join(["**"] * 30 + ["*.yaml"]))
    assert found == [deepest / "x.yaml"]


def test_what_is_deep_is_refused_and_nothing_goes_on_for_long(tmp_path):
    place = tmp_path.joinpath(*"d" * 100)
    place.mkdir(parents=True)
    (place / "x.yaml").touch()
    door = enclosed(tmp_path)
    assert door.glob(tmp_path, "**/*.yaml") == list(door.walk(tmp_path)) == [place / "x.yaml"]
    place.joinpath(*"d" * 500).mkdir(parents=True)
    for work in (lambda: door.glob(tmp_path, "**/*.yaml"), lambda: list(door.walk(tmp_path))):
        with pytest.raises(RefusedError, match="is more than 100 folders deep"):
            work()
