"""Mistakes in YAML, named for what they are: the text around an error of the parser shows what was meant.

A parser says where it could not go on. What a person did is often elsewhere (the opening brace, the line without a
colon, the tab), so the text up to the error is looked at again, and the first kind of mistake that fits is reported
at its own place. Text in quotes, in blocks and in comments may hold anything and is not looked at.
"""

from collections.abc import Callable
from typing import Any

import yaml

from generator.finding import Finding, Note
from generator.location import Span
from generator.source import rules
from generator.source.mistakes import brackets, colons, indentation, quotes, signs, strangers
from generator.source.mistakes.scanned import Mistake, Scanned, span_of
from generator.source.mistakes.strangers import leftover_conflict

__all__ = ["finding_of", "leftover_conflict", "not_yaml"]

_KINDS: tuple[Callable[[Scanned], Mistake | None], ...] = (
    strangers.conflict,
    strangers.tab,
    strangers.odd_space,
    quotes.runaway_quote,
    quotes.unclosed_quote,
    quotes.escape,
    strangers.braces,
    strangers.typographic,
    quotes.after_quote,
    signs.alias,
    signs.text_header,
    signs.directive,
    signs.reserved,
    signs.document_start,
    brackets.bracket,
    colons.no_colon,
    colons.no_space_after_dash,
    colons.second_colon,
    colons.list_on_key_line,
    indentation.wrong_indentation,
)
"""From the surest to those that any mistake may look like."""


def not_yaml(text: str, error: yaml.MarkedYAMLError, shown: str, loader: Any) -> Finding:
    """The finding for text that is not YAML: the mistake by its name, or the parser's words where none is known."""
    scan = Scanned.of(text, error, loader)
    if scan is not None:
        for kind in _KINDS:
            mistake = kind(scan)
            if mistake is not None:
                return finding_of(mistake, shown)
    mark = error.problem_mark or error.context_mark
    at = Span(shown, mark.line + 1, mark.column + 1) if mark else Span(shown, 1, 1)
    notes: tuple[Note, ...] = ()
    if error.context and error.context_mark and error.problem_mark:
        started = error.context_mark
        notes = (Note(error.context, Span(shown, started.line + 1, started.column + 1)),)
    message = f"not YAML: {error.problem or 'it cannot be read'}"
    hint = "correct this line or the one before it"
    return Finding(rule=rules.NOT_YAML, message=message, at=at, hint=hint, notes=notes)


def finding_of(mistake: Mistake, shown: str) -> Finding:
    """A mistake as a finding of a file."""
    notes = tuple(Note(message, Span(shown, line + 1, column + 1)) for message, line, column in mistake.notes)
    at = span_of(mistake, shown)
    return Finding(rule=rules.NOT_YAML, message=f"not YAML: {mistake.message}", at=at, hint=mistake.hint, notes=notes)
