"""Render once more, slowly, to learn which template line a value or a line of the skeleton came from."""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jinja2.environment import Template
from jinja2.exceptions import UndefinedError

from generator.finding import Finding, Note
from generator.location import Span
from generator.render.failure import template_line
from generator.render.folders import FolderLoader
from generator.render.limits import LimitReached, Limits
from generator.render.marks import LINE, LINE_CLOSE, LINE_OPEN, MARK, defined
from generator.render.sandbox import Sandbox

_SIGN = re.compile(f"{LINE.pattern}|{MARK.pattern}")

UNKNOWN_LINE = "the line of the template could not be found"


class TracingSandbox(Sandbox):
    """A sandbox that notes where each value was printed and where each line of text begins."""

    def __init__(self, loader: FolderLoader, limits: Limits) -> None:
        super().__init__(loader, limits)
        self.lines: list[Span] = []
        self.printed: list[Span] = []
        self.hole = self._tracing(self.hole)

    def _tracing(self, hole: Callable[[Any], str]) -> Callable[[Any], str]:
        def tracing_hole(value: Any) -> str:
            self._look_inside(defined(value))
            before = len(self.values)
            text = hole(value)
            if len(self.values) > before:
                self.printed.append(self._caller())
            return text

        return tracing_hole

    def _look_inside(self, value: Any) -> None:
        """Raise for an undefined name here, where the line is known; the rest is told by whoever puts values in."""
        try:
            self.bounded.data(value)
        except UndefinedError:
            raise
        except (TypeError, LimitReached):
            return

    def run(self, template: Template, context: Mapping[str, Any]) -> str:
        """As every sandbox, having forgotten the render before."""
        self.printed.clear()
        return super().run(template, context)

    @staticmethod
    def _caller() -> Span:
        frame = sys._getframe(2)  # noqa: SLF001 - generated code has no other way to say where it is
        template = frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template):
            return template_line(template, frame.f_lineno)
        return Span("")

    def note_line(self, shown: str, lineno: int, text: str) -> str:
        """A template's text with a sign at the start of each of its lines."""
        out: list[str] = []
        for offset, line in enumerate(text.split("\n")):
            if not line:  # a sign would turn an empty line into one that filters see
                out.append(line)
                continue
            out.append(f"{LINE_OPEN}{len(self.lines)}{LINE_CLOSE}{line}")
            self.lines.append(Span(shown, lineno + offset, 1))
        return "\n".join(out)


@dataclass(frozen=True, slots=True)
class Trace:
    """Where values were printed, by number, and where the skeleton's lines come from, from line 1."""

    printed: tuple[Span, ...] = ()
    lines: tuple[Span | None, ...] = field(default=())

    def value(self, number: int) -> Span | None:
        """Where a value was printed."""
        return self.printed[number] if number < len(self.printed) and self.printed[number].file else None

    def line(self, number: int) -> Span | None:
        """Where a line of the skeleton comes from, or the nearest one above it that is known."""
        known = [span for span in self.lines[:number] if span is not None]
        return known[-1] if known else None

    def moved(self, finding: Finding, shown: str) -> Finding:
        """A finding about the skeleton as one about the template."""
        at = self.line(finding.at.line)
        notes = tuple(Note(_readable(n.message), self.line(n.at.line) or Span(shown)) for n in finding.notes)
        hint = finding.hint if at else f"{finding.hint}; {UNKNOWN_LINE}".removeprefix("; ")
        return replace(finding, message=_readable(finding.message), at=at or Span(shown), hint=hint, notes=notes)


def _origin(sandbox: TracingSandbox, sign: re.Match[str]) -> Span:
    return sandbox.lines[int(sign[1])] if sign[1] else sandbox.printed[int(sign[2])]


def _readable(message: str) -> str:
    return MARK.sub("{{ … }}", message)


def traced(sandbox: TracingSandbox, text: str, plain: str) -> Trace:
    """What a tracing render learnt, given its text and the ordinary one's; lines only where the two agree."""
    if LINE.sub("", text) != plain:
        return Trace(tuple(sandbox.printed))
    lines: list[Span | None] = []
    for line in text.split("\n"):
        first = _SIGN.search(line)
        lines.append(None if first is None else _origin(sandbox, first))
    return Trace(tuple(sandbox.printed), tuple(lines))
