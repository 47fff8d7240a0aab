"""Documents for people, taken apart so that what they tell can be tried.

A page says in a comment where its commands run: `<!-- workspace: empty | init | repository -->`. Then

- a block `sh` is run line by line; a line may end in `# exit 1`;
- a block `text` after one holds lines that its last command printed; `…` stands for anything;
- a block `yaml` or `jinja` whose first line is a comment with a path (`# some/path.yaml`) is written to that file;
  of the repository's own files none is overwritten: there the block only shows;
- a block `console` is not run: what it shows needs a cluster, a network or a shell of one's own.
"""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_WORKSPACE = re.compile(r"^<!-- workspace: (\w+) -->$", re.MULTILINE)
_FILE = re.compile(r"\{?# ([\w./-]+\.(?:ya?ml|j2))\b")
_EXIT = re.compile(r"\s+# exit (\d+)$")


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, text, and line in the page."""

    language: str
    text: str
    line: int


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page."""
    for match in _BLOCK.finditer(page):
        yield Block(match[1], match[2], page.count("\n", 0, match.start()) + 1)


def workspace(page: str) -> str:
    """Where a page's commands run; empty where it does not say."""
    match = _WORKSPACE.search(page)
    return match[1] if match else ""


def try_page(page: str, folder: Path, programs: Path) -> Iterator[str]:
    """Do what a page says, in a folder; what does not come out as it is told. `programs` come first on PATH."""
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "CI": "", "NO_COLOR": "1"}
    said = None
    kept = {path for path in folder.rglob("*") if workspace(page) == "repository"}
    for block in blocks(page):
        if block.language in {"yaml", "jinja"} and (name := _FILE.match(block.text)):
            path = folder / name[1]
            if path in kept:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "sh":
            for command in _commands(block.text):
                wanted = int(match[1]) if (match := _EXIT.search(command)) else 0
                if command.startswith("cd "):
                    folder = folder / shlex.split(command)[1]
                    continue
                run = subprocess.run(
                    ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
                )
                said = run.stdout + run.stderr
                if run.returncode != wanted:
                    yield f"line {block.line}: `{command}` ends with {run.returncode}, not {wanted}: {said[-2000:]}"
        elif block.language == "text" and said is not None:
            printed = [line.rstrip() for line in said.splitlines()]
            for line in filter(None, map(str.rstrip, block.text.splitlines())):
                pattern = re.compile(".*".join(map(re.escape, line.split("…"))))
                if not any(pattern.fullmatch(one) for one in printed):
                    yield f"line {block.line}: nothing printed is `{line}`; printed was: {said[-2000:]}"


def _commands(text: str) -> Iterator[str]:
    """Commands, one a line; one that ends in a backslash goes on."""
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()
