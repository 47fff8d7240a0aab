"""What a reviewer would otherwise have to remember."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import generator
from generator.explain.rules import all_rules
from generator.finding import Rule
from tests.support.workspace import REPOSITORY

PACKAGE = REPOSITORY / "generator"
MODULES = sorted(PACKAGE.rglob("*.py"))
SHOWN = [path.relative_to(REPOSITORY).as_posix() for path in MODULES]


@pytest.mark.parametrize("path", MODULES, ids=SHOWN)
def test_sizes_names_and_first_sentence(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    assert not re.search(r"util|helper|manager|misc|common", path.stem)
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module opens with the one job it has"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    for owner in (tree, *classes):
        for node in owner.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and path.name != "__main__.py":
                assert ast.get_docstring(node), f"{node.name} has no docstring"


@pytest.mark.parametrize("path", MODULES, ids=SHOWN)
def test_no_broad_except_print_or_exit_outside_the_command_line(path):
    # A supervisor hears of every end of its child, whatever it is.
    if {"cli", "bounds"} & set(path.relative_to(PACKAGE).parts):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler) and "render/engine" not in path.as_posix():
            caught = ast.unparse(node.type) if node.type else "bare"
            assert caught not in {"bare", "Exception"}, f"{path.name}:{node.lineno}"
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in {"print", "sys.exit", "exit", "os.getenv"}, (
                f"{path.name}:{node.lineno}"
            )
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) != "os.environ", f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("path", MODULES, ids=SHOWN)
def test_nothing_catches_every_end(path):
    """A step that is undone whatever ends it says so with `undone_by`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "BaseException"
            assert "BaseException" not in caught, f"{path.name}:{node.lineno}"


def test_rule_codes_are_unique_and_well_formed():
    seen: dict[str, str] = {}
    for info in pkgutil.walk_packages(generator.__path__, "generator."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if isinstance(value, Rule):
                assert re.fullmatch(r"[A-Z]{3,4}-?[0-9]{3}", value.code), (info.name, name)
                assert seen.setdefault(value.code, value.name) == value.name, value.code
    assert len(seen) > 80
    assert seen.keys() - all_rules().keys() == set(), "rules that `qatgen explain` does not find"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *sorted(
    p.relative_to(REPOSITORY).as_posix() for p in (REPOSITORY / "docs").glob("*.md"))])  # fmt: skip
def test_paths_and_links_in_documents_exist(page):
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for path in re.findall(r"`((?:generator|templates|tests|docs|examples|overlays)/[\w./-]+)`", prose):
        assert (REPOSITORY / path).exists(), path
    for link in re.findall(r"\]\(([^)#:]+)\)", re.sub(r"`[^`]*`", "", prose)):
        assert ((REPOSITORY / page).parent / link).exists(), link


def test_every_unit_test_mirrors_a_package():
    for folder in (REPOSITORY / "tests" / "unit").iterdir():
        if folder.is_dir() and not folder.name.startswith("__"):
            assert (PACKAGE / folder.name).is_dir(), folder.name


def test_nothing_names_a_folder_of_one_machine():
    odd = re.compile(r"/(?:root|home/[a-z]+|work|opt)/")
    for path in [
        *MODULES,
        *(REPOSITORY / "docs").glob("*.md"),
        *REPOSITORY.glob("*.md"),
        *Path(REPOSITORY / "templates").rglob("*"),
    ]:
        if path.is_file():
            assert not odd.search(path.read_text(encoding="utf-8")), path
