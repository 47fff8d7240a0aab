"""Files of a tree: safe names, writing one below a staging folder."""

import os
import re
from pathlib import Path

from generator.emit import rules
from generator.emit.failures import failed, halt

# Components start with a letter, digit or underscore; the last may have one leading dot. No component ends in a dot,
# nor is it, with or without an ending, a device of Windows.
_PART = r"(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|/|\Z))[a-z0-9_](?:[a-z0-9._-]{0,253}[a-z0-9_-])?"
_SAFE = re.compile(rf"(?:{_PART}/)*\.?{_PART}\Z", re.IGNORECASE | re.ASCII)
_LONGEST = 1024
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


def is_safe(relative: str) -> bool:
    """Whether a relative name is a file's, or a folder's, on every system."""
    return bool(_SAFE.match(relative)) and len(relative) <= _LONGEST and relative != ".git"


def write_all(file: int, data: bytes) -> None:
    """Write all of the data to an open file, however little the system takes at once. Raises OSError."""
    written = os.write(file, data)
    while written < len(data):
        written += os.write(file, data[written:])


def write_file(root: Path, relative: str, data: bytes) -> None:
    """Write one file below a staging folder, making folders as needed; any process may. Raises Halt."""
    if not is_safe(relative):
        raise halt(rules.UNSAFE_NAME, f"{relative!r} is not a safe file name", f"{root}", "rename the object")
    path = f"{root}/{relative}"
    try:
        try:
            file = os.open(path, _CREATE, 0o666)
        except FileNotFoundError:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, _CREATE, 0o666)
        try:
            write_all(file, data)
        finally:
            os.close(file)
    except OSError as error:
        raise failed(error, path) from error
