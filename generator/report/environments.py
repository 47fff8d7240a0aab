"""The environments of a finding, in words."""

from generator.finding import Finding
from generator.report.visible import visible

_SHOWN = 12


def environments_of(finding: Finding) -> tuple[str, str]:
    """What to call the finding's environments, and their names: ("environments", "dev, prod"); empty for none.

    Of more than a dozen names the first are listed and the rest are counted; JSON and SARIF list them all.
    """
    names = finding.environments
    if not names:
        return "", ""
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return "environment" if len(names) == 1 else "environments", visible(", ".join(names[:_SHOWN])) + more
