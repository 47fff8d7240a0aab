"""The record of a rendered tree, written.

A line a file, a source, a kind and a set of verdicts, each list in order, so that branches merge. It says nothing of
when, where or by whom the tree was made, and holds no digest of the whole.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from generator.location import format_path
from generator.manifest import Manifest
from generator.pipeline.outcomes import Outcomes, by_outcome
from generator.pipeline.record import Kind, Stated, digest

_ABOUT = "What qatgen wrote here: of what each file was made, and what the policies said of it."
_KEY_DIGITS = 12


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


def plain_record(files: Mapping[str, bytes]) -> bytes:
    """The record of files of which nothing is known but what they hold."""
    return plain_record_of({name: digest(raw) for name, raw in files.items()})


def plain_record_of(digests: Mapping[str, str]) -> bytes:
    """The record of files that are known by their digests alone."""
    return record_text(f"  {_json(name)}: {_json({'sha256': value})}" for name, value in digests.items()).encode()


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
