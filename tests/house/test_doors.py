"""Nothing but the door opens, lists or looks for files; what ships with the package is read by modules named here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.workspace import REPOSITORY

PACKAGE = REPOSITORY / "generator"
MODULES = sorted(PACKAGE.rglob("*.py"))
FUNCTIONS = frozenset(
    f"{module}.{name}"
    for module, names in {
        "os": "open scandir walk fwalk listdir stat lstat readlink access fdopen",
        "os.path": "exists lexists isfile isdir islink realpath getsize getmtime samefile",
        "io": "open open_code FileIO",
        "shutil": "copy copy2 copyfile copyfileobj copytree move",
        "glob": "glob iglob",
        "codecs": "open",
        "fileinput": "input",
        "linecache": "getline getlines",
    }.items()
    for name in names.split()
) | {"open"}
METHODS = frozenset(
    [
        "read_text",
        "read_bytes",
        "open",
        "glob",
        "rglob",
        "iterdir",
        "exists",
        "is_file",
        "is_dir",
        "is_symlink",
        "is_fifo",
        "is_socket",
        "stat",
        "lstat",
        "readlink",
        "resolve",
        "walk",
        "samefile",
        "touch",
    ]
)
DOORS = (
    "door",
    "way",
    "folder.way()",
    "enclosed(output)",
    "folder.door",
    "self.door",
    "project.folder.door",
    "self.folder.door",
)
"""How a door is called where a method of its own has a name of pathlib's."""
OTHERS = {("resolve", "self.unifier"), ("resolve", "_RESOLVER"), ("resolve", "self"), ("walk", "ast")}
"""Methods of other things that have such a name: types of CEL, tags of YAML."""
DATA = {
    "catalog/load.py": "the catalog's files",
    "cel/declarations.py": "the functions of CEL",
    "cli/init.py": "the files of a new repository",
    "explain/pages.py": "the pages of the rules",
    "lint/lint.py": "yamllint's configuration",
    "overlay/configuration.py": "kustomize's field specs",
    "overlay/shapes.py": "keys of lists",
    "overview/html.py": "the report's page",
    "pipeline/index.py": "where the templates are that ship",
    "pipeline/policies.py": "where the policies are that ship, and their pages",
    "references/table.py": "the table of references",
    "schema/builtin.py": "the schemas of kubernetes-validate",
    "schema/kinds/zones.py": "the names of time zones",
    "schema/lifecycle.py": "which APIs go when",
    "schema/own.py": "our schemas of other projects' kinds",
    "spec/example.py": "the example of the pages",
    "spec/schema.py": "the schema of the spec",
    "virtapi/shapes.py": "KubeVirt's types",
}
"""Modules that read what ships with the package, and nothing else."""
WRITERS = {
    "cli/init.py": "writes a new repository, and looks what is in the way",
    "cli/migrate.py": "looks whether two names are one file that it writes",
    "cli/outputs.py": "writes reports, and looks at what is where it writes",
    "pipeline/import_crds.py": "looks at what is where it writes",
    "pipeline/places.py": "looks at what is where trees are written",
    "cli/program.py": "/dev/null in place of an output that is gone",
    "cli/supervised.py": "/dev/null in place of streams that are closed",
}
"""Modules that write, and look at what is where they write."""
SYSTEM = {
    "bounds/child.py": "/proc, for the processes of a group",
}
"""Modules that read what the system says of processes."""
LOOKERS = {
    "cli/check.py": "asks whether the spec is there",
    "pipeline/affected.py": "reads schemas that changed",
    "pipeline/changed.py": "lists what is named as changed",
    "pipeline/check.py": "compares the bytes of trees",
    "pipeline/gitfolder.py": "looks for git's folder, which may be outside of the root",
    "pipeline/knownrecord.py": "lists the trees there are",
    "pipeline/stamps.py": "looks at the stamps of files, before they are read and after",
    "pipeline/head.py": "compares the bytes of trees with git's",
    "pipeline/trusted.py": "looks at the stamps of files, and at its own memory",
    "pipeline/worktree.py": "compares names with git's",
}
"""Modules that tell what changed: they look at names and stamps of links themselves, which the door follows."""
OWN = frozenset({"files", "emit"})


def calls(text: str) -> Iterator[tuple[int, str]]:
    """Calls in a module's text that reach files, by line."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name in FUNCTIONS:
            yield node.lineno, name
        elif isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            receiver = ast.unparse(node.func.value)
            if receiver.endswith(DOORS) or (node.func.attr, receiver) in OTHERS:
                continue
            yield node.lineno, name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nothing_else_opens_files(path: Path):
    name = path.relative_to(PACKAGE).as_posix()
    if path.relative_to(PACKAGE).parts[0] in OWN or name in {**DATA, **WRITERS, **SYSTEM, **LOOKERS}:
        return
    assert list(calls(path.read_text(encoding="utf-8"))) == []


def test_the_modules_that_may_still_need_it():
    for name in {**DATA, **WRITERS, **SYSTEM, **LOOKERS}:
        assert list(calls((PACKAGE / name).read_text(encoding="utf-8"))), f"{name} opens nothing: take it off the list"


@pytest.mark.parametrize("name", ["read_file", "read_one", "build", "apply_over", "load_policies", "template_folders"])
def test_every_reader_gets_a_door(name):
    """A reader without a door reads what a person named: no module may leave it out by mistake."""
    wanted = {"read_file": "door", "read_one": "door"}.get(name, "")
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name):
                continue
            given = [ast.unparse(one) for one in node.args] + [ast.unparse(one.value) for one in node.keywords]
            keywords = {one.arg for one in node.keywords}
            where = f"{path.relative_to(PACKAGE).as_posix()}:{node.lineno}"
            if given == ["None"] or (name == "build" and len(given) < 3):
                continue  # what ships alone; and `build` of a Build, another function
            assert wanted in keywords if wanted else any("door" in one or one == "way" for one in given), where


@pytest.mark.parametrize(
    "text",
    [
        "open('x')", "os.open('x', 0)", "Path('x').read_text()", "path.read_bytes()", "path.open()", "folder.rglob('*')",
        "folder.iterdir()", "path.exists()", "path.resolve()", "shutil.copytree(a, b)", "os.path.isfile(a)",
    ],
)  # fmt: skip
def test_what_counts_as_opening(text):
    assert [name for _, name in calls(text)]
