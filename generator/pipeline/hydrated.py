"""Rendered trees in the form of Argo CD's source hydrator: all objects of an environment in one manifest.yaml.

Read in Argo CD 3.5.7: commitserver/commit/hydratorhelper.go, util/hydrator.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from generator.bundle import KUSTOMIZATION
from generator.emit import StagedTree, commit_trees, put_file
from generator.files import MAX_OWN, enclosed

MANIFEST, METADATA, README = "manifest.yaml", "hydrator.metadata", "README.md"


@dataclass(frozen=True, slots=True)
class Origin:
    """The repository and the commit that were rendered; empty where nobody said."""

    repository: str = ""
    commit: str = ""


def texts_of(tree: Path) -> list[str]:
    """The manifests of a rendered tree as texts, in the order of its kustomization; none where there is no tree."""
    door = enclosed(tree)
    if door.kind(tree) is None:
        return []
    files = sorted(path for path in door.walk(tree) if path.suffix == ".yaml" and path != tree / KUSTOMIZATION)
    return [door.text(path, MAX_OWN) for path in files]


def write_hydrated(trees: Path, names: Sequence[str], output: Path, origin: Origin) -> Mapping[str, bool]:
    """Write environments below `output`, all or none; says of each whether it changed. Raises Halt."""
    with ExitStack() as stack:
        staged = []
        for name in names:
            tree = stack.enter_context(StagedTree(output / name))
            tree.write(MANIFEST, "---\n".join(texts_of(trees / name)).encode())
            tree.write(METADATA, _metadata(origin, name).encode())
            tree.write(README, _readme(origin, name).encode())
            staged.append(tree)
        changes = commit_trees(staged)
    if origin != Origin():
        put_file(output / METADATA, _metadata(origin, "").encode())
    return {name: change.changed for name, change in zip(names, changes, strict=True)}


def _command(name: str) -> str:
    return f"qatgen argocd hydrate --env {name}"


def _metadata(origin: Origin, name: str) -> str:
    """What was rendered, by what: Argo CD's own keys, empty ones left out as it does."""
    about = {"repoURL": origin.repository, "drySha": origin.commit, "commands": [_command(name)] if name else []}
    return json.dumps({key: value for key, value in about.items() if value}, ensure_ascii=False, indent=2) + "\n"


def _readme(origin: Origin, name: str) -> str:
    source = f" from commit {origin.commit}" if origin.commit else ""
    where = f" of {origin.repository}" if origin.repository else ""
    return (
        f"# Environment {name}\n\n"
        f"`{MANIFEST}` was rendered{source}{where}. Change the spec there, not this file.\n\n"
        f"```sh\n{_command(name)}\n```\n"
    )
