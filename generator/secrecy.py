"""The data of Secrets: found in objects and in texts, and taken out of what is reported about them."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from generator.finding import Finding, Halt, Note
from generator.source import Dialect, glance, is_list, members, read_documents

MASK = "***"
_PART = 6
"""A run of so many characters of a value is taken out wherever it is: messages cut values, and split them."""
_FIELDS = ("data", "stringData")
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_ESCAPE = re.compile(r"\\(?:x|u00|U000000)([0-9a-fA-F]{2})")
_MENTIONS = re.compile(
    r"""\bkind["']?\s*:\s*[^\n#]{0,40}Secret(?:List)?\b   # an object
    | (?:^|[\s"':,\[{])Secret(?:List)?["']?\s*(?:[\n,}\]#]|$)    # its kind, wherever that is written
    | &\S+\s+["']?Secret\b | \bsecretGenerator\b | \bstringData\b
    | ["'\s]/(?:data|stringData)/                         # an operation of a JSON patch""",
    re.VERBOSE,
)
_MAX = 4 * 1024 * 1024
"""Characters of a text that is looked through for values; of a longer one everything counts as one."""


def mentions_secret(text: str) -> bool:
    """Whether a text may hold the data of a Secret: an object, a generator, or a patch of one."""
    if _MENTIONS.search(text):
        return True
    if "\\" not in text:
        return False
    return _MENTIONS.search(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), glance(text).text)) is not None


def is_secret(data: Any) -> bool:
    """Whether an object is a Secret, or a List that may hold one."""
    kind = data.get("kind") if isinstance(data, Mapping) else None
    return kind == "Secret" or (isinstance(kind, str) and kind.endswith("List") and "items" in data)


def values_of(data: Any) -> frozenset[str]:
    """The values of every Secret in some data, as they are and decoded."""
    return frozenset(_spelt(_of_data(data)))


@lru_cache(maxsize=64)
def values_in(text: str) -> frozenset[str]:
    """The values a text holds of Secrets; of one that mentions Secrets and cannot be read, everything that it says."""
    if not mentions_secret(text):
        return frozenset()
    if len(text) > _MAX:
        return frozenset([text])
    try:
        documents = [document.data for document in read_documents(text, "", Dialect.KUBERNETES)]
    except Halt:
        return frozenset([text])
    return frozenset(_spelt(value for data in documents for value in (*_of_data(data), *_of_patches(data))))


def hidden(message: str, values: Iterable[str]) -> str:
    """A message without the values, and without longer parts of them."""
    short = {value for value in values if len(value) < _PART}
    marked = bytearray(len(message))
    lower = message.lower()
    if len(lower) == len(message):
        parts = _parts(frozenset(values))
        for start in range(len(lower) - _PART + 1):
            if lower[start : start + _PART] in parts:
                marked[start : start + _PART] = b"x" * _PART
    for value in short:
        for found in re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", message):
            marked[found.start() : found.end()] = b"x" * len(value)
    out, start = [], 0
    for run in re.finditer(rb"x+", marked):
        out += [message[start : run.start()], MASK]
        start = run.end()
    return "".join((*out, message[start:]))


@lru_cache(maxsize=16)
def _parts(values: frozenset[str]) -> frozenset[str]:
    return frozenset(
        lower[start : start + _PART]
        for lower in (value.lower() for value in values)
        for start in range(len(lower) - _PART + 1)
    )


def concealed(finding: Finding, values: frozenset[str]) -> Finding:
    """A finding without the values."""
    if not values:
        return finding
    notes = tuple(Note(hidden(note.message, values), note.at) for note in finding.notes)
    return replace(finding, message=hidden(finding.message, values), hint=hidden(finding.hint, values), notes=notes)


def conceal(findings: Iterable[Finding], source_text: Callable[[str], str | None]) -> Iterator[Finding]:
    """Findings without the values that stand in the files they are about."""
    known: dict[str, frozenset[str]] = {}
    for finding in findings:
        file = finding.at.file
        if file not in known:
            known[file] = values_in(source_text(file) or "")
        yield concealed(finding, known[file])


def _of_data(data: Any) -> Iterator[str]:
    """The values of the Secrets in an object, of its items, and of a kustomization's generators."""
    if isinstance(data, list):
        for item in data:
            yield from _of_data(item)
    if not isinstance(data, Mapping):
        return
    if is_list(data):
        for _, item in members(data):
            yield from _of_data(item)
        return
    if data.get("kind") == "Secret":
        for key in _FIELDS:
            yield from _scalars(data.get(key))
        metadata = data.get("metadata")
        annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
        if isinstance(annotations, Mapping):
            yield from _scalars(annotations.get(_APPLIED))
        return
    for key, value in data.items():
        if key == "secretGenerator":
            for entry in value if isinstance(value, list) else ():
                literals = entry.get("literals") if isinstance(entry, Mapping) else None
                for literal in literals if isinstance(literals, list) else ():
                    text = str(literal)
                    yield text.partition("=")[2] if "=" in text else text
        elif isinstance(value, Mapping | list):
            yield from _of_data(value)


def _of_patches(data: Any) -> Iterator[str]:
    """The values that patches bring: a JSON patch's of data, and those of patches written inside a kustomization."""
    if isinstance(data, list):
        for item in data:
            path = item.get("path") if isinstance(item, Mapping) else None
            if isinstance(path, str) and path.startswith(("/data", "/stringData")):
                yield from _scalars(item.get("value"))
            else:
                yield from _of_patches(item)
    elif isinstance(data, Mapping):
        target = data.get("target")
        of_secret = isinstance(target, Mapping) and target.get("kind") == "Secret"
        for key, value in data.items():
            if isinstance(value, str) and (key == "patch" or "\n" in value) and (of_secret or mentions_secret(value)):
                yield from _of_inline(value)
            elif isinstance(value, Mapping | list):
                yield from _of_patches(value)
                for inner in value if isinstance(value, list) else ():
                    if isinstance(inner, str) and "\n" in inner and mentions_secret(inner):
                        yield from _of_inline(inner)


def _of_inline(text: str) -> Iterator[str]:
    """The values of a patch of a Secret; of one that cannot be read, all of it."""
    try:
        documents = [document.data for document in read_documents(text, "", Dialect.KUBERNETES)]
    except Halt:
        yield text
        return
    for data in documents:
        if isinstance(data, Mapping):
            for key in _FIELDS:
                yield from _scalars(data.get(key))
        yield from _of_patches(data)


def _scalars(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _scalars(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _scalars(inner)
    elif value is not None:
        yield str(value)


def _spelt(values: Iterable[str]) -> Iterator[str]:
    """Values as messages may have them: whole, in lines, coded as the API server stores them, and decoded."""
    for value in values:
        text = value.strip()
        if not text:
            continue
        yield text
        yield base64.b64encode(value.encode()).decode()
        yield from (line.strip() for line in text.splitlines() if line.strip())
        try:
            decoded = base64.b64decode("".join(text.split()), validate=True).decode("utf-8").strip()
        except (binascii.Error, ValueError):
            continue
        if decoded and decoded.isprintable():
            yield decoded
