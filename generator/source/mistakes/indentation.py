"""Lines whose indentation fits nothing above them: what they stand under, and where they may go."""

import re
from dataclasses import dataclass

from generator.source.mistakes.scanned import Mistake, Scanned, rest, shown, spaces

_PARTS = re.compile(r"(?P<dashes>(?:- +)*)(?:(?P<key>[^\s:#{}\[\],][^:#]*?)\s*:(?=\s|\Z)|(?P<other>\S.*|\Z))")


_LOOKED_AT = 1000
"""Lines that tell by how much a text is indented."""

_WIDE = 4
_FEW = 0.2
"""The part of the lines that may be indented in another way."""


@dataclass(frozen=True, slots=True)
class _Level:
    """A column that lines above use: of a key, or of the dash of an item; lines and columns count from 0."""

    column: int
    line: int
    name: str
    dash: bool = False

    @property
    def shown(self) -> str:
        return "the `-` before it" if self.dash else f"`{self.name}`"


def wrong_indentation(scan: Scanned) -> Mistake | None:
    """The first word of a line is where no level of the text is."""
    expected = "expected key" in scan.problem or "'-' indicator" in scan.problem or "<document start>" in scan.problem
    if not expected or not scan.first_on_line() or not scan.character():
        return None
    found = under_text(scan, scan.mark.line, scan.mark.column)
    return found or misplaced(scan, scan.mark.line, scan.mark.column)


def under_text(scan: Scanned, line: int, column: int) -> Mistake | None:
    """A line after a block of text (`|`, `>`) that is indented less than the text and is not a key."""
    texts = [token for token in scan.scalars if token.style in ("|", ">")]
    if not texts or texts[-1].end_mark.line != line or _has_key(scan.lines[line], column):
        return None
    if any(level.column == column for level in _levels(scan, line)):
        return None  # next to other keys: its colon is missing
    start = texts[-1].start_mark
    first = next((n for n in range(start.line + 1, line) if scan.lines[n].strip()), None)
    if first is None:
        return None
    inner = scan.indent(first)
    word = shown(rest(scan.lines[line], column))
    message = f"`{word}` is indented by {spaces(column)}, less than the text it follows"
    note = (f"the text is indented by {spaces(inner)}", first, inner)
    return Mistake(message, f"indent it by {spaces(inner)}", line, column, column + len(word), (note,))


def _has_key(text: str, column: int) -> bool:
    found = _PARTS.match(text, column)
    return found is not None and found["key"] is not None


def misplaced(scan: Scanned, line: int, column: int) -> Mistake | None:
    """The mistake of a line whose indentation fits no line above, with the lines it may be aligned with."""
    levels = _levels(scan, line)
    if not levels:
        return None
    word = _name(scan.lines[line], column)
    item = word == "-"
    subject = "the `-`" if item else f"`{word}`"
    alike = [level for level in levels if level.dash == item or not level.dash]
    deeper = [level for level in alike if level.column > column]
    outer = [level for level in alike if level.column < column]
    same = next((level for level in levels if level.column == column), None)
    inner = deeper[-1] if deeper else None
    above = outer[0] if outer else None
    length = column + len(word)
    wrong = _outlier(scan, column, [level for level in (inner, above) if level is not None])
    if wrong is not None:
        return _earlier(scan, wrong, line, column, subject)
    if same is not None and same.dash != item:
        return _mixed(line, column, subject, same, inner or above)
    if inner is not None:
        message = f"{subject} is indented by {spaces(column)}, less than {inner.shown} and more than what it belongs to"
        if above is None:
            message = f"{subject} is indented by {spaces(column)}, less than {inner.shown}"
        choices = [inner] + ([above] if above else [])
    elif above is not None:
        message = f"{subject} is indented by {spaces(column)}, more than {above.shown}, which has a value already"
        choices = [above]
    else:
        return None
    return Mistake(message, _advice(choices), line, column, length, _notes(choices))


def _outlier(scan: Scanned, column: int, others: list[_Level]) -> _Level | None:
    """The level before a line, where it is that one and not the line which departs from the steps of the text."""
    step = _step(scan)
    if not step or column % step:
        return None
    return next((other for other in others if other.column % step), None)


