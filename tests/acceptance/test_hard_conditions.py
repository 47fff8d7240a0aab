"""Git that is missing or odd, trees edited or led elsewhere, two runs at once, no room, no rights, Ctrl-C: told, and whole."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generator.emit import StagedTree
from tests.support.processes import catches, of_session
from tests.support.workspace import REPOSITORY, SMALL, qatgen, tree, write

MACHINE = "rendered/default/vpn/virtualmachine-gw.yaml"
MANY = SMALL.replace("    - name: gw\n", "    - name: gw\n      count: 1500\n").replace("nodes: 2", "nodes: 100")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A small project, rendered, without git."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    write(tmp_path, {"project/spec.yaml": SMALL})
    assert qatgen(tmp_path / "project", "render", "-q").code == 0
    return tmp_path / "project"


def start(folder, *arguments, under=(), **options):
    """The command line as a process of its own, started by the command `under` where one is given."""
    kept = {key: value for key, value in os.environ.items() if key != "CI"}
    command = [*under, sys.executable, "-m", "generator", *arguments]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.Popen(command, cwd=folder, env=kept | {"PYTHONPATH": str(REPOSITORY)}, text=True, **streams)


def finished(process):
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err
    return process.returncode, out, err


def beside(folder):
    """What stands beside the trees."""
    return sorted(path.name for path in (folder / "rendered").iterdir() if path.name.startswith("."))


# git


def test_git_is_not_installed(project, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    write(project, {"spec.yaml": SMALL.replace("2Gi", "3Gi")})
    assert qatgen(project, "render", "-q").code == 0
    assert qatgen(project, "check").code == 0
    assert qatgen(project, "check", "--changed-only").code == 0
    assert qatgen(project, "validate", "rendered").code == 0
    result = qatgen(project, "diff", "HEAD")
    assert (result.code, "git is not there" in result.err) == (2, True)
    result = qatgen(project, "check", "--changed-only", "--base", "main")
    assert (result.code, result.out) in ((0, "rendered is current\n"), (2, ""))


def git(folder, *arguments):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not there")
@pytest.mark.parametrize("state", ["no repository", "no commit", "dirty", "broken", "bare worktree file"])
def test_git_in_every_state(project, state):
    if state == "bare worktree file":
        (project / ".git").write_text("gitdir: /nowhere\n")
    elif state != "no repository":
        git(project, "init", "-q")
    if state in ("dirty", "broken"):
        git(project, "add", "-A")
        git(project, "commit", "-qm", "begun")
        write(project, {"notes.txt": "untracked"})
    if state == "broken":
        (project / ".git" / "HEAD").write_text("ref: refs/heads/nowhere\n")
        shutil.rmtree(project / ".git" / "objects")
    write(project, {"spec.yaml": SMALL.replace("2Gi", "3Gi")})
    for arguments in (["check", "--changed-only"], ["check"]):
        result = qatgen(project, *arguments)
        assert (result.code, "CHK002" in result.err) == (1, True), result
    assert qatgen(project, "render", "-q").code == 0
    for arguments in (["check", "--changed-only"], ["check"], ["validate", "rendered"]):
        assert qatgen(project, *arguments).code == 0, arguments


# trees edited by hand, and links


def test_trees_edited_by_hand_are_told_and_mended(project):
    path = project / MACHINE
    path.write_bytes(b"\xff\xfe not text")
    (project / "rendered/default/vpn/.hidden").write_text("x")
    result = qatgen(project, "check")
    assert (result.code, "changed by hand" in result.err) == (1, True)
    (project / "rendered/default/.qatgen.json").write_text("{")
    assert qatgen(project, "check", "--changed-only").code == 1
    result = qatgen(project, "render", "-q")
    assert (result.code, "no record that can be read" in result.err) == (1, True)
    assert path.read_bytes() == b"\xff\xfe not text"
    assert qatgen(project, "render", "-q", "--remove-unknown").code == 0
    assert qatgen(project, "check").code == 0
    assert not (project / "rendered/default/vpn/.hidden").exists()


@pytest.mark.parametrize("kind", ["file", "folder", "tree", "trees", "loop"])
def test_links_in_rendered_are_told_and_never_followed(project, tmp_path, kind):
    place = {"file": MACHINE, "folder": "rendered/default/vpn", "tree": "rendered/default", "trees": "rendered"}
    elsewhere = tmp_path / "elsewhere"
    if kind == "loop":
        (project / "rendered/default/vpn/loop").symlink_to("..")
    else:
        (project / place[kind]).rename(elsewhere)
        (project / place[kind]).symlink_to(elsewhere)
    before = tree(elsewhere) if elsewhere.is_dir() else None
    write(project, {"spec.yaml": SMALL.replace("2Gi", "3Gi")})
    result = qatgen(project, "check")
    assert result.code == 1
    told = qatgen(project, "validate", "rendered")
    assert (told.code, "SRC054" in told.err) == ((0, False) if kind == "trees" else (2, True)), told
    result = qatgen(project, "render")
    rule = "EMT005" if kind in ("tree", "trees") else "EMT012"
    assert (result.code, rule in result.err) == (1, True), result
    if kind not in ("tree", "trees"):
        assert qatgen(project, "render", "--remove-unknown").code == 0
        assert "3Gi" in (project / MACHINE).read_text()
        assert not (project / MACHINE).is_symlink()
        assert not (project / "rendered/default/vpn").is_symlink()
    assert (tree(elsewhere) if elsewhere.is_dir() else None) == before


def test_a_link_to_what_others_must_not_see_is_not_shown(project, tmp_path):
    (tmp_path / "secret").write_text("password: hunter2: x\n")
    (project / "rendered/default/vpn/link.yaml").symlink_to(tmp_path / "secret")
    for command in (["validate", "rendered"], ["diff", "rendered", "rendered"]):
        result = qatgen(project, *command)
        assert result.code in (1, 2)
        assert "hunter2" not in result.out + result.err
        assert "SRC054" in result.err


# two runs at once


def test_a_second_run_is_refused_while_the_first_writes(project):
    with StagedTree(project / "rendered/default"):
        code, _, err = finished(start(project, "render"))
        assert (code, "EMT004" in err, "another run is writing" in err) == (1, True, True)
        assert finished(start(project, "validate", "rendered"))[0] == 0
    assert finished(start(project, "render"))[0] == 0


def test_the_lock_of_a_killed_run_does_not_block(project):
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom generator.emit import StagedTree\n"
        "with StagedTree(Path('rendered/default')) as tree:\n tree.write('a', b'1')\n print('held', flush=True)\n time.sleep(60)\n"
    )
    kept = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=project, env=kept, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert finished(start(project, "render"))[0] == 1
        holder.kill()
    assert beside(project) == [".default.qatgen.lock", ".default.qatgen.new"]
    assert finished(start(project, "render"))[0] == 0
    assert beside(project) == []


def test_runs_at_once_leave_one_whole_tree(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL})
    runs = [start(tmp_path, "render") for _ in range(4)]
    codes = [finished(run)[0] for run in runs]
    assert set(codes) <= {0, 1}
    assert 0 in codes
    assert finished(start(tmp_path, "check"))[0] == 0
    assert beside(tmp_path) == []


def test_a_lock_file_that_is_a_link_is_not_followed(project, tmp_path):
    (project / "rendered/.default.qatgen.lock").symlink_to(tmp_path / "made")
    result = qatgen(project, "render")
    assert result.code == 1
    assert not (tmp_path / "made").exists()


# no rights, no room


@pytest.fixture
def unprivileged():
    """What a command begins with so that permissions bind it, whoever runs the tests."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root may do everything, and setpriv is not there to take that away")
    return ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]


