"""Record what the API server's own code makes of every overload: `python -m tests.e2e.apiserver.record_cel`.

Writes `tests/data/cel_verdicts.json.gz`: the table of functions, and expressions with outcome, type, value and error text.
"""

import gzip
import json
import sys
from typing import Any

from tests.support.assets import asset_folder
from tests.support.cel_overloads import VARIABLES, answers, expressions, signatures, versions
from tests.support.workspace import REPOSITORY

FILE = REPOSITORY / "tests" / "data" / "cel_verdicts.json.gz"


def recorded() -> dict[str, Any]:
    """The recordings."""
    found: dict[str, Any] = json.loads(gzip.decompress(FILE.read_bytes()))
    return found


def main() -> int:
    """Ask, write."""
    program = asset_folder("policycheck") / "policycheck"
    table = signatures(program)
    found = answers(program, expressions(table))
    about = "k8s.io/apiserver v0.36.3 with cel-go v0.26.0: the environment of stored policies, StoredExpressions"
    document = {
        "about": about,
        "vars": VARIABLES,
        "functions": table,
        "versions": versions(program),
        "cases": found,
    }
    FILE.write_bytes(gzip.compress(json.dumps(document, sort_keys=True).encode(), mtime=0))
    print(f"{len(found)} expressions of {sum(map(len, table.values()))} overloads, {FILE.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
