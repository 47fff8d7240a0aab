"""Which folder is the root: the work tree that holds a place, or a narrower one that somebody chose."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from generator.files.door import Door
from generator.files.refused import Reason, RefusedError, of_error

VARIABLE = "QATGEN_ROOT"
"""The environment variable by which the owner of a plugin narrows the root."""


class BadRootError(ValueError):
    """A root that is not a folder, does not hold the place, or is wider than the one that was set."""


def work_tree(folder: Path) -> Path | None:
    """The work tree that holds a folder, a real path: the nearest that has `.git`, a file or a folder.

    None where there is none, or where it or its `.git` belongs to another user, who could have put it there.
    """
    for top in (folder, *folder.parents):
        try:
            found = os.lstat(top / ".git")
        except OSError:
            continue
        if not (stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)):
            continue
        return top if _mine(found) and _mine(top.stat()) else None
    return None


def _mine(found: os.stat_result) -> bool:
    return not hasattr(os, "geteuid") or found.st_uid == os.geteuid()


@dataclass(frozen=True, slots=True)
class Chosen:
    """The roots that somebody chose, real paths: `flag` is taken as it is, `limit` (the variable's) is never left."""

    flag: Path | None = None
    limit: Path | None = None

    def root(self, folder: Path, otherwise: Path) -> Path:
        """The root of a folder, a real path; `otherwise` is what it is without a work tree.

        A folder that lies in no chosen root is named by a person, and has a root of its own.
        """
        if self.flag is not None and folder.is_relative_to(self.flag):
            return self.flag
        found = work_tree(folder)
        if self.limit is not None and folder.is_relative_to(self.limit):
            return found if found is not None and found.is_relative_to(self.limit) else self.limit
        return found or otherwise


NOTHING_CHOSEN = Chosen()


def door_of(folder: Path, chosen: Chosen = NOTHING_CHOSEN, *, within: Path | None = None) -> Door:
    """The door of a folder as a person names it: its root is what is chosen, the work tree that holds it, or itself.

    `within`, a real path, is the root of a folder without a work tree, where it holds it. Raises RefusedError where
    there is no such folder.
    """
    try:
        real = Path(os.path.realpath(folder, strict=True))
        mode = real.stat().st_mode
    except OSError as error:
        raise of_error(error) from None
    if not stat.S_ISDIR(mode):
        raise RefusedError(Reason.NO_FOLDER, "is not a folder")
    root = chosen.root(real, within if within is not None and real.is_relative_to(within) else real)
    typed = str(Path.cwd() / folder)  # with its links, as paths below it are written
    return Door(root, ((typed, real.relative_to(root).parts),))


def enclosed(folder: Path) -> Door:
    """The door of a folder that is its own root: nothing leads out of it. It may be absent: then nothing is there."""
    real = Path(os.path.realpath(folder))
    return Door(real, ((str(Path.cwd() / folder), ()),))


def choose(flag: str, variable: str) -> Chosen:
    """What `--root` and the variable say. Raises BadRootError where they name no folder, or contradict each other."""
    limit = _folder(variable, VARIABLE) if variable else None
    found = _folder(flag, "--root") if flag else None
    if found is not None and limit is not None and not found.is_relative_to(limit):
        raise BadRootError(f'--root "{flag}" is not in {VARIABLE}, which is "{variable}"')
    return Chosen(found, limit)


def check_holds(chosen: Chosen, place: Path) -> None:
    """Raise BadRootError where a root that was chosen does not hold a place."""
    real = Path(os.path.realpath(place))
    for option, root in (("--root", chosen.flag), (VARIABLE, chosen.limit)):
        if root is not None and not real.is_relative_to(root):
            raise BadRootError(f'{option} is "{root}", which does not hold "{place}"')


def _folder(name: str, option: str) -> Path:
    path = Path(os.path.realpath(name))
    if not path.is_dir():
        raise BadRootError(f'{option} "{name}" is not a folder')
    return path
