"""Which environments changed files concern, by what each environment's record says it depends on."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from generator.pipeline.record import Kind, Record, read_record
from generator.spec.load import KUSTOMIZATIONS, RESERVED

NO_RECORD = "there is no record of what it depends on"
_PROBED = ("spec.yaml", *KUSTOMIZATIONS)
_FOLDERS = ("templates/", "policies/", "schemas/", "overlays/")
"""What a spec's folder is rendered from besides the files that the spec names."""

InForce = Callable[[str], Collection[str]]
"""The folders of the policies that apply to an environment now."""


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
    what a file held before, nothing where it was not there.
    """

    root: Path
    output: Path
    names: Collection[str]
    changed: Collection[str]
    in_force: InForce
    before: Callable[[str], bytes]


def affected(question: Question) -> Affected:
    """The environments that the changed files concern. One without a readable record always is.

    A file among templates, policies, schemas or overlays that nobody is known to depend on concerns everybody: better
    too much than nothing. Any other is read only where a file that names it says so, and that one is known.
    """
    records = {name: read_record(question.output / name) for name in question.names}
    below = _below(question)
    found: dict[str, str] = {}
    claimed: set[str] = set()
    for name, record in records.items():
        if not record.files:
            found[name] = NO_RECORD
            continue
        for file in sorted(question.changed):
            if _concerns(question, file, name, record, below):
                found.setdefault(name, file)
                claimed.add(file)
    unknown = next((file for file in sorted(question.changed) if file not in claimed and _is_odd(question, file)), "")
    if unknown:
        found = {name: found.get(name, unknown) for name in records}
    shared = next(iter(found.values()), "") or _shared(question, below)
    return Affected(found, shared, {name: record for name, record in records.items() if name not in found})


def _below(question: Question) -> str:
    """The trees' folder as changed files name it; nothing where it is not below the spec's."""
    output, root = question.output.resolve(), question.root.resolve()
    return f"{output.relative_to(root).as_posix()}/" if output.is_relative_to(root) else ""


def _concerns(question: Question, file: str, name: str, record: Record, below: str) -> bool:
    """Whether an environment depends on a file, or did when its tree was written."""
    if below and file.startswith(f"{below}{name}/"):
        return True
    if any(matches(source, file) for source in record.sources):
        return True
    parts = file.split("/")
    if parts[0] == "overlays" and len(parts) > 2:
        # What is new there, and named by nothing that is known: it is that environment's, if anybody's.
        return parts[1] == name
    if parts[-1] in _PROBED and any(source.rpartition("/")[0] == "/".join(parts[:-1]) for source in record.sources):
        return True
    if parts[0] == "policies":
        from generator.pipeline.policies import BINDING, POLICY  # noqa: PLC0415 - most changes need no policies

        return parts[-1] in (POLICY, BINDING) and parts[1] in question.in_force(name)
    if parts[0] == "schemas":
        return _serves(question, file, record.kinds)
    return False


def _serves(question: Question, file: str, kinds: Collection[Kind]) -> bool:
    """Whether a file of schemas is, or was, about a kind there is; one of which that cannot be told is."""
    from generator.schema.lookup import defined_kinds  # noqa: PLC0415 - most changes need no schemas

    path = question.root / file
    texts = [question.before(file), path.read_bytes() if path.is_file() else b""]
    if path.suffix == ".json" and not any(b"CustomResourceDefinition" in text for text in texts):
        return path.name.partition("-")[0] in {kind.lower() for _, kind, _ in kinds}
    defined = [defined_kinds(text, file) for text in texts if text]
    there = {(group, kind) for group, kind, _ in kinds}
    return not defined or any(one is None or not one.isdisjoint(there) for one in defined)


def _is_odd(question: Question, file: str) -> bool:
    """Whether a file that nobody is known to depend on may be read all the same."""
    if file.startswith("policies/"):
        return file.count("/") < 2
    if file.startswith("schemas/"):
        return False
    if file.startswith("overlays/"):
        return file.split("/")[1] not in question.names
    return file.startswith(_FOLDERS) and not file.endswith(".md")


def _shared(question: Question, below: str) -> str:
    """The first changed file that concerns the trees of all environments; nothing where there is none."""
    for tree in sorted(RESERVED):
        record = read_record(question.output / tree)
        for file in sorted(question.changed):
            if (below and file.startswith(f"{below}{tree}/")) or any(matches(one, file) for one in record.sources):
                return file
    return ""


def matches(source: str, file: str) -> bool:
    """Whether a file is meant by a source: the file itself, a folder it lies in, or a pattern that meets it."""
    if source == file or (source.endswith("/") and file.startswith(source)):
        return True
    return any(sign in source for sign in "*?[") and _pattern(source).fullmatch(file) is not None


@cache
def _pattern(source: str) -> re.Pattern[str]:
    """A pattern of paths as pathlib's glob reads it: `**` stands for any folders, `*` for a part of a name."""
    return re.compile("/".join(_parts(source.split("/"))).replace("(?:.*/)?/", "(?:.*/)?"), re.DOTALL)


def _parts(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        if part == "**":
            yield "(?:.*/)?"
        else:
            yield re.sub(r"\\\*|\\\?|\\\[(!?)(.*?)\\\]", _sign, re.escape(part))


def _sign(match: re.Match[str]) -> str:
    if match[0] == r"\*":
        return "[^/]*"
    if match[0] == r"\?":
        return "[^/]"
    return f"[{'^' if match[1] else ''}{match[2]}]"
