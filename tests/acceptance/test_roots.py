"""What the root is on the command line, what a person may name, and kustomize's load restrictor."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.acceptance.test_overlays import COMPONENT
from tests.support.workspace import REPOSITORY, SMALL, qatgen, write

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
SHARED = {
    "repo/site/spec.yaml": SMALL,
    "repo/site/overlays/prod/kustomization.yaml": COMPONENT + "components: [../../../shared]\n",
    "repo/shared/kustomization.yaml": COMPONENT + "resources: [c.yaml]\n",
    "repo/shared/c.yaml": CONFIG % "shared",
}


@pytest.mark.parametrize("git", ["folder", "file", "none"])
def test_the_work_tree_is_the_root(tmp_path, git, monkeypatch):
    write(tmp_path, SHARED)
    if git == "folder":
        (tmp_path / "repo/.git").mkdir()
    elif git == "file":
        write(tmp_path, {"repo/.git": "gitdir: elsewhere\n"})
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    result = qatgen(tmp_path / "repo/site", "render", "-q")
    assert (result.code, "leads out of" in result.err) == ((0, False) if git != "none" else (1, True))


@pytest.mark.parametrize("place", ["flag", "variable", "both"])
def test_the_root_is_narrowed(tmp_path, place, monkeypatch):
    write(tmp_path, SHARED)
    (tmp_path / "repo/.git").mkdir()
    if place != "flag":
        monkeypatch.setenv("QATGEN_ROOT", str(tmp_path / ("repo/site" if place == "variable" else "repo")))
    flag = () if place == "variable" else ("--root", ".")
    for command in (("render", "-q"), ("check", "-q"), ("argocd", "generate"), ("capacity",)):
        result = qatgen(tmp_path / "repo/site", *command, *flag)
        assert (result.code, "leads out of" in result.err) == (1, True), (command, result)
    result = qatgen(tmp_path / "repo/site", *flag, "render", "-q")
    assert "leads out of" in result.err


def test_roots_that_are_none(tmp_path, monkeypatch):
    write(tmp_path, {**SHARED, "other/x": ""})
    site = tmp_path / "repo/site"
    for root in ("none", "spec.yaml", "overlays", "../../other"):
        for command in (("render",), ("argocd", "generate"), ("report", "-o", "json")):
            result = qatgen(site, *command, "--root", root)
            assert (result.code, root.rpartition("/")[2] in result.err) == (2, True), result.err
    monkeypatch.setenv("QATGEN_ROOT", str(tmp_path / "other"))
    assert qatgen(site, "render").code == 2
    monkeypatch.setenv("QATGEN_ROOT", str(site))
    result = qatgen(site, "render", "--root", "..")
    assert (result.code, "is not in QATGEN_ROOT" in result.err) == (2, True)


def test_an_application_cannot_choose_the_root(tmp_path, monkeypatch):
    write(tmp_path, SHARED)
    monkeypatch.setenv("ARGOCD_ENV_QATGEN_ROOT", str(tmp_path))
    monkeypatch.setenv("ARGOCD_ENV_ENVIRONMENT", "prod")
    result = qatgen(tmp_path / "repo/site", "argocd", "generate")
    assert (result.code, result.out) == (1, "")


BUILD = {
    "w/over/kustomization.yaml": "resources: [../base]\n",
    "w/base/kustomization.yaml": "resources: [b.yaml]\n",
    "w/base/b.yaml": CONFIG % "b",
    "w/k.txt": "key\n",
    "w/files/kustomization.yaml": "configMapGenerator: [{name: f, files: [../k.txt]}]\n",
    "out/o.yaml": CONFIG % "o",
    "out/kustomization.yaml": "resources: [o.yaml]\n",
    "w/far/kustomization.yaml": "resources: [../../out]\n",
    "w/far-file/kustomization.yaml": "resources: [../../out/o.yaml]\n",
}


@pytest.mark.parametrize(
    ("folder", "arguments", "code"),
    [
        ("over", (), 0),
        ("files", (), 1),
        ("files", ("--load-restrictor", "LoadRestrictionsNone"), 0),
        ("files", ("--load-restrictor", "LoadRestrictionsRootOnly"), 1),
        ("far", (), 1),
        ("far", ("--load-restrictor", "LoadRestrictionsNone"), 1),
        ("far", ("--root", ".."), 0),
        ("far-file", ("--load-restrictor", "LoadRestrictionsNone"), 1),
        ("far-file", ("--root", ".."), 1),
        ("far-file", ("--root", "..", "--load-restrictor", "LoadRestrictionsNone"), 0),
        ("over", ("--root", "over"), 1),
        ("over", ("--root", "base"), 2),
        ("over", ("--load-restrictor", "x"), 2),
        ("none", (), 2),
    ],
)
def test_what_a_build_reads(tmp_path, folder, arguments, code):
    write(tmp_path, BUILD)
    result = qatgen(tmp_path / "w", "build", folder, *arguments)
    assert result.code == code, result.err
    if code == 0:
        assert "ConfigMap" in result.out


def test_the_root_of_a_build_elsewhere_is_its_folder(tmp_path):
    write(tmp_path, BUILD)
    assert qatgen(tmp_path / "out", "build", "../w/over").code == 1
    (tmp_path / "w/.git").mkdir()
    assert qatgen(tmp_path / "out", "build", "../w/over").code == 0


@pytest.mark.parametrize("link", ["../../../secret", "/etc/hostname", "{top}/secret"])
def test_kustomize_itself_is_given_no_link_out(tmp_path, link, monkeypatch):
    program = "#!/bin/sh\necho ran > %s\n" % (tmp_path / "ran")
    write(tmp_path, {"bin/kustomize": program, "secret": CONFIG % "neighbour", "p/spec.yaml": SMALL})
    (tmp_path / "bin/kustomize").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    write(tmp_path, {"p/overlays/prod/kustomization.yaml": "resources: [x.yaml]\n"})
    (tmp_path / "p/overlays/prod/x.yaml").symlink_to(link.format(top=tmp_path))
    for command in (("render", "--engine", "kustomize"), ("build", "overlays/prod", "--engine", "kustomize")):
        result = qatgen(tmp_path / "p", *command)
        assert (result.code, "x.yaml" in result.err) == (1, True), result.err
    write(tmp_path, {"p/overlays/prod/kustomization.yaml": "resources: [../../../../bin]\n"})
    (tmp_path / "p/overlays/prod/x.yaml").unlink()
    for command in (("render", "--engine", "kustomize"), ("build", "overlays/prod", "--engine", "kustomize")):
        assert qatgen(tmp_path / "p", *command).code == 1
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "command",
    [
        "qatgen validate - < c.yaml",
        "qatgen validate /dev/stdin < c.yaml",
        "cat c.yaml | qatgen validate -",
        "cat c.yaml | qatgen validate /dev/stdin",
        "qatgen validate <(cat c.yaml)",
        "qatgen diff <(cat c.yaml) c.yaml --exit-code",
        "qatgen validate c.yaml",
        "qatgen validate link.yaml",
    ],
)
def test_pipes_that_a_person_names(tmp_path, command):
    write(tmp_path, {"w/c.yaml": CONFIG % "c", "elsewhere.yaml": CONFIG % "c"})
    (tmp_path / "w/link.yaml").symlink_to("../elsewhere.yaml")
    text = command.replace("qatgen", f"{sys.executable} -m generator")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [shutil.which("bash") or "bash", "-c", text],
        cwd=tmp_path / "w",
        check=False,
        env=environment,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("validate", "x.yaml"), ("validate", "c.yaml", "--policies", "x.yaml"), ("diff", "x.yaml", "c.yaml"),
        ("test", "x.yaml"), ("schema", "extend", "x.yaml"), ("schema", "import", "x.yaml"), ("validate", "."),
        ("validate", "c.yaml", "--schema-location", "x.yaml"), ("migrate", "x.yaml"), ("build", "x.yaml"),
        ("render", "--spec", "x.yaml"), ("preview", "x.yaml"), ("explain", "x.yaml"), ("diff", ".", "c.yaml"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["fifo", "device", "dangling", "loop", "socket-less folder"])
def test_odd_files_that_a_person_names(tmp_path, arguments, kind):
    write(tmp_path, {"c.yaml": "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: c}\n", "spec.yaml": SMALL})
    place = tmp_path / "x.yaml"
    if kind == "fifo":
        os.mkfifo(place)
    elif kind == "socket-less folder":
        place.mkdir()
    else:
        place.symlink_to({"device": "/dev/zero", "dangling": "none", "loop": "x.yaml"}[kind])
    if kind == "socket-less folder" and arguments[-1] in (".", "c.yaml"):
        return  # a folder in a folder is nothing odd
    result = qatgen(tmp_path, *arguments)
    assert result.code in (1, 2), result
    assert "internal error" not in result.err
