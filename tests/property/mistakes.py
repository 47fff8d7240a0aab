"""Mistakes that people make in YAML and JSON, put into texts that are right, at places that are drawn."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import yaml

KEY = re.compile(r"( *)((?:- +)*)([\w./-]+):( |\Z)")
Made = tuple[list[str], int] | None
"""The lines with a mistake in them and its line, from 0; None where the line has no place for it."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A kind of mistake: how it is made in a line, the word that names it, and whether the text may stay YAML."""

    word: str
    make: Callable[[list[str], int, random.Random], Made]
    may_be_read: bool = False


def _with(lines: list[str], at: int, *new: str) -> Made:
    return [*lines[:at], *new, *lines[at + 1 :]], at


def _tab(lines: list[str], at: int, chance: random.Random) -> Made:
    found = KEY.match(lines[at])
    if not found or not found[1]:
        return None
    start = chance.randrange(len(found[1]))
    return _with(lines, at, f"{found[1][:start]}\t{lines[at][len(found[1]) :]}")


def _odd_space(lines: list[str], at: int, chance: random.Random) -> Made:
    found = KEY.match(lines[at])
    if not found or not found[1]:
        return None
    start = chance.randrange(len(found[1]))
    odd = chance.choice("\u00a0\u202f\u3000")
    return _with(lines, at, f"{lines[at][:start]}{odd}{lines[at][start + 1 :]}")


def _conflict(lines: list[str], at: int, _chance: random.Random) -> Made:
    return _with(lines, at, "<<<<<<< HEAD", lines[at], "=======", lines[at], ">>>>>>> other")


def _expression(lines: list[str], at: int, chance: random.Random) -> Made:
    found = KEY.match(lines[at])
    if not found or not _value(lines[at], found) or lines[at][found.end()] in "|>":
        return None
    written = chance.choice(["{{ .Values.x }}", '{{ include "a.b" . | nindent 4 }}', "{{ x }}-y", "{{ a }}/{{ b }}"])
    return _with(lines, at, lines[at][: found.end()] + written)


def _statement(lines: list[str], at: int, chance: random.Random) -> Made:
    written = chance.choice(["{{- if .Values.x }}", "{{- end }}", "{% if x %}", "{{ toYaml .Values | indent 2 }}"])
    return _with(lines, at, written, lines[at])


def _unclosed(lines: list[str], at: int, _chance: random.Random) -> Made:
    found = KEY.match(lines[at])
    value = _value(lines[at], found)
    if not value.startswith(("{", "[")) or not lines[at].endswith(("}", "]")):
        return None
    return _with(lines, at, lines[at][:-1])


def _no_colon(lines: list[str], at: int, _chance: random.Random) -> Made:
    found = KEY.match(lines[at])
    value = _value(lines[at], found)
    if not found or not value or re.search(r"""[:#"'{\[|>&*!]""", value):
        return None
    return _with(lines, at, f"{lines[at][: found.end() - 2]} {value}")


def _open_quote(lines: list[str], at: int, _chance: random.Random) -> Made:
    found = KEY.match(lines[at])
    value = _value(lines[at], found)
    return _with(lines, at, f'{lines[at][: -len(value)]}"{value}') if re.fullmatch(r"[\w./-]+", value) else None


def _less(lines: list[str], at: int, _chance: random.Random) -> Made:
    return _with(lines, at, lines[at][1:]) if at and KEY.match(lines[at]) and lines[at].startswith(" ") else None


def _more(lines: list[str], at: int, _chance: random.Random) -> Made:
    return _with(lines, at, f" {lines[at]}") if at and KEY.match(lines[at]) else None


def _value(line: str, found: re.Match[str] | None) -> str:
    return line[found.end() :].strip() if found else ""


KINDS = {
    "tab": Mistake("tab", _tab),
    "odd space": Mistake("space (U+", _odd_space),
    "conflict": Mistake("conflict marker", _conflict),
    "expression": Mistake("braces of a template", _expression),
    "statement": Mistake("braces of a template", _statement),
    "bracket": Mistake("is never closed", _unclosed),
    "no colon": Mistake("has no `:`", _no_colon, may_be_read=True),
    "quote": Mistake("the quote", _open_quote),
    "less": Mistake("is indented by", _less, may_be_read=True),
    "more": Mistake("is indented by", _more, may_be_read=True),
}


def structural(text: str) -> Iterator[int]:
    """The lines of a text, from 0, that are neither comments nor part of a text or of brackets over several lines."""
    inside: set[int] = set()
    opened: list[int] = []
    for token in yaml.scan(text, Loader=yaml.CSafeLoader):
        start, end = token.start_mark, token.end_mark
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            inside.update(range(start.line + 1, end.line + (end.column > 0)))
        elif isinstance(token, yaml.ScalarToken) and end.line > start.line:
            inside.update(range(start.line, end.line + 1))
        elif isinstance(token, yaml.FlowMappingStartToken | yaml.FlowSequenceStartToken):
            opened.append(start.line)
        elif isinstance(token, yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken):
            first = opened.pop()
            inside.update(range(first, end.line + 1) if end.line > first else ())
    for number, line in enumerate(text.split("\n")):
        if line.strip() and number not in inside and not line.lstrip().startswith("#") and line[:3] != "---":
            yield number
