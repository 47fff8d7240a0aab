"""Text that does not belong: marks of a merge, tabs, spaces that are letters, braces of templates, printers' quotes."""

import re
from typing import Any

import yaml

from generator.source.characters import ODD_SPACES, TYPOGRAPHIC, article, name_of
from generator.source.mistakes.scanned import Mistake, Scanned, quoted, rest, shown

_ODD = "".join(ODD_SPACES)
_CONFLICT = re.compile(r"(<{7}|={7}|>{7}|\|{7})(?= |\Z)")
_LEFT = re.compile(r"^(?:<{7}|>{7})(?: |$)", re.MULTILINE)
_LEADING_TAB = re.compile(r" *(?:[-?:][ \t]+)*?\t")
_ODD_INDENT = re.compile(rf"( *(?:- +)*-?)([{_ODD}])[ {_ODD}]*(?:[\w\"'./\0-][^:]*:|- |-\Z)")
_ODD_AFTER_COLON = re.compile(rf" *(?:- +)*[\w./-]+:([{_ODD}])")
_BRACES = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{\{.*|\{%.*")
_PRINTED = re.compile(rf"(?:^ *(?:- +)*|: +|[\[{{,] *)([{TYPOGRAPHIC}])")

RESOLVE = "choose a side, and remove the lines of `<<<<<<<`, `=======` and `>>>>>>>`"
NOT_EVALUATED = "write the value itself, or put the text in quotes: templates are not evaluated here"


def conflict(scan: Scanned) -> Mistake | None:
    """A marker that git left in the text: the start of the conflict before the error, else the first marker left."""
    others: list[tuple[int, str]] = []
    near = False
    started = scan.started.line if scan.started is not None and "block scalar" in scan.context else -1
    for line in range(min(scan.mark.line, len(scan.lines) - 1), -1, -1):
        # Most lines begin with something else, so the costly look at what is in quotes is seldom needed.
        written = _CONFLICT.match(scan.lines[line])
        if written is None:
            continue
        # `>` and `|` begin a block of text elsewhere, and the parser takes a marker for one.
        found = written if line == started else _CONFLICT.match(scan.structure(line))
        if found and found[1].startswith("<"):
            return conflict_at(line, found[1])
        if found:
            others.append((line, found[1]))
            near = near or line >= scan.mark.line - 1
    return conflict_at(*others[-1]) if near else None


def leftover_conflict(text: str, loader: Any) -> Mistake | None:
    """A marker in a text that is YAML in spite of it, as in brackets over many lines."""
    if not _LEFT.search(text):
        return None
    scan = Scanned.whole(text, loader)
    for line, written in enumerate(scan.lines):
        found = _CONFLICT.match(written)
        if found and found[1][0] in "<>" and _CONFLICT.match(scan.structure(line)):
            return conflict_at(line, found[1])
    return None


def conflict_at(line: int, marker: str) -> Mistake:
    """The mistake of a marker at the start of a line."""
    return Mistake(f"a conflict marker of git (`{marker}`): a merge was not finished", RESOLVE, line, 0, len(marker))


def tab(scan: Scanned) -> Mistake | None:
    """A tab where only spaces indent."""
    line = scan.mark.line
    text = scan.lines[line] if line < len(scan.lines) else ""
    found = _LEADING_TAB.match(scan.structure(line))
    if found is None and "tab character" in scan.problem:
        found = re.match(r"\s*?\t", text)
    if found is None and scan.character() == "\t" and "start any token" in scan.problem:
        return Mistake("a tab where only spaces may be", "write spaces in place of the tab", line, scan.mark.column)
    if found is None:
        return None
    column = found.end() - 1
    if not text.strip():
        return Mistake("a tab in an empty line", "remove the tab", line, column)
    where = "after `-`" if "-" in found[0] else "in the indentation"
    return Mistake(f"a tab {where}: YAML indents with spaces", "write spaces in place of the tab", line, column)


def odd_space(scan: Scanned) -> Mistake | None:
    """A no-break space or its like in the indentation or after a colon: the nearest at the error or above it."""
    for line in range(min(scan.mark.line, len(scan.lines) - 1), -1, -1):
        if scan.lines[line].isascii():
            continue
        text = scan.structure(line)
        found = _ODD_INDENT.match(text)
        if found:
            column = found.start(2)
            where = "after `-`" if found[1].endswith("-") else "in the indentation"
            return _odd(text[column], where, line, column)
        found = _ODD_AFTER_COLON.match(text)
        if found and line >= scan.mark.line - 1:
            return _odd(found[1], "after `:`", line, found.start(1))
    return None


def _odd(character: str, where: str, line: int, column: int) -> Mistake:
    name = name_of(character)
    message = f"{article(name)} {where}, which YAML takes for a letter"
    return Mistake(message, "delete it, and type plain spaces", line, column)


def braces(scan: Scanned) -> Mistake | None:
    """An expression or a statement of a template (Helm, Jinja) that is not in quotes: the nearest before the error."""
    tokens = scan.tokens
    for at in range(len(tokens) - 1, 0, -1):
        if _adjacent(tokens[at - 1], tokens[at]):
            return _braces_at(scan, tokens[at - 1].start_mark.line, tokens[at - 1].start_mark.column)
    started = scan.started
    if started is not None and scan.lines[started.line].startswith(("{{", "{%"), started.column):
        return _braces_at(scan, started.line, started.column)
    line, column = scan.mark.line, scan.mark.column
    text = scan.lines[line] if line < len(scan.lines) else ""
    if text[max(column - 1, 0) : column + 1] in ("{%", "{{"):
        return _braces_at(scan, line, column - 1)
    last = scan.scalars[-1] if scan.scalars else None
    if last is not None and not last.style and last.start_mark.line == line and "mapping values" in scan.problem:
        found = _BRACES.search(text, last.start_mark.column)
        if found and found.start() < column:
            return _braces_at(scan, line, found.start())
    return None


def _adjacent(one: Any, other: Any) -> bool:
    """Whether two tokens are the braces of `{{`."""
    if not isinstance(one, yaml.FlowMappingStartToken) or not isinstance(other, yaml.FlowMappingStartToken):
        return False
    first, second = one.start_mark, other.start_mark
    return bool((first.line, first.column + 1) == (second.line, second.column))


def _braces_at(scan: Scanned, line: int, column: int) -> Mistake:
    found = _BRACES.match(scan.lines[line], column)
    end = found.end() if found else column + 2
    written = shown(scan.lines[line][column:end].strip())
    return Mistake(f"the braces of a template, `{written}`", NOT_EVALUATED, line, column, end)


def typographic(scan: Scanned) -> Mistake | None:
    """A typographic quote before the error on its line, where a plain one would have made a text of the value."""
    line = scan.mark.line
    for found in _PRINTED.finditer(scan.structure(line)):
        column = found.start(1)
        if column < scan.mark.column:
            value = rest(scan.lines[line], column).strip(TYPOGRAPHIC)
            hint = f"write the plain quotes of programs: {quoted(value)}"
            return Mistake(f"`{found[1]}` is a typographic quote, which does not quote in YAML", hint, line, column)
    return None
