"""The characters of a template's line that a finding is about: the engine itself knows lines alone."""

import re
from dataclasses import replace

from generator.location import Span

_CODE = re.compile(r"\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)")


def name_in(at: Span, line: str, name: str) -> Span:
    """The place of a name in the expressions of a line; of the first expression where the name is not in one."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    for code in _CODE.finditer(line):
        found = word.search(line, code.start(), code.end())
        if found:
            return _over(at, *found.span())
    return code_in(at, line)


def code_in(at: Span, line: str) -> Span:
    """The place of the one expression or statement of a line; of all of the line where it has several, or none."""
    found = list(_CODE.finditer(line))
    if len(found) == 1:
        return _over(at, *found[0].span())
    start = len(line) - len(line.lstrip())
    return _over(at, start, len(line.rstrip()))


def written_in(at: Span, line: str, written: str, there: Span) -> Span:
    """The place in a template's line of what is at `there` in the line it wrote; both are equal up to the first value.

    Where they are not equal up to that place it is all of the line.
    """
    column = there.column - 1
    same = next((at for at, (one, other) in enumerate(zip(line, written, strict=False)) if one != other), len(line))
    if not line.strip() or not 0 <= column < max(same, 1):
        return _over(at, len(line) - len(line.lstrip()), len(line.rstrip()))
    end = there.end_column - 1 if there.end_line == there.line else column + 1
    return _over(at, column, min(max(end, column + 1), max(same, column + 1)))


def _over(at: Span, start: int, end: int) -> Span:
    return replace(at, column=start + 1, end_line=at.line, end_column=max(end, start + 1) + 1)
