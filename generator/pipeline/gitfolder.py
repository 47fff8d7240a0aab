"""Git's own folder of a work tree and the commit at HEAD, read from files: nothing is started for it."""

import os
from pathlib import Path
from stat import S_ISREG

_LARGEST_REF = 1 << 12
_LARGEST_PACKED = 1 << 27
_DEEPEST = 5
"""Symbolic refs that may lead to each other, as git has it."""


def git_folder(folder: Path) -> Path | None:
    """The git folder of the work tree a folder is in, or would be in once it is there; None outside of one.

    GIT_DIR and its like say nothing here. Raises OSError where that is not known.
    """
    for above in (folder.absolute(), *folder.absolute().parents):
        place = above / ".git"
        if place.is_dir():
            return place
        if os.path.lexists(place):
            return _led_to(place)
    return None


def _led_to(place: Path) -> Path:
    """Where a `.git` file of a worktree or a submodule leads to."""
    word, _, path = _text(place, _LARGEST_REF).partition(": ")
    if word != "gitdir":
        raise OSError(f"{place} names no git folder")
    return Path(os.path.normpath(place.parent / path.rstrip("\n")))


def head_of_work_tree(folder: Path) -> str:
    """The commit at HEAD of the work tree a folder is in: its id, or the ref where it has no commit yet.

    "" outside of a work tree. Raises OSError where that is not known.
    """
    git = git_folder(folder)
    if git is None:
        return ""
    common = git
    if (git / "commondir").exists():
        common = Path(os.path.normpath(git / _text(git / "commondir", _LARGEST_REF).strip()))
    if (common / "reftable").is_dir():
        from generator.pipeline.git import git_says  # noqa: PLC0415 - few repositories keep their refs so

        said = git_says(next(p for p in (folder, *folder.absolute().parents) if p.is_dir()), "rev-parse", "HEAD")
        if not said:
            raise OSError("git does not say what HEAD is")
        return said.decode().strip()
    name = "HEAD"
    for _ in range(_DEEPEST):
        text = _ref(git, common, name)
        if not text.startswith("ref:"):
            return text or f"no commit at {name}"
        name = text.removeprefix("ref:").strip()
    raise OSError("HEAD leads in a circle")


def _ref(git: Path, common: Path, name: str) -> str:
    """What a ref says: an id, or "ref: NAME"; "" where it is not there."""
    if name != "HEAD" and (not name.startswith("refs/") or ".." in name.split("/")):
        raise OSError(f"HEAD leads to {name}")
    for place in dict.fromkeys((git / name, common / name)):
        if place.is_symlink():
            target = place.readlink().as_posix()
            return f"ref: {target}" if target.startswith("refs/") else _text(place, _LARGEST_REF).strip()
        if place.is_file():
            return _text(place, _LARGEST_REF).strip()
    packed = common / "packed-refs"
    if name == "HEAD" or not packed.exists():
        return ""
    for line in _text(packed, _LARGEST_PACKED).splitlines():
        if line.endswith(f" {name}"):
            return line.partition(" ")[0]
    return ""


def _text(place: Path, most: int) -> str:
    """A small file's text. Raises OSError for one that is none, or too large."""
    opened = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    with os.fdopen(opened, "rb") as file:
        about = os.fstat(opened)
        if not S_ISREG(about.st_mode) or about.st_size > most:
            raise OSError(f"{place} is not a file of git")
        return file.read(most).decode(errors="surrogateescape")
