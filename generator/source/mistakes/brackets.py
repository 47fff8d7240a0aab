"""Brackets and braces that are not closed, close nothing, or hold items without a comma between them."""

import re
from typing import Any

import yaml

from generator.source.mistakes.scanned import Mistake, Scanned, rest, shown

_CLOSING = {"{": "}", "[": "]"}
_WORD_BEFORE = re.compile(r"([^\s,{}\[\]:]+)\s*\Z")


def bracket(scan: Scanned) -> Mistake | None:
    """What is wrong with brackets at the error."""
    if scan.opened:
        return _inside(scan, scan.opened[-1])
    sign = scan.character()
    if sign and sign in "}]" and "did not find expected" in scan.problem:
        return Mistake(f"`{sign}` closes nothing", "remove it, or open it before", scan.mark.line, scan.mark.column)
    last = scan.tokens[-1] if scan.tokens else None
    if isinstance(last, yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken) and last.end_mark.line == scan.mark.line:
        closed = "}" if isinstance(last, yaml.FlowMappingEndToken) else "]"
        after = shown(rest(scan.lines[scan.mark.line], scan.mark.column))
        message = f"`{after}` follows the closing `{closed}`"
        return Mistake(
            message, "put the whole value in quotes, or remove what follows", scan.mark.line, scan.mark.column
        )
    return None


def _inside(scan: Scanned, opening: Any) -> Mistake | None:
    at = opening.start_mark
    bracket_sign = "{" if isinstance(opening, yaml.FlowMappingStartToken) else "["
    sign, line = scan.character(), scan.mark.line
    known = "did not find expected" in scan.problem or "not allowed" in scan.problem or "could not find" in scan.problem
    if not known:
        return None
    if sign and sign in "}]" and sign != _CLOSING[bracket_sign]:
        hint = f"close it with `{_CLOSING[bracket_sign]}` before this `{sign}`"
        note = (f"`{sign}` is here", line, scan.mark.column)
        return Mistake(f"`{bracket_sign}` is closed by `{sign}`", hint, at.line, at.column, notes=(note,))
    if line > at.line and _ends_the_block(scan, at.line):
        hint = f"close it with `{_CLOSING[bracket_sign]}`"
        return Mistake(f"`{bracket_sign}` is never closed", hint, at.line, at.column)
    if "node content" in scan.problem and sign and sign in ",}]":
        message = f"an item is missing before `{sign}`"
        return Mistake(message, f"write the item, or remove the `{sign}`", line, scan.mark.column)
    if "',' or" in scan.problem:
        return _comma(scan)
    return None


def _ends_the_block(scan: Scanned, opened: int) -> bool:
    """Whether the text after an opening bracket goes on as a block: a line that is indented no more than its key."""
    dashes = re.match(r" *(?:- +)*(?=[^\s{\[])|", scan.lines[opened])
    own = max(scan.indent(opened), dashes.end() if dashes else 0)
    for number in range(opened + 1, scan.mark.line + 1):
        text = scan.structure(number)
        if text.strip() and scan.indent(number) <= own and text.lstrip()[:1] not in ("}", "]"):
            return True
    return not any(text.strip() for text in scan.lines[scan.mark.line :])


def _comma(scan: Scanned) -> Mistake:
    """A comma is missing: before the word that ends at the error, or at the end of the line before it."""
    line, column = scan.mark.line, scan.mark.column
    text = scan.lines[line] if line < len(scan.lines) else ""
    if scan.character() == ":":
        found = _WORD_BEFORE.search(text, 0, column)
        if found:
            column = found.start(1)
    word = shown(re.split(r"[\s,:{}\[\]]", text[column:], maxsplit=1)[0] or text[column : column + 1])
    before = text[:column].strip()
    if before:
        return Mistake(f"a comma is missing before `{word}`", f"write `, {word}`", line, column, column + len(word))
    for number, above in scan.structures(line - 1):
        end = len(above.rstrip())
        hint = "write `,` at the end of this line"
        return Mistake(
            f"a comma is missing before `{word}`", hint, number, end - 1, end, ((f"`{word}`", line, column),)
        )
    return Mistake(f"a comma is missing before `{word}`", "write `,` before it", line, column)
