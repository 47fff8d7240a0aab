"""Golden trees: whole builds, byte for byte."""

from collections.abc import Iterator
from pathlib import Path

from tests.support.workspace import REPOSITORY, qatgen

CASES = Path(__file__).parent / "cases"


def specs() -> Iterator[tuple[str, Path]]:
    """Every golden build: the repository's own example, the founding note's, and the cases."""
    yield "example", REPOSITORY
    yield "seed", REPOSITORY / "examples" / "seed"
    for case in sorted(CASES.iterdir()):
        if (case / "spec.yaml").is_file():
            yield case.name, case


def render(folder: Path, output: Path) -> str:
    """Render a build; returns what was said on stderr. Raises AssertionError when it fails."""
    result = qatgen(folder, "render", "--output-dir", str(output), "--color", "never", "--jobs", "1")
    assert result.code == 0, result.err
    return result.err
