"""What git has of a folder at HEAD: the objects a cluster holds before the next delivery."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.finding import Finding, Halt
from generator.location import Span
from generator.pipeline import rules
from generator.pipeline.git import git_says, name_of

Change = tuple[str, bytes, bytes | None]
"""A file's path below the folder, its content at HEAD, and its content now (None: it is gone)."""


@dataclass(frozen=True, slots=True)
class Head:
    """The files of a folder at HEAD: names of their contents (git blobs) by path below the folder."""

    work_tree: Path
    blobs: Mapping[str, str]

    def changes(self, folder: Path) -> Iterator[Change]:
        """Files whose content now, in `folder`, is another than at HEAD, or that are gone; new ones are left out.

        Raises Halt where git does not have a content.
        """
        changed: list[tuple[str, str, bytes | None]] = []
        for path, blob in sorted(self.blobs.items()):
            file = folder / path
            now = file.read_bytes() if file.is_file() else None
            if now is None or name_of(now, len(blob)) != blob:
                changed.append((path, blob, now))
        contents = _contents(self.work_tree, [blob for _, blob, _ in changed])
        for (path, _, now), content in zip(changed, contents, strict=True):
            yield path, content, now


def head_of(folder: Path) -> Head | None:
    """What git has of a folder at HEAD; None without git, outside a work tree, or before the first commit."""
    start = folder.absolute()
    while not start.is_dir():
        start = start.parent
    below = folder.absolute().relative_to(start).as_posix()
    listed = git_says(start, "ls-tree", "-r", "-z", "HEAD", "--", below if below != "." else "./")
    if not listed:
        return None
    prefix = f"{below}/" if below != "." else ""
    blobs = {}
    for line in listed.decode(errors="surrogateescape").split("\0"):
        about, _, path = line.partition("\t")
        words = about.split()
        if words[1:2] == ["blob"] and path.startswith(prefix):
            blobs[path.removeprefix(prefix)] = words[2]
    return Head(start, blobs) if blobs else None


def _contents(folder: Path, blobs: Sequence[str]) -> Iterator[bytes]:
    """The contents of blobs. Raises Halt where git does not have them all: a partial clone leaves some out."""
    if not blobs:
        return
    said = git_says(folder, "cat-file", "--batch", given="".join(f"{blob}\n" for blob in blobs).encode())
    at = 0
    for _ in blobs:
        start = said.find(b"\n", at) + 1
        about = said[at:start].split()
        if len(about) != 3:
            message = "git does not have the content of every file of this revision"
            hint = "fetch what is missing: `git fetch --refetch --no-filter`"
            raise Halt([Finding(rule=rules.NO_REVISION, message=message, at=Span(folder.as_posix()), hint=hint)])
        size = int(about[2])
        yield said[start : start + size]
        at = start + size + 1


def files_at(root: Path, revision: str, below: str) -> dict[str, bytes] | None:
    """The files of a folder at a git revision, by path below it; None where there is no such revision or folder."""
    if not revision or revision.startswith("-"):
        return None
    listed = git_says(root, "ls-tree", "-r", "-z", revision, "--", below)
    names: dict[str, str] = {}
    for line in listed.decode(errors="surrogateescape").split("\0"):
        about, _, path = line.partition("\t")
        words = about.split()
        if words[1:2] == ["blob"]:
            names[path.removeprefix(f"{below}/")] = words[2]
    if not names:
        return None
    return dict(zip(names, _contents(root, list(names.values())), strict=True))
