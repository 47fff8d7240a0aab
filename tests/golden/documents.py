"""Pages of docs/ and schemas that are generated: file and text."""

import json
from collections.abc import Iterator
from pathlib import Path

from generator.explain.text import rules_document, spec_document
from tests.support.overview_schema import overview_schema
from tests.support.workspace import REPOSITORY


def documents() -> Iterator[tuple[Path, str]]:
    """Every generated page and schema, and what it should say."""
    yield REPOSITORY / "docs" / "rules.md", rules_document()
    yield REPOSITORY / "docs" / "spec.md", spec_document()
    schema = REPOSITORY / "generator" / "schemas" / "overview.v1.json"
    yield schema, json.dumps(overview_schema(), indent=2) + "\n"
