"""One thing that the cluster would object to in an object, before anybody asked for its line."""

from dataclasses import dataclass

from generator.finding import Rule, Severity
from generator.location import FieldPath


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong with one field of an object; without `severity` it is that of the rule."""

    rule: Rule
    message: str
    hint: str
    path: FieldPath
    severity: Severity | None = None
