"""The text of files that findings name, for lines that reports quote: never one from outside."""

import os
from pathlib import Path

from generator.files.door import Door
from generator.files.refused import RefusedError
from generator.files.root import work_tree


def quoted(file: str) -> str | None:
    """The text of a file as findings name it; None for one that cannot be shown, or that a link leads out to.

    Links are followed below the work tree, or without one below the folder that the name begins in.
    """
    try:
        return _door(file).text(Path(file))
    except (RefusedError, ValueError):
        return None


def _door(file: str) -> Door:
    """A door whose root the name itself says: an absolute name begins in its folder, any other in the current one."""
    here = Path.cwd()
    parts = file.split("/")
    if file.startswith("/"):
        base = Path(os.path.dirname(file))  # noqa: PTH120 - `..` stays what it is
        real = Path(os.path.realpath(base))
        root = next((top for top in (work_tree(base), here) if top and real.is_relative_to(top)), real)
        return Door(root, ((str(base), real.relative_to(root).parts),))
    while parts[:1] == [".."]:
        here, parts = here.parent, parts[1:]
    root = work_tree(here) or here
    typed = str(Path.cwd() / file)
    return Door(root, ((typed, (*here.relative_to(root).parts, *parts)),))
