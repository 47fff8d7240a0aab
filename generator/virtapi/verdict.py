"""What admission says: allowed, or who refuses, at which stage, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Stage = Literal["decode", "mutate", "crd", "validate"]
_TOLD = 10
"""Causes that virt-api tells; of more it gives the number (K:pkg/util/webhooks/webhooks.go)."""

INVALID = "FieldValueInvalid"
REQUIRED = "FieldValueRequired"
DUPLICATE = "FieldValueDuplicate"
NOT_FOUND = "FieldValueNotFound"
NOT_SUPPORTED = "FieldValueNotSupported"
FORBIDDEN = "FieldValueForbidden"


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing KubeVirt objects to: its reason, field and message, and the topic it belongs to (rules.py)."""

    reason: str
    field: str
    message: str
    topic: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a CREATE. `kind` is that of the object refused: a VM's instance is admitted too.

    `causes` are those that are told; `all_causes` every one of them.
    """

    allowed: bool
    kind: str = ""
    stage: Stage = "validate"
    code: int = 0
    reason: str = ""
    message: str = ""
    causes: tuple[Cause, ...] = ()
    all_causes: tuple[Cause, ...] = ()


ALLOWED = Verdict(allowed=True)


def refused(kind: str, stage: Stage, causes: Sequence[Cause]) -> Verdict:
    """A refusal as virt-api words it: 422, the messages in a row, ten at most."""
    told = tuple(causes[:_TOLD])
    message = ", ".join(cause.message for cause in told)
    if len(causes) > _TOLD:
        message += f", and {len(causes) - _TOLD} more validation errors"
    return Verdict(False, kind, stage, 422, "Invalid", message, told, tuple(causes))


def unreadable(kind: str, message: str, topic: str = "schema") -> Verdict:
    """A refusal of what cannot be read or defaulted: 400, one message and no causes."""
    cause = Cause("", "", message, topic)
    return Verdict(False, kind, "mutate", 400, "", message, (), (cause,))
