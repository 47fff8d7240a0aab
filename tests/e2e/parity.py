"""Write the table of docs/parity.md from the rows of the last end-to-end run: `python -m tests.e2e.parity`.

Only what stands between the two marks is written; the rest of the page is written by people.
"""

import sys

from tests.support.parity import Row, recorded
from tests.support.workspace import REPOSITORY

PAGE = REPOSITORY / "docs" / "parity.md"
BEGIN = "<!-- table: written by `make parity` -->"
END = "<!-- end of table -->"
_HEAD = """\
| area | compared | with | cases | agree | differ | not asked |
|---|---|---|---|---|---|---|
"""


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table, and their sum."""
    lines = [
        f"| {row.area} | {row.what} | {row.program} | {row.cases:,} | {row.agreements:,} | {len(row.misses)} |"
        f" {sum(row.not_run.values()) or ''} |\n"
        for row in rows
    ]
    cases, misses = sum(row.cases for row in rows), sum(len(row.misses) for row in rows)
    asked = sum(sum(row.not_run.values()) for row in rows)
    return _HEAD + "".join(lines) + f"| all | | | {cases:,} | {cases - misses:,} | {misses} | {asked or ''} |\n"


def rewritten(page: str, rows: list[Row]) -> str:
    """The page with a new table; raises ValueError where the marks are not there, once each and in order."""
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise ValueError(f"docs/parity.md needs the lines {BEGIN!r} and {END!r}, once each")
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{table(rows)}\n{END}{rest.split(END)[1]}"


def main() -> int:
    """Print the table and put it into the page."""
    rows = recorded()
    if not rows:
        print("no rows: run `make e2e` first", file=sys.stderr)
        return 1
    PAGE.write_text(rewritten(PAGE.read_text("utf-8"), rows), "utf-8")
    print(table(rows))
    for row in rows:
        for miss in row.misses:
            print(f"differs: {row.area}, {row.what}: {miss}")
        for reason, count in row.not_run.items():
            print(f"not asked: {row.area}, {row.what}: {count} × {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
