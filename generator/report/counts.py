"""How many findings there are of each severity, as numbers and in words."""

from collections import Counter
from collections.abc import Iterable

from generator.finding import Finding, Severity


def count(findings: Iterable[Finding]) -> dict[Severity, int]:
    """Findings by severity; every severity is there."""
    counted = Counter(finding.level for finding in findings)
    return {severity: counted[severity] for severity in Severity}


def in_words(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 warning`, or `no findings`."""
    words = [_counted(number, severity) for severity, number in count(findings).items() if number]
    return ", ".join(words) or "no findings"


def _counted(number: int, severity: Severity) -> str:
    plural = "" if number == 1 or severity is Severity.INFO else "s"
    return f"{number} {severity}{plural}"
