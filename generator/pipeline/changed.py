"""What of a project is to be checked after a change: asked of git, or told by a list of files."""

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from generator.finding import Finding, Halt
from generator.location import Span
from generator.pipeline import rules
from generator.pipeline.affected import Affected, Question, affected
from generator.pipeline.record import read_record, record_file
from generator.pipeline.worktree import WorkTree, work_tree
from generator.spec.load import SpecFolder, environment_names, open_folder


@dataclass(frozen=True, slots=True)
class Changed:
    """What is to be checked: what is affected, or everything for the reason `why`; `tree` is git's, where it is there.

    `names` are the environments.
    """

    names: Collection[str]
    affected: Affected | None
    why: str = ""
    tree: WorkTree | None = None


def what_changed(spec: Path, output: Path, files: Collection[Path], base: str, vouched: Any = None) -> Changed:
    """What the files concern, or without any what differs from a revision in the work tree (`base`: "" for HEAD).

    Files that are gone are asked of git even beside a list: tools that hand on lists leave them out. Raises Halt.
    """
    folder = open_folder(spec)
    names = environment_names(folder)
    tree = work_tree(folder.root, base or "HEAD")
    if tree is None and base:
        message = f'git has no revision "{base}" here'
        hint = "name a branch, a tag or a commit that is in this clone"
        raise Halt([Finding(rule=rules.NO_REVISION, message=message, at=Span(base), hint=hint)])
    if tree is None and not files:
        return Changed(names, None, "git does not tell what changed")
    changed = set(_told(folder, files)) if files else set()
    if tree is not None:
        changed |= tree.gone() if files else tree.changed()
        changed |= tree.unseen(_known(folder, output, names))
    in_force = cache(_InForce(spec))
    before = tree.before if tree is not None else _nothing
    question = Question(folder.root, output, names, frozenset(changed), in_force, before)
    return Changed(names, affected(question), tree=tree)


def _nothing(path: str) -> bytes:
    del path
    return b""


def _told(folder: SpecFolder, files: Iterable[Path]) -> Iterator[str]:
    """Files as they are called from the spec's folder; of a folder all that is in it."""
    root = folder.root.resolve()
    for file in files:
        place = file.absolute().parent.resolve() / file.name
        found = [path for path in place.rglob("*") if path.is_file()] if place.is_dir() else [place]
        yield from (Path(os.path.relpath(path, root)).as_posix() for path in found)


def _known(folder: SpecFolder, output: Path, names: Iterable[str]) -> Iterator[str]:
    """Every file that trees are known to depend on, and their records."""
    root = folder.root.resolve()
    for name in names:
        yield from (one for one in read_record(output / name).sources if not one.endswith("/"))
        yield Path(os.path.relpath(record_file(output / name).absolute(), root)).as_posix()


class _InForce:
    """The policies in force in an environment as its files are now; the project is read when one is asked for."""

    def __init__(self, spec: Path) -> None:
        self._spec = spec
        self._project: Any = None

    def __call__(self, name: str) -> frozenset[str]:
        # Loaded late: most changes need no policies.
        from generator.pipeline.judgement import judged_row  # noqa: PLC0415
        from generator.pipeline.project import open_project  # noqa: PLC0415

        self._project = self._project or open_project(self._spec)
        row = next(row for row in self._project.environments if row[0].name == name)
        return frozenset(policy.folder.rpartition("/")[2] for policy in judged_row(self._project, *row).policies)
