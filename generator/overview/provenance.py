"""Where every rendered file comes from, and whether what stands in the output folder is the same."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from generator.bundle import KUSTOMIZATION
from generator.files import MAX_OWN, Kind, RefusedError, enclosed
from generator.manifest import Identity
from generator.overview.bounded import FILE_GROUPS, FILES, bounded
from generator.overview.model import File, FileGroup, Judgement, Tree
from generator.pipeline.blocks import Written
from generator.pipeline.record import Recorded, read_record, record_file

_LISTING = "Kustomization"
Row = tuple[str, str, Recorded]
"""A file's name, the kind of its object, and what the record says of it."""


def tree_of(fresh: Path, standing: Path, part: Written) -> Tree:
    """The files of a tree: `fresh` is where it was made just now, `standing` where it belongs."""
    record = read_record(fresh)
    identities: Mapping[str, Identity] = dict(
        zip(part.files, (identity for _, identity, _ in part.projections), strict=False)
    )
    rows = [(name, identities[name].kind if name in identities else "", about) for name, about in record.files.items()]
    door = enclosed(fresh)
    if door.kind(fresh / KUSTOMIZATION) is Kind.FILE:
        digest = hashlib.sha256(door.read(fresh / KUSTOMIZATION, MAX_OWN)).hexdigest()
        rows.append((KUSTOMIZATION, _LISTING, Recorded(digest, item="every file of the tree")))
    where = (standing / record_file(fresh).name).as_posix()
    return Tree(standing.as_posix(), len(rows), tuple(_groups(rows, standing, where)))


def _groups(rows: Sequence[Row], standing: Path, where: str) -> Iterator[FileGroup]:
    groups = _grouped(rows, items=True)
    if len(groups) > FILE_GROUPS:
        groups = _grouped(rows, items=False)
    for (kind, template, item, overlays, verdicts), members in groups.items():
        chosen, more = bounded(members, FILES, where)
        yield FileGroup(
            kind=kind,
            template=template,
            item=item,
            overlays=overlays,
            verdicts=verdicts,
            count=len(members),
            files=tuple(_file(name, about, standing) for name, about in chosen),
            more=more,
        )


Key = tuple[str, str, str, tuple[str, ...], tuple[Judgement, ...]]


def _grouped(rows: Sequence[Row], *, items: bool) -> dict[Key, list[tuple[str, Recorded]]]:
    found: dict[Key, list[tuple[str, Recorded]]] = {}
    for name, kind, about in sorted(rows, key=lambda row: row[0]):
        verdicts = tuple(Judgement(outcome, tuple(codes)) for outcome, codes in about.verdicts.items())
        key = (kind, about.template, about.item if items else "", about.overlays, verdicts)
        found.setdefault(key, []).append((name, about))
    return found


def _file(name: str, about: Recorded, standing: Path) -> File:
    return File(name=name, sha256=about.digest, item=about.item, state=_state(standing / name, about.digest))


def _state(path: Path, digest: str) -> str:
    """What stands in the output folder; links and devices are never read, for they may have no end."""
    door = enclosed(path.parent)
    try:
        if door.real(path).name != path.name:
            return "differs"
        return "current" if hashlib.sha256(door.read(path, MAX_OWN)).hexdigest() == digest else "differs"
    except RefusedError as refused:
        return "missing" if refused.absent else "differs"
