"""What a finding is known by from run to run, wherever its lines have moved to."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from generator.finding import Finding

# Places, not values: what a line inserted above, or an item inserted before, changes.
_MOVING = re.compile(
    r"(?P<word>\b(?:lines?|columns?|characters?|offset|position|document) )\d+(?:(?: to |-|–)\d+)?"
    r"|(?P<file>\.(?:ya?ml|j2|json)):\d+(?::\d+)?"
    r"|(?P<index>\[)\d+(?=\])",
    re.IGNORECASE,
)


def fingerprint(finding: Finding) -> str:
    """SHA-256 (hex) over code, file, subject, path and message; line numbers and list indices do not count."""
    path = ["[]" if isinstance(part, int) else part for part in finding.path]
    facts = [finding.rule.code, finding.at.file, finding.subject, path, _steady(finding.known_by)]
    return hashlib.sha256(json.dumps(facts).encode("ascii")).hexdigest()


def numbered(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Each finding with its fingerprint and `:n`, the how-manieth of that fingerprint it is."""
    seen: Counter[str] = Counter()
    for finding in findings:
        digest = fingerprint(finding)
        seen[digest] += 1
        yield finding, f"{digest}:{seen[digest]}"


def _steady(message: str) -> str:
    return _MOVING.sub(lambda m: (m["word"] or m["file"] or m["index"]) + "#", message)
