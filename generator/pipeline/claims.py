"""Which files a list of sources means: files, folders and patterns of files, matched in linear time.

The list comes from a tree's record, which anybody may have written: no pattern in it takes long, and a list with too
much in it means every file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

WILD = "*?["
_MOST_PATTERNS = 2_000
_LONGEST = 1 << 16
"""Characters of all patterns together."""
_MOST_MEMORY = 1 << 26


@dataclass(frozen=True, slots=True)
class Claims:
    """Files by name, folders (each ends in a slash), one expression for all patterns; `everything` means any file."""

    files: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    patterns: Any = field(default=None, compare=False)
    everything: bool = False

    def claims(self, file: str) -> bool:
        """Whether a file is meant: by its name, by a folder it is in, or by a pattern."""
        if self.everything or file in self.files:
            return True
        if self.folders and any(folder in self.folders for folder in _folders(file)):
            return True
        if self.patterns is None:
            return False
        try:
            return self.patterns.fullmatch(file) is not None
        except UnicodeEncodeError:
            return True  # a name that is not UTF-8


def claims_of(sources: Iterable[str]) -> Claims:
    """What sources mean, relative to the spec's folder."""
    files = frozenset(sources)
    folders = frozenset(source for source in files if source.endswith("/"))
    wild = sorted(source for source in files if any(sign in source for sign in WILD))
    if len(wild) > _MOST_PATTERNS or sum(map(len, wild)) > _LONGEST:
        return Claims(everything=True)
    if not wild:
        return Claims(files, folders)
    import re2  # noqa: PLC0415 - most sources are no patterns

    options = re2.Options()
    options.max_mem, options.log_errors, options.dot_nl = _MOST_MEMORY, False, True
    try:
        patterns = re2.compile("|".join(f"(?:{_expression(source)})" for source in wild), options)
    except (re2.error, UnicodeEncodeError):
        return Claims(everything=True)
    return Claims(files, folders, patterns)


def _folders(file: str) -> Iterator[str]:
    end = file.find("/")
    while end >= 0:
        yield file[: end + 1]
        end = file.find("/", end + 1)


def _expression(source: str) -> str:
    """A pattern of paths, as pathlib's glob reads it, for RE2: `**` means any folders, `*` a part of a name."""
    out: list[str] = []
    parts = source.split("/")
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            if out[-1:] != [_ANY_FOLDERS]:
                out.append(_ANY_FOLDERS)
            if last:
                out.append("[^/]*")
        else:
            out.append(_name(part) + ("" if last else "/"))
    return "".join(out)


_ANY_FOLDERS = "(?:[^/]*/)*"


def _name(part: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(part):
        sign = part[at]
        at += 1
        if sign == "*":
            out.append("" if out[-1:] == ["[^/]*"] else "[^/]*")
        elif sign == "?":
            out.append("[^/]")
        elif sign == "[" and (end := _end_of_set(part, at)):
            out.append(_set(part[at:end]))
            at = end + 1
        else:
            out.append(_quoted(sign))
    return "".join(out)


def _end_of_set(part: str, at: int) -> int:
    """Where a set of characters ends that begins at a place; 0 where it does not: the bracket is a character then."""
    first = at + (part[at : at + 1] == "!")
    return max(part.find("]", first + 1), 0)


def _set(text: str) -> str:
    """A set as fnmatch reads it: `!` at its beginning turns it round, a range that goes backwards is empty."""
    turned = text.startswith("!")
    text = text[turned:]
    ranges = []
    at = 0
    while at < len(text):
        if text[at + 1 : at + 2] == "-" and at + 2 < len(text):
            ranges += [f"{_quoted(text[at])}-{_quoted(text[at + 2])}"] if text[at] <= text[at + 2] else []
            at += 3
        else:
            ranges.append(_quoted(text[at]))
            at += 1
    if not ranges:
        return "[^/]" if turned else r"[^\x00-\x{10FFFF}]"
    return f"[{'^/' if turned else ''}{''.join(ranges)}]"


def _quoted(sign: str) -> str:
    return sign if sign.isalnum() or ord(sign) > 127 else f"\\x{{{ord(sign):x}}}"
