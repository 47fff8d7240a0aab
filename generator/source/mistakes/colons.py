"""Keys without a colon, colons and dashes without a space, and values that hold a colon."""

import re
from typing import Any

import yaml

from generator.source.mistakes.indentation import misplaced, under_text
from generator.source.mistakes.scanned import Mistake, Scanned, quoted, rest, shown

_NO_SPACE = re.compile(r"([\w./-]+):(?=[^\s:/])(.*)")
_WIDE_COLON = "\uff1a"
_DASH = re.compile(r"-(?=[^\s-])")


def no_colon(scan: Scanned) -> Mistake | None:
    """A line of a mapping that has no colon, at that line."""
    if "could not find expected ':'" not in scan.problem or scan.started is None:
        return None
    return under_text(scan, scan.started.line, scan.started.column) or _no_colon(
        scan, scan.started.line, scan.started.column
    )


def _no_colon(scan: Scanned, line: int, column: int) -> Mistake:
    text = rest(scan.lines[line], column)
    end = column + len(text)
    if _DASH.match(text):
        return _no_space_after_dash(text, line, column)
    found = _NO_SPACE.match(text)
    if found:
        message = f"a space is missing after `{shown(found[1])}:`"
        return Mistake(message, f"write `{shown(found[1])}: {shown(found[2])}`", line, column, end)
    wide = text.find(_WIDE_COLON)
    if wide >= 0:
        hint = f"write `{shown(text.replace(_WIDE_COLON, ': '))}`"
        message = f"`{_WIDE_COLON}` (U+FF1A) is a fullwidth colon, not the `:` after a key"
        return Mistake(message, hint, line, column + wide)
    words = re.match(r"([\w./-]+)\s*[\s=]\s*(\S.*)", text)
    message = f"`{shown(text)}` has no `:`, so it is not a key"
    hint = f"write `{shown(text)}:`, or indent the line to make it part of the value before it"
    if words:
        hint = f"write `{shown(words[1])}: {shown(words[2])}`"
    return Mistake(message, hint, line, column, end)


def _no_space_after_dash(text: str, line: int, column: int) -> Mistake:
    hint = f"write `- {shown(text[1:])}`, or put the text in quotes"
    return Mistake(f"a space is missing after the `-` of `{shown(text)}`", hint, line, column, column + 1)


def no_space_after_dash(scan: Scanned) -> Mistake | None:
    """A key next to items of a list that begins with a dash and no space."""
    if "'-' indicator" not in scan.problem or not scan.first_on_line():
        return None
    text = rest(scan.lines[scan.mark.line], scan.mark.column)
    return _no_space_after_dash(text, scan.mark.line, scan.mark.column) if _DASH.match(text) else None


def second_colon(scan: Scanned) -> Mistake | None:
    """A colon after a value: the value needs quotes, its line is indented too much, or an earlier line has no colon."""
    if "mapping values are not allowed" not in scan.problem:
        return None
    if not scan.scalars:
        return None
    last = scan.scalars[-1]
    start = last.start_mark
    text = scan.lines[start.line]
    if start.line < scan.mark.line and not last.style:
        if _begins_its_line(text, start.column):
            return _no_colon(scan, start.line, start.column)
        return misplaced(scan, scan.mark.line, scan.indent(scan.mark.line))
    return _value_with_colon(scan, last)


def _value_with_colon(scan: Scanned, last: Any) -> Mistake:
    line, column = scan.mark.line, last.start_mark.column
    text = scan.lines[line]
    value = rest(text, column)
    if text.startswith("--- "):
        return Mistake("text after `---`", "write it on the next line", line, 4, len(text))
    message = f"the value `{shown(value)}` holds `: `"
    return Mistake(message, f"put it in quotes: {quoted(value)}", line, column, column + len(value))


def _begins_its_line(text: str, column: int) -> bool:
    return not text[:column].replace("- ", "").strip(" ?")


def list_on_key_line(scan: Scanned) -> Mistake | None:
    """A list that begins on the line of its key."""
    if "block sequence entries are not allowed" not in scan.problem:
        return None
    last = scan.tokens[-1] if scan.tokens else None
    if isinstance(last, yaml.ValueToken) or scan.lines[scan.mark.line][: scan.mark.column].rstrip().endswith(":"):
        message = "a list cannot begin on the line of its key"
        hint = "begin it on the next line, or write it in brackets: `[a, b]`"
        return Mistake(message, hint, scan.mark.line, scan.mark.column)
    return misplaced(scan, scan.mark.line, scan.indent(scan.mark.line)) if scan.first_on_line() else None
