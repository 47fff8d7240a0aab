"""`qatgen check`: what is missing, stale, edited or extra in rendered/, and the short way when nothing changed."""

import re

import pytest

from tests.support.workspace import SMALL, qatgen, tree, write


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write(tmp_path, {"project/spec.yaml": SMALL})
    assert qatgen(tmp_path / "project", "render", "-q").code == 0
    return tmp_path / "project"


GW = "rendered/default/vpn/virtualmachine-gw.yaml"


def codes(result):
    return re.findall(r"error\[(CHK\d+) .*\n\s+--> (\S+)", result.err)


def check(folder, *arguments):
    before = tree(folder)
    result = qatgen(folder, "check", "--color", "never", *arguments)
    assert tree(folder) == before
    return result


def test_nothing_changed(project):
    result = check(project)
    assert (result.code, result.out, result.err) == (0, "rendered is current\n", "")


def test_every_way_to_differ(project):
    path = project / GW
    path.write_text(path.read_text().replace("guest: 2Gi", "guest: 4Gi"))
    (project / "rendered/default/_cluster/namespace-vpn.yaml").unlink()
    (project / "rendered/default/vpn/own.yaml").write_text("a: b\n")
    result = check(project)
    assert result.code == 1
    assert sorted(codes(result)) == [
        ("CHK001", "rendered/default/_cluster/namespace-vpn.yaml"),
        ("CHK003", GW),
        ("CHK004", "rendered/default/vpn/own.yaml"),
    ]
    assert 'changed by hand: spec.template.spec.domain.memory.guest: "4Gi" -> "2Gi"' in result.err
    assert "run `qatgen render`" in result.err
    assert qatgen(project, "render", "-q").code == 0
    assert check(project).code == 0


def test_stale_after_the_spec_changed(project):
    assert check(project).code == 0
    write(project, {"spec.yaml": SMALL.replace("2Gi", "3Gi")})
    result = check(project)
    assert [code for code, _ in codes(result)] == ["CHK002", "CHK002"]
    assert '"2Gi" -> "3Gi"' in result.err


def test_a_link_in_place_of_a_file(project):
    path = project / GW
    path.rename(project / "elsewhere.yaml")
    path.symlink_to(project / "elsewhere.yaml")
    assert ("CHK003", GW) in codes(check(project))


def test_a_spec_that_does_not_render(project):
    write(project, {"spec.yaml": SMALL.replace("nodePool: vm", "nodePool: mv")})
    result = check(project)
    assert (result.code, "CHK" in result.err, "spec.yaml" in result.err) == (1, False, True)
    assert check(project, "--spec", "none.yaml").code == 2


def test_the_short_way_is_taken_and_never_trusted_in_ci(project, monkeypatch):
    assert check(project).code == 0
    with monkeypatch.context() as patch:
        patch.setattr("generator.cli.check._check", lambda *_: 7)
        assert qatgen(project, "check").code == 0
        patch.setenv("CI", "true")
        assert qatgen(project, "check").code == 7
        patch.delenv("CI")
        assert qatgen(project, "check", "--env", "default").code == 7
        (project / "policies").mkdir()
        assert qatgen(project, "check").code == 7


def test_an_edit_of_the_same_size_is_seen(project):
    assert check(project).code == 0
    path = project / GW
    path.write_text(path.read_text().replace("guest: 2Gi", "guest: 4Gi"))
    assert check(project).code == 1


def test_only_one_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("CI", "true")
    write(tmp_path, {"spec.yaml": SMALL, "overlays/a/spec.yaml": "spec: {}\n", "overlays/b/spec.yaml": "spec: {}\n"})
    assert qatgen(tmp_path, "render", "-q").code == 0
    (tmp_path / "rendered/a/vpn/virtualmachine-gw.yaml").unlink()
    assert check(tmp_path, "--env", "b").code == 0
    result = check(tmp_path, "--env", "a")
    assert (result.code, "run `qatgen render --env a`" in result.err) == (1, True)
    (tmp_path / "rendered/c").mkdir()
    assert "rendered/c" in check(tmp_path).err
