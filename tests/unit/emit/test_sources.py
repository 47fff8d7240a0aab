"""Output folders: apart from sources, by path and by what the system knows folders by."""

import os
from pathlib import Path

import pytest

from generator.emit import check_output, rules
from generator.finding import Halt

SOURCES = (
    "spec.yaml",
    "overlays",
    "templates",
    "teams/*.yaml",
    "teams/vpn.yaml",
    "data/deep/user.yaml",
    "../shared/x.yaml",
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "above" / "project"
    for name in ("overlays/dev", "teams", "data/deep", "../shared", ".git/hooks", "own", "bare/objects", "bare/refs"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in ("spec.yaml", "teams/vpn.yaml", "data/deep/user.yaml", "../shared/x.yaml", "bare/HEAD"):
        (root / name).touch()
    (root / "link").symlink_to("overlays")
    (root / "away").symlink_to("own")
    os.mkfifo(root / "pipe")
    monkeypatch.chdir(root)
    return root


REFUSED = {
    **dict.fromkeys(
        ("overlays", "overlays/dev", "overlays/new", "./overlays/../overlays", "link/x", "templates"), rules.PLACE
    ),
    **dict.fromkeys(("templates/x", "teams", "teams/out", "data", "data/deep", "../shared"), rules.PLACE),
    **dict.fromkeys(
        (".", "", "..", "../..", "/", "../project", ".git", ".git/x", ".git/hooks", "bare", "bare/x"), rules.PLACE
    ),
    **dict.fromkeys(("link", "away"), rules.SYMLINK),
    **dict.fromkeys(("spec.yaml", "pipe"), rules.NOT_A_FOLDER),
}


@pytest.mark.parametrize("output", REFUSED)
def test_what_is_refused(project: Path, output: str) -> None:
    before = sorted(path.as_posix() for path in project.parent.rglob("*"))
    with pytest.raises(Halt) as halt:
        check_output(Path(output), map(Path, SOURCES), Path())
    assert [f.rule for f in halt.value.findings] == [REFUSED[output]]
    assert halt.value.findings[0].hint
    assert sorted(path.as_posix() for path in project.parent.rglob("*")) == before


@pytest.mark.parametrize(
    "output", ["rendered", "own", "own/deep", "away/x", "../other", "overlays2", "data/other", "../x/y"]
)
def test_what_is_accepted(project: Path, output: str) -> None:
    check_output(Path(output), map(Path, SOURCES), Path())
    check_output((project / output).absolute(), map(Path, SOURCES), project)


def test_a_source_that_is_named_through_a_link_is_the_same(project: Path) -> None:
    (project / "alias").symlink_to("data")
    for output in ("data", "data/deep"):
        with pytest.raises(Halt):
            check_output(Path(output), [Path("alias/deep/user.yaml")], Path())


def test_folders_are_compared_as_the_system_knows_them(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a file system without case, or with a folder mounted twice: another path, the same folder."""
    real = Path.stat

    def stat(self: Path, **options: bool) -> os.stat_result:
        return real(Path(str(self).replace("OVERLAYS", "overlays")), **options)

    monkeypatch.setattr(Path, "stat", stat)
    for output in ("OVERLAYS", "OVERLAYS/new"):
        with pytest.raises(Halt) as halt:
            check_output(project / output, [project / "overlays"], project)
        assert halt.value.findings[0].rule == rules.PLACE
