"""Disruption budgets, and amounts of pods in general (K8s: policy/validation, apps/validation)."""

import re
from collections.abc import Iterator
from typing import Any

from generator.digits import whole
from generator.location import FieldPath
from generator.schema.kinds.words import check_selector, mapping, unsupported
from generator.schema.violation import Violation, invalid

_SPEC: FieldPath = ("spec",)
_EVICTION = ("AlwaysAllow", "IfHealthyBudget")
_PERCENT = re.compile(r"[0-9]+%")
_PERCENT_WORDS = (
    "a valid percent string must be a numeric string followed by an ending '%' "
    "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
)
_NOT_NEGATIVE = "must be greater than or equal to 0"


def check_budget(data: dict[str, Any]) -> Iterator[Violation]:
    """A PodDisruptionBudget."""
    spec = mapping(data.get("spec"))
    given = [key for key in ("minAvailable", "maxUnavailable") if spec.get(key) is not None]
    if len(given) > 1:
        hint = "remove one of the two"
        yield invalid(_SPEC, {key: spec[key] for key in given}, _BOTH, hint=hint)
    for key in given:
        yield from check_share(spec[key], (*_SPEC, key))
        yield from check_whole(spec[key], (*_SPEC, key))
    yield from check_selector(spec.get("selector"), (*_SPEC, "selector"))
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None and policy not in _EVICTION:
        yield unsupported((*_SPEC, "unhealthyPodEvictionPolicy"), policy, _EVICTION)


_BOTH = "minAvailable and maxUnavailable cannot be both set"


def check_share(value: int | str, path: FieldPath) -> Iterator[Violation]:
    """A number of pods that is not negative, or a share of them in percent."""
    if isinstance(value, str):
        if not _PERCENT.fullmatch(value):
            hint = "a number is written without quotes" if value.isdigit() else "write a share such as 25%"
            yield invalid(path, value, _PERCENT_WORDS, hint=hint)
    elif value < 0:
        yield invalid(path, value, _NOT_NEGATIVE)


def check_whole(value: int | str, path: FieldPath) -> Iterator[Violation]:
    """A share of all pods is at most 100 %."""
    if isinstance(value, str) and _PERCENT.fullmatch(value) and whole(value[:-1]) > 100:
        yield invalid(path, value, "must not be greater than 100%", hint="write at most 100%")


def share(value: Any) -> int:
    """A count or a share, 0 where it is neither."""
    if isinstance(value, str):
        return whole(value[:-1]) if _PERCENT.fullmatch(value) else _atoi(value)
    return int(value) if isinstance(value, int | float) else 0


def _atoi(text: str) -> int:
    return whole(text) if re.fullmatch(r"[+-]?[0-9]+", text) else 0
