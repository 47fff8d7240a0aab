"""What a run against a real program counted: rows for the table of docs/parity.md, kept in `build/parity/`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from tests.support.workspace import REPOSITORY

FOLDER = REPOSITORY / "build" / "parity"


@dataclass(frozen=True)
class Row:
    """One comparison: what was compared, with which program, how many cases, and which of them disagree."""

    area: str
    what: str
    program: str
    cases: int
    misses: Sequence[str] = ()
    not_run: Mapping[str, int] = field(default_factory=dict)
    """Cases the program cannot be asked, by reason; not counted in `cases`."""

    @property
    def agreements(self) -> int:
        """Cases in which both say the same."""
        return self.cases - len(self.misses)


def record(name: str, rows: Sequence[Row]) -> None:
    """Keep the rows of one test module as `build/parity/<name>.json`, in place of those of the run before."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps([asdict(row) for row in rows], indent=1, sort_keys=True)
    (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def recorded() -> list[Row]:
    """All rows of the last runs, by file and in the order they were recorded."""
    return [Row(**row) for path in sorted(FOLDER.glob("*.json")) for row in json.loads(path.read_text("utf-8"))]
