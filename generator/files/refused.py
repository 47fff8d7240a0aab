"""Why a file is not read: a reason, a sentence, and what a person does about it."""

import errno
from enum import Enum


class Reason(Enum):
    """What kept a path from being read."""

    MISSING = "missing"
    DANGLING = "a link to nothing"
    OUTSIDE = "outside of the root"
    SPECIAL = "not a regular file"
    FOLDER = "a folder"
    NO_FOLDER = "not a folder"
    LARGE = "too large"
    DEEP = "too deep"
    LOOP = "a loop of links"
    DENIED = "denied"
    FAILED = "failed"


HINTS = {
    Reason.MISSING: "create the file, or correct its name where it is given",
    Reason.DANGLING: "remove the link, or create what it leads to",
    Reason.OUTSIDE: "copy it into the repository",
    Reason.SPECIAL: "put a regular file in its place, or remove it",
    Reason.FOLDER: "it must be a file: move the folder away, or name a file",
    Reason.NO_FOLDER: "put a folder in its place, or remove it",
    Reason.LARGE: "split the file, or name only the part that matters",
    Reason.DEEP: "move it up, or remove what is so deep",
    Reason.LOOP: "make the link lead to a file, or remove it",
    Reason.DENIED: "make it readable for yourself (`chmod u+r`)",
}
_OF_ERRNO = {
    errno.ENOENT: Reason.MISSING,
    errno.EISDIR: Reason.FOLDER,
    errno.ENOTDIR: Reason.NO_FOLDER,
    errno.ELOOP: Reason.LOOP,
    errno.EACCES: Reason.DENIED,
    errno.EPERM: Reason.DENIED,
}


class RefusedError(OSError):
    """A path that is not read; `what` says why, after the path's name: "is a link to nothing".

    `system` is the system's own word, where the system refused.
    """

    def __init__(self, reason: Reason, what: str, system: str = "") -> None:
        super().__init__(what)
        self.reason = reason
        self.what = what
        self.system = system

    def __str__(self) -> str:
        return self.what

    @property
    def hint(self) -> str:
        """What a person does about it."""
        return HINTS.get(self.reason, "")

    @property
    def absent(self) -> bool:
        """Whether nothing is there, not even a link."""
        return self.reason is Reason.MISSING


def of_error(error: OSError) -> RefusedError:
    """What the system refused."""
    reason = _OF_ERRNO.get(error.errno or 0, Reason.FAILED)
    said = (error.strerror or str(error)).lower()
    return RefusedError(reason, f"cannot be read: {said}", said)


def too_large(size: int, limit: int) -> RefusedError:
    """A file of more bytes than are read; `size` is 0 where it is not known."""
    has = f"has {size:,} bytes, the limit is {limit:,}" if size else f"has more than {limit:,} bytes, the limit"
    return RefusedError(Reason.LARGE, has)
