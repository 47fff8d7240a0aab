"""Which environments changed files concern, by what each environment's record says it depends on."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from generator.finding import Halt
from generator.pipeline.claims import Claims, claims_of
from generator.pipeline.knownrecord import known_record
from generator.pipeline.record import Record
from generator.spec.load import KUSTOMIZATIONS, RESERVED

NO_RECORD = "there is no record of what it depends on"
_PROBED = ("spec.yaml", *KUSTOMIZATIONS)
FOLDERS = ("templates/", "policies/", "schemas/", "overlays/")
"""What a spec's folder is rendered from besides the files that the spec names."""

_LARGEST = 1 << 26
UNREAD = "what it depends on is not known"

InForce = Callable[[str], Collection[str] | None]
"""The folders of the policies that apply to an environment, or did; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Affected:
    """Environments with the first file that concerns each, and whether the trees of all environments are concerned.

    `others` are the environments that are not concerned, with their records.
    """

    environments: Mapping[str, str]
    shared: str
    others: Mapping[str, Record]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the files that changed, relative to `root`, the spec's folder; `output` holds the trees.

    `names` are the environments there are. `in_force` is asked only where a file of a policy changed; `before` gives
    what a file held before, nothing where it was not there. `read` are the sources, found out anew, of environments
    whose records nobody vouched for (None: that was not possible).
    """

    root: Path
    output: Path
    names: Collection[str]
    changed: Collection[str]
    in_force: InForce
    before: Callable[[str], bytes]
    read: Mapping[str, Collection[str] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of an environment: its name, the files it depends on, and the kinds there are (name, group)."""

    name: str
    claims: Claims
    folders: frozenset[str]
    kinds: Collection[tuple[str, str]]
    file_kinds: Collection[str]


def affected(question: Question) -> Affected:
    """The environments that the changed files concern. One without a readable record always is.

    A file among templates, policies, schemas or overlays that nobody is known to depend on concerns everybody: better
    too much than nothing. Any other is read only where a file that names it says so, and that one is known.
    """
    records = {name: known_record(question.output / name) for name in question.names}
    below = _below(question)
    changed = sorted(question.changed)
    found: dict[str, str] = {}
    claimed: set[str] = set()
    for name, record in records.items():
        if not record.files:
            found[name] = NO_RECORD
            continue
        known = _known(question, name, record)
        for file in changed:
            if _concerns(question, file, known, below):
                found.setdefault(name, file)
                claimed.add(file)
        if known.claims.everything or (name in question.read and question.read[name] is None):
            found.setdefault(name, UNREAD)
    unknown = next((file for file in changed if file not in claimed and _is_odd(question, file)), "")
    if unknown:
        found = {name: found.get(name, unknown) for name in records}
    shared = next(iter(found.values()), "") or _shared(question, below)
    return Affected(found, shared, {name: record for name, record in records.items() if name not in found})


def _known(question: Question, name: str, record: Record) -> _Known:
    sources = {*record.sources, *(question.read.get(name) or ())}
    return _Known(
        name,
        claims_of(sources),
        frozenset(source.rpartition("/")[0] for source in sources),
        frozenset((group, kind) for group, kind, _ in record.kinds),
        # Files are called after the kinds of their objects, whatever the record says of those.
        frozenset(file.rpartition("/")[2].partition("-")[0] for file in record.files),
    )


def _below(question: Question) -> str:
    """The trees' folder as changed files name it."""
    return f"{Path(os.path.relpath(question.output.resolve(), question.root.resolve())).as_posix()}/"


def _concerns(question: Question, file: str, known: _Known, below: str) -> bool:
    """Whether an environment depends on a file, or did when its tree was written."""
    if file.startswith(f"{below}{known.name}/") or known.claims.claims(file):
        return True
    parts = file.split("/")
    if parts[0] == "overlays" and len(parts) > 2:
        # What is new there, and named by nothing that is known: it is that environment's, if anybody's.
        return parts[1] == known.name
    if parts[-1] in _PROBED and "/".join(parts[:-1]) in known.folders:
        return True
    if parts[0] == "policies" and len(parts) > 2:
        from generator.pipeline.policies import BINDING, POLICY  # noqa: PLC0415 - most changes need no policies

        if parts[-1] not in (POLICY, BINDING):
            return False
        policies = question.in_force(known.name)
        return policies is None or parts[1] in policies
    if parts[0] == "schemas":
        return _serves(question, file, known)
    return False


def _serves(question: Question, file: str, known: _Known) -> bool:
    """Whether a file of schemas is, or was, about a kind there is; one of which that cannot be told is."""
    from generator.schema.definitions import CRD  # noqa: PLC0415 - most changes need no schemas
    from generator.schema.lookup import defined_kinds  # noqa: PLC0415
    from generator.source import glance_at  # noqa: PLC0415

    path = question.root / file
    there = {*known.file_kinds, *(kind.lower() for _, kind in known.kinds)}
    try:
        texts = [question.before(file), _now(path)]
        if path.suffix == ".json" and not any(glance_at(text).may_hold(CRD) for text in texts):
            return path.name.partition("-")[0] in there
        defined = [defined_kinds(text, file) for text in texts if text]
    except (Halt, OSError, ValueError, RecursionError):
        return True
    return not defined or any(one is None or any(kind.lower() in there for _, kind in one) for one in defined)


def _now(path: Path) -> bytes:
    """A file's content, nothing where it is gone. Raises OSError for what is not a file, or is too large to be read."""
    if not os.path.lexists(path):
        return b""
    if not path.is_file() or path.stat().st_size > _LARGEST:
        raise OSError(f"{path} is not a file that is read")
    return path.read_bytes()


def _is_odd(question: Question, file: str) -> bool:
    """Whether a file that nobody is known to depend on may be read all the same."""
    if file.startswith("policies/"):
        return file.count("/") < 2
    if file.startswith("schemas/"):
        return False
    if file.startswith("overlays/"):
        return file.split("/")[1] not in question.names
    return file.startswith(FOLDERS) and not file.endswith(".md")


def _shared(question: Question, below: str) -> str:
    """The first changed file that concerns the trees of all environments; nothing where there is none."""
    for tree in sorted(RESERVED):
        claims = claims_of(known_record(question.output / tree).sources)
        for file in sorted(question.changed):
            if file.startswith(f"{below}{tree}/") or claims.claims(file):
                return file
    return ""
