"""What a report needs besides its findings."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReportContext:
    """How to reach sources, and what the report says of its maker.

    `source_text` gives the text of a file as it is reported (relative to `root`, forward slashes; absolute only
    outside it), None where there is none to show. `root` never appears in a report; `colour` is for text alone.
    """

    source_text: Callable[[str], str | None]
    colour: bool
    tool_version: str
    root: str
