"""The user's files: what every command that writes may replace, what stops it, and what is named before it is lost.

`WRITERS` are the commands that replace a tree, `TREE` the tree each replaces; the tables of what is in the way and of
output folders run over all of them.
"""

import json
import os
import subprocess
import sys
import threading

import pytest

from tests.support.workspace import REPOSITORY, SMALL, qatgen, things, tree, write

KUSTOMIZATION = "resources: [objects.yaml]\n"
OBJECTS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: n}\ndata: {a: '1'}\n"
ONE, TWO = (things(f"{{{name}: {{type: string}}}}") for name in ("one", "two"))
FILES = {
    "spec.yaml": SMALL,
    "overlays/dev/spec.yaml": "spec: {}\n",
    "overlays/prod/spec.yaml": "spec: {}\n",
    "base/kustomization.yaml": KUSTOMIZATION,
    "base/objects.yaml": OBJECTS,
    "argocd/root.yaml": "mine: true\n",
}
WRITERS = {
    "render": ("render",),
    "build": ("build", "base", "--output-dir", "out"),
    "hydrate": ("argocd", "hydrate"),
}
TREE = {"render": "rendered/dev", "build": "out", "hydrate": "hydrated/dev"}
FILE = {"render": "vpn/virtualmachine-gw.yaml", "build": "n/configmap-c.yaml", "hydrate": "manifest.yaml"}


@pytest.fixture
def project(tmp_path):
    write(tmp_path, FILES)
    return tmp_path


def change(project):
    """Change the sources, so that every command has something to write."""
    write(project, {"spec.yaml": SMALL.replace("2Gi", "3Gi"), "base/objects.yaml": OBJECTS.replace("'1'", "'2'")})


