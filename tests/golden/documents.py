"""Pages of docs/ that are generated: file and text."""

from collections.abc import Iterator
from pathlib import Path

from generator.explain.text import rules_document, spec_document
from tests.support.workspace import REPOSITORY


def documents() -> Iterator[tuple[Path, str]]:
    """Every generated page of docs/, and what it should say."""
    yield REPOSITORY / "docs" / "rules.md", rules_document()
    yield REPOSITORY / "docs" / "spec.md", spec_document()
