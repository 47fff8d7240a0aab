"""Read a file of recorded cases, judge each, say which fail: what every runner here has in common."""

import json
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any


def run(argv: list[str], judge: Callable[[dict[str, Any], Any], list[str]], name: Callable[[Any], str]) -> int:
    """Judge every case of the file named by the one argument; the exit code is 0 only when all agree.

    `judge(document, case)` gives the disagreements; whatever it raises is one too, so a malformed case fails.
    """
    if len(argv) != 1:
        print("usage: one file of cases", file=sys.stderr)
        return 2
    document = json.loads(Path(argv[0]).read_text(encoding="utf-8"))
    passed = failed = 0
    for index, case in enumerate(document["cases"]):
        try:
            wrong = judge(document, case)
        except Exception:  # noqa: BLE001 - a case that breaks the judge has not passed
            wrong = [traceback.format_exc(limit=-3)]
        if not wrong:
            passed += 1
            continue
        failed += 1
        try:
            label = name(case)
        except Exception:  # noqa: BLE001 - the name may be what is malformed
            label = "(malformed)"
        print(f"FAIL {index}: {label}")
        for line in wrong:
            print("    " + line.replace("\n", "\n    "))
    print(f"{passed} passed, {failed} failed")
    return 0 if not failed else 1
