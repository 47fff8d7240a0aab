"""What of a project is to be checked after a change: by the files' own bytes, or by a list of files."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.files import NOTHING_CHOSEN, Chosen
from generator.finding import Finding, Halt
from generator.location import Span
from generator.pipeline import rules
from generator.pipeline.affected import FOLDERS, Affected, Question, affected
from generator.pipeline.claims import WILD, claims_of
from generator.pipeline.knownrecord import record_digest, trees, trees_sources
from generator.pipeline.reads import Reading
from generator.pipeline.record import record_file
from generator.pipeline.worktree import WorkTree, work_tree
from generator.spec.load import KUSTOMIZATIONS, SpecFolder, environment_names, open_folder

_MOST_FILES = 1_000_000


@dataclass(frozen=True, slots=True)
class Changed:
    """What is to be checked: what is affected, or everything for the reason `why`; `tree` is git's, where it is there.

    `names` are the environments.
    """

    names: Collection[str]
    affected: Affected | None
    why: str = ""
    tree: WorkTree | None = None


def what_changed(
    spec: Path,
    output: Path,
    files: Collection[Path],
    base: str,
    vouched: Mapping[str, str] | None = None,
    *,
    root: Chosen = NOTHING_CHOSEN,
) -> Changed:
    """What the files concern, or without any what differs from a revision in the work tree (`base`: "" for HEAD).

    Beside a list of files counts what its maker cannot have seen: files that are gone, that git ignores or was asked to
    take for unchanged, and records that were changed. `vouched` are digests of the records, by tree, that a check found
    right. What environments with other records read is found out anew. `root` narrows what is read. Raises Halt.
    """
    folder = open_folder(spec, root)
    names = environment_names(folder)
    tree = work_tree(folder.root, base or "HEAD")
    if tree is None and base:
        message = f'git has no revision "{base}" here'
        hint = "name a branch, a tag or a commit that is in this clone"
        raise Halt([Finding(rule=rules.NO_REVISION, message=message, at=Span(base), hint=hint)])
    if tree is None and not files:
        return Changed(names, None, "git does not tell what changed")
    reading = Reading(spec, tree.before if tree is not None else _nothing, root)
    doubted = [name for name in names if (vouched or {}).get(name, "") != (record_digest(output / name) or None)]
    read = {name: reading.sources(name) for name in doubted}
    changed = set(_told(folder, files)) if files else set()
    if tree is not None:
        known = {*trees_sources(output), folder.file}.union(*(sources for sources in read.values() if sources))
        try:
            differing = tree.differing(_candidates(folder, output, known)) | tree.gone()
        except (OSError, ValueError, RecursionError):
            return Changed(names, None, "not every file can be looked at")
        changed |= _beside(folder, output, tree, differing) if files else differing
    question = Question(
        root=folder.root,
        output=output,
        names=names,
        changed=frozenset(changed),
        in_force=lambda name: reading.in_force(name, changed),
        before=tree.before if tree is not None else _nothing,
        read=read,
    )
    return Changed(names, affected(question), tree=tree)


def _nothing(path: str) -> bytes:
    del path
    return b""


def _told(folder: SpecFolder, files: Iterable[Path]) -> Iterator[str]:
    """Files as they are called from the spec's folder; of a folder all that is in it."""
    root = folder.root.resolve()
    for file in files:
        place = file.absolute().parent.resolve() / file.name
        found = [path for path in place.rglob("*") if not path.is_dir()] if place.is_dir() else [place]
        yield from (Path(os.path.relpath(path, root)).as_posix() for path in found)


def _beside(folder: SpecFolder, output: Path, tree: WorkTree, differing: Collection[str]) -> frozenset[str]:
    """What differs and may be missing in a list of changed files."""
    root = folder.root.resolve()
    records = {Path(os.path.relpath(record_file(one).resolve(), root)).as_posix() for one in trees(output)}
    return tree.unreported(differing) | tree.gone() | records.intersection(differing)


def _candidates(folder: SpecFolder, output: Path, sources: Collection[str]) -> Iterator[str]:
    """Every file that a render may read, or that trees hold, by its name from the spec's folder; some are not there.

    Raises OSError for a folder that cannot be read, ValueError for too many files.
    """
    root = folder.root.resolve()
    claims = claims_of(sources)
    walk = _Walk(root)
    for name in FOLDERS:
        yield from walk.below(name.rstrip("/"))
    yield from walk.below(Path(os.path.relpath(output.resolve(), root)).as_posix())
    for source in sources:
        parts = source.split("/")
        wild = next((index for index, part in enumerate(parts) if any(sign in part for sign in WILD)), None)
        yield source.rstrip("/")
        if wild is not None:
            yield from filter(claims.claims, walk.below("/".join(parts[:wild]) or "."))
        elif source.endswith("/"):
            yield from walk.below(source.rstrip("/"))
        elif len(parts) > 1:
            yield from ("/".join((*parts[:-1], name)) for name in ("spec.yaml", *KUSTOMIZATIONS))


class _Walk:
    """Folders walked once each; links to folders are followed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, list[str]] = {}

    def below(self, name: str) -> list[str]:
        """All files below a folder, and links."""
        if name not in self._known:
            self._known[name] = list(self._files(name))
        return self._known[name]

    def _files(self, top: str) -> Iterator[str]:
        todo, entered, count = [top], set(), 0
        while todo:
            name = todo.pop()
            try:
                about = (self._root / name).stat()
                entries = list(os.scandir(self._root / name))
            except (FileNotFoundError, NotADirectoryError):
                continue
            if (about.st_dev, about.st_ino) in entered:
                continue
            entered.add((about.st_dev, about.st_ino))
            count += len(entries)
            if count > _MOST_FILES:
                raise ValueError("there are too many files")
            for entry in entries:
                path = entry.name if name == "." else f"{name}/{entry.name}"
                if entry.is_dir() and entry.name != ".git":
                    todo.append(path)
                if not entry.is_dir(follow_symlinks=False):
                    yield path
