"""The sides of a comparison: a folder, an environment, or either at a git revision, as objects by identity."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator.compare import Objects
from generator.finding import Finding, Halt
from generator.location import Span
from generator.manifest import Identity, identify
from generator.pipeline import rules
from generator.pipeline.head import files_at
from generator.pipeline.inputs import inputs
from generator.source import Dialect, read_documents

_RENDERED = "rendered"
_SUFFIXES = (".yaml", ".yml", ".json")


def side(name: str, root: Path) -> Objects:
    """What a name means: a folder or file, an environment of `rendered/`, `REVISION`, or `REVISION:PATH`.

    Raises Halt where it means nothing.
    """
    path = root / name
    if path.exists():
        return _files(path)
    if (root / _RENDERED / name).is_dir():
        return _files(root / _RENDERED / name)
    revision, _, below = name.partition(":")
    folder = below or _RENDERED
    found = files_at(root, revision, folder)
    if found is None and below and not (root / below).exists() and files_at(root, revision, f"{_RENDERED}/{below}"):
        found = files_at(root, revision, f"{_RENDERED}/{below}")
    if found is None:
        message = f'"{name}" is no file, no folder, no environment of {_RENDERED}/ and no git revision with {folder}/'
        hint = "name two environments, two folders, or revisions as REVISION or REVISION:PATH"
        raise Halt([Finding(rule=rules.NO_SIDE, message=message, at=Span(name), hint=hint)])
    return dict(_objects(found.items()))


def _files(path: Path) -> Objects:
    if path.is_dir() and not any(path.rglob("*.y*ml")):
        return {}
    texts = ((item.shown, item.path.read_bytes()) for item in inputs([path.as_posix()]) if item.path is not None)
    return dict(_objects(texts))


def _objects(texts: Any) -> Iterator[tuple[Identity, dict[str, Any]]]:
    for name, raw in texts:
        if not name.endswith(_SUFFIXES) or name.rpartition("/")[2].startswith("."):
            continue
        for document in read_documents(raw, name, Dialect.KUBERNETES):
            data = document.data
            if isinstance(data, dict) and data.get("kind") not in (None, "Kustomization", "Component"):
                yield identify(data), data
