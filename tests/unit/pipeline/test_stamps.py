"""Looks at files: every change shows in a later look, however quickly it came and whatever its times say."""

import os
import time
from pathlib import Path

import pytest

from generator.pipeline import stamps
from generator.pipeline.stamps import COARSEST, UnsureError, Watched, first_difference, lasting, look


@pytest.fixture
def watched(tmp_path, monkeypatch):
    monkeypatch.setattr(stamps, "_installed", tuple)
    for name in ("overlays/a/spec.yaml", "rendered/a/x.yaml", "spec.yaml", "teams/one.yaml", "parts/big/patch.yaml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a: 1\n")
    return Watched(
        tmp_path, tmp_path / "rendered", ("spec.yaml", "teams/*.yaml", "teams/one.yaml", "parts/big/patch.yaml")
    )


def test_the_same_size_saved_within_one_tick_a_thousand_times(watched):
    path = watched.root / "spec.yaml"
    kept = path.stat().st_mtime_ns
    for number in range(1000):
        path.write_text(f"a: {number:04}\n")
        os.utime(path, ns=(kept, kept))
        young = time.time_ns() - COARSEST
        before = lasting(look(watched, young), young)
        assert lasting(look(watched, young), young) == before
        path.write_text(f"b: {number:04}\n")
        os.utime(path, ns=(kept, kept))
        assert lasting(look(watched, young), young) != before, number


def later(watched, change):
    """Looks before and after a change, long after the files were last saved; a clock of its own."""
    young = time.time_ns() + 10**12  # nothing is younger: only times count
    before = look(watched, young)
    change(watched.root)
    return before, look(watched, young), young


CHANGES = {
    "spec.yaml": lambda f: (f / "spec.yaml").write_text("a: 2\n"),
    "overlays/a/kustomization.yml": lambda f: (f / "overlays/a/kustomization.yml").touch(),
    "overlays/b": lambda f: (f / "overlays/b").mkdir(),
    "parts/big/Kustomization": lambda f: (f / "parts/big/Kustomization").touch(),
    "templates": lambda f: (f / "templates").mkdir(),
    "teams": lambda f: (f / "teams/two.yaml").touch(),
    "rendered/a/x.yaml": lambda f: (f / "rendered/a/x.yaml").unlink(),
    "rendered/a/y.yaml": lambda f: (f / "rendered/a/y.yaml").symlink_to("x.yaml"),
    "teams/one.yaml": lambda f: (f / "teams/one.yaml").chmod(0o600),
}


@pytest.mark.parametrize("path", CHANGES)
def test_every_change_shows_and_is_named(watched, path):
    before, after, young = later(watched, CHANGES[path])
    assert lasting(before, young) != lasting(after, young)
    assert Path(first_difference(before, after)) == watched.root / path


def test_restored_times_show(watched):
    path = watched.root / "spec.yaml"
    about = path.stat()

    def change(_):
        time.sleep(0.02)
        path.write_text("a: 9\n")
        os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))

    before, after, young = later(watched, change)
    assert path.stat().st_mtime_ns == about.st_mtime_ns
    assert lasting(before, young) != lasting(after, young)


def test_times_of_the_future_say_nothing(watched):
    path = watched.root / "spec.yaml"
    young = time.time_ns() - COARSEST
    os.utime(path, ns=(2 * 10**18, 2 * 10**18))
    seen = look(watched, young)[str(path)]
    assert isinstance(seen, stamps.Seen)
    assert seen.content


def _new_below_a_link(root):
    (root / "one/new.yaml").touch()


def test_what_links_lead_to_is_seen(watched):
    root = watched.root
    for name in ("one", "two"):
        (root / name).mkdir()
        (root / name / "spec.yaml").write_text("a: 1\n")
    (root / "overlays/c").symlink_to("../one")
    (root / "overlays/loop").symlink_to("..")
    before, after, _ = later(watched, _new_below_a_link)
    assert first_difference(before, after) == str(root / "overlays/c/new.yaml")

    def retarget(_):
        (root / "overlays/c").unlink()
        (root / "overlays/c").symlink_to("../two")

    before, after, _ = later(watched, retarget)
    assert first_difference(before, after).startswith(str(root / "overlays/c"))


def _new_readme(root):
    (root / "README.md").touch()


def test_what_nobody_reads_is_not_watched(watched):
    before, after, young = later(watched, _new_readme)
    assert lasting(before, young) == lasting(after, young)


@pytest.mark.parametrize("make", [os.mkfifo, lambda p: p.symlink_to("/dev/null")])
def test_what_cannot_be_looked_at_is_not_believed(watched, make):
    make(watched.root / "overlays/odd")
    with pytest.raises(UnsureError):
        look(watched, 0)