def test_a_tree_that_may_not_be_written(project, unprivileged):
    for folder in (project, *(path for path in project.rglob("*") if path.is_dir())):
        folder.chmod(0o555)
    before = tree(project)
    try:
        write_spec = finished(start(project, "render", under=unprivileged))
        assert (write_spec[0], "EMT003" in write_spec[2]) == (1, True)
        code, out, _ = finished(start(project, "check", under=unprivileged))
        assert (code, out) == (0, "rendered is current\n")
        code, _, err = finished(start(project, "init", "more", under=unprivileged))
        assert (code, "cannot write" in err) == (2, True)
    finally:
        for folder in (project, *(path for path in project.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
    assert tree(project) == before


def test_files_that_may_not_be_read(project, unprivileged):
    (project / MACHINE).chmod(0)
    try:
        code, _, err = finished(start(project, "check", under=unprivileged))
        assert (code, "permission denied" in err) == (2, True)
        code, _, err = finished(start(project, "validate", "rendered", under=unprivileged))
        assert (code, "permission denied" in err) == (2, True)
    finally:
        (project / MACHINE).chmod(0o644)


@pytest.fixture
def small_disk(project):
    """How to run with `rendered/` on a disk of 200 KiB, which has the tree and no room for a second."""
    script = 'set -e; mount -t tmpfs -o size=200k none rendered; cp -r kept/. rendered; exec "$@"'  # the mount is this run's own
    shutil.copytree(project / "rendered", project / "kept")
    command = ["unshare", "--mount", "sh", "-c", script, "sh"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*command, "true"], cwd=project, capture_output=True, check=False).returncode
    ):
        pytest.skip("a disk of one's own cannot be mounted here: it takes unshare and the right to mount")
    return command


def test_a_disk_that_is_full(project, small_disk):
    write(project, {"spec.yaml": MANY})
    kept = {key: value for key, value in os.environ.items() if key != "CI"} | {"PYTHONPATH": str(REPOSITORY)}
    script = f"{sys.executable} -m generator render; echo code $?; ls -A rendered; cmp {MACHINE} kept/default/vpn/{Path(MACHINE).name}"
    done = subprocess.run(
        [*small_disk, "sh", "-c", script], cwd=project, env=kept, capture_output=True, text=True, check=False
    )
    assert "EMT002" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines() == ["code 1", "default"]
    assert done.returncode == 0, "the old tree is there"


