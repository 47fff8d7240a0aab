"""The record of a rendered tree: of every file its digest, its template and the part of the spec it was made for."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.location import format_path
from generator.manifest import Manifest
from generator.pipeline.outcomes import Outcomes, by_outcome

RECORD = ".qatgen.json"
_HEAD = '{\n "about": "What qatgen wrote here, a line a file; it says which files were changed since.",\n "files": {\n'
_TAIL = "\n }\n}\n"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is known of one file; `verdicts` are the codes of the policies that apply to its object, by outcome."""

    digest: str
    template: str = ""
    item: str = ""
    overlay: bool = False
    verdicts: Mapping[str, Sequence[str]] = field(default_factory=dict)


def digest(raw: bytes) -> str:
    """What a file's content is known by."""
    return hashlib.sha256(raw).hexdigest()


def record_line(relative: str, raw: bytes, manifest: Manifest, outcomes: Outcomes) -> str:
    """A file's line of the record."""
    about: dict[str, Any] = {"sha256": digest(raw)}
    about |= {"template": manifest.template} if manifest.template else {}
    about |= {"item": format_path(manifest.item)} if manifest.item else {}
    about |= {"overlay": True} if manifest.overlaid else {}
    about |= {"verdicts": by_outcome(outcomes)} if outcomes else {}
    return f"  {json.dumps(relative)}: {json.dumps(about)}"


def record_text(lines: Iterable[str]) -> str:
    """The record of a tree, files by name: merges line by line, and says nothing of when or where it was made."""
    return _HEAD + ",\n".join(sorted(lines)) + _TAIL


def read_record(folder: Path) -> Mapping[str, Recorded]:
    """The record of a tree; empty where there is none that can be read."""
    try:
        files = json.loads((folder / RECORD).read_text(encoding="utf-8"))["files"]
        return {str(name): _recorded(about) for name, about in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _recorded(about: Mapping[str, Any]) -> Recorded:
    template, item = str(about.get("template", "")), str(about.get("item", ""))
    verdicts = {str(outcome): tuple(map(str, codes)) for outcome, codes in about.get("verdicts", {}).items()}
    return Recorded(str(about["sha256"]), template, item, overlay=bool(about.get("overlay")), verdicts=verdicts)
