"""Indexes of the pods of a Job, written as `0-2,4` (K8s: batch/validation, validateIndexesFormat)."""

import re

from generator.digits import whole
from generator.schema.violation import INT64, show

_NUMBER = re.compile(r"[+-]?[0-9]+")


def index_count(text: str, completions: int) -> tuple[int, str]:
    """How many indexes a text has of a Job with so many completions, or 0 and what is wrong with it."""
    total, last = 0, None
    for interval in text.split(",") if text else ():
        parts = interval.split("-")
        if len(parts) > 2:
            rule = "the requirement that an index interval can have at most two parts separated by '-'"
            return 0, f"the fragment {show(interval)} violates {rule}"
        ends: list[int] = []
        for part in parts:
            number = whole(part) if _NUMBER.fullmatch(part) else None
            if number is None or not INT64[0] <= number <= INT64[1]:
                return 0, f"cannot convert string to integer for index: {show(part)}"
            if number >= completions:
                return 0, f"too large index: {show(part)}"
            ends.append(number)
        first, final = ends[0], ends[-1]
        if len(ends) == 2 and first >= final:
            return 0, f"non-increasing order, previous: {first}, current: {final}"
        if last is not None and last >= first:
            return 0, f"non-increasing order, previous: {last}, current: {first}"
        total, last = total + final - first + 1, final
    return total, ""
