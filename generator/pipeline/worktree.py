"""What git says differs in the work tree: staged, unstaged and new files. Offline, and in a shallow clone."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from generator.pipeline.git import git_says


@dataclass(frozen=True, slots=True)
class WorkTree:
    """A git work tree that holds a spec's folder; paths are told relative to that folder, `../` where they lie above.

    `base` is the revision that the files are compared with.
    """

    top: Path
    root: Path
    base: str

    def changed(self) -> frozenset[str]:
        """Files that differ from the base in the index or in the work tree, gone ones included, and untracked ones."""
        return self._tracked() | self._listed("ls-files", "-z", "--others", "--exclude-standard", "--full-name")

    def gone(self) -> frozenset[str]:
        """Files of the base that are no more: lists of changed files that tools hand on leave them out."""
        return self._tracked("--diff-filter=D")

    def before(self, path: str) -> bytes:
        """A file's content at the base; nothing where it was not there."""
        place = Path(os.path.normpath(self.root / path))
        if not place.is_relative_to(self.top):
            return b""
        return git_says(self.top, "cat-file", "blob", f"{self.base}:{place.relative_to(self.top).as_posix()}")

    def untracked(self, below: str) -> frozenset[str]:
        """Files below a folder of the spec's that are there and in nobody's commit: new ones, and ignored ones."""
        return self._listed("ls-files", "-z", "--others", "--full-name", "--", str(self.root / below))

    def unseen(self, paths: Iterable[str]) -> frozenset[str]:
        """Those of the paths of which git tells no change: it ignores them, or they lie outside of the work tree."""
        real = {path: Path(os.path.normpath(self.root / path)) for path in paths}
        outside = {path for path, place in real.items() if not place.is_relative_to(self.top)}
        asked = {str(place): path for path, place in real.items() if path not in outside and place.exists()}
        if not asked:
            return frozenset(outside)
        given = "".join(f"{place}\0" for place in asked).encode(errors="surrogateescape")
        said = git_says(self.top, "check-ignore", "-z", "--stdin", given=given).decode(errors="surrogateescape")
        return frozenset(outside | {asked[place] for place in said.split("\0") if place in asked})

    def _tracked(self, *options: str) -> frozenset[str]:
        return self._listed("diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", *options, self.base, "--")

    def _listed(self, *arguments: str) -> frozenset[str]:
        said = git_says(self.top, *arguments).decode(errors="surrogateescape")
        return frozenset(self._below(name) for name in said.split("\0") if name)

    def _below(self, name: str) -> str:
        return Path(os.path.relpath(self.top / name, self.root)).as_posix()


def work_tree(root: Path, base: str = "HEAD") -> WorkTree | None:
    """The work tree a folder stands in; None without git, outside of a work tree, or where there is no such revision.

    Before the first commit there is no HEAD, and so nothing to compare with.
    """
    top = git_says(root, "rev-parse", "--show-toplevel").decode(errors="surrogateescape").rstrip("\n")
    if not top or base.startswith("-"):
        return None
    commit = git_says(root, "rev-parse", "--verify", "--quiet", f"{base}^{{commit}}").decode().strip()
    return WorkTree(Path(top).resolve(), root.resolve(), commit) if commit else None
