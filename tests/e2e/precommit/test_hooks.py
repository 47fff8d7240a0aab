"""The hooks of this repository, installed by pre-commit itself: a commit that must not pass, then one that does."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.workspace import REPOSITORY

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not there"),
]
PROGRAMS = Path(sys.executable).parent
MACHINE = "rendered/dev/vpn/virtualmachine-gateway.yaml"
CONFIG = """\
repos:
  - repo: {url}
    rev: {revision}
    hooks: [{{id: {hook}}}]
"""


@dataclass(frozen=True)
class Bench:
    """A copy of this repository as a repository to install hooks from, and where pre-commit keeps what it installs."""

    url: Path
    revision: str
    cache: Path

    def run(self, folder, *command, code=0):
        """A command's output, of both streams; it must end with `code`."""
        kept = {key: value for key, value in os.environ.items() if key not in {"CI", "PRE_COMMIT", "VIRTUAL_ENV"}}
        own = {
            "PRE_COMMIT_HOME": str(self.cache),
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            **{f"GIT_{who}_{what}": "t@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }
        done = subprocess.run(
            [str(word) for word in command],
            cwd=folder,
            env=kept | own,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{command}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def commit(self, folder, subject, *, code=0):
        """Commit what is staged."""
        return self.run(folder, "git", "commit", "-m", subject, code=code)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """The repository as it is now, committed; skips where pre-commit or a package index is not to be had."""
    if not (PROGRAMS / "pre-commit").is_file():
        pytest.skip("pre-commit is not installed: make setup")
    folder = tmp_path_factory.mktemp("bench")
    url = folder / "qatgen"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().splitlines():
        if (REPOSITORY / name).is_file():
            (url / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, url / name)
    made = Bench(url, "", folder / "cache")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        made.run(url, "git", *command)
    return Bench(url, made.run(url, "git", "rev-parse", "HEAD").strip(), folder / "cache")


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """Hooks that are installed ask a package index for what they need."""
    folder = str(tmp_path_factory.mktemp("index"))
    asked = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-cache-dir", "-d", folder, "hatchling"]
    if subprocess.run(asked, capture_output=True, check=False).returncode:
        pytest.skip("no package index can be reached: hooks cannot be installed")


HOOKS = ["render", "check", "validate", "test"]


@pytest.fixture(params=["", "-system"], ids=["python", "system"])
def language(request):
    if not request.param:
        request.getfixturevalue("index")
    return request.param


def project(bench, folder, hook):
    """A repository as `qatgen init` makes it, with one hook from here."""
    bench.run(folder, PROGRAMS / "qatgen", "init", "site")
    site = folder / "site"
    (site / ".pre-commit-config.yaml").write_text(CONFIG.format(url=bench.url, revision=bench.revision, hook=hook))
    bench.run(site, PROGRAMS / "qatgen", "render")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "begun"]):
        bench.run(site, "git", *command)
    bench.run(site, PROGRAMS / "pre-commit", "install", "--install-hooks")
    return site


def edit(site, name, old, new):
    path = site / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def stage(bench, site):
    bench.run(site, "git", "add", "-A")


def test_render(bench, tmp_path, language):
    site = project(bench, tmp_path, f"qatgen-render{language}")
    edit(site, "spec.yaml", "guest: 2Gi", "guest: 5Gi")
    stage(bench, site)
    said = bench.commit(site, "more memory", code=1)
    assert "files were modified by this hook" in said
    assert "guest: 5Gi" in (site / MACHINE).read_text()
    stage(bench, site)
    assert "Passed" in bench.commit(site, "more memory")
    assert "guest: 5Gi" in bench.run(site, "git", "show", f"HEAD:{MACHINE}")


def test_check(bench, tmp_path, language):
    site = project(bench, tmp_path, f"qatgen-check{language}")
    edit(site, "spec.yaml", "guest: 2Gi", "guest: 5Gi")
    stage(bench, site)
    said = bench.commit(site, "more memory", code=1)
    assert "CHK002" in said
    assert "run `qatgen render" in said
    bench.run(site, PROGRAMS / "qatgen", "render")
    said = bench.commit(site, "rendered but not added", code=1)
    assert "CHK002" in said
    stage(bench, site)
    assert "Passed" in bench.commit(site, "more memory")
    # A list of changed files leaves out what is gone.
    bench.run(site, "git", "rm", "-q", MACHINE)
    assert "CHK001" in bench.commit(site, "gone", code=1)
    bench.run(site, "git", "reset", "-q", "--hard")
    (site / "README.md").write_text("# words\n")
    stage(bench, site)
    assert "depends on nothing that changed" in bench.run(
        site, PROGRAMS / "pre-commit", "run", "--verbose", f"qatgen-check{language}"
    )
    assert "Passed" in bench.commit(site, "words")
    bench.run(site, "git", "rm", "-rq", "--cached", "rendered/dev")
    assert "CHK006" in bench.commit(site, "left out", code=1)


def test_validate(bench, tmp_path, language):
    site = project(bench, tmp_path, f"qatgen-validate{language}")
    edit(site, MACHINE, "runStrategy:", "runStrategie:")
    stage(bench, site)
    said = bench.commit(site, "a slip", code=1)
    assert "runStrategie" in said
    edit(site, MACHINE, "runStrategie:", "runStrategy:")
    edit(site, MACHINE, "guest: 2Gi", "guest: 5Gi")
    stage(bench, site)
    assert "Passed" in bench.commit(site, "more memory")
    (site / "README.md").write_text("# words\n")
    stage(bench, site)
    assert "Skipped" in bench.commit(site, "words")


def test_test(bench, tmp_path, language):
    site = project(bench, tmp_path, f"qatgen-test{language}")
    policy = next(path.relative_to(site).as_posix() for path in site.glob("policies/*/policy.yaml"))
    before = (site / policy).read_text()
    edit(
        site,
        policy,
        "failurePolicy: Fail",
        "failurePolicy: Fail\n  matchConditions: [{name: never, expression: 'false'}]",
    )
    stage(bench, site)
    assert "qatgen-test" in bench.commit(site, "never asked", code=1)
    (site / policy).write_text(before + "# as it was\n")
    stage(bench, site)
    assert "Passed" in bench.commit(site, "as it was")


def test_every_hook_is_driven_here():
    hooks = (REPOSITORY / ".pre-commit-hooks.yaml").read_text()
    assert sorted(f"qatgen-{name}{end}" for name in HOOKS for end in ("", "-system")) == sorted(
        line.removeprefix("- id: ") for line in hooks.splitlines() if line.startswith("- id: ")
    )
    assert {f"test_{name}" for name in HOOKS} <= set(globals())
