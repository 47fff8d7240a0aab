"""Records of trees, read with bounds: a tree may have been committed by anybody, and so may its record."""

from collections.abc import Collection, Iterator
from pathlib import Path
from stat import S_ISREG

from generator.pipeline.record import Record, digest, read_record, record_file

_LARGEST = 1 << 25
"""Bytes of a record: some 100,000 machines."""
_MOST_SOURCES = 250_000
_LONGEST_SOURCE = 4096


def known_record(folder: Path) -> Record:
    """The record of a tree; empty where it is not a regular file, too large, nested too deeply, or cannot be read."""
    try:
        about = record_file(folder).lstat()
        if not S_ISREG(about.st_mode) or about.st_size > _LARGEST:
            return Record()
        record = read_record(folder)
    except (OSError, RecursionError):
        return Record()
    too_long = (source for source in record.sources if len(source) > _LONGEST_SOURCE or "\0" in source)
    return Record() if len(record.sources) > _MOST_SOURCES or any(too_long) else record


def trees(output: Path) -> Iterator[Path]:
    """The folders of all trees, in order; none where they cannot be listed."""
    try:
        found = sorted(output.iterdir())
    except OSError:
        return
    yield from (path for path in found if not path.name.startswith(".") and path.is_dir())


def trees_sources(output: Path) -> tuple[str, ...]:
    """What all trees depend on, as their records say."""
    return tuple(sorted({source for tree in trees(output) for source in known_record(tree).sources}))


def record_digest(tree: Path) -> str:
    """The digest of a tree's record; nothing where there is none that is read."""
    try:
        file = record_file(tree)
        about = file.lstat()
        return digest(file.read_bytes()) if S_ISREG(about.st_mode) and about.st_size <= _LARGEST else ""
    except OSError:
        return ""


def record_digests(output: Path, names: Collection[str]) -> dict[str, str]:
    """The digests of the records of these trees, or of all."""
    return {tree.name: record_digest(tree) for tree in trees(output) if not names or tree.name in names}
