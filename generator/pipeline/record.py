"""The record of a rendered tree: what every file was made of, what the policies said of it, what the tree depends on.

A line a file, a source, a kind and a set of verdicts, each list in order, so that branches merge. It says nothing of
when, where or by whom the tree was made, and holds no digest of the whole.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from generator.location import format_path
from generator.manifest import Manifest
from generator.pipeline.outcomes import Outcomes, by_outcome
from generator.sync import Stated

RECORD = ".qatgen.json"
SHARED_RECORD = ".qatgen.index"
"""The record of a tree without a kustomization, where Argo CD would take a .json for a manifest."""
RECORDS = (RECORD, SHARED_RECORD)

_ABOUT = "What qatgen wrote here: of what each file was made, and what the policies said of it."
_KEY_DIGITS = 12

Kind = tuple[str, str, bool]
"""Group, kind, and whether its objects stand in namespaces."""


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


def digest(raw: bytes) -> str:
    """What a file's content is known by."""
    return hashlib.sha256(raw).hexdigest()


@cache
def verdicts_key(outcomes: Outcomes) -> str:
    """What files name a set of verdicts by: made of the set itself, so that two branches give it one name.

    Nothing for the empty set.
    """
    return digest(_json(by_outcome(outcomes)).encode())[:_KEY_DIGITS] if outcomes else ""


def record_line(relative: str, raw: bytes, manifest: Manifest, verdicts: str = "") -> str:
    """A file's line of the record; `verdicts` is the key of its set."""
    about: dict[str, Any] = {"sha256": digest(raw)}
    about |= {"template": manifest.template} if manifest.template else {}
    about |= {"item": format_path(manifest.item)} if manifest.item else {}
    about |= {"overlays": list(manifest.overlays)} if manifest.overlays else {}
    about |= {"verdicts": verdicts} if verdicts else {}
    return f"  {_json(relative)}: {_json(about)}"


def record_text(
    lines: Iterable[str],
    verdicts: Mapping[str, Outcomes] | None = None,
    *,
    sources: Iterable[str] = (),
    kinds: Iterable[Kind] = (),
    stated: Iterable[Stated] = (),
    build: Mapping[str, str] | None = None,
) -> str:
    """The record of a tree, of its files' lines and what else is known of it."""
    sets = (f"  {_json(key)}: {_json(by_outcome(found))}" for key, found in (verdicts or {}).items())
    sections = (
        _section("sources", "[]", (f"  {_json(source)}" for source in set(sources))),
        _section("kinds", "[]", (f"  {_json(_kind_text(kind))}" for kind in set(kinds))),
        _section("stated", "[]", (f"  {_json([group, kind, *path])}" for group, kind, path in set(stated))),
        _section("build", "{}", (f"  {_json(name)}: {_json(outcome)}" for name, outcome in (build or {}).items())),
        _section("verdicts", "{}", sets),
        _section("files", "{}", lines),
    )
    return ",\n".join((f'{{\n "about": {_json(_ABOUT)}', *(section for section in sections if section))) + "\n}\n"


def _section(name: str, brackets: str, lines: Iterable[str]) -> str:
    found = sorted(lines)
    return f' "{name}": {brackets[0]}\n' + ",\n".join(found) + f"\n {brackets[1]}" if found else ""


_json = json.JSONEncoder(ensure_ascii=False).encode
"""One encoder for all lines: `json.dumps` makes one a call, which shows where there are 10,000."""


def _kind_text(kind: Kind) -> str:
    group, name, namespaced = kind
    return f"{name}.{group}" * bool(group) + name * (not group) + "/" * namespaced


def _kind_of(text: str) -> Kind:
    name, _, group = text.rstrip("/").partition(".")
    return group, name, text.endswith("/")


def record_file(folder: Path) -> Path:
    """Where the record of a tree stands."""
    return next((folder / name for name in RECORDS if (folder / name).is_file()), folder / RECORD)


def read_record(folder: Path) -> Record:
    """The record of a tree; empty where there is none that can be read."""
    try:
        data = json.loads(record_file(folder).read_text(encoding="utf-8"))
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
