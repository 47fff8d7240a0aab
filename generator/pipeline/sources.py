"""What a rendered tree depends on: the files, and the patterns of files, that a render of it reads.

Recorded with the tree, so that a changed file is led to the environments it concerns. A file that is read only because
another names it needs no foresight: that other one has to change first, and is a source itself. What is found by being
there (a pattern, a folder) is a source as such.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from generator.files import Kind
from generator.pipeline.index import INDEX, MACHINES, Entry
from generator.pipeline.policies import BINDING, POLICY, PolicyFile
from generator.render import Renderer
from generator.resolve import Model
from generator.spec.load import Environment, SpecFolder

_WILD = "*?["


def sources_of(
    folder: SpecFolder, environment: Environment, model: Model, policies: Iterable[PolicyFile], laid: Iterable[Path]
) -> Iterator[str]:
    """What an environment depends on besides templates; `laid` is what its kustomization was made of."""
    for path in (*environment.files, *model.read, *laid, *_linked(folder)):
        yield from _with_target(folder, path)
    patterns = environment.layer.data["spec"].get("include") or ()
    yield from (pattern for pattern in patterns if any(sign in pattern for sign in _WILD))
    for policy in policies:
        name = policy.folder.rpartition("/")[2]
        for file in (POLICY, BINDING) if policy.binding else (POLICY,):
            yield from _with_target(folder, folder.root / "policies" / name / file)


def _linked(folder: SpecFolder) -> Iterator[Path]:
    """Links among the project's schemas: what they lead to changes elsewhere."""
    schemas = folder.root / "schemas"
    if folder.door.kind(schemas) is Kind.FOLDER:
        yield from (path for path in folder.door.links(schemas) if folder.door.kind(path) is Kind.FILE)


def _with_target(folder: SpecFolder, path: Path) -> Iterator[str]:
    """A file, and where a link on the way leads to another place, that place: git tells changes there."""
    name = relative(folder, path)
    yield name
    if folder.door.kind(path) is not None:
        real = folder.door.real(path)
        if real != folder.real / name:
            yield relative(folder, real)


def templates_of(renderer: Renderer, entries: Iterable[Entry], model: Model, tree: str) -> Iterator[str]:
    """The templates a tree is rendered with, by the place a project's own would stand at."""
    yield f"templates/{INDEX}"
    for entry in entries:
        count = model.machine_count if entry.each == MACHINES else len(model.lists.get(entry.each, ()))
        if entry.tree != tree or not count:
            continue
        named = renderer.references(entry.template)
        if named is None:
            yield "templates/"
        else:
            yield from (f"templates/{name}" for name in named)


def relative(folder: SpecFolder, path: Path) -> str:
    """A path relative to the spec's folder; folders end in a slash. One outside begins with `..`."""
    end = "/" if folder.door.kind(path) is Kind.FOLDER else ""
    for root in (folder.root, folder.real):
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix() + end
    return Path(os.path.relpath(path.absolute(), folder.real)).as_posix() + end
