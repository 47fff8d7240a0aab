"""The sides of a comparison: a folder, an environment, or either at a git revision, as objects by identity."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from generator.compare import Objects, Place
from generator.files import MAX_OWN, NOTHING_CHOSEN, Chosen, Kind, RefusedError, door_of, kind_of, named
from generator.finding import Finding, Halt
from generator.location import Span
from generator.manifest import identify
from generator.nearest import nearest
from generator.pipeline import rules
from generator.pipeline.git import git_says
from generator.pipeline.head import files_at
from generator.pipeline.inputs import link_out
from generator.pipeline.record import RECORDS
from generator.source import Dialect, members, read_documents, refusal

_RENDERED = "rendered"
_SUFFIXES = (".yaml", ".yml", ".json")


def side(name: str, root: Path, chosen: Chosen = NOTHING_CHOSEN) -> Objects:
    """What a name means: a folder or file, an environment of `rendered/`, `REVISION`, or `REVISION:PATH`.

    Raises Halt where it means nothing.
    """
    path = root / name
    if kind_of(path) is not None:
        return _files(path, chosen)
    if kind_of(root / _RENDERED / name) is Kind.FOLDER:
        return _files(root / _RENDERED / name, chosen)
    revision, _, below = name.partition(":")
    folder = below or _RENDERED
    found = files_at(root, revision, folder)
    if found is None and below and kind_of(root / below) is None and files_at(root, revision, f"{_RENDERED}/{below}"):
        found = files_at(root, revision, f"{_RENDERED}/{below}")
    if found is None:
        message = f'"{name}" is not a file, a folder, an environment of {_RENDERED}/, or a git revision with {folder}/'
        raise Halt([Finding(rule=rules.NO_SIDE, message=message, at=Span(name), hint=_hint(root, revision))])
    return _objects(found.items())


def _hint(root: Path, name: str) -> str:
    known = git_says(root, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
    folders = (
        door_of(root, NOTHING_CHOSEN).folders(root / _RENDERED) if kind_of(root / _RENDERED) is Kind.FOLDER else []
    )
    near = nearest(name, [*folders, *known.decode(errors="replace").split()])
    if near:
        return "did you mean " + " or ".join(f'"{one}"' for one in near) + "?"
    if shutil.which("git") is None:
        return "git is not there, so revisions cannot be named; name two environments or two folders"
    if git_says(root, "rev-parse", "--is-shallow-repository").strip() == b"true":
        return "the clone is shallow: fetch the revision first, or name environments or folders"
    return "name two environments, two folders, or revisions as REVISION or REVISION:PATH"


def _files(path: Path, chosen: Chosen) -> Objects:
    shown = path
    try:
        if kind_of(path) is not Kind.FOLDER:
            return _objects(
                [(path.name if _is_read(path.name) else f"{path.name}.yaml", named(path).read(path, MAX_OWN))]
            )
        door = door_of(path, chosen)
        out = [found for file, _ in door.odd(path, MAX_OWN) if (found := link_out(file, path, door)) is not None]
        if out:
            raise Halt(out)
        texts: list[tuple[str, bytes]] = []
        for shown in sorted(door.walk(path)):
            name = shown.relative_to(path).as_posix()
            if _is_read(name) and door.kind(shown) is Kind.FILE:
                texts.append((name, door.read(shown, MAX_OWN)))
    except RefusedError as refused:
        raise Halt([refusal(refused, shown.as_posix())]) from None
    return _objects(texts)


def _is_read(name: str) -> bool:
    """Whether a file is one of manifests, or a record, which says that its folder is a tree of its own."""
    last = name.rpartition("/")[2]
    return last in RECORDS or (name.endswith(_SUFFIXES) and not last.startswith("."))


def _objects(texts: Iterable[tuple[str, bytes]]) -> Objects:
    """The objects of files, by tree: what several environments have of one name are several objects.

    Where a tree holds an object twice, each is told by its file's folder. Raises Halt for what cannot be read.
    """
    files = [(name, raw) for name, raw in texts if _is_read(name)]
    trees = {name.rpartition("/")[0] for name, _ in files if name.rpartition("/")[2] in RECORDS}
    found: dict[Place, list[tuple[str, dict[str, Any]]]] = {}
    for name, raw in files:
        folder = name.rpartition("/")[0]
        tree = next((above for above in _above(folder) if above in trees), "")
        for data in _data(name, raw):
            found.setdefault(Place(tree, identify(data)), []).append((folder, data))
    return {
        Place(folder, place.identity) if len(same) > 1 else place: data
        for place, same in found.items()
        for folder, data in same
    }


def _above(folder: str) -> Iterator[str]:
    """A folder and those it lies in, the nearest first."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _data(name: str, raw: bytes) -> Iterator[dict[str, Any]]:
    """The objects of one file, those of Lists one by one; definitions and kustomizations are none. Raises Halt."""
    if name.rpartition("/")[2] in RECORDS:
        return
    for document in read_documents(raw, name, Dialect.KUBERNETES):
        for _, data in members(document.data):
            if isinstance(data, dict) and data.get("kind") not in (None, "Kustomization", "Component"):
                yield data
