"""Files that a person names on the command line: read by that person's own authority, links and all."""

import errno
import os
import re
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from generator.files.door import MAX_BYTES, Door, Kind
from generator.files.refused import Reason, RefusedError, of_error, too_large
from generator.files.walk import read_all, special

_PIPES = re.compile(r"/dev/(?:stdin|fd/\d+)|/proc/self/fd/\d+")
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY


@dataclass(frozen=True, slots=True)
class Named(Door):
    """The door of one file that a person named: it reads that file wherever its links lead, and nothing else."""

    def read(self, path: Path, limit: int = MAX_BYTES) -> bytes:
        """The bytes of a named file, or of a pipe of the caller's. Raises RefusedError."""
        return read_named(path, limit)

    def kind(self, path: Path) -> Kind | None:
        """What a named path is."""
        return kind_of(path)


def named(path: Path) -> Named:
    """The door of one named file."""
    return Named(path)


def read_named(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file that a person named, or of a pipe of the caller's (`/dev/stdin`, `<(…)`).

    Raises RefusedError for what is not a regular file besides, and for more than `limit` bytes.
    """
    piped = is_pipe(path)
    try:
        if not piped and not stat.S_ISREG((found := path.stat()).st_mode):
            raise _no_file(found.st_mode)
        # A pipe is waited for: somebody fills it. Anything else never blocks, whatever took its place since.
        handle = os.open(path, _FLAGS | (0 if piped else os.O_NONBLOCK))
        try:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode) and (not piped or stat.S_ISDIR(found.st_mode)):
                raise _no_file(found.st_mode)
            if stat.S_ISREG(found.st_mode) and found.st_size > limit:
                raise too_large(found.st_size, limit)
            raw = read_all(handle, limit)
        finally:
            os.close(handle)
    except RefusedError as refused:
        refused.filename = path.as_posix()
        raise
    except OSError as error:
        raise _of_named(path, error) from None
    except ValueError:
        raise RefusedError(Reason.MISSING, "is not a name of a file") from None
    if len(raw) > limit:
        raise too_large(0, limit)
    return raw


def is_pipe(path: Path) -> bool:
    """Whether a name is that of an open descriptor of the caller's, which can be read once."""
    return bool(_PIPES.fullmatch(str(path)))


def read_stdin(limit: int = MAX_BYTES) -> bytes:
    """The bytes of standard input. Raises RefusedError for more than `limit`."""
    try:
        raw = sys.stdin.buffer.read(limit + 1)
    except OSError as error:
        raise of_error(error) from None
    if len(raw) > limit:
        raise too_large(0, limit)
    return raw


def kind_of(path: Path) -> Kind | None:
    """What a path that a person names is, links followed; None where nothing is there.

    What is neither a file nor a folder counts as a file, a link to nothing too: it is refused when it is read.
    """
    try:
        found = path.stat() if path.exists() else path.lstat()
    except (OSError, ValueError):
        return None
    return Kind.FOLDER if stat.S_ISDIR(found.st_mode) else Kind.FILE


def _no_file(mode: int) -> RefusedError:
    return of_error(IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))) if stat.S_ISDIR(mode) else special(mode)


def _of_named(path: Path, error: OSError) -> RefusedError:
    refused = of_error(error)
    if refused.absent and path.is_symlink():
        return RefusedError(Reason.DANGLING, "is a link to nothing")
    return refused
