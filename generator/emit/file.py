"""Put one file in place, whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from generator.emit.tree import failed


def put_file(path: Path, data: bytes) -> bool:
    """Write a file, making folders as needed; returns whether its bytes changed. Raises Halt, the file as it was."""
    new = path.with_name(f".{path.name}.qatgen.new")
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise failed(error, path.as_posix()) from error
    return True
