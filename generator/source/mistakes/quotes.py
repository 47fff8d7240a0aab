"""Quotes that are not closed, closed too late, or hold what they cannot."""

import re

from generator.source.mistakes.scanned import Mistake, Scanned, quoted, rest, shown

_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_KEY = re.compile(r"\s*(?:- +)*[\w./-]+:(?:\s|\Z)")


def unclosed_quote(scan: Scanned) -> Mistake | None:
    """A quote without an end, at its start."""
    if "quoted scalar" not in scan.context or scan.started is None or "unexpected" not in scan.problem:
        return None
    sign = scan.lines[scan.started.line][scan.started.column]
    message = f"the quote `{sign}` is never closed"
    hint = (
        f"close it with `{sign}`" if sign == '"' else "close it with `'`; an apostrophe in such a text is written `''`"
    )
    return Mistake(message, hint, scan.started.line, scan.started.column)


def runaway_quote(scan: Scanned) -> Mistake | None:
    """A quote that is not closed on its line and swallows keys up to the next quote, at its start."""
    if "quoted scalar" in scan.context and scan.started is not None:
        if scan.started.line < scan.mark.line and "unexpected" not in scan.problem:
            lines = range(scan.started.line + 1, scan.mark.line + 1)
            if any(_KEY.match(scan.lines[number]) for number in lines):
                return _runaway(scan, scan.started.line, scan.started.column, scan.mark.line, scan.mark.column)
        line = scan.started.line
    else:
        line = scan.mark.line
    last = next((token for token in reversed(scan.scalars) if token.style in ("'", '"')), None)
    if last is None or last.end_mark.line != line or last.start_mark.line == line:
        return None
    if not any(_KEY.match(scan.lines[number]) for number in range(last.start_mark.line + 1, line + 1)):
        return None
    return _runaway(scan, last.start_mark.line, last.start_mark.column, line, max(last.end_mark.column - 1, 0))


def _runaway(scan: Scanned, line: int, column: int, end: int, end_column: int) -> Mistake:
    sign = scan.lines[line][column]
    note = ("it goes on to here", end, end_column)
    return Mistake(
        f"the quote `{sign}` is not closed on its line", f"close it with `{sign}`", line, column, notes=(note,)
    )


def escape(scan: Scanned) -> Mistake | None:
    """An escape in double quotes that YAML does not have."""
    if "quoted scalar" not in scan.context or ("escape" not in scan.problem and "hexdecimal" not in scan.problem):
        return None
    text = scan.lines[scan.mark.line]
    column = text.rfind("\\", 0, scan.mark.column + 1)
    if column < 0:
        return None
    found = _PAIR.match(text, column)
    if found:
        high, low = int(found[1], 16), int(found[2], 16)
        code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
        message = f"`{found[0]}` is a pair of surrogates, as JSON writes U+{code:04X}; YAML has none"
        return Mistake(message, f"write `\\U{code:08X}`, or the character itself", scan.mark.line, column, found.end())
    length = {"u": 6, "U": 10, "x": 4}.get(text[column + 1 : column + 2], 2)
    written = shown(text[column : column + length])
    message = f"`{written}` is not an escape of YAML"
    hint = "write `\\\\` for a backslash, or put the text in single quotes"
    return Mistake(message, hint, scan.mark.line, column, column + length)


def after_quote(scan: Scanned) -> Mistake | None:
    """Text right after a closing quote: the quote closes too early, or an earlier one was not closed on its line."""
    if not scan.tokens or ("did not find" not in scan.problem and "mapping values" not in scan.problem):
        return None
    last = scan.tokens[-1]
    if last not in scan.scalars or last.style not in ("'", '"') or last.end_mark.line != scan.mark.line:
        return None
    line, column = scan.mark.line, scan.mark.column
    text = scan.lines[line]
    between = text[last.end_mark.column : column]
    if between.strip() or text[column : column + 1] in ("}", "]", ""):
        return None
    if last.start_mark.line < line:
        return _runaway(scan, last.start_mark.line, last.start_mark.column, line, max(last.end_mark.column - 1, 0))
    if scan.opened and (between or text[column] in "\"'"):
        return None  # a comma is missing
    value = rest(text, last.start_mark.column)
    if last.style == "'" and not between:
        message = f"the quote `'` closes before `{shown(rest(text, column))}`"
        return Mistake(message, "write `''` for an apostrophe in single quotes, or use double quotes", line, column)
    message = f"`{shown(rest(text, column))}` follows the closing quote"
    inner = value[1:-1] if value.endswith(last.style) else value.replace(last.style, "")
    return Mistake(message, f"put the whole value in quotes: {quoted(inner)}", line, column)
