"""Rendered trees in the form of Argo CD's source hydrator: all objects of an environment in one manifest.yaml.

Read in Argo CD 3.5.7: commitserver/commit/hydratorhelper.go, util/hydrator.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from generator.bundle import KUSTOMIZATION
from generator.emit import Form, StagedTree, current, prepare, put_file, rules
from generator.files import MAX_OWN, enclosed
from generator.finding import Finding, Halt
from generator.location import Span
from generator.pipeline.record import SHARED_RECORD
from generator.pipeline.recording import plain_record

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


def write_hydrated(
    trees: Path, names: Sequence[str], output: Path, origin: Origin, *, remove_unknown: bool = False
) -> tuple[Mapping[str, bool], Sequence[Finding]]:
    """Write environments below `output`, all or none; says of each whether it changed, and names hand edits.

    Raises Halt, with nothing written, also where a folder holds what qatgen did not make.
    """
    top = output / METADATA
    about = _metadata(origin, "").encode()
    if origin != Origin():
        _check_ours(top, remove_unknown=remove_unknown)
    with ExitStack() as stack:
        staged = []
        for name in names:
            tree = stack.enter_context(StagedTree(output / name, Form(earlier=_without_record)))
            files = {
                MANIFEST: "---\n".join(texts_of(trees / name)).encode(),
                METADATA: _metadata(origin, name).encode(),
                README: _readme(origin, name).encode(),
            }
            for file, raw in files.items():
                tree.write(file, raw)
            tree.write(SHARED_RECORD, plain_record(files))
            staged.append(tree)
        prepared = prepare(staged, remove_unknown=remove_unknown)
        changes = prepared.put()
    if origin != Origin():
        put_file(top, about)
    return {name: change.changed for name, change in zip(names, changes, strict=True)}, prepared.findings


def _without_record(tree: Path) -> Collection[str]:
    """The files of a folder that a release without records wrote: its own metadata and README say so."""
    name = tree.name
    try:
        about = json.loads(current(tree / METADATA) or b"")
        readme = (current(tree / README) or b"").decode()
    except (Halt, ValueError, RecursionError):
        return ()
    ours = isinstance(about, dict) and about.get("commands") == [_command(name)]
    ours = ours and readme.startswith(f"# Environment {name}\n\n`{MANIFEST}` was")
    return (MANIFEST, METADATA, README) if ours else ()


def _check_ours(file: Path, *, remove_unknown: bool) -> None:
    """The metadata beside the environments is ours where it says what we would say of some repository and commit."""
    raw = current(file)
    if not raw or remove_unknown:
        return
    try:
        about = json.loads(raw)
        ours = _metadata(Origin(about.get("repoURL", ""), about.get("drySha", "")), "").encode() == raw
    except (ValueError, AttributeError, RecursionError):
        ours = False
    if not ours:
        place = file.as_posix()
        message = f"{place} is not what qatgen writes there: qatgen did not make it"
        hint = "move it away, or replace it with `--remove-unknown`; nothing was written"
        raise Halt([Finding(rule=rules.UNKNOWN, message=message, at=Span(place), hint=hint)])


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