IN_THE_WAY = {
    "note": lambda place: place.joinpath("NOTES.md").write_text("keep me\n"),
    "hidden": lambda place: place.joinpath(".hidden").write_text("keep me\n"),
    "manifest": lambda place: place.joinpath("mine.yaml").write_text(OBJECTS),
    "deep": lambda place: (place.joinpath("x/y").mkdir(parents=True), place.joinpath("x/y/z").touch()),
    "link": lambda place: place.joinpath("link").symlink_to("/etc/hostname"),
    "pipe": lambda place: os.mkfifo(place.joinpath("pipe")),
}
NAMED = {
    "note": "NOTES.md",
    "hidden": ".hidden",
    "manifest": "mine.yaml",
    "deep": "x/y/z",
    "link": "link",
    "pipe": "pipe",
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("kind", IN_THE_WAY)
def test_what_no_record_names_stops_every_writer(project, writer, kind):
    assert qatgen(project, *WRITERS[writer]).code == 0
    IN_THE_WAY[kind](project / TREE[writer])
    change(project)
    before = tree(project / TREE[writer].partition("/")[0])
    result = qatgen(project, *WRITERS[writer])
    assert (result.code, f"{TREE[writer]}/{NAMED[kind]}" in result.err, "--remove-unknown" in result.err) == (
        1,
        True,
        True,
    )
    assert tree(project / TREE[writer].partition("/")[0]) == before
    assert os.path.lexists(project / TREE[writer] / NAMED[kind])
    assert qatgen(project, *WRITERS[writer], "--remove-unknown").code == 0
    assert not os.path.lexists(project / TREE[writer] / NAMED[kind])
    assert tree(project / TREE[writer].partition("/")[0]) != before


@pytest.mark.parametrize("writer", WRITERS)
def test_a_folder_that_qatgen_did_not_make_is_kept(project, writer):
    write(
        project,
        {f"{TREE[writer]}/mine.yaml": OBJECTS, f"{TREE[writer]}/kustomization.yaml": "resources: [mine.yaml]\n"},
    )
    before = tree(project)
    result = qatgen(project, *WRITERS[writer])
    assert (result.code, f"{TREE[writer]}/mine.yaml" in result.err) == (1, True)
    assert tree(project) == before


@pytest.mark.parametrize("writer", WRITERS)
def test_hand_edits_are_named_by_every_writer(project, writer):
    assert qatgen(project, *WRITERS[writer]).code == 0
    place = project / TREE[writer] / FILE[writer]
    place.write_text("by hand\n")
    result = qatgen(project, *WRITERS[writer])
    said = result.err.index(f"{TREE[writer]}/{FILE[writer]} was changed by hand")
    assert (result.code, said >= 0, "by hand" in place.read_text()) == (0, True, False)
    assert qatgen(project, *WRITERS[writer]).err.count("by hand") == 0


@pytest.mark.parametrize("writer", ["render", "build"])
def test_hand_edits_are_findings_and_can_fail_the_run(project, writer):
    assert qatgen(project, *WRITERS[writer]).code == 0
    place = project / TREE[writer] / FILE[writer]
    place.write_text("by hand\n")
    result = qatgen(project, *WRITERS[writer], "--fail-on", "warning", "-o", "json")
    told = [one["rule"]["code"] for one in json.loads(result.out)["findings"]]
    assert (result.code, "EMT013" in told, place.read_text()) == (1, True, "by hand\n")


def test_a_record_of_a_merge_conflict_is_resolved_by_rendering(project):
    assert qatgen(project, "render").code == 0
    record = project / "rendered/dev/.qatgen.json"
    text = record.read_text()
    record.write_text(f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> main\n")
    result = qatgen(project, "render")
    assert (result.code, record.read_text()) == (0, text)


@pytest.mark.parametrize("name", ["README.md", "hydrator.metadata", "manifest.yaml"])
def test_hydrated_folders_of_a_release_without_records_are_known(project, name):
    assert qatgen(project, "argocd", "hydrate").code == 0
    (project / "hydrated/dev/.qatgen.index").unlink()
    change(project)
    assert qatgen(project, "argocd", "hydrate").code == 0
    (project / "hydrated/dev/.qatgen.index").unlink()
    (project / "hydrated/dev" / name).write_text("# mine\n")
    write(project, {"spec.yaml": SMALL})
    assert qatgen(project, "argocd", "hydrate").code == (0 if name == "manifest.yaml" else 1)


def test_the_metadata_beside_hydrated_environments_is_kept_where_it_is_not_ours(project):
    origin = ("--dry-sha", "abc", "--repo-url", "https://git.example.com/p.git")
    assert qatgen(project, "argocd", "hydrate", *origin).code == 0
    assert qatgen(project, "argocd", "hydrate", "--dry-sha", "def").code == 0
    (project / "hydrated/hydrator.metadata").write_text('{"mine": 1}')
    change(project)
    before = tree(project / "hydrated")
    result = qatgen(project, "argocd", "hydrate", *origin)
    assert (result.code, "hydrated/hydrator.metadata" in result.err) == (1, True)
    assert tree(project / "hydrated") == before


# where output may go

OUTPUTS = (
    "argocd",
    "overlays",
    "overlays/dev",
    "overlays/new",
    "templates",
    "policies/x",
    "schemas",
    ".",
    "..",
    "/",
    ".git",
    ".git/x",
    "spec.yaml",
    "link",
    "pipe",
)


@pytest.mark.parametrize("command", ["render", "hydrate"])
@pytest.mark.parametrize("output", OUTPUTS)
def test_output_over_sources_is_refused_untouched(project, command, output):
    (project / ".git").mkdir()
    (project / "elsewhere").mkdir()
    (project / "link").symlink_to("elsewhere")
    os.mkfifo(project / "pipe")
    before = (tree(project), sorted(path.name for path in project.rglob("*")))
    words = ("render",) if command == "render" else ("argocd", "hydrate")
    for more in ((), ("--remove-unknown",)):
        result = qatgen(project, *words, "--output-dir", output, *more)
        assert result.code in (1, 2), result
        assert "EMT" in result.err
        assert (tree(project), sorted(path.name for path in project.rglob("*"))) == before


def test_files_that_the_spec_names_are_sources(project):
    spec = SMALL.replace("spec:\n", "spec:\n  include: ['teams/*.yaml']\n", 1)
    team = "apiVersion: qatgen.dev/v1alpha1\nkind: Team\n"
    write(project, {"spec.yaml": spec.replace("spec:\n", "spec:\n"), "teams/a.yaml": team})
    before = tree(project)
    for output in ("teams", "teams/out"):
        assert qatgen(project, "render", "--output-dir", output).code in (1, 2)
    assert tree(project) == before


@pytest.mark.parametrize("output", ["base", ".", "..", "shared", ".git/out", "base/objects.yaml"])
def test_output_of_a_build_over_what_it_reads_is_refused(project, output):
    write(
        project,
        {"shared/kustomization.yaml": "resources: [s.yaml]\n", "shared/s.yaml": OBJECTS.replace("name: c", "name: s")},
    )
    write(project, {"base/kustomization.yaml": "resources: [objects.yaml, ../shared]\n"})
    before = tree(project)
    result = qatgen(project, "build", "base", "--output-dir", output, "--remove-unknown")
    assert (result.code, "EMT" in result.err) == (1, True), result
    assert tree(project) == before


def test_a_build_into_a_folder_inside_works_again_and_again(project):
    for text in (OBJECTS, OBJECTS.replace("'1'", "'2'"), OBJECTS.replace("name: c", "name: d")):
        (project / "base/objects.yaml").write_text(text)
        result = qatgen(project / "base", "build", ".", "--output-dir", "out")
        assert (result.code, "by hand" in result.err) == (0, False)
    assert set(tree(project / "base/out")) == {"n/configmap-d.yaml", "kustomization.yaml", ".qatgen.json"}


def test_output_inside_a_rendered_tree_is_refused(project):
    assert qatgen(project, "render").code == 0
    before = tree(project)
    for command in (
        ("render", "--output-dir", "rendered/dev"),
        ("build", "base", "--output-dir", "rendered/dev/vpn/x"),
    ):
        result = qatgen(project, *command)
        assert (result.code, "EMT014" in result.err) == (1, True)
    assert tree(project) == before


# reports

FORMS = ("text", "json", "sarif", "junit", "github", "markdown", "gitlab")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "spec", [SMALL, SMALL.replace("kind: QATPlatform", "kind: Nothing")], ids=["no findings", "findings"]
)
def test_a_report_replaces_a_report(project, form, spec):
    (project / "spec.yaml").write_text(spec)
    codes = [qatgen(project, "render", "-o", f"{form}=report").code for _ in range(2)]
    assert codes[0] == codes[1] != 2
    (project / "report").chmod(0o640)
    assert qatgen(project, "render", "-o", "json=report").code == codes[0]
    assert (project / "report").stat().st_mode & 0o777 == 0o640


REPORTING = [
    ("render", "-o", "json"),
    ("validate", "base/objects.yaml", "-o", "sarif"),
    ("check", "-o", "text"),
    ("build", "base", "-o", "junit"),
    ("report", "-o", "html"),
    ("report", "-o", "json"),
    ("test", "-o", "markdown"),
    ("schema", "import", "crd.yaml", "-o", "github"),
]


@pytest.mark.parametrize("words", REPORTING, ids=" ".join)
@pytest.mark.parametrize(
    "path",
    [
        "spec.yaml",
        "argocd/root.yaml",
        "mine.json",
        "mine.html",
        "mine.md",
        "link",
        "dangling",
        "argocd",
        "missing/x",
        "rendered/dev/x",
        "rendered/dev/.qatgen.json",
    ],
)
def test_a_report_over_anything_else_is_refused_before_any_work(project, words, path):
    write(
        project, {"mine.json": '{"kind": "Report"}', "mine.html": "<!doctype html><title>mine</title>", "crd.yaml": ONE}
    )
    write(project, {"rendered/dev/.qatgen.json": "{}", "mine.md": "## qatgen: how we use it\n\nNotes.\n"})
    (project / "link").symlink_to("spec.yaml")
    (project / "dangling").symlink_to("nowhere")
    before = (tree(project), sorted(path.name for path in project.rglob("*")))
    result = qatgen(project, *words[:-1], f"{words[-1]}={path}")
    assert (result.code, "cannot write the report to" in result.err) == (2, True), result
    assert (tree(project), sorted(path.name for path in project.rglob("*"))) == before


@pytest.mark.parametrize(("one", "other"), [("r", "r"), ("r", "./r"), ("r", "argocd/../r")])
def test_two_reports_in_one_file_are_refused(project, one, other):
    result = qatgen(project, "render", "-o", f"json={one}", "-o", f"sarif={other}")
    assert (result.code, "is named for two reports" in result.err) == (2, True)
    assert not (project / "rendered").exists()


def test_two_reports_in_one_file_of_two_names_are_refused(project):
    (project / "one").touch()
    (project / "other").hardlink_to(project / "one")
    result = qatgen(project, "render", "-o", "json=one", "-o", "sarif=other")
    assert (result.code, "is named for two reports" in result.err) == (2, True)


def test_only_folders_that_qatgen_made_are_to_be_removed(project):
    assert qatgen(project, "render", "-q", "--output-dir", "out").code == 0
    (project / "overlays/prod/spec.yaml").unlink()
    (project / "overlays/prod").rmdir()
    write(project, {"out/mine/notes.txt": "x"})
    hints = [line for line in qatgen(project, "render", "--output-dir", "out").err.splitlines() if "= help" in line]
    assert hints == ["   = help: move it out of out", "   = help: remove it: `git rm -r out/prod`"]


def test_nothing_of_git_is_in_what_is_built(project):
    write(project, {".git/config": "token: x\n", "base/kustomization.yaml": "resources: [../.git/config]\n"})
    result = qatgen(project, "build", "base", "--load-restrictor", "LoadRestrictionsNone")
    assert (result.code, "leads into .git" in result.err, "token" in result.out + result.err) == (1, True, False)


def test_pipes_are_written_to_and_devices_too(project):
    os.mkfifo(project / "pipe")
    read = []
    reader = threading.Thread(target=lambda: read.append((project / "pipe").read_bytes()))
    reader.start()
    assert qatgen(project, "render", "-o", "json=pipe").code == 0
    reader.join()
    assert json.loads(read[0])["kind"] == "Report"
    assert qatgen(project, "render", "-o", "json=/dev/null", "-o", "sarif=/dev/null").code == 0
    command = [sys.executable, "-m", "generator", "render", "-q", "-o", "json=/dev/stdout"]
    with (project / "out").open("wb") as out:
        subprocess.run(command, cwd=project, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, stdout=out, check=True)
    assert json.loads((project / "out").read_text())["kind"] == "Report"


def test_a_pipe_that_nobody_reads_does_not_hang(project, monkeypatch):
    monkeypatch.setattr("generator.cli.outputs._READER_COMES", 0.1)
    os.mkfifo(project / "pipe")
    result = qatgen(project, "render", "-o", "json=pipe")
    assert (result.code, "nobody reads the pipe" in result.err) == (2, True)


# schema import


def test_schemas_of_the_user_are_kept_and_edits_named(project):
    place = project / "schemas/example.com/things.yaml"
    write(project, {"crd.yaml": ONE, "two.yaml": TWO, "schemas/example.com/things.yaml": "# mine\n" + ONE})
    before = tree(project)
    result = qatgen(project, "schema", "import", "crd.yaml")
    assert (result.code, "schemas/example.com/things.yaml" in result.err, "--remove-unknown" in result.err) == (
        1,
        True,
        True,
    )
    assert tree(project) == before
    assert qatgen(project, "schema", "import", "crd.yaml", "--remove-unknown").code == 0
    assert qatgen(project, "schema", "import", "two.yaml").err == ""
    place.write_text("# mine\n" + place.read_text())
    result = qatgen(project, "schema", "import", "crd.yaml", "--fail-on", "warning")
    assert (result.code, "EMT013" in result.err, place.read_text()[:6]) == (1, True, "# mine")
    result = qatgen(project, "schema", "import", "crd.yaml")
    assert (result.code, "EMT013" in result.err, "mine" in place.read_text()) == (0, True, False)


def test_a_schema_that_an_earlier_release_wrote_is_known(project):
    write(project, {"crd.yaml": ONE, "two.yaml": TWO})
    assert qatgen(project, "schema", "import", "crd.yaml").code == 0
    (project / "schemas/.qatgen.index").unlink()
    assert qatgen(project, "schema", "import", "two.yaml").code == 0


@pytest.mark.parametrize("kind", ["file", "folder", "schemas", "dangling"])
def test_schemas_are_not_written_through_links(project, kind):
    write(project, {"crd.yaml": ONE, "elsewhere/things.yaml": "mine\n"})
    place = {"schemas": "schemas", "folder": "schemas/example.com"}.get(kind, "schemas/example.com/things.yaml")
    (project / place).parent.mkdir(parents=True, exist_ok=True)
    target = {"file": "elsewhere/things.yaml", "dangling": "nowhere"}.get(kind, "elsewhere")
    (project / place).symlink_to(project / target)
    before = tree(project)
    result = qatgen(project, "schema", "import", "crd.yaml", "--remove-unknown")
    assert (result.code, "link" in result.err) == (1, True)
    assert (tree(project), (project / "nowhere").exists()) == (before, False)


def test_all_schemas_are_imported_or_none(project):
    other = ONE.replace("things", "others").replace("Thing", "Other").replace("thing", "other")
    write(project, {"crd.yaml": f"{ONE}---\n{other}", "schemas/example.com/others.yaml": "# mine\n"})
    before = tree(project)
    assert qatgen(project, "schema", "import", "crd.yaml").code == 1
    assert tree(project) == before


def test_the_record_of_schemas_is_not_a_schema(project):
    write(
        project,
        {"crd.yaml": ONE, "thing.yaml": "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t}\none: x\n"},
    )
    assert qatgen(project, "schema", "import", "crd.yaml").code == 0
    assert qatgen(project, "validate", "thing.yaml", "schemas").code == 0
    assert qatgen(project, "render").code == 0


# init

IN_INIT = {
    "file": lambda top: (top / "spec.yaml").write_text("mine"),
    "dangling link": lambda top: (top / "spec.yaml").symlink_to(top.parent / "nowhere"),
    "link as a folder": lambda top: (top / "overlays").symlink_to(top.parent / "elsewhere"),
    "file as a folder": lambda top: (top / "policies").write_text("mine"),
    "link deep": lambda top: ((top / "overlays").mkdir(), (top / "overlays/dev").symlink_to(top.parent / "elsewhere")),
    "pipe": lambda top: os.mkfifo(top / "spec.yaml"),
}


@pytest.mark.parametrize("kind", IN_INIT)
def test_init_goes_neither_over_nor_through_what_is_there(tmp_path, kind):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "edge").mkdir()
    IN_INIT[kind](tmp_path / "edge")
    before = sorted(path.as_posix() for path in tmp_path.rglob("*"))
    assert qatgen(tmp_path, "init", "edge").code == 2
    assert sorted(path.as_posix() for path in tmp_path.rglob("*")) == before


