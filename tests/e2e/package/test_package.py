"""The distribution as people get it: built, installed into a clean environment, used in an empty folder."""

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile

import pytest

from tests.support.shared import shared_path
from tests.support.workspace import REPOSITORY, SMALL, write

pytestmark = pytest.mark.slow


def run(*command, cwd, code=0):
    """A command's output; it must end with `code`. The repository itself is out of sight."""
    kept = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "VIRTUAL_ENV", "CI"}}
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=kept, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A source distribution made of the files git knows, and the wheel that is built from it, as an index does."""
    folder = tmp_path_factory.mktemp("package")
    source = folder / "source"
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=REPOSITORY)
    for name in listed.splitlines():
        if (REPOSITORY / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, source / name)
    venv.create(folder / "tools", with_pip=True)
    tools = folder / "tools" / "bin" / "python"
    run(tools, "-m", "pip", "install", "-q", "build>=1.2", "pipx>=1.7", cwd=folder)
    run(tools, "-m", "build", "--outdir", folder / "dist", ".", cwd=source)
    (wheel,), (sdist,) = (list((folder / "dist").glob(pattern)) for pattern in ("*.whl", "*.tar.gz"))
    return tools, wheel, sdist


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """The folder of programs of an environment that holds the wheel and what it asks for, nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / "bin"
    run(programs / "python", "-m", "pip", "install", "-q", built[1], cwd=folder)
    run(programs / "python", "-m", "pip", "check", cwd=folder)
    return programs


def test_the_wheel_holds_what_is_not_python(built):
    names = set(zipfile.ZipFile(built[1]).namelist())
    for folder in ("templates", "policies"):
        for path in (REPOSITORY / folder).rglob("*"):
            if path.is_file():
                assert f"generator/{path.relative_to(REPOSITORY).as_posix()}" in names
    for path in (REPOSITORY / "generator").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.relative_to(REPOSITORY).as_posix() in names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]


def test_the_source_distribution_is_enough_to_build_from(built):
    with tarfile.open(built[2]) as archive:
        names = archive.getnames()
    assert [name for name in names if name.endswith("/pyproject.toml")]
    assert [name for name in names if name.endswith("/templates/index.yaml")]


def test_an_empty_folder_and_the_command_are_enough(installed, tmp_path):
    qatgen = installed / "qatgen"
    run(qatgen, "init", "demo", cwd=tmp_path)
    demo = tmp_path / "demo"
    for words in (
        ["render"],
        ["check"],
        ["validate", "rendered"],
        ["test", "--coverage"],
        ["capacity"],
        ["diff", "dev", "prod"],
    ):
        run(qatgen, *words, cwd=demo)
    run(qatgen, "preview", "gateway", cwd=demo)
    run(qatgen, "explain", "RES014", cwd=demo)
    run(qatgen, "test", "--pack", cwd=demo)


def test_a_folder_that_holds_only_a_spec(installed, tmp_path):
    write(tmp_path, {"spec.yaml": SMALL})
    run(installed / "qatgen", "render", cwd=tmp_path)
    run(installed / "python", "-m", "generator", "check", cwd=tmp_path)


def test_what_is_rendered_is_what_the_repository_renders(installed, tmp_path):
    run(installed / "qatgen", "init", "demo", cwd=tmp_path)
    demo = tmp_path / "demo"
    run(installed / "qatgen", "render", cwd=demo)
    here = {path.relative_to(demo): path.read_bytes() for path in (demo / "rendered").rglob("*") if path.is_file()}
    run(sys.executable, "-m", "generator", "render", "--spec", demo / "spec.yaml", cwd=REPOSITORY)
    assert here == {p.relative_to(demo): p.read_bytes() for p in (demo / "rendered").rglob("*") if p.is_file()}


def test_pipx_runs_it(built, tmp_path, monkeypatch):
    monkeypatch.setenv("PIPX_HOME", str(tmp_path / "pipx"))
    said = run(built[0], "-m", "pipx", "run", "--spec", built[1], "qatgen", "--version", cwd=tmp_path)
    assert "qatgen, version" in said


def test_the_conformance_runners_need_run_time_libraries_only(installed):
    for name in ("cel", "vap", "kubevirt"):
        said = run(
            installed / "python", "-m", f"tests.conformance.{name}", shared_path(f"cases/{name}.json"), cwd=REPOSITORY
        )
        assert said.rstrip().splitlines()[-1].endswith(" passed, 0 failed")
