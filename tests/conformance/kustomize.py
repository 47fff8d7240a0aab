"""Recorded builds of kustomize 5.8.2, against ours: `python -m tests.conformance.kustomize FILE`.

Builds are compared as sets of objects, in compatible mode; of an `err` case the build must fail. Every case is counted.
A case that uses a field that is refused by name is skipped, and the field told. Ends with a line `N passed, M failed,
K skipped`.
"""

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from generator.finding import Halt
from generator.overlay import build, settings
from generator.overlay.rules import UNSUPPORTED
from generator.source import Dialect, read_documents


def objects(text: str) -> Counter[str]:
    """A text's objects, as a set that counts."""
    found = [document.data for document in read_documents(text, "expected", Dialect.KUBERNETES)]
    return Counter(json.dumps(data, sort_keys=True) for data in found if data)


def outcome(case: dict[str, Any]) -> tuple[str, str]:
    """`passed`, `failed` or `skipped`, and why."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for file, text in case["files"].items():
            path = folder / file.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        root = folder / case["root"].lstrip("/")
        try:
            state = build(root, case["root"].lstrip("/"), settings(compat=True))
        except Halt as halt:
            refused = next((finding for finding in halt.findings if finding.rule == UNSUPPORTED), None)
            if case["kind"] == "err":
                return "passed", ""
            return ("skipped", refused.message) if refused else ("failed", str(halt))
    if case["kind"] == "err":
        return "failed", "it was built"
    ours = Counter(json.dumps(one.body, sort_keys=True) for one in state.objects)
    expected = objects(case["expected"])
    if ours == expected:
        return "passed", ""
    return "failed", f"theirs alone: {sorted(expected - ours)}\n    ours alone:   {sorted(ours - expected)}"


def main(arguments: list[str]) -> int:
    """Run every case of a file; 1 when one fails."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m tests.conformance.kustomize FILE\n")
        return 2
    cases = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))["cases"]
    counts: Counter[str] = Counter()
    for case in cases:
        result, why = outcome(case)
        counts[result] += 1
        if result != "passed":
            print(f"{result}: {case['test']} ({case['source']}, {case['root']}): {why}")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
