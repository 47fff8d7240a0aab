"""`qatgen check`: what is missing, stale, edited or extra in rendered/, and the short way when nothing changed."""

import re

import pytest

from tests.support.workspace import REPOSITORY, SMALL, qatgen, tree, write


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write(tmp_path, {"project/spec.yaml": SMALL})
    assert qatgen(tmp_path / "project", "render", "-q").code == 0
    return tmp_path / "project"


TEAM = """\
apiVersion: qatgen.dev/v1alpha1
kind: QATVirtualMachines
metadata: {name: team}
spec: {virtualMachines: [{name: %s, namespace: vpn, memory: {guest: 1Gi}}]}
"""
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
    assert "move it out of the tree, or run `qatgen render --remove-unknown`" in result.err
    assert qatgen(project, "render", "-q").code == 1
    (project / "rendered/default/vpn/own.yaml").unlink()
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


def test_many_files_that_differ_alike_are_told_once(project):
    spec = SMALL.replace("    - name: gw\n", "    - name: gw\n      count: 12\n").replace("nodes: 2", "nodes: 4")
    write(project, {"spec.yaml": spec})
    assert qatgen(project, "render", "-q").code == 0
    write(project, {"spec.yaml": spec.replace("2Gi", "3Gi")})
    result = check(project)
    assert result.err.count("error[") == 2
    assert '"2Gi" -> "3Gi" (and 11 more files alike)' in result.err


def test_a_field_that_vanishes_is_told_whatever_else_changed(project):
    template = (REPOSITORY / "templates/machine/machine.yaml.j2").read_text()
    line = next(line for line in template.splitlines() if line.strip().startswith("runStrategy"))
    write(project, {"templates/machine/machine.yaml.j2": template.replace(line, "  running: true")})
    result = check(project)
    assert result.code == 1
    assert "warning[CHK005 vanished-key]: spec.runStrategy vanishes" in result.err, result.err


def test_a_tree_nobody_makes_any_more(project):
    argocd = "  delivery:\n    argocd: {repository: https://example.com/a.git, destination: {name: in-cluster}}\n"
    write(project, {"spec.yaml": SMALL + argocd})
    assert qatgen(project, "render", "-q").code == 0
    assert check(project).code == 0
    write(project, {"spec.yaml": SMALL})
    result = check(project)
    assert {path.split("/")[1] for code, path in codes(result) if code == "CHK004"} == {"argocd"}
    assert qatgen(project, "render", "-q").code == 0
    assert check(project).code == 0


def test_the_short_way_watches_every_file_that_is_read(project):
    disks = "      cloudInit: {userDataFile: parts/user.yaml}\n"
    component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    files = {
        "spec.yaml": SMALL.replace("    - name: gw\n", f"    - name: gw\n{disks}").replace(
            "spec:\n", 'spec:\n  include: ["teams/**/*.yaml"]\n', 1
        ),
        "teams/a/b/one.yaml": TEAM % "one",
        "parts/user.yaml": "#cloud-config\n",
        "overlays/x/kustomization.yaml": component + "components: [../../parts/big]\n",
        "parts/big/kustomization.yaml": component + "commonAnnotations: {a: b}\n",
    }
    write(project, files)
    assert qatgen(project, "render", "-q").code == 0
    assert check(project).code == 0
    changed = {
        "parts/user.yaml": "#cloud-config\nhostname: gw\n",
        "parts/big/kustomization.yaml": component + "commonAnnotations: {a: c}\n",
        "teams/a/two.yaml": TEAM % "two",
    }
    for name, text in changed.items():
        write(project, {name: text})
        assert check(project).code == 1, name
        if name in files:
            write(project, {name: files[name]})
        else:
            (project / name).unlink()
        assert check(project).code == 0, name


def test_now_is_a_day(project, monkeypatch):
    assert check(project, "--today", "now").code == 0
    monkeypatch.setattr("generator.cli.check._check", lambda *_: 7)
    assert qatgen(project, "check", "--today", "now").code == 0
    assert qatgen(project, "check", "--today", "2026-01-01").code == 7
    assert qatgen(project, "check", "--today", "soon").code == 2