def _step(scan: Scanned) -> int:
    """The number of spaces that nearly all lines of a text are indented by a multiple of; 0 where there is none."""
    indents = [scan.indent(number) for number, line in enumerate(scan.lines[:_LOOKED_AT]) if line.strip()]
    for step in (_WIDE, 2):
        if step == _WIDE and any(indent % step == step // 2 for indent in indents):
            continue  # steps of two, most of them in pairs
        if any(indents) and sum(indent % step != 0 for indent in indents) <= max(1, _FEW * len(indents)):
            return step
    return 0


def _earlier(scan: Scanned, wrong: _Level, line: int, column: int, subject: str) -> Mistake:
    """The mistake of an earlier line that fits neither its own parent nor the line after it."""
    word = wrong.shown
    start = scan.indent(wrong.line)
    indent = column - (wrong.column - start)
    message = f"{word} is indented by {spaces(wrong.column)}, and {subject} after it by {spaces(column)}"
    hint = f"indent its line by {spaces(indent if indent >= 0 else column)}"
    note = (f"{subject} is indented by {spaces(column)}", line, column)
    return Mistake(message, hint, wrong.line, wrong.column, wrong.column + len(wrong.name), (note,))


def _mixed(line: int, column: int, subject: str, same: _Level, other: _Level | None) -> Mistake:
    """A key where the dashes of a list are, or a dash where keys are."""
    if same.dash:
        message = f"{subject} is indented by {spaces(column)}, as {same.shown} of the list before it"
        if other is not None and other.column > column:
            message = (
                f"{subject} is indented by {spaces(column)}, less than {other.shown}, the key before it in the item"
            )
    else:
        message = f"an item of a list is next to the key {same.shown}"
    choices = [other] if other is not None else []
    hint = _advice(choices) if same.dash and choices else f"indent it under the key of its list, or remove {subject}"
    return Mistake(message, hint, line, column, None, _notes([*choices, same]))


def _advice(choices: list[_Level]) -> str:
    return ", or ".join(
        f"{'indent it by' if not number else 'by'} {spaces(level.column)}, as {level.shown}"
        for number, level in enumerate(choices)
    )


def _notes(levels: list[_Level]) -> tuple[tuple[str, int, int], ...]:
    return tuple((f"{one.shown} is indented by {spaces(one.column)}", one.line, one.column) for one in levels)


def _levels(scan: Scanned, line: int) -> list[_Level]:
    """The levels that are open above a line, the deepest first; each is named after its last line."""
    found: list[_Level] = []
    least: int | None = None
    for number, text in scan.structures(line - 1):
        if scan.lines[number].startswith(("---", "...")):
            break
        column = len(text) - len(text.lstrip(" "))
        if text[column] == "\0" and not re.match(r"\0+\s*:", text[column:]):
            continue  # the rest of a text in quotes or in a block
        for level in reversed(list(_of_line(scan, number, column))):
            beside = level.column == least and found[-1].dash and not level.dash  # a list under a key, not indented
            if least is None or level.column < least or beside:
                found.append(level)
                least = level.column
        if least == 0:
            break
    return found


def _of_line(scan: Scanned, line: int, column: int) -> list[_Level]:
    """The levels of one line: of its dashes and of the key after them, from left to right."""
    text = scan.lines[line]
    levels = []
    while text.startswith(("- ", "-\t"), column) or text[column:] == "-":
        levels.append(_Level(column, line, "-", dash=True))
        column += 1
        column += len(text[column:]) - len(text[column:].lstrip(" "))
    found = _PARTS.match(text, column)
    if found and found["key"] is not None:
        levels.append(_Level(column, line, shown(found["key"].strip("\"'"))))
    return levels


def _name(text: str, column: int) -> str:
    """The key or the dash a line begins with, or all of the line."""
    if text.startswith("- ", column) or text[column:].rstrip() == "-":
        return "-"
    found = _PARTS.match(text, column)
    return shown(found["key"].strip("\"'") if found and found["key"] else rest(text, column))
