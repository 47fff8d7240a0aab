"""A span as people type it: as much of file, line and column as is known."""

from generator.location import Span
from generator.report.visible import visible


def place(span: Span) -> str:
    """`spec.yaml:3:5`, `spec.yaml:3` or `spec.yaml`, fit to print."""
    return visible(f"{span.file}:{span.line}" if span.line > 0 and span.column < 1 else str(span))
