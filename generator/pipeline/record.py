"""The record of a rendered tree: what every file was made of, what the policies said of it, what the tree depends on.

Read here, and loaded fast: a check of what changed may need nothing else.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.emit.ownership import RECORD, RECORDS, SHARED_RECORD, digest
from generator.files import MAX_OWN, enclosed

__all__ = ["RECORD", "RECORDS", "SHARED_RECORD", "Record", "Recorded", "digest", "read_record", "record_file"]

Kind = tuple[str, str, bool]
"""Group, kind, and whether its objects stand in namespaces."""

Stated = tuple[str, str, tuple[str, ...]]
"""Group, kind and path of a field that Argo CD would be told to leave alone, if no object stated it."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is known of one file.

    `template` and `item` (a part of the spec) are empty where an overlay brought the object; `overlays` are the files
    that changed it; `verdicts` the codes of the admission policies that apply to its object, by outcome.
    """

    digest: str
    template: str = ""
    item: str = ""
    overlays: tuple[str, ...] = ()
    verdicts: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one tree; nothing of one whose record cannot be read.

    `sources` are files, or patterns of files, that the tree depends on, relative to the spec's folder; one that ends
    in a slash is a folder with everything below it. `stated` are the fields that objects state themselves, of those
    that Argo CD is told to leave alone. `build` is the outcome of every rule over the whole build, by code.
    """

    files: Mapping[str, Recorded] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    kinds: frozenset[Kind] = frozenset()
    stated: frozenset[Stated] = frozenset()
    build: Mapping[str, str] = field(default_factory=dict)


def _kind_of(text: str) -> Kind:
    name, _, group = text.rstrip("/").partition(".")
    return group, name, text.endswith("/")


def record_file(folder: Path) -> Path:
    """Where the record of a tree stands."""
    door = enclosed(folder)
    return next((folder / name for name in RECORDS if door.has_file(folder / name)), folder / RECORD)


def read_record(folder: Path) -> Record:
    """The record of a tree; empty where there is none that can be read."""
    try:
        data = json.loads(enclosed(folder).read(record_file(folder), MAX_OWN))
        sets = {str(key): _codes(found) for key, found in data.get("verdicts", {}).items()}
        return Record(
            files={str(name): _recorded(about, sets) for name, about in data["files"].items()},
            sources=tuple(map(str, data.get("sources", ()))),
            kinds=frozenset(_kind_of(str(text)) for text in data.get("kinds", ())),
            stated=frozenset(
                (str(group), str(kind), tuple(map(str, path))) for group, kind, *path in data.get("stated", ())
            ),
            build={str(code): str(outcome) for code, outcome in data.get("build", {}).items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Record()


def _recorded(about: Mapping[str, Any], sets: Mapping[str, Mapping[str, Sequence[str]]]) -> Recorded:
    return Recorded(
        digest=str(about["sha256"]),
        template=str(about.get("template", "")),
        item=str(about.get("item", "")),
        overlays=tuple(map(str, about.get("overlays", ()))),
        verdicts=sets.get(str(about.get("verdicts", "")), {}),
    )


def _codes(found: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    return {str(outcome): tuple(map(str, codes)) for outcome, codes in found.items()}