# migrate

QATS = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: a}
spec:
  template:
    spec:
      domain:
        devices:
          qats:
            - name: qat0
              deviceName: example.com/qat
"""


@pytest.mark.parametrize("end", ["\n", ""], ids=["final newline", "none"])
@pytest.mark.parametrize("line", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_migrate_keeps_line_ends_and_mode(tmp_path, line, end):
    text = QATS.removesuffix("\n").replace("\n", line) + line * bool(end)
    (tmp_path / "a.yaml").write_bytes(text.encode())
    (tmp_path / "a.yaml").chmod(0o640)
    assert qatgen(tmp_path, "migrate", "a.yaml").code == 0
    assert (tmp_path / "a.yaml").read_bytes() == text.replace("qats:", "hostDevices:").encode()
    assert (tmp_path / "a.yaml").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("kind", ["link", "pipe", "broken", "in the way"])
def test_migrate_writes_all_files_or_none(tmp_path, kind):
    write(tmp_path, {"a.yaml": QATS, "real.yaml": QATS})
    if kind == "link":
        (tmp_path / "b.yaml").symlink_to("real.yaml")
    elif kind == "pipe":
        os.mkfifo(tmp_path / "b.yaml")
    else:
        write(tmp_path, {"b.yaml": QATS if kind == "in the way" else "a: [\n", ".b.yaml.qatgen.new": "mine"})
    before = tree(tmp_path)
    result = qatgen(tmp_path, "migrate", "a.yaml", "b.yaml")
    assert (result.code in (1, 2), "nothing was written" in result.err, tree(tmp_path) == before) == (True, True, True)
    assert kind != "link" or "real.yaml" in result.err


def test_migrate_keeps_hard_links(tmp_path):
    write(tmp_path, {"a.yaml": QATS})
    (tmp_path / "b.yaml").hardlink_to(tmp_path / "a.yaml")
    assert qatgen(tmp_path, "migrate", "a.yaml", "b.yaml", "./a.yaml").code == 0
    assert "hostDevices" in (tmp_path / "b.yaml").read_text()
    assert (tmp_path / "a.yaml").stat().st_nlink == 2


# an exchange that a dead run left


def unfinished(project):
    """Kill a render after the first of its exchanges."""
    assert qatgen(project, "render").code == 0
    change(project)
    script = (
        "import os, sys\nfrom generator.emit import tree\nfrom generator.cli.program import run\n"
        "real, placed = tree.StagedTree.place, []\n"
        "def place(self):\n    placed and os.kill(os.getpid(), 9)\n    placed.append(1)\n    return real(self)\n"
        "tree.StagedTree.place = place\nrun(['render'])\n"
    )
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([sys.executable, "-c", script], cwd=project, env=env, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    return memories(project)


def memories(project):
    return ["3Gi" in (project / f"rendered/{name}/vpn/virtualmachine-gw.yaml").read_text() for name in ("dev", "prod")]


READERS = (("check",), ("diff", "dev", "prod"), ("report", "-o", "json=r"), ("validate",), ("validate", "rendered/dev"))


def test_readers_report_an_unfinished_exchange_and_change_nothing(project):
    assert unfinished(project) == [True, False]
    before = (tree(project), sorted(path.name for path in (project / "rendered").iterdir()))
    for words in (*READERS, ("explain", f"rendered/dev/{FILE['render']}")):
        result = qatgen(project, *words)
        assert (result.code, "EMT015" in result.err) == (1, True), words
        assert (tree(project), sorted(path.name for path in (project / "rendered").iterdir())) == before


@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_readers_finish_it_when_they_are_asked_to(project, words):
    assert unfinished(project) == [True, False]
    result = qatgen(project, *words, "--repair")
    assert (result.code, memories(project)) == (0, [True, True]), result
    assert sorted(path.name for path in (project / "rendered").iterdir()) == ["dev", "prod"]


@pytest.mark.parametrize(
    "words", [("render",), ("render", "--env", "dev"), ("argocd", "hydrate", "--output-dir", "rendered")], ids=" ".join
)
def test_writers_finish_it_first(project, words):
    assert unfinished(project) == [True, False]
    assert qatgen(project, *words).code == (0 if words[0] == "render" else 1)  # the trees are not in hydrate's form
    assert sorted(path.name for path in (project / "rendered").iterdir()) == ["dev", "prod"]
    assert memories(project) == [True, True]


def test_git_commits_none_of_it(tmp_path):
    assert qatgen(tmp_path, "init").code == 0
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    left = (
        ".qatgen.journal",
        ".qatgen.journal.new",
        ".qatgen.lock",
        ".dev.qatgen.new/x",
        ".dev.qatgen.old.new/x",
        ".dev.qatgen.lock",
    )
    for folder in (tmp_path, REPOSITORY):
        command = ["git", "check-ignore", "--no-index", *(f"rendered/{name}" for name in left)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert len(done.stdout.splitlines()) == len(left), done
    kept = subprocess.run(
        ["git", "check-ignore", "rendered/dev/.qatgen.json"], cwd=tmp_path, capture_output=True, check=False
    )
    assert kept.returncode == 1