@pytest.mark.parametrize(
    "command", [["schema"], ["diff", "spec.yaml", "spec.yaml"], ["check", "-o", "json"], ["explain", "RES007"]]
)
def test_an_output_that_takes_nothing(project, command):
    with Path("/dev/full").open("w") as full:
        code, _, err = finished(start(project, *command, stdout=full))
    assert (code, "no space left" in err) == (2, True)


def test_no_place_for_temporary_files(project, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(project / "nowhere"))
    result = qatgen(project, "check")
    assert (result.code, "no such file or directory" in result.err) == (2, True)


# Ctrl-C


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    write(folder, {"spec.yaml": MANY})
    began = time.monotonic()
    assert finished(start(folder, "render", "-q"))[0] == 0
    return folder, time.monotonic() - began


@pytest.mark.slow
@pytest.mark.parametrize("share", [0, 0.01, 0.03, 0.25, 0.5, 0.75, 0.95])
@pytest.mark.parametrize("jobs", ["2"])
def test_an_interrupt_at_any_moment(many, share, jobs):
    folder, whole = many
    memory = f"{int(share * 100) + 10}Gi"
    write(folder, {"spec.yaml": MANY.replace("2Gi", memory)})
    before = tree(folder / "rendered")
    run = start(folder, "render", "--jobs", jobs, start_new_session=True)
    assert catches(run.pid, signal.SIGTERM)  # before that, Python itself is starting
    time.sleep(whole * share)
    os.killpg(run.pid, signal.SIGINT)
    code, _, err = finished(run)
    assert code in (0, 130)
    assert code == 0 or err.strip() == "interrupted"
    assert beside(folder) == []
    after = tree(folder / "rendered")
    if after != before:
        assert json.loads(after["default/.qatgen.json"])
        texts = [text for name, text in after.items() if "virtualmachine-gw" in name]
        assert len(texts) == 1500
        assert all(memory.encode() in text for text in texts)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.05, 0.5])
def test_workers_go_with_a_run_that_is_killed(many, share):
    folder, whole = many
    run = start(folder, "render", "--jobs", "2", start_new_session=True)
    time.sleep(whole * share)
    run.kill()
    run.communicate(timeout=60)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and of_session(run.pid):
        time.sleep(0.2)
    assert of_session(run.pid) == []
    assert finished(start(folder, "render", "-q"))[0] == 0
    assert beside(folder) == []


SIGNALS = {
    "the end of children is ignored": "signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
    "every signal is held back": "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())",
    "limits are ignored": "[signal.signal(n, signal.SIG_IGN) for n in (signal.SIGXCPU, signal.SIGIO, signal.SIGPROF)]",
}


@pytest.mark.parametrize("case", SIGNALS)
def test_signals_as_whoever_starts_us_left_them(project, case):
    code = f"import os, signal, sys; {SIGNALS[case]}; os.execvp(sys.argv[1], sys.argv[1:])"
    endless = "{% set s='a'*16000000 %}{% set t=('a'*15999999) ~ 'b' %}{{ t in ([s]*1000000) }}"
    write(project, {"templates/index.yaml": "templates: [{template: x.yaml.j2}]\n", "templates/x.yaml.j2": endless})
    run = start(project, "render", under=[sys.executable, "-c", code])
    _, said = run.communicate(timeout=120)
    assert (run.returncode, said.count("error[RUN001 too-long]")) == (1, 1), said


@pytest.mark.parametrize("most", [5, 6, 7, 8, 9])
def test_too_few_open_files(project, most):
    run = start(project, "render", under=["sh", "-c", f'ulimit -n {most}; exec "$@"', "sh"])
    _, said = run.communicate(timeout=60)
    assert run.returncode in (1, 2)
    assert "too many open files" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("closed", ["<&-", "<&- >&-", "<&- 2>&-"])
def test_standard_input_that_is_closed_is_empty(project, closed):
    run = start(project, "validate", "-", under=["sh", "-c", f'"$@" {closed}', "sh"])
    _, said = run.communicate(timeout=60)
    assert run.returncode in (1, 2)
    assert "internal error" not in said


def test_what_comes_through_a_pipe_is_not_cut_where_there_is_no_room_for_it(project):
    objects = "".join(f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{n}}}\n" for n in range(100_000))
    small = ["sh", "-c", 'ulimit -f 2048; exec "$@"', "sh"]
    run = start(project, "validate", "-", under=small, stdin=subprocess.PIPE)
    said, told = run.communicate(objects, timeout=120)
    assert (run.returncode, said, told) == (2, "", "error: file too large\n")


def test_more_machines_than_anybody_has_are_counted_not_made(project):
    matrix = ", ".join(f"k{key}: [{', '.join('abcdefghij')}]" for key in range(12))
    text = SMALL.replace("    - name: gw\n", f"    - name: gw\n      matrix: {{{matrix}}}\n")
    write(project, {"spec.yaml": text})
    run = start(project, "render", under=["sh", "-c", 'ulimit -t 20; exec "$@"', "sh"])
    _, said = run.communicate(timeout=120)
    assert run.returncode == 1
    message = 'error[SPC006 out-of-range]: "gw" makes 1,000,000,000,000 machines, allowed are at most 200,000'
    assert said.startswith(message)
