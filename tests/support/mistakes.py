"""The mistakes of tests/data/mistakes.yaml, made in a folder."""

import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.support.workspace import REPOSITORY, SMALL, Result, qatgen, write

DATA = REPOSITORY / "tests/data/mistakes.yaml"
EXAMPLE = ("spec.yaml", "overlays", "teams", "cloud-init", "policies")
Row = Mapping[str, Any]


@cache
def table() -> Row:
    """The file: its mistakes, and the tests that make the others."""
    read: Row = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return read


def base(row: Row, folder: Path) -> None:
    """Lay out the workspace in which the mistake is made; the folder is named `demo`, as the starter's platform."""
    kind = row.get("base", "starter")
    assert kind in {"starter", "small", "example", "empty"}, kind
    if kind == "starter":
        assert qatgen(folder.parent, "init", folder.name).code == 0
    elif kind == "small":
        write(folder, {"spec.yaml": SMALL})
    elif kind == "example":
        for name in EXAMPLE:
            source = REPOSITORY / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, folder / name)
    if row.get("rendered"):
        assert qatgen(folder, "render", "-q").code == 0
    if row.get("git"):
        for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "all")):
            identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
            subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def make(row: Row, folder: Path) -> None:
    """Make the mistake in a workspace."""
    for name in row.get("remove", ()):
        (folder / name).unlink(missing_ok=True)
    write(folder, {name: text for name, text in row.get("files", {}).items() if name not in row.get("remove", ())})
    for name, text in row.get("append", {}).items():
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    for name, changes in row.get("edits", {}).items():
        text = (folder / name).read_text(encoding="utf-8")
        for old, new in changes.items():
            assert old in text, (name, old)
            text = text.replace(old, new)
        (folder / name).write_bytes(text.encode(row.get("encoding", "utf-8")))


def answer(row: Row, folder: Path) -> Result:
    """What the mistake's command prints."""
    workspace = folder / "demo"
    workspace.mkdir()
    base(row, workspace)
    make(row, workspace)
    return qatgen(workspace, *row.get("command", "render").split())
