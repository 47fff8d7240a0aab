"""Regular expressions with RE2's syntax and its linear time, under Go's names for what is wrong."""

import functools
from typing import Any

import re2

from generator.cel.failure import EvalError

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 8 << 20


@functools.lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> Any:
    """A compiled pattern; raises EvalError with the text of Go's regexp."""
    try:
        return re2.compile(pattern, _OPTIONS)
    except re2.error as error:
        raise EvalError(go_error(pattern, error.args[0])) from None


@functools.lru_cache(maxsize=4096)
def program_size(pattern: str) -> int:
    """The instructions of a pattern's program; 1 for one that is none."""
    try:
        return max(1, int(compile_pattern(pattern).programsize))
    except EvalError:
        return 1


def go_error(pattern: str, raw: Any) -> str:
    """What Go says of a pattern RE2 refuses: the kind of fault is RE2's, the wording Go's."""
    text = raw.decode(errors="replace") if isinstance(raw, bytes) else str(raw)
    kind, _, at = text.partition(": ")
    if not at:
        at = pattern
    renamed = {
        "missing )": "missing closing )",
        "missing ]": "missing closing ]",
        "invalid character class range": "invalid character class range",
        "bad repetition operator": "invalid nested repetition operator",
        "no argument for repetition operator": "missing argument to repetition operator",
        "invalid perl operator": "invalid or unsupported Perl syntax",
        "invalid repetition size": "invalid repeat count",
        "trailing \\": "trailing backslash at end of expression",
        "pattern too large - compile failed": "expression nests too deeply",
    }
    shown = renamed.get(kind, kind)
    if kind == "trailing \\":
        at = ""
    return f"error parsing regexp: {shown}: `{at}`"


def _matches(text: Any, pattern: Any) -> bool:
    if text.__class__ is not str or pattern.__class__ is not str:
        raise EvalError("no such overload")
    return compile_pattern(pattern).search(text) is not None


def _illegal(pattern: str) -> Any:
    try:
        return compile_pattern(pattern)
    except EvalError as error:
        raise EvalError(f"Illegal regex: {error.message}") from None


def _find(text: str, pattern: str) -> str:
    found = _illegal(pattern).search(text)
    return "" if found is None else str(found.group(0))


def _find_all(text: str, pattern: str, count: int = -1) -> list[str]:
    compiled = _illegal(pattern)
    out: list[str] = []
    previous_end = -1
    if count == 0:
        return out
    for found in compiled.finditer(text):  # encodes the text once
        start, end = found.span(0)
        if end > start:
            out.append(str(found.group(0)))
        elif start != previous_end:  # an empty match right after a match does not count
            out.append("")
        previous_end = end
        if len(out) == count:
            break
    return out


FUNCTIONS: dict[str, Any] = {
    "matches": _matches,
    "matches_string": _matches,
    "string_find_string": _find,
    "string_find_all_string": _find_all,
    "string_find_all_string_int": _find_all,
}
