"""What came of every policy for one object: admitted, denied, warned, audited, waived, or not to be decided here."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from generator.policy import Verdict


class Outcome(StrEnum):
    """What a policy says of an object it applies to; of several validations the worst counts."""

    ADMITTED = "admitted"
    DENIED = "denied"
    WARNED = "warned"
    AUDITED = "audited"
    WAIVED = "waived"
    UNDECIDED = "undecided"


Outcomes = tuple[tuple[str, Outcome], ...]
"""Outcomes by policy, sorted; a policy that does not apply to the object is not there. Alike ones can be counted."""

_WORST_FIRST = (Outcome.DENIED, Outcome.WARNED, Outcome.AUDITED, Outcome.UNDECIDED)
_WORST_LAST = (Outcome.ADMITTED, Outcome.WAIVED, *reversed(_WORST_FIRST))


def outcomes_of(verdict: Verdict, code: Callable[[str], str], waived: Callable[[str], bool]) -> Outcomes:
    """The outcomes of a verdict; `code` is what a policy is known by, `waived` whether the object's failure is."""
    found = dict.fromkeys(verdict.evaluated, Outcome.ADMITTED)
    found |= dict.fromkeys([*verdict.unknown, *verdict.excess], Outcome.UNDECIDED)
    for failure in verdict.failures:
        outcome = Outcome.WARNED if "Warn" in failure.actions else Outcome.AUDITED
        outcome = Outcome.DENIED if failure.denies else outcome
        known = found.get(failure.policy, Outcome.ADMITTED)
        worse = known not in _WORST_FIRST or _WORST_FIRST.index(outcome) < _WORST_FIRST.index(known)
        found[failure.policy] = outcome if worse else known
    for policy, outcome in found.items():
        if outcome in (Outcome.DENIED, Outcome.WARNED) and waived(policy):
            found[policy] = Outcome.WAIVED
    return tuple(sorted((code(policy), outcome) for policy, outcome in found.items()))


def worse(one: Outcome, other: Outcome) -> Outcome:
    """The worse of two outcomes."""
    return max(one, other, key=_WORST_LAST.index)


def by_outcome(outcomes: Outcomes) -> Mapping[str, list[str]]:
    """The policies of each outcome that is there, in the order outcomes are listed."""
    found: dict[str, list[str]] = {}
    for outcome in Outcome:
        policies = [policy for policy, one in outcomes if one is outcome]
        if policies:
            found[outcome.value] = policies
    return found
