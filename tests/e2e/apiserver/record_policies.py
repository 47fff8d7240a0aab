"""Record what a live server says of policies in many combinations: `python -m tests.e2e.apiserver.record_policies`.

Writes `tests/data/policy_verdicts.json.gz` and, of requests about namespaces, `tests/data/namespace_verdicts.json`, in the
form of the other recorded cases; the unit tests of policies read them.
"""

import gzip
import json
import sys
import tempfile
from pathlib import Path

from tests.e2e.apiserver.audited import audited_server
from tests.e2e.apiserver.combinations import cases
from tests.e2e.apiserver.combined import answers
from tests.e2e.apiserver.namespaces import cases as of_namespaces
from tests.support.workspace import REPOSITORY

FILE = REPOSITORY / "tests" / "data" / "policy_verdicts.json.gz"
NAMESPACES = REPOSITORY / "tests" / "data" / "namespace_verdicts.json"
_SEED = 31
_COUNT = 600


def main() -> int:
    """Generate, ask, write."""
    with tempfile.TemporaryDirectory() as name, audited_server(Path(name)) as server:
        found = [{**case, "verdict": live} for case, live in answers(server, list(cases(_SEED, _COUNT)))]
        own = [{**case, "verdict": live} for case, live in answers(server, list(of_namespaces()))]
        about = f"kube-apiserver {server.version}, dry runs by a user who may do everything and the verb `allowed`"
    text = json.dumps({"about": about, "cases": found}, sort_keys=True)
    FILE.write_bytes(gzip.compress(text.encode(), mtime=0))
    listed = ",\n".join(json.dumps(case, sort_keys=True) for case in own)
    NAMESPACES.write_text(f'{{"about": {json.dumps(about)}, "cases": [\n{listed}\n]}}\n', "utf-8")
    print(f"{len(found)} cases, {sum(case['verdict'].get('allowed') is False for case in found)} of them denied")
    return 0


if __name__ == "__main__":
    sys.exit(main())
