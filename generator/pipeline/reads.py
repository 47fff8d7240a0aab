"""What environments read, found out anew: for records that nobody has vouched for.

The spec is read as a render reads it. A kustomization is not built; every text in it that may name a file counts, and
so does every text of the files it names. That is more than a build reads, never less.
"""

import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from generator.files import NOTHING_CHOSEN, Chosen, Door, Kind, RefusedError, enclosed
from generator.finding import Halt
from generator.pipeline.claims import WILD
from generator.spec.load import KUSTOMIZATIONS, SpecFolder

_MOST_FILES = 5_000
_LARGEST = 1 << 22
_WORDS = re.compile(r"[^\s,;:=\[\]{}\"'|<>]+")


class Reading:
    """A project as it is now, read when it is first asked about. `before` gives what a file held at the base."""

    def __init__(self, spec: Path, before: Callable[[str], bytes], root: Chosen = NOTHING_CHOSEN) -> None:
        self._spec = spec
        self._root = root
        self._before = before
        self._rows: dict[str, Any] = {}

    def sources(self, name: str) -> frozenset[str] | None:
        """Every source of an environment, and more; None where it cannot be read as it is."""
        from generator.pipeline.judgement import judged_row  # noqa: PLC0415 - loaded where a record is not believed
        from generator.pipeline.sources import relative, sources_of, templates_of  # noqa: PLC0415
        from generator.render import Renderer  # noqa: PLC0415

        try:
            project, (environment, model) = self._row(name)
            policies = judged_row(project, environment, model).policies
            laid = list(mentioned(environment.folder, project.folder)) if environment.folder is not None else []
            found = set(sources_of(project.folder, environment, model, policies, ()))
            found.update(relative(project.folder, path) for path in laid)
            found.update(templates_of(Renderer(project.templates), project.entries, model, ""))
        except (Halt, OSError, ValueError, RecursionError):
            return None
        return frozenset(found)

    def in_force(self, name: str, changed: Collection[str]) -> frozenset[str] | None:
        """The folders of the policies that apply to an environment now, or did at the base; None: unknown."""
        from generator.pipeline.admission import in_force  # noqa: PLC0415 - most changes need no policies
        from generator.pipeline.policies import load_policies  # noqa: PLC0415
        from generator.pipeline.scope import scope_of  # noqa: PLC0415

        try:
            project, (_, model) = self._row(name)
            scope = scope_of(model, project.catalog)
            policies = load_policies(project.folder.root, project.folder.shown, project.folder.door)
            found = {policy.folder.rpartition("/")[2] for policy in in_force(policies, scope)}
            with tempfile.TemporaryDirectory(prefix="qatgen-before-") as folder:
                door = enclosed(Path(folder))
                was = load_policies(self._laid_out(Path(folder), changed), "", door)
                found.update(policy.folder.rpartition("/")[2] for policy in in_force(was, scope))
        except (Halt, OSError, ValueError, RecursionError):
            return None
        return frozenset(found)

    def _laid_out(self, folder: Path, changed: Collection[str]) -> Path:
        """The policies that changed, as they were at the base, in an empty folder."""
        from generator.pipeline.policies import BINDING, POLICY  # noqa: PLC0415 - as above

        for name in sorted(
            {file.split("/")[1] for file in changed if file.startswith("policies/") and "/" in file[9:]}
        ):
            for part in (POLICY, BINDING):
                raw = self._before(f"policies/{name}/{part}")
                if raw and name not in (".", ".."):
                    (folder / "policies" / name).mkdir(parents=True, exist_ok=True)
                    (folder / "policies" / name / part).write_bytes(raw)
        return folder

    def _row(self, name: str) -> tuple[Any, tuple[Any, Any]]:
        """The project, and an environment with its model. Raises Halt where that one cannot be read."""
        from generator.pipeline.project import read_project  # noqa: PLC0415 - loaded where a record is not believed

        if not self._rows:
            try:
                project = read_project(self._spec, root=self._root)
                self._rows = {
                    environment.name: (project, (environment, model)) for environment, model in project.environments
                }
            except Halt:
                self._rows = {"": None}  # one by one: another may be the one that cannot be read
        if self._rows.get(name) is None:
            project = read_project(self._spec, name, root=self._root)
            rows = [row for row in project.environments if row[0].name == name]
            if not rows:
                raise Halt([finding for _, finding in project.told])
            self._rows[name] = (project, rows[0])
        found: tuple[Any, tuple[Any, Any]] = self._rows[name]
        return found


def mentioned(folder: Path, project: SpecFolder) -> Iterator[Path]:
    """Every path that the kustomization of a folder, or a file it names, may name, there or not; patterns as well.

    Raises Halt for a file that is not YAML, OSError for one that cannot be read, and ValueError for too many.
    """
    seen: set[Path] = set()
    todo: list[Path] = []

    def enter(below: Path) -> Iterator[Path]:
        for name in KUSTOMIZATIONS:
            if project.door.has_file(below / name):
                todo.append(below / name)
                yield below / name

    yield from enter(folder)
    while todo:
        file = todo.pop()
        if file in seen:
            continue
        seen.add(file)
        if len(seen) > _MOST_FILES:
            raise ValueError("a kustomization names too much")
        for word in _words(file, project.door):
            path = Path(os.path.normpath(file.parent / word))
            yield path
            if any(sign in word for sign in WILD):
                continue
            kind = _kind(path, project.door)
            if kind is Kind.FOLDER and path != project.root:
                yield from enter(path)
            elif kind is Kind.FILE:
                yield project.door.real(path)
                if path.suffix in (".yaml", ".yml", ".json") and path.is_relative_to(project.root):
                    todo.append(path)


def _kind(path: Path, door: Door) -> Kind | None:
    """What is at a path that a word may mean; nothing where it is not to be read."""
    try:
        return door.kind(path)
    except RefusedError:
        return None


def _words(file: Path, door: Door) -> Iterator[str]:
    """The words of a file that may be relative paths, as YAML reads its texts and as they are written."""
    from generator.source import Dialect, read_documents  # noqa: PLC0415 - loaded where a record is not believed

    todo: list[Any] = [
        document.data for document in read_documents(door.read(file, _LARGEST), str(file), Dialect.KUBERNETES)
    ]
    found: set[str] = set()
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            todo += one.values()
        elif isinstance(one, list):
            todo += one
        elif isinstance(one, str):
            found.update((one, *_WORDS.findall(one)) if len(one) < 4096 else _WORDS.findall(one))
    yield from sorted(word for word in found if not word.startswith("/") and "\0" not in word and len(word) < 1024)
